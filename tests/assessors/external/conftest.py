"""A centre with an achieved unit, and a visit whose sample holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from assessors.external import operations
from assessors.external.models import Visit
from assessors.external.rules import LearnersUnit
from course.access import Role
from course.clock import now
from course.people.models import Centre, Person
from tests.support.marked import FOOD, FOOD_UNIT, Achieved, achieved_unit, actor, agree, give_back, hand_in_food, judge
from tests.support.story import Story


@dataclass(frozen=True)
class Visited:
    """The people and the work of one visit."""

    visit: Visit
    eqa: Person
    lead: Person
    admin: Person
    done: Achieved
    other: Achieved
    """A learner of the same cohort who is not in the sample."""


def set_up(
    story: Story, lead: Person, *, days: int = 14, email: str = "helen@example.org", qualification: str = FOOD
) -> Visit:
    """The lead internal quality assurer lets Helen Voss in."""
    today = now().date()
    visitor = operations.Visitor(
        "Helen Voss", email, "The yearly visit.", qualification, None, today, today + timedelta(days=days)
    )
    with story.writing() as session:
        centre = session.get_one(Centre, story.centre().id)
        return operations.set_up(session, centre, visitor, by=actor(story, lead, Role.LEAD_IQA))


@pytest.fixture
def visited(story: Story) -> Visited:
    """A visit with one learner's unit in its sample, and another learner's outside it."""
    done = achieved_unit(story)
    lead, admin = story.staff(Role.LEAD_IQA, "Ruth Adeyemi"), story.staff(Role.ADMIN, "Moira Kerr")
    learner, enrolment = story.learner("Gwen Hill", cohort=done.cohort)
    answers = hand_in_food(story, enrolment)
    for answer in answers:
        judge(story, answer, done.assessor, returned=False)
    agree(story, done.cohort, done.iqa, answers)
    for answer in answers:
        give_back(story, answer, done.assessor)
    other = Achieved(learner, enrolment, done.cohort, done.assessor, done.iqa, answers, done.sample_id)
    visit = set_up(story, lead)
    with story.writing() as session:
        chosen = [LearnersUnit(done.enrolment.id, FOOD_UNIT)]
        operations.show(
            session, session.merge(visit), chosen, "One finished unit.", by=actor(story, lead, Role.LEAD_IQA)
        )
    with story.reading() as session:
        eqa = session.get_one(Person, visit.eqa_id)
    return Visited(visit, eqa, lead, admin, done, other)
