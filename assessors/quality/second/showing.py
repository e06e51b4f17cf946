"""What the pages of second marking show: lists without words, and two judgements side by side, opened."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.guidance.queries import by_hash
from assessors.marking.queries.words import OpenedAnswer, open_answers
from assessors.quality import queries as quality
from assessors.quality.second.queries import pairs
from assessors.quality.second.queries.pairs import Twice
from assessors.quality.second.rules import Both, Stage
from assessors.quality.showing import criterion_text
from course import sealing
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, Question
from course.sealing import Sealed
from course.workbook import queries as work
from course.workbook.models import Outcome
from course.workbook.rules import DecisionFact

GONE = "somebody who has left"
TAGS = {
    Stage.TO_JUDGE: "handed_in", Stage.TO_AGREE: "being_marked", Stage.TO_DECIDE_AGAIN: "being_marked",
    Stage.SETTLED: "achieved", Stage.CALLED_OFF: "none",
}  # fmt: skip
WORDS = {
    Stage.TO_JUDGE: "To judge", Stage.TO_AGREE: "You differ", Stage.TO_DECIDE_AGAIN: "To decide again",
    Stage.SETTLED: "One outcome", Stage.CALLED_OFF: "Called off",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A second marking on a list: nobody's outcome, and no learner's name."""

    twice: Twice
    title: str
    second: str
    stage: Stage
    is_mine_to_judge: bool

    @property
    def tag(self) -> str:
        """How it is drawn."""
        return TAGS[self.stage]

    @property
    def words(self) -> str:
        """How far it has come."""
        return WORDS[self.stage]


def lines(session: Session, found: Collection[Twice], me: UUID) -> list[Line]:
    """These second markings, as one person reads them."""
    names = quality.names(session, {one.row.assessor_id for one in found})
    units = {version: catalogue.unit(session, version) for version in {one.answer.unit_version_id for one in found}}
    shown = []
    for one in found:
        stage = one.pair.stage
        mine = one.row.assessor_id == me and stage is Stage.TO_JUDGE
        title = _title(units[one.answer.unit_version_id], one.answer.question)
        shown.append(Line(one, title, names.get(one.row.assessor_id, GONE), stage, mine))
    return shown


def _title(unit: CompiledUnit, question: str) -> str:
    return f"Unit {unit.code[1:]}: {unit.question(question).name}"


@dataclass(frozen=True)
class Voice:
    """One judgement of one criterion, opened."""

    by: str
    is_achieved: bool
    feedback: str
    guidance: int | None


@dataclass(frozen=True)
class Change:
    """A later view, opened."""

    by: str
    side: str
    is_achieved: bool
    reason: str


@dataclass(frozen=True)
class Point:
    """One criterion, judged by two."""

    code: str
    text: str
    first: Voice
    second: Voice
    changes: tuple[Change, ...]
    both: Both
    i_hold: str
    """The outcome that the reader holds on it, if they are one of the two."""
    must_be_redone: bool

    @property
    def is_agreed(self) -> bool:
        """Whether there is one outcome."""
        return bool(self.both.agreed)

    @property
    def agreed_state(self) -> str:
        """The one outcome, for its tag."""
        return "achieved" if self.both.agreed == Outcome.ACHIEVED else "not_yet"


@dataclass(frozen=True)
class SideBySide:
    """Two judgements of one answer."""

    twice: Twice
    title: str
    learner: str
    question: Question
    opened: OpenedAnswer
    points: tuple[Point, ...]
    stage: Stage
    second: str
    firsts: tuple[str, ...]

    @property
    def to_decide_again(self) -> tuple[str, ...]:
        """The criteria on which a new decision is needed."""
        return tuple(one.code for one in self.points if one.must_be_redone)


def side_by_side(session: Session, twice: Twice, me: UUID) -> SideBySide:
    """Open both judgements of an answer, and what was said since. Only after the second was saved."""
    assert twice.judging is not None
    unit = catalogue.unit(session, twice.answer.unit_version_id)
    (opened,) = open_answers(session, unit, [twice.answer])
    first = twice.first
    boxes = work.sealed(session, [one.feedback_id for one in first.values()])
    names = quality.names(
        session,
        {one.decided_by for one in first.values()} | {twice.row.assessor_id} | {view.said_by for view in twice.views},
    )
    said = json.loads(sealing.read(session, twice.judging.words))
    pair = twice.pair
    points = tuple(
        Point(
            code, criterion_text(unit, code), _first(session, first[code], boxes, names),
            Voice(
                names.get(twice.row.assessor_id, GONE), twice.outcomes[code] == Outcome.ACHIEVED,
                said[code]["feedback"], _version(session, twice.judging.guidance),
            ),
            tuple(
                Change(
                    names.get(view.said_by, GONE), view.side, view.outcome == Outcome.ACHIEVED,
                    sealing.read(session, view.reason),
                )
                for view in twice.views
                if view.criterion == code
            ),
            both, _held(both, twice, me), code in pair.to_decide_again,
        )
        for code, both in pair.both.items()
    )  # fmt: skip
    hidden = pairs.hides_names(session, twice.answer)
    learner = quality.learners(session, {twice.answer.enrolment_id}).get(twice.answer.enrolment_id, "Name erased")
    return SideBySide(
        twice, _title(unit, twice.answer.question), "" if hidden else learner, unit.question(twice.answer.question),
        opened, points, pair.stage, names.get(twice.row.assessor_id, GONE),
        tuple(sorted({names.get(one.decided_by, GONE) for one in first.values()})),
    )  # fmt: skip


def _first(session: Session, decision: DecisionFact, boxes: dict[UUID, Sealed], names: dict[UUID, str]) -> Voice:
    assert decision.feedback_id is not None
    words = json.loads(sealing.read(session, boxes[decision.feedback_id]))
    by = names.get(decision.decided_by, GONE)
    return Voice(by, decision.is_achieved, str(words.get("feedback", "")), _version(session, decision.guidance))


def _version(session: Session, sha256: str) -> int | None:
    return by_hash(session, sha256)[0].number if sha256 else None


def _held(both: Both, twice: Twice, me: UUID) -> str:
    if me == twice.row.assessor_id:
        return both.second
    return both.first if me == both.decided_by else ""
