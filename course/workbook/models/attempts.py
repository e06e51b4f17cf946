"""What sets an attempt apart, and what people decide about it: prior learning, late, extended, referred (all ink)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class Extension(AppendOnly, Base):
    """A later date for handing in a question again, given before the date had passed. It is not an attempt.

    Of several for one question the last counts: that is how a mistake is put right.
    """

    __tablename__ = "extension"
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    question: Mapped[str] = mapped_column(String(80))
    until: Mapped[date]
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    extended_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class LateHandIn(AppendOnly, Base):
    """An answer that was handed in after its date: it waits for a person before it is marked."""

    __tablename__ = "late_hand_in"
    __vouched_by__ = "answer"

    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    due_on: Mapped[date]


class PriorLearning(AppendOnly, Base):
    """An answer that claims prior learning: it is sampled, and shown with every claim for a result."""

    __tablename__ = "prior_learning"
    __vouched_by__ = "answer"

    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), primary_key=True)


class LateAcceptance(AppendOnly, Base):
    """Somebody looked at why an answer was late, and let it be marked."""

    __tablename__ = "late_acceptance"
    __table_args__ = (UniqueConstraint("answer_id", name="accepted_once"),)
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"))
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    accepted_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class Referral(AppendOnly, Base):
    """A question at which no attempt is left, put before a panel."""

    __tablename__ = "referral"
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    unit: Mapped[str] = mapped_column(String(80))
    question: Mapped[str] = mapped_column(String(80))
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    referred_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class PanelOutcome(AppendOnly, Base):
    """What a panel of two people decided about a referral, neither of whom had a part in it before."""

    __tablename__ = "panel_outcome"
    __table_args__ = (
        UniqueConstraint("referral_id", name="panel_decides_once"),
        CheckConstraint("outcome IN ('one-more', 'no-more')", name="panel_outcome_known"),
        CheckConstraint("decided_by <> decided_with", name="panel_is_two_people"),
    )
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"))
    outcome: Mapped[str] = mapped_column(String(8))
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    decided_by: Mapped[UUID]
    decided_with: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
