"""Who is signed in: one query from the browser's session id to the person, their appointments and enrolments."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, g, request
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import Connection, and_, bindparam, exists, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from course import clock, db
from course.access import READING, HeldAppointment, Role
from course.enrolment.models import Enrolment
from course.people.models import Appointment, Centre, Person, SignIn
from course.turn import TurnTimeout
from course.working_days import LONDON

log = logging.getLogger("alongside.people")
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Limits:
    """How long a sign-in lasts: without use, and in all."""

    idle: timedelta
    absolute: timedelta


LEARNER_SHARED = Limits(timedelta(minutes=60), timedelta(hours=12))
LEARNER_OWN = Limits(timedelta(hours=12), timedelta(days=30))
STAFF = Limits(timedelta(minutes=30), timedelta(hours=10))
"""Staff see other people's words, so an unattended staff screen closes soonest."""


@dataclass(eq=False)
class Account(UserMixin):  # type: ignore[misc]
    """The signed-in person, as views and access rules see them."""

    person_id: UUID
    name: str
    known_as: str
    theme: str | None
    is_learner: bool
    session_hash: str
    token: str
    own_device: bool
    began_at: datetime
    last_seen_at: datetime
    chosen_id: UUID | None
    appointments: list[HeldAppointment] = field(default_factory=list)
    learner_zone: str = LONDON
    """The time zone of the centre where they learn."""

    def get_id(self) -> str:
        """Flask-Login keeps this in the browser: a random session id, never the person's."""
        return self.token

    @property
    def chosen(self) -> HeldAppointment | None:
        """The appointment chosen in the header, or the first; None for somebody who is only a learner."""
        found = next((held for held in self.appointments if held.id == self.chosen_id), None)
        return found or (self.appointments[0] if self.appointments else None)

    def appointments_here(self) -> list[HeldAppointment]:
        """Current appointments at the centre where the person acts now, the chosen one first."""
        chosen = self.chosen
        if chosen is None:
            return []
        here = [held for held in self.appointments if held.centre_id == chosen.centre_id]
        return sorted(here, key=lambda held: held.id != chosen.id)

    @property
    def limits(self) -> Limits:
        """How long this sign-in lasts."""
        if self.appointments:
            return STAFF
        return LEARNER_OWN if self.own_device else LEARNER_SHARED


def hash_token(token: str) -> str:
    """What the database keeps of a random id that a browser or a letter holds."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Make a random id of 256 bits."""
    return secrets.token_urlsafe(32)


def init_app(app: Flask) -> None:
    """Teach Flask-Login to find the account."""
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)  # error pages must not look anybody up
    manager.session_protection = None  # the id is looked up on the server; phones change address all day
    manager.user_loader(load)
    app.extensions["ask_to_sign_in"] = _ask_to_sign_in


def _ask_to_sign_in() -> Any:
    from course.people import carried  # carried imports accounts

    return carried.ask_to_sign_in()


def load(token: str) -> Account | None:
    """Find the live session behind a browser's id, with the person and their current appointments, in one query."""
    if request.method in READING:
        account = _load(db.session().connection(), token)
    else:
        # Not in the view's own transaction: the turn to write is taken when the operation begins.
        with db.database().reading.connect() as connection:
            account = _load(connection, token)
    if account is None or not _alive(account, clock.now()):
        return None
    _note_seen(account, clock.now())
    return account


def current_on(day: Any) -> Any:
    """The condition that an appointment is current on a day."""
    return and_(Appointment.from_date <= day, not_over(day))


def not_over(day: Any) -> Any:
    """The condition that an appointment's last day has not passed.

    An external quality assurer without a last day was appointed before one was asked for, and has none left: what was
    meant to close by itself must not stay open because nobody thought of it.
    """
    endless = and_(Appointment.until_date.is_(None), Appointment.role != Role.EQA)
    return or_(endless, Appointment.until_date >= day)


