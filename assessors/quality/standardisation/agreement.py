"""How far people agree who judged the same things: the share of pairs, Gwet's AC1 and Fleiss' kappa.

Sources: K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of high agreement", British
Journal of Mathematical and Statistical Psychology 61 (2008); J. L. Fleiss, "Measuring nominal scale agreement among
many raters", Psychological Bulletin 76 (1971). Where somebody judged only some of the things, as in Gwet's handbook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Votes = Mapping[Any, int]
"""How many people put one thing into each category."""


@dataclass(frozen=True)
class Agreement:
    """How far people agree about some things. Shares run from 0 to 1; the coefficients from -1 to 1."""

    things: int
    """How many things at least two people judged."""
    agreeing: int
    """Pairs of people who said the same about a thing."""
    pairs: int
    share: float | None
    """Agreement as it is seen, averaged over the things; None when nobody shared one."""
    ac1: float | None
    kappa: float | None
    """None as well when everybody chose one category: then kappa divides nought by nought."""


def measure(things: Sequence[Votes], *, categories: int = 2) -> Agreement:
    """Measure agreement. `categories`: how many there were to choose from, chosen or not; at least two."""
    judged = [votes for votes in things if sum(votes.values()) > 0]
    shared = [votes for votes in judged if sum(votes.values()) > 1]
    agreeing = sum(_pairs(count) for votes in shared for count in votes.values())
    pairs = sum(_pairs(sum(votes.values())) for votes in shared)
    if not shared:
        return Agreement(0, 0, 0, None, None, None)
    seen = sum(_share(votes) for votes in shared) / len(shared)
    names = {name for votes in judged for name in votes}
    usual = [sum(votes.get(name, 0) / sum(votes.values()) for votes in judged) / len(judged) for name in names]
    by_chance_gwet = sum(one * (1 - one) for one in usual) / (categories - 1)
    by_chance_fleiss = sum(one * one for one in usual)
    return Agreement(len(shared), agreeing, pairs, seen, _beyond(seen, by_chance_gwet), _beyond(seen, by_chance_fleiss))


def _pairs(people: int) -> int:
    return people * (people - 1) // 2


def _share(votes: Votes) -> float:
    return sum(_pairs(count) for count in votes.values()) / _pairs(sum(votes.values()))


def _beyond(seen: float, by_chance: float) -> float | None:
    """Agreement beyond chance, as a part of what there was to gain."""
    left = 1 - by_chance
    return None if left < 1e-12 else (seen - by_chance) / left
