"""The report of workload and turnaround: true numbers, for those who lead assessors and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessors.quality.workload import queries, rules
from course import clock
from course.access import Role
from tests.support.house import HouseClient
from tests.support.marked import FOOD, held, judge
from tests.support.story import UNIT, Story

SignIn = Callable[[Any], HouseClient]
MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)
QUESTIONS = ("why-goals-are-theirs", "morags-hope")


@pytest.mark.parametrize(("days", "middle"), [([], None), ([0], 0), ([1, 3], 2), ([1, 2, 9], 2), ([5], 4), ([7], 5)])
def test_the_middle_is_counted_in_working_days(days: list[int], middle: float | None) -> None:
    """Handed in on a Monday: five days later is a Saturday, and four working days have begun."""
    turns = [(MONDAY, MONDAY + timedelta(days=count)) for count in days]
    assert rules.middle(turns, "Europe/London") == middle


WORDS = {None: "none returned", 0.0: "same day", 1.0: "1 working day", 2.5: "2.5 working days", 3.0: "3 working days"}


@pytest.mark.parametrize(("days", "words"), WORDS.items())
def test_days_are_said_in_words(days: float | None, words: str) -> None:
    assert rules.days_in_words(days) == words


@pytest.fixture
def worked(story: Story, at: Any) -> tuple[Story, Any, Any]:
    """Joan returned one answer after three working days and holds one; Priya has done nothing; one waits."""
    at(MONDAY)
    joan, priya = story.staff(Role.ASSESSOR, "Joan Price"), story.staff(Role.ASSESSOR, "Priya Shah")
    _, enrolment = story.learner("Sam Okafor")
    first, second = (story.hand_in(enrolment, question) for question in QUESTIONS)
    at(MONDAY + timedelta(days=3))
    judge(story, first, joan)
    judge(story, second, joan, returned=False)
    _, other = story.learner("Dee Morgan")
    story.hand_in(other, QUESTIONS[0])
    return story, joan, priya


def test_the_report_counts_open_decided_and_turnaround(worked: tuple[Story, Any, Any]) -> None:
    story, joan, priya = worked
    lead = story.staff(Role.LEAD_IQA)
    with story.reading() as session:
        found = queries.workload(session, held(story, lead))
    loads = {one.person_id: one for one in found.loads}
    assert found.waiting == 1
    assert loads[joan.id].open == 1
    assert loads[joan.id].oldest == MONDAY
    assert loads[joan.id].decided == 2
    assert loads[joan.id].turnaround == 3
    assert (loads[priya.id].open, loads[priya.id].decided, loads[priya.id].turnaround) == (0, 0, None)


def test_what_is_older_than_28_days_no_longer_counts(worked: tuple[Story, Any, Any], at: Any) -> None:
    story, joan, _ = worked
    at(clock.now() + timedelta(days=29))
    with story.reading() as session:
        found = queries.workload(session, held(story, story.staff(Role.LEAD_IQA)))
    load = next(one for one in found.loads if one.person_id == joan.id)
    assert (load.open, load.decided, load.turnaround) == (1, 0, None)


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_lead_assessors_read_it(story: Story, client_for: SignIn, role: Role) -> None:
    person = story.learner()[0] if role is Role.LEARNER else story.staff(role)
    answer = client_for(person).get("/quality/workload")
    assert answer.status_code == (200 if role in {Role.LEAD_IQA, Role.ADMIN} else 403)


def test_another_centre_and_another_cohort_are_not_in_it(worked: tuple[Story, Any, Any], client_for: SignIn) -> None:
    story, *_ = worked
    stranger = story.staff(Role.LEAD_IQA, centre=story.centre("Another centre"))
    page = client_for(stranger).get("/quality/workload").get_data(as_text=True)
    assert "Joan Price" not in page
    narrow = story.staff(Role.LEAD_IQA, cohort_id=story.cohort("Elsewhere", qualification=FOOD).id)
    with story.reading() as session:
        found = queries.workload(session, held(story, narrow))
    assert found.waiting == 0
    assert all(one.decided == 0 for one in found.loads)


def test_the_page_says_it_in_a_table_and_draws_it(worked: tuple[Story, Any, Any], client_for: SignIn) -> None:
    story, *_ = worked
    page = client_for(story.staff(Role.ADMIN)).get("/quality/workload").get_data(as_text=True)
    assert "3 working days" in page
    assert 'class="bar"' in page
    assert UNIT not in page


def test_the_report_takes_a_constant_number_of_queries(
    worked: tuple[Story, Any, Any], client_for: SignIn, statements: list[str]
) -> None:
    story, *_ = worked
    client = client_for(story.staff(Role.LEAD_IQA))
    client.get("/quality/workload")
    statements.clear()
    client.get("/quality/workload")
    few = len(statements)
    for name in ("Una Vale", "Ivor Rees"):
        _, enrolment = story.learner()
        judge(story, story.hand_in(enrolment, QUESTIONS[0]), story.staff(Role.ASSESSOR, name))
    statements.clear()
    client.get("/quality/workload")
    assert len(statements) == few <= 10
