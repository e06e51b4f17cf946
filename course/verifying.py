"""Checks the chain and the ink that it vouches for: what `audit verify` says."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from course import audit, reading_ahead, sealing
from course.audit import GENESIS, AuditEvent, Event, entry_hash, ink_classes, parts_of
from course.sealing import INSTALLATION, Purpose


def faults(session: Session, *, expected: tuple[int, str] | None = None) -> Iterator[str]:
    """Yield a sentence for each fault of the chain or of the ink that it vouches for; nothing when all is well.

    `expected` is a size and head hash that somebody outside has kept: only it can show that the end was cut off.
    """
    last, prev, previous_seq = 0, GENESIS, 0
    seen: dict[str, set[str]] = {table: set() for table in ink_classes()}
    destroyed = _destroyed(session)
    for row in reading_ahead.entries(session, AuditEvent, ink_classes(), parts_of):
        if row.seq != previous_seq + 1:
            yield f"Entry {previous_seq + 1} is missing (the next one is {row.seq})."
        elif row.prev != prev:
            yield f"Entry {row.seq} does not follow entry {previous_seq}: one was altered, inserted or moved."
        if not hmac.compare_digest(entry_hash(row), row.hash):
            yield f"Entry {row.seq} ({row.action}) was altered."
        table, _, key = row.object_ref.partition(":")
        if table in seen:
            seen[table].add(_bare(key))
            yield from _verify_row(session, row, destroyed)
        if expected and row.seq == expected[0] and not hmac.compare_digest(row.hash, expected[1]):
            yield f"Entry {row.seq} is not the one that was checkpointed."
        last, prev, previous_seq = row.seq, row.hash, row.seq
    if expected and last < expected[0]:
        yield f"The chain ends at entry {last}; a checkpoint saw {expected[0]}. The end was cut off."
    yield from _unvouched(session, seen)


def _destroyed(session: Session) -> dict[str, int]:
    """Whose keys were destroyed by an operation, and at which entry: nothing earlier of theirs can be proved."""
    rows = session.execute(
        select(AuditEvent.seq, AuditEvent.subject, AuditEvent.enrolment).where(AuditEvent.action == Event.KEY_DESTROYED)
    )
    return {owner: row.seq for row in rows for owner in (row.subject, row.enrolment) if owner}


def _verify_row(session: Session, entry: Any, destroyed: dict[str, int]) -> Iterator[str]:
    name = f"Entry {entry.seq} ({entry.action})"
    if entry.seq <= max(destroyed.get(entry.subject, 0), destroyed.get(entry.enrolment, 0)):
        return  # disposed of: the words are gone and nothing can be proved about them any more
    try:
        table, _, key = entry.object_ref.partition(":")
        row = session.get(ink_classes()[table], UUID(key))
        if row is None:
            yield f"{name} names {entry.object_ref}, which is missing."
            return
        content = audit.content_of(session, row)
        is_unaltered = any(hmac.compare_digest(one, entry.commit) for one in _commitments(session, entry, content))
    except _KeyMissing:
        yield f"{name}: the key that proves {entry.object_ref} is missing, and no entry says that it was destroyed."
    except (sealing.CannotOpen, NoResultFound):
        yield f"{name}: the words of {entry.object_ref} cannot be opened; they were altered or removed."
    except (ValueError, TypeError, LookupError):
        yield f"{name}: {entry.object_ref} cannot be read; it was altered."
    else:
        if not is_unaltered:
            yield f"{name}: {entry.object_ref} was altered after it was written."


class _KeyMissing(Exception):
    """A key that should be there is not."""


def _commitments(session: Session, entry: Any, content: bytes) -> Iterator[str]:
    """What the entry may say: salted, or unsalted when it was written before its enrolment had a key."""
    key = sealing.key_of(session, UUID(entry.subject) if entry.subject else INSTALLATION, Purpose.COMMITMENT)
    salt_key = audit.salt_key_of(session, UUID(entry.enrolment) if entry.enrolment else None)
    if key is None or (entry.enrolment and salt_key is None):
        raise _KeyMissing
    for salt in [salt_key, None] if salt_key else [None]:
        yield audit.commitment(key, salt, entry, content)


def _unvouched(session: Session, seen: dict[str, set[str]]) -> Iterator[str]:
    for table, ink in ink_classes().items():
        if not getattr(ink, "__vouched_by__", None):
            yield from _unknown(session, ink.id, seen[table], f"{table}:%s was inserted without an entry.")
        for part, foreign_key in parts_of(table):
            nobody = f"{part.__tablename__} has rows of {table}:%s, which no entry names."
            yield from _unknown(session, foreign_key, seen[table], nobody)


def _unknown(session: Session, column: Any, known: set[str], sentence: str) -> Iterator[str]:
    # As text: a row that somebody slipped in need not have an id that can be read.
    for found in session.scalars(select(cast(column, String)).distinct()):
        if _bare(str(found)) not in known:
            yield sentence % found


def _bare(key: str) -> str:
    """An id without its dashes: SQLite keeps it so."""
    return key.replace("-", "")
