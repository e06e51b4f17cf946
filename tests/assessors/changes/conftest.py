"""Situations of change: a cohort whose work is returned at once, a lead assurer, and guidance that was found wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assessors.guidance import operations as guidance_operations
from assessors.guidance import queries as guidance
from assessors.guidance.compiled import Item
from assessors.guidance.models import GuidanceVersion
from course.access import Role
from course.audit import INSTALLER
from course.enrolment import operations as enrolments
from course.enrolment import queries as policies
from course.enrolment.models import Cohort, PolicyVersion
from course.enrolment.policy import CompiledPolicy
from course.enrolment.publishing import publish_policy
from course.people.models import Person
from tests.support.marked import FOOD, FOOD_UNIT, food_cohort
from tests.support.story import Story

WASH, ALLERGY = "when-to-wash", "allergy-at-table-four"
MUSTS = ("must-1", "must-2")


def change_policy(story: Story, **changed: Any) -> PolicyVersion:
    """Publish a version of the small qualification's policy with some parts changed."""
    with story.writing() as session:
        latest = policies.latest_policy(session, FOOD)
        assert latest is not None
        wanted = CompiledPolicy.model_validate_json(latest.compiled).model_copy(update=changed)
        found = publish_policy(session, wanted, by=INSTALLER)
        assert found is not None
        return found


def put(story: Story, version: PolicyVersion, cohort: Cohort | None = None) -> PolicyVersion:
    """Put a policy in force for everybody, or for one cohort."""
    with story.writing() as session:
        enrolments.put_policy_in_force(
            session, version, cohort_id=cohort.id if cohort else None, reason="A trial.", by=INSTALLER
        )
    return version


@pytest.fixture
def cohort(story: Story) -> Cohort:
    """A cohort of the small qualification, in which every decision is returned at once."""
    put(story, change_policy(story, return_="at-once"))
    return food_cohort(story)


@pytest.fixture
def joan(story: Story) -> Person:
    """An assessor."""
    return story.staff(Role.ASSESSOR, "Joan Price")


@pytest.fixture
def lead(story: Story) -> Person:
    """The lead internal quality assurer."""
    return story.staff(Role.LEAD_IQA, "Ruth Adeyemi")


Rewrite = Callable[[list[Item]], list[Item]]


def publish_guidance(story: Story, rewrite: Rewrite, key: str = WASH) -> GuidanceVersion:
    """A further version of the small unit's guidance, with the items of one question rewritten."""
    with story.writing() as session:
        latest = guidance.latest(session, FOOD, FOOD_UNIT)
        assert latest is not None
        compiled = guidance.compiled(latest)
        question = compiled.questions[key]
        counted: dict[str, int] = {}
        items = []
        for item in rewrite(list(question.items)):
            counted[item.level] = counted.get(item.level, 0) + 1
            items.append(item.model_copy(update={"id": f"{item.level}-{counted[item.level]}"}))
        questions = compiled.questions | {key: question.model_copy(update={"items": tuple(items)})}
        changed = compiled.model_copy(update={"questions": questions})
        found = guidance_operations.publish(session, changed, by=INSTALLER)
        assert found is not None
        return found


def with_must(text: str, criterion: str = "1.1") -> Rewrite:
    """Guidance with one *must* more, at the top."""
    return lambda items: [Item(id="new", level="must", criterion=criterion, text=text), *items]


def without_must(number: int) -> Rewrite:
    """Guidance with one *must* less."""
    return lambda items: [item for item in items if item.id != f"must-{number}"]


def seen_on(page: Any) -> str:
    """The digest of what a preview showed, as its form sends it back."""
    import re

    found = re.search(r'name="seen" value="([0-9a-f]+)"', page.get_data(as_text=True))
    assert found is not None
    return found[1]
