"""What an external quality assurer reads of a sampled answer: words, returned decisions, guidance, reviews."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.guidance import queries as guidance
from assessors.guidance.compiled import Item
from assessors.guidance.models import GuidanceVersion
from assessors.marking.rules import claims
from assessors.quality import queries as quality
from assessors.quality.queries import ReviewFacts
from assessors.quality.showing import criterion_text
from course import sealing
from course.adjustments import queries as adjustments
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, Question
from course.people.models import Centre
from course.sealing import CannotOpen, Sealed
from course.workbook import content as contents
from course.workbook import queries as work
from course.workbook.models import StoredFile
from course.workbook.rules import AnswerFacts, DecisionFact
from course.working_days import day_of

GONE = "These words are no longer kept."
LEFT = "somebody who has left"


@dataclass(frozen=True)
class ReadReview:
    """An internal quality assurer's finding, with what came of it."""

    by: str
    at: datetime
    asks_to_act: bool
    comment: str
    due_on: date | None
    closed_at: datetime | None
    responses: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True)
class ReadDecision:
    """One returned decision, its feedback, and the guidance that was on the assessor's screen."""

    decision: DecisionFact
    criterion: str
    by: str
    feedback: str
    guidance: GuidanceVersion | None
    items: tuple[tuple[Item | claims.Test, bool], ...]
    """Each item of the guidance on this criterion, and whether the assessor ticked it."""
    reviews: tuple[ReadReview, ...]
    counts: bool
    """Whether no later returned decision takes its place."""


@dataclass(frozen=True)
class ReadAnswer:
    """A sampled answer in full."""

    facts: AnswerFacts
    question: Question
    unit: CompiledUnit
    learner: str
    text: str
    files: tuple[tuple[StoredFile, str], ...]
    """The files of the answer, each with the name that the learner gave it."""
    declaration: str
    helpers: str
    adjustments: tuple[str, ...]
    """What was agreed to do differently for this learner's unit when it was handed in; never why."""
    decisions: tuple[ReadDecision, ...]


def answer(session: Session, facts: AnswerFacts) -> ReadAnswer:
    """Open one answer of the sample. Words whose key was destroyed are said to be gone."""
    unit = catalogue.unit(session, facts.unit_version_id)
    question = unit.question(facts.question)
    handed = work.hand_ins(session, [facts.hand_in_id])[facts.hand_in_id]
    shown = [one for one in facts.decisions if one.returned_at]
    boxes = work.sealed(session, [facts.words_id, handed.helpers_id, *(one.feedback_id for one in shown)])
    text, files = _words(session, facts, question, boxes)
    reviews = quality.reviews_of(session, [one.id for one in shown])
    reviewers = {one.review.reviewed_by for found in reviews.values() for one in found}
    people = quality.names(session, {one.decided_by for one in shown} | reviewers)
    learner = quality.learners(session, {facts.enrolment_id}).get(facts.enrolment_id, "Name erased")
    in_order = sorted(shown, key=lambda one: (facts.criteria.index(one.criterion), one.number))
    decisions = tuple(
        _decision(session, facts, unit, one, boxes, tuple(reviews.get(one.id, ())), people) for one in in_order
    )
    helpers = _open(session, boxes.get(handed.helpers_id)) if handed.helpers_id else ""
    agreed = adjustments.for_work(session, facts.enrolment_id, facts.unit, day_of(facts.at, _time_zone(session, facts)))
    return ReadAnswer(
        facts, question, unit, learner, text, files, handed.declaration, helpers,
        tuple(one.words.what for one in agreed), decisions,
    )  # fmt: skip


def _time_zone(session: Session, facts: AnswerFacts) -> str:
    return session.get_one(Centre, facts.centre_id).time_zone


def _words(
    session: Session, facts: AnswerFacts, question: Question, boxes: Mapping[UUID, Sealed]
) -> tuple[str, tuple[tuple[StoredFile, str], ...]]:
    try:
        content = contents.loads(sealing.read(session, boxes[facts.words_id]))
    except (CannotOpen, KeyError):
        return GONE, ()
    stored = work.files_by_id(session, facts.enrolment_id, contents.files_of(content))
    labels = {row.id: sealing.read(session, row.label, about=facts.id) for row in stored.values()}
    text = contents.as_text(content, question, labels)
    return text, tuple((row, labels[row.id]) for row in stored.values())


def _open(session: Session, box: Sealed | None) -> str:
    try:
        return sealing.read(session, box) if box is not None else GONE
    except CannotOpen:
        return GONE


def _decision(
    session: Session, facts: AnswerFacts, unit: CompiledUnit, decision: DecisionFact, boxes: Mapping[UUID, Sealed],
    reviews: tuple[ReviewFacts, ...], people: Mapping[UUID, str],
) -> ReadDecision:  # fmt: skip
    words = _open(session, boxes.get(decision.feedback_id)) if decision.feedback_id else GONE
    said = {"feedback": GONE} if words == GONE else json.loads(words)
    ticked = set(said.get("ticks", ()))
    row, items = _guidance(session, facts, decision)
    return ReadDecision(
        decision, criterion_text(unit, decision.criterion), people.get(decision.decided_by, LEFT),
        str(said.get("feedback", "")), row, (*claims.ticked(ticked), *((item, item.id in ticked) for item in items)),
        tuple(_review(session, one, people) for one in reviews), facts.returned[decision.criterion].id == decision.id,
    )  # fmt: skip


def _guidance(
    session: Session, facts: AnswerFacts, decision: DecisionFact
) -> tuple[GuidanceVersion | None, tuple[Item, ...]]:
    if not decision.guidance:
        return None, ()  # a knowledge check needs none
    row, compiled = guidance.by_hash(session, decision.guidance)
    found = compiled.question(facts.question)
    return row, found.for_criterion(decision.criterion) if found else ()


def _review(session: Session, found: ReviewFacts, people: Mapping[UUID, str]) -> ReadReview:
    review = found.review
    return ReadReview(
        people.get(review.reviewed_by, LEFT), review.at, found.action is not None,
        _open(session, review.comment) if review.comment_id else "", found.action.due_on if found.action else None,
        found.closure.at if found.closure else None,
        tuple((_open(session, one.words), one.at) for one in found.responses),
    )  # fmt: skip
