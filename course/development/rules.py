"""Who notes what about the qualifications and development of staff."""

from __future__ import annotations

from datetime import date

from course.audit import Event
from course.refusal import Step, require

LONGEST_MINUTES = 6000
"""A hundred hours: a whole course in one entry, and no slip of the keys."""


def note_qualification(*, is_staff: bool, awarded_on: date | None, today: date) -> Step:
    """Note a qualification that a member of staff holds or works towards."""
    _staff(is_staff)
    require(
        awarded_on is None or awarded_on <= today,
        "This day has not come yet.",
        "Leave the day empty while they work towards it.",
    )
    return Step(Event.STAFF_QUALIFICATION_NOTED)


def note_development(*, is_staff: bool, done_on: date, minutes: int, today: date) -> Step:
    """Note a piece of professional development that was done."""
    _staff(is_staff)
    require(done_on <= today, "This day has not come yet.", "Note it when it is done.")
    require(0 < minutes <= LONGEST_MINUTES, "Give between a minute and 100 hours.")
    return Step(Event.DEVELOPMENT_NOTED)


def withdraw() -> Step:
    """Take back an entry that was wrong; it stays in the trail."""
    return Step(Event.DEVELOPMENT_WITHDRAWN)


def _staff(is_staff: bool) -> None:
    require(is_staff, "This person is not appointed here.", "Appoint them first.")
