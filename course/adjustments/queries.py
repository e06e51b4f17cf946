"""Reads about adjustments: one learner's own, those of a unit for its assessor, and what a centre has to see to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, exists, func, or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course import clock, sealing
from course.access import HeldAppointment
from course.adjustments.models import (
    AdjustedUnit,
    Adjustment,
    AdjustmentEnd,
    AdjustmentOutcome,
    AdjustmentReply,
    AdjustmentRequest,
)
from course.adjustments.rules import AdjustmentFact
from course.adjustments.words import AgreedWords
from course.enrolment.models import Cohort, Enrolment
from course.independence import Standing, Tie
from course.people import conflicts
from course.people.models import Centre, Person
from course.sealing import CannotOpen, Sealed
from course.special_log import SpecialOpening
from course.working_days import day_of

ERASED = "These words were erased."


def facts_of(session: Session, enrolment_ids: Iterable[UUID]) -> dict[UUID, list[AdjustmentFact]]:
    """The adjustments of these enrolments, oldest first, in two queries."""
    rows = session.execute(
        select(Adjustment, AdjustmentEnd.last_on)
        .outerjoin(AdjustmentEnd, AdjustmentEnd.adjustment_id == Adjustment.id)
        .where(Adjustment.enrolment_id.in_(list(enrolment_ids)))
        .order_by(Adjustment.at, Adjustment.id)
    ).all()
    units: dict[UUID, set[str]] = defaultdict(set)
    if rows:
        named = AdjustedUnit.adjustment_id.in_([row[0].id for row in rows])
        for one in session.scalars(select(AdjustedUnit).where(named)):
            units[one.adjustment_id].add(one.unit)
    found: dict[UUID, list[AdjustmentFact]] = defaultdict(list)
    for row, last_on in rows:
        found[row.enrolment_id].append(
            AdjustmentFact(row.id, row.enrolment_id, row.kind, row.seen, row.from_on, row.until_on, row.review_on,
                           row.words_id, row.agreed_by, frozenset(units[row.id]), last_on)
        )  # fmt: skip
    return found


def today_at(session: Session, centre_id: UUID) -> date:
    """The day that it is at a centre."""
    return day_of(clock.now(), session.get_one(Centre, centre_id).time_zone)


# -- for the marking side ----------------------------------------------------------------------------------------------


def is_adjusted(enrolment_id: Any, unit: Any, at: Any) -> ColumnElement[bool]:
    """The condition that something was agreed for work handed in at this moment (three columns of an answer).

    For the queue's list and for the pool that samples are drawn from. Days are counted in universal time here.
    """
    day = func.date(at, type_=Date)
    of_unit = exists().where(AdjustedUnit.adjustment_id == Adjustment.id)
    ended = exists().where(AdjustmentEnd.adjustment_id == Adjustment.id, AdjustmentEnd.last_on < day)
    return (
        exists()
        .where(
            Adjustment.enrolment_id == enrolment_id,
            Adjustment.from_on <= day,
            or_(Adjustment.until_on.is_(None), Adjustment.until_on >= day),
            or_(~of_unit, of_unit.where(AdjustedUnit.unit == unit)),
            ~ended,
        )
        .correlate_except(Adjustment, AdjustedUnit, AdjustmentEnd)
    )


@dataclass(frozen=True)
class Agreed:
    """One adjustment with its words."""

    fact: AdjustmentFact
    words: AgreedWords
    by: str = ""

    @property
    def title(self) -> str:
        """What sort of thing it is."""
        return "Special consideration" if self.fact.kind == "consideration" else "Reasonable adjustment"


def opened(session: Session, facts: Collection[AdjustmentFact]) -> list[Agreed]:
    """Adjustments with their words. Opening them is noted, and written down by the application."""
    boxes = _boxes(session, [one.words_id for one in facts])
    return [Agreed(one, AgreedWords.loads(_text(session, boxes.get(one.words_id)))) for one in facts]


def for_work(session: Session, enrolment_id: UUID, unit: str, day: date) -> list[Agreed]:
    """What an assessor of work handed in on a day has to know: what was agreed, never why."""
    facts = facts_of(session, [enrolment_id]).get(enrolment_id, [])
    return opened(session, [one for one in facts if one.covers(unit) and one.holds_on(day)])


def _boxes(session: Session, ids: Iterable[UUID]) -> dict[UUID, Sealed]:
    wanted = set(ids)
    return {row.id: row for row in session.scalars(select(Sealed).where(Sealed.id.in_(wanted)))} if wanted else {}


def _text(session: Session, box: Sealed | None) -> str:
    try:
        return sealing.read(session, box) if box is not None else ""
    except CannotOpen:
        return ""


# -- what was asked ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """One request with its words, the reply once there is one, and what came of it."""

    id: UUID
    words: str
    at: datetime
    reply: str = ""
    replied_at: datetime | None = None
    replied_by: UUID | None = None
    settled_at: datetime | None = None
    settled_by: UUID | None = None
    adjustment_id: UUID | None = None
    """What was agreed; None when nothing was, or not yet."""
    reason: str = ""
    """Why it was not agreed."""

    @property
    def is_settled(self) -> bool:
        """Whether it was agreed or not agreed."""
        return self.settled_at is not None

    @property
    def people(self) -> set[UUID]:
        """Who has answered."""
        return {one for one in (self.replied_by, self.settled_by) if one is not None}


def requests_of(session: Session, enrolment_id: UUID) -> list[Asked]:
    """What a learner asked, what the centre answered and what came of it, the latest first, with their words."""
    rows = session.execute(
        select(AdjustmentRequest, AdjustmentReply, AdjustmentOutcome)
        .outerjoin(AdjustmentReply, AdjustmentReply.request_id == AdjustmentRequest.id)
        .outerjoin(AdjustmentOutcome, AdjustmentOutcome.request_id == AdjustmentRequest.id)
        .where(AdjustmentRequest.enrolment_id == enrolment_id)
        .order_by(AdjustmentRequest.at.desc(), AdjustmentRequest.id.desc())
    ).all()
    boxes = _boxes(session, [one.words_id for row in rows for one in row if one is not None and one.words_id])
    return [_asked(session, *row, boxes) for row in rows]


def _asked(
    session: Session, asked: AdjustmentRequest, reply: AdjustmentReply | None, outcome: AdjustmentOutcome | None,
    boxes: dict[UUID, Sealed],
) -> Asked:  # fmt: skip
    found = Asked(asked.id, _text(session, boxes.get(asked.words_id)) or ERASED, asked.at)
    if reply is not None:
        words = _text(session, boxes.get(reply.words_id)) or ERASED
        found = replace(found, reply=words, replied_at=reply.at, replied_by=reply.replied_by)
    if outcome is not None:
        reason = (_text(session, boxes.get(outcome.words_id)) or ERASED) if outcome.words_id else ""
        found = replace(found, settled_at=outcome.at, settled_by=outcome.decided_by,
                        adjustment_id=outcome.adjustment_id, reason=reason)  # fmt: skip
    return found


def waiting_of(session: Session, enrolment_id: UUID) -> int:
    """How many requests of a learner wait for a reply."""
    query = select(func.count(AdjustmentRequest.id)).where(AdjustmentRequest.enrolment_id == enrolment_id, _waits())
    return session.scalar(query) or 0


def _waits() -> ColumnElement[bool]:
    """The condition that a request has neither a reply nor an outcome."""
    replied = exists().where(AdjustmentReply.request_id == AdjustmentRequest.id)
    return ~replied & ~exists().where(AdjustmentOutcome.request_id == AdjustmentRequest.id)


def looks(session: Session, person_id: UUID) -> list[SpecialOpening]:
    """Who has opened what is sealed about a person, the latest first."""
    query = select(SpecialOpening).where(SpecialOpening.owner_id == person_id)
    return list(session.scalars(query.order_by(SpecialOpening.at.desc(), SpecialOpening.id).limit(50)))


# -- whose ------------------------------------------------------------------------------------------------------------


def own_enrolment(session: Session, enrolment_id: UUID, person_id: UUID) -> Enrolment:
    """A learner's own enrolment. Raises NotFound."""
    found = session.get(Enrolment, enrolment_id)
    if found is None or found.person_id != person_id:
        raise NotFound
    return found


