"""Builders of marked work, each through the real operations: an answer decided and returned, a unit achieved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from assessors.marking.operations import judging, leasing
from assessors.marking.queries.desk import desk
from assessors.marking.queries.scope import Reader
from assessors.marking.rules import Judged, Judgement
from assessors.quality import operations as quality
from assessors.quality.rules import Finding
from course.access import HeldAppointment, Role
from course.audit import Actor
from course.catalogue import queries as catalogue
from course.clock import now
from course.enrolment.models import Cohort, Enrolment
from course.people.models import Appointment, Centre, Person
from course.records import operations as records
from course.records.queries import AchievedUnit
from course.workbook import content as contents
from course.workbook import queries as work
from course.workbook.models import Answer, Outcome
from tests.support.story import Story

FOOD = "food-hygiene"
FOOD_UNIT = "01-food-hygiene-at-work"


def held(story: Story, person: Person) -> tuple[HeldAppointment, ...]:
    """A person's appointments as access sees them."""
    with story.reading() as session:
        rows = session.execute(
            select(Appointment, Centre.name)
            .join(Centre, Centre.id == Appointment.centre_id)
            .where(Appointment.person_id == person.id)
        ).all()
    return tuple(
        HeldAppointment(
            one.id, Role(one.role), one.centre_id, centre, one.qualification, one.unit, one.cohort_id,
            one.needs_countersignature,
        )
        for one, centre in rows
    )  # fmt: skip


def actor(story: Story, person: Person, role: Role) -> Actor:
    """A person acting under their appointment to a role."""
    return next(Actor(person.id, one.role, one.id) for one in held(story, person) if one.role == role)


def judge(
    story: Story, answer: Answer, assessor: Person, *, achieved: bool = True,
    outcomes: Mapping[str, Outcome] | None = None, feedback: str = "You show this well.", returned: bool = True,
    ticks: Mapping[str, tuple[str, ...]] | None = None,
) -> None:  # fmt: skip
    """An assessor takes an answer, decides every open criterion and, unless said otherwise, returns it."""
    reader = Reader(assessor.id, tuple(one for one in held(story, assessor) if one.role == Role.ASSESSOR))
    usual = Outcome.ACHIEVED if achieved else Outcome.NOT_YET_ACHIEVED
    with story.writing() as session:
        leasing.take(session, desk(session, reader, answer.id, lock=True))
        session.flush()
        at = desk(session, reader, answer.id, lock=True)
        standing = at.answer.standing
        criteria = {
            number: Judged(
                number, (outcomes or {}).get(number, usual), feedback, (ticks or {}).get(number, ()),
                base=standing[number].number if number in standing else 0,
            )
            for number in at.answer.open_criteria
        }  # fmt: skip
        judging.decide(session, at, Judgement(criteria, at.case.guidance))
        if returned:
            session.flush()
            judging.return_answer(session, desk(session, reader, answer.id, lock=True))


def hand_in_food(story: Story, enrolment: Enrolment) -> list[Answer]:
    """A learner hands in what the small unit needs: two written answers and one knowledge check."""
    with story.reading() as session:
        version = catalogue.latest_unit(session, FOOD, FOOD_UNIT)
        assert version is not None
        question = catalogue.unit_of(version).question("what-to-wear")
    right = contents.ChoiceContent(chosen=tuple(option.text for option in question.options if option.right))
    return [
        story.hand_in(enrolment, "when-to-wash", "Before I touch food.", unit=FOOD_UNIT),
        story.hand_in(enrolment, "allergy-at-table-four", "I tell the chef, and I check the label.", unit=FOOD_UNIT),
        story.hand_in(enrolment, "what-to-wear", contents.tried(right, question, now()), unit=FOOD_UNIT),
    ]


def food_cohort(story: Story, name: str = "Kitchen") -> Cohort:
    """A cohort of the small qualification."""
    return story.cohort(name, qualification=FOOD)


def agree(story: Story, cohort: Cohort, iqa: Person, answers: list[Answer]) -> UUID:
    """An internal quality assurer samples these answers and agrees with every decision that counts."""
    by, mine = actor(story, iqa, Role.IQA), held(story, iqa)
    with story.writing() as session:
        ids = [one.id for one in answers]
        sample = quality.open_sample(session, cohort, ids, "All of them.", held=mine, by=by)
        session.flush()
        for facts in work.answers_facts(session, ids).values():
            for decision in facts.standing.values():
                quality.review(session, sample, facts, decision, quality.Found(Finding.AGREE), by=by)
    return sample.id


def give_back(story: Story, answer: Answer, assessor: Person) -> None:
    """The assessor returns an answer that was held until sampling."""
    reader = Reader(assessor.id, tuple(one for one in held(story, assessor) if one.role == Role.ASSESSOR))
    with story.writing() as session:
        judging.return_answer(session, desk(session, reader, answer.id, lock=True))


def _hand_in_the_order(story: Story, enrolment: Enrolment) -> Answer:
    with story.reading() as session:
        version = catalogue.latest_unit(session, FOOD, FOOD_UNIT)
        assert version is not None
        question = catalogue.unit_of(version).question("store-a-delivery")
    right = contents.tried(contents.OrderContent(order=question.items), question, now())
    return story.hand_in(enrolment, "store-a-delivery", right, unit=FOOD_UNIT)


@dataclass(frozen=True)
class Achieved:
    """A learner's achieved unit, and the people who brought it there."""

    learner: Person
    enrolment: Enrolment
    cohort: Cohort
    assessor: Person
    iqa: Person
    answers: list[Answer]
    sample_id: UUID

    @property
    def unit(self) -> AchievedUnit:
        """As a batch names it."""
        return AchievedUnit(self.enrolment.id, FOOD_UNIT)


def achieved_unit(
    story: Story, name: str = "Ffion Davies", *, cohort: Cohort | None = None, first: bool = True
) -> Achieved:  # fmt: skip
    """A learner who has achieved the small unit: handed in, decided, sampled, returned. Three of its four criteria are
    enough, so also when the `first` answer is not yet achieved."""
    cohort = cohort or food_cohort(story)
    learner, enrolment = story.learner(name, cohort=cohort)
    assessor, iqa = story.staff(Role.ASSESSOR, "Joan Price"), story.staff(Role.IQA, "Tom Hughes")
    answers = hand_in_food(story, enrolment)
    if not first:
        answers.append(_hand_in_the_order(story, enrolment))
    for answer in answers:
        judge(story, answer, assessor, achieved=first or answer != answers[0], returned=False)
    sample_id = agree(story, cohort, iqa, answers)
    for answer in answers:
        give_back(story, answer, assessor)
    return Achieved(learner, enrolment, cohort, assessor, iqa, answers, sample_id)


def released_unit(
    story: Story, name: str = "Ffion Davies", *, cohort: Cohort | None = None, first: bool = True
) -> Achieved:  # fmt: skip
    """An achieved unit in a released batch."""
    done = achieved_unit(story, name, cohort=cohort, first=first)
    by = actor(story, done.iqa, Role.IQA)
    with story.writing() as session:
        batch = records.make_batch(session, done.cohort, [done.unit], by=by)
        session.flush()
        quality.release(session, batch, "Everything was looked at.", "", by=by)
    return done
