"""What a sampled answer's page shows: the learner's words, each decision with its feedback and the guidance it used."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.guidance import queries as guidance
from assessors.guidance.compiled import Item
from assessors.marking.rules import claims
from assessors.quality import queries
from assessors.quality.models import Sample
from assessors.quality.queries import AskedAction, ReviewFacts
from course import sealing
from course.adjustments import queries as adjustments
from course.adjustments.queries import Agreed
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, Question
from course.sealing import CannotOpen, Sealed
from course.workbook import content as contents
from course.workbook import deadlines
from course.workbook import queries as work
from course.workbook.content import Content
from course.workbook.rules import AnswerFacts, DecisionFact


@dataclass(frozen=True)
class ShownReview:
    """A review with its words opened."""

    finding: str
    by: str
    at: datetime
    comment: str
    is_mine: bool
    action_id: UUID | None
    due_on: date | None
    is_closed: bool
    responses: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True)
class ShownDecision:
    """One decision, what the assessor wrote, and the guidance that was on their screen."""

    decision: DecisionFact
    criterion: str
    by: str
    feedback: str
    guidance_number: int | None
    items: tuple[tuple[Item | claims.Test, bool], ...]
    """Each item of the guidance on this criterion, and whether the assessor ticked it."""
    reviews: tuple[ShownReview, ...]
    stands: bool
    is_reviewed: bool
    """Whether this sample holds a review of it."""


@dataclass(frozen=True)
class ShownAnswer:
    """A sampled answer in full."""

    facts: AnswerFacts
    question: Question
    unit: CompiledUnit
    learner: str
    content: Content
    text: str
    files: tuple[tuple[UUID, str], ...]
    """The files of the answer, each with the name that the learner gave it."""
    declaration: str
    helpers: str
    decisions: tuple[ShownDecision, ...]

    @property
    def tries(self) -> tuple[contents.Try, ...]:
        """The tries at a check; nothing for a written kind."""
        return contents.tries_of(self.content)


def agreed(session: Session, facts: AnswerFacts) -> list[Agreed]:
    """What was agreed with the learner for this work, on the day of its hand-in; never why."""
    day = deadlines.calendar_of(session, facts.centre_id).day(facts.at)
    return adjustments.for_work(session, facts.enrolment_id, facts.unit, day)


def answer(session: Session, sample: Sample, answer_id: UUID, *, me: UUID) -> ShownAnswer:
    """One answer of a sample, opened. Raises NotFound when the sample does not hold it."""
    if answer_id not in queries.sampled_answers(session, sample.id):
        raise NotFound
    return opened(session, answer_id, me=me, sample_id=sample.id)


def opened(session: Session, answer_id: UUID, *, me: UUID, sample_id: UUID | None = None) -> ShownAnswer:
    """An answer in full, for a caller that has checked that it may be seen. `sample_id`: whose reviews count here."""
    facts = work.answer_facts(session, answer_id)
    unit = catalogue.unit(session, facts.unit_version_id)
    question = unit.question(facts.question)
    handed = work.hand_ins(session, [facts.hand_in_id])[facts.hand_in_id]
    boxes = work.sealed(session, [facts.words_id, handed.helpers_id, *(one.feedback_id for one in facts.decisions)])
    content = contents.loads(sealing.read(session, boxes[facts.words_id]))
    labels = {
        row.id: sealing.read(session, row.label)
        for row in work.files_by_id(session, facts.enrolment_id, contents.files_of(content)).values()
    }
    reviews = queries.reviews_of(session, [one.id for one in facts.decisions])
    reviewers = {one.review.reviewed_by for found in reviews.values() for one in found}
    people = queries.names(session, {one.decided_by for one in facts.decisions} | reviewers)
    learner = queries.learners(session, {facts.enrolment_id}).get(facts.enrolment_id, "Name erased")
    in_order = sorted(facts.decisions, key=lambda one: (facts.criteria.index(one.criterion), one.number))
    decisions = tuple(
        _decision(session, sample_id, facts, unit, one, boxes, reviews.get(one.id, []), people, me) for one in in_order
    )
    return ShownAnswer(
        facts, question, unit, learner, content, contents.as_text(content, question, labels),
        tuple(labels.items()), handed.declaration, _open(session, boxes, handed.helpers_id), decisions,
    )  # fmt: skip


def _open(session: Session, boxes: Mapping[UUID, Sealed], box_id: UUID | None) -> str:
    return sealing.read(session, boxes[box_id]) if box_id else ""


def _decision(
    session: Session, sample_id: UUID | None, facts: AnswerFacts, unit: CompiledUnit, decision: DecisionFact,
    boxes: Mapping[UUID, Sealed], reviews: Collection[ReviewFacts], people: Mapping[UUID, str], me: UUID,
) -> ShownDecision:  # fmt: skip
    said = json.loads(_open(session, boxes, decision.feedback_id) or "{}")
    ticked = set(said.get("ticks", ()))
    number, items = _guidance(session, facts, decision)
    return ShownDecision(
        decision, criterion_text(unit, decision.criterion), people.get(decision.decided_by, "somebody who has left"),
        str(said.get("feedback", "")), number, (*claims.ticked(ticked), *((item, item.id in ticked) for item in items)),
        tuple(_review(session, one, people, me) for one in reviews),
        facts.standing[decision.criterion].id == decision.id,
        any(one.review.sample_id == sample_id for one in reviews),
    )  # fmt: skip


def _guidance(session: Session, facts: AnswerFacts, decision: DecisionFact) -> tuple[int | None, tuple[Item, ...]]:
    if not decision.guidance:
        return None, ()  # a knowledge check needs none
    row, compiled = guidance.by_hash(session, decision.guidance)
    found = compiled.question(facts.question)
    return row.number, found.for_criterion(decision.criterion) if found else ()


def criterion_text(unit: CompiledUnit, number: str) -> str:
    """What a criterion asks for; another unit's is only named."""
    if ":" in number:
        other, own = number.split(":")
        return f"Point {own} of unit {other.removeprefix('U')}"
    return unit.criterion(number).text


