"""Answering an appeal: an upheld one sends the answer back, to be judged anew, and may show an error in others."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assessors.appeals import queries
from assessors.changes.operations import reopening
from assessors.quality.affected import operations as affected
from assessors.quality.affected.models import UpheldError
from course.access import Role
from course.audit import Actor
from course.cases.models import AppealOutcome, Outcome
from course.cases.operations import appeals as cases
from course.cases.rules import AppealFacts
from course.enrolment.models import Cohort
from course.workbook.rules import DecisionFact


def decide(
    session: Session, facts: AppealFacts, outcome: Outcome, reason: str, *, by: Actor, begun: int | None = None
) -> AppealOutcome:
    """Answer the stage that a locked appeal is at; `begun`: how many had begun for who answers. Raises Refusal.

    Upheld, the answer joins the queue again; of a unit that is released or recorded, two people withdraw the result
    first, and the lead internal quality assurers are told.
    """
    standing = queries.standing(session, facts, by.person_id)
    row = cases.decide(session, facts, standing, outcome, reason, by=by, begun=begun)
    if outcome == Outcome.UPHELD:
        if queries.result_stands(session, facts):
            centre_id = session.get_one(Cohort, facts.cohort_id).centre_id
            cases.tell_leads(session, centre_id, f"appeal-upheld:{row.id}", f"/quality/appeals/{facts.id}")
        else:
            reopening.reopen_for_appeal(session, facts.answer_id, reason, by=by)
    return row


def find_error(
    session: Session, facts: AppealFacts, decision: DecisionFact | None, look_for: str, *, by: Actor
) -> UpheldError:
    """Say which decision an upheld appeal showed to be wrong, and what to look for in others. Raises Refusal."""
    cohort = session.get_one(Cohort, facts.cohort_id)
    row = affected.uphold_for_appeal(
        session, queries.as_upheld(session, facts, by), queries.outcome_id(session, facts), decision, look_for,
        cohort=cohort, answer_id=facts.answer_id, by=by,
    )  # fmt: skip
    if by.role != Role.LEAD_IQA:  # they see that there is something to look through
        cases.tell_leads(session, cohort.centre_id, f"error:{row.id}", f"/quality/errors/{row.id}")
    return row
