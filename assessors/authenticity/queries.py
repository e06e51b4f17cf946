"""Reads about likeness: what to compare, with what, and what an assessor is asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from assessors.authenticity import rules
from assessors.authenticity.models import Likeness, ToCompare
from course import sealing
from course.catalogue import queries as catalogue
from course.catalogue.compiled import HtmlPart
from course.enrolment.models import Enrolment
from course.workbook import content as contents
from course.workbook.models import Answer, TakeBack

MOST_OTHERS = 2000
"""An answer is compared with so many of the newest: the work stays the same however many there are."""


@dataclass(frozen=True)
class Alike:
    """Another answer that shares wording with the one on the desk."""

    answer_id: UUID
    share: int
    handed_in_at: datetime
    can_be_opened: bool
    """Whether the reader's appointments cover it."""

    @property
    def how_much(self) -> str:
        """As people say it: "About half"."""
        return rules.in_words(self.share)


def alike(session: Session, answer_id: UUID, in_scope: ColumnElement[bool]) -> list[Alike]:
    """What shares wording with an answer, the most first. `in_scope`: the condition on answers the reader may open."""
    rows = session.execute(
        select(Answer.id, Likeness.share, Answer.at, in_scope.label("can_be_opened"))
        .join_from(
            Likeness,
            Answer,
            or_(
                (Likeness.later_id == answer_id) & (Answer.id == Likeness.earlier_id),
                (Likeness.earlier_id == answer_id) & (Answer.id == Likeness.later_id),
            ),
        )
        .where(~exists().where(TakeBack.answer_id == Answer.id))
        .order_by(Likeness.share.desc(), Answer.at)
    )
    return [Alike(row.id, row.share, row.at, bool(row.can_be_opened)) for row in rows]


def to_compare(session: Session, limit: int) -> list[UUID]:
    """The answers not compared yet, oldest first."""
    return list(session.scalars(select(ToCompare.answer_id).order_by(ToCompare.at, ToCompare.answer_id).limit(limit)))


def likenesses(session: Session, answer_id: UUID) -> Iterator[tuple[UUID, UUID, int]]:
    """Open the others' answers to the same question at the same centre; yield each pair worth a question.

    Yields (earlier, later, share). Nothing is shown to anybody, so nothing enters the access log.
    """
    answer = session.get(Answer, answer_id, options=[joinedload(Answer.words)])
    if answer is None or _is_taken_back(session, answer_id):
        return
    given = _given(session, answer)
    own = _runs(session, answer) - given
    if len(own) < rules.FEWEST_RUNS:
        return
    for other in _others(session, answer):
        found = rules.share(own, _runs(session, other) - given)
        if found is not None:
            earlier, later = sorted((answer, other), key=lambda one: (one.at, one.id.int))
            yield earlier.id, later.id, found


def _is_taken_back(session: Session, answer_id: UUID) -> bool:
    return session.scalar(select(TakeBack.id).where(TakeBack.answer_id == answer_id)) is not None


def _given(session: Session, answer: Answer) -> rules.Runs:
    unit = catalogue.unit(session, answer.unit_version_id)
    question = unit.question(answer.question)
    reading = (part.html for page in unit.pages for part in page.parts if isinstance(part, HtmlPart))
    return rules.given([question.prompt, question.hint, *question.starters, *reading])


def _others(session: Session, answer: Answer) -> Iterable[Answer]:
    """The newest answers of other people to this question at this centre; everybody may repeat themselves."""
    writer = select(Enrolment.person_id).where(Enrolment.id == answer.enrolment_id).scalar_subquery()
    return session.scalars(
        select(Answer)
        .join(Enrolment, Enrolment.id == Answer.enrolment_id)
        .where(
            Answer.centre_id == answer.centre_id,
            Answer.qualification == answer.qualification,
            Answer.question == answer.question,
            Enrolment.person_id != writer,
            ~exists().where(TakeBack.answer_id == Answer.id),
        )
        .order_by(Answer.at.desc())
        .limit(MOST_OTHERS)
        .options(joinedload(Answer.words))
        .execution_options(yield_per=200)
    )


def _runs(session: Session, answer: Answer) -> rules.Runs:
    """The runs of an answer's words; none when its key was destroyed."""
    try:
        content = contents.loads(sealing.read(session, answer.words))
    except sealing.CannotOpen:
        return frozenset()
    return rules.runs_of(content.text) if isinstance(content, contents.TextContent) else frozenset()
