"""Whoever has still to judge an answer blind does not look at its decisions in another role either."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from assessors.marking.queries import desk
from course.refusal import require
from course.workbook.models import Answer


def must_not_be_blind(session: Session, answer_id: UUID, person_id: UUID) -> None:
    """Raise Refusal while this person is asked for a blind second judgement of the answer."""
    answer = session.get(Answer, answer_id)
    is_blind = answer is not None and any(hides(session, answer, person_id) for hides in desk.blinds)
    require(not is_blind, "You have still to judge this answer a second time, without seeing what was decided.",
            "Open it under “Second marking”.")  # fmt: skip
