"""Everything that changes what is noted about staff, each with its audit entry."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from course import audit, clock
from course.audit import Actor
from course.development import queries, rules
from course.development.models import DevelopmentEntry, DevelopmentWithdrawal, StaffQualification
from course.development.queries import Noted


def note_qualification(
    session: Session, person_id: UUID, *, title: str, awarded_by: str, awarded_on: date | None, by: Actor
) -> StaffQualification:
    """Note a qualification of a member of staff. Raises Refusal."""
    step = rules.note_qualification(
        is_staff=queries.is_staff(session, person_id), awarded_on=awarded_on, today=clock.now().date()
    )
    row = StaffQualification(
        person_id=person_id, title=title, awarded_by=awarded_by, awarded_on=awarded_on, noted_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=person_id)
    return row


def note_development(
    session: Session, person_id: UUID, *, done_on: date, minutes: int, words: str, by: Actor
) -> DevelopmentEntry:
    """Note a piece of professional development. Raises Refusal."""
    step = rules.note_development(
        is_staff=queries.is_staff(session, person_id), done_on=done_on, minutes=minutes, today=clock.now().date()
    )
    row = DevelopmentEntry(
        person_id=person_id, done_on=done_on, minutes=minutes, activity=words, noted_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=person_id)
    return row


def withdraw(session: Session, noted: Noted, *, by: Actor) -> DevelopmentWithdrawal:
    """Take back an entry that was wrong."""
    is_qualification = isinstance(noted, StaffQualification)
    row = DevelopmentWithdrawal(
        qualification_id=noted.id if is_qualification else None, entry_id=None if is_qualification else noted.id,
        withdrawn_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, rules.withdraw().event, row, by=by, subject=noted.person_id)
    return row
