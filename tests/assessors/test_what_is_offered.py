"""A button that independence would refuse is not offered: its place says why; posted all the same, it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from course import clock
from course.access import Role
from course.audit import AuditEvent
from course.people import operations as people
from course.people.models import Person
from tests.assessors.changes.conftest import WASH, change_policy, put
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, Achieved, achieved_unit, actor, food_cohort, judge
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
APART = "A conflict of interest is declared between you and the learner"
CASE = {"kind": "malpractice", "noted": "Two are alike.", "told": "We ask how it was written."}


def declare(story: Story, person: Person, other: Person, role: Role) -> None:
    """Two people are kept apart from now on."""
    by = actor(story, person, role)
    with story.writing() as session:
        people.declare_conflict(
            session, centre_id=story.centre().id, person_id=person.id, other_id=other.id, kind="mentor", detail="",
            is_admin=False, by=by,
        )  # fmt: skip


def entries(story: Story) -> int:
    with story.reading() as session:
        return session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def is_refused(story: Story, client: HouseClient, address: str, data: dict[str, str], why: str = APART) -> None:
    """Posted all the same: 409 with the reason, and nothing is written."""
    before = entries(story)
    refused = client.post(address, data=data)
    assert refused.status_code == 409, refused.get_data(as_text=True)
    assert why in refused.get_data(as_text=True)
    assert entries(story) == before


@pytest.fixture
def done(story: Story) -> Achieved:
    """An achieved unit that waits for a batch."""
    return achieved_unit(story)


@pytest.fixture
def ruth(story: Story) -> Person:
    """A lead assurer."""
    return story.staff(Role.LEAD_IQA, "Ruth Adeyemi")


@pytest.mark.parametrize("tied_to", ["learner", "assessor"])
def test_a_batch_leaves_out_the_units_from_which_one_is_kept_apart(
    story: Story, done: Achieved, ruth: Person, client_for: SignIn, tied_to: str
) -> None:
    declare(story, ruth, getattr(done, tied_to), Role.LEAD_IQA)
    client, address = client_for(ruth), f"/quality/cohorts/{done.cohort.id}/batches"
    page = client.get(address).get_data(as_text=True)
    assert "1 is not here: a conflict of interest is declared" in page
    assert "Make a batch of these" not in page
    why = APART if tied_to == "learner" else "between you and somebody who judged this"
    is_refused(story, client, address, {"units": f"{done.enrolment.id}/{FOOD_UNIT}"}, why)
    tom = client_for(done.iqa).get(address).get_data(as_text=True)
    assert "is not here" not in tom
    assert "Make a batch of these" in tom


def test_a_batch_with_such_a_unit_in_it_is_released_by_somebody_else(
    story: Story, done: Achieved, ruth: Person, client_for: SignIn
) -> None:
    made = client_for(done.iqa).post(
        f"/quality/cohorts/{done.cohort.id}/batches", data={"units": f"{done.enrolment.id}/{FOOD_UNIT}"}
    )
    declare(story, ruth, done.learner, Role.LEAD_IQA)
    client, address = client_for(ruth), made.headers["Location"]
    page = client.get(address).get_data(as_text=True)
    assert f"{APART}, so you cannot check its quality. Ask Tom Hughes." in page
    is_refused(story, client, f"{address}/release", {"rationale": "All of it."})


def test_who_taught_is_offered_no_sample_no_batch_and_no_second_judgement(
    story: Story, done: Achieved, ruth: Person, client_for: SignIn
) -> None:
    story.appoint(ruth, Role.TUTOR, cohort_id=done.cohort.id, until_date=clock.now().date())
    client, why = client_for(ruth), "You taught this cohort, so you cannot check its quality. Ask Tom Hughes."
    for path, button in (
        ("", "Open a sample by hand"), ("/samples", "Open this sample"), ("/batches", "Make a batch of these"),
        ("/second-marking", "Draw and ask"),
    ):  # fmt: skip
        page = client.get(f"/quality/cohorts/{done.cohort.id}{path}").get_data(as_text=True)
        assert why in page, path
        assert f">{button}<" not in page, path
    answer = f"/quality/answers/{done.answers[0].id}/second-marking"
    assert why in client.get(answer).get_data(as_text=True)
    assert "Ask for a second judgement</button>" not in client.get(answer).get_data(as_text=True)


def test_a_case_is_opened_and_an_adjustment_agreed_by_a_colleague(
    story: Story, done: Achieved, ruth: Person, client_for: SignIn
) -> None:
    declare(story, ruth, done.learner, Role.LEAD_IQA)
    client, case = client_for(ruth), f"/quality/answers/{done.answers[0].id}/case"
    page = client.get(case).get_data(as_text=True)
    assert f"{APART}, so you do not open a case about it. Tell a colleague what you saw." in page
    assert "Open the case" not in page
    is_refused(story, client, case, CASE)
    address = f"/adjustments/learners/{done.enrolment.id}"
    page = client.get(address).get_data(as_text=True)
    assert f"{APART}, so you do not settle this." in page
    assert "Note it" not in page
    today = clock.now().date().isoformat()
    wanted = {"kind": "consideration", "what": "The alarm rang.", "agreed_with": "Ffion", "seen": "nothing",
              "from_on": today, "units": FOOD_UNIT}  # fmt: skip
    is_refused(story, client, address, wanted)


def test_the_desk_and_the_countersignature_say_why(story: Story, client_for: SignIn) -> None:
    put(story, change_policy(story, return_="at-once"))
    nia = story.staff(Role.ASSESSOR, "Nia Rowe", needs_countersignature=True)
    joan, (ann, enrolment) = (
        story.staff(Role.ASSESSOR, "Joan Price"),
        story.learner("Ann Ash", cohort=food_cohort(story)),
    )
    answer = story.hand_in(enrolment, WASH, unit=FOOD_UNIT)
    judge(story, answer, nia, returned=False)
    client, address = client_for(joan), f"/marking/answers/{answer.id}"
    assert "Countersign these decisions" in client.get(address).get_data(as_text=True)
    declare(story, joan, ann, Role.ASSESSOR)
    page = client.get(address).get_data(as_text=True)
    assert f"{APART}, so you do not decide on it. Leave it for another assessor." in page
    assert "Countersign these decisions" not in page
    page = client.get(f"{address}/countersignature").get_data(as_text=True)
    assert f"{APART}, so you do not countersign it." in page
    assert "I agree with every decision" not in page
    is_refused(story, client, f"{address}/countersignature", {"finding": "agree"})


def test_dates_are_given_by_somebody_without_a_tie(story: Story, ruth: Person, client_for: SignIn) -> None:
    put(story, change_policy(story, return_="at-once"))
    joan, (ann, enrolment) = (
        story.staff(Role.ASSESSOR, "Joan Price"),
        story.learner("Ann Ash", cohort=food_cohort(story)),
    )
    judge(story, story.hand_in(enrolment, WASH, unit=FOOD_UNIT), joan, achieved=False)
    client, address = client_for(ruth), f"/quality/attempts/{enrolment.id}/{FOOD_UNIT}/{WASH}"
    assert "Give a later day" in client.get(address).get_data(as_text=True)
    declare(story, ruth, ann, Role.LEAD_IQA)
    page = client.get(address).get_data(as_text=True)
    assert f"{APART}, so you do not decide this." in page
    assert "Give a later day" not in page
    soon = (clock.now().date() + timedelta(days=30)).isoformat()
    is_refused(story, client, f"{address}/extension", {"until": soon, "reason": "In hospital."})
