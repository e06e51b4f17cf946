"""Who may change whose account and appointments."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

from course.audit import Event
from course.refusal import Step, require

EMAIL_ADDRESS = re.compile(
    r"\s*[^@\s\x00-\x1f<>,;:\"()\\]+@[^@\s\x00-\x1f<>,;:\"()\\]+\.[^@\s\x00-\x1f<>,;:\"()\\]+\s*"
)
"""An address that a letter can be sent to: one @, nothing that a mail header gives a meaning to."""
LINK_LASTS = {"invitation": timedelta(days=7), "reset": timedelta(hours=1), "sign-in": timedelta(minutes=15)}
SIGN_IN_TRIES, SIGN_IN_WINDOW = 6, timedelta(minutes=15)
ADDRESS_TRIES = 20
"""From all networks together: enough that nobody far away locks a person out with a handful of tries."""
NETWORK_TRIES = 60
CURRENT_TRIES = 10


def appoint(
    *, person: UUID, by: UUID, is_learner_role: bool, is_closed: bool, from_date: date, until_date: date | None
) -> Step:
    """Nobody makes their own appointments; a learner is enrolled, not appointed."""
    require(person != by, "You cannot appoint yourself.", "Ask another admin of your centre.")
    require(not is_learner_role, "A learner is enrolled, not appointed.", "Enrol them in a cohort.")
    require(not is_closed, "This account is closed.", "Invite the person with another address.")
    require(until_date is None or until_date >= from_date, "The last day is before the first.", "Change one of them.")
    return Step(Event.APPOINTMENT_MADE)


def end_appointment(*, person: UUID, by: UUID, is_over: bool, is_last_admin: bool) -> Step:
    """Nobody ends their own appointments, and a centre keeps an admin."""
    require(person != by, "You cannot end your own appointment.", "Ask another admin of your centre.")
    require(not is_over, "This appointment is over already.", "There is nothing more to do.")
    require(not is_last_admin, "A centre needs at least one admin.", "Appoint another admin first.")
    return Step(Event.APPOINTMENT_ENDED)


def close_account(*, person: UUID, by: UUID, is_last_admin: bool) -> Step:
    """Nobody closes their own account, and a centre keeps an admin."""
    require(person != by, "You cannot close your own account.", "Ask another admin of your centre.")
    require(not is_last_admin, "A centre needs at least one admin.", "Appoint another admin first.")
    return Step(Event.PERSON_DISABLED)


def declare_conflict(*, person: UUID, other: UUID, by: UUID, is_admin: bool, is_declared: bool) -> Step:
    """Declare a tie to somebody: one's own, or as an admin anybody's at the centre. Raises Refusal."""
    require(person == by or is_admin, "You declare only your own conflicts of interest.", "Tell an admin about others.")
    require(person != other, "A conflict of interest is with somebody else.", "Choose another person.")
    require(not is_declared, "This is declared already.", "There is nothing more to do.")
    return Step(Event.CONFLICT_DECLARED)


def end_conflict(*, people: tuple[UUID, UUID], by: UUID, is_over: bool) -> Step:
    """Note that a tie is over. An admin says so, never one of the two. Raises Refusal."""
    require(by not in people, "This is your own, so you cannot end it.", "Ask another admin of your centre.")
    require(not is_over, "This is over already.", "There is nothing more to do.")
    return Step(Event.CONFLICT_ENDED)
