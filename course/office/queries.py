"""What the office reads, always for somebody: another centre's cohorts, learners and people do not exist."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, union_all
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound

from course import clock
from course.access import HeldAppointment
from course.enrolment.models import Cohort, Enrolment, Induction, Registration, Withdrawal
from course.people.accounts import current_on, not_over
from course.people.models import Appointment, Centre, OneTimeLink, Person
from course.workbook.models import Answer, HandIn, Return

MOST_PEOPLE = 500


def in_scope(held: Sequence[HeldAppointment]) -> ColumnElement[bool]:
    """The condition that a cohort lies within one of these appointments."""
    return or_(
        false(),
        *(
            and_(
                Cohort.centre_id == one.centre_id,
                *([Cohort.id == one.cohort_id] if one.cohort_id else []),
                *([Cohort.qualification == one.qualification] if one.qualification else []),
            )
            for one in held
        ),
    )


def cohort_for(
    session: Session, held: Sequence[HeldAppointment], cohort_id: UUID, *, reader: UUID, lock: bool = False
) -> Cohort:
    """A cohort within these appointments, locked if it is about to change.

    Raises NotFound, and Forbidden for a member of staff who studies in it.
    """
    studies = exists().where(Enrolment.cohort_id == Cohort.id, Enrolment.person_id == reader)
    query = select(Cohort, studies).where(Cohort.id == cohort_id, in_scope(held))
    row = session.execute(query.with_for_update(of=Cohort) if lock else query).one_or_none()
    if row is None:
        raise NotFound
    if row[1]:
        raise Forbidden
    found: Cohort = row[0]
    return found


@dataclass(frozen=True)
class CohortCount:
    """A cohort and how many learners are in it now."""

    cohort: Cohort
    learners: int


def cohorts(session: Session, held: Sequence[HeldAppointment]) -> list[CohortCount]:
    """Every cohort within these appointments, the latest to start first."""
    rows = session.execute(
        select(Cohort, func.count(Enrolment.id))
        .outerjoin(Enrolment, and_(Enrolment.cohort_id == Cohort.id, Enrolment.withdrawn_at.is_(None)))
        .where(in_scope(held))
        .group_by(Cohort.id)
        .order_by(Cohort.starts_on.desc(), Cohort.name)
    )
    return [CohortCount(cohort, count) for cohort, count in rows]


@dataclass(frozen=True)
class Learner:
    """A learner of a cohort, and how far enrolling has come. `person` is None once the account was disposed of."""

    enrolment: Enrolment
    person: Person | None
    registration: Registration | None
    inducted_at: datetime | None
    withdrawal: Withdrawal | None = None

    @property
    def name(self) -> str:
        """The full name."""
        return self.person.name if self.person else "Name removed"

    @property
    def short_name(self) -> str:
        """First name and initial."""
        return self.person.short_name if self.person else "Name removed"

    @property
    def has_left(self) -> bool:
        """Whether the enrolment has ended."""
        return self.enrolment.withdrawn_at is not None


def _learners(session: Session, condition: ColumnElement[bool]) -> list[Learner]:
    inducted = (
        select(Induction.enrolment_id, func.max(Induction.at).label("at")).group_by(Induction.enrolment_id).subquery()
    )
    rows = session.execute(
        select(Enrolment, Person, Registration, inducted.c.at, Withdrawal)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .outerjoin(Registration, Registration.enrolment_id == Enrolment.id)
        .outerjoin(inducted, inducted.c.enrolment_id == Enrolment.id)
        .outerjoin(Withdrawal, Withdrawal.enrolment_id == Enrolment.id)
        .where(condition)
        .order_by(Person.name, Enrolment.id)
    )
    return [Learner(*row) for row in rows]


def learners(session: Session, cohort: Cohort) -> list[Learner]:
    """Everybody who is or was in a cohort, by name."""
    return _learners(session, Enrolment.cohort_id == cohort.id)


def learner_for(
    session: Session, held: Sequence[HeldAppointment], enrolment_id: UUID, *, reader: UUID, lock: bool = False
) -> tuple[Cohort, Learner]:
    """One learner within these appointments. Raises NotFound, or Forbidden as `cohort_for` does."""
    enrolment = session.get(Enrolment, enrolment_id)
    if enrolment is None:
        raise NotFound
    cohort = cohort_for(session, held, enrolment.cohort_id, reader=reader, lock=lock)
    return cohort, _learners(session, Enrolment.id == enrolment_id)[0]


def not_registered(session: Session, held: Sequence[HeldAppointment]) -> list[tuple[Learner, Cohort]]:
    """Learners in scope who are not yet registered with the awarding organisation, the longest enrolled first."""
    found = _learners(
        session,
        and_(in_scope(held), Enrolment.withdrawn_at.is_(None), Registration.id.is_(None)),
    )
    by_id = {one.cohort.id: one.cohort for one in cohorts(session, held)}
    return sorted(
        ((one, by_id[one.enrolment.cohort_id]) for one in found), key=lambda pair: pair[0].enrolment.enrolled_at
    )


@dataclass(frozen=True)
class Invitation:
    """Somebody invited who has not come in yet, and when their last link ends."""

    person: Person
    link_until: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether the link no longer works."""
        return self.link_until is None or self.link_until <= clock.now()


