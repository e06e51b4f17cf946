"""Recognition of prior learning: what a draft claims, and which answers make such a claim.

A claim is made for a question, says point by point how something learned before the course shows what is asked, and
is handed in, judged, sampled and returned like any other answer (domain.md 3, RPL).
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from course.catalogue.compiled import Question
from course.workbook import content as contents
from course.workbook import operations
from course.workbook.content import Content, Prior
from course.workbook.models import Answer, PriorLearning
from course.workbook.queries import UnitWork


def written(session: Session, work: UnitWork, question: Question) -> Content:
    """What stands in a question's box now."""
    draft = work.drafts.get(question.key)
    return operations.open_draft(session, draft).content if draft else operations.beginning(session, work, question)


def claimed(session: Session, work: UnitWork, question: Question) -> Prior | None:
    """The claim in a question's box; None when there is none."""
    return contents.prior_of(written(session, work, question))


def is_claim() -> ColumnElement[bool]:
    """The condition that an answer claims prior learning."""
    return exists().where(PriorLearning.answer_id == Answer.id).correlate(Answer)
