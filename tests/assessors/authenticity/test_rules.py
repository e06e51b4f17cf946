"""What counts as shared wording, and from when it is worth a question."""

from __future__ import annotations

from hypothesis import given as every
from hypothesis import strategies as st

from assessors.authenticity import rules

MINE = (
    "First I would thank Jo for telling me and say that I believe her. I would remind her that I cannot keep it to "
    "myself, and that I have to ring the duty worker today. I would ask what she wants and stay with her while I ring."
)
OTHERS = (
    "My supervisor taught us to begin with the person. So I listen, I look after the child, and after that I go to the "
    "safeguarding lead before the end of my shift and write down what was said in the words that were used."
)
NOTHING: rules.Runs = frozenset()


def share(one: str, other: str, given: rules.Runs = NOTHING) -> int | None:
    return rules.share(rules.runs_of(one) - given, rules.runs_of(other) - given)


def test_the_same_words_are_alike_whatever_their_capitals_and_commas() -> None:
    assert share(MINE, MINE.upper().replace(",", " –")) == 100


def test_two_answers_of_their_own_are_not_alike() -> None:
    assert share(MINE, OTHERS) is None


def test_a_short_answer_inside_a_long_one_is_found() -> None:
    assert share(MINE, f"{OTHERS} {MINE} {OTHERS}") == 100


def test_a_shared_sentence_in_long_answers_is_no_question() -> None:
    sentence = "I would remind her that I cannot keep it to myself, and that I have to ring the duty worker today."
    assert share(f"{MINE} {OTHERS}", sentence + " " + " ".join(reversed(OTHERS.split() * 3))) is None


def test_what_everybody_was_given_does_not_count() -> None:
    assert share(MINE, MINE, rules.given([f"<p>{MINE}</p>"])) is None


def test_few_words_are_never_worth_a_question() -> None:
    assert share("I would ring 999 and stay with him", "I would ring 999 and stay with him") is None


@every(st.text(), st.text())
def test_likeness_is_mutual_and_a_per_cent(one: str, other: str) -> None:
    found = share(one, other)
    assert found == share(other, one)
    assert found is None or rules.ASKS_FROM <= found <= 100


def test_every_share_has_words() -> None:
    assert [rules.in_words(one) for one in (100, 80, 60, 50, 41)] == [
        "Nearly all", "Most", "More than half", "About half", "A good part"
    ]  # fmt: skip
