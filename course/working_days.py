"""Working days, England's unless another nation is named: the one calendar of every clock of the product."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = "Europe/London"

ENGLAND, SCOTLAND, NORTHERN_IRELAND = "england-and-wales", "scotland", "northern-ireland"

# https://www.gov.uk/bank-holidays, as set by the Banking and Financial Dealings Act 1971 (and, for 30 November, the
# St Andrew's Day Bank Holiday (Scotland) Act 2007), written down on 24 and 25 November 2026. A day missing here makes
# a date one day too early, never too late.
BANK_HOLIDAYS = frozenset(
    {
        date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25),
        date(2026, 8, 31), date(2026, 12, 25), date(2026, 12, 28),
        date(2027, 1, 1), date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3), date(2027, 5, 31),
        date(2027, 8, 30), date(2027, 12, 27), date(2027, 12, 28),
        date(2028, 1, 3), date(2028, 4, 14), date(2028, 4, 17), date(2028, 5, 1), date(2028, 5, 29),
        date(2028, 8, 28), date(2028, 12, 25), date(2028, 12, 26),
    }
)  # fmt: skip
_EASTER_MONDAYS = {date(2026, 4, 6), date(2027, 3, 29), date(2028, 4, 17)}
_LATE_AUGUST = {date(2026, 8, 31), date(2027, 8, 30), date(2028, 8, 28)}
_IN_SCOTLAND = {
    date(2026, 1, 2), date(2026, 8, 3), date(2026, 11, 30),
    date(2027, 1, 4), date(2027, 8, 2), date(2027, 11, 30),
    date(2028, 1, 4), date(2028, 8, 7), date(2028, 11, 30),
}  # fmt: skip
_IN_NORTHERN_IRELAND = {
    date(2026, 3, 17), date(2026, 7, 13), date(2027, 3, 17), date(2027, 7, 12), date(2028, 3, 17), date(2028, 7, 12),
}  # fmt: skip
NATIONS = {ENGLAND: "England or Wales", SCOTLAND: "Scotland", NORTHERN_IRELAND: "Northern Ireland"}
BANK_HOLIDAYS_OF = {
    ENGLAND: BANK_HOLIDAYS,
    SCOTLAND: (BANK_HOLIDAYS - _EASTER_MONDAYS - _LATE_AUGUST) | _IN_SCOTLAND,
    NORTHERN_IRELAND: BANK_HOLIDAYS | _IN_NORTHERN_IRELAND,
}


def day_of(moment: datetime, zone: str = LONDON) -> date:
    """The calendar day of a moment, where the centre is."""
    return moment.astimezone(ZoneInfo(zone)).date()


def is_working_day(day: date, nation: str = ENGLAND) -> bool:
    """Whether centres work on this day: no weekend, no bank holiday."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS_OF[nation]


def day_of_rest(day: date, nation: str = ENGLAND) -> str:
    """What keeps centres from working on a day, such as "a Sunday"; empty for a working day."""
    if day in BANK_HOLIDAYS_OF[nation]:
        return f"a bank holiday in {NATIONS[nation]}"
    return "" if day.weekday() < 5 else f"a {day:%A}"


def between(first: date, last: date, nation: str = ENGLAND) -> int:
    """How many working days have begun after `first`, up to and with `last`; 0 when `last` is not later."""
    days = (last - first).days
    if days <= 0:
        return 0
    weeks, rest = divmod(days, 7)
    over = sum((first + timedelta(days=weeks * 7 + ahead)).weekday() < 5 for ahead in range(1, rest + 1))
    return weeks * 5 + over - sum(first < holiday <= last for holiday in BANK_HOLIDAYS_OF[nation])


def after(day: date, count: int, nation: str = ENGLAND, *, without: Collection[tuple[date, date]] = ()) -> date:
    """The day that is this many working days after another; the day itself does not count.

    `without`: first and last days of times whose days do not count.
    """
    while count > 0:
        day += timedelta(days=1)
        stands_still = any(first <= day <= last for first, last in without)
        count -= is_working_day(day, nation) and not stands_still
    return day


def next_holidays(day: date, nation: str = ENGLAND, *, count: int) -> list[date]:
    """The next bank holidays from a day on, as far as they are known."""
    return sorted(holiday for holiday in BANK_HOLIDAYS_OF[nation] if holiday >= day)[:count]
