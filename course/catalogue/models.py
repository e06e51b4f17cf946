"""Published versions of qualifications and units: compiled once, hashed, never changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class QualificationVersion(AppendOnly, Base):
    """A published version of a qualification: its units in order and its rules of combination."""

    __tablename__ = "qualification_version"
    __table_args__ = (UniqueConstraint("qualification", "number", name="qualification_version_number_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    qualification: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    compiled: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `compiled.CompiledQualification`."""
    published_at: Mapped[datetime]


class UnitVersion(AppendOnly, Base):
    """A published version of a unit: pages, questions, criteria, exactly as learners and assessors see them."""

    __tablename__ = "unit_version"
    __table_args__ = (UniqueConstraint("qualification", "unit", "number", name="unit_version_number_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    qualification: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(80))
    """The unit's slug, such as `04-boundaries-confidentiality-and-records`."""
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    compiled: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `compiled.CompiledUnit`."""
    published_at: Mapped[datetime]


class Media(AppendOnly, Base):
    """A picture or recording of a published version, found by its content."""

    __tablename__ = "media"
    __vouched_by__ = "unit_version"  # its name is its hash, and the version's hash covers the name

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The SHA-256 of its content; in addresses an ending follows."""
    content_type: Mapped[str] = mapped_column(String(60))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class InductionVersion(AppendOnly, Base):
    """The induction that learners read and acknowledge: rights, rules, appeals, AI use, limits of confidentiality."""

    __tablename__ = "induction_version"
    __table_args__ = (UniqueConstraint("number", name="induction_version_number_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    html: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
