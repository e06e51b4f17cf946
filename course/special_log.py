"""Who opened special evidence (applications, references, checks): an ink row and an audit entry for each look, written
and committed before the words leave the server. If it cannot be written, the page is not shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask import g
from flask_login import current_user
from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from course import audit, clock, db
from course.access import HeldAppointment
from course.audit import Actor, Event
from course.db import AppendOnly, Base, new_id
from course.sealing import Opening, Purpose

ONE_LOOK = timedelta(minutes=10)
"""The same person opening the same owner's evidence within this time is one look."""
KINDS = {Purpose.SPECIAL, Purpose.MONITORING}


class SpecialOpening(AppendOnly, Base):
    """Somebody other than the writer was shown special evidence."""

    __tablename__ = "special_opening"
    __table_args__ = (Index("ix_special_opening_owner_id_at", "owner_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[UUID]
    """Whose key opened it: a person's, an application's, or, for counts by group, a centre's."""
    opened_by: Mapped[UUID]
    role: Mapped[str] = mapped_column(String(20))
    appointment_id: Mapped[UUID | None]
    at: Mapped[datetime]


def own(*owner_ids: UUID) -> None:
    """Say that whoever is here is the writer of what these keys seal: reading it is no entry."""
    g.setdefault("own_special", set()).update(owner_ids)


def collect() -> set[UUID]:
    """Gather whose special evidence this request has opened, leaving out the reader's own."""
    session = g.get("db_session")
    openings: set[Opening] = session.info.get("openings", set()) if session is not None else set()
    own_words: set[UUID] = g.get("own_special", set())
    return {opening.owner_id for opening in openings if opening.purpose in KINDS} - own_words


def write(owner_ids: set[UUID]) -> None:
    """Write an entry for each look, in a short transaction of its own."""
    if not owner_ids:
        return
    held: HeldAppointment | None = g.get("acting")
    role = str(held.role) if held else "person"
    by = Actor(current_user.person_id, role, held.id if held else None)
    with db.database().transaction() as session:
        for owner_id in sorted(owner_ids, key=str):
            if not _is_same_look(session, owner_id, by):
                row = SpecialOpening(
                    owner_id=owner_id, opened_by=by.person_id, role=role, appointment_id=by.appointment_id,
                    at=clock.now(),
                )  # fmt: skip
                session.add(row)
                session.flush()
                audit.record(session, Event.EVIDENCE_OPENED, row, by=by)


def _is_same_look(session: Session, owner_id: UUID, by: Actor) -> bool:
    recent = select(SpecialOpening.id).where(
        SpecialOpening.owner_id == owner_id,
        SpecialOpening.opened_by == by.person_id,
        SpecialOpening.appointment_id == by.appointment_id
        if by.appointment_id
        else SpecialOpening.appointment_id.is_(None),
        SpecialOpening.at > clock.now() - ONE_LOOK,
    )
    return session.scalar(recent.limit(1)) is not None
