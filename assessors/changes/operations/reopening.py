"""Sending a returned answer back, to be decided again: ink, and then a new number under the guidance in force."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.changes import rules
from assessors.changes.queries import reopening as queries
from assessors.changes.rules import Signed
from course import audit, clock, outbox, sealing
from course.audit import Actor
from course.db import new_id
from course.enrolment.models import Cohort
from course.records import queries as records
from course.refusal import Step
from course.sealing import Purpose
from course.workbook import queries as work
from course.workbook.models import Answer, Reopening
from course.workbook.rules import AnswerFacts

DECISION, GUIDANCE = "decision", "guidance"


def reopen(session: Session, answer_id: UUID, reason: str, *, cause: str = DECISION, by: Actor) -> Reopening:
    """Send one returned answer back to the queue. What was decided stays, and counts until it is returned anew.

    Raises Refusal. The learner is told that somebody is looking at it again, never why.
    """
    answer, signed = _locked(session, answer_id)
    cohort, policy = session.get_one(Cohort, answer.cohort_id), queries.policy_of(session, answer)
    step = rules.reopen(
        signed,
        records.standing(session, by.person_id, cohort, answers=[answer.id], roles=queries.who_reopens(policy)),
        by=by.person_id, role=by.role, may=policy.reopened_by, reason=reason,
    )  # fmt: skip
    return _write(session, answer, signed, step, reason, cause, by=by)


def reopen_for_appeal(session: Session, answer_id: UUID, reason: str, *, by: Actor) -> Reopening:
    """Send an answer back because an appeal about it was upheld. Raises Refusal."""
    answer, signed = _locked(session, answer_id)
    step = rules.reopen_for_appeal(signed, by=by.person_id, reason=reason)
    return _write(session, answer, signed, step, reason, DECISION, by=by)


def _locked(session: Session, answer_id: UUID) -> tuple[AnswerFacts, Signed]:
    # An assessor takes a lease, and a learner takes back, under the same lock.
    session.scalars(select(Answer.id).where(Answer.id == answer_id).with_for_update()).one()
    answer = work.answer_facts(session, answer_id)
    return answer, queries.signed(session, [answer])[answer.id]


def _write(
    session: Session, answer: AnswerFacts, signed: Signed, step: Step, reason: str, cause: str, *, by: Actor
) -> Reopening:
    assert by.appointment_id is not None
    key = sealing.ensure_key(session, answer.enrolment_id, Purpose.WORK)
    words = sealing.seal(session, key, "reopening.reason", reason.strip(), about=answer.id)
    session.flush()
    row = Reopening(
        id=new_id(), answer_id=answer.id, decisions_before=len(answer.decisions), cause=cause, reason_id=words.id,
        reopened_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=signed.learner, enrolment=answer.enrolment_id)
    # One letter a day, however many of a learner's answers new guidance sends back.
    once = f"reopening:{answer.enrolment_id}:{row.at.date().isoformat()}"
    outbox.queue(session, signed.learner, outbox.Letter.SOMETHING_TO_READ, key=once, link="/learn")
    return row
