"""Bulk inserts that still keep the chain whole: rows and their audit entries, written together."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from course import audit, clock
from course.audit import Actor, AuditEvent, Event
from course.db import Base, metadata
from course.sealing import DataKey


class Ids:
    """Ids from a seed: version 7 in shape, each a millisecond after the last, so that indexes grow at their end."""

    def __init__(self, rng: random.Random, start: datetime) -> None:
        self._rng, self._millisecond = rng, int(start.timestamp() * 1000)

    def __call__(self) -> UUID:
        """The next one."""
        self._millisecond += 1
        return UUID(int=(self._millisecond << 80) | (7 << 76) | (self._rng.getrandbits(12) << 64) | self._tail())

    def random(self) -> UUID:
        """One that says nothing about when it was made (version 4), for a person."""
        return UUID(int=self._rng.getrandbits(128), version=4)

    def _tail(self) -> int:
        return (2 << 62) | self._rng.getrandbits(62)


@dataclass(frozen=True)
class Owner:
    """Whom rows are about, with the keys that seal their words and commit to their rows."""

    person_id: UUID
    enrolment_id: UUID | None
    commitment: DataKey
    work: DataKey

    @property
    def about_person(self) -> Owner:
        """The same person, for events that belong to no enrolment."""
        return replace(self, enrolment_id=None)


@dataclass(frozen=True)
class _Entry:
    what: Event
    reference: str
    by: Actor
    owner: Owner
    content: bytes


class Bulk:
    """Rows gathered for one transaction, with the entries that vouch for them."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._entries: list[_Entry] = []

    def pencil(self, model: type[Base], **values: Any) -> None:
        """A row that needs no entry of its own."""
        self._rows[model.__tablename__].append(values)

    def ink(
        self, what: Event, model: type[Base], owner: Owner, *, by: Actor, words: bytes = b"",
        parts: Sequence[tuple[type[Base], dict[str, Any]]] = (), **values: Any,
    ) -> None:  # fmt: skip
        """A row, the rows that are part of it, and the entry about them.

        `values` must name every column, as the entry commits to all of them; `parts` stand in order of their ids.
        """
        self.pencil(model, **values)
        # The same bytes as `audit.record` commits to: all columns in canonical form, the words, then the parts.
        content = audit.canonical(_columns(values)) + b"\x00" + words
        for part, of_part in parts:
            self.pencil(part, **of_part)
            content += b"\x00" + audit.canonical([part.__tablename__, _columns(of_part)])
        self._entries.append(_Entry(what, f"{model.__tablename__}:{values['id']}", by, owner, content))

    pencil_with_entry = ink
    """A changeable row whose making is an event all the same, such as a person's."""

    def write(self, session: Session) -> None:
        """Insert everything, parents first, then the entries behind the chain's head."""
        connection = session.connection()
        for table in metadata.sorted_tables:
            if rows := self._rows.pop(table.name, None):
                connection.execute(insert(table), rows)
        if self._entries:
            connection.execute(insert(AuditEvent.__table__), self._chained(session))  # type: ignore[arg-type]
            self._entries.clear()

    def _chained(self, session: Session) -> list[dict[str, Any]]:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": audit.ADVISORY_LOCK})
        head = session.execute(select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)).first()
        seq, prev = (head.seq, head.hash) if head else (0, audit.GENESIS)
        at = clock.now().isoformat(timespec="microseconds")
        rows = []
        for entry in self._entries:
            seq += 1
            row = _row(entry, seq, prev, at)
            row["hash"] = prev = audit.entry_hash(SimpleNamespace(**row))
            rows.append(row)
        return rows


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    return {name: audit._plain(value) for name, value in values.items()}


def _row(entry: _Entry, seq: int, prev: str, at: str) -> dict[str, Any]:
    owner = entry.owner
    salt_key = owner.work if owner.enrolment_id else None
    row = {
        "seq": seq,
        "version": audit.VERSION,
        "at": at,
        "actor": str(entry.by.person_id),
        "role": str(entry.by.role),
        "appointment": str(entry.by.appointment_id or ""),
        "action": str(entry.what),
        "object_ref": entry.reference,
        "subject": str(owner.person_id),
        "enrolment": str(owner.enrolment_id or ""),
        "prev": prev,
    }
    row["commit"] = audit.commitment(owner.commitment, salt_key, SimpleNamespace(**row), entry.content)
    return row
