"""Cases, read: what somebody asks about how work was done, what the learner says, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course import clock, working_days
from course.cases.models import CaseOutcome, CaseReply, ConductCase
from course.cases.queries import Said, opened
from course.cases.rules import CaseFacts
from course.enrolment.models import Enrolment
from course.people.models import Centre


def facts_where(session: Session, *conditions: ColumnElement[bool]) -> list[CaseFacts]:
    """Cases that match, oldest first, in one query."""
    rows = session.execute(
        select(ConductCase, Enrolment.person_id, CaseOutcome.finding, Centre.time_zone)
        .join(Enrolment, Enrolment.id == ConductCase.enrolment_id)
        .join(Centre, Centre.id == Enrolment.centre_id)
        .outerjoin(CaseOutcome, CaseOutcome.case_id == ConductCase.id)
        .where(*conditions)
        .order_by(ConductCase.at, ConductCase.id)
    )
    return [
        CaseFacts(
            row.id, row.kind, row.enrolment_id, row.cohort_id, row.answer_id, row.unit, row.question, learner,
            row.opened_by, row.at, row.due_on, row.words_id, row.told_id, finding or "",
            working_days.day_of(clock.now(), zone),
        )
        for row, learner, finding, zone in rows
    ]  # fmt: skip


def case(session: Session, case_id: UUID, *, lock: bool = False) -> CaseFacts:
    """One case, for a caller that checks whose it is. Raises NotFound. `lock`: one step at a time on it."""
    if lock:
        session.scalars(select(ConductCase.id).where(ConductCase.id == case_id).with_for_update()).all()
    found = facts_where(session, ConductCase.id == case_id)
    if not found:
        raise NotFound
    return found[0]


def own_case(session: Session, case_id: UUID, person_id: UUID, *, lock: bool = False) -> CaseFacts:
    """A case about a learner's own work. Raises NotFound."""
    found = case(session, case_id, lock=lock)
    if found.learner != person_id:
        raise NotFound
    return found


def of_person(session: Session, person_id: UUID) -> list[CaseFacts]:
    """The cases about a learner's work, the latest first."""
    return facts_where(session, Enrolment.person_id == person_id)[::-1]


@dataclass(frozen=True)
class Opened:
    """A case with its words. What staff noted, and the reason, are not for the learner."""

    facts: CaseFacts
    noted: str
    said: tuple[Said, ...]
    """What the learner was told and what they said, oldest first."""
    reason: str


def in_full(session: Session, facts: CaseFacts) -> Opened:
    """A case, opened, as staff read it."""
    reason_id = session.scalar(select(CaseOutcome.reason_id).where(CaseOutcome.case_id == facts.id))
    words = opened(session, [facts.words_id, *([reason_id] if reason_id else [])])
    return Opened(
        facts, words[facts.words_id], tuple(told(session, facts)), words[reason_id] if reason_id else ""
    )  # fmt: skip


def told(session: Session, facts: CaseFacts) -> list[Said]:
    """What the learner was told and what they said, oldest first: nothing else is opened."""
    replies = session.scalars(select(CaseReply).where(CaseReply.case_id == facts.id)).all()
    outcome = session.scalar(select(CaseOutcome).where(CaseOutcome.case_id == facts.id))
    boxes = [facts.told_id, *(one.words_id for one in replies), *([outcome.told_id] if outcome else [])]
    words = opened(session, boxes)
    said = [Said(facts.opened_by, words[facts.told_id], facts.at)]
    said += [Said(None, words[one.words_id], one.at) for one in replies]
    said += [Said(outcome.decided_by, words[outcome.told_id], outcome.at)] if outcome else []
    return sorted(said, key=lambda one: one.at)


@dataclass(frozen=True)
class About:
    """What a case is about: an answer, or with none named, everything of an enrolment."""

    enrolment: Enrolment
    answer_id: UUID | None = None
    unit: str | None = None
    question: str | None = None
    is_handed_in: bool = True
