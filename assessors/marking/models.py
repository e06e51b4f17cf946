"""What only the marking side keeps: comments an assessor chose to keep, and concerns raised from an answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from course.db import AppendOnly, Base, new_id
from course.sealing import Sealed


class KeptComment(Base):
    """A comment that an assessor chose to keep for this criterion, sealed under a key of their own."""

    __tablename__ = "kept_comment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(index=True)
    qualification: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(80))
    criterion: Mapped[str] = mapped_column(String(12))
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    kept_at: Mapped[datetime]

    words: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[words_id])


class Concern(AppendOnly, Base):
    """A reference to an answer, never its text, on the safeguarding lead's own list."""

    __tablename__ = "concern"
    __table_args__ = (UniqueConstraint("answer_id", "raised_by", name="concern_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"))
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    raised_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class ConcernAcknowledgement(AppendOnly, Base):
    """The safeguarding lead has seen a concern and follows it up under the provider's own policy."""

    __tablename__ = "concern_acknowledgement"
    __table_args__ = (UniqueConstraint("concern_id", name="acknowledged_concern_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    concern_id: Mapped[UUID] = mapped_column(ForeignKey("concern.id"))
    acknowledged_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