def _belongs(centre_id: UUID) -> ColumnElement[bool]:
    """Whether somebody works or learns at a centre, or ever did."""
    return or_(
        exists().where(Appointment.person_id == Person.id, Appointment.centre_id == centre_id),
        exists().where(Enrolment.person_id == Person.id, Enrolment.centre_id == centre_id),
    )


def _is_expected(centre_id: UUID) -> ColumnElement[bool]:
    """Whether somebody has a place at a centre now."""
    today = clock.now().date()
    works = exists().where(
        Appointment.person_id == Person.id,
        Appointment.centre_id == centre_id,
        not_over(today),
    )
    learns = exists().where(
        Enrolment.person_id == Person.id, Enrolment.centre_id == centre_id, Enrolment.withdrawn_at.is_(None)
    )
    return or_(works, learns)


def invitations(session: Session, centre_id: UUID) -> list[Invitation]:
    """Everybody with a place at a centre who has not chosen a password yet, the longest waiting first."""
    until = (
        select(func.max(OneTimeLink.expires_at))
        .where(OneTimeLink.person_id == Person.id, OneTimeLink.purpose == "invitation", OneTimeLink.used_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Person, until)
        .where(_is_expected(centre_id), Person.password_hash.is_(None), Person.disabled_at.is_(None))
        .order_by(Person.created_at)
        .limit(MOST_PEOPLE)
    )
    return [Invitation(person, link_until) for person, link_until in rows]


@dataclass(frozen=True)
class Employed:
    """A member of staff and their appointments at one centre that are current or to come."""

    person: Person
    appointments: list[Appointment]


def staff(session: Session, centre_id: UUID) -> list[Employed]:
    """Everybody who is or was appointed at a centre, by name."""
    people = session.scalars(
        select(Person)
        .where(exists().where(Appointment.person_id == Person.id, Appointment.centre_id == centre_id))
        .order_by(Person.name, Person.id)
        .limit(MOST_PEOPLE)
    ).all()
    today = clock.now().date()
    held: dict[UUID, list[Appointment]] = {person.id: [] for person in people}
    for one in session.scalars(
        select(Appointment)
        .where(Appointment.centre_id == centre_id, not_over(today))
        .order_by(Appointment.from_date, Appointment.id)
    ):
        held.get(one.person_id, []).append(one)
    return [Employed(person, held[person.id]) for person in people]


def person_for(session: Session, centre_id: UUID, person_id: UUID) -> Person:
    """Somebody who works or learns at a centre. Raises NotFound for everybody else."""
    person = session.scalar(select(Person).where(Person.id == person_id, _belongs(centre_id)))
    if person is None:
        raise NotFound
    return person


def appointments_of(session: Session, centre_id: UUID, person_id: UUID) -> list[Appointment]:
    """A person's appointments at a centre, ended ones too, the latest first."""
    return list(
        session.scalars(
            select(Appointment)
            .where(Appointment.person_id == person_id, Appointment.centre_id == centre_id)
            .order_by(Appointment.from_date.desc(), Appointment.id.desc())
        )
    )


def appointment_for(session: Session, centre_id: UUID, appointment_id: UUID) -> Appointment:
    """One appointment at a centre. Raises NotFound."""
    found = session.scalar(
        select(Appointment).where(Appointment.id == appointment_id, Appointment.centre_id == centre_id)
    )
    if found is None:
        raise NotFound
    return found


