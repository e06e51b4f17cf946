"""The words of a qualification are gathered once, and a unit's sheet takes its last page's words."""

from __future__ import annotations

from course.catalogue.compile import compile_qualification
from course.catalogue.glossary import Term, glossary, looking_back, words_of
from tests.support.qualifications import Content


def test_words_of_several_units_stand_together_by_alphabet(content: Content) -> None:
    head = "title: Keeping food safe\n"
    words = "words:\n  - {word: Allergen, meaning: What an allergy answers to.}\n  - {word: germ, meaning: A bug.}\n"
    content.change("2-safe-food.md", head, head + words)
    [unit] = compile_qualification(content.read()[0]).units
    second = unit.model_copy(update={"code": "U2", "pages": unit.pages[:1]})
    germ = "A living thing too small to see. Some make people ill."
    assert glossary([unit, second]) == [
        Term("Allergen", "What an allergy answers to.", ("U1",)),
        Term("Germ", "A bug.", ("U1",)),
        Term("Germ", germ, ("U1", "U2")),
    ]
    assert [one.word for one in words_of(second)] == ["Germ"]


def test_what_the_last_page_says_before_its_first_question_is_the_units_summary(content: Content) -> None:
    [unit] = compile_qualification(content.read()[0]).units
    assert "Cold food goes away first" in looking_back(unit)
    assert "Look at the allergen sheet" not in looking_back(unit)
    assert looking_back(unit.model_copy(update={"pages": ()})) == ""
