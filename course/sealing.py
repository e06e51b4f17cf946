"""Words at rest: sealed under a key of their own, opened only here, and every opening noted.

Each enrolment (work), person and application (special evidence), person (commitments), staff member (comment bank) and
centre (monitoring answers, meetings) has a data key, wrapped by the master key, which lives outside the database and
outside every backup. Destroying a data key erases what it sealed. See `docs/decisions/` and design invariant 8.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint, delete, event, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from course.db import Base, new_id

NONCE = 12  # bytes, random for each sealing
KEY = 32  # bytes


class Purpose(enum.StrEnum):
    """What a data key is for."""

    WORK = "work"
    SPECIAL = "special"
    COMMITMENT = "commitment"
    COMMENT_BANK = "comment-bank"
    MEETING = "meeting"
    MONITORING = "monitoring"
    CONFLICT = "conflict"


INSTALLATION = UUID(int=0)
"""Owner of the key that commits to events about nobody in particular."""


class CannotOpen(Exception):
    """The key is gone (disposed of), wrong, or the box was altered."""


class DataKey(Base):
    """A key that seals one owner's words, itself wrapped by the master key. Disposal deletes it."""

    __tablename__ = "data_key"
    __table_args__ = (UniqueConstraint("owner_id", "purpose", name="data_key_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(String(20))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Sealed(Base):
    """Words in a box. A template cannot print it by mistake: only `read` opens it."""

    __tablename__ = "sealed"
    __table_args__ = (CheckConstraint("length(place) > 0", name="place_named"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[UUID] = mapped_column(ForeignKey("data_key.id"), index=True)
    place: Mapped[str] = mapped_column(String(40))
    """Where the words belong, such as `answer.words`. Part of the associated data: frozen for ever."""
    about_id: Mapped[UUID | None] = mapped_column(index=True)
    """The answer (or other thing) that the words are about, for the access log."""
    ink: Mapped[bool]
    box: Mapped[bytes] = mapped_column(LargeBinary)

    def __str__(self) -> NoReturn:
        raise TypeError("Sealed words cannot be printed. Open them with sealing.read().")

    def __html__(self) -> NoReturn:
        raise TypeError("Sealed words cannot be shown. Open them with sealing.read().")


class HeldKey(NamedTuple):
    """A data key's row, read with something else in one query."""

    id: UUID
    owner_id: UUID
    purpose: str
    wrapped: bytes


Key = DataKey | HeldKey


class Box(NamedTuple):
    """A box's row, read with something else in one query. Opened like any other, by `read` alone."""

    id: UUID
    key_id: UUID
    place: str
    about_id: UUID | None
    box: bytes

    def __str__(self) -> NoReturn:
        raise TypeError("Sealed words cannot be printed. Open them with sealing.read().")

    def __html__(self) -> NoReturn:
        raise TypeError("Sealed words cannot be shown. Open them with sealing.read().")


@dataclass(frozen=True)
class Opening:
    """A note that somebody's words were opened in this transaction."""

    owner_id: UUID
    purpose: str
    place: str
    about_id: UUID | None


class Keyring:
    """Wraps and unwraps data keys with the master key."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY:
            raise ValueError("The master key must be 32 bytes.")
        self._master = AESGCM(master)
        self.fingerprint = hashlib.sha256(b"alongside master key" + master).hexdigest()[:16]

    @classmethod
    def from_file(cls, path: Path) -> Keyring:
        """Read the master key (64 hexadecimal digits)."""
        return cls(bytes.fromhex(path.read_text("ascii").strip()))

    def wrap(self, key: bytes, key_id: UUID) -> bytes:
        """Encrypt a data key for storage."""
        nonce = os.urandom(NONCE)
        return nonce + self._master.encrypt(nonce, key, b"data_key|" + key_id.bytes)

    def unwrap(self, wrapped: bytes, key_id: UUID) -> bytes:
        """Decrypt a data key. Raises CannotOpen with the wrong master key."""
        try:
            return self._master.decrypt(wrapped[:NONCE], wrapped[NONCE:], b"data_key|" + key_id.bytes)
        except InvalidTag as error:
            raise CannotOpen("The master key does not fit this database.") from error


def keyring() -> Keyring:
    """The running application's keyring, read on first use: `settings check` must be able to say that it is missing."""
    if "keyring" not in current_app.extensions:
        current_app.extensions["keyring"] = Keyring.from_file(current_app.config["SETTINGS"].master_key_file)
    found: Keyring = current_app.extensions["keyring"]
    return found


def make_key(session: Session, owner_id: UUID, purpose: Purpose) -> DataKey:
    """Make a data key for a new owner."""
    key_id = new_id()
    row = DataKey(id=key_id, owner_id=owner_id, purpose=purpose, wrapped=keyring().wrap(os.urandom(KEY), key_id))
    session.add(row)
    # Held on to until the end of the transaction: the audit entry commits to these words without asking for them again.
    session.info.setdefault("sealed_now", []).append(row)
    return row


def key_columns(table: Any) -> tuple[Any, ...]:
    """The columns of a `HeldKey`, in its order."""
    return tuple(table.c[name] for name in HeldKey._fields)


def hold(session: Session, key: HeldKey) -> None:
    """Use a key that another query has brought along, so that this transaction need not ask for it."""
    session.info.setdefault("data_keys", {})[key.owner_id, key.purpose] = key
    session.info.setdefault("keys_by_id", {})[key.id] = key


def hold_keys(session: Session, key_ids: Collection[UUID]) -> None:
    """Have the keys of many boxes at hand, in one query; one that was destroyed is not among them."""
    rows = session.execute(select(*key_columns(DataKey.__table__)).where(DataKey.__table__.c.id.in_(key_ids)))
    for row in rows:
        hold(session, HeldKey(*row))


def key_of(session: Session, owner_id: UUID, purpose: Purpose) -> Key | None:
    """Find an owner's key, once a transaction; None when it was never made or has been destroyed."""
    found: dict[tuple[UUID, str], Key] = session.info.setdefault("data_keys", {})
    if (owner_id, purpose) not in found:
        row = session.scalar(select(DataKey).where(DataKey.owner_id == owner_id, DataKey.purpose == purpose))
        if row is None:
            return None
        found[owner_id, purpose] = row
    return found[owner_id, purpose]


@event.listens_for(Session, "after_transaction_end")
def _forget_keys(session: Session, ended: SessionTransaction) -> None:
    """A key made in an undone transaction must not seal anything; one destroyed since must not open anything."""
    if ended.parent is None or ended.nested:
        session.info.pop("data_keys", None)
        session.info.pop("keys_by_id", None)
        session.info.pop("sealed_now", None)


def key_by_id(session: Session, key_id: UUID) -> Key | None:
    """Find a key by its id, once a transaction; None when it has been destroyed."""
    # Held on to: the session itself forgets a row that nobody else refers to, and would ask again for each box.
    keys: dict[UUID, Key | None] = session.info.setdefault("keys_by_id", {})
    return keys.get(key_id) or keys.setdefault(key_id, session.get(DataKey, key_id))


def ensure_key(session: Session, owner_id: UUID, purpose: Purpose) -> Key:
    """Find an owner's key, or make it."""
    return key_of(session, owner_id, purpose) or make_key(session, owner_id, purpose)


def destroy_key(session: Session, owner_id: UUID, purpose: Purpose) -> bool:
    """Destroy a key and every box that it sealed. Returns whether there was one.

    Only for words that no foreign key holds. The caller's operation writes the audit entry, and its door to the
    database ends with `Database.forget`, or the key would live on in the write-ahead log.
    """
    row = session.scalar(select(DataKey).where(DataKey.owner_id == owner_id, DataKey.purpose == purpose))
    if row is None:
        return False
    session.execute(delete(Sealed).where(Sealed.key_id == row.id))
    session.delete(row)
    session.flush()
    session.info.pop("data_keys", None)
    session.info.pop("keys_by_id", None)
    return True


def seal(session: Session, key: Key, place: str, words: str, *, about: UUID | None = None, ink: bool = True) -> Sealed:
    """Put words into a new box. `ink` boxes can never be refilled."""
    sealed_id = new_id()
    box = seal_bytes(key, place, sealed_id, words.encode())
    row = Sealed(id=sealed_id, key_id=key.id, place=place, about_id=about, ink=ink, box=box)
    session.add(row)
    # Held on to until the end of the transaction: the audit entry commits to these words without asking for them again.
    session.info.setdefault("sealed_now", []).append(row)
    return row


def seal_again(session: Session, key: Key, row: Sealed, words: str) -> None:
    """Replace the words in a pencil box."""
    row.box = seal_bytes(key, row.place, row.id, words.encode())


def refilled(key: Key, box: Box, words: str) -> Box:
    """A pencil box as it is with other words in it, for the caller to write."""
    return box._replace(box=seal_bytes(key, box.place, box.id, words.encode()))


def read(session: Session, row: Sealed | Box, *, about: UUID | None = None) -> str:
    """Open a box, and note whose words were read: the note feeds the access log. Raises CannotOpen.

    `about`: the answer in which they are being read, where the box itself does not say (the name of a file).
    """
    key = key_by_id(session, row.key_id)
    if key is None:
        raise CannotOpen("The key to these words has been destroyed.")
    note_opening(session, Opening(key.owner_id, key.purpose, row.place, about or row.about_id))
    return open_bytes(key, row.place, row.id, row.box).decode()


def note_opening(session: Session, opening: Opening) -> None:
    """Remember that words were opened in this transaction."""
    session.info.setdefault("openings", set()).add(opening)


def seal_bytes(key: Key, place: str, row_id: UUID, content: bytes) -> bytes:
    """Encrypt content (words or a file) so that it opens only at its own place and row."""
    nonce = os.urandom(NONCE)
    cipher = AESGCM(keyring().unwrap(key.wrapped, key.id))
    return nonce + cipher.encrypt(nonce, content, _associated(place, row_id))


def open_bytes(key: Key, place: str, row_id: UUID, box: bytes) -> bytes:
    """Decrypt content. Raises CannotOpen when the box was altered or moved."""
    cipher = AESGCM(keyring().unwrap(key.wrapped, key.id))
    try:
        return cipher.decrypt(box[:NONCE], box[NONCE:], _associated(place, row_id))
    except InvalidTag as error:
        raise CannotOpen("These words were altered, or belong somewhere else.") from error


def commitment(key: Key, content: bytes) -> bytes:
    """Commit to content with a key: it proves the content later and hides it now (HMAC-SHA-256)."""
    return hmac.new(keyring().unwrap(key.wrapped, key.id), content, hashlib.sha256).digest()


def _associated(place: str, row_id: UUID) -> bytes:
    return place.encode() + b"|" + row_id.bytes
