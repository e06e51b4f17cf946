"""Everything that changes samples, reviews and actions, each with its audit entry, and releasing what they rest on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.quality import queries, rules
from assessors.quality.models import Action, ActionClosure, ActionResponse, Review, Sample, SampledAnswer
from assessors.quality.queries import AskedAction
from assessors.quality.rules import Finding
from assessors.quality.second import rules as second
from assessors.quality.second.queries import pairs
from course import audit, clock, outbox, sealing
from course.access import HeldAppointment
from course.audit import Actor
from course.cases.holds import must_not_be_held
from course.enrolment.models import Cohort
from course.people.models import Person
from course.records import operations as records
from course.records import queries as record_queries
from course.records.models import Batch, Release
from course.sealing import Purpose, Sealed
from course.workbook.models import Answer
from course.workbook.rules import AnswerFacts, DecisionFact


def open_sample(
    session: Session, cohort: Cohort, answer_ids: Collection[UUID], rationale: str, *,
    held: Collection[HeldAppointment], by: Actor,
) -> Sample:  # fmt: skip
    """Choose judged answers of a cohort to look at, and say why these. Raises Refusal."""
    chosen = list(dict.fromkeys(answer_ids))
    judged = {one.id for one in queries.judged_answers(session, cohort, held)}
    step = rules.open_sample(
        record_queries.standing(session, by.person_id, cohort, answers=chosen),
        chosen=len(chosen), judged=set(chosen) <= judged, rationale=rationale,
    )  # fmt: skip
    sample = Sample(
        centre_id=cohort.centre_id, cohort_id=cohort.id, rationale=rationale, opened_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(sample)
    session.flush()
    session.add_all(SampledAnswer(sample_id=sample.id, answer_id=answer_id) for answer_id in chosen)
    audit.record(session, step.event, sample, by=by)
    return sample


@dataclass(frozen=True)
class Found:
    """What an internal quality assurer found about one decision."""

    finding: Finding
    comment: str = ""
    due_on: date | None = None


def review(
    session: Session, sample: Sample, answer: AnswerFacts, decision: DecisionFact, found: Found, *, by: Actor
) -> Review:
    """Agree with a decision, or ask the assessor to act by a day. Raises Refusal."""
    must_not_be_held(session, [(answer.enrolment_id, answer.unit)])
    cohort = session.get_one(Cohort, sample.cohort_id)
    earlier = queries.reviews_of(session, [decision.id]).get(decision.id, [])
    standing = answer.standing.get(decision.criterion)
    steps = rules.review(
        record_queries.standing(session, by.person_id, cohort, answers=[answer.id]),
        reviewed=any(one.review.sample_id == sample.id for one in earlier),
        stands=standing is not None and standing.id == decision.id,
        finding=found.finding, comment=found.comment, due_on=found.due_on,
        today=record_queries.today_at(session, cohort.centre_id),
    )  # fmt: skip
    now, subject = clock.now(), _learner(session, answer.enrolment_id)
    comment = _seal(session, answer.enrolment_id, answer.id, "review.comment", found.comment) if found.comment else None
    row = Review(
        sample_id=sample.id, decision_id=decision.id, finding=found.finding, comment_id=comment.id if comment else None,
        reviewed_by=by.person_id, appointment_id=by.appointment_id, at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, steps[0].event, row, by=by, subject=subject, enrolment=answer.enrolment_id)
    for step in steps[1:]:
        assert found.due_on is not None  # the rule asks for it
        action = Action(review_id=row.id, due_on=found.due_on, at=now)
        session.add(action)
        session.flush()
        audit.record(session, step.event, action, by=by, subject=decision.decided_by)
        _tell(session, decision.decided_by, f"action-asked:{action.id}")
    return row


def _learner(session: Session, enrolment_id: UUID) -> UUID:
    return record_queries.person_of(session, enrolment_id)


def _seal(session: Session, enrolment_id: UUID, answer_id: UUID, place: str, words: str) -> Sealed:
    key = sealing.ensure_key(session, enrolment_id, Purpose.WORK)
    session.flush()
    box = sealing.seal(session, key, place, words, about=answer_id)
    session.flush()
    return box


def _tell(session: Session, person_id: UUID, key: str) -> None:
    if session.get(Person, person_id) is not None:
        letter = outbox.Letter.SOMETHING_TO_READ
        outbox.queue(session, person_id, letter, key=key, link="/quality/actions")


def answer_action(session: Session, asked: AskedAction, words: str, *, by: Actor) -> ActionResponse:
    """The assessor says what they did. Raises Refusal."""
    step = rules.answer_action(
        decided_by=asked.decision.decided_by, by=by.person_id, closed=asked.closure is not None, words=words
    )
    answer: Answer = asked.answer
    box = _seal(session, answer.enrolment_id, answer.id, "action.response", words)
    row = ActionResponse(
        action_id=asked.action.id, words_id=box.id, responded_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    subject = _learner(session, answer.enrolment_id)
    audit.record(session, step.event, row, by=by, subject=subject, enrolment=answer.enrolment_id)
    return row


def close_action(session: Session, asked: AskedAction, *, by: Actor) -> ActionClosure:
    """An internal quality assurer is satisfied with what was done. Raises Refusal."""
    cohort = session.get_one(Cohort, asked.answer.cohort_id)
    assessor = asked.decision.decided_by
    step = rules.close_action(
        record_queries.standing(session, by.person_id, cohort, answers=[asked.answer.id]),
        answered=bool(asked.responses),
        has_left=queries.has_left(session, assessor, cohort.centre_id), closed=asked.closure is not None,
    )  # fmt: skip
    row = ActionClosure(
        action_id=asked.action.id, closed_by=by.person_id, appointment_id=by.appointment_id, at=clock.now()
    )
    session.add(row)
    audit.record(session, step.event, row, by=by, subject=assessor)
    return row


def release(session: Session, batch: Batch, rationale: str, why_unsampled: str, *, by: Actor) -> Release:
    """Release a batch for claim: sampled, nothing left to put right, by somebody independent. Raises Refusal."""
    full = record_queries.batch_in_full(session, batch.id)
    cohort = session.get_one(Cohort, batch.cohort_id)
    record_queries.must_assure(session, by.person_id, cohort)
    ground = queries.ground_of(session, full.units)
    unsampled = list(ground.unsampled.values())
    rules.release(open_actions=len(ground.open_actions), unsampled=unsampled, why_unsampled=why_unsampled)
    second.release(unsettled=len(pairs.unsettled_in(session, full.units)))
    if unsampled and rationale.strip():
        rationale = f"{rationale} Not sampled: {', '.join(unsampled)}. {why_unsampled}"
    return records.release(session, batch, rationale, by=by)
