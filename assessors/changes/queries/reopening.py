"""Returned answers as the rules of reopening see them, and those that were sent back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import NotFound

from assessors.changes.rules import Signed
from assessors.guidance import queries as guidance
from assessors.quality import queries as quality
from course import paging, sealing
from course.access import HeldAppointment, Role
from course.cases.holds import holds_of
from course.catalogue import queries as catalogue
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, Enrolment, Pin
from course.enrolment.policy import CompiledPolicy
from course.paging import Paged
from course.records import queries as records
from course.records.facts import units_named
from course.records.models import CompletionRecord, Revocation
from course.records.queries import AchievedUnit
from course.sealing import CannotOpen
from course.workbook import queries as work
from course.workbook.models import Answer, Reopening
from course.workbook.reopening import is_reopened
from course.workbook.rules import AnswerFacts, DecisionFact


def signed(session: Session, answers: Collection[AnswerFacts]) -> dict[UUID, Signed]:
    """How each answer stands when somebody wants to send it back. A constant number of queries."""
    ids = {one.enrolment_id for one in answers}
    rows = session.execute(select(Enrolment.id, Enrolment.person_id).where(Enrolment.id.in_(ids)))
    people = {row.id: row.person_id for row in rows}
    released = set(records.releases_of(session, ids))
    recorded = _recorded(session, ids)
    codes = _codes(session, answers) if any(not unit for _, unit in recorded) else {}
    held = holds_of(session, ids)
    waiting = _newer_waiting(session, ids)
    return {
        one.id: Signed(
            learner=people[one.enrolment_id],
            # Decided again and not returned yet: its assessor can still decide it, as before the first return.
            is_returned=one.is_returned and (one.is_reopened or not one.is_unsettled),
            is_reopened=one.is_reopened,
            has_newer_waiting=any(it.attempt > one.attempt for it in waiting.get(_group(session, one), ())),
            is_released=AchievedUnit(one.enrolment_id, one.unit) in released,
            is_on_hold=any(hold.covers(one.unit) for hold in held.get(one.enrolment_id, ())),
            has_record=(one.enrolment_id, one.unit) in recorded
            or codes.get(one.id) in recorded.get((one.enrolment_id, ""), ()),
        )
        for one in answers
    }


def _recorded(session: Session, enrolment_ids: Iterable[UUID]) -> dict[tuple[UUID, str], set[str]]:
    """The records that stand, by enrolment and unit (of the whole qualification: ""), each with the units it counts."""
    revoked = exists().where(Revocation.record_id == CompletionRecord.id)
    rows = session.execute(
        select(CompletionRecord.enrolment_id, CompletionRecord.unit, CompletionRecord.facts).where(
            CompletionRecord.enrolment_id.in_(list(enrolment_ids)), ~revoked
        )
    )
    return {(row.enrolment_id, row.unit): units_named(row.facts) if not row.unit else set() for row in rows}


def _codes(session: Session, answers: Collection[AnswerFacts]) -> dict[UUID, str]:
    """By answer: what the record of the whole qualification calls its unit."""
    cohorts = {one.cohort_id for one in answers}
    rows = session.execute(select(Cohort.id, Cohort.qualification).where(Cohort.id.in_(cohorts)))
    slugs = {row.id: row.qualification for row in rows}
    return {one.id: catalogue.qualification(session, slugs[one.cohort_id]).unit_code(one.unit) for one in answers}


Group = tuple[UUID, str, str]
"""Enrolment, unit, and the question that a group of alternatives hangs from."""


def _group(session: Session, answer: AnswerFacts) -> Group:
    unit = catalogue.unit(session, answer.unit_version_id)
    return answer.enrolment_id, answer.unit, work.root_of(unit, answer.question)


def _newer_waiting(session: Session, enrolment_ids: Iterable[UUID]) -> dict[Group, list[AnswerFacts]]:
    """The answers that are with an assessor, not yet returned."""
    found: dict[Group, list[AnswerFacts]] = {}
    for one in work.facts_where(session, Answer.enrolment_id.in_(list(enrolment_ids))):
        if not one.is_taken_back and not one.is_returned:
            found.setdefault(_group(session, one), []).append(one)
    return found


def policy_of(session: Session, answer: AnswerFacts) -> CompiledPolicy:
    """The policy under which an answer was handed in: that of its pin."""
    pin = select(Pin.policy_version_id).where(Pin.enrolment_id == answer.enrolment_id, Pin.unit == answer.unit)
    return enrolments.policy(session, session.scalars(pin).one())


def who_reopens(policy: CompiledPolicy) -> tuple[Role, ...]:
    """In which roles somebody sends an answer back under a policy."""
    return (Role.IQA, Role.LEAD_IQA) if policy.reopened_by == "iqa" else (Role.LEAD_IQA,)


# -- the page of one answer --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decided:
    """One decision, without its words."""

    fact: DecisionFact
    by: str
    guidance: int | None
    stands: bool


@dataclass(frozen=True)
class ToReopen:
    """A returned answer as whoever may send it back reads it: who, what, and how it was decided; no words."""

    answer: AnswerFacts
    cohort: Cohort
    learner: str
    unit_title: str
    question: str
    signed: Signed
    policy: CompiledPolicy
    decisions: tuple[Decided, ...]


def to_reopen(session: Session, answer_id: UUID, held: Collection[HeldAppointment]) -> ToReopen:
    """An answer in the scope of these appointments. Raises NotFound."""
    answer = work.answer_facts(session, answer_id)
    cohort = quality.cohort_for(session, answer.cohort_id, held)
    if answer.is_taken_back or not quality.covers(held, cohort, answer.unit):
        raise NotFound
    unit = catalogue.unit(session, answer.unit_version_id)
    names = quality.names(session, {one.decided_by for one in answer.decisions})
    numbers = guidance.numbers(session, {one.guidance for one in answer.decisions})
    in_order = sorted(answer.decisions, key=lambda one: (answer.criteria.index(one.criterion), one.number))
    decisions = tuple(
        Decided(one, names.get(one.decided_by, "somebody who has left"), numbers.get(one.guidance),
                answer.standing[one.criterion].id == one.id)
        for one in in_order
    )  # fmt: skip
    return ToReopen(
        answer, cohort, quality.learners(session, {answer.enrolment_id}).get(answer.enrolment_id, "Name erased"),
        unit.title, unit.question(answer.question).name, signed(session, [answer])[answer.id],
        policy_of(session, answer), decisions,
    )  # fmt: skip


# -- what was sent back ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SentBack:
    """One answer that was sent back, why and by whom, and whether it still waits."""

    answer_id: UUID
    cohort: str
    learner: str
    unit_title: str
    question: str
    cause: str
    reason: str
    by: str
    at: datetime
    is_waiting: bool


PAGE = 50


def sent_back(session: Session, held: Collection[HeldAppointment], after: UUID | None = None) -> Paged[SentBack]:
    """Answers that were sent back in the scope of these appointments, newest first, one page."""
    cohorts = {one.id: one for one in records.cohorts_of(session, held)}
    query = (
        select(Reopening, Answer, is_reopened())
        .join(Answer, Answer.id == Reopening.answer_id)
        .options(joinedload(Reopening.reason))
        .where(Answer.cohort_id.in_(cohorts))
    )
    rows = session.execute(paging.newest_first(query, Reopening, after, PAGE)).all()
    here = paging.cut(rows, PAGE, lambda row: row[0].id)
    mine = [row for row in here.lines if quality.covers(held, cohorts[row[1].cohort_id], row[1].unit)]
    sealing.hold_keys(session, {row[0].reason.key_id for row in mine})
    learners = quality.learners(session, {row[1].enrolment_id for row in mine})
    names = quality.names(session, {row[0].reopened_by for row in mine})
    found = []
    for reopening, answer, waits in mine:
        unit = catalogue.unit(session, answer.unit_version_id)
        found.append(
            SentBack(
                answer.id, cohorts[answer.cohort_id].name, learners.get(answer.enrolment_id, "Name erased"), unit.title,
                unit.question(answer.question).name, reopening.cause, _reason(session, reopening),
                names.get(reopening.reopened_by, "somebody who has left"), reopening.at, bool(waits),
            )
        )  # fmt: skip
    return Paged(found, here.after)


def _reason(session: Session, reopening: Reopening) -> str:
    try:
        return sealing.read(session, reopening.reason)
    except CannotOpen:
        return "The reason was erased with the learner’s work."
