"""The writing standard refuses what it names, with file and line, and leaves innocent words alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from course.catalogue.reading_age import LONGEST_PARAGRAPH, LONGEST_SENTENCE, main, measure, paragraphs_of, read
from course.catalogue.standard import read_standard
from tests.support.qualifications import Content

ROOT = Path(__file__).parents[3]
PAGE = "1-clean-hands.md"
EASY = "You can do it in your own way. We are glad to help you. Say when it is time to stop and rest."

NEVER = [
    "They took 80 mg.", "A 5ml spoon.", "| Amount | 20 milligrams |", "First crush the tablets.", "She cooked it up.",
    "He smoked crack.", "Do not inject it.", "It goes into the vein.", "A bag is £10 a bag.", "The street price fell.",
    "You can buy it online.", "How to pass a drug test.", "He hid his gear and hid the gear.", "## Chasing the dragon",
]  # fmt: skip
INNOCENT = [
    "Give 20 minutes.", "He owes £400.", "She passed the test of time.", "Stay with a person who has smoked for years.",
    "A steady dose of methadone is recovery.", "Hide nothing from your supervisor.", "Cook a meal together.",
    "Needle exchanges help people to stay well.", "Drugs are bought and sold near his door.",
]  # fmt: skip


@pytest.mark.parametrize("text", NEVER)
def test_what_no_page_may_teach_is_found_wherever_it_stands(text: str) -> None:
    refused = measure("a.md", [], text=f"First.\n\n{text}").refused
    assert [problem.line for problem in refused] == [3] * len(refused)
    assert any("no page says" in problem.sentence for problem in refused)


@pytest.mark.parametrize("text", INNOCENT)
def test_words_that_teach_nothing_are_left_alone(text: str) -> None:
    assert measure("a.md", [], text=text).refused == ()


@pytest.mark.parametrize(
    ("text", "write"),
    [("He committed suicide.", "died by suicide"), ("Utilise the form.", "use"), ("An alcoholic.", "uses drugs"),
     ("Ring prior to the visit.", "before"), ("An ex-offender.", "conviction")],
)  # fmt: skip
def test_heavier_and_unkind_words_say_what_to_write_instead(text: str, write: str) -> None:
    [problem] = measure("a.md", paragraphs_of(f"{text} {EASY}", 1)).refused
    assert write in problem.sentence


def test_a_name_is_no_unkind_word() -> None:
    assert measure("a.md", paragraphs_of(f"Ring Alcoholics Anonymous. {EASY}", 1)).refused == ()


def test_a_learners_page_with_a_sentence_too_long_is_refused_at_its_line(content: Content) -> None:
    long = "We " + "go on and " * 9 + "stop."
    at = content.add(PAGE, f"\n{long}\n") + 1
    [problem] = read([content.file(PAGE)])[0].refused
    assert problem.line == at
    assert f"{LONGEST_SENTENCE} is the most" in problem.sentence
    assert measure("guidance.md", paragraphs_of(long, 1)).refused == (), "guidance for assessors is only listed"


def test_a_learners_paragraph_too_long_is_refused_at_its_line(content: Content) -> None:
    at = content.add(PAGE, "\n" + "Wash. " * (LONGEST_PARAGRAPH + 1) + "\n") + 1
    [problem] = read([content.file(PAGE)])[0].refused
    assert (problem.line, "Split this paragraph" in problem.sentence) == (at, True)


def test_the_worst_sentences_of_all_pages_are_printed_first(
    content: Content, capsys: pytest.CaptureFixture[str]
) -> None:
    content.add(PAGE, "\nOne two three four five six seven eight nine ten and on to twenty-two " + "so " * 8 + "end.\n")
    content.add("2-safe-food.md", "\nOne two three four five six seven eight nine ten and on " + "so " * 12 + "end.\n")
    main([str(content.root / "modules")])
    listed = capsys.readouterr().out.split("The longest of 2 sentences over 20 words:\n")[1].splitlines()
    assert "25 words" in listed[0]
    assert "2-safe-food.md:" in listed[0]
    assert "23 words" in listed[1]


def test_sample_answers_are_quoted_and_still_teach_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "a.md").write_text("I been clean 2 years and an addict before that.\n")
    assert read([tmp_path])[0].refused == ()
    (folder / "a.md").write_text("I took 80mg.\n")
    assert len(read([tmp_path])[0].refused) == 1


def test_a_standard_that_is_not_sound_says_so(tmp_path: Path) -> None:
    path = tmp_path / "writing.yaml"
    assert read_standard(path).instead == ()
    path.write_text("people: [{write: x, not: ['(']}]\n")
    with pytest.raises(ValueError, match="Correct the pattern"):
        read_standard(path)
    path.write_text("peeple: []\n")
    with pytest.raises(ValueError, match="peeple"):
        read_standard(path)


SENSITIVE = "content-note: This page talks about allergic reactions.\n"


def test_a_sensitive_page_needs_a_note(content: Content) -> None:
    assert content.problems() == []
    content.change("2-safe-food.md", SENSITIVE, "")
    [problem] = content.problems()
    assert problem.line == content.line_of("2-safe-food.md", "sensitive: yes")
    assert "content-note" in problem.sentence


@pytest.mark.parametrize(
    ("prompt", "own_life", "is_named"),
    [
        ("Tell us about a time when you were afraid.", "", True),
        ("Give one example from your own life.", "", True),
        ("Have you ever been that guest?", "", True),
        ("You stopped all sugar in your own kitchen. What do you do?", "", False),
        ("Describe a shift, in your own words.", "", False),
        ("Say what it was like for you.", "own-life: yes\n", True),
        ("Think of a time when you washed up.", "own-life: no\n", False),
    ],
)
def test_nobody_has_to_write_about_their_own_life(content: Content, prompt: str, own_life: str, is_named: bool) -> None:
    block = f'\n```question more\nkind: short\ncriteria: ["2.1"]\n{own_life}prompt: {prompt}\n```\n'
    content.add("2-safe-food.md", block)
    found = [problem for problem in content.problems() if "made-up case" in problem.sentence]
    assert bool(found) is is_named
    if found:
        assert found[0].line == content.line_of("2-safe-food.md", prompt)


def test_the_mark_is_the_authors_and_changes_nothing_that_is_published(content: Content) -> None:
    from course.catalogue.compile import compile_qualification

    before = compile_qualification(content.read()[0]).units
    content.change("2-safe-food.md", "instead-of: allergy", "own-life: yes\ninstead-of: allergy")
    assert compile_qualification(content.read()[0]).units == before


def test_the_standard_travels_with_the_modules() -> None:
    assert read_standard(ROOT / "modules" / "writing.yaml").never
