"""Dates, late answers, further goes and panels as they happen: ink, audit entry, queue and the learner's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from course import audit, clock
from course.access import Role
from course.audit import AuditEvent
from course.enrolment.policy import Attempts
from course.outbox import Message
from course.people.models import Centre
from course.refusal import Refusal
from course.workbook import projections
from course.workbook import queries as work
from course.workbook.models import Extension, FurtherAttempt, LateAcceptance, LateHandIn, PanelOutcome, Referral
from tests.assessors.changes.conftest import WASH, change_policy, put
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, food_cohort, judge
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
At = Callable[[datetime], None]
START = datetime(2027, 11, 23, 10, tzinfo=UTC)
LIMITS = Attempts(limit=2, window=5, further=1, conditions=("own-work",))


@pytest.fixture
def joan(story: Story) -> Any:
    return story.staff(Role.ASSESSOR, "Joan Price")


@pytest.fixture
def lead(story: Story) -> Any:
    return story.staff(Role.LEAD_IQA, "Ruth Adeyemi")


@pytest.fixture
def ann(story: Story, at: At, joan: Any) -> Any:
    """Ann, whose first answer came back on a Tuesday as not yet; she has five working days."""
    at(START)
    put(story, change_policy(story, return_="at-once", attempts=LIMITS, turnaround=3))
    learner, enrolment = story.learner("Ann Ash", cohort=food_cohort(story))
    judge(story, story.hand_in(enrolment, WASH, unit=FOOD_UNIT), joan, achieved=False)
    return learner, enrolment


def address(enrolment: Any, step: str = "") -> str:
    return f"/quality/attempts/{enrolment.id}/{FOOD_UNIT}/{WASH}" + (f"/{step}" if step else "")


def last_event(story: Story) -> str:
    with story.reading() as session:
        assert list(audit.verify(session)) == []
        return str(session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(1)))


def test_the_learner_is_told_the_day_in_the_working_days_of_the_centres_nation(
    story: Story, ann: Any, client_for: SignIn
) -> None:
    learner, enrolment = ann
    page = f"/learn/{enrolment.id}/{FOOD_UNIT}/1"
    assert "Hand it in again by Tuesday 30 November." in client_for(learner).get(page).get_data(as_text=True)
    with story.writing() as session:
        session.get_one(Centre, enrolment.centre_id).nation = "scotland"
    assert "Hand it in again by Wednesday 1 December." in client_for(learner).get(page).get_data(as_text=True)


def test_a_later_day_given_in_time_is_not_an_attempt(
    story: Story, ann: Any, lead: Any, client_for: SignIn, at: At
) -> None:
    learner, enrolment = ann
    client = client_for(lead)
    assert "To be handed in again" in client.get("/quality/attempts").get_data(as_text=True)
    assert client.post(address(enrolment, "extension"), data={"until": "soon", "reason": ""}).status_code == 422
    sent = client.post(address(enrolment, "extension"), data={"until": "2027-12-07", "reason": "In hospital."})
    assert sent.status_code == 303
    assert last_event(story) == "date.extended"
    page = client_for(learner).get(f"/learn/{enrolment.id}/{FOOD_UNIT}/1").get_data(as_text=True)
    assert "Hand it in again by Tuesday 7 December." in page
    assert "You were given longer." in page
    home = client_for(learner).get("/learn").get_data(as_text=True)
    assert "You were given longer for" in home
    assert "hand it in again by Tuesday 7 December." in home
    assert "In hospital" not in home
    assert "You have one go left." in page
    assert "In hospital" not in page
    assert "gave time until 7 December 2027" in client.get(address(enrolment)).get_data(as_text=True)
    at(datetime(2027, 12, 4, 10, tzinfo=UTC))
    story.hand_in(enrolment, WASH, "Better.", unit=FOOD_UNIT)
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(LateHandIn)) == 0
        assert session.scalar(select(func.count()).select_from(Extension)) == 1


def test_a_mistyped_day_is_put_right_on_the_day_it_was_given(
    story: Story, ann: Any, lead: Any, client_for: SignIn, at: At
) -> None:
    learner, enrolment = ann
    client, to = client_for(lead), address(enrolment, "extension")
    for until, wrong in (
        ("2027-11-30", "Give a day after the present one."), ("2036-01-01", "Give a day within a year."),
        ("", "Give the day."),
    ):  # fmt: skip
        sent = client.post(to, data={"until": until, "reason": "In hospital."})
        page = sent.get_data(as_text=True)
        assert (sent.status_code, wrong in page, "In hospital." in page, f'value="{until}"' in page) == (
            422, True, True, bool(until) or 'value=""' in page,
        )  # fmt: skip
    assert client.post(to, data={"until": "2028-10-07", "reason": "In hospital."}).status_code == 303
    at(START + timedelta(minutes=5))
    assert client.post(to, data={"until": "2027-12-28", "reason": "I mistyped the year."}).status_code == 303
    assert last_event(story) == "date.extended"
    assert "is a bank holiday in England or Wales" in client.get(address(enrolment)).get_data(as_text=True)
    page = client_for(learner).get(f"/learn/{enrolment.id}/{FOOD_UNIT}/1").get_data(as_text=True)
    assert "Hand it in again by Tuesday 28 December." in page
    at(START + timedelta(days=1))
    too_late = client_for(lead).post(to, data={"until": "2027-12-07", "reason": "Sooner."})
    assert too_late.status_code == 422
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Extension)) == 2


def test_a_late_answer_is_never_lost_it_waits_for_a_person(
    story: Story, ann: Any, joan: Any, lead: Any, client_for: SignIn, at: At
) -> None:
    learner, enrolment = ann
    at(START + timedelta(days=9))
    page = client_for(learner).get(f"/learn/{enrolment.id}/{FOOD_UNIT}/1").get_data(as_text=True)
    assert "You can still hand it in." in page
    client = client_for(lead)
    refused = client.post(address(enrolment, "extension"), data={"until": "2027-12-20", "reason": "Too late."})
    assert refused.status_code == 409
    answer = story.hand_in(enrolment, WASH, "Better, and late.", unit=FOOD_UNIT)
    with story.reading() as session:
        assert session.get_one(LateHandIn, answer.id).due_on.isoformat() == "2027-11-30"
        assert projections.differences(session) == []
        assert list(audit.verify(session)) == []
    desk = client_for(joan)
    assert "Late: an internal quality assurer lets it in first" in desk.get("/marking").get_data(as_text=True)
    assert desk.post(f"/marking/answers/{answer.id}/lease").status_code == 409
    assert desk.post("/marking/next").location.endswith("/marking"), "nothing else waits"
    assert "Late answers that wait for you" in client.get("/quality/attempts").get_data(as_text=True)
    assert client.post(address(enrolment, "late"), data={"reason": ""}).status_code == 422
    assert client.post(address(enrolment, "late"), data={"reason": "Lost the bus fare."}).status_code == 303
    assert last_event(story) == "late-answer.accepted"
    assert client.post(address(enrolment, "late"), data={"reason": "Again."}).status_code == 409
    judge(story, answer, joan)
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(LateAcceptance)) == 1
        assert work.answer_facts(session, answer.id).returned["1.1"].is_achieved


@pytest.fixture
def used_up(story: Story, ann: Any, joan: Any) -> Any:
    """Ann has handed in twice, and both came back as not yet."""
    _, enrolment = ann
    judge(story, story.hand_in(enrolment, WASH, "Again.", unit=FOOD_UNIT), joan, achieved=False)
    return enrolment


def test_one_more_go_is_allowed_on_the_policys_conditions_then_only_a_panel_can(
    story: Story, used_up: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    client = client_for(lead)
    with pytest.raises(Refusal, match="used every go"):
        story.hand_in(used_up, WASH, "Third.", unit=FOOD_UNIT)
    wrong = client.post(address(used_up, "further"), data={"reason": "Very close."})
    assert wrong.status_code == 422
    assert "Confirm every condition of the policy." in wrong.get_data(as_text=True)
    assert "Very close." in wrong.get_data(as_text=True)
    data = {"confirmed": ["own-work"], "reason": "Very close."}
    assert client.post(address(used_up, "further"), data=data).status_code == 303
    assert last_event(story) == "attempt.authorised"
    judge(story, story.hand_in(used_up, WASH, "Third.", unit=FOOD_UNIT), joan, achieved=False)
    assert client.post(address(used_up, "further"), data=data).status_code == 409
    assert client.post(address(used_up, "referral"), data={"reason": "Three goes."}).status_code == 303
    assert last_event(story) == "question.referred"
    assert "Before a panel" in client.get("/quality/attempts").get_data(as_text=True)
    with story.reading() as session:
        assert session.scalars(select(FurtherAttempt)).one().confirmed == "own-work"


def seen_by(client_for: SignIn, learner: Any, enrolment: Any) -> list[str]:
    """Home, the question's place, and everything about the question, as its learner sees them."""
    at = (
        "/learn", f"/learn/{enrolment.id}/{FOOD_UNIT}/1", f"/learn/{enrolment.id}/{FOOD_UNIT}/questions/{WASH}",
    )  # fmt: skip
    return [client_for(learner).get(address).get_data(as_text=True) for address in at]


