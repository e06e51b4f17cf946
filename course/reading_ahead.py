"""What `audit verify` is about to ask for, fetched a thousand entries at a time: ink rows, their words, parts and keys.

It only saves queries. A row that cannot be read in bulk is left to be asked for by itself, so that its fault is found
and named; `verify` is the same with and without this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from course import sealing
from course.sealing import INSTALLATION, DataKey, HeldKey, Sealed

BATCH = 1000
UNREADABLE = (ValueError, TypeError, LookupError)
Parts = dict[tuple[str, UUID], list[Any]]
"""The rows that an ink row vouches for, by their table and the ink row's id; every row of the batch is named."""


def hold_parts(session: Session, of: UUID, parts: Collection[Any]) -> None:
    """All rows of one kind that an entry about `of` will vouch for: just written, so they need not be asked for."""
    ahead: Parts = session.info.setdefault("parts_ahead", {})
    for kind in {type(part) for part in parts}:
        key = inspect(kind).primary_key[0].key
        ahead[kind.__tablename__, of] = sorted(parts, key=lambda part: getattr(part, key).bytes)


def entries(
    session: Session, entry: Any, classes: dict[str, Any], parts_of: Callable[[str], list[tuple[Any, Any]]]
) -> Iterator[Any]:
    """The entries of the chain in order, each batch with what it names at hand."""
    for some in _batches(session, entry):
        held = _fetch(session, some, classes, parts_of)
        yield from some
        session.info.pop("parts_ahead", None)
        held.clear()


def _batches(session: Session, entry: Any) -> Iterator[list[Any]]:
    table, last = entry.__table__, None
    while True:
        query = select(table).order_by(table.c.seq).limit(BATCH)
        rows = list(session.execute(query if last is None else query.where(table.c.seq > last)))
        if not rows:
            return
        yield rows
        last = rows[-1].seq


def _fetch(
    session: Session, entries: Iterable[Any], classes: dict[str, Any], parts_of: Callable[[str], list[tuple[Any, Any]]]
) -> list[Any]:
    """Have the session know what these entries name. What is returned must be held on to meanwhile."""
    wanted, owners = defaultdict(list), {INSTALLATION}
    for entry in entries:
        table, _, key = entry.object_ref.partition(":")
        with suppress(*UNREADABLE):
            owners |= {UUID(owner) for owner in (entry.subject, entry.enrolment) if owner}
            if table in classes:
                wanted[table].append(UUID(key))
    held: list[Any] = []
    parts: Parts = {}
    for table, ids in wanted.items():
        held += _rows(session, classes[table], inspect(classes[table]).primary_key[0], ids)
        for part, column in parts_of(table):
            parts |= _parts(session, part, column, ids)
    named = [getattr(row, name) for row in held for name in getattr(row, "__words__", ())]
    held += _rows(session, Sealed, Sealed.id, [one for one in named if one is not None])
    _hold_keys(session, owners)
    session.info["parts_ahead"] = parts
    return held


def _rows(session: Session, kind: Any, column: Any, ids: list[UUID]) -> list[Any]:
    with suppress(*UNREADABLE):
        return list(session.scalars(select(kind).where(column.in_(ids)))) if ids else []
    return []


def _parts(session: Session, part: Any, column: Any, ids: list[UUID]) -> Parts:
    found: Parts = {(part.__tablename__, owner): [] for owner in ids}
    with suppress(*UNREADABLE):
        rows = session.scalars(select(part).where(column.in_(ids)).order_by(inspect(part).primary_key[0]))
        for row in rows:
            found[part.__tablename__, getattr(row, column.key)].append(row)
        return found
    return {}


def _hold_keys(session: Session, owners: set[UUID]) -> None:
    for some in _pieces(sorted(owners)):
        rows = session.execute(select(*sealing.key_columns(DataKey.__table__)).where(DataKey.owner_id.in_(some)))
        for row in rows:
            sealing.hold(session, HeldKey(*row))


def _pieces(ids: list[UUID]) -> Iterator[list[UUID]]:
    for at in range(0, len(ids), BATCH):
        yield ids[at : at + BATCH]
