"""Checks before a placement, and the end of evidence that nobody needs any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Flask
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
from assessors.selection.queries.applications import conflicts_with, facts
from assessors.selection.queries.found import Found
from assessors.selection.words import CheckWords
from course import audit, clock, db, sealing
from course.audit import INSTALLER, Actor, Event
from course.enrolment.models import Cohort
from course.people.models import Centre, Person
from course.sealing import Purpose
from course.working_days import day_of


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
        person=person.id,
        by=by.person_id,
        seen_on=seen.seen_on,
        expires_on=seen.expires_on,
        today=day_of(clock.now(), session.get_one(Centre, cohort.centre_id).time_zone),
        knows=by.person_id in conflicts_with(session, [person.id]).get(person.id, ()),
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


def dispose_due(app: Flask) -> list[str]:
    """Destroy the key to every application's evidence that is past its day, and say how many.

    It looks with a reading session, so that nobody waits for it while nothing is due. Safe on several hosts at once:
    each application is locked, looked at again, and can be disposed of only once.
    """
    with app.app_context():
        with db.database().reader() as reading:
            due = [one.id for one in facts(reading, _candidates(reading)) if _is_due(one)]
        done = sum(_dispose_one(application_id) for application_id in due)
        if done:
            db.database().forget()
    return [f"Applications whose evidence was destroyed: {done}."] if done else []


def _candidates(session: Session) -> list[Application]:
    """Applications with an outcome, or an end, that is old enough for the shortest wait."""
    since = clock.now() - rules.EVIDENCE_KEPT
    decided = exists().where(SelectionDecision.application_id == Application.id, SelectionDecision.at <= since)
    ended = ApplicationWithdrawal
    withdrawn = exists().where(ended.application_id == Application.id, ended.at <= since)
    gone = exists().where(EvidenceDisposal.application_id == Application.id)
    return list(session.scalars(select(Application).where(or_(decided, withdrawn), ~gone).order_by(Application.id)))


def _dispose_one(application_id: UUID) -> bool:
    statement = select(Application).where(Application.id == application_id).with_for_update(skip_locked=True)
    with db.database().transaction() as session:
        found = facts(session, session.scalars(statement).all())
        if not found or found[0].disposal is not None or not _is_due(found[0]):
            return False
        dispose(session, found[0])
    return True


def _is_due(found: Found) -> bool:
    ends = found.evidence_ends
    return ends is not None and ends <= found.today


def dispose(session: Session, found: Found) -> EvidenceDisposal:
    """Destroy the key to one application's words: answers, notes, references. Scores and outcome stay."""
    found.application.words_id = None
    sealing.destroy_key(session, found.id, Purpose.SPECIAL)
    row = EvidenceDisposal(application_id=found.id, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, Event.KEY_DESTROYED, row, by=INSTALLER, enrolment=found.id)
    return row
