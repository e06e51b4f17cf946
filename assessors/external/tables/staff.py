"""Who is appointed to what."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.access import Role
from course.enrolment.models import Cohort
from course.evidence import Row, Scope, Table
from course.people.models import Appointment, Person

SHOWN = (Role.TUTOR, Role.ASSESSOR, Role.IQA, Role.LEAD_IQA, Role.ADMIN, Role.EQA)
"""Those who have a part in teaching, assessment and its quality. Who supports or safeguards learners is not shown."""


def appointments(session: Session, scope: Scope) -> Iterator[Table]:
    """Everybody with a part in this qualification, now or before."""

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Appointment, Person.name, Cohort.name)
            .outerjoin(Person, Person.id == Appointment.person_id)
            .outerjoin(Cohort, Cohort.id == Appointment.cohort_id)
            .where(
                Appointment.centre_id == scope.centre_id, Appointment.role.in_(SHOWN),
                or_(Appointment.qualification.is_(None), Appointment.qualification == scope.qualification),
                or_(Appointment.cohort_id.is_(None), Appointment.cohort_id.in_(scope.cohort_ids)),
            )
            .order_by(Person.name, Appointment.from_date, Appointment.id)
        )  # fmt: skip
        for one, name, cohort in found:
            cells = (
                name or words.LEFT, words.role_label(one.role), one.unit or "Every unit", cohort or "Every cohort",
                one.from_date, one.until_date, "Yes" if one.needs_countersignature else "",
            )  # fmt: skip
            yield Row(cells, (words.ink("appointment", one.id),))

    yield Table(
        "appointments", "Staff appointments", "Who teaches, assesses and checks, from when until when.",
        ("Name", "Role", "Unit", "Cohort", "From", "Until", "Must be countersigned"), rows,
    )  # fmt: skip
