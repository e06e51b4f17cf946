"""What was agreed so that a learner can show what they know, in ink: what it is for is sealed as special evidence."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class Kind(enum.StrEnum):
    """A reasonable adjustment is agreed before the work; special consideration is a small allowance after it."""

    ADJUSTMENT = "adjustment"
    CONSIDERATION = "consideration"


class Seen(enum.StrEnum):
    """What whoever agreed looked at. The sort of thing only: never a copy, and nothing of what it says."""

    NOTHING = "nothing"
    DOCUMENT = "document"
    ASSESSMENT = "assessment"


class Adjustment(AppendOnly, Base):
    """One thing agreed with one learner, for some units or (with none named) for all of them."""

    __tablename__ = "adjustment"
    __table_args__ = (
        CheckConstraint("kind IN ('adjustment', 'consideration')", name="kind_known"),
        CheckConstraint("seen IN ('nothing', 'document', 'assessment')", name="seen_known"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="ends_after_it_begins"),
        CheckConstraint("kind = 'consideration' OR review_on IS NOT NULL", name="adjustment_is_reviewed"),
    )
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    seen: Mapped[str] = mapped_column(String(12))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    """The last day; None while it stands until somebody ends it."""
    review_on: Mapped[date | None]
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    """JSON: what is agreed, and with whom. Sealed under the person's key for special evidence."""
    agreed_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class AdjustedUnit(AppendOnly, Base):
    """One unit that an adjustment is for."""

    __tablename__ = "adjusted_unit"
    __table_args__ = (UniqueConstraint("adjustment_id", "unit", name="adjusted_once"),)
    __vouched_by__ = "adjustment"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    adjustment_id: Mapped[UUID] = mapped_column(ForeignKey("adjustment.id"))
    unit: Mapped[str] = mapped_column(String(80))


class AdjustmentEnd(AppendOnly, Base):
    """From this day on an adjustment no longer holds. What was handed in before keeps it."""

    __tablename__ = "adjustment_end"
    __table_args__ = (UniqueConstraint("adjustment_id", name="ended_once"),)
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    adjustment_id: Mapped[UUID] = mapped_column(ForeignKey("adjustment.id"))
    last_on: Mapped[date]
    """The last day on which it held."""
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    ended_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class AdjustmentRequest(AppendOnly, Base):
    """A learner asks for an adjustment, or for a change of one."""

    __tablename__ = "adjustment_request"
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    at: Mapped[datetime]


class AdjustmentReply(AppendOnly, Base):
    """What the centre answers in words. What came of the request is a row of its own."""

    __tablename__ = "adjustment_reply"
    __table_args__ = (UniqueConstraint("request_id", name="replied_once"),)
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("adjustment_request.id"))
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    replied_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class AdjustmentOutcome(AppendOnly, Base):
    """What came of a request: what was agreed, or the reason why nothing is, which the learner reads."""

    __tablename__ = "adjustment_outcome"
    __table_args__ = (
        UniqueConstraint("request_id", name="settled_once"),
        CheckConstraint("(adjustment_id IS NULL) <> (words_id IS NULL)", name="agreed_or_reason"),
    )
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("adjustment_request.id"))
    adjustment_id: Mapped[UUID | None] = mapped_column(ForeignKey("adjustment.id"))
    words_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealed.id"), index=True)
    decided_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
