"""What new guidance would do: which items changed, which decisions rest on them, and whose units that would touch."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from assessors.changes import rules
from assessors.changes.queries import reopening
from assessors.changes.queries.counting import Touched
from assessors.changes.queries.guidance import InForce, UnitGuidance
from assessors.changes.rules import Effect, ItemChange, Why
from assessors.guidance import queries as guidance
from assessors.guidance.compiled import CompiledGuidance, Item
from assessors.marking.rules import Run, what_changed
from assessors.quality import queries
from course import sealing
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, sha256
from course.enrolment.models import Cohort
from course.sealing import CannotOpen, DataKey, Sealed
from course.workbook import queries as work
from course.workbook.models import Answer, Outcome
from course.workbook.progress import UnitProgress, unit_progress
from course.workbook.rules import AnswerFacts, DecisionFact, live, passed


@dataclass(frozen=True)
class Resting:
    """One decision that counts now and rests on something that changes."""

    answer: AnswerFacts
    decision: DecisionFact
    learner: str
    cohort: Cohort
    question: str
    version: int
    by: str
    effect: Effect
    why: Why
    cannot_go_back: str
    """Why its answer cannot be sent back; empty when it can."""


@dataclass(frozen=True)
class UnitFlip:
    """A learner whose unit would be achieved no more, or would be achieved, if each decision went as its ticks say."""

    enrolment_id: UUID
    learner: str
    cohort: Cohort
    effect: Effect


@dataclass(frozen=True)
class ShownChange:
    """One changed item with the words that went and came."""

    change: ItemChange
    runs: tuple[list[Run], list[Run]] | None
    """Old and new words, when an item was reworded."""


@dataclass(frozen=True)
class QuestionChange:
    """What changed in the guidance on one question, from one version to the newest."""

    name: str
    items: tuple[ShownChange, ...]
    other: tuple[str, ...]
    """Parts that no decision rests on, and that changed too."""


@dataclass(frozen=True)
class Comparison:
    """One version in force against the newest."""

    number: int
    cohorts: tuple[str, ...]
    questions: tuple[QuestionChange, ...]


@dataclass(frozen=True)
class GuidancePreview:
    """Everything the preview shows. `here`: in the cohorts for which it would be put in force; the others are past."""

    unit: UnitGuidance
    chosen: tuple[InForce, ...]
    comparisons: tuple[Comparison, ...]
    here: tuple[Resting, ...]
    elsewhere: tuple[Resting, ...]
    flips: tuple[UnitFlip, ...]
    stays: int
    """Decisions that rest on nothing that changes."""
    touched: tuple[Touched, ...]
    """Everything that the version was held against, to be counted."""
    seen: str

    def of(self, effect: Effect) -> tuple[Resting, ...]:
        """The decisions in the chosen cohorts with one effect."""
        return tuple(one for one in self.here if one.effect == effect)

    @property
    def can_go_back(self) -> dict[UUID, list[Resting]]:
        """The answers that can be sent back, each with the decisions that rest on what changes."""
        found: dict[UUID, list[Resting]] = {}
        for one in self.here:
            if not one.cannot_go_back:
                found.setdefault(one.answer.id, []).append(one)
        return found


def preview(session: Session, unit: UnitGuidance, chosen: tuple[InForce, ...], *, by: UUID) -> GuidancePreview:
    """Hold every decision that counts, in every cohort in scope, against the newest guidance."""
    compiled = guidance.compiled(unit.newest)
    cohorts = {one.cohort.id: one.cohort for one in unit.cohorts}
    facts = work.facts_where(session, and_(Answer.cohort_id.in_(cohorts), Answer.unit == unit.newest.unit))
    units = {one.unit_version_id: catalogue.unit(session, one.unit_version_id) for one in facts}
    counting_now = [
        (one, it) for one, it in _that_count(facts, units) if it.guidance and it.guidance != unit.newest.hash
    ]
    held = _held_against(session, compiled, counting_now)
    resting = _resting(session, held, cohorts, units, by)
    ids = {one.cohort.id for one in chosen}
    here = tuple(one for one in resting if one.cohort.id in ids)
    flips = _unit_flips(session, unit, resting, cohorts)
    return GuidancePreview(
        unit, chosen, _comparisons(session, unit, chosen, compiled), here,
        tuple(one for one in resting if one.cohort.id not in ids), flips, len(held) - len(resting),
        tuple(_touched(session, unit, held, cohorts)), _seen(unit, ids, resting),
    )  # fmt: skip


def _that_count(
    facts: Iterable[AnswerFacts], units: Mapping[UUID, CompiledUnit]
) -> Iterable[tuple[AnswerFacts, DecisionFact]]:
    """Of each learner's criterion the decision on which it rests: the one that achieved it, else the last attempt's."""
    groups: dict[tuple[UUID, str], list[AnswerFacts]] = {}
    for one in live(facts):
        groups.setdefault((one.enrolment_id, work.root_of(units[one.unit_version_id], one.question)), []).append(one)
    for attempts in groups.values():
        for criterion in attempts[-1].criteria:
            found = passed(criterion, attempts)
            if found is not None:
                yield next((one, found) for one in attempts if found in one.decisions)
            elif criterion in attempts[-1].standing:
                yield attempts[-1], attempts[-1].standing[criterion]


Held = tuple[AnswerFacts, DecisionFact, Effect, Why]


def _held_against(
    session: Session, new: CompiledGuidance, decisions: Sequence[tuple[AnswerFacts, DecisionFact]]
) -> list[Held]:
    ticks = _ticks(session, [decision for _, decision in decisions])
    olds = {one: guidance.by_hash(session, one)[1] for one in {decision.guidance for _, decision in decisions}}
    found = []
    for answer, decision in decisions:
        old, now = olds[decision.guidance].question(answer.question), new.question(answer.question)
        effect, why = rules.what_follows(
            old.for_criterion(decision.criterion) if old else (), now.for_criterion(decision.criterion) if now else (),
            ticks.get(decision.id, ()), decision.outcome,
        )  # fmt: skip
        found.append((answer, decision, effect, why))
    return found


def _ticks(session: Session, decisions: Sequence[DecisionFact]) -> dict[UUID, tuple[str, ...]]:
    """Which boxes were ticked for each decision. The feedback beside them is left in its box: nobody's words leave
    here, so nobody is shown them and the access log has nothing to say."""
    boxes = work.sealed(session, [decision.feedback_id for decision in decisions])
    keys = {key.id: key for key in session.scalars(
        select(DataKey).where(DataKey.id.in_({box.key_id for box in boxes.values()})))}  # fmt: skip
    found = {}
    for decision in decisions:
        box = boxes.get(decision.feedback_id) if decision.feedback_id else None
        if box is not None and box.key_id in keys:
            found[decision.id] = _ticked(keys[box.key_id], box)
    return found


def _ticked(key: DataKey, box: Sealed) -> tuple[str, ...]:
    try:
        said = json.loads(sealing.open_bytes(key, box.place, box.id, box.box))
    except CannotOpen:
        return ()
    return tuple(str(tick) for tick in said.get("ticks", ()))


def _resting(
    session: Session, held: Sequence[Held], cohorts: Mapping[UUID, Cohort], units: Mapping[UUID, CompiledUnit], by: UUID
) -> list[Resting]:
    touched = [one for one in held if one[2] != Effect.STAYS]
    learners = queries.learners(session, {answer.enrolment_id for answer, *_ in touched})
    names = queries.names(session, {decision.decided_by for _, decision, *_ in touched})
    numbers = guidance.numbers(session, {decision.guidance for _, decision, *_ in touched})
    signed = reopening.signed(session, [answer for answer, *_ in touched])
    found = [
        Resting(
            answer, decision, learners.get(answer.enrolment_id, "Name erased"), cohorts[answer.cohort_id],
            units[answer.unit_version_id].question(answer.question).name, numbers[decision.guidance],
            names.get(decision.decided_by, "somebody who has left"), effect, why,
            rules.cannot_go_back(signed[answer.id], by=by),
        )
        for answer, decision, effect, why in touched
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.cohort.name, one.learner, one.question, one.decision.criterion))


def _unit_flips(
    session: Session, unit: UnitGuidance, resting: Sequence[Resting], cohorts: Mapping[UUID, Cohort]
) -> tuple[UnitFlip, ...]:
    other = {
        one.decision.id: Outcome.NOT_YET_ACHIEVED if one.effect == Effect.LOSES else Outcome.ACHIEVED
        for one in resting
        if one.effect in {Effect.LOSES, Effect.GAINS}
    }
    people = {one.answer.enrolment_id: one for one in resting if one.decision.id in other}
    now = unit_progress(session, people, unit.newest.qualification)
    then = unit_progress(session, people, unit.newest.qualification, outcomes=other)
    found = []
    for enrolment_id, one in people.items():
        key = (enrolment_id, unit.newest.unit)
        effect = _flip(now[key], then[key])
        if effect != Effect.STAYS:
            found.append(UnitFlip(enrolment_id, one.learner, one.cohort, effect))
    return tuple(sorted(found, key=lambda one: (one.cohort.name, one.learner)))


def _flip(now: UnitProgress, then: UnitProgress) -> Effect:
    if now.achieved == then.achieved:
        return Effect.STAYS
    return Effect.LOSES if now.achieved else Effect.GAINS


def _touched(
    session: Session, unit: UnitGuidance, held: Collection[Held], cohorts: Mapping[UUID, Cohort]
) -> list[Touched]:
    names = queries.names(session, {decision.decided_by for _, decision, *_ in held})
    return [
        Touched(answer.enrolment_id, cohorts[answer.cohort_id].name, unit.unit_title,
                (names.get(decision.decided_by, "somebody who has left"),), effect)
        for answer, decision, effect, _ in held
    ]  # fmt: skip


def _comparisons(
    session: Session, unit: UnitGuidance, chosen: tuple[InForce, ...], new: CompiledGuidance
) -> tuple[Comparison, ...]:
    row = catalogue.latest_unit(session, unit.newest.qualification, unit.newest.unit)
    names = {question.key: question.name for question in catalogue.unit_of(row).questions} if row else {}
    found = []
    for version in {one.version.id: one.version for one in chosen}.values():
        under = tuple(one.cohort.name for one in chosen if one.version.id == version.id)
        found.append(Comparison(version.number, under, _questions(guidance.compiled(version), new, names)))
    return tuple(found)


def _questions(old: CompiledGuidance, new: CompiledGuidance, names: Mapping[str, str]) -> tuple[QuestionChange, ...]:
    found = []
    for key in dict.fromkeys((*new.questions, *old.questions)):
        before, after = old.question(key), new.question(key)
        items = rules.changes(before.items if before else (), after.items if after else ())
        other = tuple(
            title
            for title, name in (("Model answer", "model_answer"), ("Safeguarding", "safeguarding"))
            if getattr(before, name, "") != getattr(after, name, "")
        )
        if items or other:
            shown = tuple(ShownChange(one, _runs(one)) for one in items)
            found.append(QuestionChange(names.get(key, key.replace("-", " ")), shown, other))
    return tuple(found)


def _runs(change: ItemChange) -> tuple[list[Run], list[Run]] | None:
    if not (change.old and change.new):
        return None
    return what_changed(_with_marks(change.old, change.new), _with_marks(change.new, change.old))


def _with_marks(item: Item, other: Item) -> str:
    """An item's words, and its marks where they are what changed."""
    return item.text if item.points == other.points else f"{item.text} ({item.points or 0} marks)"


def _seen(unit: UnitGuidance, cohort_ids: Collection[UUID], resting: Sequence[Resting]) -> str:
    """What the preview showed, short enough for the form to bring it back: who decides has seen what is true now."""
    about = sorted(f"{one.decision.id} {one.effect} {one.cannot_go_back}" for one in resting)
    return sha256(unit.newest.hash + "|".join([*sorted(map(str, cohort_ids)), *about]))[:32]
