"""Plans read back: for somebody, and flat: nothing here grows with the answers of a cohort but the draw itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, distinct, exists, func, or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.quality import queries
from assessors.quality.models import Action, ActionClosure, Review, SampledAnswer
from assessors.quality.plan import facts, rules
from assessors.quality.plan.models import Plan, PlanChange, PlanLine
from assessors.quality.plan.rules import Change, Drawn, Line
from course.access import HeldAppointment
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.enrolment.policy import CompiledPolicy
from course.people.models import Person
from course.records.models import BatchUnit, Release
from course.records.queries import stands
from course.workbook.models import Answer, Decision

PAGE = 30
LEARNERS = 25
"""Rows of the grid on one page."""


def plan_for(session: Session, plan_id: UUID, held: Iterable[HeldAppointment]) -> tuple[Plan, Cohort]:
    """A plan in the scope of these appointments, with its cohort. Raises NotFound."""
    row = session.execute(select(Plan, Cohort).join(Cohort, Cohort.id == Plan.cohort_id).where(Plan.id == plan_id))
    found = row.first()
    if found is None or not queries.covers(held, found[1]):
        raise NotFound
    return found[0], found[1]


def plans_of(session: Session, cohort_id: UUID) -> list[Plan]:
    """Every plan of a cohort, newest first."""
    return list(session.scalars(select(Plan).where(Plan.cohort_id == cohort_id).order_by(Plan.number.desc())))


def plan_of_sample(session: Session, sample_id: UUID) -> UUID | None:
    """The plan that opened a sample; None when it was opened by hand."""
    return session.scalar(select(Plan.id).where(Plan.sample_id == sample_id))


@dataclass(frozen=True)
class PlanNow:
    """A plan as it stands, changes by hand included."""

    drawn: Drawn
    policy: CompiledPolicy
    changes: tuple[PlanChange, ...]
    reviewed: int
    """Answers of it in which at least one decision was reviewed."""
    open_actions: int
    next_id: UUID | None
    """The first answer that nobody has looked at."""
    by_hand: int = 0
    """Answers more than were drawn, or fewer."""

    @property
    def answers(self) -> int:
        """How many answers it holds."""
        return sum(count for *_, count in self.drawn.reasons) + self.by_hand

    @property
    def decisions(self) -> int:
        """How many decisions it asks an assurer to look at."""
        return sum(one.drawn for one in self.drawn.shares)


@dataclass(frozen=True)
class PlanBrief:
    """What an overview says of a plan."""

    plan: Plan
    answers: int
    reviewed: int
    is_compliant: bool


def briefs(session: Session, cohort_ids: Collection[UUID]) -> dict[UUID, PlanBrief]:
    """The newest plan of each of these cohorts, in three queries however many there are."""
    newest = (
        select(Plan.cohort_id, func.max(Plan.number).label("number"))
        .where(Plan.cohort_id.in_(cohort_ids))
        .group_by(Plan.cohort_id)
        .subquery()
    )
    found = session.scalars(
        select(Plan).join(newest, and_(newest.c.cohort_id == Plan.cohort_id, newest.c.number == Plan.number))
    ).all()
    changes: dict[UUID, list[PlanChange]] = defaultdict(list)
    where = PlanChange.plan_id.in_([one.id for one in found])
    for row in session.scalars(select(PlanChange).where(where).order_by(PlanChange.id)):
        changes[row.plan_id].append(row)
    looks = session.execute(
        select(Review.sample_id, func.count(distinct(Decision.answer_id)))
        .join(Decision, Decision.id == Review.decision_id)
        .where(Review.sample_id.in_([one.sample_id for one in found]))
        .group_by(Review.sample_id)
    )
    reviewed = {row[0]: row[1] for row in looks}
    return {one.cohort_id: _brief(one, changes[one.id], reviewed.get(one.sample_id, 0)) for one in found}


def _brief(plan: Plan, changes: Sequence[PlanChange], reviewed: int) -> PlanBrief:
    drawn, by_hand = _as_changed(plan, changes)
    return PlanBrief(plan, sum(count for *_, count in drawn.reasons) + by_hand, reviewed, drawn.is_compliant)


def _as_changed(plan: Plan, changes: Sequence[PlanChange]) -> tuple[Drawn, int]:
    """The draw after its changes by hand, and by how many answers they made it longer."""
    weights = [facts.change_loads(one.facts) for one in changes]
    drawn = rules.changed(
        facts.loads(plan.facts),
        added=[one["added"] for one in weights if "added" in one],
        dropped=[one["dropped"] for one in weights if "dropped" in one],
    )
    return drawn, sum(bool(one.added_id) - bool(one.dropped_id) for one in changes)


def plan_now(session: Session, plan: Plan) -> PlanNow:
    """A plan as it stands. A constant number of queries."""
    policy = enrolments.policy(session, plan.policy_version_id)
    changes = changes_of(session, plan)
    drawn, by_hand = _as_changed(plan, changes)
    added, dropped = rules.after(Change(one.added_id, one.dropped_id) for one in changes)
    reviewed, open_actions, following = _progress(session, plan, added, dropped)
    return PlanNow(drawn, policy, tuple(changes), reviewed, open_actions, following, by_hand)


def changes_of(session: Session, plan: Plan) -> list[PlanChange]:
    """Every change by hand, in order."""
    return list(session.scalars(select(PlanChange).where(PlanChange.plan_id == plan.id).order_by(PlanChange.id)))


def _progress(
    session: Session, plan: Plan, added: Collection[UUID], dropped: Collection[UUID]
) -> tuple[int, int, UUID | None]:
    """How many answers were reviewed, how many actions are open, and the next answer to look at."""
    drawn = (
        select(SampledAnswer.answer_id)
        .where(
            SampledAnswer.sample_id == plan.sample_id, SampledAnswer.answer_id.not_in(dropped),
            ~_is_reviewed(plan, SampledAnswer.answer_id),
        )
        .order_by(SampledAnswer.id)
        .limit(1)
    )  # fmt: skip
    row = session.execute(
        select(
            func.count(distinct(Decision.answer_id)),
            func.count(Action.id).filter(ActionClosure.id.is_(None)),
            drawn.scalar_subquery(),
        )
        .select_from(Review)
        .join(Decision, Decision.id == Review.decision_id)
        .outerjoin(Action, Action.review_id == Review.id)
        .outerjoin(ActionClosure, ActionClosure.action_id == Action.id)
        .where(Review.sample_id == plan.sample_id)
    ).one()
    reviewed, actions, following = cast("tuple[int, int, UUID | None]", tuple(row))
    if following is None and added:
        by_hand = select(Answer.id).where(Answer.id.in_(added), ~_is_reviewed(plan, Answer.id)).limit(1)
        following = session.scalar(by_hand)
    return reviewed, actions, following


def _is_reviewed(plan: Plan, answer_id: Any) -> ColumnElement[bool]:
    return exists().where(
        Decision.answer_id == answer_id, Review.decision_id == Decision.id, Review.sample_id == plan.sample_id
    )


def reviewed_answers(session: Session, plan: Plan, answer_ids: Collection[UUID]) -> dict[UUID, bool]:
    """Which of these answers were looked at in this plan, each with whether an action is open on it."""
    rows = session.execute(
        select(Decision.answer_id, func.count(Action.id).filter(ActionClosure.id.is_(None)))
        .join(Review, Review.decision_id == Decision.id)
        .outerjoin(Action, Action.review_id == Review.id)
        .outerjoin(ActionClosure, ActionClosure.action_id == Action.id)
        .where(Review.sample_id == plan.sample_id, Decision.answer_id.in_(answer_ids))
        .group_by(Decision.answer_id)
    )
    return {row[0]: bool(row[1]) for row in rows}


# -- the lines ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownLine:
    """One answer of a plan."""

    id: UUID
    """Of its place in the plan: what the next page begins after."""
    answer: Answer
    learner: str
    why: Line | None
    """None when it was added by hand."""


def lines(session: Session, plan: Plan, after: UUID | None = None) -> list[ShownLine]:
    """One page of the draw in its order, and one line more when there is another page. Answers dropped are left out;
    those added by hand stand in front of the first page."""
    added, dropped = rules.after(Change(one.added_id, one.dropped_id) for one in changes_of(session, plan))
    query = (
        select(SampledAnswer.id, Answer, Person, PlanLine.reasons)
        .join(Answer, Answer.id == SampledAnswer.answer_id)
        .join(Enrolment, Enrolment.id == Answer.enrolment_id)
        .outerjoin(PlanLine, PlanLine.sampled_answer_id == SampledAnswer.id)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .where(SampledAnswer.sample_id == plan.sample_id, SampledAnswer.answer_id.not_in(dropped))
        .order_by(SampledAnswer.id)
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(SampledAnswer.id > after)
    found = [
        ShownLine(place, answer, _short(person), facts.line_loads(answer.id, reasons))
        for place, answer, person, reasons in session.execute(query)
    ]
    by_hand = added - {one.answer.id for one in found} if after is None else frozenset()
    return [*_by_hand(session, plan, by_hand), *found]


def _by_hand(session: Session, plan: Plan, answer_ids: Collection[UUID]) -> list[ShownLine]:
    if not answer_ids:
        return []
    drawn = exists().where(SampledAnswer.sample_id == plan.sample_id, SampledAnswer.answer_id == Answer.id)
    rows = session.execute(
        select(Answer, Person)
        .join(Enrolment, Enrolment.id == Answer.enrolment_id)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .where(Answer.id.in_(answer_ids), ~drawn)
        .order_by(Answer.id)
    )
    return [ShownLine(answer.id, answer, _short(person), None) for answer, person in rows]


def _short(person: Person | None) -> str:
    return person.short_name if person else "Name erased"


# -- the grid ----------------------------------------------------------------------------------------------------------


@dataclass
class Cell:
    """One learner's unit, counted in answers."""

    judged: int = 0
    planned: int = 0
    """In this plan."""
    reviewed: int = 0
    """Looked at, in this plan or another sample."""
    to_review: int = 0
    """In this plan and not looked at."""
    open_actions: int = 0
    is_released: bool = False

    @property
    def state(self) -> str:
        """What matters most: an open action, then work of the plan, then release, then that it was looked at."""
        order = (
            ("action", self.open_actions),
            ("planned_sample", self.to_review),
            ("released", self.is_released),
            ("sampled", self.reviewed),
            ("judged", self.judged),
        )
        return next((name for name, applies in order if applies), "none")


