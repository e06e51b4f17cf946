"""Outcomes month by month: true numbers, for the cohorts that one looks after and no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from course import clock
from course.access import Role
from course.enrolment import operations as enrolments
from course.office import outcomes
from course.office.outcomes import Month
from tests.course.office.conftest import Office
from tests.support.house import HouseClient
from tests.support.marked import actor, judge
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
QUESTIONS = ("why-goals-are-theirs", "morags-hope")
OCTOBER, NOVEMBER = (datetime(2026, month, 10, 10, tzinfo=UTC) for month in (10, 11))


def test_the_months_run_up_to_this_one_across_a_new_year() -> None:
    assert outcomes.months_to(date(2027, 2, 28), 4) == [
        date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1),
    ]  # fmt: skip


def test_days_are_gathered_into_their_months() -> None:
    first, last = date(2026, 10, 1), date(2026, 10, 31)
    found = outcomes.by_month({(first, False): 3, (last, False): 4, (last, True): 2}, {first: 1}, [first])
    assert found == [Month(first, achieved=7, not_yet=2, left=1)]


def test_nothing_is_drawn_of_nothing() -> None:
    months = outcomes.by_month({}, {}, outcomes.months_to(date(2026, 11, 25)))
    assert outcomes.picture_of_answers(months) is None
    assert outcomes.picture_of_leaving(months) is None


def test_the_picture_says_its_numbers_in_a_sentence() -> None:
    months = [Month(date(2026, 10, 1), 3, 1, 0), Month(date(2026, 11, 1), 2, 0, 1)]
    answers, leaving = outcomes.picture_of_answers(months), outcomes.picture_of_leaving(months)
    assert answers is not None
    assert leaving is not None
    assert answers.finding == "In these 2 months 6 answers came back: 5 achieved and 1 not yet."
    assert leaving.finding == "In these 2 months 1 learner left."


@pytest.fixture
def happened(office: Office, at: Any) -> Office:
    """One answer came back achieved in October; in November one came back not yet, and its learner left."""
    story = office.story
    joan = story.staff(Role.ASSESSOR, "Joan Price")
    at(OCTOBER)
    _, enrolment = story.learner("Sam Okafor", cohort=office.cohort)
    judge(story, story.hand_in(enrolment, QUESTIONS[0]), joan)
    at(NOVEMBER)
    judge(story, story.hand_in(enrolment, QUESTIONS[1]), joan, achieved=False)
    with story.writing() as session:
        enrolments.withdraw(session, session.merge(enrolment), by=actor(story, office.admin, Role.ADMIN))
    return office


def test_answers_and_leaving_are_counted_in_their_month(happened: Office) -> None:
    with happened.story.reading() as session:
        months = outcomes.outcomes(session, [happened.cohort.id], clock.now().date())
    assert months[-2:] == [Month(date(2026, 10, 1), 1, 0, 0), Month(date(2026, 11, 1), 0, 1, 1)]
    assert all(not one.answers and not one.left for one in months[:-2])


def test_the_page_draws_them_and_says_the_same_numbers(happened: Office) -> None:
    page = happened.client.get("/office/outcomes").text
    assert page.count('role="img"') == 2
    assert "2 answers came back: 1 achieved and 1 not yet." in page
    assert "<caption" in page


def test_a_page_without_outcomes_says_so(office: Office) -> None:
    page = office.client.get("/office/outcomes").text
    assert "No answer came back in these months." in page
    assert "Nobody left in these months." in page
    assert 'role="img"' not in page


def test_one_cohort_may_be_chosen_and_another_centres_does_not_exist(happened: Office, story: Story) -> None:
    elsewhere = story.cohort("Elsewhere", centre=story.centre("Another centre"))
    beside = story.cohort("Beside")
    assert "No answer came back" in happened.client.get(f"/office/outcomes?cohort={beside.id}").text
    assert "2 answers came back" in happened.client.get(f"/office/outcomes?cohort={happened.cohort.id}").text
    assert happened.client.get(f"/office/outcomes?cohort={elsewhere.id}").status_code == 404


def test_a_tutor_sees_their_own_cohorts_only(happened: Office, story: Story, client_for: SignIn) -> None:
    tutor = story.staff(Role.TUTOR, cohort_id=story.cohort("Beside").id)
    assert "No answer came back" in client_for(tutor).get("/office/outcomes").get_data(as_text=True)


def test_it_takes_a_constant_number_of_queries(happened: Office, statements: list[str]) -> None:
    happened.client.get("/office/outcomes")
    statements.clear()
    happened.client.get("/office/outcomes")
    few = len(statements)
    joan = happened.story.staff(Role.ASSESSOR, "Una Vale")
    for number in range(3):
        cohort = happened.story.cohort(f"Cohort {number}")
        judge(happened.story, happened.story.hand_in(happened.story.learner(cohort=cohort)[1], QUESTIONS[0]), joan)
    statements.clear()
    happened.client.get("/office/outcomes")
    assert len(statements) == few <= 8
