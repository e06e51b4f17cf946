"""Reads about cohorts, their batches and what was released: always for someone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course.access import HeldAppointment
from course.catalogue.compiled import CompiledQualification
from course.enrolment.models import Cohort, Enrolment
from course.records import rules
from course.records.models import (
    Batch,
    BatchRemoval,
    BatchUnit,
    CompletionRecord,
    Release,
    Revocation,
    Withdrawal,
    WithdrawalAnswer,
)
from course.workbook.models import Answer, Decision


def enrolments_of(session: Session, people: Iterable[UUID]) -> set[UUID]:
    """Every enrolment of these people."""
    return set(session.scalars(select(Enrolment.id).where(Enrolment.person_id.in_(set(people)))))


def person_of(session: Session, enrolment_id: UUID) -> UUID:
    """Whose enrolment it is."""
    return session.get_one(Enrolment, enrolment_id).person_id


@dataclass(frozen=True)
class AchievedUnit:
    """One learner's unit, as a batch or a record names it."""

    enrolment_id: UUID
    unit: str


def stands() -> ColumnElement[bool]:
    """Whether a unit still counts in its batch: not taken out before the release, nor withdrawn after it."""
    return and_(~_is_taken_out(), ~_is_withdrawn())


def _is_taken_out() -> ColumnElement[bool]:
    return exists().where(BatchRemoval.batch_unit_id == BatchUnit.id)


def _is_withdrawn() -> ColumnElement[bool]:
    return exists().where(
        Withdrawal.batch_unit_id == BatchUnit.id,
        WithdrawalAnswer.withdrawal_id == Withdrawal.id,
        WithdrawalAnswer.is_confirmed,
    )


def not_to_batch(session: Session, cohort_id: UUID) -> set[AchievedUnit]:
    """The units of a cohort that stand in a batch, or were withdrawn and not decided since.

    What was withdrawn is still achieved by its old decisions until a new one is returned, so it must wait for one.
    """
    decided_since = exists().where(
        Answer.enrolment_id == BatchUnit.enrolment_id,
        Answer.unit == BatchUnit.unit,
        Decision.answer_id == Answer.id,
        Withdrawal.batch_unit_id == BatchUnit.id,
        WithdrawalAnswer.withdrawal_id == Withdrawal.id,
        WithdrawalAnswer.is_confirmed,
        Decision.at > WithdrawalAnswer.at,
    )
    rows = session.execute(
        select(BatchUnit.enrolment_id, BatchUnit.unit)
        .join(Batch, Batch.id == BatchUnit.batch_id)
        .where(Batch.cohort_id == cohort_id, or_(stands(), and_(_is_withdrawn(), ~decided_since)))
    )
    return {AchievedUnit(*row) for row in rows}


@dataclass(frozen=True)
class BatchInFull:
    """A batch with its units (without those taken out), and its release if there is one."""

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


@dataclass(frozen=True)
class BatchSize:
    """A batch in a list: how many units it holds, and whether it is released; nobody's name."""

    cohort_id: UUID
    at: datetime
    units: int
    released_at: datetime | None


def batch_sizes(session: Session, cohort_ids: Iterable[UUID]) -> list[BatchSize]:
    """Every batch of these cohorts, newest first, counted by the database."""
    units = select(func.count()).where(BatchUnit.batch_id == Batch.id, ~_is_taken_out()).scalar_subquery()
    rows = session.execute(
        select(Batch.cohort_id, Batch.at, units, Release.at)
        .outerjoin(Release, Release.batch_id == Batch.id)
        .where(Batch.cohort_id.in_(list(cohort_ids)))
        .order_by(Batch.at.desc(), Batch.id.desc())
    )
    return [BatchSize(*row) for row in rows]


def _in_full(session: Session, batches: Sequence[Batch]) -> list[BatchInFull]:
    ids = [batch.id for batch in batches]
    units: dict[UUID, list[AchievedUnit]] = {batch_id: [] for batch_id in ids}
    inside = select(BatchUnit).where(BatchUnit.batch_id.in_(ids), ~_is_taken_out()).order_by(BatchUnit.id)
    for unit in session.scalars(inside):
        units[unit.batch_id].append(AchievedUnit(unit.enrolment_id, unit.unit))
    releases = {row.batch_id: row for row in session.scalars(select(Release).where(Release.batch_id.in_(ids)))}
    return [BatchInFull(batch, tuple(units[batch.id]), releases.get(batch.id)) for batch in batches]


def releases_of(session: Session, enrolment_ids: Iterable[UUID]) -> dict[AchievedUnit, Release]:
    """The release of each released unit of these enrolments; a withdrawn one is no longer released."""
    rows = session.execute(
        select(BatchUnit.enrolment_id, BatchUnit.unit, Release)
        .join(Release, Release.batch_id == BatchUnit.batch_id)
        .where(BatchUnit.enrolment_id.in_(list(enrolment_ids)), stands())
    )
    return {AchievedUnit(row[0], row[1]): row[2] for row in rows}


def has_record(session: Session, enrolment_id: UUID, unit: str) -> bool:
    """Whether a record of this unit (or, empty, the whole qualification) stands unrevoked."""
    revoked = exists().where(Revocation.record_id == CompletionRecord.id)
    found = session.scalar(
        select(CompletionRecord.id)
        .where(CompletionRecord.enrolment_id == enrolment_id, CompletionRecord.unit == unit, ~revoked)
        .limit(1)
    )
    return found is not None


def last_issue(session: Session, enrolment_id: UUID, unit: str) -> CompletionRecord | None:
    """The latest record of this unit (or, empty, the whole qualification), standing or revoked."""
    return session.scalars(
        select(CompletionRecord)
        .where(CompletionRecord.enrolment_id == enrolment_id, CompletionRecord.unit == unit)
        .order_by(CompletionRecord.issue.desc())
        .limit(1)
    ).first()


def is_complete(qualification: CompiledQualification, units: frozenset[str]) -> bool:
    """Whether these units, by slug, satisfy the qualification's rules of combination."""
    codes = frozenset(qualification.unit_code(unit) for unit in units)
    groups = [(group.choose, group.from_) for group in qualification.combination.optional]
    return rules.is_complete(qualification.combination.mandatory, groups, codes)


def cohorts_of(session: Session, held: Iterable[HeldAppointment]) -> list[Cohort]:
    """The cohorts in the scope of these appointments, by name."""
    held = list(held)
    rows = session.scalars(
        select(Cohort).where(Cohort.centre_id.in_({one.centre_id for one in held})).order_by(Cohort.name)
    )
    return [cohort for cohort in rows if is_covered(held, cohort)]


def is_covered(held: Iterable[HeldAppointment], cohort: Cohort) -> bool:
    return any(
        one.covers(centre_id=cohort.centre_id, cohort_id=cohort.id, qualification=cohort.qualification) for one in held
    )


def enrolment_for(session: Session, enrolment_id: UUID, held: Iterable[HeldAppointment]) -> Enrolment:
    """An enrolment within the scope of these appointments. Raises NotFound."""
    enrolment = session.get(Enrolment, enrolment_id)
    if enrolment is None or not is_covered(held, session.get_one(Cohort, enrolment.cohort_id)):
        raise NotFound
    return enrolment
