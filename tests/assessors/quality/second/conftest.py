"""Situations of second marking: an answer that one assessor has decided, and another who can judge it blind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from assessors.quality.second.models import SecondMarking
from course.access import Role
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.workbook import queries as work
from course.workbook.models import Answer, Decision, Outcome
from tests.support.house import HouseClient
from tests.support.marked import judge
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
HOME = "/quality/second-marking"
QUESTION = "why-goals-are-theirs"
FIRST_FEEDBACK = "Ann's feedback: you show this well."
WORDS = "Sam's goal belongs to Sam, because it is a life."


@dataclass
class Desk:
    """An answer that Ann has decided and returned; Bob can judge it blind; Tom leads."""

    story: Story
    ann: Person
    bob: Person
    tom: Person
    learner: Person
    enrolment: Enrolment
    answer: Answer

    @property
    def criteria(self) -> tuple[str, ...]:
        """The points that are judged."""
        with self.story.reading() as session:
            return work.answer_facts(session, self.answer.id).open_criteria

    def ask(self, client: HouseClient, second: Person | None = None) -> UUID:
        """Tom asks for a second judgement; returns its id."""
        data = {"assessor": str((second or self.bob).id), "why": "It is borderline."}
        answer = client.post(f"/quality/answers/{self.answer.id}/second-marking", data=data)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        with self.story.reading() as session:
            return session.scalars(select(SecondMarking.id).order_by(SecondMarking.at.desc())).first()

    def judge(self, client: HouseClient, marking: UUID, outcome: Outcome, **more: str) -> Any:
        """Bob sends the blind page with one outcome on each point."""
        page = client.get(f"{HOME}/{marking}/judgement").get_data(as_text=True)
        fields = dict(re.findall(r'<input type="hidden" name="((?:base|guidance)[^"]*)" value="([^"]*)">', page))
        for criterion in self.criteria:
            fields |= {f"outcome-{criterion}": outcome, f"feedback-{criterion}": "Bob's feedback: why is not said."}
        return client.post(f"{HOME}/{marking}/judgement", data=fields | more)

    def decisions(self) -> list[tuple[int, str]]:
        """The numbers and outcomes of the first criterion's decisions."""
        with self.story.reading() as session:
            rows = session.execute(
                select(Decision.number, Decision.outcome)
                .where(Decision.answer_id == self.answer.id, Decision.criterion == self.criteria[0])
                .order_by(Decision.number)
            )
            return [(row.number, row.outcome) for row in rows]


@pytest.fixture
def desk(story: Story) -> Desk:
    """Sam's answer, decided and returned by Ann."""
    ann, bob = story.staff(Role.ASSESSOR, "Ann Bell"), story.staff(Role.ASSESSOR, "Bob Cole")
    tom = story.staff(Role.LEAD_IQA, "Tom Hughes")
    learner, enrolment = story.learner("Sam Okafor")
    answer = story.hand_in(enrolment, QUESTION, WORDS)
    judge(story, answer, ann, feedback=FIRST_FEEDBACK)
    return Desk(story, ann, bob, tom, learner, enrolment, answer)
