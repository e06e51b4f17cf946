"""What a change by hand makes of a plan: the draw stays as it was, and the plan is the draw with its changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from assessors.quality.plan.rules.drawing import Cover, Drawn, Item, Missing, needs_of
from course.enrolment.policy import Sampling


@dataclass(frozen=True)
class Change:
    """An answer added to a plan, dropped from it, or one in another's place."""

    added: UUID | None = None
    dropped: UUID | None = None


def after(changes: Iterable[Change]) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """What the changes add to the draw, and what they take from it, the last word on each answer counting."""
    stands: dict[UUID, bool] = {}
    for one in changes:
        stands |= {one.dropped: False} if one.dropped else {}
        stands |= {one.added: True} if one.added else {}
    return (
        frozenset(answer for answer, is_in in stands.items() if is_in),
        frozenset(answer for answer, is_in in stands.items() if not is_in),
    )


@dataclass(frozen=True)
class Touched:
    """What an answer weighs in a plan: its decisions by assessor, and what it brings."""

    decisions: tuple[tuple[UUID, int], ...]
    needs: tuple[Missing, ...]


def weigh(item: Item, policy: Sampling) -> Touched:
    """What an answer brings to a plan when it is added, and takes from it when it is dropped."""
    made = tuple((one, item.decided_by(one)) for one in sorted(item.assessors))
    return Touched(made, tuple(sorted(needs_of(item, policy))))


def changed(drawn: Drawn, *, added: Iterable[Touched], dropped: Iterable[Touched]) -> Drawn:
    """The draw as it stands after changes by hand. What was not in the pool when it was drawn counts as well."""
    shares = {one.assessor: one for one in drawn.shares}
    covers: dict[Missing, Cover] = {(one.need, one.of): one for one in drawn.covers}
    for step, answers in ((1, added), (-1, dropped)):
        for answer in answers:
            for assessor, decisions in answer.decisions:
                if assessor in shares:
                    share = shares[assessor]
                    shares[assessor] = replace(share, drawn=share.drawn + step * decisions)
            for need in answer.needs:
                cover = covers.get(need, Cover(*need, pool=1, before=0))
                covers[need] = replace(cover, drawn=cover.drawn + step)
    return replace(drawn, shares=tuple(shares.values()), covers=tuple(covers[need] for need in sorted(covers)))