def _review(session: Session, found: ReviewFacts, people: Mapping[UUID, str], me: UUID) -> ShownReview:
    comment = sealing.read(session, found.review.comment) if found.review.comment else ""
    return ShownReview(
        found.review.finding, people.get(found.review.reviewed_by, "somebody who has left"), found.review.at, comment,
        found.review.reviewed_by == me, found.action.id if found.action else None,
        found.action.due_on if found.action else None, found.closure is not None,
        tuple((sealing.read(session, one.words), one.at) for one in found.responses),
    )  # fmt: skip


@dataclass(frozen=True)
class ShownAction:
    """An action as its assessor reads it."""

    asked: AskedAction
    learner: str
    question: str
    unit_title: str
    criterion: str
    comment: str
    responses: tuple[tuple[str, datetime], ...]
    was_wrong: bool = False
    """Whether it was closed because the decision was wrong."""


def actions(session: Session, asked: Collection[AskedAction]) -> list[ShownAction]:
    """What was asked of an assessor, opened; what can no longer be opened is left out."""
    learners = queries.learners(session, {one.answer.enrolment_id for one in asked})
    versions = {one.answer.unit_version_id for one in asked}
    units = {version: catalogue.unit(session, version) for version in versions}
    wrong = queries.found_wrong(session, [one.action.id for one in asked])
    found = []
    for one in asked:
        unit = units[one.answer.unit_version_id]
        try:
            comment = sealing.read(session, one.review.comment) if one.review.comment else ""
            responses = tuple((sealing.read(session, row.words), row.at) for row in one.responses)
        except CannotOpen:
            continue
        found.append(
            ShownAction(
                one, learners.get(one.answer.enrolment_id, "Name erased"), unit.question(one.answer.question).name,
                unit.title, criterion_text(unit, one.decision.criterion), comment, responses, one.action.id in wrong,
            )
        )  # fmt: skip
    return found
