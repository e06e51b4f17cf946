"""What comes of a learner's request for an adjustment, and that the learner reads it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from course import audit
from course.access import Role
from course.adjustments import queries
from course.adjustments.models import Adjustment, AdjustmentOutcome
from course.audit import AuditEvent, Event
from course.outbox import Message
from tests.course.adjustments.test_adjustments import WHAT, form
from tests.support.house import HouseClient, sign_in
from tests.support.marked import food_cohort
from tests.support.story import Story

BECAUSE = "Nothing in this course is timed. Take all the time that you need."


@pytest.fixture
def asked(story: Story, app: Any) -> tuple[Any, Any, HouseClient, HouseClient, Any]:
    """A learner who asked for something, and a tutor: both signed in."""
    learner, enrolment = story.learner("Ffion Davies", cohort=food_cohort(story))
    mine, staff = sign_in(app, learner.id), sign_in(app, story.staff(Role.TUTOR, "Ada Grant").id)
    mine.post(f"/learn/{enrolment.id}/adjustments/requests", data={"words": "I would rather speak."})
    with story.reading() as session:
        (request,) = queries.requests_of(session, enrolment.id)
    return learner, enrolment, mine, staff, request.id


def main(client: HouseClient, address: str) -> str:
    return str(client.get(address).get_data(as_text=True))


def test_noting_what_was_agreed_answers_the_request(story: Story, asked: Any) -> None:
    learner, enrolment, mine, staff, request_id = asked
    page = main(staff, f"/adjustments/learners/{enrolment.id}")
    assert "Yes: “I would rather speak.”" in page
    assert f'value="{request_id}" checked' in page or f'checked value="{request_id}"' in page
    staff.post(f"/adjustments/learners/{enrolment.id}", data=form(request=str(request_id)))
    assert "Asked: reply" not in main(staff, "/adjustments")
    seen = main(mine, f"/learn/{enrolment.id}/adjustments")
    assert "Ada noted what is agreed" in seen
    assert "Waiting for a reply" not in seen
    with story.reading() as session:
        row = session.scalars(select(AdjustmentOutcome)).one()
        assert row.adjustment_id == session.scalars(select(Adjustment.id)).one()
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == str(learner.id))).all()
        assert {Event.ADJUSTMENT_AGREED, Event.ADJUSTMENT_ANSWERED} <= set(actions)
        assert list(audit.verify(session)) == []
    late = staff.post(f"/adjustments/requests/{request_id}/refusal", data={"because": BECAUSE})
    assert late.status_code == 409
    assert "settled this request already" in late.get_data(as_text=True)


def test_what_is_not_agreed_says_why_and_the_learner_hears(story: Story, asked: Any) -> None:
    _, enrolment, mine, staff, request_id = asked
    address = f"/adjustments/requests/{request_id}/refusal"
    empty = staff.post(address, data={"because": " "})
    assert empty.status_code == 422
    assert "Write why it is not agreed." in empty.get_data(as_text=True)
    assert staff.post(address, data={"because": BECAUSE}).status_code == 303
    seen = main(mine, f"/learn/{enrolment.id}/adjustments")
    assert "Not agreed, because" in seen
    assert BECAUSE in seen
    assert "Asked: reply" not in main(staff, "/adjustments")
    with story.reading() as session:
        last = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq.desc())).all()
        assert Event.ADJUSTMENT_DECLINED in last
        keys = session.scalars(select(Message.key).where(Message.link.endswith("/adjustments"))).all()
        assert any(key.startswith("adjustment-outcome:") for key in keys)
        assert list(audit.verify(session)) == []
    overtaken = staff.post(f"/adjustments/learners/{enrolment.id}", data=form(request=str(request_id)))
    assert overtaken.status_code == 409
    with story.reading() as session:
        assert session.scalars(select(Adjustment)).all() == []


def test_a_reply_alone_leaves_the_outcome_open(story: Story, asked: Any) -> None:
    _, enrolment, mine, staff, request_id = asked
    staff.post(f"/adjustments/requests/{request_id}/reply", data={"words": "Let us talk on Monday."})
    assert "Yes: “I would rather speak.”" in main(staff, f"/adjustments/learners/{enrolment.id}")
    staff.post(f"/adjustments/learners/{enrolment.id}", data=form(request=str(request_id)))
    seen = main(mine, f"/learn/{enrolment.id}/adjustments")
    for words in ("Let us talk on Monday.", "Ada noted what is agreed", WHAT):
        assert words in seen


def test_something_else_may_be_noted_while_a_request_waits(story: Story, asked: Any) -> None:
    _, enrolment, mine, staff, _ = asked
    staff.post(f"/adjustments/learners/{enrolment.id}", data=form(request=""))
    assert "Waiting for a reply" in main(mine, f"/learn/{enrolment.id}/adjustments")
    assert "Asked: reply" in main(staff, "/adjustments")


def test_a_request_of_another_learner_cannot_be_answered_by_it(story: Story, asked: Any) -> None:
    _, _, _, staff, request_id = asked
    _, other = story.learner("Gethin Rees", cohort=food_cohort(story))
    refused = staff.post(f"/adjustments/learners/{other.id}", data=form(request=str(request_id)))
    assert refused.status_code == 422
    with story.reading() as session:
        assert session.scalars(select(AdjustmentOutcome)).all() == []
