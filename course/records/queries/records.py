"""Reads about records that were issued: for their holder, for an admin in scope, for whoever was let see one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course import clock
from course.access import HeldAppointment
from course.catalogue import queries as catalogue
from course.enrolment.models import Cohort, Enrolment
from course.people.models import Centre, Person
from course.records.models import (
    BatchUnit,
    CompletionRecord,
    RecordHolder,
    Revocation,
    Withdrawal,
    WithdrawalAnswer,
)
from course.records.queries.batches import cohorts_of, is_covered


@dataclass(frozen=True)
class RecordInFull:
    """A record, its frozen facts, its holder unless disposed of, and its revocation if there is one."""

    row: CompletionRecord
    facts: dict[str, Any]
    holder: RecordHolder | None
    revocation: Revocation | None
    replaced_by: CompletionRecord | None = None

    @property
    def is_revoked(self) -> bool:
        """Whether the centre has ended it."""
        return self.revocation is not None

    @property
    def held_by(self) -> RecordHolder:
        """The holder of a record that was found through its holder."""
        assert self.holder is not None
        return self.holder

    def shown_until(self, now: datetime) -> datetime | None:
        """Until when whoever has the code sees it without the holder being asked; None when nobody does."""
        until = self.held_by.shown_until
        return until if until and until > now else None

    @property
    def title(self) -> str:
        """What was achieved."""
        return str(self.facts["title"])

    @property
    def achieved_on(self) -> str:
        """The day on which the last part was achieved, such as "2 November 2026"."""
        return _with_year(self.row.achieved_on)

    @property
    def issued_on(self) -> str:
        """The day of issue, as the centre's calendar had it."""
        return _with_year(date.fromisoformat(self.facts["issued_on"]))


def _with_year(day: date) -> str:
    # Pages leave this year's number out; a record is read in other years, too.
    return f"{day.day} {day:%B} {day.year}"


def _records(session: Session, *where: Any) -> list[RecordInFull]:
    rows = session.execute(
        select(CompletionRecord, RecordHolder, Revocation)
        .outerjoin(RecordHolder, RecordHolder.record_id == CompletionRecord.id)
        .outerjoin(Revocation, Revocation.record_id == CompletionRecord.id)
        .where(*where)
        .order_by(CompletionRecord.number.desc())
    ).all()
    ids = [row[0].id for row in rows]
    replacing = {
        row.replaces_id: row
        for row in session.scalars(select(CompletionRecord).where(CompletionRecord.replaces_id.in_(ids)))
    }
    return [RecordInFull(row[0], json.loads(row[0].facts), row[1], row[2], replacing.get(row[0].id)) for row in rows]


def records_of_holder(session: Session, person_id: UUID) -> list[RecordInFull]:
    """A person's own records, newest first."""
    return _records(session, RecordHolder.person_id == person_id)


@dataclass(frozen=True)
class WithdrawnResult:
    """A result that the centre withdrew, as its learner reads it."""

    id: UUID
    unit_title: str
    reason: str
    at: datetime


def withdrawn_of_holder(session: Session, person_id: UUID) -> list[WithdrawnResult]:
    """A person's own results that were withdrawn, newest first."""
    rows = session.execute(
        select(Withdrawal.id, Withdrawal.reason, WithdrawalAnswer.at, BatchUnit.unit, Enrolment.qualification)
        .join(WithdrawalAnswer, WithdrawalAnswer.withdrawal_id == Withdrawal.id)
        .join(BatchUnit, BatchUnit.id == Withdrawal.batch_unit_id)
        .join(Enrolment, Enrolment.id == BatchUnit.enrolment_id)
        .where(Enrolment.person_id == person_id, WithdrawalAnswer.is_confirmed)
        .order_by(WithdrawalAnswer.at.desc())
    ).all()
    titles = {
        (slug, one.unit): one.title
        for slug in {row.qualification for row in rows}
        for one in catalogue.latest_units(session, slug)
    }
    return [
        WithdrawnResult(row.id, titles.get((row.qualification, row.unit), row.unit), row.reason, row.at)
        for row in rows
    ]  # fmt: skip


def record_of_holder(session: Session, record_id: UUID, person_id: UUID) -> RecordInFull:
    """One of a person's own records. Raises NotFound."""
    found = _records(session, CompletionRecord.id == record_id, RecordHolder.person_id == person_id)
    if not found:
        raise NotFound
    return found[0]


def records_at(session: Session, held: Iterable[HeldAppointment]) -> list[RecordInFull]:
    """The records that these appointments cover, newest first."""
    cohorts = {cohort.id for cohort in cohorts_of(session, held)}
    return _records(
        session,
        CompletionRecord.enrolment_id.in_(select(Enrolment.id).where(Enrolment.cohort_id.in_(cohorts))),
    )


def record_at(session: Session, record_id: UUID, held: Iterable[HeldAppointment]) -> RecordInFull:
    """One record within the scope of these appointments. Raises NotFound."""
    found = _records(session, CompletionRecord.id == record_id)
    if not found:
        raise NotFound
    enrolment = session.get_one(Enrolment, found[0].row.enrolment_id)
    if not is_covered(held, session.get_one(Cohort, enrolment.cohort_id)):
        raise NotFound
    return found[0]


def record(session: Session, record_id: UUID) -> RecordInFull:
    """One record for whoever the holder let see it. Raises NotFound."""
    found = _records(session, CompletionRecord.id == record_id)
    if not found:
        raise NotFound
    return found[0]


def names(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The full names of these people; who was disposed of is missing."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(set(person_ids))))
    return {row[0]: row[1] for row in rows}


def today_at(session: Session, centre_id: UUID) -> date:
    """Today's date where the centre is."""
    return day_at(session, centre_id, clock.now())


def day_at(session: Session, centre_id: UUID, moment: datetime) -> date:
    """A moment's date where the centre is."""
    return moment.astimezone(ZoneInfo(session.get_one(Centre, centre_id).time_zone)).date()
