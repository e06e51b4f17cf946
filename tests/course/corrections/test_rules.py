"""States x verbs of a unit in a batch: the table is the specification; whatever it does not allow is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest

from course.corrections import rules
from course.corrections.rules import Line
from course.independence import FORBIDS, Act, Standing, Tie
from course.refusal import Refusal, Step

LEAD, SECOND, LEARNER = uuid4(), uuid4(), uuid4()
FREE = Standing()
TODAY = date(2026, 11, 25)

STATES = {
    "to release": Line(),
    "taken out": Line(is_taken_out=True),
    "released": Line(is_released=True),
    "asked": Line(is_released=True, asked_by=LEAD),
    "withdrawn": Line(is_released=True, is_withdrawn=True),
    "taken out, the rest released": Line(is_released=True, is_taken_out=True),
}
Verb = Callable[[Line, Standing], Step]
VERBS: dict[str, Verb] = {
    "take out": lambda line, how: rules.take_out(how, line, reason="No longer achieved."),
    "ask": lambda line, how: rules.ask_to_withdraw(how, line, role="lead-iqa", reason="The wrong answer was read."),
    "confirm": lambda line, how: rules.answer(how, line, by=SECOND, is_confirmed=True, reason="I read it too."),
    "refuse": lambda line, how: rules.answer(how, line, by=SECOND, is_confirmed=False, reason="It is right."),
}
ALLOWED = {
    ("to release", "take out"): "batch-unit.taken-out",
    ("released", "ask"): "withdrawal.asked",
    ("asked", "confirm"): "withdrawal.confirmed",
    ("asked", "refuse"): "withdrawal.refused",
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", STATES)
def test_the_table_of_states_and_verbs(state: str, verb: str) -> None:
    if (state, verb) in ALLOWED:
        assert VERBS[verb](STATES[state], FREE).event == ALLOWED[state, verb]
    else:
        with pytest.raises(Refusal):
            VERBS[verb](STATES[state], FREE)


@pytest.mark.parametrize("relation", FORBIDS[Act.CHECK])
@pytest.mark.parametrize(("state", "verb"), ALLOWED)
def test_nobody_corrects_what_they_had_a_part_in(state: str, verb: str, relation: Tie) -> None:
    standing = Standing(frozenset({relation}))
    with pytest.raises(Refusal):
        VERBS[verb](STATES[state], standing)


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_whoever_asked_does_not_answer(is_confirmed: bool) -> None:
    with pytest.raises(Refusal, match="second person"):
        rules.answer(FREE, STATES["asked"], by=LEAD, is_confirmed=is_confirmed, reason="I am sure.")


@pytest.mark.parametrize("role", ["iqa", "admin", "assessor"])
def test_only_the_lead_asks(role: str) -> None:
    with pytest.raises(Refusal, match="lead"):
        rules.ask_to_withdraw(FREE, STATES["released"], role=role, reason="It is wrong.")


@pytest.mark.parametrize(("state", "verb"), ALLOWED)
def test_every_act_has_a_reason(state: str, verb: str) -> None:
    line = STATES[state]
    acts: dict[str, Callable[[], Step]] = {
        "take out": lambda: rules.take_out(FREE, line, reason=" "),
        "ask": lambda: rules.ask_to_withdraw(FREE, line, role="lead-iqa", reason=" "),
        "confirm": lambda: rules.answer(FREE, line, by=SECOND, is_confirmed=True, reason=" "),
        "refuse": lambda: rules.answer(FREE, line, by=SECOND, is_confirmed=False, reason=" "),
    }
    with pytest.raises(Refusal, match="Write"):
        acts[verb]()


USUAL = {
    "standing": FREE, "is_due": True, "is_told": False, "told_on": TODAY, "withdrawn_on": TODAY,
    "today": TODAY, "reference": "AO-17",
}  # fmt: skip


def test_an_admin_notes_that_the_awarding_organisation_was_told() -> None:
    assert rules.note_told(**USUAL).event == "withdrawal.notified"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other",
    [
        {"standing": Standing(frozenset({Tie.OWN}))}, {"is_due": False}, {"is_told": True}, {"reference": " "},
        {"told_on": TODAY + timedelta(days=1)}, {"told_on": TODAY - timedelta(days=1)},
    ],
)  # fmt: skip
def test_it_is_noted_once_when_due_by_somebody_else_and_with_a_true_day(other: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        rules.note_told(**USUAL | other)  # type: ignore[arg-type]
