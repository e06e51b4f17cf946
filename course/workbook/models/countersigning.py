"""A qualified assessor's word on decisions that somebody made who still trains (ink)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from course.db import AppendOnly, Base, new_id
from course.sealing import Sealed


class Countersignature(AppendOnly, Base):
    """Agrees with the decisions on an answer, or sends them back. It holds for as many decisions as there were then."""

    __tablename__ = "countersignature"
    __table_args__ = (
        UniqueConstraint("answer_id", "decisions", name="countersigned_once"),
        CheckConstraint("finding IN ('agree', 'send-back')", name="countersigning_known"),
    )
    __words__ = ("comment_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), index=True)
    decisions: Mapped[int]
    finding: Mapped[str] = mapped_column(String(9))
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealed.id"), index=True)
    countersigned_by: Mapped[UUID] = mapped_column(index=True)
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    comment: Mapped[Sealed | None] = relationship(lazy="raise", foreign_keys=[comment_id])
