"""Errors that were upheld, and each decision that was looked at because it may be wrong for the same reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class UpheldError(AppendOnly, Base):
    """A decision was found wrong, at the closing of an action or because an appeal was upheld: who else is affected?"""

    __tablename__ = "upheld_error"
    __table_args__ = (UniqueConstraint("action_id", name="upheld_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    action_id: Mapped[UUID | None] = mapped_column(ForeignKey("action.id"))
    """None: an appeal was upheld, which an `ErrorOfAppeal` names."""
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"))
    look_for: Mapped[str] = mapped_column(String(500))
    """What to look for in other decisions, for whoever looks them through."""
    upheld_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class ErrorOfAppeal(AppendOnly, Base):
    """Which upheld appeal an error came from. A row of its own: a column would change what old entries commit to."""

    __tablename__ = "error_of_appeal"
    __table_args__ = (UniqueConstraint("outcome_id", name="appeal_looked_into_once"),)
    __vouched_by__ = "upheld_error"

    error_id: Mapped[UUID] = mapped_column(ForeignKey("upheld_error.id"), primary_key=True)
    outcome_id: Mapped[UUID] = mapped_column(ForeignKey("appeal_outcome.id"))


class AffectedLook(AppendOnly, Base):
    """One decision looked at because of an error: unaffected, or its assessor is to act (in a sample of its own)."""

    __tablename__ = "affected_look"
    __table_args__ = (
        UniqueConstraint("error_id", "decision_id", name="looked_at_once"),
        CheckConstraint("verdict IN ('unaffected', 'act')", name="verdict_known"),
        CheckConstraint("(verdict = 'act') = (sample_id IS NOT NULL)", name="act_has_a_sample"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    error_id: Mapped[UUID] = mapped_column(ForeignKey("upheld_error.id"))
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), index=True)
    verdict: Mapped[str] = mapped_column(String(10))
    sample_id: Mapped[UUID | None] = mapped_column(ForeignKey("sample.id"), index=True)
    looked_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class AffectedReason(AppendOnly, Base):
    """Why a decision that was looked at is kept."""

    __tablename__ = "affected_reason"
    __vouched_by__ = "affected_look"

    look_id: Mapped[UUID] = mapped_column(ForeignKey("affected_look.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(500))
