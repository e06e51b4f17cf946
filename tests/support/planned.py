"""Builders of marked cohorts for sampling: many answers by several assessors, each through the real operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from assessors.quality import operations as quality
from assessors.quality.plan import operations as plans
from assessors.quality.plan.models import Plan
from assessors.quality.plan.rules import Stage
from assessors.quality.rules import Finding
from course import clock
from course.access import Role
from course.enrolment.models import Cohort, Enrolment
from course.people.models import Person
from course.workbook import queries as work
from course.workbook.models import Answer, Outcome
from tests.support.marked import actor, food_cohort, hand_in_food, held, judge
from tests.support.story import Story

LONG_AGO = timedelta(days=400)
FORTNIGHT = timedelta(days=14)


@dataclass
class Marked:
    """A cohort with marked answers, its assessors and an assurer with no part in it."""

    story: Story
    cohort: Cohort
    joan: Person
    priya: Person
    iqa: Person
    answers: list[Answer] = field(default_factory=list)
    learners: dict[str, Enrolment] = field(default_factory=dict)

    def mark(
        self, name: str, assessor: Person, *, achieved: bool = True, outcomes: Mapping[str, Outcome] | None = None
    ) -> list[Answer]:
        """One more learner hands in the small unit and has it marked."""
        _, enrolment = self.story.learner(name, cohort=self.cohort)
        self.learners[name] = enrolment
        answers = hand_in_food(self.story, enrolment)
        for answer in answers:
            judge(self.story, answer, assessor, achieved=achieved, outcomes=outcomes, returned=False)
        self.answers += answers
        return answers

    def draw(self, stage: Stage = Stage.FINAL, *, by: Person | None = None) -> Plan:
        """The assurer draws a plan."""
        who = by or self.iqa
        with self.story.writing() as session:
            return plans.draw(
                session, self.cohort, stage, held=held(self.story, who), by=actor(self.story, who, Role.IQA)
            )

    def review(self, sample_id: object, answer: Answer, *, act: str = "") -> None:
        """The assurer agrees with every decision of an answer, or asks its assessor to act on each."""
        by = actor(self.story, self.iqa, Role.IQA)
        found = quality.Found(Finding.AGREE)
        if act:
            found = quality.Found(Finding.ACT, act, clock.now().date() + FORTNIGHT)
        with self.story.writing() as session:
            sample = session.get_one(quality.Sample, sample_id)
            facts = work.answer_facts(session, answer.id)
            for decision in facts.standing.values():
                quality.review(session, sample, facts, decision, found, by=by)


def marked_cohort(story: Story, name: str = "Kitchen") -> Marked:
    """Two assessors of long standing, four learners, twelve answers."""
    since = clock.now().date() - LONG_AGO
    found = Marked(
        story, food_cohort(story, name), story.staff(Role.ASSESSOR, "Joan Price", from_date=since),
        story.staff(Role.ASSESSOR, "Priya Shah", from_date=since), story.staff(Role.IQA, "Tom Hughes"),
    )  # fmt: skip
    for learner, assessor in (("Ffion Davies", found.joan), ("Sam Okafor", found.joan), ("Dee Morgan", found.priya)):
        found.mark(learner, assessor)
    found.mark("Lewis Tate", found.priya, achieved=False)
    return found