@dataclass(frozen=True)
class GridRow:
    """One learner's row."""

    enrolment_id: UUID
    """What the next page begins after."""
    short: str
    cells: dict[str, Cell] = field(default_factory=lambda: defaultdict(Cell))


def grid(session: Session, plan: Plan, after: UUID | None = None, name: str = "") -> list[GridRow]:
    """One page of learners in the order in which they joined, and one row more when there is another page.

    That order is the one an index keeps: by name, every page would sort the whole cohort. `name`: only those whose
    name holds this.
    """
    query = (
        select(Enrolment.id, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == plan.cohort_id)
        .order_by(Enrolment.id)
        .limit(LEARNERS + 1)
    )
    if after is not None:
        query = query.where(Enrolment.id > after)
    if name:
        query = query.where(Person.name.icontains(name, autoescape=True))
    rows = {row[0]: GridRow(row[0], row[1].short_name) for row in session.execute(query)}
    ids = list(rows)
    where = Answer.enrolment_id.in_(ids)
    answers: dict[UUID, tuple[UUID, str]] = {}
    for answer_id, enrolment_id, unit in session.execute(
        select(Answer.id, Answer.enrolment_id, Answer.unit)
        .where(where, exists().where(Decision.answer_id == Answer.id))
    ):  # fmt: skip
        answers[answer_id] = (enrolment_id, unit)
        rows[enrolment_id].cells[unit].judged += 1
    inside = in_plan(session, plan, where)
    looks = _looks(session, plan, where)
    for answer_id, (enrolment_id, unit) in answers.items():
        cell, (anywhere, here, actions) = rows[enrolment_id].cells[unit], looks.get(answer_id, (0, 0, 0))
        cell.planned += answer_id in inside
        cell.to_review += answer_id in inside and not here
        cell.reviewed += bool(anywhere)
        cell.open_actions += actions
    for enrolment_id, unit in session.execute(
        select(BatchUnit.enrolment_id, BatchUnit.unit)
        .join(Release, Release.batch_id == BatchUnit.batch_id)
        .where(BatchUnit.enrolment_id.in_(ids), stands())
    ):
        rows[enrolment_id].cells[unit].is_released = True
    return list(rows.values())


