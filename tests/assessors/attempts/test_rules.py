"""Who decides what about attempts: state × verb, and the conditions of the policy. The tables are the specification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from assessors.attempts import rules
from assessors.attempts.rules import Case
from course.audit import Event
from course.independence import Standing, Tie
from course.refusal import Refusal, Step
from course.workbook.rules import State

LEARNER, LEAD = uuid4(), uuid4()
FREE, OWN = Standing(), Standing(frozenset({Tie.OWN}))
MARKED, APART, PEER = (Standing(frozenset({tie})) for tie in (Tie.DECIDED, Tie.APART, Tie.STUDIES))
DUE, TODAY = date(2026, 12, 9), date(2026, 12, 1)
BASE = Case(learner=LEARNER, hand_in_by=DUE, today=TODAY, conditions=("own-work",))
STATES = {
    "not yet, in time": BASE,
    "not yet, its day has passed": replace(BASE, today=date(2026, 12, 10)),
    "not yet, no date": replace(BASE, hand_in_by=None),
    "late, waits": replace(BASE, state=State.HANDED_IN, is_late_waiting=True, last_was_late=True),
    "being marked": replace(BASE, state=State.BEING_MARKED),
    "achieved": replace(BASE, state=State.ACHIEVED),
    "used up": replace(BASE, state=State.ATTEMPTS_USED),
    "used up, one given": replace(BASE, state=State.ATTEMPTS_USED, further_given=1),
    "used up, last was late": replace(BASE, state=State.ATTEMPTS_USED, last_was_late=True, conditions=("in-time",)),
    "before a panel": replace(BASE, state=State.ATTEMPTS_USED, has_referral=True),
}
Verb = Callable[..., Step]
VERBS: dict[str, Verb] = {
    "extend": lambda case, **who: rules.extend(case, until=date(2026, 12, 16), reason="Ill.", **who),
    "accept late": lambda case, **who: rules.accept_late(case, reason="Ill.", **who),
    "authorise": lambda case, **who: rules.authorise(case, confirmed=case.conditions, reason="Close.", **who),
    "refer": lambda case, **who: rules.refer(case, reason="Two goes short.", **who),
}
ALLOWED = {
    ("not yet, in time", "extend"): Event.DATE_EXTENDED,
    ("late, waits", "accept late"): Event.LATE_ACCEPTED,
    ("used up", "authorise"): Event.ATTEMPT_AUTHORISED,
    ("used up", "refer"): Event.QUESTION_REFERRED,
    ("used up, one given", "refer"): Event.QUESTION_REFERRED,
    ("used up, last was late", "refer"): Event.QUESTION_REFERRED,
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", STATES)
def test_what_may_be_decided_in_which_state(state: str, verb: str) -> None:
    case, event = STATES[state], ALLOWED.get((state, verb))
    if event is None:
        with pytest.raises(Refusal):
            VERBS[verb](case, standing=FREE, role="lead-iqa")
    else:
        assert VERBS[verb](case, standing=FREE, role="lead-iqa").event == event


@pytest.mark.parametrize(("state", "verb"), ALLOWED)
def test_only_the_right_role_without_a_part_in_it_decides(state: str, verb: str) -> None:
    case, act = STATES[state], VERBS[verb]
    for standing, role, match in (
        (OWN, "lead-iqa", "your own work"), (MARKED, "lead-iqa", "You decided this"), (FREE, "iqa", "only the lead"),
        (APART, "lead-iqa", "conflict of interest"), (PEER, "lead-iqa", "a learner in this cohort"),
        (FREE, "assessor", "only the lead"), (FREE, "admin", "only the lead"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match=match):
            act(case, standing=standing, role=role)
    act(replace(case, authorised_by="iqa"), standing=FREE, role="iqa")


def test_every_step_has_a_reason() -> None:
    who = {"standing": FREE, "role": "lead-iqa"}
    with pytest.raises(Refusal, match="Write why"):
        rules.extend(BASE, until=date(2026, 12, 16), reason=" ", **who)
    with pytest.raises(Refusal, match="Write why"):
        rules.accept_late(STATES["late, waits"], reason="", **who)
    with pytest.raises(Refusal, match="Write why"):
        rules.authorise(STATES["used up"], confirmed=("own-work",), reason="", **who)
    with pytest.raises(Refusal, match="Write what"):
        rules.refer(STATES["used up"], reason="", **who)


def test_conditions_must_be_confirmed() -> None:
    with pytest.raises(Refusal, match="every condition"):
        rules.authorise(STATES["used up"], standing=FREE, role="lead-iqa", confirmed=(), reason="Close.")


MISTYPED = replace(BASE, hand_in_by=date(2027, 10, 16), usual=DUE, given_today=True)
DAYS = [
    (BASE, DUE, "after the present one"),
    (BASE, date(2036, 1, 1), "within a year"),
    (replace(BASE, ends_on=date(2027, 1, 31)), date(2027, 2, 1), "before the cohort ends"),
    (replace(BASE, ends_on=date(2027, 1, 31)), date(2027, 1, 31), ""),
    (replace(BASE, ends_on=date(2026, 11, 1)), date(2027, 1, 31), ""),
    (MISTYPED, date(2026, 12, 16), ""),
    (MISTYPED, DUE, "after the one that the policy gives"),
    (MISTYPED, date(2027, 10, 16), "after the present one"),
    (replace(MISTYPED, given_today=False), date(2026, 12, 16), "after the present one"),
]


@pytest.mark.parametrize(("case", "until", "wrong"), DAYS)
def test_a_later_day_is_later_within_bounds_and_put_right_on_the_day_it_was_given(
    case: Case, until: date, wrong: str
) -> None:
    if not wrong:
        assert rules.extend(case, FREE, role="lead-iqa", until=until, reason="Ill.").event == Event.DATE_EXTENDED
        return
    with pytest.raises(Refusal, match=wrong):
        rules.extend(case, FREE, role="lead-iqa", until=until, reason="Ill.")


PANEL = replace(STATES["before a panel"], had_a_part=frozenset({LEAD}))
SECOND, THIRD = uuid4(), uuid4()


def sit(
    outcome: str, *, by: UUID = SECOND, with_: UUID = THIRD, mine: Standing = FREE, theirs: Standing = FREE,
    case: Case = PANEL, reason: str = "We read it all.",
) -> Step:  # fmt: skip
    return rules.decide_panel(case, mine, theirs, by=by, with_=with_, outcome=outcome, reason=reason)


@pytest.mark.parametrize("outcome", [rules.ONE_MORE, rules.NO_MORE])
def test_a_panel_is_two_people_without_a_part_in_it(outcome: str) -> None:
    assert sit(outcome).event == Event.PANEL_DECIDED
    for one, other in ((LEAD, SECOND), (SECOND, LEAD), (SECOND, SECOND)):
        with pytest.raises(Refusal):
            sit(outcome, by=one, with_=other)
    for tied in (MARKED, OWN, APART, PEER):
        for who in ({"mine": tied}, {"theirs": tied}):
            with pytest.raises(Refusal):
                sit(outcome, **who)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="or it has decided"):
        sit(outcome, case=STATES["used up"])
    with pytest.raises(Refusal, match="Write why"):
        sit(outcome, reason="")
