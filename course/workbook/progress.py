"""How far learners have come, derived from decisions each time: criteria, units, thresholds. Stored nowhere."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from course.cases.rules import Hold
from course.catalogue.compiled import CompiledUnit, Question
from course.enrolment.policy import CompiledPolicy, CountThreshold, PointsThreshold
from course.workbook import queries, rules
from course.workbook.models import Answer
from course.workbook.rules import AnswerFacts, State


class UnitState(enum.StrEnum):
    """Where one unit stands for one learner."""

    PLANNED = "planned"
    NOT_STARTED = "not_started"
    DRAFT = "draft"
    BEING_MARKED = "being_marked"
    NOT_YET = "not_yet"
    ON_HOLD = "on_hold"
    ACHIEVED = "achieved"


@dataclass(frozen=True)
class ThresholdFact:
    """How a unit stands against its threshold: points counted, or criteria counted (`n-of-m`)."""

    type: str
    needed: int
    have: int
    is_met: bool
    is_departed: bool = False
    is_shown: bool = False

    @property
    def is_satisfied(self) -> bool:
        """Met, or departed from by an assessor who wrote why."""
        return self.is_met or self.is_departed


@dataclass(frozen=True)
class UnitProgress:
    """One learner's unit. `criteria` has every criterion of the unit in its order."""

    enrolment_id: UUID
    unit: str
    code: str
    title: str
    unit_version_id: UUID
    state: UnitState
    criteria: dict[str, State]
    compiled: CompiledUnit
    questions: dict[str, State] = field(default_factory=dict)
    threshold: ThresholdFact | None = None
    achieved_on: datetime | None = None
    hours: int = 0
    answers: tuple[AnswerFacts, ...] = ()

    @property
    def achieved(self) -> bool:
        """Whether the unit is achieved: criteria and threshold together."""
        return self.state == UnitState.ACHIEVED

    @property
    def criteria_achieved(self) -> int:
        """How many criteria are achieved."""
        return sum(state == State.ACHIEVED for state in self.criteria.values())

    @property
    def is_unsettled(self) -> bool:
        """Whether a decision on which it rests is being made again: nothing is released or recorded meanwhile."""
        return any(answer.is_unsettled for answer in self.answers)

    @property
    def is_below_threshold(self) -> bool:
        """Whether only the threshold stands between this unit and being achieved."""
        every = all(state == State.ACHIEVED for state in self.criteria.values())
        return every and self.threshold is not None and not self.threshold.is_satisfied


# -- the derivation: pure, over facts ----------------------------------------------------------------------------------


def groups_for(unit: CompiledUnit, criterion: str) -> list[tuple[Question, ...]]:
    """The evidence questions that name a criterion, each with those that may be answered instead of it."""
    found: dict[str, list[Question]] = {}
    for question in unit.evidence_questions(criterion):
        found.setdefault(queries.root_of(unit, question.key), []).append(question)
    return [tuple(group) for group in found.values()]


def derive(
    enrolment_id: UUID, version_id: UUID, unit: CompiledUnit, policy: CompiledPolicy, answers: Sequence[AnswerFacts], *,
    drafts: frozenset[str] = frozenset(), further: Mapping[str, int] | None = None, is_departed: bool = False,
    holds: Sequence[Hold] = (),
) -> UnitProgress:  # fmt: skip
    """Derive one unit's progress. Leave `drafts` empty for anybody but the learner: a draft is theirs alone."""
    by_root: dict[str, list[AnswerFacts]] = defaultdict(list)
    for answer in answers:
        by_root[queries.root_of(unit, answer.question)].append(answer)
    states = {
        question.key: _question_state(unit, question, by_root, policy, drafts, further or {})
        for question in unit.questions
        if question.evidence
    }
    states |= {key: State.ON_HOLD for key in states if queries.is_held(unit, key, holds)}
    criteria, reached = {}, {}
    for criterion in unit.criteria:
        groups = groups_for(unit, criterion.number)
        moments = [rules.passed(criterion.number, by_root[queries.root_of(unit, group[0].key)]) for group in groups]
        if groups and all(moments):
            criteria[criterion.number] = State.ACHIEVED
            reached[criterion.number] = max(one.returned_at for one in moments if one and one.returned_at)
        else:
            criteria[criterion.number] = _criterion_state(criterion.number, groups, states, by_root, unit)
    threshold = _threshold(unit, policy, criteria, by_root, is_departed)
    achieved_on = None if holds else _achieved_on(unit, policy, threshold, reached, answers)
    state = _unit_state(unit, states, achieved=achieved_on is not None, held=bool(holds))
    return UnitProgress(
        enrolment_id, unit.slug, unit.code, unit.title, version_id, state, criteria, unit, states, threshold,
        achieved_on, unit.hours.total, tuple(answers),
    )  # fmt: skip


def _question_state(
    unit: CompiledUnit, question: Question, by_root: Mapping[str, list[AnswerFacts]], policy: CompiledPolicy,
    drafts: frozenset[str], further: Mapping[str, int],
) -> State:  # fmt: skip
    root = queries.root_of(unit, question.key)
    answers = by_root.get(root, [])
    left = rules.attempts_left(answers, policy.attempts.limit, further.get(root, 0))
    return rules.state_of(answers, has_draft=question.key in drafts, left=left)


_WORST_FIRST = (
    State.ON_HOLD, State.ATTEMPTS_USED, State.NOT_YET, State.DECIDED, State.BEING_MARKED, State.HANDED_IN, State.DRAFT,
)  # fmt: skip


