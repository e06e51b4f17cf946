"""The queue: answers that wait, oldest first, and answers that are decided but held back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from assessors.marking.queries.desk import is_blind
from assessors.marking.queries.scope import Reader, covering, in_scope
from course.adjustments.queries import is_adjusted
from course.cases.holds import is_on_hold
from course.cases.models import Appeal, AppealOutcome
from course.catalogue.models import UnitVersion
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, Enrolment, Pin, PolicyVersion
from course.people import conflicts
from course.people.models import Centre, Person
from course.workbook.deadlines import waits_for_a_person
from course.workbook.models import Answer, Decision, Lease, ReturnedDecision, TakeBack, Waiting, WaitingCount
from course.workbook.reopening import is_reopened, reopened_at

PAGE = 50
CHECKS = ("choice", "order", "match")


@dataclass(frozen=True)
class Filters:
    """What an assessor narrows the queue to; None means all."""

    cohort_id: UUID | None = None
    unit: str | None = None
    question: str | None = None

    def conditions(self, table: Any) -> list[ColumnElement[bool]]:
        """The same as conditions on a table."""
        wanted = ((table.cohort_id, self.cohort_id), (table.unit, self.unit), (table.question, self.question))
        return [column == value for column, value in wanted if value is not None]


@dataclass(frozen=True)
class Place:
    """A place in the queue: everything after it is still to come."""

    at: datetime
    answer_id: UUID


@dataclass
class Counts:
    """How many answers wait, as the filters offer them; the parts are sums, so they stay short however many wait."""

    matching: int = 0
    """Those that the filters let through."""
    cohorts: dict[tuple[UUID, str], int] = field(default_factory=dict)
    """By cohort and its name."""
    units: dict[tuple[str, str], int] = field(default_factory=dict)
    """By qualification and unit."""
    questions: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """By qualification, unit and question."""

    @property
    def total(self) -> int:
        """All that wait for this reader."""
        return sum(self.cohorts.values())


holder = aliased(Person, name="holder")


def _attempt() -> Any:
    """Which attempt this is: answers to the question up to this one that were not taken back."""
    earlier = aliased(Answer, name="earlier")
    return (
        select(func.count())
        .where(
            earlier.enrolment_id == Answer.enrolment_id,
            earlier.question == Answer.question,
            earlier.number <= Answer.number,
            ~exists().where(TakeBack.answer_id == earlier.id),
        )
        .scalar_subquery()
    )


def rows(reader: Reader) -> Select[Any]:
    """The columns of a line, of answers that further conditions choose. Who judges one blind reads no name in it."""
    blind = is_blind(reader.person_id)
    return (
        select(
            Answer.id, Answer.at, Answer.unit, Answer.question, Answer.kind, Answer.cohort_id, Answer.unit_version_id,
            Cohort.name.label("cohort"), _attempt().label("attempt"), blind.label("is_blind"),
            *(case((blind, null()), else_=column).label(column.key) for column in (Person.name, Person.known_as)),
            Lease.person_id.label("holder_id"), Lease.until, Lease.ended_at, holder.known_as.label("holder"),
            reopened_at(), Pin.policy_version_id, waits_for_a_person().label("waits_for_a_person"),
            Centre.time_zone, Centre.nation,
            is_on_hold(Answer.enrolment_id, Answer.unit, Answer.question).label("is_on_hold"),
            is_adjusted(Answer.enrolment_id, Answer.unit, Answer.at).label("is_adjusted"),
        )
        .join(Enrolment, Enrolment.id == Answer.enrolment_id)
        .join(Cohort, Cohort.id == Answer.cohort_id)
        .join(Centre, Centre.id == Answer.centre_id)
        .join(Pin, and_(Pin.enrolment_id == Answer.enrolment_id, Pin.unit == Answer.unit))
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .outerjoin(Lease, Lease.answer_id == Answer.id)
        .outerjoin(holder, holder.id == Lease.person_id)
    )  # fmt: skip


def waiting(session: Session, reader: Reader, filters: Filters, after: Place | None = None) -> list[Row[Any]]:
    """One page of the queue, oldest first, and one row more when there is another page."""
    query = rows(reader).join(Waiting, Waiting.answer_id == Answer.id).where(
        in_scope(reader, Waiting), *filters.conditions(Waiting)
    )  # fmt: skip
    if after is not None:
        query = query.where(tuple_(Waiting.at, Waiting.answer_id) > (after.at, after.answer_id))
    return list(session.execute(query.order_by(Waiting.at, Waiting.answer_id).limit(PAGE + 1)))


def counts(session: Session, reader: Reader, filters: Filters) -> Counts:
    """True counts by cohort, by unit and by question, from the queue's counter, summed by the database in one query."""
    table, waiting = WaitingCount, func.sum(WaitingCount.waiting)
    matches = and_(true(), *filters.conditions(WaitingCount))

    def part(kind: str, summed: Any, *by: str) -> Select[Any]:
        columns = {name: getattr(table, name) for name in ("cohort_id", "qualification", "unit", "question")}
        shown = ((column if name in by else cast(null(), column.type)).label(name) for name, column in columns.items())
        rows = select(literal(kind).label("kind"), summed.label("waiting"), *shown)
        return rows.where(table.waiting > 0, in_scope(reader, table)).group_by(*(columns[name] for name in by))

    sums = union_all(
        part("matching", func.sum(case((matches, table.waiting), else_=0))),
        part("cohort", waiting, "cohort_id"),
        part("unit", waiting, "qualification", "unit"),
        part("question", waiting, "qualification", "unit", "question"),
    ).subquery()
    found = Counts()
    for row in session.execute(select(sums, Cohort.name).outerjoin(Cohort, Cohort.id == sums.c.cohort_id)):
        if row.kind == "matching":
            found.matching = int(row.waiting or 0)
        elif row.kind == "cohort":
            found.cohorts[row.cohort_id, row.name] = int(row.waiting)
        elif row.kind == "unit":
            found.units[row.qualification, row.unit] = int(row.waiting)
        else:
            found.questions[row.qualification, row.unit, row.question] = int(row.waiting)
    return found


