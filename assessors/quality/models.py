"""Samples, reviews of decisions, and the dated actions that reviews ask for."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from course.db import AppendOnly, Base, new_id
from course.sealing import Sealed


class Sample(AppendOnly, Base):
    """Returned answers that an internal quality assurer chose to look at, and why these."""

    __tablename__ = "sample"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    rationale: Mapped[str] = mapped_column(String(500))
    opened_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class SampledAnswer(AppendOnly, Base):
    """One answer in a sample."""

    __tablename__ = "sampled_answer"
    __table_args__ = (
        UniqueConstraint("sample_id", "answer_id", name="sampled_once"),
        Index("ix_sampled_answer_sample_id_id", "sample_id", "id"),
    )
    __vouched_by__ = "sample"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sample_id: Mapped[UUID] = mapped_column(ForeignKey("sample.id"))
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), index=True)


class Review(AppendOnly, Base):
    """An internal quality assurer's finding on one decision: agree, or the assessor is to act."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("decision_id", "sample_id", name="reviewed_once"),
        CheckConstraint("finding IN ('agree', 'act')", name="finding_known"),
    )
    __words__ = ("comment_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sample_id: Mapped[UUID] = mapped_column(ForeignKey("sample.id"), index=True)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"))
    finding: Mapped[str] = mapped_column(String(8))
    comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealed.id"), index=True)
    reviewed_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    comment: Mapped[Sealed | None] = relationship(lazy="raise", foreign_keys=[comment_id])


class Action(AppendOnly, Base):
    """The dated demand of a review: what the assessor is to do, and by when."""

    __tablename__ = "action"
    __table_args__ = (UniqueConstraint("review_id", name="one_action_a_review"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"))
    due_on: Mapped[date]
    at: Mapped[datetime]


class ActionResponse(AppendOnly, Base):
    """What the assessor did about an action."""

    __tablename__ = "action_response"
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("action.id"), index=True)
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    responded_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    words: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[words_id])


class ActionClosure(AppendOnly, Base):
    """An internal quality assurer is satisfied: the action is closed. Never by the assessor."""

    __tablename__ = "action_closure"
    __table_args__ = (UniqueConstraint("action_id", name="closed_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("action.id"))
    closed_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
