"""By when an answer may be handed in again: no appeal and no case eats the days that a learner has for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from assessors.attempts import operations as attempts
from assessors.attempts import queries as attempts_queries
from course.access import Role
from course.cases import conduct as conduct_queries
from course.cases.models import CaseFinding, CaseKind
from course.cases.operations import conduct
from course.enrolment.policy import Attempts
from course.independence import Standing
from course.workbook import queries as work
from course.workbook.models import LateHandIn
from tests.assessors.changes.conftest import change_policy, put
from tests.support.appealed import Disputed
from tests.support.appealed import disputed as dispute
from tests.support.house import sign_in
from tests.support.marked import FOOD_UNIT, actor, food_cohort, held
from tests.support.story import Story

At = Callable[[datetime], None]
QUESTION = "when-to-wash"


def day(number: int, month: int = 11, hour: int = 10) -> datetime:
    """A moment of autumn 2027; 23 November is a Tuesday."""
    return datetime(2027, month, number, hour, tzinfo=UTC)


@pytest.fixture
def disputed(story: Story, at: At) -> Disputed:
    """An answer that came back as not yet on Tuesday 23 November, to be handed in again within five working days."""
    at(day(23))
    limits = Attempts(limit=3, window=5, further=1, conditions=("own-work",))
    put(story, change_policy(story, return_="at-once", attempts=limits))
    return dispute(story, food_cohort(story))


def learner_reads(app: Any, disputed: Disputed) -> str:
    page = sign_in(app, disputed.learner.id).get(f"/learn/{disputed.enrolment.id}/{FOOD_UNIT}/1")
    return str(page.get_data(as_text=True))


def staff_read(app: Any, disputed: Disputed, lead: Any) -> str:
    page = sign_in(app, lead.id).get(f"/quality/attempts/{disputed.enrolment.id}/{FOOD_UNIT}/{QUESTION}")
    return str(page.get_data(as_text=True))


def test_an_appeal_eats_none_of_the_days(story: Story, app: Any, disputed: Disputed, at: At) -> None:
    nobody_was_part = story.staff(Role.ASSESSOR, "Tom Reeve")
    lead = story.staff(Role.LEAD_IQA, "Ruth Adeyemi")
    assert "Hand it in again by Tuesday 30 November." in learner_reads(app, disputed)
    at(day(25))
    appeal_id = disputed.appeal()
    assert "Hand it in again by" not in learner_reads(app, disputed)
    at(day(1, 12))
    disputed.decide(appeal_id, nobody_was_part, Role.ASSESSOR)
    # Wednesday was one day; Thursday 25 to Wednesday 1 were on hold; four are left.
    assert "Hand it in again by Tuesday 7 December." in learner_reads(app, disputed)
    assert "Tuesday 7 December" in staff_read(app, disputed, lead)
    at(day(7, 12))
    story.hand_in(disputed.enrolment, QUESTION, "Before I touch food, and after the bin.", unit=FOOD_UNIT)
    with story.reading() as session:
        assert session.scalars(select(LateHandIn)).all() == []


def test_two_stages_count_the_days_between_them_only(story: Story, app: Any, disputed: Disputed, at: At) -> None:
    tom, ruth = story.staff(Role.ASSESSOR, "Tom Reeve"), story.staff(Role.LEAD_IQA, "Ruth Adeyemi")
    at(day(24))
    appeal_id = disputed.appeal()
    at(day(26))
    disputed.decide(appeal_id, tom, Role.ASSESSOR)
    at(day(30))
    disputed.go_on(appeal_id)
    at(day(3, 12))
    disputed.decide(appeal_id, ruth, Role.LEAD_IQA)
    # Monday 29 was the learner's own; the four that are left begin on Monday 6 December.
    assert "Hand it in again by Thursday 9 December." in learner_reads(app, disputed)


def test_a_case_about_all_of_a_learners_work_stops_the_clock_too(
    story: Story, app: Any, disputed: Disputed, at: At
) -> None:
    lead = story.staff(Role.LEAD_IQA, "Ruth Adeyemi")
    at(day(24))
    with story.writing() as session:
        about = conduct_queries.About(work_enrolment(session, disputed))
        made = conduct.open_case(
            session, about, Standing(), CaseKind.MALPRACTICE, "Two are alike.", "We ask how it was written.",
            by=actor(story, disputed.assessor, Role.ASSESSOR),
        )  # fmt: skip
        case_id = made.id
    at(day(29))
    with story.writing() as session:
        found = conduct_queries.case(session, case_id, lock=True)
        by = actor(story, lead, Role.LEAD_IQA)
        conduct.close(session, found, Standing(), CaseFinding.NOTHING, "A handout.", "Nothing was found.", by=by)
    # Wednesday 24 to Monday 29 were on hold: all five are left.
    assert "Hand it in again by Monday 6 December." in learner_reads(app, disputed)


def test_a_later_day_that_was_given_moves_by_what_was_held_since(
    story: Story, app: Any, disputed: Disputed, at: At
) -> None:
    lead, tom = story.staff(Role.LEAD_IQA, "Ruth Adeyemi"), story.staff(Role.ASSESSOR, "Tom Reeve")
    at(day(24))
    with story.writing() as session:
        enrolment_id = disputed.enrolment.id
        found = attempts_queries.attempts_of(session, enrolment_id, FOOD_UNIT, QUESTION, held(story, lead))
        attempts.extend(session, found, date(2027, 12, 3), "Ill.", by=actor(story, lead, Role.LEAD_IQA))
    assert "Hand it in again by Friday 3 December." in learner_reads(app, disputed)
    at(day(29))
    appeal_id = disputed.appeal()
    at(day(1, 12))
    disputed.decide(appeal_id, tom, Role.ASSESSOR)
    assert "Hand it in again by Wednesday 8 December." in learner_reads(app, disputed)


def test_an_appeal_after_the_day_brings_it_not_back(story: Story, app: Any, disputed: Disputed, at: At) -> None:
    at(day(1, 12))
    disputed.decide(disputed.appeal(), story.staff(Role.ASSESSOR, "Tom Reeve"), Role.ASSESSOR)
    at(day(2, 12))
    assert "30 November" in learner_reads(app, disputed)


def test_past_appeals_cost_the_unit_page_one_query_however_many(
    story: Story, app: Any, disputed: Disputed, at: At, statements: list[str]
) -> None:
    lead, tom = story.staff(Role.LEAD_IQA, "Ruth Adeyemi"), story.staff(Role.ASSESSOR, "Tom Reeve")
    client = sign_in(app, disputed.learner.id)
    costs = []
    appeal_id = disputed.appeal()
    for step in ((tom, Role.ASSESSOR), (lead, Role.LEAD_IQA)):
        disputed.decide(appeal_id, *step)
        for _ in range(2):
            statements.clear()
            client.get(f"/learn/{disputed.enrolment.id}/{FOOD_UNIT}/1")
        costs.append(len(statements))
        if step[0] is tom:
            disputed.go_on(appeal_id)
    assert costs == [4, 4]


def work_enrolment(session: Any, disputed: Disputed) -> Any:
    return work.enrolment_of(session, disputed.learner.id, disputed.enrolment.id)
