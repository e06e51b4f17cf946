"""Facts about enrolling, registering, induction and leaving, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from course import working_days
from course.audit import Event
from course.enrolment import rules
from course.refusal import Refusal

TODAY = date(2026, 11, 24)
SOUND_REGISTRATION = {"has_left": False, "already": False, "number_taken": False, "on": TODAY, "today": TODAY}


def test_nobody_enrols_themselves() -> None:
    person = uuid4()
    with pytest.raises(Refusal, match="yourself"):
        rules.enrol(person=person, by=person, is_closed=False, already=False)


def test_a_closed_account_is_not_enrolled() -> None:
    with pytest.raises(Refusal, match="closed"):
        rules.enrol(person=uuid4(), by=uuid4(), is_closed=True, already=False)


def test_a_person_joins_a_cohort_once() -> None:
    with pytest.raises(Refusal, match="already"):
        rules.enrol(person=uuid4(), by=uuid4(), is_closed=False, already=True)
    assert rules.enrol(person=uuid4(), by=uuid4(), is_closed=False, already=False).event == Event.LEARNER_ENROLLED


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"has_left": True}, "left"),
        ({"already": True}, "already"),
        ({"number_taken": True}, "Another learner"),
        ({"on": TODAY + timedelta(days=1)}, "future"),
    ],
)
def test_a_registration_that_cannot_be_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        rules.register(**{**SOUND_REGISTRATION, **wrong})  # type: ignore[arg-type]


def test_a_learner_is_registered_on_a_day_that_has_been() -> None:
    assert rules.register(**SOUND_REGISTRATION).event == Event.LEARNER_REGISTERED  # type: ignore[arg-type]


def test_learners_acknowledge_the_induction_themselves_and_only_the_newest() -> None:
    learner = uuid4()
    with pytest.raises(Refusal, match="your own"):
        rules.acknowledge_induction(learner=learner, by=uuid4(), has_left=False, is_newest=True)
    with pytest.raises(Refusal, match="changed"):
        rules.acknowledge_induction(learner=learner, by=learner, has_left=False, is_newest=False)
    step = rules.acknowledge_induction(learner=learner, by=learner, has_left=False, is_newest=True)
    assert step.event == Event.LEARNER_INDUCTED


def test_a_pinned_unit_keeps_its_version() -> None:
    learner = uuid4()
    with pytest.raises(Refusal, match="version stays"):
        rules.accept_version(learner=learner, by=learner, is_pinned=True)


def test_a_cohort_does_not_end_before_it_starts() -> None:
    with pytest.raises(Refusal, match="before the first day"):
        rules.open_cohort(name_taken=False, is_offered=True, starts_on=TODAY, ends_on=TODAY - timedelta(days=1))


def test_every_reason_for_leaving_and_every_source_has_words() -> None:
    assert {one.label for one in rules.ReasonForLeaving} == set(rules.REASONS.values())
    assert {one.label for one in rules.SourceOfReason} == set(rules.SOURCES.values())


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), 0),
        (date(2026, 11, 24), date(2026, 11, 25), 1),
        (date(2026, 11, 27), date(2026, 11, 30), 1),  # Friday to Monday
        (date(2026, 11, 28), date(2026, 11, 29), 0),  # Saturday to Sunday
        (date(2026, 11, 2), date(2026, 11, 30), 20),
        (date(2026, 11, 30), date(2026, 11, 2), 0),
        (date(2026, 12, 24), date(2026, 12, 29), 1),  # Christmas Day and its weekend, and a substitute on Monday
    ],
)
def test_weekends_and_bank_holidays_are_no_working_days(first: date, last: date, days: int) -> None:
    assert working_days.between(first, last) == days


def test_a_date_so_many_working_days_on_is_that_many_working_days_away() -> None:
    for ahead in range(60):
        day = working_days.after(TODAY, ahead)
        assert working_days.between(TODAY, day) == ahead
        assert working_days.is_working_day(day)
