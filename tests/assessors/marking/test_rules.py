"""The full table of states and verbs of marking; whatever it does not allow raises Refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from assessors.marking import rules
from assessors.marking.rules import Case, Judged, Judgement, OutOfDate, Tickable
from course.audit import Event
from course.independence import Standing
from course.refusal import Refusal
from course.workbook.models import Outcome
from course.workbook.rules import AnswerFacts, DecisionFact, LeaseFact

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PRIYA, TOM, SAM = (UUID(int=number) for number in (1, 2, 3))


def a_case(
    *, leased_by=None, until=NOW + timedelta(minutes=10), ended=False, decided=0, returned=False, **facts
) -> Case:
    """An answer with one criterion, in whatever state."""
    lease = LeaseFact(leased_by, UUID(int=9), NOW, until, NOW if ended else None) if leased_by else None
    decisions = tuple(
        DecisionFact(UUID(int=50 + number), "2.2", number, "achieved", TOM, NOW, returned_at=NOW if returned else None)
        for number in range(1, decided + 1)
    )
    answer = AnswerFacts(
        UUID(int=4), UUID(int=5), UUID(int=6), UUID(int=7), UUID(int=8), "peer-mentoring", "04", "jo", "extended",
        UUID(int=10), UUID(int=11), 1, NOW, criteria=("2.2",), lease=lease, decisions=decisions, attempt=1,
    )  # fmt: skip
    other = leased_by not in (None, PRIYA) and not ended and until > NOW
    return Case(
        answer=answer, learner=SAM, guidance="g1", now=NOW, held_by_other="Tom, until 2:40pm" if other else "", **facts
    )


def judged(
    base: int = 0, outcome: Outcome | None = Outcome.ACHIEVED, feedback: str = "Good.", guidance: str = "g1"
) -> Judgement:
    return Judgement({"2.2": Judged("2.2", outcome, feedback, base=base)}, guidance)


STATES = {
    "handed in": a_case(),
    "leased by me": a_case(leased_by=PRIYA),
    "lapsed, mine": a_case(leased_by=PRIYA, until=NOW - timedelta(minutes=1)),
    "leased by another": a_case(leased_by=TOM),
    "lapsed, another's": a_case(leased_by=TOM, until=NOW - timedelta(minutes=1)),
    "put back": a_case(leased_by=PRIYA, ended=True),
    "decided": a_case(leased_by=PRIYA, ended=True, decided=1),
    "decided, taken again": a_case(leased_by=PRIYA, decided=1),
    "returned": a_case(decided=1, returned=True),
    "returned, reopened": a_case(decided=1, returned=True, is_reopened=True),
    "returned, reopened and taken": a_case(leased_by=PRIYA, decided=1, returned=True, is_reopened=True),
    "superseded by a newer answer": a_case(leased_by=PRIYA, is_latest=False),
}
MAY = {
    "take": {"handed in", "leased by me", "lapsed, mine", "lapsed, another's", "put back", "decided",
             "decided, taken again", "returned, reopened", "returned, reopened and taken"},
    "decide": {"leased by me", "lapsed, mine", "decided, taken again", "returned, reopened and taken"},
    "return": {"decided", "decided, taken again"},
    "raise a concern": set(STATES),
}  # fmt: skip


def attempt(verb: str, case: Case) -> None:
    base = max((one.number for one in case.answer.decisions), default=0)
    match verb:
        case "take":
            rules.take(case, by=PRIYA)
        case "decide":
            rules.decide(case, judged(base), by=PRIYA)
        case "return":
            rules.return_answer(case, by=PRIYA)
        case _:
            rules.raise_concern(case, by=PRIYA, is_raised=False)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", MAY)
def test_what_an_assessor_may_do_in_each_state(state, verb):
    if state in MAY[verb]:
        attempt(verb, STATES[state])
    else:
        with pytest.raises(Refusal):
            attempt(verb, STATES[state])


@pytest.mark.parametrize("verb", MAY)
@pytest.mark.parametrize("state", STATES)
def test_nobody_marks_their_own_work(state, verb):
    with pytest.raises(Refusal, match="own work"):
        attempt(verb, replace(STATES[state], learner=PRIYA))


def test_each_step_names_its_event():
    assert rules.decide(STATES["leased by me"], judged(), by=PRIYA).event == Event.ANSWER_DECIDED
    assert rules.return_answer(STATES["decided"], by=PRIYA).event == Event.ANSWER_RETURNED
    assert rules.raise_concern(STATES["returned"], by=PRIYA, is_raised=False).event == Event.CONCERN_RAISED


def test_a_decision_needs_an_outcome_and_feedback():
    for missing in (judged(outcome=None), judged(feedback="  ")):
        with pytest.raises(Refusal):
            rules.decide(STATES["leased by me"], missing, by=PRIYA)


@pytest.mark.parametrize(
    "judgement",
    [
        judged(guidance="g0"),
        judged(base=1),
        Judgement({}, "g1"),
        Judgement({**judged().criteria, "3.1": Judged("3.1", Outcome.ACHIEVED, "Good.")}, "g1"),
    ],
    ids=["other guidance", "other number", "a criterion is missing", "a criterion is not open"],
)
def test_a_page_that_is_out_of_date_decides_nothing(judgement):
    with pytest.raises(OutOfDate):
        rules.decide(STATES["leased by me"], judgement, by=PRIYA)


def test_the_next_number_is_the_highest_and_one():
    assert rules.next_number(STATES["handed in"], "2.2") == 1
    assert rules.next_number(a_case(decided=3), "2.2") == 4


def test_decisions_wait_for_sampling_where_the_policy_says_so():
    waiting = replace(STATES["decided"], returns_at_once=False)
    with pytest.raises(Refusal, match="sample"):
        rules.return_answer(waiting, by=PRIYA)
    assert not rules.may_return(waiting, by=PRIYA)
    rules.return_answer(replace(waiting, is_sampled=True), by=PRIYA)


# -- countersigning: state x who ---------------------------------------------------------------------------------------

VAL = UUID(int=4)
TRAINED = replace(STATES["decided"], trainees=frozenset({TOM}))
SIGNED = {
    "a trainee's decisions": (TRAINED, True, False),
    "agreed": (replace(TRAINED, is_countersigned=True), False, True),
    "sent back": (replace(TRAINED, is_sent_back=True), False, False),
    "a qualified assessor's": (STATES["decided"], False, True),
    "not decided": (STATES["leased by me"], False, False),
    "returned": (replace(STATES["returned"], trainees=frozenset({TOM})), False, False),
}


@pytest.mark.parametrize("state", SIGNED)
def test_nothing_of_a_trainee_is_returned_before_a_qualified_assessor_agrees(state):
    case, may_sign, may_return = SIGNED[state]
    for finding, comment in ((rules.AGREE, ""), (rules.SEND_BACK, "Look at 2.2 again.")):
        if may_sign:
            rules.countersign(case, by=VAL, finding=finding, comment=comment)
        else:
            with pytest.raises(Refusal):
                rules.countersign(case, by=VAL, finding=finding, comment=comment)
    if may_return:
        rules.return_answer(case, by=VAL)
    else:
        with pytest.raises(Refusal):
            rules.return_answer(case, by=VAL)


def test_a_countersigner_is_qualified_and_neither_the_trainee_nor_the_learner():
    def sign(case, by):
        return rules.countersign(case, by=by, finding=rules.AGREE, comment="").event

    assert sign(TRAINED, VAL) == Event.DECISIONS_COUNTERSIGNED
    for case, by in ((TRAINED, TOM), (TRAINED, TRAINED.learner), (replace(TRAINED, is_trainee=True), VAL)):
        with pytest.raises(Refusal):
            sign(case, by)
    with pytest.raises(Refusal, match="Write what"):
        rules.countersign(TRAINED, by=VAL, finding=rules.SEND_BACK, comment=" ")


def test_somebody_who_trains_cannot_return_what_they_have_just_decided():
    case = replace(STATES["decided"], is_trainee=True, trainees=frozenset({PRIYA}))
    assert not rules.may_return(case, by=PRIYA)
    with pytest.raises(Refusal, match="countersignature"):
        rules.return_answer(case, by=PRIYA)
    rules.return_answer(replace(case, is_countersigned=True), by=PRIYA)


@pytest.mark.parametrize("verb", ["take", "decide", "return"])
@pytest.mark.parametrize("state", STATES)
def test_who_has_still_to_judge_an_answer_blind_does_nothing_else_with_it(state, verb):
    with pytest.raises(Refusal, match="second time"):
        attempt(verb, replace(STATES[state], is_blind=True))


def test_a_concern_can_be_raised_by_whoever_judges_blind():
    attempt("raise a concern", replace(STATES["decided"], is_blind=True))


def test_an_answer_is_not_returned_while_two_people_have_no_one_outcome_on_it():
    differing = replace(STATES["decided"], agreed={"2.2": ""})
    with pytest.raises(Refusal, match="no one outcome"):
        rules.return_answer(differing, by=PRIYA)
    assert not rules.may_return(differing, by=PRIYA)


def test_what_two_people_came_to_is_what_is_decided_and_returned():
    agreed = {"2.2": str(Outcome.NOT_YET_ACHIEVED)}
    with pytest.raises(Refusal, match=r"another outcome on 2\.2"):
        rules.return_answer(replace(STATES["decided"], agreed=agreed), by=PRIYA)
    taken = replace(STATES["returned, reopened and taken"], agreed=agreed)
    with pytest.raises(OutOfDate, match=r"another outcome on 2\.2"):
        rules.decide(taken, judged(1), by=PRIYA)
    rules.decide(taken, judged(1, Outcome.NOT_YET_ACHIEVED), by=PRIYA)
    assert rules.may_return(taken, by=PRIYA)


def test_a_concern_is_raised_once_by_each_assessor():
    with pytest.raises(Refusal, match="already"):
        rules.raise_concern(STATES["handed in"], by=PRIYA, is_raised=True)


def test_a_safeguarding_lead_does_not_look_at_a_concern_of_their_own():
    with pytest.raises(Refusal):
        rules.acknowledge(raised_by=PRIYA, by=PRIYA, is_acknowledged=False)


@pytest.mark.parametrize(
    "facts",
    [
        {"is_below": False, "all_criteria": True, "reason": "Because."},
        {"is_below": True, "all_criteria": False, "reason": "Because."},
        {"is_below": True, "all_criteria": True, "reason": " "},
    ],
)
def test_a_departure_needs_every_criterion_a_unit_below_its_threshold_and_a_reason(facts):
    rules.depart(Standing(), is_below=True, all_criteria=True, reason="The camera broke.")
    with pytest.raises(Refusal):
        rules.depart(Standing(), **facts)


ITEMS = (
    Tickable("must-1", "must", None), Tickable("must-2", "must", None), Tickable("should-1", "should", 2),
    Tickable("could-1", "could", 1), Tickable("not-yet-1", "not-yet", None),
)  # fmt: skip


def test_points_come_from_ticked_shoulds_and_coulds_alone():
    assert rules.points_of(ITEMS, ["must-1", "should-1", "could-1", "unknown"]) == 3
    assert rules.points_of(ITEMS, []) == 0


def test_ticks_propose_and_the_assessor_chooses():
    assert rules.proposal(ITEMS, ["must-1", "must-2"]) == Outcome.ACHIEVED
    assert rules.proposal(ITEMS, ["must-1", "must-2", "not-yet-1"]) == Outcome.NOT_YET_ACHIEVED
    assert rules.proposal(ITEMS, ["must-1", "should-1"]) is None


def test_what_changed_is_shown_word_by_word():
    before, after = rules.what_changed("I would tell Ade.", "I would ring Ade today.") or ([], [])
    assert ("del", "tell") in before
    assert ("ins", "ring") in after
    assert "".join(words for _, words in after) == "I would ring Ade today."
    assert "".join(words for _, words in before) == "I would tell Ade."


def test_very_long_answers_are_not_compared():
    assert rules.what_changed("word " * 3000, "word") is None


def test_a_kept_comment_loses_the_learners_name():
    assert (
        rules.without_names("Sam, you show this well. Sam Okafor!", ["Sam Okafor", "Sam"])
        == "…, you show this well. … …!"
    )
