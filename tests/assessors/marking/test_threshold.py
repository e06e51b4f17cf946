"""Where a policy counts points: ticking is compulsory, each decision stores its points, and a departure says why."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from assessors.guidance import operations as guidance
from assessors.guidance import queries as guidances
from course import clock
from course.access import Role
from course.audit import INSTALLER, AuditEvent
from course.catalogue import queries as catalogue
from course.enrolment import operations as enrolments
from course.enrolment import queries as policies
from course.enrolment.policy import PointsThreshold
from course.enrolment.publishing import publish_policy
from course.workbook import content as contents
from course.workbook.models import Decision, Departure
from course.workbook.progress import unit_progress
from tests.assessors.marking.conftest import judgement
from tests.support.marked import FOOD, FOOD_UNIT, food_cohort, hand_in_food, judge
from tests.support.story import Story


@pytest.fixture
def points(story: Story) -> None:
    """The small qualification asks for four points, and its guidance gives two for each *should* and *could*."""
    with story.writing() as session:
        cohort = food_cohort(story)
        _, now = policies.policy_for(session, cohort)
        policy = publish_policy(
            session,
            now.model_copy(update={"threshold": {"U1": PointsThreshold(points=4)}, "return_": "at-once"}),
            by=INSTALLER,
        )
        assert policy is not None
        enrolments.put_policy_in_force(session, policy, reason="A trial.", by=INSTALLER)
        _, rubric = guidances.in_force(session, FOOD, FOOD_UNIT, None)
        questions = {
            key: one.model_copy(
                update={
                    "items": tuple(
                        item.model_copy(update={"points": 2}) if item.level in {"should", "could"} else item
                        for item in one.items
                    )
                }
            )
            for key, one in rubric.questions.items()
        }
        version = guidance.publish(session, rubric.model_copy(update={"questions": questions}), by=INSTALLER)
        assert version is not None
        guidance.put_in_force(session, version, cohort_id=None, reason="It has points.", by=INSTALLER)


@pytest.fixture
def joan(story: Story):
    return story.staff(Role.ASSESSOR, "Joan Price")


def test_where_points_count_an_assessor_says_what_was_found(story, points, joan, client_for):
    _, enrolment = story.learner("Ros Webb", cohort=food_cohort(story))
    answer = story.hand_in(enrolment, "when-to-wash", unit=FOOD_UNIT)
    client, address = client_for(joan), f"/marking/answers/{answer.id}"
    client.post(f"{address}/lease")
    page = client.get(address)
    assert "(2 marks)" in page.get_data(as_text=True)
    refused = client.post(f"{address}/decision", data=judgement(page, feedback="Typed already.", then="return"))
    assert refused.status_code == 422
    assert "Tick what you found for 1.1" in refused.get_data(as_text=True)
    assert "Typed already." in refused.get_data(as_text=True)
    sent = client.post(
        f"{address}/decision", data=judgement(page, then="return") | {"tick-1.1": ["must-1", "should-1"]}
    )
    assert sent.status_code == 303
    with story.reading() as session:
        assert session.scalars(select(Decision.points)).all() == [2]


def test_none_of_these_is_an_answer_too(story, points, joan, client_for):
    _, enrolment = story.learner("Ros Webb", cohort=food_cohort(story))
    answer = story.hand_in(enrolment, "when-to-wash", unit=FOOD_UNIT)
    client, address = client_for(joan), f"/marking/answers/{answer.id}"
    client.post(f"{address}/lease")
    fields = judgement(client.get(address), then="return") | {"tick-1.1": "none"}
    assert client.post(f"{address}/decision", data=fields).status_code == 303
    with story.reading() as session:
        assert session.scalars(select(Decision.points)).all() == [0]


def test_where_no_points_count_none_are_stored(story, joan):
    _, enrolment = story.learner("Ros Webb", cohort=food_cohort(story))
    judge(story, story.hand_in(enrolment, "when-to-wash", unit=FOOD_UNIT), joan, returned=False)
    with story.reading() as session:
        assert session.scalars(select(Decision.points)).all() == [None]


def achieved_but_for_points(story, joan):
    """Every criterion of the unit is achieved and returned, with no point ticked."""
    learner, enrolment = story.learner("Ros Webb", cohort=food_cohort(story))
    with story.reading() as session:
        unit = catalogue.unit_of(catalogue.latest_unit(session, FOOD, FOOD_UNIT))
    order = unit.question("store-a-delivery")
    answers = hand_in_food(story, enrolment)
    check = contents.tried(contents.OrderContent(order=order.items), order, clock.now())
    answers.append(story.hand_in(enrolment, "store-a-delivery", check, unit=FOOD_UNIT))
    for answer in answers:
        judge(story, answer, joan)
    return learner, enrolment


def test_a_unit_below_its_threshold_is_achieved_by_a_departure_with_a_reason(story, points, joan, client_for):
    learner, enrolment = achieved_but_for_points(story, joan)
    client = client_for(joan)
    address = f"/marking/enrolments/{enrolment.id}/units/{FOOD_UNIT}/departure"
    assert "Ros has 0 of the 4 needed." in client.get(address).get_data(as_text=True)
    assert client.post(address, data={"reason": "  "}).status_code == 422
    with story.reading() as session:
        assert not unit_progress(session, [enrolment.id], FOOD)[enrolment.id, FOOD_UNIT].achieved
    assert client.post(address, data={"reason": "Said aloud in the kitchen."}).status_code == 303
    with story.reading() as session:
        assert unit_progress(session, [enrolment.id], FOOD)[enrolment.id, FOOD_UNIT].achieved
        assert session.scalars(select(Departure)).one().decided_by == joan.id
        assert session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(1)) == "unit.departed"
    assert client.post(address, data={"reason": "Again."}).status_code == 409
    assert "Somebody has departed" in client.get(address).get_data(as_text=True)
    story.appoint(learner, Role.ASSESSOR)
    assert client_for(learner).get(address).status_code == 404


def test_there_is_no_departure_where_there_is_no_threshold_or_no_scope(story, joan, client_for):
    _, enrolment = story.learner("Sam Okafor")
    address = f"/marking/enrolments/{enrolment.id}/units/06-goals-lapse-and-moving-forward/departure"
    assert client_for(joan).get(address).status_code == 404
    elsewhere = story.staff(Role.ASSESSOR, "Tom Hughes", story.centre("Bridge House"))
    assert client_for(elsewhere).get(address).status_code == 404
