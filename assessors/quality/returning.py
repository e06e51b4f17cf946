"""What quality assurance tells the marking desk: which held decisions may go, and which returned ones come back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from assessors.marking.queries import desk
from assessors.quality import queries
from assessors.quality.affected.models import AffectedLook
from assessors.quality.models import Action, ActionClosure, Review, Sample
from assessors.quality.plan import membership
from course.records import queries as records
from course.workbook import queries as work
from course.workbook.models import Decision
from course.workbook.rules import AnswerFacts


def has_open_action(session: Session, answer_id: UUID) -> bool:
    """Whether somebody asked the assessor to act on this answer: it may be decided again, under a new number."""
    closed = exists().where(ActionClosure.action_id == Action.id)
    found = session.scalar(
        select(Action.id)
        .join(Review, Review.id == Action.review_id)
        .join(Decision, Decision.id == Review.decision_id)
        .where(Decision.answer_id == answer_id, ~closed)
        .limit(1)
    )
    return found is not None


def is_released_for_return(session: Session, answer_id: UUID) -> bool:
    """Whether sampling lets a decided answer go back to its learner, where the policy says "return after sampling".

    It does when the answer was in a sample, or when a sample was opened after its decisions and passed it by; in both
    cases once that sample is finished: each decision that counts is reviewed, and no action in it is open.
    """
    answer = work.answer_facts(session, answer_id)
    if not answer.decisions or not answer.is_decided:
        return False
    decided_at = max(one.at for one in answer.standing.values())
    chosen = membership.holding(session, answer_id, answer.cohort_id)
    # A look at who else an error affected is no sample of the cohort: it passes nothing by.
    passes_by = and_(Sample.at >= decided_at, ~exists().where(AffectedLook.sample_id == Sample.id))
    samples = session.scalars(
        select(Sample.id)
        .where(Sample.cohort_id == answer.cohort_id, or_(Sample.id.in_(chosen), passes_by))
        .order_by(Sample.at)
    )
    return any(_is_finished(session, sample_id) for sample_id in samples)


def _is_finished(session: Session, sample_id: UUID) -> bool:
    ids = membership.of_sample(session, sample_id)
    answers: list[AnswerFacts] = list(work.answers_facts(session, ids).values())
    standing = {decision.id for answer in answers for decision in answer.standing.values()}
    reviewed = set(session.scalars(select(Review.decision_id).where(Review.decision_id.in_(standing))))
    is_open = select(Action.id).join(Review, Review.id == Action.review_id).where(
        Review.sample_id == sample_id, ~exists().where(ActionClosure.action_id == Action.id)
    )  # fmt: skip
    return standing <= reviewed and session.scalar(is_open.limit(1)) is None


def connect() -> None:
    """Let the marking desk and the records ask. Both come before quality, so they cannot import what they ask."""
    if has_open_action not in desk.reopenings:
        desk.reopenings.append(has_open_action)
        desk.samplings.append(is_released_for_return)
        records.reviews.append(queries.has_reviewed)
