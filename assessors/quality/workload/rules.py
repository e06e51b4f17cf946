"""How fast work comes back: working days from hand-in to return, and their middle."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median

from course import working_days
from course.working_days import between

WINDOW = timedelta(days=28)
"""The time that the report looks back over."""


def middle(turns: Iterable[tuple[datetime, datetime]], zone: str) -> float | None:
    """The median of the working days from hand-in to return, counted at the centre; None without any."""
    days = [between(working_days.day_of(handed_in, zone), working_days.day_of(back, zone)) for handed_in, back in turns]
    return float(median(days)) if days else None


def days_in_words(days: float | None) -> str:
    """Working days as people say them."""
    if days is None:
        return "none returned"
    if days < 1:
        return "same day"
    whole = f"{days:g}"
    return f"{whole} working day" if days == 1 else f"{whole} working days"
