"""Counts by group that say nothing about one person: small ones are hidden, and so is what would give them away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SMALL = 5
"""Counts under this are hidden."""

Cells = tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """A table that may be shown. `total` is None when even the whole is too small; then no group is shown either."""

    total: Cells | None
    groups: Mapping[str, Cells]
    hidden: tuple[str, ...]
    """Groups that are not shown: only together are they large enough to hide in."""


def suppress(groups: Mapping[str, Cells], columns: int) -> Counts:
    """Hide every group with a small count, and then whole groups more until what is hidden together is not small.

    Whoever knows the total can subtract what is shown; so what is left after subtracting must be as large as anything
    shown, in each column. A column that is empty for everybody is no count of anybody, and hides nothing.
    """
    total = tuple(sum(cells[at] for cells in groups.values()) for at in range(columns))
    if not _is_large(total, total):
        return Counts(None, {}, tuple(groups))
    shown = {name: cells for name, cells in groups.items() if _is_large(cells, total)}
    while shown and len(shown) < len(groups):
        rest = tuple(whole - sum(cells[at] for cells in shown.values()) for at, whole in enumerate(total))
        if _is_large(rest, total):
            break
        del shown[min(shown, key=lambda name: (sum(shown[name]), name))]
    return Counts(total, shown, tuple(name for name in groups if name not in shown))


def _is_large(cells: Cells, total: Cells) -> bool:
    return all(cell >= SMALL for cell, whole in zip(cells, total, strict=True) if whole)
