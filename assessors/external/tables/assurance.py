"""Internal quality assurance: samples and why, reviews of decisions, actions, batches and their release."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from assessors.quality.models import Action, ActionClosure, ActionResponse, Review, Sample, SampledAnswer
from course.enrolment.models import Cohort
from course.evidence import Row, Scope, Table
from course.records.models import Batch, BatchUnit, Release
from course.workbook.models import Answer, Decision


def samples(session: Session, scope: Scope) -> Iterator[Table]:
    """Each sample, who chose it, and why these answers."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)

    def rows() -> Iterator[Row]:
        many = select(func.count()).where(SampledAnswer.sample_id == Sample.id).scalar_subquery()
        found = session.execute(
            select(Sample, Cohort.name, many)
            .join(Cohort, Cohort.id == Sample.cohort_id)
            .where(Sample.cohort_id.in_(scope.cohort_ids))
            .order_by(Sample.at)
        )
        for sample, cohort, answers in found:
            yield Row(
                (cohort, when(sample.at), name(sample.opened_by), answers, sample.rationale),
                (words.ink("sample", sample.id),),
            )

    yield Table(
        "samples", "Samples", "What internal quality assurers chose to look at, and why these.",
        ("Cohort", "Opened", "By", "Answers", "Why these"), rows,
    )  # fmt: skip


def reviews(session: Session, scope: Scope) -> Iterator[Table]:
    """Each review of a decision, and the action it asked for."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, titled = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        answered = select(func.min(ActionResponse.at)).where(ActionResponse.action_id == Action.id).scalar_subquery()
        found = session.execute(
            select(Review, Decision, Answer.enrolment_id, Answer.unit, Answer.question, Action, ActionClosure, answered)
            .join(Decision, Decision.id == Review.decision_id)
            .join(Answer, Answer.id == Decision.answer_id)
            .outerjoin(Action, Action.review_id == Review.id)
            .outerjoin(ActionClosure, ActionClosure.action_id == Action.id)
            .where(Answer.cohort_id.in_(scope.cohort_ids))
            .order_by(Review.at, Review.id)
            .execution_options(yield_per=1000)
        )
        for review, decision, enrolment_id, unit, question, action, closure, answered_at in found:
            cells = (
                learners.get(enrolment_id, "Name erased"), titled(unit), question, decision.criterion,
                name(decision.decided_by), name(review.reviewed_by), when(review.at),
                "Assessor to act" if action else "Agrees", action.due_on if action else "", when(answered_at),
                when(closure.at) if closure else "", name(closure.closed_by) if closure else "",
            )  # fmt: skip
            refs = [words.ink("review", review.id), words.ink("decision", decision.id)]
            refs += [words.ink("action", action.id)] if action else []
            refs += [words.ink("action_closure", closure.id)] if closure else []
            yield Row(cells, tuple(refs))

    yield Table(
        "reviews", "Reviews and actions", "Every decision that was checked, what was found and what was done.",
        ("Learner", "Unit", "Question", "Criterion", "Assessor", "Checked by", "Checked", "Finding", "Act by",
         "Answered", "Closed", "Closed by"), rows,
    )  # fmt: skip


def batches(session: Session, scope: Scope) -> Iterator[Table]:
    """Achieved units, put together and released for claim."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, titled = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(BatchUnit, Batch, Release)
            .join(Batch, Batch.id == BatchUnit.batch_id)
            .outerjoin(Release, Release.batch_id == Batch.id)
            .where(Batch.cohort_id.in_(scope.cohort_ids))
            .order_by(Batch.at, BatchUnit.id)
        )
        for unit, batch, release in found:
            cells = (
                when(batch.at), learners.get(unit.enrolment_id, "Name erased"), titled(unit.unit), name(batch.made_by),
                when(release.at) if release else "", name(release.released_by) if release else "",
                release.rationale if release else "",
            )  # fmt: skip
            refs = (words.ink("batch", batch.id),)
            yield Row(cells, (*refs, words.ink("batch_release", release.id)) if release else refs)

    yield Table(
        "batches", "Batches and claims", "Achieved units that an internal quality assurer released for claim, and why.",
        ("Batch", "Learner", "Unit", "Made by", "Released", "Released by", "Why"), rows,
    )  # fmt: skip
