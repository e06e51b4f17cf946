"""Everything that changes a person, an appointment, a session or a one-time link."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from course import audit, clock, outbox, sealing
from course.access import Role
from course.audit import Actor, Event
from course.db import new_id
from course.outbox import Letter
from course.people import accounts, conflicts, passwords, queries, rules
from course.people.accounts import current_on, hash_token, new_token
from course.people.models import Appointment, Centre, ConflictEnd, ConflictOfInterest, OneTimeLink, Person, SignIn
from course.refusal import require
from course.sealing import Purpose


def open_centre(
    session: Session, name: str, *, time_zone: str = "Europe/London", nation: str = "england-and-wales", by: Actor
) -> Centre:
    """Open a centre. Raises Refusal when the name is taken."""
    taken = queries.centre_named(session, name) is not None
    require(not taken, "There is already a centre with this name.", "Choose another name.")
    rules.keep_calendar(time_zone, nation)
    centre = Centre(name=name, time_zone=time_zone, nation=nation, opened_at=clock.now())
    session.add(centre)
    session.flush()
    audit.record(session, Event.CENTRE_OPENED, centre, by=by)
    return centre


def change_calendar(session: Session, centre: Centre, *, time_zone: str, nation: str, by: Actor) -> None:
    """Change where a centre is and whose bank holidays it keeps, for every date worked out from now on."""
    rules.keep_calendar(time_zone, nation)
    if (centre.time_zone, centre.nation) == (time_zone, nation):
        return
    centre.time_zone, centre.nation = time_zone, nation
    audit.record(session, Event.CENTRE_CHANGED, centre, by=by)


def create_person(session: Session, *, name: str, known_as: str, email: str, by: Actor) -> Person:
    """Make an account without a password. Raises Refusal when the address is taken."""
    address = queries.canonical_email(email)
    taken = queries.by_email(session, address) is not None
    require(not taken, "Somebody with this email address is here already.", "Find them under People.")
    person = Person(name=name.strip(), known_as=known_as.strip() or name.strip(), email=address, created_at=clock.now())
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
    begins = from_date or clock.now().date()
    step = rules.appoint(
        person=person.id, by=by.person_id, is_learner_role=role is Role.LEARNER,
        is_closed=person.disabled_at is not None, from_date=begins, until_date=until_date,
        looks_from_outside=role is Role.EQA,
        is_from_within=accounts.is_on_the_other_side(session, person.id, role, centre.id),
    )  # fmt: skip
    appointment = Appointment(
        person_id=person.id, role=role, centre_id=centre.id, qualification=qualification or None, unit=unit or None,
        cohort_id=cohort_id, needs_countersignature=needs_countersignature,
        from_date=begins, until_date=until_date,
    )  # fmt: skip
    session.add(appointment)
    session.flush()
    audit.record(session, step.event, appointment, by=by, subject=person.id)
    return appointment


def end_appointment(session: Session, appointment: Appointment, *, on: date, by: Actor) -> None:
    """End an appointment after its last day; a day that is past ends it at once, or tonight if it began today.

    What was done under it stays inside its days, so it never ends before yesterday. Raises Refusal for one's own, for
    one that is over or ends earlier already, and for a centre's last admin.
    """
    today = clock.now().date()
    is_admin = appointment.role == Role.ADMIN
    step = rules.end_appointment(
        person=appointment.person_id, by=by.person_id,
        is_over=(appointment.until_date or today) < today, is_later=on > (appointment.until_date or date.max),
        is_last_admin=is_admin and not _has_other_admin(session, appointment.centre_id, appointment.person_id),
    )  # fmt: skip
    appointment.until_date = max(on, today - timedelta(days=1), appointment.from_date)
    audit.record(session, step.event, appointment, by=by, subject=appointment.person_id)


def _has_other_admin(session: Session, centre_id: UUID, person_id: UUID) -> bool:
    """Whether somebody else who can sign in is admin of the whole centre today, without an end in sight."""
    other = (
        select(Appointment.id)
        .join(Person, Person.id == Appointment.person_id)
        .where(
            Appointment.centre_id == centre_id, Appointment.role == Role.ADMIN, Appointment.person_id != person_id,
            Appointment.qualification.is_(None), Appointment.cohort_id.is_(None), Appointment.until_date.is_(None),
            current_on(clock.now().date()), Person.disabled_at.is_(None),
        )
        .limit(1)
        .with_for_update(of=Appointment)
    )  # fmt: skip
    return session.scalar(other) is not None


def close_account(session: Session, person: Person, *, by: Actor) -> None:
    """Close an account: nobody can sign in to it, and every session ends at once. Raises Refusal."""
    centres = session.scalars(
        select(Appointment.centre_id).where(
            Appointment.person_id == person.id, Appointment.role == Role.ADMIN, current_on(clock.now().date())
        )
    )
    step = rules.close_account(
        person=person.id, by=by.person_id,
        is_last_admin=any(not _has_other_admin(session, centre_id, person.id) for centre_id in set(centres)),
    )  # fmt: skip
    person.disabled_at = clock.now()
    end_sessions(session, person.id)
    void_links(session, person.id)
    audit.record(session, step.event, person, by=by, subject=person.id)


def set_password(session: Session, person: Person, hashed: str, *, by: Actor) -> None:
    """Store a password's hash (made before the transaction began), end every session and every link under way."""
    person.password_hash = hashed
    end_sessions(session, person.id)
    void_links(session, person.id)
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
    void_links(session, person.id)  # they are on their way to the old address
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
    now = clock.now()
    person_id = session.scalar(
        update(OneTimeLink)  # one statement, so that of two who press at once only one gets in
        .where(
            OneTimeLink.token_hash == hash_token(token), OneTimeLink.purpose.in_(purposes),
            OneTimeLink.used_at.is_(None), OneTimeLink.expires_at >= now,
        )
        .values(used_at=now)
        .returning(OneTimeLink.person_id)
    )  # fmt: skip
    person = session.get(Person, person_id) if person_id else None
    return person if person is not None and person.disabled_at is None else None