def is_on_the_other_side(session: Session, person_id: UUID, role: Role, centre_id: UUID) -> bool:
    """Whether somebody has a part in the centre that this role checks, or checks the one in which it has a part."""
    is_outside = role is Role.EQA
    other_side = Appointment.role != Role.EQA if is_outside else Appointment.role == Role.EQA
    works = exists().where(
        Appointment.person_id == person_id, Appointment.centre_id == centre_id, other_side, not_over(clock.now().date())
    )
    studies = exists().where(Enrolment.person_id == person_id, Enrolment.centre_id == centre_id)
    return bool(session.scalar(select(or_(works, studies) if is_outside else works)))


SIGN_IN, PERSON, APPOINTMENT, CENTRE = SignIn.__table__, Person.__table__, Appointment.__table__, Centre.__table__
ENROLMENT, _WHERE = Enrolment.__table__, Centre.__table__.alias("where_they_learn")
_ACCOUNT = (
    select(
        SIGN_IN, PERSON.c.name, PERSON.c.known_as, PERSON.c.theme,
        # Where they learn, or learned last: leavers too, since their records are theirs. None for no learner.
        select(_WHERE.c.time_zone).join(ENROLMENT, ENROLMENT.c.centre_id == _WHERE.c.id)
        .where(ENROLMENT.c.person_id == SIGN_IN.c.person_id).order_by(ENROLMENT.c.id.desc()).limit(1)
        .scalar_subquery().label("learner_zone"),
        APPOINTMENT.c.id.label("held_id"), APPOINTMENT.c.role, APPOINTMENT.c.centre_id, APPOINTMENT.c.qualification,
        APPOINTMENT.c.unit, APPOINTMENT.c.cohort_id, APPOINTMENT.c.needs_countersignature,
        CENTRE.c.name.label("centre_name"), CENTRE.c.time_zone, CENTRE.c.nation,
    )
    .join(PERSON, PERSON.c.id == SIGN_IN.c.person_id)
    .outerjoin(APPOINTMENT, and_(APPOINTMENT.c.person_id == PERSON.c.id, current_on(bindparam("today"))))
    .outerjoin(CENTRE, CENTRE.c.id == APPOINTMENT.c.centre_id)
    .where(SIGN_IN.c.id_hash == bindparam("id_hash"), SIGN_IN.c.ended_at.is_(None), PERSON.c.disabled_at.is_(None))
    .order_by(APPOINTMENT.c.id)
)  # fmt: skip


def _load(connection: Connection, token: str) -> Account | None:
    rows = connection.execute(_ACCOUNT, {"id_hash": hash_token(token), "today": clock.now().date()}).all()
    if not rows:
        return None
    first = rows[0]
    held = [
        HeldAppointment(
            row.held_id, Role(row.role), row.centre_id, row.centre_name, row.qualification, row.unit, row.cohort_id,
            row.needs_countersignature, row.time_zone, row.nation,
        )
        for row in rows
        if row.held_id
    ]  # fmt: skip
    return Account(
        first.person_id, first.name, first.known_as, first.theme, first.learner_zone is not None, first.id_hash, token,
        first.own_device, first.began_at, first.last_seen_at, first.appointment_id, held, first.learner_zone or LONDON,
    )  # fmt: skip


def _alive(account: Account, at: datetime) -> bool:
    return at - account.last_seen_at < account.limits.idle and at - account.began_at < account.limits.absolute


def _note_seen(account: Account, at: datetime) -> None:
    """Remember, at most every five minutes, that the session is in use."""
    if at - account.last_seen_at < SEEN_EVERY or "seen_noted" in g:
        return
    g.seen_noted = True
    try:
        with db.database().transaction() as session:
            session.execute(update(SignIn).where(SignIn.id_hash == account.session_hash).values(last_seen_at=at))
    except (TurnTimeout, DBAPIError, PoolTimeout, OSError):
        log.warning("last seen not noted")  # somebody who only reads must not be stopped by this


def me() -> Account:
    """The signed-in account, typed."""
    found: Account = current_user._get_current_object()
    return found