def enrolment_for(session: Session, enrolment_id: UUID, held: Collection[HeldAppointment]) -> tuple[Enrolment, Cohort]:
    """An enrolment in the scope of these appointments, with its cohort. Raises NotFound."""
    found = session.get(Enrolment, enrolment_id)
    cohort = session.get_one(Cohort, found.cohort_id) if found else None
    if found is None or cohort is None or not _covers(held, cohort):
        raise NotFound
    return found, cohort


def standing(session: Session, enrolment: Enrolment, person_id: UUID) -> Standing:
    """How somebody stands to a learner for whom they settle something. Work is no part of it yet."""
    apart = conflicts.is_conflicted(session, person_id, [enrolment.person_id])
    return Standing().plus(Tie.OWN if enrolment.person_id == person_id else None, Tie.APART if apart else None)


def cohort_for(session: Session, cohort_id: UUID, held: Collection[HeldAppointment]) -> Cohort:
    """A cohort in the scope of these appointments. Raises NotFound."""
    found = session.get(Cohort, cohort_id)
    if found is None or not _covers(held, found):
        raise NotFound
    return found


def cohorts(session: Session, held: Collection[HeldAppointment]) -> list[Cohort]:
    """The cohorts in the scope of these appointments, by name."""
    centres = {one.centre_id for one in held}
    rows = session.scalars(select(Cohort).where(Cohort.centre_id.in_(centres)).order_by(Cohort.name))
    return [one for one in rows if _covers(held, one)]


