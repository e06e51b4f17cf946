"""Reads for quality assurance, always for somebody: what is outside their appointments does not exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import NotFound

from assessors.quality import rules
from assessors.quality.affected.models import UpheldError
from assessors.quality.models import Action, ActionClosure, ActionResponse, Review, Sample
from assessors.quality.plan import membership
from course import clock
from course.access import HeldAppointment, Role
from course.catalogue import queries as catalogue
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.people.models import Appointment, Person
from course.records.queries import AchievedUnit
from course.workbook import queries as work
from course.workbook.models import Answer, Decision, Departure
from course.workbook.rules import AnswerFacts


def covers(held: Iterable[HeldAppointment], cohort: Cohort, unit: str | None = None) -> bool:
    """Whether one of these appointments takes in the cohort (and unit)."""
    return any(
        one.covers(
            centre_id=cohort.centre_id, cohort_id=cohort.id, qualification=cohort.qualification, unit=unit
        )
        for one in held
    )  # fmt: skip


def cohort_for(session: Session, cohort_id: UUID, held: Iterable[HeldAppointment]) -> Cohort:
    """A cohort in the scope of these appointments. Raises NotFound."""
    cohort = session.get(Cohort, cohort_id)
    if cohort is None or not covers(held, cohort):
        raise NotFound
    return cohort


@dataclass(frozen=True)
class Candidate:
    """An answer that may be sampled."""

    facts: AnswerFacts
    learner: str
    assessors: tuple[str, ...]
    unit_title: str
    question: str
    reasons: tuple[rules.Reason, ...]
    is_sampled: bool

    @property
    def is_achieved(self) -> bool:
        """Whether every decision that counts says achieved."""
        return all(decision.is_achieved for decision in self.facts.standing.values())


def judged_answers(
    session: Session, cohort: Cohort, held: Collection[HeldAppointment], *where: ColumnElement[bool]
) -> list[AnswerFacts]:
    """The answers of a cohort that may be sampled: returned or, where returns wait for sampling, decided.

    `where` narrows them; it must take in whole units of an enrolment.
    """
    _, policy = enrolments.policy_for(session, cohort)
    waits = policy.return_ == "after-sampling"
    return [
        one
        for one in work.facts_where(session, and_(Answer.cohort_id == cohort.id, *where))
        if covers(held, cohort, one.unit) and (one.is_returned or (waits and one.decisions and one.is_decided))
    ]


def candidates(session: Session, cohort: Cohort, held: Collection[HeldAppointment]) -> list[Candidate]:
    """Every answer of a cohort that may be sampled, the most telling first. A constant number of queries."""
    answers = judged_answers(session, cohort, held)
    studying = learners(session, {one.enrolment_id for one in answers})
    people = names(session, {decision.decided_by for one in answers for decision in one.decisions})
    since = appointed_since(session, cohort)
    departed = _departed(session, {one.enrolment_id for one in answers})
    sampled = membership.of_cohort(session, cohort.id)
    units = {version: catalogue.unit(session, version) for version in {one.unit_version_id for one in answers}}
    today = clock.now().date()
    found = []
    for one in answers:
        unit = units[one.unit_version_id]
        critical = {criterion.number for criterion in unit.criteria if criterion.safety_critical}
        deciders = sorted({decision.decided_by for decision in one.standing.values()})
        newest = max((since[person] for person in deciders if person in since), default=None)
        judged = rules.Judged(
            attempt=one.attempt,
            has_not_yet=any(not decision.is_achieved for decision in one.decisions),
            is_safety_critical=bool(critical & set(one.criteria)),
            assessor_since=newest,
            has_departure=AchievedUnit(one.enrolment_id, one.unit) in departed,
        )
        found.append(
            Candidate(
                one, studying.get(one.enrolment_id, "Name erased"),
                tuple(people.get(person, "somebody who has left") for person in deciders),
                unit.title, unit.question(one.question).name, rules.suggest(judged, today), one.id in sampled,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.is_sampled, -len(one.reasons), one.learner, one.facts.at))


def learners(session: Session, enrolment_ids: Collection[UUID]) -> dict[UUID, str]:
    """The short names of these learners, by enrolment; who was disposed of is missing."""
    rows = session.execute(
        select(Enrolment.id, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.id.in_(enrolment_ids))
    )
    return {row[0]: row[1].short_name for row in rows}


def names(session: Session, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of these people; who was disposed of is missing."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))
    return {row[0]: row[1] for row in rows}


def appointed_since(session: Session, cohort: Cohort) -> dict[UUID, date]:
    """Since when each assessor of the cohort's centre has been one there."""
    rows = session.execute(
        select(Appointment.person_id, func.min(Appointment.from_date))
        .where(Appointment.role == Role.ASSESSOR, Appointment.centre_id == cohort.centre_id)
        .group_by(Appointment.person_id)
    )
    return {row[0]: row[1] for row in rows}


