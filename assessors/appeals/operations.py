"""Answering an appeal: an upheld one sends the answer back, to be judged anew by somebody else."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assessors.appeals import queries
from assessors.changes.operations import reopening
from course.audit import Actor
from course.cases.models import AppealOutcome, Outcome
from course.cases.operations import appeals as cases
from course.cases.rules import AppealFacts


def decide(session: Session, facts: AppealFacts, outcome: Outcome, reason: str, *, by: Actor) -> AppealOutcome:
    """Answer the stage that a locked appeal is at; upheld, the answer joins the queue again. Raises Refusal."""
    standing = queries.standing(session, facts, by.person_id)
    row = cases.decide(session, facts, standing, outcome, reason, by=by)
    if outcome == Outcome.UPHELD:
        reopening.reopen_for_appeal(session, facts.answer_id, reason, by=by)
    return row