def in_plan(session: Session, plan: Plan, where: ColumnElement[bool]) -> set[UUID]:
    """Those of the answers meant that the plan holds now."""
    added, dropped = rules.after(Change(one.added_id, one.dropped_id) for one in changes_of(session, plan))
    drawn = exists().where(SampledAnswer.answer_id == Answer.id, SampledAnswer.sample_id == plan.sample_id)
    query = select(Answer.id).where(where, or_(drawn, Answer.id.in_(added)))
    return set(session.scalars(query)) - dropped


def _looks(session: Session, plan: Plan, where: ColumnElement[bool]) -> dict[UUID, tuple[int, int, int]]:
    """By answer: reviews in whatever sample, reviews in this one, and open actions."""
    rows = session.execute(
        select(
            Decision.answer_id, func.count(Review.id),
            func.count(Review.id).filter(Review.sample_id == plan.sample_id),
            func.count(Action.id).filter(ActionClosure.id.is_(None)),
        )
        .join(Answer, Answer.id == Decision.answer_id)
        .join(Review, Review.decision_id == Decision.id)
        .outerjoin(Action, Action.review_id == Review.id)
        .outerjoin(ActionClosure, ActionClosure.action_id == Action.id)
        .where(where)
        .group_by(Decision.answer_id)
    )  # fmt: skip
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


