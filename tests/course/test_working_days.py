"""Every clock of the product counts working days, by the bank holidays of the centre's nation."""

from datetime import date

import pytest

from course.working_days import (
    BANK_HOLIDAYS_OF,
    ENGLAND,
    NORTHERN_IRELAND,
    SCOTLAND,
    after,
    day_of_rest,
    is_working_day,
)


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
    assert after(handed_in, 10) == by


def test_weekends_and_bank_holidays_are_no_working_days():
    assert not is_working_day(date(2026, 11, 22))
    assert not is_working_day(date(2026, 12, 28))
    assert is_working_day(date(2026, 11, 24))


def test_every_bank_holiday_in_the_table_falls_on_a_weekday():
    assert all(day.weekday() < 5 for days in BANK_HOLIDAYS_OF.values() for day in days)


def test_no_working_days_later_is_the_day_itself():
    assert after(date(2026, 11, 22), 0) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2027, 1, 4), {SCOTLAND}),  # 2 January was a Saturday
        (date(2027, 3, 17), {NORTHERN_IRELAND}),  # St Patrick
        (date(2027, 3, 29), {ENGLAND, NORTHERN_IRELAND}),  # Easter Monday
        (date(2027, 8, 2), {SCOTLAND}),
        (date(2027, 8, 30), {ENGLAND, NORTHERN_IRELAND}),
        (date(2027, 11, 30), {SCOTLAND}),  # St Andrew
        (date(2027, 12, 28), {ENGLAND, SCOTLAND, NORTHERN_IRELAND}),
    ],
)
def test_each_nation_keeps_its_own_bank_holidays(day, closed):
    assert {nation for nation in BANK_HOLIDAYS_OF if not is_working_day(day, nation)} == closed


def test_two_weeks_from_one_day_end_on_different_days_in_different_nations():
    assert after(date(2026, 11, 25), 5, ENGLAND) == date(2026, 12, 2)
    assert after(date(2026, 11, 25), 5, SCOTLAND) == date(2026, 12, 3)


def test_a_day_of_rest_is_named():
    assert day_of_rest(date(2026, 12, 25)) == "a bank holiday in England or Wales"
    assert day_of_rest(date(2026, 11, 30), SCOTLAND) == "a bank holiday in Scotland"
    assert day_of_rest(date(2026, 11, 29)) == "a Sunday"
    assert day_of_rest(date(2026, 11, 30)) == ""
