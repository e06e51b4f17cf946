"""Turnaround as a picture: how soon work came back, week by week, against the days in which learners should hear."""

from __future__ import annotations

from collections import Counter
from datetime import date

from assessors.quality.workload import rules
from assessors.quality.workload.queries import Turnaround
from course import pictures
from course.pictures import Picture, Span


def picture(found: Turnaround) -> Picture | None:
    """The weeks drawn; None when nothing came back in them. The promise is drawn where it is one for all."""
    if not any(one.answers for one in found.weeks):
        return None
    limit = found.promised[0] if len(found.promised) == 1 else None
    spans = [Span(short(one.monday), one.middle, one.nine_of_ten) for one in found.weeks]
    key = ("Half came back within", "Nine of ten came back within", f"You should hear within {limit} working days")
    return pictures.spans("Working days from hand-in to the first return", _finding(found), spans, key, limit)


def short(day: date) -> str:
    """A day without its year, such as "7 Sep"."""
    return f"{day.day} {day:%b}"


def _finding(found: Turnaround) -> str:
    days = sum((one.days for one in found.weeks), Counter[int]())
    answers, in_time = days.total(), sum(one.in_time for one in found.weeks)
    half, most = (_in(rules.within(days, share)) for share in (0.5, 0.9))
    came = "1 answer came" if answers == 1 else f"{answers} answers came"
    promised = f"{found.promised[0]} working days" if len(found.promised) == 1 else "the days that its policy says"
    return (
        f"In the last {len(found.weeks)} weeks {came} back, half {half} and nine of ten {most}. "
        f"{in_time} of {answers} came back within {promised}."
    )


def _in(days: int | None) -> str:
    return f"within {rules.days_in_words(days)}" if days else "on the same day"
