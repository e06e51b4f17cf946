"""How fast work comes back: working days from hand-in to return, and their middle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median
from uuid import UUID

from course import working_days
from course.working_days import between

WINDOW = timedelta(days=28)
"""The time that the report looks back over."""


WEEKS = 13
"""Weeks that the picture of turnaround shows, this one included."""


def middle(turns: Iterable[tuple[datetime, datetime]], zone: str, nation: str = working_days.ENGLAND) -> float | None:
    """The median of the working days from hand-in to return, counted at the centre; None without any."""
    days = [
        between(working_days.day_of(handed_in, zone), working_days.day_of(back, zone), nation)
        for handed_in, back in turns
    ]
    return float(median(days)) if days else None


def days_in_words(days: float | None) -> str:
    """Working days as people say them."""
    if days is None:
        return "none returned"
    if days < 1:
        return "same day"
    whole = f"{days:g}"
    return f"{whole} working day" if days == 1 else f"{whole} working days"


# -- week by week ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Week:
    """What came back in one week, by how many working days it had taken, and how much of it was in time."""

    monday: date
    days: Counter[int]
    in_time: int

    @property
    def answers(self) -> int:
        """How many answers came back."""
        return self.days.total()

    @property
    def middle(self) -> int | None:
        """Working days in which half came back."""
        return within(self.days, 0.5)

    @property
    def nine_of_ten(self) -> int | None:
        """Working days in which nine of ten came back."""
        return within(self.days, 0.9)


@dataclass(frozen=True)
class Turned:
    """How many answers of a cohort were handed in on one day and first came back on another."""

    cohort: UUID
    handed_in: date
    back: date
    answers: int


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def first_monday(today: date) -> date:
    """Where the picture begins."""
    return monday_of(today) - timedelta(weeks=WEEKS - 1)


def by_week(
    turns: Iterable[Turned], promised: Mapping[UUID, int], today: date, nation: str = working_days.ENGLAND
) -> list[Week]:
    """Every week up to this one. `promised`: by cohort, the working days in which its learners should hear."""
    days: dict[date, Counter[int]] = {
        first_monday(today) + timedelta(weeks=number): Counter() for number in range(WEEKS)
    }
    in_time: Counter[date] = Counter()
    for one in turns:
        monday, took = monday_of(one.back), between(one.handed_in, one.back, nation)
        if monday in days:
            days[monday][took] += one.answers
            in_time[monday] += one.answers if took <= promised[one.cohort] else 0
    return [Week(monday, found, in_time[monday]) for monday, found in days.items()]


def within(days: Mapping[int, int], share: float) -> int | None:
    """The fewest working days in which this share of the answers came back; None without any."""
    wanted = ceil(sum(days.values()) * share)
    so_far = 0
    for took in sorted(days):
        so_far += days[took]
        if so_far >= wanted:
            return took
    return None
