"""Pictures of numbers: numbers in, the place of each mark out. `components/pictures.html` draws them.

Across, places are in per cent of the picture; down, in em. So a picture is as wide as its page, its words are as large
as the page's on any screen, and nothing is scaled. The numbers stand in a table beside each picture; a picture says
what is found in one sentence. Marks differ in shape or line, never in colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from math import ceil

ACROSS = 100.0
LEFT = 14.0
"""Where the drawing begins: names of rows, or the numbers of the scale, stand before it."""
ROW = 2.25
"""From one row to the next, in em."""
UP = 10.0
"""How tall the scale of a picture over time is, in em."""
RADII = {"disc": 0.25, "ring": 0.4375}
MOST_ROWS = 40
"""Rows of one picture. More are in its table only."""


@dataclass(frozen=True)
class Shape:
    """One mark: an element of SVG, its attributes, and its words if it is text."""

    tag: str
    attributes: dict[str, str]
    words: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture ready to draw. `key`: (look, meaning) of each sort of mark."""

    title: str
    finding: str
    tall: float
    shapes: tuple[Shape, ...]
    key: tuple[tuple[str, str], ...] = ()


def _per_cent(value: float) -> str:
    return f"{round(value, 2):g}%"


def _em(value: float) -> str:
    return f"{round(value, 3):g}em"


def _box(look: str, x: float, y: float, wide: float, tall: float) -> Shape:
    return Shape("rect", {"class": look, "x": _per_cent(x), "y": _em(y), "width": _per_cent(wide), "height": _em(tall)})


def _line(look: str, x1: float, y1: float, x2: float, y2: float) -> Shape:
    return Shape(
        "line", {"class": look, "x1": _per_cent(x1), "y1": _em(y1), "x2": _per_cent(x2), "y2": _em(y2)}
    )  # fmt: skip


def _dot(look: str, x: float, y: float) -> Shape:
    """A disc is smaller than a ring: where both stand, one is seen in the other."""
    return Shape("circle", {"class": look, "cx": _per_cent(x), "cy": _em(y), "r": _em(RADII[look])})


def _words(words: str, x: float, y: float, anchor: str = "start", look: str = "") -> Shape:
    named = {"class": look} if look else {}
    return Shape("text", {**named, "x": _per_cent(x), "y": _em(y), "text-anchor": anchor}, words)


# -- shares: a bar a row -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShareRow:
    """A row of shares from 0 to 1: a bar, a ring if a second measure is known, and words at the end."""

    name: str
    share: float
    words: str
    second: float | None = None


def shares(title: str, finding: str, rows: Sequence[ShareRow], key: Sequence[str], *, ends: float = 74.0) -> Picture:
    """A bar for each row on a scale from 0 to 1. `key`: what the bar means, and what the ring means.

    A second measure below 0 is drawn at 0 by a ring with a bar through it: the table has its number.
    """
    rows = rows[:MOST_ROWS]
    wide, tall, shapes = ends - LEFT, len(rows) * ROW, []
    for part in (0.0, 0.5, 1.0):
        at = LEFT + part * wide
        shapes += [_line("grid-line", at, 0, at, tall), _words(f"{part:.0%}", at, tall + 0.9, "middle")]
    for number, row in enumerate(rows):
        middle = (number + 0.5) * ROW
        shapes.append(_words(row.name, 0, middle, look="name"))
        shapes.append(_box("full", LEFT, middle - 0.25, row.share * wide, 0.5))
        if row.second is not None:
            at = LEFT + max(row.second, 0) * wide
            shapes.append(_dot("ring", at, middle))
            if row.second < 0:
                shapes.append(_line("through", at, middle - 0.8, at, middle + 0.8))
        shapes.append(_words(row.words, ACROSS, middle, "end"))
    looks = ("full", "ring") if any(row.second is not None for row in rows) else ("full",)
    return Picture(title, finding, tall + 1.6, tuple(shapes), tuple(zip(looks, key, strict=False)))


# -- over time: columns and spans --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One stretch of time: its parts stand on each other. `label` stands below where there is room for it."""

    label: str
    parts: tuple[int, ...]


@dataclass(frozen=True)
class Span:
    """One stretch of time: the middle of what was measured, and where nine of ten lie below. None: nothing was."""

    label: str
    middle: float | None
    nine_of_ten: float | None


def steps(most: float) -> list[int]:
    """Whole numbers for a scale that holds `most`: 0, and at most five more, in steps of 1, 2 or 5 times ten."""
    sizes = (digit * 10**power for power in count() for digit in (1, 2, 5))
    size = next(one for one in sizes if one * 5 >= most)
    return list(range(0, max(ceil(most / size), 1) * size + 1, size))


