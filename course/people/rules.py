"""Who may change whose account and appointments."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from course.audit import Event
from course.refusal import Step, require

LINK_LASTS = {"invitation": timedelta(days=7), "reset": timedelta(hours=1), "sign-in": timedelta(minutes=15)}
SIGN_IN_TRIES, SIGN_IN_WINDOW = 6, timedelta(minutes=15)
NETWORK_TRIES = 60


def appoint(*, person: UUID, by: UUID) -> Step:
    """Nobody makes their own appointments."""
    require(person != by, "You cannot appoint yourself.", "Ask another admin of your centre.")
    return Step(Event.APPOINTMENT_MADE)


def end_appointment(*, person: UUID, by: UUID, is_last_admin: bool) -> Step:
    """Nobody ends their own appointments, and a centre keeps an admin."""
    require(person != by, "You cannot end your own appointment.", "Ask another admin of your centre.")
    require(not is_last_admin, "A centre needs at least one admin.", "Appoint another admin first.")
    return Step(Event.APPOINTMENT_ENDED)
