"""Sealed words of selection, opened: each opening by somebody else than the writer is audited."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.selection.queries.found import Found
from assessors.selection.words import ApplicationWords
from course import sealing
from course.sealing import Sealed
from course.special_log import SpecialOpening

Words = TypeVar("Words", bound=BaseModel)


def words(session: Session, kind: type[Words], words_id: UUID | None) -> Words | None:
    """The words in a box; None when there are none, or when they were disposed of."""
    text = text_of(session, words_id)
    return kind.model_validate_json(text) if text is not None else None


def text_of(session: Session, words_id: UUID | None) -> str | None:
    """The plain words in a box; None when they were disposed of."""
    row = session.get(Sealed, words_id) if words_id else None
    return sealing.read(session, row) if row is not None else None


def application(session: Session, words_id: UUID | None) -> ApplicationWords:
    """What an applicant wrote, or nothing."""
    return words(session, ApplicationWords, words_id) or ApplicationWords()


def written(session: Session, found: Found) -> ApplicationWords | None:
    """What stands in an application, sent or not; None when it is empty, or when it was destroyed."""
    return words(session, ApplicationWords, found.sent.words_id if found.sent else found.application.words_id)


def looks(session: Session, *owner_ids: UUID) -> list[SpecialOpening]:
    """Who has opened what these keys seal, the latest first."""
    return list(
        session.scalars(
            select(SpecialOpening)
            .where(SpecialOpening.owner_id.in_(owner_ids))
            .order_by(SpecialOpening.at.desc())
            .limit(100)
        )
    )
