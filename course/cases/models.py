"""Appeals and cases in ink: the learner's words, each stage's answer, and what was looked into and found."""

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


class CaseKind(enum.StrEnum):
    """What a case is about. Neutral until somebody has looked: it names a question, never a finding."""

    MALPRACTICE = "malpractice"
    MALADMINISTRATION = "maladministration"


class CaseFinding(enum.StrEnum):
    """What whoever looked into a case found."""

    NOTHING = "nothing-found"
    PUT_RIGHT = "put-right"
    FOUND = "found"


class ConductCase(AppendOnly, Base):
    """Somebody asks how work was done, or how the centre dealt with it. The work is on hold until there is an outcome.

    Of one answer, or, with no answer named, of everything in an enrolment.
    """

    __tablename__ = "conduct_case"
    __table_args__ = (
        CheckConstraint("kind IN ('malpractice', 'maladministration')", name="case_kind_known"),
        CheckConstraint("(answer_id IS NULL) = (unit IS NULL)", name="case_of_an_answer_or_of_all"),
        CheckConstraint("(answer_id IS NULL) = (question IS NULL)", name="case_names_the_question"),
        Index("ix_conduct_case_enrolment_id_unit", "enrolment_id", "unit"),
    )
    __words__ = ("words_id", "told_id")

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answer.id"), index=True)
    unit: Mapped[str | None] = mapped_column(String(80))
    question: Mapped[str | None] = mapped_column(String(80))
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    """What staff noted."""
    told_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    """What the learner is told."""
    due_on: Mapped[date]
    """By when there is to be an outcome, from the policy on the day it was opened: the learner was told this day."""
    opened_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class CaseReply(AppendOnly, Base):
    """What the learner says about it."""

    __tablename__ = "case_reply"
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("conduct_case.id"), index=True)
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    at: Mapped[datetime]


class CaseOutcome(AppendOnly, Base):
    """What was found, why, and what the learner is told. The work is no longer on hold."""

    __tablename__ = "case_outcome"
    __table_args__ = (
        UniqueConstraint("case_id", name="case_closed_once"),
        CheckConstraint("finding IN ('nothing-found', 'put-right', 'found')", name="case_finding_known"),
    )
    __words__ = ("reason_id", "told_id")

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("conduct_case.id"))
    finding: Mapped[str] = mapped_column(String(16))
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    told_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    decided_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
