"""Who else an error may have affected: every decision by the same assessor, on the same question, or under the same
guidance, in the cohorts of whoever looks. Derived each time; only the looks are ink."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased
from werkzeug.exceptions import NotFound

from assessors.quality import queries
from assessors.quality.affected import rules
from assessors.quality.affected.models import AffectedLook, AffectedReason, ErrorOfAppeal, UpheldError
from assessors.quality.affected.rules import Likeness
from course.access import HeldAppointment
from course.cases.models import AppealOutcome
from course.enrolment.models import Cohort, Enrolment
from course.people.models import Person
from course.records import queries as record_queries
from course.workbook.models import Answer, Decision

PAGE = 30
MOST_COUNTED = 500
"""Beyond this the page says "more than": a true count would read every decision of an assessor's years."""


@dataclass(frozen=True)
class ErrorInFull:
    """An upheld error with the decision that was wrong."""

    error: UpheldError
    decision: Decision
    answer: Answer
    cohort: Cohort
    appeal_id: UUID | None
    """The appeal that was upheld, when no action showed the error."""


def _errors() -> Select[UpheldError, Decision, Answer, Cohort, UUID]:
    return (
        select(UpheldError, Decision, Answer, Cohort, AppealOutcome.appeal_id)
        .join(Decision, Decision.id == UpheldError.decision_id)
        .join(Answer, Answer.id == Decision.answer_id)
        .join(Cohort, Cohort.id == Answer.cohort_id)
        .outerjoin(ErrorOfAppeal, ErrorOfAppeal.error_id == UpheldError.id)
        .outerjoin(AppealOutcome, AppealOutcome.id == ErrorOfAppeal.outcome_id)
    )


def error_of_appeal(session: Session, appeal_id: UUID) -> UpheldError | None:
    """The error that an upheld appeal showed, once somebody has said what to look for."""
    return session.scalar(
        select(UpheldError)
        .join(ErrorOfAppeal, ErrorOfAppeal.error_id == UpheldError.id)
        .join(AppealOutcome, AppealOutcome.id == ErrorOfAppeal.outcome_id)
        .where(AppealOutcome.appeal_id == appeal_id)
    )


def error_for(session: Session, error_id: UUID, held: Iterable[HeldAppointment]) -> ErrorInFull:
    """An error in the scope of these appointments. Raises NotFound."""
    row = session.execute(_errors().where(UpheldError.id == error_id)).first()
    if row is None or not queries.covers(held, row[3], row[2].unit):
        raise NotFound
    return ErrorInFull(*row)


def errors_at(session: Session, held: Collection[HeldAppointment]) -> list[ErrorInFull]:
    """Every error in the scope of these appointments, newest first."""
    rows = session.execute(
        _errors()
        .where(UpheldError.centre_id.in_({one.centre_id for one in held}))
        .order_by(UpheldError.at.desc(), UpheldError.id.desc())
    )
    return [ErrorInFull(*row) for row in rows if queries.covers(held, row[3], row[2].unit)]


@dataclass(frozen=True)
class Affected:
    """One decision that may be wrong like the other."""

    decision: Decision
    answer: Answer
    learner: str
    cohort: str
    like: tuple[Likeness, ...]
    look: AffectedLook | None
    reason: str
    """Why it is kept, where the look found it unaffected."""


def _is_like(found: ErrorInFull) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    wrong = found.decision
    return (
        Decision.decided_by == wrong.decided_by,
        and_(Answer.question == found.answer.question, Answer.qualification == found.answer.qualification),
        and_(Decision.guidance == wrong.guidance, Decision.guidance != ""),  # a check has no guidance to share
    )


def _where(session: Session, found: ErrorInFull, held: Collection[HeldAppointment]) -> list[ColumnElement[bool]]:
    cohorts = [
        one.id for one in record_queries.cohorts_of(session, held) if one.qualification == found.cohort.qualification
    ]
    newer = aliased(Decision, name="newer")
    stands = ~exists().where(
        newer.answer_id == Decision.answer_id, newer.criterion == Decision.criterion, newer.number > Decision.number
    )
    is_it = and_(Decision.answer_id == found.answer.id, Decision.criterion == found.decision.criterion)
    units = {one.unit for one in held}
    in_scope = [] if None in units else [Answer.unit.in_(units)]
    before = Decision.at <= found.error.at  # what is decided later is decided with the error known
    return [Answer.cohort_id.in_(cohorts), or_(*_is_like(found)), stands, ~is_it, before, *in_scope]


def affected(
    session: Session, found: ErrorInFull, held: Collection[HeldAppointment], *, looked_at: bool,
    only: UUID | None = None, most: int = PAGE,
) -> list[Affected]:  # fmt: skip
    """Decisions that may be wrong alike, those with most in common first: still to look at, or looked at."""
    by_assessor, on_question, under_guidance = _is_like(found)
    # The question tells most, on the same point all the more; the other two weigh the same.
    on_point = and_(on_question, Decision.criterion == found.decision.criterion)
    weights = ((on_question, 3), (on_point, 1), (by_assessor, 1), (under_guidance, 1))
    common: Any = sum(case((one, weight), else_=0) for one, weight in weights)
    query = (
        select(
            Decision,
            Answer,
            Person,
            Cohort.name,
            AffectedLook,
            AffectedReason.reason,
            by_assessor,
            on_question,
            under_guidance,
        )
        .join(Answer, Answer.id == Decision.answer_id)
        .join(Cohort, Cohort.id == Answer.cohort_id)
        .join(Enrolment, Enrolment.id == Answer.enrolment_id)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .outerjoin(AffectedLook, and_(AffectedLook.decision_id == Decision.id, AffectedLook.error_id == found.error.id))
        .outerjoin(AffectedReason, AffectedReason.look_id == AffectedLook.id)
        .where(*_where(session, found, held), *([Decision.id == only] if only else []))
        .order_by(common.desc(), Decision.id)
        .limit(most)
    )
    if only is None:
        query = query.where(AffectedLook.id.is_not(None) if looked_at else AffectedLook.id.is_(None))
    return [
        Affected(
            decision, answer, person.short_name if person else "Name erased", cohort,
            rules.likeness(assessor=bool(one), question=bool(two), guidance=bool(three)), look, reason or "",
        )
        for decision, answer, person, cohort, look, reason, one, two, three in session.execute(query)
    ]  # fmt: skip


def counts(session: Session, found: ErrorInFull, held: Collection[HeldAppointment]) -> tuple[int, int]:
    """How many decisions are still to look at (one more than MOST_COUNTED when there are more), and looked at."""
    looked = exists().where(AffectedLook.decision_id == Decision.id, AffectedLook.error_id == found.error.id)
    some = (
        select(Decision.id)
        .join(Answer, Answer.id == Decision.answer_id)
        .where(*_where(session, found, held), ~looked)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    left = session.scalar(select(func.count()).select_from(some)) or 0
    done = session.scalar(select(func.count()).select_from(AffectedLook).where(AffectedLook.error_id == found.error.id))
    return left, done or 0
