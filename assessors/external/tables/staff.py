"""Who is appointed to what, and whom a conflict of interest keeps apart."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.access import Role
from course.enrolment.models import Cohort, Enrolment
from course.evidence import Row, Scope, Table
from course.people.models import Appointment, ConflictEnd, ConflictOfInterest, Person

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


def conflicts(session: Session, scope: Scope) -> Iterator[Table]:
    """Each declared conflict: of whom, with whom, since and until when.

    Neither kind nor words: that somebody shares a fellowship or a house with a learner is not for a pack. A learner of
    another cohort is not named.
    """
    name, when = words.named(session), words.at_centre(session, scope.centre_id)

    def rows() -> Iterator[Row]:
        mine = set(session.scalars(select(Enrolment.person_id).where(Enrolment.cohort_id.in_(scope.cohort_ids))))
        staff = set(session.scalars(select(Appointment.person_id).where(Appointment.centre_id == scope.centre_id)))
        found = session.execute(
            select(ConflictOfInterest, ConflictEnd)
            .outerjoin(ConflictEnd, ConflictEnd.conflict_id == ConflictOfInterest.id)
            .where(ConflictOfInterest.centre_id == scope.centre_id)
            .order_by(ConflictOfInterest.at, ConflictOfInterest.id)
        )
        for one, end in found:
            if one.other_id in mine:
                other, who = name(one.other_id), "Learner"
            elif one.other_id in staff:
                other, who = name(one.other_id), "Staff"
            else:
                other, who = "A learner who is not in this pack", "Learner"
            cells = (
                name(one.person_id), other, who, name(one.declared_by), when(one.at), when(end.at) if end else "",
                name(end.ended_by) if end else "",
            )  # fmt: skip
            refs = (words.ink("conflict_of_interest", one.id),)
            yield Row(cells, (*refs, words.ink("conflict_end", end.id)) if end else refs)

    yield Table(
        "conflicts", "Conflicts of interest", "Declared ties. These two are kept apart wherever work is judged.",
        ("Staff", "With", "Who is", "Declared by", "When", "Over since", "Found over by"), rows,
    )  # fmt: skip
