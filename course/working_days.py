"""Working days, Monday to Friday, in a centre's own zone; bank holidays count too, since nations differ in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = "Europe/London"


def day_of(moment: datetime, zone: str = LONDON) -> date:
    """The calendar day of a moment, where the centre is."""
    return moment.astimezone(ZoneInfo(zone)).date()


def between(first: date, last: date) -> int:
    """How many working days have begun after `first`, up to and with `last`; 0 when `last` is not later."""
    days = (last - first).days
    if days <= 0:
        return 0
    weeks, rest = divmod(days, 7)
    over = sum((first + timedelta(days=weeks * 7 + ahead)).weekday() < 5 for ahead in range(1, rest + 1))
    return weeks * 5 + over


def after(first: date, days: int) -> date:
    """The day on which so many working days have passed since `first`."""
    day = first
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day
