"""Reads about codes and about requests to see a record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course.records.models import (
    CodeChange,
    RecordHolder,
    Revocation,
    VerificationRequest,
)
from course.records.queries.records import RecordInFull, record


def holder_by_code(session: Session, code: str) -> RecordHolder | None:
    """Who is to be asked when somebody types this code; nobody when there is no such record, or checking is off."""
    return session.scalar(select(RecordHolder).where(RecordHolder.code == code, RecordHolder.can_be_checked))


def code_changes(session: Session, record_id: UUID) -> list[CodeChange]:
    """Every new code that a record was given, oldest first."""
    return list(
        session.scalars(select(CodeChange).where(CodeChange.record_id == record_id).order_by(CodeChange.number))
    )


def shown_now(session: Session, record_id: UUID, *, now: datetime) -> list[VerificationRequest]:
    """The requests through which somebody can see a record at this moment."""
    return list(
        session.scalars(
            select(VerificationRequest)
            .where(
                VerificationRequest.record_id == record_id,
                VerificationRequest.approved.is_(True),
                VerificationRequest.open_until > now,
            )
            .with_for_update()
        )
    )


def answered_for(session: Session, record_id: UUID, holder: UUID) -> list[VerificationRequest]:
    """The requests that an admin answered after asking the holder, newest first."""
    return list(
        session.scalars(
            select(VerificationRequest)
            .where(VerificationRequest.record_id == record_id, VerificationRequest.answered_by != holder)
            .order_by(VerificationRequest.answered_at.desc())
        )
    )


def revoked(session: Session) -> list[tuple[UUID, datetime]]:
    """Every record that was revoked, with the moment, oldest first."""
    rows = session.execute(select(Revocation.record_id, Revocation.at).order_by(Revocation.at, Revocation.id))
    return [(row[0], row[1]) for row in rows]


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


def request_at(session: Session, request_id: UUID, record_id: UUID) -> VerificationRequest:
    """A request to see this record. Raises NotFound."""
    found = session.scalar(
        select(VerificationRequest)
        .where(VerificationRequest.id == request_id, VerificationRequest.record_id == record_id)
        .with_for_update()
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
