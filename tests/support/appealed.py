"""A learner who appeals, and the people who may or may not answer: built through the real operations."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from assessors.appeals import operations as answering
from course.access import Role
from course.cases import queries
from course.cases.models import Outcome
from course.cases.operations import appeals as operations
from course.enrolment.models import Cohort, Enrolment
from course.people.models import Person
from course.workbook import appealing
from course.workbook import queries as work
from course.workbook.models import Answer
from tests.support.marked import FOOD_UNIT, actor, judge
from tests.support.story import Story, learner_actor

WORDS = "I did say when. Please read the second line."


@dataclass(frozen=True)
class Disputed:
    """An answer that came back "not yet", and its people."""

    story: Story
    learner: Person
    enrolment: Enrolment
    cohort: Cohort
    assessor: Person
    answer: Answer

    def appeal(self, words: str = WORDS) -> UUID:
        """The learner appeals."""
        with self.story.writing() as session:
            enrolment = session.get_one(Enrolment, self.enrolment.id)
            found = appealing.of_answer(session, enrolment, work.answer_facts(session, self.answer.id))
            made = operations.appeal(session, found.answer, found.appealed, words, by=learner_actor(self.learner))
            return made.id

    def decide(self, appeal_id: UUID, by: Person, role: Role, outcome: Outcome = Outcome.NOT_UPHELD) -> None:
        """Somebody answers the stage that it is at."""
        with self.story.writing() as session:
            facts = queries.appeal(session, appeal_id, lock=True)
            answering.decide(session, facts, outcome, "I read the second line.", by=actor(self.story, by, role))

    def go_on(self, appeal_id: UUID) -> None:
        """The learner takes it further."""
        with self.story.writing() as session:
            facts = queries.appeal(session, appeal_id)
            operations.go_on(session, facts, "Still wrong.", is_latest=True, by=learner_actor(self.learner))


def disputed(story: Story, cohort: Cohort) -> Disputed:
    """A learner's answer, returned as not yet achieved, in a cohort whose work is returned at once."""
    learner, enrolment = story.learner("Ffion Davies", cohort=cohort)
    assessor = story.staff(Role.ASSESSOR, "Joan Price")
    answer = story.hand_in(enrolment, "when-to-wash", "Before I touch food.", unit=FOOD_UNIT)
    judge(story, answer, assessor, achieved=False, feedback="Say when.")
    return Disputed(story, learner, enrolment, cohort, assessor, answer)
