"""Who would change, counted by group so that the counts may be shared: small ones are hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.changes.rules import Counts, Effect, hide_small

groupings: list[Callable[[Session, Collection[UUID]], Mapping[str, Mapping[UUID, str]]]] = []
"""Slices that know groups of learners add theirs: from enrolment ids, by the name of the grouping, each one's group."""

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


def tables(session: Session, touched: Collection[Touched]) -> list[Table]:
    """Learners by cohort, by unit, by assessor, and by every other group that is known here."""
    found = [
        Table("Cohort", hide_small(_count((one.cohort, one) for one in touched))),
        Table("Unit", hide_small(_count((one.unit, one) for one in touched), adds_up=False)),
        Table("Assessor", hide_small(_count((who, one) for one in touched for who in one.assessors), adds_up=False)),
    ]
    ids = {one.enrolment_id for one in touched}
    for know in groupings:
        for title, group_of in know(session, ids).items():
            known = _count((group_of[one.enrolment_id], one) for one in touched if one.enrolment_id in group_of)
            found.append(Table(title, hide_small(known)))
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
