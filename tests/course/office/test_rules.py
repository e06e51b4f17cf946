"""Facts about what the office may do, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from course.office import rules, spreadsheets
from course.office.rules import Standing
from course.refusal import Refusal

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_that_could_be_a_formula_is_text(start: str) -> None:
    assert rules.safe_cell(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


def test_other_cells_stay_as_they_are() -> None:
    assert [rules.safe_cell(value) for value in ("Sam", "O'Neill", "", None, 7)] == ["Sam", "O'Neill", "", "", "7"]


def test_a_spreadsheet_says_that_it_is_utf8_and_comes_line_by_line() -> None:
    lines = list(spreadsheets.lines(["Name"], [["=1+1"], ["Sam, “the” one"]]))
    assert lines == ["\ufeff", "Name\r\n", "'=1+1\r\n", '"Sam, “the” one"\r\n']


@pytest.mark.parametrize(
    ("quiet", "finished", "with_assessor", "worth"),
    [(13, False, False, False), (14, False, False, True), (60, True, False, False), (60, False, True, False)],
)
def test_a_call_helps_when_it_is_the_learners_turn(
    quiet: int, finished: bool, with_assessor: bool, worth: bool
) -> None:
    standing = Standing(TODAY - timedelta(days=quiet), is_finished=finished, is_with_assessor=with_assessor)
    assert rules.is_worth_a_call(standing, TODAY) is worth


def test_the_clock_for_registering_counts_working_days() -> None:
    assert rules.days_to_register(TODAY, TODAY) == 10
    assert rules.days_to_register(TODAY - timedelta(days=7), TODAY) == 5
    assert rules.days_to_register(TODAY - timedelta(days=21), TODAY) == -5


def test_an_account_that_another_centre_needs_stays_open() -> None:
    with pytest.raises(Refusal, match="another centre"):
        rules.close_account(is_elsewhere=True, is_closed=False)
    with pytest.raises(Refusal, match="already"):
        rules.close_account(is_elsewhere=False, is_closed=True)


def test_only_somebody_who_has_not_come_in_is_invited_again() -> None:
    with pytest.raises(Refusal, match="come in"):
        rules.invite_again(has_password=True, is_closed=False)
    with pytest.raises(Refusal, match="closed"):
        rules.invite_again(has_password=False, is_closed=True)
