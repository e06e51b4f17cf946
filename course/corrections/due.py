"""What is to be put right and by when, for the first pages of those who see to it: the late ones first."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from course.access import HeldAppointment
from course.cases import conduct
from course.cases import queries as appeals
from course.cases.holds import appeal_is_open, case_is_open
from course.cases.models import Appeal, AppealOutcome, ConductCase, Outcome
from course.corrections import queries
from course.enrolment.models import Cohort
from course.records import queries as records
from course.workbook.models import Reopening


class What(enum.StrEnum):
    """The kinds of things that are put right; each reads aloud before its count."""

    APPEALS = "Appeals to be answered"
    CASES = "Cases to be closed"
    UPHELD = "Upheld appeals whose answer is not sent back yet"
    WITHDRAWALS = "Withdrawals that need a second person"
    NOTICES = "Withdrawn results to tell the awarding organisation of"


@dataclass(frozen=True)
class Due:
    """How many of one kind there are, how many of them are late, and when the most urgent is due."""

    what: What
    count: int
    late: int = 0
    first_on: date | None = None
    """None: no day is set for any of them."""


def due(session: Session, held: Collection[HeldAppointment], person_id: UUID, today: date) -> list[Due]:
    """What is open in the scope of these appointments, except about this person's own work; late kinds first."""
    cohorts = {one.id: one for one in records.cohorts_of(session, held)}
    found = [
        _appeals(session, held, cohorts, person_id),
        _cases(session, held, cohorts, person_id),
        _kind(What.UPHELD, _upheld(session, held, cohorts), today),
        _kind(What.WITHDRAWALS, [None for _ in queries.to_answer(session, held)], today),
        _kind(What.NOTICES, [line.tell_by for line in queries.to_tell(session, held)], today),
    ]
    # Late before not late; then what has a day, by the day.
    return sorted((one for one in found if one.count), key=lambda one: (not one.late, one.first_on or date.max))


def _kind(what: What, days: Iterable[date | None], today: date) -> Due:
    days = list(days)
    set_ = [one for one in days if one is not None]
    return Due(what, len(days), sum(1 for one in set_ if one < today), min(set_, default=None))


Cohorts = dict[UUID, Cohort]


def _appeals(session: Session, held: Collection[HeldAppointment], cohorts: Cohorts, person_id: UUID) -> Due:
    rows = [
        one for one in appeals.facts_where(session, Appeal.cohort_id.in_(cohorts), appeal_is_open())
        if one.learner != person_id and _covers(held, cohorts[one.cohort_id], one.unit)
    ]  # fmt: skip
    first = min((one.due_on for one in rows if one.due_on), default=None)
    return Due(What.APPEALS, len(rows), sum(1 for one in rows if one.is_late), first)


def _cases(session: Session, held: Collection[HeldAppointment], cohorts: Cohorts, person_id: UUID) -> Due:
    rows = [
        one for one in conduct.facts_where(session, ConductCase.cohort_id.in_(cohorts), case_is_open())
        if one.learner != person_id and _covers(held, cohorts[one.cohort_id], one.unit)
    ]  # fmt: skip
    first = min((one.due_on for one in rows), default=None)
    return Due(What.CASES, len(rows), sum(1 for one in rows if one.is_late), first)


def _upheld(session: Session, held: Collection[HeldAppointment], cohorts: Cohorts) -> list[None]:
    back = exists().where(Reopening.answer_id == Appeal.answer_id, Reopening.at >= AppealOutcome.at)
    rows = session.execute(
        select(Appeal.cohort_id, Appeal.unit)
        .join(AppealOutcome, AppealOutcome.appeal_id == Appeal.id)
        .where(Appeal.cohort_id.in_(cohorts), AppealOutcome.outcome == Outcome.UPHELD, ~back)
    )
    return [None for row in rows if _covers(held, cohorts[row.cohort_id], row.unit)]


def _covers(held: Iterable[HeldAppointment], cohort: Cohort, unit: str | None) -> bool:
    return any(
        one.covers(centre_id=cohort.centre_id, cohort_id=cohort.id, qualification=cohort.qualification, unit=unit)
        for one in held
    )
