"""Answers that were returned and are to be decided again: which they are, since when, and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, joinedload

from course.workbook.models import Answer, Decision, Reopening


def _is_open() -> ColumnElement[bool]:
    decided = select(func.count(Decision.id)).where(Decision.answer_id == Reopening.answer_id).scalar_subquery()
    return and_(Reopening.answer_id == Answer.id, Reopening.decisions_before == decided)


def is_reopened() -> ColumnElement[bool]:
    """The condition that an answer was reopened and no decision has been added since."""
    return exists().where(_is_open()).correlate(Answer)


def reopened_at() -> Any:
    """A column: when an answer was sent back, if it waits to be decided again."""
    return select(Reopening.at).where(_is_open()).correlate(Answer).scalar_subquery().label("reopened_at")


def last_of(session: Session, answer_id: UUID) -> Reopening | None:
    """The last time an answer was sent back, with the box that holds the reason."""
    query = select(Reopening).options(joinedload(Reopening.reason)).where(Reopening.answer_id == answer_id)
    return session.scalars(query.order_by(Reopening.decisions_before.desc()).limit(1)).first()
