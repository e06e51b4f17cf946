"""What each assessor has open and has done lately, for those who lead them. A constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Date, and_, distinct, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from assessors.quality import queries
from assessors.quality.workload import rules
from assessors.quality.workload.rules import Turned, Week
from course import clock
from course.access import HeldAppointment, Role
from course.enrolment import queries as enrolments
from course.people.models import Appointment
from course.records import queries as record_queries
from course.workbook.models import Answer, Decision, Lease, Return, ReturnedDecision, Waiting, WaitingCount
from course.working_days import ENGLAND, LONDON


@dataclass(frozen=True)
class Load:
    """One assessor's work."""

    person_id: UUID
    name: str
    is_current: bool
    open: int
    """Answers taken and not decided, or decided and not returned."""
    oldest: datetime | None
    """When the oldest of these was handed in."""
    decided: int
    """Answers decided in the last 28 days."""
    turnaround: float | None
    """Median working days from hand-in to return, of what came back in the last 28 days."""


@dataclass(frozen=True)
class Workload:
    """Everybody's work, and what waits for anybody."""

    waiting: int
    oldest: datetime | None
    loads: tuple[Load, ...]


def workload(session: Session, held: Collection[HeldAppointment]) -> Workload:
    """The report for the cohorts of these appointments."""
    cohorts = [one.id for one in record_queries.cohorts_of(session, held)]
    centres = {one.centre_id for one in held}
    since = clock.now() - rules.WINDOW
    open_ = _open(session, cohorts)
    decided = _decided(session, cohorts, since)
    turns = _turns(session, cohorts, since)
    current = _assessors(session, centres)
    people = current | open_.keys() | decided.keys() | turns.keys()
    names = queries.names(session, people)
    zone, nation = next(((one.time_zone, one.nation) for one in held), (LONDON, ENGLAND))  # all of them at one centre
    loads = [
        Load(
            one, names.get(one, "Somebody who has left"), one in current, open=open_[one][0] if one in open_ else 0,
            oldest=open_[one][1] if one in open_ else None, decided=decided.get(one, 0),
            turnaround=rules.middle(turns.get(one, ()), zone, nation),
        )
        for one in people
    ]  # fmt: skip
    waiting, oldest = _waiting(session, cohorts)
    return Workload(waiting, oldest, tuple(sorted(loads, key=lambda one: (not one.is_current, one.name))))


def _assessors(session: Session, centres: Collection[UUID]) -> set[UUID]:
    today = clock.now().date()
    return set(
        session.scalars(
            select(Appointment.person_id).where(
                Appointment.role == Role.ASSESSOR, Appointment.centre_id.in_(centres), Appointment.from_date <= today,
                or_(Appointment.until_date.is_(None), Appointment.until_date >= today),
            )
        )
    )  # fmt: skip


def _open(session: Session, cohorts: Collection[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """By whoever took it: leases still running on work that waits, and decisions that no return has shown."""
    runs = and_(
        Lease.ended_at.is_(None), Lease.until > clock.now(), exists().where(Waiting.answer_id == Lease.answer_id)
    )
    unshown = exists().where(
        Decision.answer_id == Lease.answer_id, ~exists().where(ReturnedDecision.decision_id == Decision.id)
    )
    rows = session.execute(
        select(Lease.person_id, func.count(), func.min(Answer.at))
        .join(Answer, Answer.id == Lease.answer_id)
        .where(Answer.cohort_id.in_(cohorts), or_(runs, unshown))
        .group_by(Lease.person_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _decided(session: Session, cohorts: Collection[UUID], since: datetime) -> dict[UUID, int]:
    rows = session.execute(
        select(Decision.decided_by, func.count(distinct(Decision.answer_id)))
        .join(Answer, Answer.id == Decision.answer_id)
        .where(Decision.at >= since, Answer.cohort_id.in_(cohorts))
        .group_by(Decision.decided_by)
    )
    return {row[0]: row[1] for row in rows}


def _turns(session: Session, cohorts: Collection[UUID], since: datetime) -> dict[UUID, list[tuple[datetime, datetime]]]:
    """The first return of each answer counts: a later one shows a changed decision."""
    earlier = select(Return.answer_id, func.min(Return.at).label("at")).group_by(Return.answer_id)
    recent = select(Return.answer_id).where(Return.at >= since)
    first = earlier.where(Return.answer_id.in_(recent)).subquery()
    rows = session.execute(
        select(Return.returned_by, Answer.at, Return.at)
        .join(first, and_(first.c.answer_id == Return.answer_id, first.c.at == Return.at))
        .join(Answer, Answer.id == Return.answer_id)
        .where(Return.at >= since, Answer.cohort_id.in_(cohorts))
    )
    found: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    for who, handed_in, back in rows:
        found[who].append((handed_in, back))
    return found


def _waiting(session: Session, cohorts: Collection[UUID]) -> tuple[int, datetime | None]:
    count = session.scalar(select(func.sum(WaitingCount.waiting)).where(WaitingCount.cohort_id.in_(cohorts)))
    oldest = session.scalar(
        select(Waiting.at).where(Waiting.cohort_id.in_(cohorts)).order_by(Waiting.at, Waiting.answer_id).limit(1)
    )
    return int(count or 0), oldest


# -- week by week ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Turnaround:
    """How soon work came back, week by week; `promised`: the working days of the policies in force, each once."""

    weeks: tuple[Week, ...]
    promised: tuple[int, ...]


def turnaround(session: Session, held: Collection[HeldAppointment]) -> Turnaround:
    """The last weeks of the cohorts of these appointments. The database counts; days are in universal time here."""
    cohorts = [one.id for one in record_queries.cohorts_of(session, held)]
    promised = {one: policy.turnaround for one, policy in enrolments.policies_of(session, cohorts).items()}
    today, nation = clock.now().date(), next((one.nation for one in held), ENGLAND)  # all of them at one centre
    handed_in, back = func.date(Answer.at, type_=Date), func.date(Return.at, type_=Date)
    earlier = aliased(Return)
    rows = session.execute(
        select(Answer.cohort_id, handed_in, back, func.count())
        .join(Return, Return.answer_id == Answer.id)
        .where(
            Answer.cohort_id.in_(cohorts), Return.at >= clock.now() - timedelta(weeks=rules.WEEKS),
            ~exists().where(earlier.answer_id == Return.answer_id, earlier.at < Return.at),
        )
        .group_by(Answer.cohort_id, handed_in, back)
    )  # fmt: skip
    weeks = rules.by_week((Turned(*row) for row in rows), promised, today, nation)
    return Turnaround(tuple(weeks), tuple(sorted(set(promised.values()))))
