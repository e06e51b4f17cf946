"""Everything that changes a person, an appointment, a session or a one-time link."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from course import audit, clock, outbox, sealing
from course.access import Role
from course.audit import Actor, Event
from course.outbox import Letter
from course.people import passwords, queries, rules
from course.people.accounts import current_on, hash_token, new_token
from course.people.models import Appointment, Centre, OneTimeLink, Person, SignIn
from course.refusal import require
from course.sealing import Purpose


def open_centre(session: Session, name: str, *, time_zone: str = "Europe/London", by: Actor) -> Centre:
    """Open a centre. Raises Refusal when the name is taken."""
    require(queries.centre_named(session, name) is None, "There is already a centre with this name.", "Choose another name.")
    centre = Centre(name=name, time_zone=time_zone, opened_at=clock.now())
    session.add(centre)
    session.flush()
    audit.record(session, Event.CENTRE_OPENED, centre, by=by)
    return centre


def create_person(session: Session, *, name: str, known_as: str, email: str, by: Actor) -> Person:
    """Make an account without a password. Raises Refusal when the address is taken."""
    address = queries.canonical_email(email)
    require(queries.by_email(session, address) is None, "Somebody with this email address is here already.", "Find them under People.")
    person = Person(name=name.strip(), known_as=known_as.strip() or name.split()[0], email=address, created_at=clock.now())
    session.add(person)
    session.flush()
    sealing.make_key(session, person.id, Purpose.COMMITMENT)
    audit.record(session, Event.PERSON_INVITED, person, by=by, subject=person.id)
    return person


def invite(session: Session, *, name: str, known_as: str, email: str, by: Actor) -> Person:
    """Make an account and write a letter with a one-time link to it."""
    person = create_person(session, name=name, known_as=known_as, email=email, by=by)
    send_link(session, person, "invitation")
    return person


def send_link(session: Session, person: Person, purpose: str) -> str:
    """Write a letter with a link that works once. Returns the link's path."""
    token = new_token()
    lasts = rules.LINK_LASTS[purpose]
    session.add(
        OneTimeLink(token_hash=hash_token(token), person_id=person.id, purpose=purpose, expires_at=clock.now() + lasts)
    )
    path = f"/sign-in/link/{token}" if purpose == "sign-in" else f"/choose-password/{token}"
    outbox.queue(session, person.id, Letter(purpose), key=f"{purpose}:{hash_token(token)[:32]}", link=path)
    return path


def appoint(
    session: Session,
    person: Person,
    *,
    role: Role,
    centre: Centre,
    by: Actor,
    qualification: str | None = None,
    unit: str | None = None,
    cohort_id: UUID | None = None,
    from_date: date | None = None,
    until_date: date | None = None,
    needs_countersignature: bool = False,
) -> Appointment:
    """Appoint a person to a role at a centre, from a date. Raises Refusal for one's own."""
    step = rules.appoint(person=person.id, by=by.person_id)
    appointment = Appointment(
        person_id=person.id, role=role, centre_id=centre.id, qualification=qualification or None, unit=unit or None,
        cohort_id=cohort_id, needs_countersignature=needs_countersignature,
        from_date=from_date or clock.now().date(), until_date=until_date,
    )  # fmt: skip
    session.add(appointment)
    session.flush()
    audit.record(session, step.event, appointment, by=by, subject=person.id)
    return appointment


def end_appointment(session: Session, appointment: Appointment, *, on: date, by: Actor) -> None:
    """End an appointment after a day. Raises Refusal for one's own, and for a centre's last admin."""
    admins = session.scalar(
        select(func.count()).where(
            Appointment.centre_id == appointment.centre_id, Appointment.role == Role.ADMIN, current_on(clock.now().date())
        )
    )
    last = appointment.role == Role.ADMIN and (admins or 0) <= 1
    step = rules.end_appointment(person=appointment.person_id, by=by.person_id, is_last_admin=last)
    appointment.until_date = max(on, appointment.from_date)
    audit.record(session, step.event, appointment, by=by, subject=appointment.person_id)


def close_account(session: Session, person: Person, *, by: Actor) -> None:
    """Close an account: nobody can sign in to it, and every session ends at once."""
    require(person.id != by.person_id, "You cannot close your own account.", "Ask another admin of your centre.")
    person.disabled_at = clock.now()
    end_sessions(session, person.id)
    audit.record(session, Event.PERSON_DISABLED, person, by=by, subject=person.id)


def set_password(session: Session, person: Person, hashed: str, *, by: Actor) -> None:
    """Store a password's hash (made before the transaction began) and end every session."""
    person.password_hash = hashed
    end_sessions(session, person.id)
    audit.record(session, Event.PERSON_CHANGED, person, by=by, subject=person.id)


def change_details(session: Session, person: Person, *, by: Actor, name: str, known_as: str) -> None:
    """Change the names of an account. Records already issued keep theirs."""
    person.name, person.known_as = name.strip(), known_as.strip()
    audit.record(session, Event.PERSON_CHANGED, person, by=by, subject=person.id)


def change_email(session: Session, person: Person, email: str, *, by: Actor) -> None:
    """Change the address, and tell the old one."""
    address = queries.canonical_email(email)
    if address == person.email:
        return
    require(queries.by_email(session, address) is None, "This email address cannot be used.", "Use another address.")
    outbox.queue(session, person.id, Letter.EMAIL_CHANGED, key=f"email-changed:{person.id}:{clock.now().isoformat()}")
    session.flush()
    person.email = address
    audit.record(session, Event.PERSON_CHANGED, person, by=by, subject=person.id)


def begin_session(session: Session, person: Person, *, own_device: bool, rehashed: str | None = None) -> str:
    """Sign a person in on one device. Returns the random id that the browser keeps."""
    token, now = new_token(), clock.now()
    if rehashed:
        person.password_hash = rehashed
    session.add(
        SignIn(id_hash=hash_token(token), person_id=person.id, own_device=own_device, began_at=now, last_seen_at=now)
    )
    return token


def end_sessions(session: Session, person_id: UUID, *, only: str | None = None, but: str | None = None) -> None:
    """End a person's sessions: all, only one, or all but one (by hash)."""
    statement = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    if only is not None:
        statement = statement.where(SignIn.id_hash == only)
    if but is not None:
        statement = statement.where(SignIn.id_hash != but)
    session.execute(statement.values(ended_at=clock.now()))


def use_link(session: Session, token: str, *purposes: str) -> Person | None:
    """Use up a one-time link. Returns its person, or None when it is used, late or unknown."""
    link = queries.live_link(session, token, *purposes)
    if link is None:
        return None
    link.used_at = clock.now()
    person = session.get(Person, link.person_id)
    return person if person is not None and person.disabled_at is None else None


def needs_rehash(person: Person) -> bool:
    """Whether the stored hash was made with older settings."""
    return person.password_hash is not None and passwords.hasher.check_needs_rehash(person.password_hash)
