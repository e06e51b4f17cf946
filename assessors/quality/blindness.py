"""Whoever has still to judge an answer blind does not look at its decisions in another role either."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.marking.queries import desk
from course.refusal import require
from course.workbook.models import Answer


def must_not_be_blind(session: Session, answer_id: UUID, person_id: UUID) -> None:
    """Raise Refusal while this person is asked for a blind second judgement of the answer."""
    is_blind = session.scalar(select(Answer.id).where(Answer.id == answer_id, desk.is_blind(person_id)))
    require(is_blind is None, "You have still to judge this answer a second time, without seeing what was decided.",
            "Open it under “Second marking”.")  # fmt: skip