def enrolments_of(session: Session, centre_id: UUID, person_id: UUID) -> list[tuple[Enrolment, Cohort]]:
    """A person's enrolments at a centre, the latest first."""
    rows = session.execute(
        select(Enrolment, Cohort)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.person_id == person_id, Enrolment.centre_id == centre_id)
        .order_by(Enrolment.enrolled_at.desc())
    )
    return [(enrolment, cohort) for enrolment, cohort in rows]


def is_elsewhere(session: Session, person_id: UUID, centre_id: UUID) -> bool:
    """Whether another centre needs this account too."""
    today = clock.now().date()
    works = exists().where(Appointment.person_id == person_id, Appointment.centre_id != centre_id, current_on(today))
    learns = exists().where(
        Enrolment.person_id == person_id, Enrolment.centre_id != centre_id, Enrolment.withdrawn_at.is_(None)
    )
    return bool(session.scalar(select(or_(works, learns))))


def centre(session: Session, centre_id: UUID) -> Centre:
    """The centre in whose office one is."""
    return session.get_one(Centre, centre_id)


def last_steps(session: Session, enrolment_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When each learner last handed something in or had something returned; those with neither are missing."""
    ids = list(enrolment_ids)
    handed: Any = select(HandIn.enrolment_id.label("enrolment_id"), HandIn.at.label("at")).where(
        HandIn.enrolment_id.in_(ids)
    )
    returned: Any = (
        select(Answer.enrolment_id, Return.at)
        .join(Answer, Answer.id == Return.answer_id)
        .where(Answer.enrolment_id.in_(ids))
    )
    steps = union_all(handed, returned).subquery()
    rows = session.execute(select(steps.c.enrolment_id, func.max(steps.c.at)).group_by(steps.c.enrolment_id))
    return {row[0]: row[1] for row in rows}


def roster_conflicts(
    session: Session, cohort: Cohort, *, emails: Sequence[str], numbers: Sequence[str], by: UUID
) -> tuple[dict[str, str], dict[str, str]]:
    """What keeps addresses from being enrolled, and which learner numbers belong to which address; in a few queries."""
    wrong: dict[str, str] = {}
    taken: dict[str, str] = {}
    for some in _pieces(emails):
        already = exists().where(Enrolment.person_id == Person.id, Enrolment.cohort_id == cohort.id)
        for row in session.execute(
            select(Person.id, Person.email, Person.disabled_at, already.label("already")).where(Person.email.in_(some))
        ):
            if row.id == by:
                wrong[row.email] = "You cannot enrol yourself."
            elif row.disabled_at is not None:
                wrong[row.email] = "This person’s account is closed."
            elif row.already:
                wrong[row.email] = "This person is in this cohort already."
    for some in _pieces(numbers):
        for number, email in session.execute(
            select(Enrolment.ao_learner_number, Person.email)
            .join(Person, Person.id == Enrolment.person_id)
            .where(
                Enrolment.centre_id == cohort.centre_id,
                Enrolment.qualification == cohort.qualification,
                Enrolment.ao_learner_number.in_(some),
            )
        ):
            taken[str(number)] = email
    return wrong, taken


def _pieces(values: Sequence[str], size: int = 500) -> list[Sequence[str]]:
    return [values[start : start + size] for start in range(0, len(values), size)]


def last_step_of(learner: Learner, steps: dict[UUID, datetime]) -> datetime:
    """The last step of a learner: at least the day they joined."""
    return max(learner.enrolment.enrolled_at, steps.get(learner.enrolment.id, learner.enrolment.enrolled_at))


def is_over(appointment: Appointment) -> bool:
    """Whether an appointment has ended."""
    return appointment.is_over(clock.now().date())


def staff_people(session: Session, centre_id: UUID) -> list[Person]:
    """Everybody who holds an appointment at a centre today, by name."""
    today = clock.now().date()
    mine = exists().where(
        Appointment.person_id == Person.id, Appointment.centre_id == centre_id, current_on(today)
    )  # fmt: skip
    return list(session.scalars(select(Person).where(mine, Person.disabled_at.is_(None)).order_by(Person.name)))


def learners_in_scope(session: Session, held: Iterable[HeldAppointment]) -> dict[UUID, str]:
    """The learners whom these appointments cover, by pseudonym."""
    held = list(held)
    rows = session.execute(
        select(Person.id, Person.name, Cohort)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Cohort.centre_id.in_({one.centre_id for one in held}))
    )
    return {
        person_id: name
        for person_id, name, cohort in rows
        if any(
            one.covers(centre_id=cohort.centre_id, cohort_id=cohort.id, qualification=cohort.qualification)
            for one in held
        )
    }
