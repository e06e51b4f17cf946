"""The letter that says to assessors that there is something to mark: one a day, however much is handed in."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from course import clock, outbox
from course.access import Role
from course.enrolment.models import Enrolment
from course.enrolment.queries import Enrolled
from course.people import conflicts
from course.people.accounts import current_on
from course.people.models import Appointment, Person


def tell_assessors(session: Session, enrolment: Enrolment | Enrolled, unit: str, today: date) -> None:
    """Write to everybody who may mark this learner's unit and had no such letter today; at most three queries."""
    people = _assessors(session, enrolment, unit)
    letters = {f"to-mark:{person_id}:{today:%Y-%m-%d}": email for person_id, email in people.items()}
    outbox.queue_each(session, letters, outbox.Letter.SOMETHING_TO_MARK, link="/marking")


def _assessors(session: Session, enrolment: Enrolment | Enrolled, unit: str) -> dict[UUID, str]:
    """Those whose appointment covers the work, without the learner's peers and those who are kept apart from it."""
    limits = (
        (Appointment.cohort_id, enrolment.cohort_id), (Appointment.qualification, enrolment.qualification),
        (Appointment.unit, unit),
    )  # fmt: skip
    peers = select(Enrolment.person_id).where(Enrolment.cohort_id == enrolment.cohort_id)
    rows = session.execute(
        select(Person.id, Person.email).join(Appointment, Appointment.person_id == Person.id).where(
            Appointment.role == Role.ASSESSOR,
            Appointment.centre_id == enrolment.centre_id,
            *(or_(column.is_(None), column == value) for column, value in limits),
            current_on(clock.now().date()),
            Person.disabled_at.is_(None),
            Person.id.not_in(peers),
            Person.id.not_in(conflicts.apart_from(enrolment.person_id)),
        )
    )  # fmt: skip
    return {row.id: row.email for row in rows}