# -- one learner's unit ------------------------------------------------------------------------------------------------


def learner_in(session: Session, cohort: Cohort, enrolment_id: UUID) -> str:
    """The short name of a learner of this cohort. Raises NotFound."""
    row = session.execute(
        select(Enrolment.id, Person)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.id == enrolment_id, Enrolment.cohort_id == cohort.id)
    ).first()
    if row is None:
        raise NotFound
    return _short(row[1])


def to_swap(session: Session, plan: Plan, most: int = 60) -> list[ShownLine]:
    """Lines that nobody has looked at, which may give way to another answer: the last drawn first."""
    _, dropped = rules.after(Change(one.added_id, one.dropped_id) for one in changes_of(session, plan))
    rows = session.execute(
        select(SampledAnswer.id, Answer, Person)
        .join(Answer, Answer.id == SampledAnswer.answer_id)
        .join(Enrolment, Enrolment.id == Answer.enrolment_id)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .where(
            SampledAnswer.sample_id == plan.sample_id, SampledAnswer.answer_id.not_in(dropped),
            ~_is_reviewed(plan, SampledAnswer.answer_id),
        )
        .order_by(SampledAnswer.id.desc())
        .limit(most)
    )  # fmt: skip
    return [ShownLine(place, answer, _short(person), None) for place, answer, person in rows]
