"""Every tie that somebody can have to work, each as rows; and work in every state that an act asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.marking.queries.scope import Reader
from assessors.quality import operations as quality
from assessors.quality.models import Review, Sample
from assessors.quality.rules import Finding
from assessors.quality.second.models import SecondJudging, SecondMarking
from course import clock
from course.access import Role
from course.audit import Actor
from course.enrolment.models import Cohort, Enrolment
from course.enrolment.policy import Attempts
from course.independence import Tie
from course.people.models import Appointment, ConflictOfInterest, Person
from course.records.models import Batch, BatchUnit, Release
from course.sealing import Sealed
from course.witnesses.models import WitnessReply, WitnessRequest
from course.workbook.models import Answer, Countersignature, Decision, Reopening
from course.workbook.models import Outcome as Judgement_
from tests.assessors.changes.conftest import change_policy, put
from tests.support.marked import FOOD_UNIT, Achieved, agree, food_cohort, hand_in_food, held, judge
from tests.support.story import Story

DAY, LONG_AGO = timedelta(days=1), timedelta(days=800)
YES = Judgement_.ACHIEVED
FOUND = quality.Found(Finding.AGREE)


@dataclass
class World:
    """One cohort with work in every state that an operation asks for, and somebody who holds every role."""

    story: Story
    cohort: Cohort
    me: Person
    joan: Person
    tom: Person
    ruth: Person
    kim: Person
    """An assessor who had no part in anything, and an admin."""
    moira: Person
    achieved: Achieved
    answers: dict[str, Answer]
    held: tuple[Any, ...] = ()
    actors: dict[tuple[UUID, Role], Actor] = field(default_factory=dict)

    def by(self, role: Role, person: Person | None = None) -> Actor:
        """Somebody in a role; me, unless said otherwise."""
        return self.actors[(person or self.me).id, role]

    @property
    def reader(self) -> Reader:
        """Me at the desk."""
        return Reader(self.me.id, tuple(one for one in self.held if one.role == Role.ASSESSOR))


def everything(story: Story) -> World:
    """Work waiting, decided, decided by a trainee, returned as not yet once and twice, and achieved."""
    limits = Attempts(limit=2, window=5, further=1, conditions=(), authorised_by="iqa")
    put(story, change_policy(story, return_="at-once", attempts=limits))
    cohort = food_cohort(story)
    joan, tom, ruth = (
        story.staff(Role.ASSESSOR, "Joan Price"), story.staff(Role.IQA, "Tom Hughes"),
        story.staff(Role.LEAD_IQA, "Ruth Adeyemi"),
    )  # fmt: skip
    ffion, kept = story.learner("Ffion Davies", cohort=cohort)
    done = hand_in_food(story, kept)
    for answer in done:
        judge(story, answer, joan)
    achieved = Achieved(ffion, kept, cohort, joan, tom, done, agree(story, cohort, tom, done))
    nia = story.staff(Role.ASSESSOR, "Nia Rowe", needs_countersignature=True)
    me, answers = story.person("Val Drew"), {}
    for role in (Role.ASSESSOR, Role.IQA, Role.LEAD_IQA, Role.ADMIN):
        story.appoint(me, role)
    for name in ("waiting", "decided", "trained", "not yet", "used up"):
        _, enrolment = story.learner(name.title(), cohort=cohort)
        answers[name], _, answers[f"{name}: check"] = hand_in_food(story, enrolment)
    judge(story, answers["decided"], joan, returned=False)
    judge(story, answers["trained"], nia, returned=False)
    for name in ("not yet", "used up"):
        judge(story, answers[name], joan, achieved=False)
    with story.reading() as session:
        enrolment = session.get_one(Enrolment, answers["used up"].enrolment_id)
    answers["used up"] = story.hand_in(enrolment, "when-to-wash", "After.", unit=FOOD_UNIT)
    judge(story, answers["used up"], joan, achieved=False)
    answers["achieved"] = achieved.answers[0]
    kim, moira = story.staff(Role.ASSESSOR, "Kim Shaw"), story.staff(Role.ADMIN, "Moira Kerr")
    found = World(story, cohort, me, joan, tom, ruth, kim, moira, achieved, answers, held(story, me))
    for person in (me, joan, tom, ruth, kim, moira):
        for one in held(story, person):
            found.actors[person.id, one.role] = Actor(person.id, one.role, one.id)
    return found


# -- the ties, each as rows --------------------------------------------------------------------------------------------


def learner_of(session: Session, answer: Answer) -> UUID:
    return session.get_one(Enrolment, answer.enrolment_id).person_id


def any_words(session: Session) -> UUID:
    return session.scalars(select(Sealed.id).limit(1)).one()


def conflict(world: World, one: UUID, other: UUID, kind: str) -> ConflictOfInterest:
    mine = world.by(Role.IQA)
    return ConflictOfInterest(
        centre_id=world.cohort.centre_id, person_id=one, other_id=other, kind=kind, declared_by=one,
        appointment_id=mine.appointment_id, at=clock.now(),
    )  # fmt: skip


def tied_to_learner(kind: str, *, by_them: bool = False) -> Callable[[World, Session, Answer], None]:
    def tie(world: World, session: Session, answer: Answer) -> None:
        pair = (world.me.id, learner_of(session, answer))
        session.add(conflict(world, *(reversed(pair) if by_them else pair), kind))

    return tie


def tied_to_judge(world: World, session: Session, answer: Answer) -> None:
    who = session.scalars(select(Decision.decided_by).where(Decision.answer_id == answer.id).limit(1)).one()
    session.add(conflict(world, world.me.id, who, "supervisor"))


def own(world: World, session: Session, answer: Answer) -> None:
    session.get_one(Enrolment, answer.enrolment_id).person_id = world.me.id


def decided(world: World, session: Session, answer: Answer) -> None:
    """A first decision that others have taken the place of since."""
    session.add(
        Decision(
            answer_id=answer.id, criterion="1.1", number=0, outcome=YES, guidance="0" * 64,
            feedback_id=any_words(session), decided_by=world.me.id,
            appointment_id=world.by(Role.ASSESSOR).appointment_id, at=clock.now() - DAY,
        )
    )  # fmt: skip


def decided_elsewhere(world: World, session: Session, answer: Answer) -> None:
    other = world.answers["decided" if answer.id != world.answers["decided"].id else "not yet"]
    decided(world, session, other)


def countersigned(world: World, session: Session, answer: Answer) -> None:
    session.add(
        Countersignature(
            answer_id=answer.id, decisions=0, finding="agree", countersigned_by=world.me.id,
            appointment_id=world.by(Role.ASSESSOR).appointment_id, at=clock.now() - DAY,
        )
    )  # fmt: skip


def judged_second(world: World, session: Session, answer: Answer) -> None:
    mine, at = world.by(Role.ASSESSOR).appointment_id, clock.now() - DAY
    asked = SecondMarking(
        id=uuid4(), answer_id=answer.id, assessor_id=world.me.id, cause="hand", why="So.", asked_by=world.ruth.id,
        appointment_id=mine, at=at,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    session.add(
        SecondJudging(
            second_marking_id=asked.id, guidance="0" * 64, words_id=any_words(session), judged_by=world.me.id,
            appointment_id=mine, at=at,
        )
    )  # fmt: skip


def reviewed(world: World, session: Session, answer: Answer) -> None:
    mine, at = world.by(Role.IQA).appointment_id, clock.now() - DAY
    sample = Sample(
        id=uuid4(), centre_id=world.cohort.centre_id, cohort_id=world.cohort.id, rationale="So.",
        opened_by=world.me.id, appointment_id=mine, at=at,
    )  # fmt: skip
    session.add(sample)
    session.flush()
    first = session.scalars(select(Decision.id).where(Decision.answer_id == answer.id).limit(1)).one()
    session.add(
        Review(sample_id=sample.id, decision_id=first, finding="agree", reviewed_by=world.me.id, appointment_id=mine,
               at=at)
    )  # fmt: skip


def sent_back(world: World, session: Session, answer: Answer) -> None:
    session.add(
        Reopening(
            answer_id=answer.id, decisions_before=0, cause="decision", reason_id=any_words(session),
            reopened_by=world.me.id, appointment_id=world.by(Role.LEAD_IQA).appointment_id, at=clock.now() - DAY,
        )
    )  # fmt: skip


def witnessed(world: World, session: Session, answer: Answer) -> None:
    at, words = clock.now() - DAY, any_words(session)
    asked = WitnessRequest(
        id=uuid4(), enrolment_id=answer.enrolment_id, unit=answer.unit, question=answer.question,
        unit_version_id=answer.unit_version_id, token_hash=uuid4().hex * 2, account_id=world.me.id, words_id=words,
        at=at, expires_at=at + DAY,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    session.add(WitnessReply(request_id=asked.id, outcome="confirmed", words_id=words, at=at))


def studies(world: World, session: Session, answer: Answer) -> None:
    """They left the cohort long ago."""
    session.add(
        Enrolment(
            person_id=world.me.id, cohort_id=world.cohort.id, centre_id=world.cohort.centre_id,
            qualification=world.cohort.qualification, enrolled_at=clock.now() - LONG_AGO,
            withdrawn_at=clock.now() - LONG_AGO + DAY,
        )
    )  # fmt: skip


def taught(world: World, session: Session, answer: Answer) -> None:
    """Their appointment ended long ago."""
    today = clock.now().date()
    session.add(
        Appointment(
            person_id=world.me.id, role=Role.TUTOR, centre_id=world.cohort.centre_id, cohort_id=world.cohort.id,
            from_date=today - LONG_AGO, until_date=today - LONG_AGO + DAY,
        )
    )  # fmt: skip


def released(world: World, session: Session, answer: Answer) -> None:
    """They released this unit."""
    mine = world.by(Role.IQA).appointment_id
    release_by(world, session, world.achieved, world.me.id, mine)


def release_by(world: World, session: Session, done: Achieved, person_id: UUID, appointment_id: Any) -> None:
    batch = Batch(
        id=uuid4(), centre_id=world.cohort.centre_id, cohort_id=world.cohort.id, made_by=person_id,
        appointment_id=appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    session.add(BatchUnit(batch_id=batch.id, enrolment_id=done.enrolment.id, unit=FOOD_UNIT))
    session.add(
        Release(batch_id=batch.id, rationale="So.", released_by=person_id, appointment_id=appointment_id,
                at=clock.now())
    )  # fmt: skip
    session.flush()


Making = Callable[[World, Session, Answer], None]
RELATIONS: dict[str, tuple[Tie, Making]] = {
    "own work": (Tie.OWN, own),
    "mentor or mentee": (Tie.APART, tied_to_learner("mentor")),
    "fellowship, they declared it": (Tie.APART, tied_to_learner("fellowship", by_them=True)),
    "housing": (Tie.APART, tied_to_learner("housing")),
    "supervisor": (Tie.APART, tied_to_learner("supervisor")),
    "supervises who judged": (Tie.APART_FROM_JUDGE, tied_to_judge),
    "gave the statement": (Tie.WITNESSED, witnessed),
    "decided it once": (Tie.DECIDED, decided),
    "countersigned": (Tie.COUNTERSIGNED, countersigned),
    "judged it a second time": (Tie.JUDGED_SECOND, judged_second),
    "reviewed": (Tie.REVIEWED, reviewed),
    "sent it back": (Tie.SENT_BACK, sent_back),
    "released": (Tie.RELEASED, released),
    "once a learner here": (Tie.STUDIES, studies),
    "once taught here": (Tie.TAUGHT, taught),
    "assessed somebody else here": (Tie.ASSESSED, decided_elsewhere),
}
IMPLIES = {
    Tie.OWN: {Tie.STUDIES}, Tie.DECIDED: {Tie.ASSESSED}, Tie.COUNTERSIGNED: {Tie.ASSESSED},
    Tie.JUDGED_SECOND: {Tie.ASSESSED},
}  # fmt: skip
