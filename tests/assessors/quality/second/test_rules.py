"""The full table of states and verbs of second marking; whatever it does not allow raises Refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessors.quality.second import rules
from assessors.quality.second.rules import Both, Pair, Side, Stage
from course.audit import Event
from course.independence import FORBIDS, Act, Standing, Tie
from course.refusal import Refusal
from course.workbook.models import Outcome

SAM, ANN, BOB, TOM = (UUID(int=number) for number in (1, 2, 3, 4))
YES, NOT_YET = Outcome.ACHIEVED, Outcome.NOT_YET_ACHIEVED
FREE = Standing()

ASKED = Pair(learner=SAM, second=BOB, deciders=frozenset({ANN}), decided={"2.2": {YES}})
DIFFER = replace(ASKED, is_judged=True, both={"2.2": Both(YES, NOT_YET, ANN)})
STATES = {
    Stage.TO_JUDGE: ASKED,
    Stage.CALLED_OFF: replace(ASKED, is_called_off=True),
    Stage.TO_AGREE: DIFFER,
    Stage.TO_DECIDE_AGAIN: replace(DIFFER, both={"2.2": Both(NOT_YET, NOT_YET, ANN)}),
    Stage.SETTLED: replace(DIFFER, both={"2.2": Both(YES, YES, ANN)}),
}


def tied(tie: Tie) -> Standing:
    """Somebody with one tie."""
    return Standing(frozenset({tie}))


def judge(pair: Pair, by: UUID = BOB, **wrong: object) -> Event:
    """Bob judges the second time."""
    right = {"criteria": ["2.2"], "outcomes": {"2.2": NOT_YET}, "feedback": {"2.2": "No."},
             "guidance_is_current": True, "standing": FREE}  # fmt: skip
    return rules.judge(pair=pair, by=by, **right | wrong).event


VERBS: dict[str, Callable[[Pair], Event]] = {
    "judge": judge,
    "first comes round": lambda pair: (
        rules.reconsider(FREE, pair, by=ANN, criterion="2.2", outcome=NOT_YET, reason="Bob is right.")[0].event
    ),
    "second comes round": lambda pair: (
        rules.reconsider(FREE, pair, by=BOB, criterion="2.2", outcome=YES, reason="Ann is right.")[0].event
    ),
    "settle": lambda pair: rules.settle(FREE, pair, criterion="2.2", reason="The sheet is not named.").event,
    "call off": lambda pair: rules.call_off(FREE, pair, why="Bob is ill.").event,
}
ALLOWED = {
    (Stage.TO_JUDGE, "judge"): Event.SECOND_MARKING_JUDGED,
    (Stage.TO_JUDGE, "call off"): Event.SECOND_MARKING_CALLED_OFF,
    (Stage.TO_AGREE, "first comes round"): Event.SECOND_MARKING_RECONSIDERED,
    (Stage.TO_AGREE, "second comes round"): Event.SECOND_MARKING_RECONSIDERED,
    (Stage.TO_AGREE, "settle"): Event.SECOND_MARKING_SETTLED,
}


@pytest.mark.parametrize("stage", STATES)
@pytest.mark.parametrize("verb", VERBS)
def test_the_table_of_states_and_verbs(stage: Stage, verb: str) -> None:
    assert STATES[stage].stage is stage
    event = ALLOWED.get((stage, verb))
    if event is None:
        with pytest.raises(Refusal):
            VERBS[verb](STATES[stage])
    else:
        assert VERBS[verb](STATES[stage]) == event


@pytest.mark.parametrize("by", [SAM, ANN, TOM])
def test_only_the_one_who_was_asked_judges(by: UUID) -> None:
    with pytest.raises(Refusal):
        judge(ASKED, by=by)


@pytest.mark.parametrize(
    "wrong", [{"outcomes": {}}, {"outcomes": {"2.2": None}}, {"feedback": {"2.2": " "}},
              {"guidance_is_current": False}, {"outcomes": {"2.2": YES, "1.1": YES}}]
)  # fmt: skip
def test_a_second_judgement_is_whole_has_feedback_and_rests_on_the_guidance_in_force(wrong: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        judge(ASKED, **wrong)


def test_who_decided_since_being_asked_is_no_second_any_more() -> None:
    with pytest.raises(Refusal):
        judge(ASKED, standing=tied(Tie.DECIDED))


@pytest.mark.parametrize("by", [SAM, TOM])
def test_only_the_two_can_come_round(by: UUID) -> None:
    with pytest.raises(Refusal, match="Only the two"):
        rules.reconsider(FREE, DIFFER, by=by, criterion="2.2", outcome=YES, reason="Because.")


def test_saying_the_same_again_is_no_agreement() -> None:
    for by, outcome in ((ANN, YES), (BOB, NOT_YET)):
        with pytest.raises(Refusal, match="what you said before"):
            rules.reconsider(FREE, DIFFER, by=by, criterion="2.2", outcome=outcome, reason="I insist.")


def test_each_side_is_known_by_who_speaks() -> None:
    assert rules.reconsider(FREE, DIFFER, by=ANN, criterion="2.2", outcome=NOT_YET, reason="Yes.")[1] is Side.FIRST
    assert rules.reconsider(FREE, DIFFER, by=BOB, criterion="2.2", outcome=YES, reason="Yes.")[1] is Side.SECOND


@pytest.mark.parametrize("tie", [Tie.DECIDED, Tie.JUDGED_SECOND])
def test_neither_of_the_two_settles_it_whatever_role_they_hold(tie: Tie) -> None:
    with pytest.raises(Refusal, match=r"You (decided this|judged this a second time)"):
        rules.settle(tied(tie), DIFFER, criterion="2.2", reason="I say so.")


@pytest.mark.parametrize("tie", FORBIDS[Act.JUDGE_AGAIN])
def test_who_has_a_part_in_it_neither_judges_it_a_second_time(tie: Tie) -> None:
    with pytest.raises(Refusal):
        judge(ASKED, standing=tied(tie))


@pytest.mark.parametrize("tie", FORBIDS[Act.JUDGE])
def test_nobody_comes_round_on_work_from_which_they_are_kept_apart_by_now(tie: Tie) -> None:
    with pytest.raises(Refusal):
        rules.reconsider(tied(tie), DIFFER, by=ANN, criterion="2.2", outcome=NOT_YET, reason="Bob is right.")


@pytest.mark.parametrize("tie", FORBIDS[Act.CHECK])
def test_who_is_not_independent_neither_asks_nor_settles_nor_calls_off(tie: Tie) -> None:
    with pytest.raises(Refusal):
        rules.settle(tied(tie), DIFFER, criterion="2.2", reason="So.")
    with pytest.raises(Refusal):
        rules.call_off(tied(tie), ASKED, why="So.")
    with pytest.raises(Refusal):
        rules.ask(tied(tie), by=TOM, is_decided=True, is_running=False, chosen=BOB, able={BOB}, why="So.")


@pytest.mark.parametrize(
    "wrong", [{"is_decided": False}, {"is_running": True}, {"chosen": ANN}, {"by": BOB}, {"why": " "}]
)  # fmt: skip
def test_asking_needs_a_decided_answer_somebody_who_can_and_a_reason(wrong: dict[str, object]) -> None:
    right = {"by": TOM, "is_decided": True, "is_running": False, "chosen": BOB, "able": {BOB}, "why": "Borderline."}
    assert rules.ask(FREE, **right).event == Event.SECOND_MARKING_ASKED
    with pytest.raises(Refusal):
        rules.ask(FREE, **right | wrong)


def test_what_the_lead_settles_is_the_outcome() -> None:
    assert Both(YES, NOT_YET, ANN, ruled=NOT_YET).agreed == NOT_YET
    assert Both(YES, NOT_YET, ANN).agreed == ""
    assert replace(DIFFER, both={"2.2": Both(YES, NOT_YET, ANN, ruled=YES)}).stage is Stage.SETTLED


def test_what_was_agreed_and_decided_once_is_done_even_if_an_action_leads_elsewhere_later() -> None:
    agreed = replace(DIFFER, both={"2.2": Both(NOT_YET, NOT_YET, ANN)})
    assert agreed.to_decide_again == ("2.2",)
    assert replace(agreed, decided={"2.2": {YES, NOT_YET}}).to_decide_again == ()


@given(st.integers(1, 100), st.integers(0, 5000))
def test_the_share_is_rounded_up_and_never_more_than_all(percent: int, decided: int) -> None:
    found = rules.wanted(percent, decided)
    assert found * 100 >= percent * decided
    assert (found - 1) * 100 < percent * decided
    assert found <= decided


@given(st.sets(st.uuids(), max_size=30), st.integers(-2, 40))
def test_anybody_who_draws_again_draws_the_same(answers: set[UUID], count: int) -> None:
    found = rules.drawn(answers, count)
    assert found == rules.drawn(sorted(answers), count)
    assert len(found) == max(0, min(count, len(answers)))
    assert set(found) <= answers
