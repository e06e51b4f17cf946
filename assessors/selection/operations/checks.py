"""Checks before a placement, and the end of evidence that nobody needs any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from assessors.selection import rules
from assessors.selection.models import (
    Application,
    ApplicationWithdrawal,
    CheckSeen,
    EvidenceDisposal,
    SelectionDecision,
)
from assessors.selection.queries.applications import Found, facts
from assessors.selection.words import CheckWords
from course import audit, clock, db, sealing
from course.audit import INSTALLER, Actor, Event
from course.enrolment.models import Cohort
from course.people.models import Person
from course.sealing import Purpose
from course.working_days import day_of

AT_ONCE = 200
"""Applications looked at in one transaction, so that nobody waits long for the writer's turn."""


@dataclass(frozen=True)
class Seen:
    """What was seen about one criterion."""

    criterion: str
    decision: str
    seen_on: date
    expires_on: date | None
    words: CheckWords


def note_check(session: Session, cohort: Cohort, person: Person, seen: Seen, *, by: Actor) -> CheckSeen:
    """Note that a document was seen and what follows from it; never the document. Raises Refusal."""
    step = rules.note_check(
        person=person.id, by=by.person_id, seen_on=seen.seen_on, expires_on=seen.expires_on, today=day_of(clock.now())
    )
    key = sealing.ensure_key(session, person.id, Purpose.SPECIAL)
    session.flush()
    box = sealing.seal(session, key, "check.words", seen.words.model_dump_json())
    session.flush()
    row = CheckSeen(
        centre_id=cohort.centre_id, person_id=person.id, criterion=seen.criterion, decision=seen.decision,
        seen_on=seen.seen_on, expires_on=seen.expires_on, words_id=box.id, seen_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=person.id)
    return row


def dispose_due() -> str:
    """Destroy the key to every application's evidence that is past its day. Returns a line, or nothing.

    Safe on several hosts at once: each application is locked, and can be disposed of only once.
    """
    count = 0
    after = None
    while True:
        with db.database().transaction() as session:
            rows = _candidates(session, after)
            due = [one for one in facts(session, rows) if _is_due(one)]
            for found in due:
                dispose(session, found)
        count += len(due)
        if len(rows) < AT_ONCE:
            break
        after = rows[-1].id
    if count:
        db.database().forget()
    return f"Applications whose evidence was destroyed: {count}." if count else ""


def _candidates(session: Session, after: object) -> list[Application]:
    decided = exists().where(SelectionDecision.application_id == Application.id)
    withdrawn = exists().where(ApplicationWithdrawal.application_id == Application.id)
    gone = exists().where(EvidenceDisposal.application_id == Application.id)
    statement = select(Application).where(or_(decided, withdrawn), ~gone).order_by(Application.id).limit(AT_ONCE)
    if after is not None:
        statement = statement.where(Application.id > after)
    return list(session.scalars(statement.with_for_update(skip_locked=True)))


def _is_due(found: Found) -> bool:
    ends = found.evidence_ends
    return ends is not None and ends <= day_of(clock.now())


def dispose(session: Session, found: Found) -> EvidenceDisposal:
    """Destroy the key to one application's words: answers, notes, references. Scores and outcome stay."""
    found.application.words_id = None
    sealing.destroy_key(session, found.id, Purpose.SPECIAL)
    row = EvidenceDisposal(application_id=found.id, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, Event.KEY_DESTROYED, row, by=INSTALLER, enrolment=found.id)
    return row
