"""Reads of batches, records and requests, always for somebody: what is not theirs does not exist."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course import clock
from course.access import HeldAppointment, Role
from course.catalogue.compiled import CompiledQualification
from course.enrolment.models import Cohort, Enrolment
from course.people.models import Appointment, Centre, Person
from course.records import rules
from course.records.models import (
    Batch,
    BatchUnit,
    CompletionRecord,
    RecordHolder,
    Release,
    Revocation,
    VerificationRequest,
)
from course.workbook.models import Answer, Decision


def standing(session: Session, person_id: UUID, cohort: Cohort) -> rules.Standing:
    """How a person stands to a cohort. A tutor's appointment counts for ever, even after it has ended."""
    taught = exists().where(
        Appointment.person_id == person_id,
        Appointment.role == Role.TUTOR,
        Appointment.centre_id == cohort.centre_id,
        or_(Appointment.cohort_id.is_(None), Appointment.cohort_id == cohort.id),
        or_(Appointment.qualification.is_(None), Appointment.qualification == cohort.qualification),
    )
    assessed = exists().where(
        Decision.decided_by == person_id, Decision.answer_id == Answer.id, Answer.cohort_id == cohort.id
    )
    studies = exists().where(Enrolment.person_id == person_id, Enrolment.cohort_id == cohort.id)
    row = session.execute(select(taught, assessed, studies)).one()
    return rules.Standing(taught=row[0], assessed=row[1], studies=row[2])


def must_assure(session: Session, person_id: UUID, cohort: Cohort) -> None:
    """Raise Refusal unless this person may assure the cohort's quality."""
    rules.assure(standing(session, person_id, cohort))


def person_of(session: Session, enrolment_id: UUID) -> UUID:
    """Whose enrolment it is."""
    return session.get_one(Enrolment, enrolment_id).person_id


@dataclass(frozen=True)
class AchievedUnit:
    """One learner's unit, as a batch or a record names it."""

    enrolment_id: UUID
    unit: str


def batched(session: Session, cohort_id: UUID) -> set[AchievedUnit]:
    """The units of a cohort that stand in a batch already."""
    rows = session.execute(
        select(BatchUnit.enrolment_id, BatchUnit.unit)
        .join(Batch, Batch.id == BatchUnit.batch_id)
        .where(Batch.cohort_id == cohort_id)
    )
    return {AchievedUnit(*row) for row in rows}


@dataclass(frozen=True)
class BatchInFull:
    """A batch with its units, and its release if there is one."""

    batch: Batch
    units: tuple[AchievedUnit, ...]
    release: Release | None


def batch_in_full(session: Session, batch_id: UUID) -> BatchInFull:
    """A batch by its id, for a caller that has checked, or checks next, whose it is. Raises NotFound."""
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise NotFound
    return _in_full(session, [batch])[0]


def batches_of(session: Session, cohort_ids: Iterable[UUID]) -> list[BatchInFull]:
    """Every batch of these cohorts, newest first."""
    rows = session.scalars(select(Batch).where(Batch.cohort_id.in_(list(cohort_ids))).order_by(Batch.at.desc())).all()
    return _in_full(session, rows)


def _in_full(session: Session, batches: Sequence[Batch]) -> list[BatchInFull]:
    ids = [batch.id for batch in batches]
    units: dict[UUID, list[AchievedUnit]] = {batch_id: [] for batch_id in ids}
    for unit in session.scalars(select(BatchUnit).where(BatchUnit.batch_id.in_(ids)).order_by(BatchUnit.id)):
        units[unit.batch_id].append(AchievedUnit(unit.enrolment_id, unit.unit))
    releases = {row.batch_id: row for row in session.scalars(select(Release).where(Release.batch_id.in_(ids)))}
    return [BatchInFull(batch, tuple(units[batch.id]), releases.get(batch.id)) for batch in batches]


def releases_of(session: Session, enrolment_ids: Iterable[UUID]) -> dict[AchievedUnit, Release]:
    """The release of each released unit of these enrolments."""
    rows = session.execute(
        select(BatchUnit.enrolment_id, BatchUnit.unit, Release)
        .join(Release, Release.batch_id == BatchUnit.batch_id)
        .where(BatchUnit.enrolment_id.in_(list(enrolment_ids)))
    )
    return {AchievedUnit(row[0], row[1]): row[2] for row in rows}


def assessors_of(session: Session, enrolment_id: UUID, units: Iterable[str]) -> frozenset[UUID]:
    """Everybody who decided anything in these units of one learner."""
    return frozenset(
        session.scalars(
            select(Decision.decided_by)
            .join(Answer, Answer.id == Decision.answer_id)
            .where(Answer.enrolment_id == enrolment_id, Answer.unit.in_(list(units)))
            .distinct()
        )
    )


