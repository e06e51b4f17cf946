"""The tamper-evident trail: one chained entry an action, written in the same transaction as the change.

An entry names things and holds a keyed commitment to the ink row and its words; never the words. `verify` finds any
entry that was altered, removed, inserted or moved, and any ink row that no longer matches its entry.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, String, UniqueConstraint, cast, event, inspect, select, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from course import clock, sealing
from course.db import AppendOnly, Base
from course.events import Event as Event
from course.sealing import INSTALLATION, Purpose, Sealed

GENESIS = "0" * 64
VERSION = 1
ADVISORY_LOCK = 7_261_544  # any fixed number: the name of the audit lock on PostgreSQL


@dataclass(frozen=True)
class Actor:
    """Who acts: the person, and the role and appointment then held. A learner has no appointment."""

    person_id: UUID
    role: str
    appointment_id: UUID | None = None


INSTALLER = Actor(INSTALLATION, "installation")
"""Commands given at the machine itself."""


class AuditEvent(AppendOnly, Base):
    """One entry of the chain."""

    __tablename__ = "audit_event"
    __table_args__ = (UniqueConstraint("hash", name="audit_event_hash_once"),)

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    version: Mapped[int]
    at: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(36))
    role: Mapped[str] = mapped_column(String(20))
    appointment: Mapped[str] = mapped_column(String(36))
    action: Mapped[str] = mapped_column(String(40))
    object_ref: Mapped[str] = mapped_column(String(80), index=True)
    subject: Mapped[str] = mapped_column(String(36), index=True)
    enrolment: Mapped[str] = mapped_column(String(36))
    commit: Mapped[str] = mapped_column(String(64))
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


FIELDS = (
    "version", "seq", "at", "actor", "role", "appointment", "action", "object_ref", "subject", "enrolment", "commit",
    "prev",
)  # fmt: skip


@dataclass(frozen=True)
class _Pending:
    event: Event
    row: Any
    by: Actor
    subject: UUID | None
    enrolment: UUID | None
    savepoint: Any
    """Where it was noted, if inside one: undoing the savepoint undoes the note."""


def record(
    session: Session, what: Event, row: Any, *, by: Actor, subject: UUID | None = None, enrolment: UUID | None = None
) -> None:
    """Note that an action happened to a row. The entry joins the chain as the transaction commits.

    The chain's head is taken last, so that writers queue for it for microseconds, and a rolled-back action leaves
    no entry. `subject` is whom it is about; `enrolment` names the enrolment, or the application, whose key seals the
    words: destroying that key makes them unprovable.
    """
    savepoint = session.get_nested_transaction()
    session.info.setdefault("audit", []).append(_Pending(what, row, by, subject, enrolment, savepoint))


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    pending: list[_Pending] = session.info.pop("audit", [])
    if not pending:
        return
    session.flush()
    contents = [(entry, _content(session, entry.row)) for entry in pending]
    keys = [(_commitment_key(session, entry.subject), _salt_key(session, entry.enrolment)) for entry in pending]
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
    head = session.execute(select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)).first()
    seq, prev = (head.seq, head.hash) if head else (0, GENESIS)
    for (entry, content), (key, salt_key) in zip(contents, keys, strict=True):
        seq += 1
        row = AuditEvent(
            seq=seq,
            version=VERSION,
            at=clock.now().isoformat(timespec="microseconds"),
            actor=str(entry.by.person_id),
            role=entry.by.role,
            appointment=str(entry.by.appointment_id or ""),
            action=str(entry.event),
            object_ref=reference(entry.row),
            subject=str(entry.subject or ""),
            enrolment=str(entry.enrolment or ""),
            commit=_commit(key, salt_key, seq, str(entry.event), content),
            prev=prev,
        )
        row.hash = prev = entry_hash(row)
        session.add(row)
    session.flush()


@event.listens_for(Session, "after_soft_rollback")
def _forget_undone(session: Session, undone: SessionTransaction) -> None:
    pending: list[_Pending] = session.info.get("audit", [])
    session.info["audit"] = [entry for entry in pending if undone.nested and entry.savepoint is not undone]


@event.listens_for(Session, "after_transaction_end")
def _forget_pending(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop("audit", None)


def reference(row: Any) -> str:
    """Name a row: `table:primary-key`."""
    identity = inspect(row).mapper.primary_key_from_instance(row)
    return f"{row.__tablename__}:{','.join(str(part) for part in identity)}"


def entry_hash(row: Any) -> str:
    """Hash an entry with its predecessor's hash inside."""
    return hashlib.sha256(b"\x00" + canonical([getattr(row, name) for name in FIELDS])).hexdigest()