def is_held() -> ColumnElement[bool]:
    """Decided, and the decision that counts is not shown to the learner yet."""
    newer = aliased(Decision, name="newer")
    return and_(
        ~exists().where(Waiting.answer_id == Answer.id),
        exists()
        .where(
            Decision.answer_id == Answer.id,
            ~exists().where(ReturnedDecision.decision_id == Decision.id),
            ~exists().where(
                newer.answer_id == Decision.answer_id,
                newer.criterion == Decision.criterion,
                newer.number > Decision.number,
            ),
        )
        .correlate(Answer),
    )


def held(session: Session, reader: Reader, filters: Filters) -> list[Row[Any]]:
    """Answers decided but not returned, oldest first. The lease stays on the row until the return, so few are read."""
    query = rows(reader).where(
        Answer.id.in_(leased()), in_scope(reader, Answer), is_held(), *filters.conditions(Answer)
    )
    return list(session.execute(query.order_by(Answer.at, Answer.id).limit(PAGE * 4)))


def leased() -> Select[Any]:
    """The answers that somebody has taken and not returned."""
    # As a list of ids, and not as a join: SQLite would start a join at the answers, and read all of them.
    return select(Lease.answer_id)


def checks(session: Session, reader: Reader, filters: Filters) -> list[Row[Any]]:
    """Right knowledge checks that wait and are free, oldest first, at most one page."""
    query = rows(reader).join(Waiting, Waiting.answer_id == Answer.id).where(
        in_scope(reader, Waiting), Waiting.kind.in_(CHECKS), ~is_reopened(), ~waits_for_a_person(),
        ~is_blind(reader.person_id),
        ~is_on_hold(Answer.enrolment_id, Answer.unit, Answer.question),
        *filters.conditions(Waiting),
    )  # fmt: skip
    return list(session.execute(query.order_by(Waiting.at, Waiting.answer_id).limit(PAGE)))


def is_free(person_id: UUID, now: datetime) -> ColumnElement[bool]:
    """The condition on leases that that somebody may take the answer: it is ended, run out, or their own."""
    return or_(Lease.ended_at.is_not(None), Lease.until <= now, Lease.person_id == person_id)


def next_like(reader: Reader, filters: Filters, now: datetime) -> Select[Any]:
    """The oldest waiting answer of this kind that nobody holds, and the appointment under which it is theirs.

    Locked, so that two who ask get two answers.
    """
    theirs = select(Enrolment.id).where(Enrolment.person_id.in_(conflicts.apart_from(reader.person_id)))
    query: Any = (
        select(Waiting.answer_id, covering(reader.appointments, Waiting))
        .join(Answer, Answer.id == Waiting.answer_id)
        .outerjoin(Lease, Lease.answer_id == Waiting.answer_id)
        .where(
            in_scope(reader, Waiting),
            or_(Lease.answer_id.is_(None), is_free(reader.person_id, now)),
            Waiting.enrolment_id.not_in(theirs),
            ~waits_for_a_person(),
            *filters.conditions(Waiting),
            ~is_on_hold(Answer.enrolment_id, Answer.unit, Answer.question),
            ~_was_appealed(reader),
            ~is_blind(reader.person_id),
        )
        .order_by(Waiting.at, Waiting.answer_id)
        .limit(1)
    )
    found: Select[Any] = query.with_for_update(of=[Waiting, Answer], skip_locked=True)
    return found


def _was_appealed(reader: Reader) -> ColumnElement[bool]:
    """An appeal about the reader's own decision was upheld: somebody else judges the answer anew."""
    upheld = exists().where(
        Appeal.answer_id == Answer.id,
        AppealOutcome.appeal_id == Appeal.id,
        AppealOutcome.outcome == "upheld",
        Decision.answer_id == Answer.id,
        Decision.decided_by == reader.person_id,
        Decision.at < AppealOutcome.at,
    )
    return upheld.correlate(Answer)


def newest_versions(session: Session, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """The newest version of each (qualification, unit), to name what the filters offer."""
    newer = aliased(UnitVersion, name="newer_version")
    rows = session.execute(
        select(UnitVersion.qualification, UnitVersion.unit, UnitVersion.id).where(
            tuple_(UnitVersion.qualification, UnitVersion.unit).in_(wanted),
            ~exists().where(
                newer.qualification == UnitVersion.qualification,
                newer.unit == UnitVersion.unit,
                newer.number > UnitVersion.number,
            ),
        )
    )
    return {(qualification, unit): version_id for qualification, unit, version_id in rows}


_turnarounds: dict[UUID, int] = {}


def turnarounds(session: Session, policy_version_ids: set[UUID]) -> dict[UUID, int]:
    """Within how many working days each policy promises a return: a version never changes, so it is kept once read."""
    missing = policy_version_ids - _turnarounds.keys()
    if missing:
        rows = session.scalars(select(PolicyVersion).where(PolicyVersion.id.in_(missing)))
        _turnarounds.update({row.id: enrolments.compiled(row).turnaround for row in rows})
    return {one: _turnarounds[one] for one in policy_version_ids}
