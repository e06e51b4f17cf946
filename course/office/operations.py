"""What the office does in one step: enrol a person by address, import a list of learners, invite a member of staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from course import outbox
from course.access import Role
from course.audit import Actor
from course.enrolment import operations as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.office import queries, rules
from course.office.roster import Row
from course.outbox import Letter
from course.people import operations as people
from course.people import queries as accounts
from course.people.models import Appointment, Centre, Person


def enrol_by_address(
    session: Session, cohort: Cohort, *, name: str, known_as: str, email: str, number: str | None = None, by: Actor
) -> Enrolment:
    """Enrol whoever has this address; somebody new is invited. An account that is there keeps its own names."""
    person = accounts.by_email(session, email)
    is_new = person is None
    if person is None:
        person = people.invite(session, name=name, known_as=known_as, email=email, by=by)
    enrolment = enrolments.enrol(session, cohort, person, ao_learner_number=number, by=by)
    if not is_new:
        outbox.queue(session, person.id, Letter.SOMETHING_TO_READ, key=f"enrolled:{enrolment.id}")
    return enrolment


def import_roster(session: Session, cohort: Cohort, rows: Sequence[Row], *, by: Actor) -> int:
    """Enrol every row, or, when a rule refuses one, none of them. Returns how many."""
    with session.no_autoflush:  # no row's look-ups need the rows before it: each address stands in the list once
        for row in rows:
            enrol_by_address(
                session,
                cohort,
                name=row.name,
                known_as=row.known_as,
                email=row.email,
                number=row.ao_learner_number,
                by=by,
            )
    return len(rows)


def appoint_by_address(
    session: Session,
    centre: Centre,
    *,
    name: str,
    known_as: str,
    email: str,
    role: Role,
    qualification: str | None = None,
    unit: str | None = None,
    cohort_id: UUID | None = None,
    from_date: date | None = None,
    until_date: date | None = None,
    needs_countersignature: bool = False,
    by: Actor,
) -> Appointment:
    """Appoint whoever has this address; somebody new is invited."""
    person = accounts.by_email(session, email)
    if person is None:
        person = people.invite(session, name=name, known_as=known_as, email=email, by=by)
    return people.appoint(
        session,
        person,
        role=role,
        centre=centre,
        qualification=qualification,
        unit=unit,
        cohort_id=cohort_id,
        from_date=from_date,
        until_date=until_date,
        needs_countersignature=needs_countersignature,
        by=by,
    )


def invite_again(session: Session, person: Person) -> None:
    """Write a fresh invitation. Raises Refusal for somebody who has come in already."""
    rules.invite_again(has_password=person.password_hash is not None, is_closed=person.disabled_at is not None)
    people.send_link(session, person, "invitation")


def close_account(session: Session, person: Person, *, centre_id: UUID, by: Actor) -> None:
    """Close an account of this centre. Raises Refusal when another centre needs it too."""
    rules.close_account(
        is_elsewhere=queries.is_elsewhere(session, person.id, centre_id), is_closed=person.disabled_at is not None
    )
    people.close_account(session, person, by=by)
