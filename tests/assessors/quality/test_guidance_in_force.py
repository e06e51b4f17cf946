"""New guidance waits until an assurer puts it in force, and reaches no decision already made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from assessors.guidance import operations as guidance_operations
from assessors.guidance import queries as guidance
from assessors.guidance.models import GuidanceInForce
from course.access import Role
from course.audit import INSTALLER, AuditEvent
from tests.support.house import HouseClient
from tests.support.marked import FOOD, FOOD_UNIT, achieved_unit, food_cohort, hand_in_food
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]


def publish_second(story: Story) -> Any:
    """A second version of the small unit's guidance."""
    with story.writing() as session:
        first = guidance.latest(session, FOOD, FOOD_UNIT)
        assert first is not None
        changed = guidance.compiled(first)
        key, question = next(iter(changed.questions.items()))
        questions = changed.questions | {key: question.model_copy(update={"model_answer": "A better one."})}
        return guidance_operations.publish(session, changed.model_copy(update={"questions": questions}), by=INSTALLER)


def test_new_guidance_waits_until_an_assurer_puts_it_in_force_for_their_cohort(
    story: Story, client_for: SignIn
) -> None:
    cohort = food_cohort(story)
    _, enrolment = story.learner(cohort=cohort)
    hand_in_food(story, enrolment)
    elsewhere = story.cohort("Away", centre=story.centre("Another centre"), qualification=FOOD)
    second = publish_second(story)
    client = client_for(story.staff(Role.IQA))
    page = client.get("/quality/guidance").get_data(as_text=True)
    assert "Put version 2 in force" in page
    assert '<td class="num">3' in page
    address = f"/quality/guidance/{second.id}/in-force"
    assert client.post(address, data={"cohort": str(cohort.id), "reason": ""}).status_code == 422
    assert client.post(address, data={"cohort": str(elsewhere.id), "reason": "Mine."}).status_code == 422
    assert client.post(address, data={"cohort": str(cohort.id), "reason": "Agreed at the meeting."}).status_code == 303
    with story.reading() as session:
        assert guidance.in_force(session, FOOD, FOOD_UNIT, cohort.id)[0].number == 2
        assert guidance.in_force(session, FOOD, FOOD_UNIT, elsewhere.id)[0].number == 1
        row = session.scalars(select(GuidanceInForce).where(GuidanceInForce.cohort_id == cohort.id)).one()
        assert row.reason == "Agreed at the meeting."
        happened = session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()))
        assert happened == "guidance.put-in-force"
    assert "The newest version, 2, is in force." in client.get("/quality/guidance").get_data(as_text=True)


def test_a_review_shows_the_guidance_of_its_time_not_todays(story: Story, client_for: SignIn) -> None:
    done = achieved_unit(story)
    second = publish_second(story)
    with story.writing() as session:
        guidance_operations.put_in_force(session, second, cohort_id=done.cohort.id, reason="New.", by=INSTALLER)
    address = f"/quality/samples/{done.sample_id}/answers/{done.answers[1].id}"
    page = client_for(done.iqa).get(address).get_data(as_text=True)
    assert "version 1" in page
    assert "version 2" not in page