def test_what_is_decided_about_goes_stands_where_the_learner_looks(
    story: Story, ann: Any, used_up: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    learner, tom, second = ann[0], story.staff(Role.IQA, "Tom Hughes"), story.staff(Role.TUTOR, "Marcus Lee")
    home, place, past = seen_by(client_for, learner, used_up)
    assert "Ask your assessor what happens next." in place
    assert "Ask your assessor what happens next." in past
    assert "Your goes and dates" not in home
    client_for(lead).post(address(used_up, "further"), data={"confirmed": ["own-work"], "reason": "Very close."})
    home, place, past = seen_by(client_for, learner, used_up)
    assert "You were given one more go at" in home
    assert "You were given one more go. You have one go left." in place
    assert "Very close" not in home + place + past
    judge(story, story.hand_in(used_up, WASH, "Third.", unit=FOOD_UNIT), joan, achieved=False)
    assert "You were given one more go" not in seen_by(client_for, learner, used_up)[0]
    client_for(lead).post(address(used_up, "referral"), data={"reason": "Look at it."})
    assert all("are looking at whether there is one more go." in page for page in seen_by(client_for, learner, used_up))
    data = {"outcome": "no-more", "with_": str(second.id), "reason": "It is far from it."}
    assert client_for(tom).post(address(used_up, "panel"), data=data).status_code == 303
    for page in seen_by(client_for, learner, used_up):
        assert "They decided that there are no more goes at it. You can still appeal." in page
        assert "They can ask for one more go" not in page
        assert "far from it" not in page


def test_a_panel_of_two_uninvolved_people_decides(
    story: Story, used_up: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    first, second = story.staff(Role.IQA, "Tom Hughes"), story.staff(Role.TUTOR, "Marcus Lee")
    client_for(lead).post(address(used_up, "referral"), data={"reason": "Look at the wording."})
    data = {"outcome": "one-more", "with_": str(second.id), "reason": "The question misled her."}
    assert client_for(lead).post(address(used_up, "panel"), data=data).status_code == 409
    client = client_for(first)
    page = client.get(address(used_up)).get_data(as_text=True)
    assert "Marcus Lee" in page
    assert "Joan Price" not in page
    assert "Choose somebody" in page
    assert client.post(address(used_up, "panel"), data=data | {"with_": ""}).status_code == 422
    assert client.post(address(used_up, "panel"), data=data | {"with_": str(joan.id)}).status_code == 422
    assert client.post(address(used_up, "panel"), data=data).status_code == 303
    assert last_event(story) == "attempt.authorised"
    with story.reading() as session:
        row = session.scalars(select(PanelOutcome)).one()
        assert (row.decided_by, row.decided_with, row.outcome) == (first.id, second.id, "one-more")
        assert session.scalar(select(func.count()).select_from(Referral)) == 1
        assert session.scalar(select(func.count()).select_from(Message).where(Message.key.like("attempt:%"))) == 1
    story.hand_in(used_up, WASH, "After the panel.", unit=FOOD_UNIT)


def test_a_panel_may_say_no_and_the_question_stays_closed(
    story: Story, used_up: Any, lead: Any, client_for: SignIn
) -> None:
    first, second = story.staff(Role.IQA, "Tom Hughes"), story.staff(Role.TUTOR, "Marcus Lee")
    client_for(lead).post(address(used_up, "referral"), data={"reason": "Look at it."})
    data = {"outcome": "no-more", "with_": str(second.id), "reason": "It is far from it."}
    assert client_for(first).post(address(used_up, "panel"), data=data).status_code == 303
    assert last_event(story) == "panel.decided"
    with pytest.raises(Refusal, match="used every go"):
        story.hand_in(used_up, WASH, "Still.", unit=FOOD_UNIT)


def test_only_points_that_are_not_achieved_are_judged_again(story: Story, ann: Any, joan: Any) -> None:
    from course.workbook.models import Outcome

    _, enrolment = ann
    first = story.hand_in(enrolment, "allergy-at-table-four", unit=FOOD_UNIT)
    judge(story, first, joan, outcomes={"1.1": Outcome.NOT_YET_ACHIEVED})
    second = story.hand_in(enrolment, "allergy-at-table-four", "With clean hands.", unit=FOOD_UNIT)
    with story.reading() as session:
        assert work.answer_facts(session, second.id).open_criteria == ("1.1",)


def test_a_learner_is_told_when_they_should_hear(story: Story, ann: Any, client_for: SignIn, at: At) -> None:
    learner, enrolment = ann
    at(START + timedelta(days=1))
    story.hand_in(enrolment, WASH, "Better.", unit=FOOD_UNIT)
    page = f"/learn/{enrolment.id}/{FOOD_UNIT}/1"
    assert "You should hear by Monday 29 November." in client_for(learner).get(page).get_data(as_text=True)
    at(START + timedelta(days=10))
    assert "You should have heard by Monday 29 November." in client_for(learner).get(page).get_data(as_text=True)
    assert clock.now() > START


def test_a_stranger_decides_nothing(story: Story, ann: Any, client_for: SignIn) -> None:
    _, enrolment = ann
    client = client_for(story.staff(Role.LEAD_IQA, centre=story.centre("Another centre")))
    assert client.get(address(enrolment)).status_code == 404
    assert client.post(address(enrolment, "extension"), data={"until": "2027-12-07", "reason": "x"}).status_code == 404
    assert client.get(address(enrolment, "").replace(WASH, "no-such-question")).status_code == 404
    assert "Nothing to decide" in client.get("/quality/attempts").get_data(as_text=True)
