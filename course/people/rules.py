"""Who may change whose account and appointments."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import available_timezones

from course.audit import Event
from course.refusal import Step, require
from course.working_days import BANK_HOLIDAYS_OF

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
LONGEST_VISIT = timedelta(days=92)
"""A quarter of a year: long enough for remote sampling, short enough that nobody keeps a key for the next time."""
FROM_WITHIN = "This person works or studies at this centre, so they cannot check it from outside."


def keep_calendar(time_zone: str, nation: str) -> None:
    """A centre stands in a time zone that there is, and keeps the bank holidays of a nation that is known here."""
    require(time_zone in available_timezones(), "There is no such time zone.", "Write it as in Europe/London.")
    require(nation in BANK_HOLIDAYS_OF, "The bank holidays of this nation are not known here.", "Choose another.")


def appoint(
    *, person: UUID, by: UUID, is_learner_role: bool, is_closed: bool, from_date: date, until_date: date | None,
    looks_from_outside: bool = False, is_from_within: bool = False,
) -> Step:  # fmt: skip
    """Nobody makes their own appointments; a learner is enrolled, not appointed; who checks a centre is no part of it.

    `looks_from_outside`: the role is that of an external quality assurer. `is_from_within`: the person works or studies
    at the centre, or, where the role is another, checks it from outside now.
    """
    require(not (looks_from_outside and is_from_within), FROM_WITHIN, "Use the address of somebody who does not.")
    require(person != by, "You cannot appoint yourself.", "Ask another admin of your centre.")
    require(not is_learner_role, "A learner is enrolled, not appointed.", "Enrol them in a cohort.")
    require(not is_closed, "This account is closed.", "Invite the person with another address.")
    require(until_date is None or until_date >= from_date, "The last day is before the first.", "Change one of them.")
    if looks_from_outside:
        _let_in_for_some_days(from_date=from_date, until_date=until_date)
    require(
        not is_from_within,
        "This person checks the centre from outside now, so they cannot work here.",
        "End that appointment first. Nobody checks what they have a part in.",
    )
    return Step(Event.APPOINTMENT_MADE)


def _let_in_for_some_days(*, from_date: date, until_date: date | None) -> None:
    """An external quality assurer is let in until a day (domain.md 9.20)."""
    require(
        until_date,
        "An external quality assurer needs a last day.",
        "Enter the day after which they can see nothing any more.",
    )
    assert until_date is not None  # required above
    require(
        until_date - from_date <= LONGEST_VISIT,
        "An external quality assurer is let in for three months at most.",
        "Choose an earlier last day. They can be let in again later.",
    )


def end_appointment(*, person: UUID, by: UUID, is_over: bool, is_later: bool, is_last_admin: bool) -> Step:
    """Nobody ends their own appointments, and a centre keeps an admin. An end only ever comes earlier."""
    require(person != by, "You cannot end your own appointment.", "Ask another admin of your centre.")
    require(not is_over, "This appointment is over already.", "There is nothing more to do.")
    require(not is_later, "It ends before that day already.", "Make a new appointment for the days after it.")
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
