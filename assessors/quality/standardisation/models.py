"""Standardisation: sample answers judged beforehand by several people, the meeting about them, and what it agreed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from course.db import AppendOnly, Base, new_id
from course.sealing import Sealed


class Standardisation(AppendOnly, Base):
    """Sample answers that the assessors of a centre are asked to judge, each on their own, before they meet."""

    __tablename__ = "standardisation"
    __table_args__ = (Index("ix_standardisation_centre_id_at", "centre_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    qualification: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(80))
    question: Mapped[str | None] = mapped_column(String(80))
    """None: the samples of every question of the unit."""
    sample_version_id: Mapped[UUID] = mapped_column(ForeignKey("sample_version.id"))
    guidance: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the guidance version under which everybody judges."""
    judge_by: Mapped[date]
    opened_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class SampleJudging(AppendOnly, Base):
    """One person's judgement of one sample answer, with their reason: made before they saw anybody else's."""

    __tablename__ = "sample_judging"
    __table_args__ = (
        UniqueConstraint("standardisation_id", "judged_by", "question", "sample", name="sample_judged_once"),
    )
    __words__ = ("why_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    standardisation_id: Mapped[UUID] = mapped_column(ForeignKey("standardisation.id"))
    question: Mapped[str] = mapped_column(String(80))
    sample: Mapped[str] = mapped_column(String(40))
    """The sample's title in its version: "Borderline 2"."""
    why_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    judged_by: Mapped[UUID] = mapped_column(index=True)
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    why: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[why_id])


class SampleOutcome(AppendOnly, Base):
    """What a judging says about one criterion."""

    __tablename__ = "sample_outcome"
    __table_args__ = (
        UniqueConstraint("judging_id", "criterion", name="sample_outcome_once"),
        CheckConstraint("outcome IN ('achieved', 'not_yet_achieved')", name="sample_outcome_known"),
    )
    __vouched_by__ = "sample_judging"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    judging_id: Mapped[UUID] = mapped_column(ForeignKey("sample_judging.id"))
    criterion: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(16))


class StandardisationMeeting(AppendOnly, Base):
    """The meeting has begun: nobody judges any more, and everybody sees what the others said."""

    __tablename__ = "standardisation_meeting"
    __table_args__ = (UniqueConstraint("standardisation_id", name="met_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    standardisation_id: Mapped[UUID] = mapped_column(ForeignKey("standardisation.id"))
    begun_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class Minutes(AppendOnly, Base):
    """What a meeting said, and how long it took. A correction has the next number; the highest counts."""

    __tablename__ = "meeting_minutes"
    __table_args__ = (
        UniqueConstraint("standardisation_id", "number", name="minutes_number_once"),
        CheckConstraint("number > 0", name="minutes_count_from_one"),
        CheckConstraint("lasted > 0", name="meeting_lasted"),
    )
    __words__ = ("minutes_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    standardisation_id: Mapped[UUID] = mapped_column(ForeignKey("standardisation.id"))
    number: Mapped[int]
    held_on: Mapped[date]
    lasted: Mapped[int]
    """Minutes of the clock."""
    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    written_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    minutes: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[minutes_id])


class Attendance(AppendOnly, Base):
    """Somebody was at the meeting: a line of their professional development."""

    __tablename__ = "meeting_attendance"
    __table_args__ = (UniqueConstraint("minutes_id", "person_id", name="meeting_attended_once"),)
    __vouched_by__ = "meeting_minutes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    minutes_id: Mapped[UUID] = mapped_column(ForeignKey("meeting_minutes.id"))
    person_id: Mapped[UUID] = mapped_column(index=True)


class GuidanceProposal(AppendOnly, Base):
    """Wording for the guidance that a meeting agreed. It changes nothing: an author takes it over, or does not."""

    __tablename__ = "guidance_proposal"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    standardisation_id: Mapped[UUID] = mapped_column(ForeignKey("standardisation.id"), index=True)
    question: Mapped[str] = mapped_column(String(80))
    criterion: Mapped[str | None] = mapped_column(String(12))
    """None where the item concerns the whole answer."""
    level: Mapped[str] = mapped_column(String(16))
    item: Mapped[str | None] = mapped_column(String(40))
    """The item of the guidance version that it replaces; None: it is added."""
    wording: Mapped[str] = mapped_column(String(1000))
    why: Mapped[str] = mapped_column(String(500))
    proposed_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
