"""The clock by which an answer is to be marked, in working days of the calendar that every slice shares."""

from __future__ import annotations

from datetime import date

from course.working_days import BANK_HOLIDAYS, is_working_day
from course.working_days import after as working_days_after

__all__ = ["BANK_HOLIDAYS", "TURNAROUND", "due_on", "is_working_day", "working_days_after"]

TURNAROUND = 10
"""Working days from hand-in to return."""


def due_on(handed_in: date, turnaround: int = TURNAROUND) -> date:
    """The day by which an answer handed in on a day is to be marked."""
    return working_days_after(handed_in, turnaround)
