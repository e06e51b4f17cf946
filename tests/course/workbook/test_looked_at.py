"""A learner finds what is open about their work from home, and from the answer that it is about."""

from __future__ import annotations

from typing import Any

import pytest

from course.access import Role
from course.cases import conduct as conduct_queries
from course.cases.models import CaseKind, Outcome
from course.cases.operations import appeals, conduct
from course.cases.queries import appeal
from course.independence import Standing
from course.workbook import queries as work
from tests.assessors.changes.conftest import change_policy, put
from tests.support.appealed import Disputed
from tests.support.appealed import disputed as dispute
from tests.support.house import HouseClient, sign_in
from tests.support.marked import actor, food_cohort
from tests.support.story import Story, learner_actor


@pytest.fixture
def disputed(story: Story) -> Disputed:
    put(story, change_policy(story, return_="at-once"))
    return dispute(story, food_cohort(story))


@pytest.fixture
def phone(app: Any, disputed: Disputed) -> HouseClient:
    return sign_in(app, disputed.learner.id)


def home(phone: HouseClient) -> str:
    return str(phone.get("/learn").get_data(as_text=True))


def test_home_leads_to_an_open_appeal_and_to_one_that_may_go_on(
    story: Story, disputed: Disputed, phone: HouseClient
) -> None:
    assert "Being looked at" not in home(phone)
    appeal_id = disputed.appeal()
    assert f'href="/learn/appeals/{appeal_id}"' in home(phone)
    assert "You should hear by" in home(phone)
    disputed.decide(appeal_id, story.staff(Role.ASSESSOR, "Tom Reeve"), Role.ASSESSOR)
    assert f'href="/learn/appeals/{appeal_id}"' in home(phone)
    assert "You can take it further until" in home(phone)
    disputed.go_on(appeal_id)
    disputed.decide(appeal_id, story.staff(Role.IQA, "Ruth Adeyemi"), Role.IQA, Outcome.UPHELD)
    assert "Being looked at" not in home(phone)


def test_home_leads_to_a_case(story: Story, disputed: Disputed, phone: HouseClient) -> None:
    with story.writing() as session:
        enrolment = work.enrolment_of(session, disputed.learner.id, disputed.enrolment.id)
        case_id = conduct.open_case(
            session, conduct_queries.About(enrolment), Standing(), CaseKind.MALPRACTICE, "Two are alike.",
            "We ask how it was written.", by=actor(story, disputed.assessor, Role.ASSESSOR),
        ).id  # fmt: skip
    assert f'href="/learn/cases/{case_id}"' in home(phone)
    held = phone.get(f"/learn/answers/{disputed.answer.id}/appeal").get_data(as_text=True)
    assert 'href="/learn/appeals"' in held


def test_the_link_of_an_answer_leads_to_its_appeal_until_that_has_ended(
    story: Story, disputed: Disputed, phone: HouseClient
) -> None:
    address = f"/learn/answers/{disputed.answer.id}/appeal"
    appeal_id = disputed.appeal()
    assert phone.get(address).headers["Location"] == f"/learn/appeals/{appeal_id}"
    disputed.decide(appeal_id, story.staff(Role.ASSESSOR, "Tom Reeve"), Role.ASSESSOR)
    assert phone.get(address).headers["Location"] == f"/learn/appeals/{appeal_id}"
    with story.writing() as session:
        appeals.withdraw(session, appeal(session, appeal_id), by=learner_actor(disputed.learner))
    again = phone.get(address).get_data(as_text=True)
    assert "Make my appeal" in again
    assert f'href="/learn/appeals/{appeal_id}"' in again


def test_what_is_open_about_another_is_nowhere(story: Story, app: Any, disputed: Disputed) -> None:
    appeal_id = disputed.appeal()
    other, _ = story.learner("Gethin Rees", cohort=disputed.cohort)
    client = sign_in(app, other.id)
    assert str(appeal_id) not in home(client)
    assert client.get(f"/learn/answers/{disputed.answer.id}/appeal").status_code == 404
