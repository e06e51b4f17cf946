"""The life of an answer: the table of states and verbs is the specification."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from course.audit import Event
from course.refusal import Refusal
from course.workbook import rules
from course.workbook.models import Outcome
from course.workbook.rules import AnswerFacts, DecisionFact, LeaseFact, State, Work

SAM, JO, PRIYA = uuid4(), uuid4(), uuid4()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

ALLOWED = {
    State.NOT_STARTED: {"write", "hand_in"},
    State.DRAFT: {"write", "hand_in"},
    State.HANDED_IN: {"take_back"},
    State.BEING_MARKED: set(),
    State.DECIDED: set(),
    State.ACHIEVED: set(),
    State.NOT_YET: {"write", "hand_in"},
    State.ATTEMPTS_USED: set(),
    State.ON_HOLD: set(),
}
VERBS: dict[str, Any] = {
    "write": lambda work: rules.write(work, by=SAM),
    "hand_in": lambda work: rules.hand_in(work, by=SAM, declared=True),
    "take_back": lambda work: rules.take_back(work, by=SAM),
}


def work(state: State, **facts: Any) -> Work:
    left = 0 if state == State.ATTEMPTS_USED else 2
    return Work(learner=SAM, state=state, **{"attempts_left": left} | facts)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", State)
def test_what_a_learner_may_do_in_each_state(state: State, verb: str) -> None:
    if verb in ALLOWED[state]:
        VERBS[verb](work(state))
    else:
        with pytest.raises(Refusal):
            VERBS[verb](work(state))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", State)
def test_nobody_touches_another_learners_answer(state: State, verb: str) -> None:
    theirs = Work(learner=JO, state=state, attempts_left=2)
    with pytest.raises(Refusal):
        VERBS[verb](theirs)


def test_each_verb_names_what_it_leaves_in_the_trail() -> None:
    assert VERBS["hand_in"](work(State.DRAFT)).event == Event.ANSWER_HANDED_IN
    assert VERBS["take_back"](work(State.HANDED_IN)).event == Event.ANSWER_TAKEN_BACK


@pytest.mark.parametrize(
    "facts",
    [
        {"is_enrolled": False},
        {"is_evidence": False},
        {"attempts_left": 0},
        {"missing": "There is nothing here to hand in yet."},
    ],
)
def test_no_hand_in_before_everything_is_in_place(facts: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        VERBS["hand_in"](work(State.DRAFT, **facts))
    assert not work(State.DRAFT, **facts).is_ready


def test_nothing_is_handed_in_before_the_induction_and_the_way_there_is_named() -> None:
    with pytest.raises(Refusal) as refusal:
        VERBS["hand_in"](work(State.DRAFT, is_inducted=False))
    assert "How this course works" in refusal.value.next_step


def test_no_hand_in_without_the_declaration() -> None:
    with pytest.raises(Refusal, match="own work"):
        rules.hand_in(work(State.DRAFT), by=SAM, declared=False)


def test_practice_can_always_be_written() -> None:
    for state in State:
        rules.write(work(state, is_evidence=False), by=SAM)


def test_an_answer_to_the_other_question_is_not_taken_back_here() -> None:
    with pytest.raises(Refusal):
        VERBS["take_back"](work(State.HANDED_IN, is_here=False))


# -- deriving the state ------------------------------------------------------------------------------------------------


def decision(criterion: str, outcome: Outcome, *, number: int = 1, returned: bool = True, **more: Any) -> DecisionFact:
    return DecisionFact(
        uuid4(),
        criterion,
        number,
        outcome,
        PRIYA,
        NOON,
        returned_at=NOON + timedelta(hours=number) if returned else None,
        **more,
    )


def answer(number: int = 1, *decisions: DecisionFact, leased: bool = False, **facts: Any) -> AnswerFacts:
    lease = LeaseFact(PRIYA, uuid4(), NOON, NOON + timedelta(minutes=30), None) if leased else None
    return AnswerFacts(
        id=UUID(int=number), hand_in_id=uuid4(), enrolment_id=uuid4(), centre_id=uuid4(), cohort_id=uuid4(),
        qualification="q", unit="u", question="k", kind="short", unit_version_id=uuid4(), words_id=uuid4(),
        number=number,
        at=NOON + timedelta(days=number), lease=lease, decisions=tuple(decisions),
        **{"criteria": ("1.1", "1.2"), "attempt": number} | facts,
    )  # fmt: skip


YES, NOT_YET = Outcome.ACHIEVED, Outcome.NOT_YET_ACHIEVED


@pytest.mark.parametrize(
    ("answers", "has_draft", "left", "expected"),
    [
        ([], False, 3, State.NOT_STARTED),
        ([], True, 3, State.DRAFT),
        ([answer(is_taken_back=True)], False, 3, State.NOT_STARTED),
        ([answer(is_taken_back=True)], True, 3, State.DRAFT),
        ([answer()], False, 2, State.HANDED_IN),
        ([answer(leased=True)], False, 2, State.BEING_MARKED),
        ([answer(1, decision("1.1", YES, returned=False))], False, 2, State.BEING_MARKED),
        (
            [answer(1, decision("1.1", YES, returned=False), decision("1.2", YES, returned=False))],
            False,
            2,
            State.DECIDED,
        ),
        ([answer(1, decision("1.1", YES), decision("1.2", YES))], False, 2, State.ACHIEVED),
        ([answer(1, decision("1.1", YES), decision("1.2", NOT_YET))], False, 2, State.NOT_YET),
        ([answer(1, decision("1.1", YES), decision("1.2", NOT_YET))], True, 2, State.NOT_YET),
        ([answer(1, decision("1.1", YES), decision("1.2", NOT_YET))], False, 0, State.ATTEMPTS_USED),
        ([answer(1, decision("1.1", YES), decision("1.2", NOT_YET))], False, None, State.NOT_YET),
    ],
)
def test_the_state_follows_from_what_happened(
    answers: list[AnswerFacts], has_draft: bool, left: int | None, expected: State
) -> None:
    assert rules.state_of(answers, has_draft=has_draft, left=left) == expected


def test_passed_stays_passed_on_the_next_attempt() -> None:
    first = answer(1, decision("1.1", YES), decision("1.2", NOT_YET))
    second = answer(2, decision("1.2", YES), passed_before=frozenset({"1.1"}))
    assert second.open_criteria == ("1.2",)
    assert rules.state_of([first, second], has_draft=False, left=1) == State.ACHIEVED


def test_a_later_number_counts_only_once_it_is_returned() -> None:
    first = decision("1.1", NOT_YET)
    unseen = decision("1.1", YES, number=2, returned=False)
    facts = answer(1, unseen, first, criteria=("1.1",))
    assert facts.standing["1.1"] is unseen
    assert facts.returned["1.1"] is first
    assert rules.passed("1.1", [facts]) is None
    seen = answer(1, first, decision("1.1", YES, number=2), criteria=("1.1",))
    assert rules.passed("1.1", [seen]) is not None


def test_an_answer_taken_back_uses_no_attempt() -> None:
    assert rules.attempts_left([answer(1, is_taken_back=True), answer(2)], 3, 0) == 2
    assert rules.attempts_left([answer(1), answer(2), answer(3)], 3, 1) == 1
    assert rules.attempts_left([answer(1)], None, 0) is None


# -- the declaration ---------------------------------------------------------------------------------------------------


def test_the_declaration_names_every_way_of_using_ai_that_the_questions_allow() -> None:
    assert "did not use AI" in rules.declaration(["none"])
    mixed = rules.declaration(iter(["none", "declared", "none"]))
    assert "no AI" in mixed
    assert "what I used it for" in mixed


def test_only_our_own_words_are_accepted_as_a_declaration() -> None:
    shown = rules.declaration(["none", "spelling"])
    assert rules.is_declaration(shown, ["spelling"]), "the learner unticked one of the two"
    assert not rules.is_declaration(rules.declaration(["none"]), ["spelling"])
    assert not rules.is_declaration("I did it.", [])
