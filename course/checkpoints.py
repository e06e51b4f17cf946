"""Signed heads of the audit trail: what somebody outside keeps, so that a cut or rewritten end can be shown."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app
from sqlalchemy import BigInteger, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from course import clock, db
from course.audit import AuditEvent, canonical
from course.db import AppendOnly, Base, new_id

EVERY = timedelta(minutes=15)


class Checkpoint(AppendOnly, Base):
    """The chain's size and head at a moment, signed with the record key."""

    __tablename__ = "audit_checkpoint"
    __vouched_by__ = "its own signature"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    size: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


def record_key() -> Ed25519PrivateKey:
    """The key that signs records and checkpoints."""
    path = current_app.config["SETTINGS"].record_key_file
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))


def checkpoint_if_due() -> bool:
    """Sign the head when the chain has grown and the last checkpoint is a quarter of an hour old."""
    with db.database().transaction() as session:
        last = session.scalar(select(Checkpoint).order_by(Checkpoint.at.desc()).limit(1))
        if last is not None and clock.now() - last.at < EVERY:
            return False
        return checkpoint(session, since=last.size if last else 0) is not None


def checkpoint(session: Session, *, since: int = 0) -> Checkpoint | None:
    """Sign the chain's head as it stands, unless it has not grown since that size."""
    head = session.execute(select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)).first()
    if head is None or head.seq <= since:
        return None
    origin = current_app.config["SETTINGS"].base_url
    text = f"{origin}\n{head.seq}\n{head.hash}\n"
    signature = base64.b64encode(record_key().sign(text.encode())).decode()
    row = Checkpoint(size=head.seq, head=head.hash, note=f"{text}\n— {origin} {signature}\n", at=clock.now())
    session.add(row)
    return row


def verify(session: Session) -> Iterator[str]:
    """Yield a sentence for each stored checkpoint that is not signed by us, or that the chain no longer fits."""
    public = record_key().public_key()
    rows = select(Checkpoint, AuditEvent.hash).outerjoin(AuditEvent, AuditEvent.seq == Checkpoint.size)
    for row, found in session.execute(rows.order_by(Checkpoint.size)):
        text, _, signature = row.note.partition("\n— ")
        origin = text.split("\n", 1)[0]
        try:
            public.verify(base64.b64decode(signature.split(" ")[-1]), text.encode())
            signed = text == f"{origin}\n{row.size}\n{row.head}\n"
        except (InvalidSignature, ValueError):
            signed = False
        if not signed:
            yield f"The checkpoint at entry {row.size} is not signed with this installation's record key."
        elif not found:  # the chain has no entry of that number
            yield f"A checkpoint saw entry {row.size}, which is missing. The end was cut off."
        elif found != row.head:
            yield f"Entry {row.size} is not the one that was checkpointed."


def export(session: Session) -> Iterator[str]:
    """Yield the signed checkpoints as JSON lines, oldest first."""
    for note in session.scalars(select(Checkpoint.note).order_by(Checkpoint.size)):
        yield canonical({"checkpoint": note}).decode()
