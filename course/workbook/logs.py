"""What the entries of a log come to: how many, on how many days, how long, over how many weeks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from course.catalogue.compiled import LogField, Question
from course.pages import minutes_in_words

MOST_MINUTES = 24 * 60
"""Of one entry: a day."""
LENGTHS = {"minutes": 1, "hours": 60}
"""The kinds of field that say how long something took, in minutes."""


class Entries(Protocol):
    """Anything with entries, each a value for every field's name."""

    @property
    def entries(self) -> tuple[dict[str, str], ...]:
        """In the learner's order."""


@dataclass(frozen=True)
class Totals:
    """Of all entries; nought where the log does not ask."""

    entries: int
    days: int
    minutes: int
    weeks: int
    """From the first day to the last, both counted."""


def day_of(value: str) -> date | None:
    """A day as the browser sends it; None when it is none."""
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        return None


def minutes_of(field: LogField, value: str) -> int | None:
    """How long, in minutes; None when it is no length of a part of a day."""
    text = value.strip().replace(",", ".")
    if not text.isascii() or not text.replace(".", "", 1).isdecimal() or len(text) > 7:
        return None
    minutes = round(float(text) * LENGTHS[field.kind])
    return minutes if 1 <= minutes <= MOST_MINUTES else None


def totals(question: Question, log: Entries) -> Totals:
    """Add up what can be read; an entry that is not finished yet counts as an entry."""
    days = {day for entry in log.entries for day in _days(question, entry)}
    minutes = sum(length for entry in log.entries for length in _lengths(question, entry))
    weeks = (max(days) - min(days)).days // 7 + 1 if days else 0
    return Totals(len(log.entries), len(days), minutes, weeks)


def _days(question: Question, entry: Mapping[str, str]) -> Iterable[date]:
    found = (day_of(entry.get(field.name, "")) for field in question.fields if field.kind == "date")
    return (day for day in found if day is not None)


def _lengths(question: Question, entry: Mapping[str, str]) -> Iterable[int]:
    found = (minutes_of(field, entry.get(field.name, "")) for field in question.fields if field.kind in LENGTHS)
    return (length for length in found if length is not None)


def in_words(question: Question, log: Entries) -> str:
    """The totals as a line, such as "In all: 6 entries on 5 days, 4 hours 30 minutes, over 7 weeks."; "" for none."""
    found = totals(question, log)
    if not found.entries:
        return ""
    parts = [
        _count(found.entries, "entry", "entries") + (f" on {_count(found.days, 'day', 'days')}" if found.days else "")
    ]
    parts += [minutes_in_words(found.minutes)] if found.minutes else []
    parts += [f"over {_count(found.weeks, 'week', 'weeks')}"] if found.weeks else []
    return f"In all: {', '.join(parts)}."


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def incomplete(question: Question, log: Entries) -> str | None:
    """The first thing that an entry lacks before it can be handed in, as a sentence."""
    for number, entry in enumerate(log.entries, start=1):
        for field in question.fields:
            value = entry.get(field.name, "")
            if field.kind == "date" and day_of(value) is None:
                return f"Entry {number} needs a date in “{field.label}”."
            if field.kind in LENGTHS and minutes_of(field, value) is None:
                return f"Entry {number} needs the number of {field.kind} in “{field.label}”."
    return None
