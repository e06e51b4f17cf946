"""The clock of marking counts working days in England."""

from datetime import date

import pytest

from assessors.marking.working_days import BANK_HOLIDAYS, due_on, is_working_day, working_days_after


@pytest.mark.parametrize(
    ("handed_in", "by"),
    [
        (date(2026, 11, 23), date(2026, 12, 7)),  # a Monday: two weeks
        (date(2026, 11, 21), date(2026, 12, 4)),  # a Saturday begins to count on Monday
        (date(2026, 12, 18), date(2027, 1, 6)),  # Christmas, Boxing Day's substitute and New Year do not count
        (date(2027, 3, 24), date(2027, 4, 9)),  # Good Friday and Easter Monday
    ],
)
def test_an_answer_is_to_be_marked_within_ten_working_days(handed_in, by):
    assert due_on(handed_in) == by


def test_weekends_and_bank_holidays_are_no_working_days():
    assert not is_working_day(date(2026, 11, 22))
    assert not is_working_day(date(2026, 12, 28))
    assert is_working_day(date(2026, 11, 24))


def test_every_bank_holiday_in_the_table_falls_on_a_weekday():
    assert all(day.weekday() < 5 for day in BANK_HOLIDAYS)


def test_no_working_days_later_is_the_day_itself():
    assert working_days_after(date(2026, 11, 22), 0) == date(2026, 11, 22)