def canonical(value: Any) -> bytes:
    """Write plain values as JSON in the one form that hashes rely on (form 1)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _content(session: Session, row: Any) -> bytes:
    """Give the bytes that an entry commits to: every column of the row, its words, and the rows it vouches for."""
    words = b"".join(_words(session, getattr(row, name)) for name in getattr(row, "__words__", ()))
    return canonical(_columns(row)) + b"\x00" + words + b"".join(_parts(session, row))


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: _plain(getattr(row, column.key)) for column in inspect(row).mapper.column_attrs}


def _parts(session: Session, row: Any) -> Iterator[bytes]:
    for part, foreign_key in parts_of(row.__tablename__):
        key = inspect(part).primary_key[0]
        for one in session.scalars(select(part).where(foreign_key == row.id).order_by(key)):
            yield b"\x00" + canonical([part.__tablename__, _columns(one)])


def parts_of(table: str) -> list[tuple[Any, Any]]:
    """The kinds of ink row that an entry about this table vouches for, each with the column that says whose."""
    parts = [ink for _, ink in sorted(ink_classes().items()) if getattr(ink, "__vouched_by__", None) == table]
    return [
        (ink, column)
        for ink in parts
        for column in ink.__table__.columns
        if any(key.column.table.name == table for key in column.foreign_keys)
    ]


def _words(session: Session, sealed_id: UUID | None) -> bytes:
    if sealed_id is None:
        return b""
    row = session.get_one(Sealed, sealed_id)
    return sealing.open_bytes(session.get_one(sealing.DataKey, row.key_id), row.place, row.id, row.box)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, bool | int) else str(value)


def _commitment_key(session: Session, subject: UUID | None) -> sealing.DataKey:
    return sealing.ensure_key(session, subject or INSTALLATION, Purpose.COMMITMENT)


def _salt_key(session: Session, enrolment: UUID | None) -> sealing.DataKey | None:
    if enrolment is None:
        return None
    return sealing.key_of(session, enrolment, Purpose.WORK) or sealing.key_of(session, enrolment, Purpose.SPECIAL)


def _commit(key: sealing.DataKey, salt_key: sealing.DataKey | None, seq: int, action: str, content: bytes) -> str:
    # The salt comes from the enrolment's own key: when that key is destroyed, short words cannot be guessed any more.
    salt = sealing.commitment(salt_key, b"audit salt|%d" % seq) if salt_key else b""
    return sealing.commitment(key, canonical([seq, action]) + b"\x00" + salt + content).hex()


def verify(session: Session, *, expected: tuple[int, str] | None = None) -> Iterator[str]:
    """Yield a sentence for each fault of the chain or of the ink that it vouches for; nothing when all is well.

    `expected` is a size and head hash that somebody outside has kept: only it can show that the end was cut off.
    """
    last, prev, previous_seq = 0, GENESIS, 0
    seen: dict[str, set[str]] = {table: set() for table in ink_classes()}
    destroyed = _destroyed(session)
    for row in session.scalars(select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=1000)):
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


def ink_classes() -> dict[str, Any]:
    """Every kind of ink row but the entries themselves, by table."""
    return {
        mapper.class_.__tablename__: mapper.class_
        for mapper in Base.registry.mappers
        if getattr(mapper.class_, "__append_only__", False) and mapper.class_ is not AuditEvent
    }


def _destroyed(session: Session) -> dict[str, int]:
    """Whose keys were destroyed by an operation, and at which entry: nothing earlier of theirs can be proved."""
    rows = session.execute(
        select(AuditEvent.seq, AuditEvent.subject, AuditEvent.enrolment).where(AuditEvent.action == Event.KEY_DESTROYED)
    )
    return {owner: row.seq for row in rows for owner in (row.subject, row.enrolment) if owner}


def _verify_row(session: Session, entry: AuditEvent, destroyed: dict[str, int]) -> Iterator[str]:
    name = f"Entry {entry.seq} ({entry.action})"
    if entry.seq <= max(destroyed.get(entry.subject, 0), destroyed.get(entry.enrolment, 0)):
        return  # disposed of: the words are gone and nothing can be proved about them any more
    try:
        table, _, key = entry.object_ref.partition(":")
        row = session.get(ink_classes()[table], UUID(key))
        if row is None:
            yield f"{name} names {entry.object_ref}, which is missing."
            return
        possible = _possible_commitments(session, entry, _content(session, row))
    except _KeyMissing:
        yield f"{name}: the key that proves {entry.object_ref} is missing, and no entry says that it was destroyed."
    except (sealing.CannotOpen, NoResultFound):
        yield f"{name}: the words of {entry.object_ref} cannot be opened; they were altered or removed."
    except (ValueError, TypeError, LookupError):
        yield f"{name}: {entry.object_ref} cannot be read; it was altered."
    else:
        if not any(hmac.compare_digest(one, entry.commit) for one in possible):
            yield f"{name}: {entry.object_ref} was altered after it was written."


class _KeyMissing(Exception):
    """A key that should be there is not."""


def _possible_commitments(session: Session, entry: AuditEvent, content: bytes) -> list[str]:
    """What the entry may say: salted, or unsalted when it was written before its enrolment had a key."""
    key = sealing.key_of(session, UUID(entry.subject) if entry.subject else INSTALLATION, Purpose.COMMITMENT)
    salt_key = _salt_key(session, UUID(entry.enrolment) if entry.enrolment else None)
    if key is None or (entry.enrolment and salt_key is None):
        raise _KeyMissing
    salts = [salt_key, None] if salt_key else [None]
    return [_commit(key, salt, entry.seq, entry.action, content) for salt in salts]


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


def size(session: Session) -> int:
    """How many entries the chain has."""
    return session.scalar(select(AuditEvent.seq).order_by(AuditEvent.seq.desc()).limit(1)) or 0


def export(session: Session) -> Iterator[str]:
    """Yield the chain as JSON lines, entries in order. It holds no words and no names."""
    for row in session.scalars(select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=1000)):
        yield canonical({name: getattr(row, name) for name in (*FIELDS, "hash")}).decode()