def _covers(held: Collection[HeldAppointment], cohort: Cohort) -> bool:
    return any(
        one.covers(centre_id=cohort.centre_id, cohort_id=cohort.id, qualification=cohort.qualification) for one in held
    )


def adjustment_for(session: Session, adjustment_id: UUID, held: Collection[HeldAppointment]) -> AdjustmentFact:
    """An adjustment in the scope of these appointments. Raises NotFound."""
    row = session.get(Adjustment, adjustment_id)
    if row is None:
        raise NotFound
    enrolment_for(session, row.enrolment_id, held)
    return next(one for one in facts_of(session, [row.enrolment_id])[row.enrolment_id] if one.id == adjustment_id)


def request_for(session: Session, request_id: UUID, held: Collection[HeldAppointment]) -> AdjustmentRequest:
    """A request in the scope of these appointments, locked: it is answered once. Raises NotFound."""
    row = session.scalar(select(AdjustmentRequest).where(AdjustmentRequest.id == request_id).with_for_update())
    if row is None:
        raise NotFound
    enrolment_for(session, row.enrolment_id, held)
    return row


def is_answered(session: Session, request: AdjustmentRequest) -> bool:
    """Whether a request has its reply, or its outcome."""
    query = select(AdjustmentRequest.id).where(AdjustmentRequest.id == request.id, ~_waits())
    return session.scalar(query) is not None


def is_settled(session: Session, request: AdjustmentRequest) -> bool:
    """Whether a request was agreed or not agreed."""
    return session.scalar(select(AdjustmentOutcome.id).where(AdjustmentOutcome.request_id == request.id)) is not None


# -- what there is to see to -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One learner on the centre's list. No words: opening the learner's page is what is written down."""

    enrolment: Enrolment
    name: str
    cohort: str
    holds: int
    waiting: int
    review_on: date | None
    is_due: bool


def lines(session: Session, of: Collection[Cohort], *, everybody: bool = False) -> list[Line]:
    """The learners of these cohorts for whom something was asked or agreed (or all), what asks for somebody first."""
    names = {one.id: one.name for one in of}
    agreed = exists().where(Adjustment.enrolment_id == Enrolment.id)
    asked = exists().where(AdjustmentRequest.enrolment_id == Enrolment.id)
    where = [Enrolment.cohort_id.in_(names), Enrolment.withdrawn_at.is_(None)]
    rows = session.execute(
        select(Enrolment, Person.name)
        .join(Person, Person.id == Enrolment.person_id)
        .where(and_(*where, *([] if everybody else [or_(agreed, asked)])))
        .order_by(Person.name, Enrolment.id)
    ).all()
    ids = [row[0].id for row in rows]
    facts = facts_of(session, ids)
    counted = session.execute(
        select(AdjustmentRequest.enrolment_id, func.count())
        .where(AdjustmentRequest.enrolment_id.in_(ids), _waits())
        .group_by(AdjustmentRequest.enrolment_id)
    )
    waiting = {row[0]: int(row[1]) for row in counted}
    today = today_at(session, next(iter(of)).centre_id) if of else None
    found = [_line(row[0], row[1], names, facts.get(row[0].id, []), waiting, today) for row in rows]
    return sorted(found, key=lambda one: (not one.waiting, not one.is_due, one.name))


def _line(
    enrolment: Enrolment, name: str, cohorts: dict[UUID, str], facts: list[AdjustmentFact], waiting: dict[UUID, int],
    today: date | None,
) -> Line:  # fmt: skip
    assert today is not None
    now = [one for one in facts if not one.is_over(today)]
    reviews = [one.review_on for one in now if one.review_on]
    return Line(
        enrolment, name, cohorts[enrolment.cohort_id], len(now), waiting.get(enrolment.id, 0),
        min(reviews) if reviews else None, any(one.is_to_review(today) for one in now),
    )  # fmt: skip
