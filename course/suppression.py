"""Counts by group that say nothing about one person: the one place where small counts are hidden.

Sources: `domain.md` 9.34 (small-number suppression in reports), decisions 0019 and 0032.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

SMALL = 5
"""Counts under this are hidden."""

Cells = tuple[int, ...]
"""The parts of a group, which add up to it (the rest among them)."""


@dataclass(frozen=True)
class Counts:
    """A table that may be shown: of each group, and of all, the parts; None where they are hidden."""

    rows: Mapping[str, Cells | None]
    total: Cells | None

    @property
    def shown(self) -> dict[str, Cells]:
        """The groups whose counts are shown."""
        return {name: cells for name, cells in self.rows.items() if cells is not None}

    @property
    def hidden(self) -> tuple[str, ...]:
        """The groups whose counts are hidden: only together are they large enough to hide in."""
        return tuple(name for name, cells in self.rows.items() if cells is None)


def suppress(groups: Mapping[str, Cells], *, adds_up: bool = True, apart: bool = False) -> Counts:
    """Hide counts under five so that no subtraction brings them back.

    A group with a small part is hidden whole; then further ones, in the order of their names, until at least two are
    hidden and what they make together, which anybody can work out from the total, gives none of them away. If that
    never comes true, everything is hidden, the total too. Which further ones hide depends on no count but that sum: to
    hide the smallest first would tell whoever knows this method that all that is hidden is smaller than what is shown.

    `adds_up` False: somebody may stand in several groups, so there is no total to subtract from, and none is given.

    `apart`: what the groups say is kept apart from names (age, gender, ethnicity), while the same page may name those
    who are in one part. Then *nobody* of a group in a part where there are others tells as much as *one* of it, and so
    does *everybody* in one group. So in each part that is not empty each group shown has at least five, and so do
    those beside it; groups that could not be told apart from a single one are not even named.
    """
    whole = _added(groups.values())
    hidden = {name for name, cells in groups.items() if _tells(cells, whole, apart)}
    if not adds_up:
        return Counts(_rows(groups, hidden), None)
    waiting = sorted(groups.keys() - hidden, reverse=True)
    if apart and len(groups) == 1:
        return Counts({}, None)
    while hidden and waiting and _gives_away([groups[name] for name in hidden], whole, apart):
        hidden.add(waiting.pop())
    if hidden and _gives_away([groups[name] for name in hidden], whole, apart):
        return Counts({} if apart else _rows(groups, hidden), None)
    if apart and len(hidden) == len(groups):
        return Counts({}, whole)
    return Counts(_rows(groups, hidden), whole or None)


def _rows(groups: Mapping[str, Cells], hidden: Collection[str]) -> dict[str, Cells | None]:
    return {name: None if name in hidden else tuple(cells) for name, cells in groups.items()}


def _is_small(count: int) -> bool:
    return 0 < count < SMALL


def _tells(cells: Cells, whole: Cells, apart: bool) -> bool:
    if apart:
        return any(cell < SMALL for cell, of in zip(cells, whole, strict=True) if of)
    return _is_small(sum(cells)) or any(_is_small(cell) for cell in cells)


def _gives_away(hidden: Collection[Cells], whole: Cells, apart: bool) -> bool:
    """Whether the sum of what is hidden tells a count of it: it is small, or as large as small counts can make it."""
    together = _added(hidden)
    most = (SMALL - 1) * len(hidden)
    return len(hidden) == 1 or _tells(together, whole, apart) or most in (*together, sum(together))


def _added(parts: Iterable[Cells]) -> Cells:
    return tuple(sum(column) for column in zip(*parts, strict=True))
