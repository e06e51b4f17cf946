"""Who would change, counted by group so that the counts may be shared: small ones are hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.changes.rules import Effect
from assessors.selection.queries import groups
from course.suppression import Counts, suppress

WORST_FIRST = (Effect.LOSES, Effect.UNKNOWN, Effect.GAINS, Effect.STAYS)


@dataclass(frozen=True)
class Touched:
    """One judgement that a change was held against: whose, where, by whom, and what would become of it."""

    enrolment_id: UUID
    cohort: str
    unit: str
    assessors: tuple[str, ...]
    effect: Effect


@dataclass(frozen=True)
class Table:
    """Learners by one kind of group: how many would lose, cannot be computed, would gain, would stay."""

    title: str
    counts: Counts
    is_apart: bool = False
    """Whether these groups are kept apart from names."""


def tables(session: Session, touched: Collection[Touched]) -> list[Table]:
    """Learners by cohort, by unit, by assessor, and by what they chose to tell about themselves when they applied.

    The first three are no secret beside the names on the same page. The last are: no count may let anybody find out
    the group of one who is named.
    """
    found = [
        Table("Cohort", suppress(_count((one.cohort, one) for one in touched))),
        Table("Unit", suppress(_count((one.unit, one) for one in touched), adds_up=False)),
        Table("Assessor", suppress(_count((who, one) for one in touched for who in one.assessors), adds_up=False)),
    ]
    told = groups.of_learners(session, {one.enrolment_id for one in touched})
    for title, group_of in told.items():
        counts = suppress(_count((group_of[one.enrolment_id], one) for one in touched), apart=True)
        found.append(Table(title, counts, is_apart=True))
    return found


def _count(pairs: Iterable[tuple[str, Touched]]) -> dict[str, tuple[int, ...]]:
    """For each group the learners in it, each counted once, by the worst that would happen to them."""
    effects: dict[str, dict[UUID, set[Effect]]] = defaultdict(lambda: defaultdict(set))
    for group, one in pairs:
        effects[group][one.enrolment_id].add(one.effect)
    return {group: _parts(of.values()) for group, of in sorted(effects.items())}


def _parts(effects: Iterable[set[Effect]]) -> tuple[int, ...]:
    worst = [next(effect for effect in WORST_FIRST if effect in found) for found in effects]
    return tuple(worst.count(effect) for effect in WORST_FIRST)