def _scale(most: float) -> tuple[list[Shape], float]:
    """The lines and numbers of a scale, and what one unit is in em."""
    marks = steps(most)
    unit = UP / marks[-1]
    shapes = []
    for mark in marks:
        y = _floor() - mark * unit
        shapes += [_line("grid-line", LEFT, y, ACROSS, y), _words(str(mark), LEFT - 2, y, "end")]
    return shapes, unit


def _floor() -> float:
    return UP + 0.75


def _labels(labels: Sequence[str], *, every: int) -> list[Shape]:
    wide = (ACROSS - LEFT) / len(labels)
    return [
        _words(label, LEFT + (at + 0.5) * wide, _floor() + 1.1, "middle")
        for at, label in enumerate(labels) if at % every == every // 2
    ]  # fmt: skip


def columns(title: str, finding: str, found: Sequence[Column], key: Sequence[str], *, every: int = 3) -> Picture:
    """A column for each stretch of time, its parts on each other. Every `every`-th is labelled."""
    shapes, unit = _scale(max((sum(one.parts) for one in found), default=0))
    wide = (ACROSS - LEFT) / (len(found) or 1)
    for at, one in enumerate(found):
        tops = accumulate(one.parts)
        for look, part, top in zip(("full", "open", "faint"), one.parts, tops, strict=False):
            if part:
                shapes.append(_box(look, LEFT + (at + 0.15) * wide, _floor() - top * unit, 0.7 * wide, part * unit))
    shapes += _labels([one.label for one in found], every=every) if found else []
    looks = ("full", "open", "faint")
    return Picture(title, finding, _floor() + 1.8, tuple(shapes), tuple(zip(looks, key, strict=False)))


def spans(
    title: str, finding: str, found: Sequence[Span], key: Sequence[str], limit: float | None = None, *, every: int = 4
) -> Picture:
    """From the middle (a disc) up to nine of ten (a ring), for each stretch of time; `limit`: a dashed line across.

    `key`: what the disc, the ring and the dashed line mean.
    """
    measured = [one.nine_of_ten for one in found if one.nine_of_ten is not None]
    shapes, unit = _scale(max([*measured, limit or 0]))
    wide = (ACROSS - LEFT) / (len(found) or 1)
    if limit is not None:
        y = _floor() - limit * unit
        shapes.append(_line("limit", LEFT, y, ACROSS, y))
    for at, one in enumerate(found):
        if one.middle is None or one.nine_of_ten is None:
            continue
        x, low, high = LEFT + (at + 0.5) * wide, _floor() - one.middle * unit, _floor() - one.nine_of_ten * unit
        shapes += [_line("span", x, low, x, high), _dot("ring", x, high), _dot("disc", x, low)]
    shapes += _labels([one.label for one in found], every=every) if found else []
    looks = ("disc", "ring", "limit") if limit is not None else ("disc", "ring")
    return Picture(title, finding, _floor() + 1.8, tuple(shapes), tuple(zip(looks, key, strict=False)))


# -- cells: which of several things are reached ------------------------------------------------------------------------

A_LINE = 7
"""Cells beside each other. Seven fit on the narrowest phone."""
CELL = 2.5
"""From one cell to the next, in em, both ways."""


@dataclass(frozen=True)
class Cell:
    """One thing, by its short name, and how it looks: full, half, open or pencil."""

    name: str
    look: str


def cells(title: str, finding: str, found: Sequence[Cell]) -> Picture:
    """A box for each thing, seven a line, its name in it: full, half full, outlined, or pencilled (dashed)."""
    shapes: list[Shape] = []
    for at, one in enumerate(found):
        x, y = (at % A_LINE) * CELL, (at // A_LINE) * CELL
        edges = {"x": _em(x + 0.125), "y": _em(y + 0.125), "width": _em(CELL - 0.25), "height": _em(CELL - 0.25)}
        shapes.append(Shape("rect", {"class": one.look, **edges}))
        if one.look == "half":
            low = {"y": _em(y + CELL - 0.125 - 0.625), "height": ".625em"}
            shapes.append(Shape("rect", {"class": "full", **edges, **low}))
        raised = 0.3 if one.look == "half" else 0
        place = {"x": _em(x + CELL / 2), "y": _em(y + CELL / 2 - raised), "text-anchor": "middle"}
        shapes.append(Shape("text", {"class": f"in-{one.look}", **place}, one.name))
    lines = -(-len(found) // A_LINE)
    return Picture(title, finding, lines * CELL, tuple(shapes))
