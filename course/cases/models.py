"""Appeals against returned decisions, in ink: the learner's words, each stage's answer, and what is asked outside."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class Stage(enum.StrEnum):
    """Who looks at an appeal, one after the other. The last is outside the centre."""

    ASSESSOR = "assessor"
    IQA = "iqa"
    INDEPENDENT = "independent"
    AWARDING_ORGANISATION = "awarding-organisation"


class Outcome(enum.StrEnum):
    """What a stage finds."""

    UPHELD = "upheld"
    NOT_UPHELD = "not-upheld"


class Appeal(AppendOnly, Base):
    """A learner asks that a returned decision be looked at again."""

    __tablename__ = "appeal"
    __table_args__ = (Index("ix_appeal_enrolment_id_unit", "enrolment_id", "unit"),)
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), index=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    unit: Mapped[str] = mapped_column(String(80))
    question: Mapped[str] = mapped_column(String(80))
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    at: Mapped[datetime]


class AppealStep(AppendOnly, Base):
    """The learner takes an appeal to the next stage."""

    __tablename__ = "appeal_step"
    __table_args__ = (UniqueConstraint("appeal_id", "number", name="appeal_step_once"),)
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("appeal.id"))
    number: Mapped[int]
    """Which stage it begins: 2, 3 or 4."""
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    at: Mapped[datetime]


class AppealReply(AppendOnly, Base):
    """The learner adds something while somebody looks at the appeal."""

    __tablename__ = "appeal_reply"
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("appeal.id"), index=True)
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    at: Mapped[datetime]


class AppealWithdrawal(AppendOnly, Base):
    """The learner takes an appeal back. Nothing follows from it."""

    __tablename__ = "appeal_withdrawal"
    __table_args__ = (UniqueConstraint("appeal_id", name="appeal_withdrawn_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("appeal.id"))
    at: Mapped[datetime]


class AppealSending(AppendOnly, Base):
    """An appeal went to the awarding organisation: when, and under which reference of theirs."""

    __tablename__ = "appeal_sending"
    __table_args__ = (UniqueConstraint("appeal_id", name="appeal_sent_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("appeal.id"))
    sent_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(80))
    sent_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class AppealOutcome(AppendOnly, Base):
    """What one stage found, with the reason that the learner reads. Of the last stage, what was heard from outside."""

    __tablename__ = "appeal_outcome"
    __table_args__ = (
        UniqueConstraint("appeal_id", "number", name="appeal_decided_once"),
        CheckConstraint("outcome IN ('upheld', 'not-upheld')", name="appeal_outcome_known"),
        CheckConstraint(
            "stage IN ('assessor', 'iqa', 'independent', 'awarding-organisation')", name="appeal_stage_known"
        ),
    )
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    appeal_id: Mapped[UUID] = mapped_column(ForeignKey("appeal.id"))
    number: Mapped[int]
    """Which beginning it answers: 1 the appeal itself, 2 … the steps."""
    stage: Mapped[str] = mapped_column(String(24))
    outcome: Mapped[str] = mapped_column(String(12))
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    decided_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
