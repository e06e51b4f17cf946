"""Deciding and returning: each writes its ink and the audit entry together."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy.orm import Session

from assessors.marking import rules
from assessors.marking.operations import leasing
from assessors.marking.operations.comments import keep_comment
from assessors.marking.queries.desk import Desk
from assessors.marking.rules import Judged, Judgement
from course import audit, clock, outbox, reading_ahead, sealing
from course.db import new_id
from course.refusal import Step
from course.sealing import Purpose
from course.workbook.models import Decision, Outcome, Return, ReturnedDecision
from course.workbook.rules import DecisionFact


def check_current(desk: Desk, judgement: Judgement) -> None:
    """Refuse a page that no longer fits, before anything else is said about it. Raises OutOfDate."""
    rules.check_current(desk.case, judgement, by=desk.by.person_id)


def decide(session: Session, desk: Desk, judgement: Judgement, *, returns: bool = False) -> tuple[Desk, Return | None]:
    """Decide every open criterion of a locked answer, all or none. Raises Refusal, or OutOfDate.

    `returns`: show it to the learner at once, if it may be returned; else it is held, as it is without.
    """
    step = rules.decide(desk.case, judgement, by=desk.by.person_id)
    decided = _write(session, desk, list(judgement.criteria.values()), step)
    leasing.drop_judgement(session, desk)
    for judged in judgement.criteria.values():
        if judged.keep:
            keep_comment(session, desk, judged.criterion, judged.feedback)
    if returns and rules.may_return(decided.case, by=decided.by.person_id):
        return decided, return_answer(session, decided)
    leasing.end(session, desk.answer.id, clock.now())
    return decided, None


def confirm_check(session: Session, desk: Desk, feedback: str) -> Desk:
    """Confirm one right knowledge check: every open criterion achieved, with this feedback. Raises Refusal."""
    step = rules.confirm_check(desk.case, by=desk.by.person_id)
    leasing.hold(session, desk)
    judged = [Judged(criterion, Outcome.ACHIEVED, feedback) for criterion in desk.answer.open_criteria]
    confirmed = _write(session, desk, judged, step)
    leasing.end(session, desk.answer.id, clock.now())
    return confirmed


def _write(session: Session, desk: Desk, judged: list[Judged], step: Step) -> Desk:
    key = sealing.ensure_key(session, desk.enrolment.id, Purpose.WORK)
    now = clock.now()
    rows = [_decision(session, desk, key, one) for one in judged]
    session.flush()  # the boxes before the ink that names them
    for row in rows:
        row.at = now
        session.add(row)
        audit.record(
            session, step.event, row, by=desk.by, subject=desk.enrolment.person_id, enrolment=desk.enrolment.id
        )
    session.flush()
    facts = tuple(
        DecisionFact(
            row.id,
            row.criterion,
            row.number,
            row.outcome,
            row.decided_by,
            now,
            row.points,
            row.feedback_id,
            row.guidance,
        )
        for row in rows
    )
    case = replace(
        desk.case, answer=replace(desk.answer, decisions=(*desk.answer.decisions, *facts)), is_countersigned=False,
        trainees=frozenset({desk.by.person_id}) if desk.case.is_trainee else frozenset(),
    )  # fmt: skip
    return replace(desk, case=case)


def _decision(session: Session, desk: Desk, key: sealing.Key, judged: Judged) -> Decision:
    assert judged.outcome is not None
    assert desk.by.appointment_id is not None
    words = json.dumps({"feedback": judged.feedback, "ticks": list(judged.ticks)}, ensure_ascii=False)
    points = rules.points_of(desk.tickable(judged.criterion), judged.ticks) if desk.case.needs_ticks else None
    return Decision(
        id=new_id(), answer_id=desk.answer.id, criterion=judged.criterion,
        number=rules.next_number(desk.case, judged.criterion), outcome=judged.outcome, guidance=desk.case.guidance,
        feedback_id=sealing.seal(session, key, "decision.feedback", words, about=desk.answer.id).id, points=points,
        decided_by=desk.by.person_id, appointment_id=desk.by.appointment_id,
    )  # fmt: skip


def return_answer(session: Session, desk: Desk) -> Return:
    """Show an answer's decisions to the learner, and tell them that there is something to read. Raises Refusal."""
    step = rules.return_answer(desk.case, by=desk.by.person_id)
    assert desk.by.appointment_id is not None
    shown = Return(
        id=new_id(), answer_id=desk.answer.id, returned_by=desk.by.person_id, appointment_id=desk.by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(shown)
    session.flush()
    unreturned = [one for one in desk.answer.standing.values() if one.returned_at is None]
    parts = [ReturnedDecision(decision_id=decision.id, return_id=shown.id) for decision in unreturned]
    session.add_all(parts)
    reading_ahead.hold_parts(session, shown.id, parts)
    audit.record(session, step.event, shown, by=desk.by, subject=desk.enrolment.person_id, enrolment=desk.enrolment.id)
    leasing.forget(session, desk.answer.id)
    outbox.queue(
        session, desk.enrolment.person_id, outbox.Letter.SOMETHING_TO_READ, key=f"return:{shown.id}", link="/learn"
    )
    return shown
