"""Situations of marking: an assessor, and a learner whose answer waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from course.access import Role
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.workbook.models import Answer
from tests.support.story import Story

QUESTION = "why-goals-are-theirs"


@dataclass
class Marking:
    """One assessor, one learner, one answer that waits."""

    story: Story
    assessor: Person
    learner: Person
    enrolment: Enrolment
    answer: Answer

    @property
    def address(self) -> str:
        """The page of the answer."""
        return f"/marking/answers/{self.answer.id}"


@pytest.fixture
def marking(story: Story) -> Marking:
    """Priya may mark everything at the centre; Sam has handed in one answer."""
    assessor = story.staff(Role.ASSESSOR, "Priya Nair")
    learner, enrolment = story.learner("Sam Okafor")
    answer = story.hand_in(enrolment, QUESTION, "Sam’s goal belongs to Sam, because it is a life.")
    return Marking(story, assessor, learner, enrolment, answer)


def fields_of(page: Any) -> dict[str, str]:
    """The hidden fields of a judgement page, as a browser would send them back."""
    import re

    text = page.get_data(as_text=True)
    return dict(re.findall(r'<input type="hidden" name="((?:base|guidance)[^"]*)" value="([^"]*)">', text))


def judgement(
    page: Any, outcome: str = "achieved", feedback: str = "You say why it is theirs.", **more: str
) -> dict[str, Any]:
    """A whole judgement on what the page has open."""
    fields: dict[str, Any] = fields_of(page)
    for name in list(fields):
        if name.startswith("base-"):
            criterion = name.removeprefix("base-")
            fields |= {f"outcome-{criterion}": outcome, f"feedback-{criterion}": feedback}
    return fields | more
