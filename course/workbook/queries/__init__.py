"""Reads about answers, always for somebody: what is not theirs does not exist (404)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course.enrolment.models import Enrolment
from course.workbook.queries.facts import (
    answer_facts,
    answers_facts,
    by_root,
    criteria_of,
    facts_where,
    further_attempts,
    is_held,
    root_of,
)
from course.workbook.queries.many import standing
from course.workbook.queries.shown import (
    earlier_draft,
    earlier_drafts,
    files_by_id,
    first_names,
    hand_ins,
    looks_at,
    sealed,
    stored_bytes,
    stored_file,
)
from course.workbook.queries.unit import (
    DraftFact,
    Extended,
    UnitWork,
    lock_enrolment,
    page_work,
    question_work,
    unit_work,
)

__all__ = [
    "DraftFact",
    "Extended",
    "UnitWork",
    "answer_facts",
    "answers_facts",
    "by_root",
    "criteria_of",
    "earlier_draft",
    "earlier_drafts",
    "enrolment_of",
    "enrolments_of",
    "facts_where",
    "files_by_id",
    "first_names",
    "further_attempts",
    "hand_ins",
    "is_held",
    "lock_enrolment",
    "looks_at",
    "page_work",
    "question_work",
    "root_of",
    "sealed",
    "standing",
    "stored_bytes",
    "stored_file",
    "unit_work",
]


def enrolment_of(session: Session, person_id: UUID, enrolment_id: UUID, *, lock: bool = False) -> Enrolment:
    """A learner's own enrolment. Raises NotFound. `lock` lets one of their writes happen at a time."""
    query = select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.person_id == person_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


def enrolments_of(session: Session, person_id: UUID) -> list[Enrolment]:
    """A learner's enrolments, newest first."""
    return list(
        session.scalars(select(Enrolment).where(Enrolment.person_id == person_id).order_by(Enrolment.id.desc()))
    )