def _departed(session: Session, enrolment_ids: Collection[UUID]) -> set[AchievedUnit]:
    rows = session.execute(
        select(Departure.enrolment_id, Departure.unit).where(Departure.enrolment_id.in_(enrolment_ids))
    )
    return {AchievedUnit(*row) for row in rows}


# -- samples and reviews ---------------------------------------------------------------------------------------------


def sample_for(session: Session, sample_id: UUID, held: Iterable[HeldAppointment]) -> tuple[Sample, Cohort]:
    """A sample in the scope of these appointments, with its cohort. Raises NotFound."""
    sample = session.get(Sample, sample_id)
    if sample is None:
        raise NotFound
    return sample, cohort_for(session, sample.cohort_id, held)


def sampled_answers(session: Session, sample_id: UUID) -> list[UUID]:
    """The answers in a sample, in the order of choosing."""
    return membership.of_sample(session, sample_id)


@dataclass(frozen=True)
class ReviewFacts:
    """A review with the action it asked for, if any, without words but with the boxes that hold them."""

    review: Review
    action: Action | None
    closure: ActionClosure | None
    responses: tuple[ActionResponse, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it asks for an action that is not closed."""
        return self.action is not None and self.closure is None


def reviews_of(session: Session, decision_ids: Iterable[UUID]) -> dict[UUID, list[ReviewFacts]]:
    """The reviews of these decisions, oldest first, each with its action."""
    rows = session.execute(
        select(Review, Action, ActionClosure)
        .options(joinedload(Review.comment))
        .outerjoin(Action, Action.review_id == Review.id)
        .outerjoin(ActionClosure, ActionClosure.action_id == Action.id)
        .where(Review.decision_id.in_(list(decision_ids)))
        .order_by(Review.at)
    ).all()
    responses = _responses(session, [row[1].id for row in rows if row[1] is not None])
    found: dict[UUID, list[ReviewFacts]] = {}
    for review, action, closure in rows:
        facts = ReviewFacts(review, action, closure, responses.get(action.id, ()) if action else ())
        found.setdefault(review.decision_id, []).append(facts)
    return found


def _responses(session: Session, action_ids: list[UUID]) -> dict[UUID, tuple[ActionResponse, ...]]:
    found: dict[UUID, tuple[ActionResponse, ...]] = {}
    rows = session.scalars(
        select(ActionResponse)
        .options(joinedload(ActionResponse.words))
        .where(ActionResponse.action_id.in_(action_ids))
        .order_by(ActionResponse.at)
    )
    for row in rows:
        found[row.action_id] = (*found.get(row.action_id, ()), row)
    return found


@dataclass(frozen=True)
class AskedAction:
    """An action with what it is about."""

    action: Action
    review: Review
    answer: Answer
    decision: Decision
    closure: ActionClosure | None
    responses: tuple[ActionResponse, ...] = field(default=())

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed while it is open."""
        return self.closure is None and self.action.due_on < today


def _actions(session: Session, *where: object) -> list[AskedAction]:
    rows = session.execute(
        select(Action, Review, Answer, Decision, ActionClosure)
        .join(Review, Review.id == Action.review_id)
        .join(Decision, Decision.id == Review.decision_id)
        .join(Answer, Answer.id == Decision.answer_id)
        .outerjoin(ActionClosure, ActionClosure.action_id == Action.id)
        .options(joinedload(Review.comment))
        .where(*where)  # type: ignore[arg-type]
        .order_by(Action.due_on, Action.id)
    ).all()
    responses = _responses(session, [row[0].id for row in rows])
    return [AskedAction(*row, responses=responses.get(row[0].id, ())) for row in rows]


def actions_of_assessor(session: Session, person_id: UUID, held: Iterable[HeldAppointment]) -> list[AskedAction]:
    """What was asked of an assessor at this centre, the open ones first."""
    centres = {one.centre_id for one in held}
    found = _actions(session, Decision.decided_by == person_id, Answer.centre_id.in_(centres))
    return sorted(found, key=lambda one: (one.closure is not None, one.action.due_on))


def action_of_assessor(
    session: Session, action_id: UUID, person_id: UUID, held: Iterable[HeldAppointment]
) -> AskedAction:
    """One action asked of an assessor. Raises NotFound."""
    found = [one for one in actions_of_assessor(session, person_id, held) if one.action.id == action_id]
    if not found:
        raise NotFound
    return found[0]


def action_for(session: Session, action_id: UUID, held: Iterable[HeldAppointment]) -> AskedAction:
    """One action in the scope of these appointments. Raises NotFound."""
    found = _actions(session, Action.id == action_id)
    if not found:
        raise NotFound
    if not covers(held, session.get_one(Cohort, found[0].answer.cohort_id), found[0].answer.unit):
        raise NotFound
    return found[0]


def open_actions(session: Session, cohort_ids: Collection[UUID]) -> list[AskedAction]:
    """The actions that nobody has closed in these cohorts, the most urgent first."""
    return _actions(session, Answer.cohort_id.in_(cohort_ids), ActionClosure.id.is_(None))


def found_wrong(session: Session, action_ids: Collection[UUID]) -> set[UUID]:
    """Those of these actions that were closed because the decision was wrong."""
    return set(session.scalars(select(UpheldError.action_id).where(UpheldError.action_id.in_(action_ids))))


def count_open_actions(session: Session, cohort_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many actions nobody has closed, by cohort; a cohort without any is missing."""
    rows = session.execute(
        select(Answer.cohort_id, func.count())
        .select_from(Action)
        .join(Review, Review.id == Action.review_id)
        .join(Decision, Decision.id == Review.decision_id)
        .join(Answer, Answer.id == Decision.answer_id)
        .where(Answer.cohort_id.in_(cohort_ids), ~exists().where(ActionClosure.action_id == Action.id))
        .group_by(Answer.cohort_id)
    )
    return {row[0]: row[1] for row in rows}


def has_left(session: Session, person_id: UUID, centre_id: UUID) -> bool:
    """Whether somebody is an assessor of this centre no more."""
    today = clock.now().date()
    current = exists().where(
        Appointment.person_id == person_id,
        Appointment.role == Role.ASSESSOR,
        Appointment.centre_id == centre_id,
        Appointment.from_date <= today,
        or_(Appointment.until_date.is_(None), Appointment.until_date >= today),
    )
    return not session.scalar(select(current))


# -- what a batch rests on -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ground:
    """What sampling has to say about the work in a batch."""

    open_actions: tuple[AskedAction, ...]
    unsampled: Mapping[UUID, str]
    """Assessors of whom no decision in it was reviewed, by name."""
    decisions: int
    reviewed: int


def ground_of(session: Session, units: Collection[AchievedUnit]) -> Ground:
    """What was decided, reviewed and asked in these units of these learners."""
    inside = or_(*(and_(Answer.enrolment_id == one.enrolment_id, Answer.unit == one.unit) for one in units))
    reviewed = exists().where(Review.decision_id == Decision.id)
    rows = session.execute(
        select(Decision.decided_by, reviewed).join(Answer, Answer.id == Decision.answer_id).where(inside)
    ).all()
    everybody, seen = {row[0] for row in rows}, {row[0] for row in rows if row[1]}
    people = names(session, everybody - seen)
    return Ground(
        tuple(_actions(session, inside, ActionClosure.id.is_(None))),
        {person: people.get(person, "somebody who has left") for person in sorted(everybody - seen)},
        len(rows),
        sum(1 for row in rows if row[1]),
    )


def has_reviewed(person: Any, answers: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that somebody (an id or a column) reviewed a decision on one of these answers."""
    return exists().where(
        Review.reviewed_by == person, Review.decision_id == Decision.id, Decision.answer_id == Answer.id, answers
    )