def void_links(session: Session, person_id: UUID) -> None:
    """Use up every link that a person has been sent."""
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.person_id == person_id, OneTimeLink.used_at.is_(None))
        .values(used_at=clock.now())
    )


def needs_rehash(person: Person) -> bool:
    """Whether the stored hash was made with older settings."""
    return person.password_hash is not None and passwords.hasher.check_needs_rehash(person.password_hash)


def declare_conflict(
    session: Session, *, centre_id: UUID, person_id: UUID, other_id: UUID, kind: str, detail: str, is_admin: bool,
    by: Actor,
) -> ConflictOfInterest:  # fmt: skip
    """Declare a conflict of interest; the kind is in ink, what was written about it is sealed. Raises Refusal."""
    step = rules.declare_conflict(
        person=person_id, other=other_id, by=by.person_id, is_admin=is_admin,
        is_declared=other_id in conflicts.kept_apart_from(session, person_id),
    )  # fmt: skip
    assert by.appointment_id is not None
    box = None
    if detail.strip():
        key = sealing.ensure_key(session, person_id, Purpose.CONFLICT)
        box = sealing.seal(session, key, "conflict.detail", detail.strip())
        session.flush()
    row = ConflictOfInterest(
        id=new_id(), centre_id=centre_id, person_id=person_id, other_id=other_id, kind=kind,
        detail_id=box.id if box else None, declared_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=person_id)
    return row


def end_conflict(session: Session, conflict: ConflictOfInterest, *, is_over: bool, by: Actor) -> ConflictEnd:
    """Note that a conflict of interest is over. Raises Refusal."""
    step = rules.end_conflict(people=(conflict.person_id, conflict.other_id), by=by.person_id, is_over=is_over)
    assert by.appointment_id is not None
    row = ConflictEnd(
        id=new_id(), conflict_id=conflict.id, ended_by=by.person_id, appointment_id=by.appointment_id, at=clock.now()
    )
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=conflict.person_id)
    return row