def _criterion_state(
    criterion: str, groups: list[tuple[Question, ...]], states: Mapping[str, State],
    by_root: Mapping[str, list[AnswerFacts]], unit: CompiledUnit,
) -> State:  # fmt: skip
    """The state of a criterion that is not achieved: the one that asks most urgently for somebody to act."""
    open_states = set()
    for group in groups:
        if rules.passed(criterion, by_root.get(queries.root_of(unit, group[0].key), [])) is None:
            open_states |= {states[question.key] for question in group}
    return next((state for state in _WORST_FIRST if state in open_states), State.NOT_STARTED)


def _threshold(
    unit: CompiledUnit, policy: CompiledPolicy, criteria: Mapping[str, State],
    by_root: Mapping[str, list[AnswerFacts]], is_departed: bool,
) -> ThresholdFact | None:  # fmt: skip
    match policy.threshold_for(unit.code):
        case PointsThreshold(points=needed, shown=shown):
            have = sum(points_of(answers) for answers in by_root.values())
            return ThresholdFact("points", needed, have, have >= needed, is_departed, shown)
        case CountThreshold(n=needed, must_meet=must):
            have = sum(state == State.ACHIEVED for state in criteria.values())
            met = have >= needed and all(criteria.get(number) == State.ACHIEVED for number in must)
            return ThresholdFact("n-of-m", needed, have, met, is_departed, is_shown=True)
        case None:
            return None


def points_of(answers: Sequence[AnswerFacts]) -> int:
    """Points of the decisions that count: of each criterion, the last attempt's that a return has shown."""
    counting = {}
    for answer in rules.live(answers):
        counting.update(answer.returned)
    return sum(decision.points or 0 for decision in counting.values())


def _achieved_on(
    unit: CompiledUnit, policy: CompiledPolicy, threshold: ThresholdFact | None, reached: Mapping[str, datetime],
    answers: Sequence[AnswerFacts],
) -> datetime | None:  # fmt: skip
    """When the unit was achieved; None while it is not."""
    rule = policy.threshold_for(unit.code)
    if not unit.is_ready or not reached:
        return None
    if isinstance(rule, CountThreshold):
        if threshold is None or not threshold.is_satisfied:
            return None
        in_order = sorted(reached.values())
        must = [reached[number] for number in rule.must_meet if number in reached]
        return max([in_order[min(rule.n, len(in_order)) - 1], *must])
    if len(reached) < len(unit.criteria) or (threshold is not None and not threshold.is_satisfied):
        return None
    shown = [answer.returned_at for answer in answers if answer.returned_at] if threshold else []
    return max([*reached.values(), *shown])


def _unit_state(unit: CompiledUnit, states: Mapping[str, State], *, achieved: bool, held: bool) -> UnitState:
    if not unit.is_ready:
        return UnitState.PLANNED
    if held:
        return UnitState.ON_HOLD
    if achieved:
        return UnitState.ACHIEVED
    groups: dict[str, set[State]] = defaultdict(set)
    for key, state in states.items():
        groups[queries.root_of(unit, key)].add(state)
    if any(group & {State.NOT_YET, State.ATTEMPTS_USED} for group in groups.values()):
        return UnitState.NOT_YET
    settled = rules.WITH_ASSESSOR | {State.ACHIEVED}
    if groups and all(group & settled for group in groups.values()):
        return UnitState.BEING_MARKED
    started = any(group - {State.NOT_STARTED} for group in groups.values())
    return UnitState.DRAFT if started else UnitState.NOT_STARTED


# -- the facts: a constant number of queries, however many learners ----------------------------------------------------


def unit_progress(
    session: Session, enrolment_ids: Iterable[UUID], qualification: str, *, with_drafts: bool = False,
    under: CompiledPolicy | None = None, outcomes: Mapping[UUID, str] | None = None,
) -> dict[tuple[UUID, str], UnitProgress]:  # fmt: skip
    """The progress of every unit of these enrolments, by (enrolment, unit slug).

    `with_drafts` only for the learner's own page: staff see nothing of a draft. What would be: `under` another policy,
    or with other `outcomes` of some decisions (by id); a preview asks so, and gets the same derivation as the truth.
    """
    ids = list(enrolment_ids)
    standing = queries.standing(session, ids, qualification, with_drafts=with_drafts)
    units, answers = standing.units(session), _supposing(_answers(session, ids), outcomes or {})
    found = {}
    for enrolment_id in sorted(standing.policies):
        for slug, newest_id in standing.newest.items():
            here = (enrolment_id, slug)
            version_id = standing.versions.get(here, newest_id)
            found[here] = derive(
                enrolment_id, version_id, units[version_id], under or standing.policy(session, *here),
                answers.get(here, ()),
                drafts=frozenset(standing.drafts.get(here, ())),
                further=queries.by_root(units[version_id], standing.further.get(enrolment_id, {})),
                is_departed=here in standing.departed,
                holds=[hold for hold in standing.holds.get(enrolment_id, ()) if hold.covers(slug)],
            )  # fmt: skip
    return found


def _answers(session: Session, ids: list[UUID]) -> dict[tuple[UUID, str], list[AnswerFacts]]:
    found: dict[tuple[UUID, str], list[AnswerFacts]] = defaultdict(list)
    for facts in queries.facts_where(session, Answer.enrolment_id.in_(ids)):
        found[facts.enrolment_id, facts.unit].append(facts)
    return found


def _supposing(
    answers: dict[tuple[UUID, str], list[AnswerFacts]], outcomes: Mapping[UUID, str]
) -> dict[tuple[UUID, str], list[AnswerFacts]]:
    if not outcomes:
        return answers
    return {
        key: [
            replace(one, decisions=tuple(replace(it, outcome=outcomes.get(it.id, it.outcome)) for it in one.decisions))
            for one in found
        ]
        for key, found in answers.items()
    }
