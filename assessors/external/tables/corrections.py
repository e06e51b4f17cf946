"""Answers that were sent back to be decided again, and decisions that a qualified assessor countersigned."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.evidence import Row, Scope, Table
from course.records.models import Batch, BatchRemoval, BatchUnit, Withdrawal, WithdrawalAnswer, WithdrawalNotice
from course.workbook.models import Answer, Reopening
from course.workbook.models.countersigning import Countersignature

CAUSES = {"decision": "A doubt about a decision", "guidance": "Guidance that was found wrong"}


def reopenings(session: Session, scope: Scope) -> Iterator[Table]:
    """Each reopening of a returned answer. The reason stands under the learner's key, so it is not told here."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Reopening, Answer)
            .join(Answer, Answer.id == Reopening.answer_id)
            .where(Answer.cohort_id.in_(scope.cohort_ids))
            .order_by(Reopening.at, Reopening.id)
        )
        for one, answer in found:
            cells = (
                learners.get(answer.enrolment_id, "Name erased"), unit(answer.unit), answer.question, answer.number,
                CAUSES[one.cause], name(one.reopened_by), when(one.at),
            )  # fmt: skip
            yield Row(cells, (words.ink("reopening", one.id), words.ink("answer", answer.id)))

    yield Table(
        "reopenings", "Answers decided again", "Returned answers that were sent back to be decided again, and by whom.",
        ("Learner", "Unit", "Question", "Answer", "Cause", "Sent back by", "When"), rows,
    )  # fmt: skip


def countersignatures(session: Session, scope: Scope) -> Iterator[Table]:
    """Each word of a qualified assessor on decisions of one who still trains."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Countersignature, Answer)
            .join(Answer, Answer.id == Countersignature.answer_id)
            .where(Answer.cohort_id.in_(scope.cohort_ids))
            .order_by(Countersignature.at, Countersignature.id)
        )
        for one, answer in found:
            cells = (
                learners.get(answer.enrolment_id, "Name erased"), unit(answer.unit), answer.question, answer.number,
                "Agrees" if one.finding == "agree" else "Sent back", name(one.countersigned_by), when(one.at),
            )  # fmt: skip
            yield Row(cells, (words.ink("countersignature", one.id), words.ink("answer", answer.id)))

    yield Table(
        "countersignatures", "Countersignatures", "What qualified assessors said of decisions by trainees.",
        ("Learner", "Unit", "Question", "Answer", "Finding", "By", "When"), rows,
    )  # fmt: skip


def removals(session: Session, scope: Scope) -> Iterator[Table]:
    """Each unit that left its batch before the release, and why."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(BatchRemoval, BatchUnit)
            .join(BatchUnit, BatchUnit.id == BatchRemoval.batch_unit_id)
            .join(Batch, Batch.id == BatchUnit.batch_id)
            .where(Batch.cohort_id.in_(scope.cohort_ids))
            .order_by(BatchRemoval.at, BatchRemoval.id)
        )
        for one, line in found:
            cells = (
                learners.get(line.enrolment_id, "Name erased"), unit(line.unit), name(one.removed_by), when(one.at),
                one.reason,
            )  # fmt: skip
            yield Row(cells, (words.ink("batch_removal", one.id),))

    yield Table(
        "removals", "Units taken out of a batch", "Units that left their batch before its release, and why.",
        ("Learner", "Unit", "Taken out by", "When", "Why"), rows,
    )  # fmt: skip


def withdrawals(session: Session, scope: Scope) -> Iterator[Table]:
    """Each released result that somebody asked to withdraw, what the second person said, and who was told."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Withdrawal, BatchUnit, WithdrawalAnswer, WithdrawalNotice)
            .join(BatchUnit, BatchUnit.id == Withdrawal.batch_unit_id)
            .join(Batch, Batch.id == BatchUnit.batch_id)
            .outerjoin(WithdrawalAnswer, WithdrawalAnswer.withdrawal_id == Withdrawal.id)
            .outerjoin(WithdrawalNotice, WithdrawalNotice.withdrawal_id == Withdrawal.id)
            .where(Batch.cohort_id.in_(scope.cohort_ids))
            .order_by(Withdrawal.at, Withdrawal.id)
        )
        for one, line, answer, notice in found:
            cells = (
                learners.get(line.enrolment_id, "Name erased"), unit(line.unit), name(one.asked_by), when(one.at),
                one.reason, "Yes" if one.is_claimed else "No",
                ("Withdrawn" if answer.is_confirmed else "Stands") if answer else "Not answered",
                name(answer.answered_by) if answer else "", when(answer.at) if answer else "",
                (answer.notify_by or "") if answer else "", notice.told_on if notice else "",
                notice.reference if notice else "",
            )  # fmt: skip
            refs = [words.ink("result_withdrawal", one.id)]
            refs += [words.ink("withdrawal_answer", answer.id)] if answer else []
            refs += [words.ink("withdrawal_notice", notice.id)] if notice else []
            yield Row(cells, tuple(refs))

    yield Table(
        "withdrawals", "Results withdrawn", "Released results found wrong, who confirmed it, and who was told.",
        ("Learner", "Unit", "Asked by", "Asked", "Why", "Claimed", "Outcome", "Second person", "Answered",
         "Tell the awarding organisation by", "Told", "Reference"), rows,
    )  # fmt: skip
