"""Sampling plans: what was drawn, from which facts, and every change of it by hand."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class Plan(AppendOnly, Base):
    """One draw for one cohort. It opens a sample, which holds the answers; here stands why these."""

    __tablename__ = "sampling_plan"
    __table_args__ = (
        UniqueConstraint("cohort_id", "number", name="plan_number_once"),
        UniqueConstraint("sample_id", name="one_plan_a_sample"),
        CheckConstraint("stage IN ('interim', 'final')", name="stage_known"),
        CheckConstraint("number > 0", name="number_counts_from_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    number: Mapped[int]
    stage: Mapped[str] = mapped_column(String(8))
    sample_id: Mapped[UUID] = mapped_column(ForeignKey("sample.id"))
    policy_version_id: Mapped[UUID] = mapped_column(ForeignKey("policy_version.id"))
    seed: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `rules.Drawn`: what the draw saw and what it chose, counted. Ids and numbers, never words."""
    drawn_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class PlanLine(AppendOnly, Base):
    """Why one answer of the sample was drawn."""

    __tablename__ = "plan_line"
    __vouched_by__ = "sampling_plan"

    sampled_answer_id: Mapped[UUID] = mapped_column(ForeignKey("sampled_answer.id"), primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sampling_plan.id"), index=True)
    reasons: Mapped[str] = mapped_column(Text)
    """JSON list of reasons, as `rules.Line` has them."""


class PlanChange(AppendOnly, Base):
    """An answer added to a plan, dropped from it, or put in another's place, by hand and with a reason."""

    __tablename__ = "plan_change"
    __table_args__ = (
        CheckConstraint("added_id IS NOT NULL OR dropped_id IS NOT NULL", name="changes_something"),
        CheckConstraint("added_id IS NULL OR added_id <> dropped_id", name="swaps_two_answers"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sampling_plan.id"), index=True)
    added_id: Mapped[UUID | None] = mapped_column(ForeignKey("answer.id"))
    dropped_id: Mapped[UUID | None] = mapped_column(ForeignKey("answer.id"))
    facts: Mapped[str] = mapped_column(Text)
    """JSON: what either answer weighed when the plan was changed, as `rules.Touched` has it."""
    reason: Mapped[str] = mapped_column(String(500))
    changed_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
