"""Facts about the letter that says that there is something to mark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from course import clock
from course.access import Role
from course.enrolment.models import Enrolment
from course.outbox import Letter, Message
from course.people.models import ConflictOfInterest, Person
from course.workbook.telling import tell_assessors
from tests.support.story import UNIT, Story

KEY = "why-goals-are-theirs"


def told(story: Story) -> list[str]:
    """Who was written to, each as often as they were."""
    with story.reading() as session:
        rows = session.scalars(select(Message.to_email).where(Message.letter == Letter.SOMETHING_TO_MARK))
        return sorted(rows)


def emails(*people: Person) -> list[str]:
    return sorted(one.email for one in people)


def test_a_hand_in_writes_to_those_whose_appointment_covers_it(story: Story) -> None:
    other = story.centre("Elsewhere")
    whole, narrow = story.staff(Role.ASSESSOR), story.staff(Role.ASSESSOR, unit=UNIT)
    story.staff(Role.ASSESSOR, unit="another-unit")
    story.staff(Role.ASSESSOR, centre=other)
    story.staff(Role.TUTOR)
    person, enrolment = story.learner()
    story.staff(Role.ASSESSOR, cohort_id=story.cohort("Spring").id)
    story.appoint(person, Role.ASSESSOR)
    story.hand_in(enrolment, KEY)
    assert told(story) == emails(whole, narrow)


def test_an_assessor_has_one_letter_a_day_however_much_is_handed_in(story: Story) -> None:
    ann = story.staff(Role.ASSESSOR)
    for _ in range(2):
        story.hand_in(story.learner()[1], KEY)
    assert told(story) == [ann.email]
    _, enrolment = story.learner()
    with story.writing() as session:
        row = session.get_one(Enrolment, enrolment.id)
        tell_assessors(session, row, UNIT, clock.now().date() + timedelta(days=1))
    assert told(story) == [ann.email, ann.email]


def test_nobody_is_told_of_work_from_which_they_are_kept_apart(story: Story) -> None:
    ann, bob = story.staff(Role.ASSESSOR), story.person()
    held = story.appoint(bob, Role.ASSESSOR)
    person, enrolment = story.learner()
    with story.writing() as session:
        session.add(
            ConflictOfInterest(
                centre_id=enrolment.centre_id, person_id=bob.id, other_id=person.id, kind="family",
                declared_by=bob.id, appointment_id=held.id, at=clock.now(),
            )
        )  # fmt: skip
    story.hand_in(enrolment, KEY)
    assert told(story) == [ann.email]


def test_telling_takes_the_same_queries_however_many_assessors_there_are(story: Story, statements: list[str]) -> None:
    costs = []
    for number in range(2):
        for _ in range(1 + 5 * number):
            story.staff(Role.ASSESSOR)
        _, enrolment = story.learner()
        with story.writing() as session:
            row: Any = session.get_one(Enrolment, enrolment.id)
            statements.clear()
            tell_assessors(session, row, UNIT, clock.now().date())
            costs.append(len(statements))
    assert costs == [3, 3]
