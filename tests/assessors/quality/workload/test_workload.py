"""The report of workload and turnaround: true numbers, for those who lead assessors and nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from assessors.quality.workload import queries, rules, showing
from assessors.quality.workload.rules import Turned
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
    assert len(statements) == few <= 13


# -- week by week ------------------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 25)


def test_the_weeks_run_up_to_this_one_and_what_is_older_is_left_out() -> None:
    cohort = uuid4()
    turns = [
        Turned(cohort, date(2026, 11, 16), date(2026, 11, 23), 2),
        Turned(cohort, date(2026, 8, 3), date(2026, 8, 28), 9),
    ]
    weeks = rules.by_week(turns, {cohort: 4}, TODAY)
    assert [weeks[0].monday, weeks[-1].monday] == [date(2026, 8, 31), date(2026, 11, 23)]
    assert len(weeks) == rules.WEEKS
    assert [one.answers for one in weeks] == [0] * 12 + [2]
    assert (weeks[-1].middle, weeks[-1].in_time) == (5, 0)


def test_in_time_is_by_the_promise_of_each_cohort() -> None:
    quick, slow = uuid4(), uuid4()
    turns = [Turned(one, date(2026, 11, 16), date(2026, 11, 23), 3) for one in (quick, slow)]
    assert rules.by_week(turns, {quick: 4, slow: 5}, TODAY)[-1].in_time == 3


WITHIN = [({}, None, None), ({3: 1}, 3, 3), ({1: 5, 2: 4, 9: 1}, 1, 2), ({1: 1, 30: 1}, 1, 30), ({0: 9, 7: 2}, 0, 7)]


@pytest.mark.parametrize(("days", "half", "nine_of_ten"), WITHIN)
def test_within_is_the_fewest_days_that_hold_the_share(
    days: dict[int, int], half: int | None, nine_of_ten: int | None
) -> None:
    assert (rules.within(days, 0.5), rules.within(days, 0.9)) == (half, nine_of_ten)


def test_only_the_first_return_counts_and_the_database_counts_it(worked: tuple[Story, Any, Any]) -> None:
    story, *_ = worked
    with story.reading() as session:
        found = queries.turnaround(session, held(story, story.staff(Role.LEAD_IQA)))
    assert found.promised == (10,)
    assert found.weeks[-1].days == Counter({3: 1})
    assert found.weeks[-1].in_time == 1


def test_the_picture_says_how_soon_against_what_was_promised(worked: tuple[Story, Any, Any]) -> None:
    story, *_ = worked
    with story.reading() as session:
        drawn = showing.picture(queries.turnaround(session, held(story, story.staff(Role.LEAD_IQA))))
    assert drawn is not None
    assert drawn.finding == (
        "In the last 13 weeks 1 answer came back, half within 3 working days and nine of ten within 3 working days. "
        "1 of 1 came back within 10 working days."
    )
    assert [look for look, _ in drawn.key] == ["disc", "ring", "limit"]


def test_of_nothing_there_is_no_picture(story: Story, client_for: SignIn) -> None:
    page = client_for(story.staff(Role.LEAD_IQA)).get("/quality/workload").get_data(as_text=True)
    assert 'role="img"' not in page
