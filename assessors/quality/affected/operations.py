"""Closing an action with what it showed, and looking through the decisions that an error may have touched."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.quality import operations as quality
from assessors.quality.affected import rules
from assessors.quality.affected.models import AffectedLook, UpheldError
from assessors.quality.affected.queries import Affected, ErrorInFull
from assessors.quality.affected.rules import Verdict
from assessors.quality.models import Sample, SampledAnswer
from assessors.quality.operations import Found
from assessors.quality.queries import AskedAction
from assessors.quality.rules import Finding
from course import audit, clock
from course.audit import Actor, Event
from course.enrolment.models import Cohort
from course.records import queries as record_queries
from course.workbook import queries as work


def close_action(session: Session, asked: AskedAction, *, look_for: str | None, by: Actor) -> UpheldError | None:
    """Close an action. With `look_for` the decision was wrong, and a search for others begins. Raises Refusal."""
    quality.close_action(session, asked, by=by)
    if look_for is None:
        return None
    cohort = session.get_one(Cohort, asked.answer.cohort_id)
    step = rules.uphold(
        record_queries.standing(session, by.person_id, cohort, answers=[asked.answer.id]),
        look_for=look_for,
    )
    row = UpheldError(
        centre_id=cohort.centre_id, action_id=asked.action.id, decision_id=asked.decision.id, look_for=look_for,
        upheld_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=asked.decision.decided_by)
    return row


@dataclass(frozen=True)
class Looked:
    """What a look at one decision found; for its assessor to act, with words and a day."""

    verdict: Verdict
    found: Found


def look_at(
    session: Session, found: ErrorInFull, affected: Affected | None, decision_id: UUID, looked: Looked, *, by: Actor
) -> AffectedLook:
    """Say of one decision that it is unaffected, or ask its assessor to act. Raises Refusal."""
    decision = affected.decision if affected else found.decision
    answer = affected.answer if affected else found.answer
    cohort = session.get_one(Cohort, answer.cohort_id)
    step = rules.look(
        record_queries.standing(session, by.person_id, cohort, answers=[answer.id]),
        is_affected=affected is not None, looked_at=affected is not None and affected.look is not None,
    )  # fmt: skip
    assert affected is not None  # the rule asks for it
    sample = _ask(session, affected, cohort, looked.found, by=by) if looked.verdict is Verdict.ACT else None
    row = AffectedLook(
        error_id=found.error.id, decision_id=decision_id, verdict=looked.verdict,
        sample_id=sample.id if sample else None, looked_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=decision.decided_by)
    return row


def _ask(session: Session, affected: Affected, cohort: Cohort, found: Found, *, by: Actor) -> Sample:
    """A sample of this answer alone carries the review and its action, so that both run as they always do."""
    sample = Sample(
        centre_id=cohort.centre_id, cohort_id=cohort.id, rationale="Looked at because of an error in another decision.",
        opened_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(sample)
    session.flush()
    session.add(SampledAnswer(sample_id=sample.id, answer_id=affected.answer.id))
    session.flush()
    audit.record(session, Event.SAMPLE_OPENED, sample, by=by)
    facts = work.answer_facts(session, affected.answer.id)
    decision = next(one for one in facts.decisions if one.id == affected.decision.id)
    quality.review(session, sample, facts, decision, Found(Finding.ACT, found.comment, found.due_on), by=by)
    return sample
