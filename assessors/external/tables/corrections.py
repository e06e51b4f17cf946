"""Answers that were sent back to be decided again, and decisions that a qualified assessor countersigned."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.evidence import Row, Scope, Table
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
