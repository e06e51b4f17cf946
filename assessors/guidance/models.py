"""Published versions of guidance, and which one is in force."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class GuidanceVersion(AppendOnly, Base):
    """A published version of one unit's guidance. Learners never see it."""

    __tablename__ = "guidance_version"
    __table_args__ = (
        UniqueConstraint("qualification", "unit", "number", name="guidance_version_number_once"),
        Index("ix_guidance_version_hash", "hash"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    qualification: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    compiled: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `compiled.CompiledGuidance`."""
    published_at: Mapped[datetime]


class SampleVersion(AppendOnly, Base):
    """A published version of one unit's sample answers. Learners never see it; standardisation uses the newest."""

    __tablename__ = "sample_version"
    __table_args__ = (UniqueConstraint("qualification", "unit", "number", name="sample_version_number_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    qualification: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    compiled: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `compiled.CompiledSamples`."""
    published_at: Mapped[datetime]


class GuidanceInForce(AppendOnly, Base):
    """From when a guidance version applies to decisions still to be made; no cohort means every cohort."""

    __tablename__ = "guidance_in_force"
    __table_args__ = (Index("ix_guidance_in_force_unit", "qualification", "unit", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    guidance_version_id: Mapped[UUID] = mapped_column(ForeignKey("guidance_version.id"))
    qualification: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(80))
    cohort_id: Mapped[UUID | None] = mapped_column(ForeignKey("cohort.id"))
    reason: Mapped[str] = mapped_column(String(500))
    put_by: Mapped[UUID]
    at: Mapped[datetime]
