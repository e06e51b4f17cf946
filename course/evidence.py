"""What slices offer to an evidence pack: tables of facts, each row naming the ink that stands behind it.

The pack is made by the last slice of all and must hold what others know. It imports none of them for that: each slice
offers a part, a function from a scope to its tables, as the application is put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy.orm import Session

from course.pictures import Picture


@dataclass(frozen=True)
class Scope:
    """What a pack is about: one qualification at one centre, in these cohorts. Nothing beyond it is in the pack."""

    centre_id: UUID
    qualification: str
    cohort_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Row:
    """One line of a table. `ink`: the rows behind it, as the audit trail names them (`decision:…`)."""

    cells: Sequence[object]
    ink: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table of a pack. It never holds the words of learners: the pack refuses a table that opens any.

    `slug` names its files, such as "appeals"; `rows` is asked twice, once for each file, and is best a generator.
    `pictures`: drawn above the rows, each under a heading of its own.
    """

    slug: str
    title: str
    lead: str
    head: Sequence[str]
    rows: Callable[[], Iterable[Row]]
    pictures: Callable[[], Iterable[tuple[str, Picture]]] = tuple


Part = Callable[[Session, Scope], Iterable[Table]]


def offer(app: Flask, *parts: Part) -> None:
    """Add a slice's tables to every evidence pack."""
    app.extensions.setdefault("evidence", []).extend(parts)


def tables(session: Session, scope: Scope) -> Iterator[Table]:
    """Every table that is offered, in the order of offering."""
    for part in current_app.extensions.get("evidence", ()):
        yield from part(session, scope)