def has_record(session: Session, enrolment_id: UUID, unit: str) -> bool:
    """Whether a record of this unit (or, empty, the whole qualification) stands unrevoked."""
    revoked = exists().where(Revocation.record_id == CompletionRecord.id)
    found = session.scalar(
        select(CompletionRecord.id)
        .where(CompletionRecord.enrolment_id == enrolment_id, CompletionRecord.unit == unit, ~revoked)
        .limit(1)
    )
    return found is not None


def is_complete(qualification: CompiledQualification, units: frozenset[str]) -> bool:
    """Whether these units, by slug, satisfy the qualification's rules of combination."""
    codes = frozenset(qualification.unit_code(unit) for unit in units)
    groups = [(group.choose, group.from_) for group in qualification.combination.optional]
    return rules.is_complete(qualification.combination.mandatory, groups, codes)


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
    if not _covered(held, session.get_one(Cohort, enrolment.cohort_id)):
        raise NotFound
    return found[0]


def record(session: Session, record_id: UUID) -> RecordInFull:
    """One record for whoever the holder let see it. Raises NotFound."""
    found = _records(session, CompletionRecord.id == record_id)
    if not found:
        raise NotFound
    return found[0]


def cohorts_of(session: Session, held: Iterable[HeldAppointment]) -> list[Cohort]:
    """The cohorts in the scope of these appointments, by name."""
    held = list(held)
    rows = session.scalars(
        select(Cohort).where(Cohort.centre_id.in_({one.centre_id for one in held})).order_by(Cohort.name)
    )
    return [cohort for cohort in rows if _covered(held, cohort)]


def _covered(held: Iterable[HeldAppointment], cohort: Cohort) -> bool:
    return any(
        one.covers(centre_id=cohort.centre_id, cohort_id=cohort.id, qualification=cohort.qualification) for one in held
    )


def enrolment_for(session: Session, enrolment_id: UUID, held: Iterable[HeldAppointment]) -> Enrolment:
    """An enrolment within the scope of these appointments. Raises NotFound."""
    enrolment = session.get(Enrolment, enrolment_id)
    if enrolment is None or not _covered(held, session.get_one(Cohort, enrolment.cohort_id)):
        raise NotFound
    return enrolment


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


def holder_by_code(session: Session, code: str) -> RecordHolder | None:
    """Who is to be asked when somebody types this code; nobody when there is no such record, or checking is off."""
    return session.scalar(
        select(RecordHolder)
        .join(CompletionRecord, CompletionRecord.id == RecordHolder.record_id)
        .where(CompletionRecord.code_hash == rules.code_hash(code), RecordHolder.can_be_checked)
    )


def requests_for(session: Session, record_ids: Iterable[UUID], *, now: datetime) -> list[VerificationRequest]:
    """The unanswered requests to see these records, oldest first."""
    return list(
        session.scalars(
            select(VerificationRequest)
            .where(
                VerificationRequest.record_id.in_(list(record_ids)),
                VerificationRequest.answered_at.is_(None),
                VerificationRequest.open_until > now,
            )
            .order_by(VerificationRequest.asked_at)
        )
    )


def request_of_holder(session: Session, request_id: UUID, person_id: UUID) -> VerificationRequest:
    """A request to see one of a person's own records. Raises NotFound."""
    found = session.scalar(
        select(VerificationRequest)
        .join(RecordHolder, RecordHolder.record_id == VerificationRequest.record_id)
        .where(VerificationRequest.id == request_id, RecordHolder.person_id == person_id)
        .with_for_update(of=VerificationRequest)
    )
    if found is None:
        raise NotFound
    return found


def approved(session: Session, request_id: UUID, *, now: datetime) -> RecordInFull | None:
    """The record that a request may see now; None for every other reason alike."""
    request = session.get(VerificationRequest, request_id)
    if request is None or request.record_id is None or not request.approved or request.open_until <= now:
        return None
    return record(session, request.record_id)


def times_checked(session: Session, record_ids: Iterable[UUID], time_zone: str) -> dict[UUID, dict[date, int]]:
    """How often each record was asked for, by day where the holder is. Nothing is kept about who asked."""
    counts: dict[UUID, dict[date, int]] = {}
    rows = session.execute(
        select(VerificationRequest.record_id, VerificationRequest.asked_at)
        .where(VerificationRequest.record_id.in_(list(record_ids)))
        .order_by(VerificationRequest.asked_at)
    )
    for record_id, asked_at in rows:
        if record_id is None:
            continue
        day = asked_at.astimezone(ZoneInfo(time_zone)).date()
        per_day = counts.setdefault(record_id, {})
        per_day[day] = per_day.get(day, 0) + 1
    return counts
