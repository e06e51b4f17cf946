"""A log adds up its entries, days, time and weeks, for its learner and the assessor, and asks for what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from course.access import Role
from course.catalogue.compiled import LogField
from course.workbook import content as contents
from course.workbook import logs
from course.workbook.content import LogContent
from course.workbook.logs import Totals
from tests.course.workbook.test_content import question
from tests.support.marked import FOOD_UNIT, food_cohort
from tests.support.story import Story

LOG = question(
    "log",
    fields=(
        LogField(name="date", label="Date", kind="date"),
        LogField(name="minutes", label="Minutes", kind="minutes"),
        LogField(name="theme", label="Theme", kind="line"),
    ),
    entries=(2, None),
)
HOURS = question("log", fields=(LogField(name="hours", label="Hours", kind="hours"),))


def log(*entries: tuple[str, str]) -> LogContent:
    return LogContent(entries=tuple({"date": day, "minutes": length, "theme": "Listening"} for day, length in entries))


def test_entries_days_time_and_weeks_are_added_up() -> None:
    found = log(("2026-10-12", "45"), ("2026-10-12", "45"), ("2026-11-23", "60"))
    assert logs.totals(LOG, found) == Totals(entries=3, days=2, minutes=150, weeks=7)
    assert logs.in_words(LOG, found) == "In all: 3 entries on 2 days, 2 hours 30 minutes, over 7 weeks."
    assert contents.as_text(found, LOG).endswith("over 7 weeks.")


def test_nothing_is_said_of_nothing_and_nothing_that_was_not_asked() -> None:
    assert logs.in_words(LOG, LogContent()) == ""
    plain = question("log", fields=(LogField(name="what", label="What", kind="text"),))
    assert logs.in_words(plain, LogContent(entries=({"what": "a"},))) == "In all: 1 entry."


def test_what_cannot_be_read_counts_as_an_entry_only() -> None:
    assert logs.totals(LOG, log(("soon", "long"), ("2026-10-12", "-3"))) == Totals(2, 1, 0, 1)


@pytest.mark.parametrize(
    ("value", "minutes"),
    [("1", 60), ("1.5", 90), ("0,25", 15), ("24", 1440), ("25", None), ("0", None), ("", None), ("1.2.3", None),
     ("1e3", None), ("²", None)],
)  # fmt: skip
def test_hours_are_parts_of_a_day(value: str, minutes: int | None) -> None:
    assert logs.minutes_of(HOURS.fields[0], value) == minutes


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ((("2026-10-12", "45"),), "at least 2 entries"),
        ((("2026-10-12", "45"), ("", "45")), "Entry 2 needs a date in “Date”."),
        ((("2026-13-12", "45"), ("2026-10-12", "45")), "Entry 1 needs a date"),
        ((("2026-10-12", "45"), ("2026-10-13", "an hour")), "Entry 2 needs the number of minutes in “Minutes”."),
    ],
)
def test_what_a_log_lacks_is_said_before_it_is_handed_in(entries: Any, sentence: str) -> None:
    assert sentence in (contents.missing(LOG, log(*entries)) or "")


def test_a_whole_log_can_be_handed_in() -> None:
    assert contents.missing(LOG, log(("2026-10-12", "45"), ("2026-10-13", "45"))) is None


def test_learner_and_assessor_see_what_a_log_comes_to(story: Story, client_for: Any) -> None:
    person, enrolment = story.learner(cohort=food_cohort(story))
    found = log(("2026-10-12", "45"), ("2026-10-20", "50"))
    story.save(enrolment, "shifts-with-an-allergy-sheet", found, unit=FOOD_UNIT)
    page = client_for(person).get(f"/learn/{enrolment.id}/{FOOD_UNIT}/2").get_data(as_text=True)
    total = "In all: 2 entries on 2 days, 1 hour 35 minutes, over 2 weeks."
    assert total in page
    assert "anything about the people you helped" in page
    answer = story.hand_in(enrolment, "shifts-with-an-allergy-sheet", found, unit=FOOD_UNIT)
    assessor = client_for(story.staff(Role.ASSESSOR))
    assert total in assessor.get(f"/marking/answers/{answer.id}").get_data(as_text=True)
