"""Answers that were returned and are to be decided again: which they are, and in which units."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from course.workbook.models import Answer, Decision, Reopening


def is_reopened() -> ColumnElement[bool]:
    """The condition that an answer was reopened and no decision has been added since."""
    decided = select(func.count(Decision.id)).where(Decision.answer_id == Reopening.answer_id).scalar_subquery()
    return exists().where(Reopening.answer_id == Answer.id, Reopening.decisions_before == decided).correlate(Answer)


def has_open_reopening(session: Session, answer_id: UUID) -> bool:
    """Whether one answer waits to be decided again."""
    return session.scalar(select(Answer.id).where(Answer.id == answer_id, is_reopened())) is not None


def reopened_units(session: Session, enrolment_ids: Iterable[UUID]) -> set[tuple[UUID, str]]:
    """The units of these enrolments in which an answer waits to be decided again: (enrolment, unit)."""
    rows = session.execute(
        select(Answer.enrolment_id, Answer.unit).where(Answer.enrolment_id.in_(list(enrolment_ids)), is_reopened())
    )
    return {(row.enrolment_id, row.unit) for row in rows}
