"""What staff have qualified in and learnt since: dated entries, each withdrawn by another entry, never changed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class StaffQualification(AppendOnly, Base):
    """A qualification that a member of staff holds or works towards, such as an award in assessing."""

    __tablename__ = "staff_qualification"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(String(200))
    awarded_by: Mapped[str] = mapped_column(String(120))
    awarded_on: Mapped[date | None]
    """Empty: they work towards it."""
    noted_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class DevelopmentEntry(AppendOnly, Base):
    """One piece of continuing professional development (CPD): on a day, so many minutes, about what."""

    __tablename__ = "development_entry"
    __table_args__ = (CheckConstraint("minutes BETWEEN 1 AND 6000", name="minutes_of_development"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(index=True)
    done_on: Mapped[date]
    minutes: Mapped[int]
    activity: Mapped[str] = mapped_column(String(300))
    noted_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class DevelopmentWithdrawal(AppendOnly, Base):
    """Takes back an entry that was wrong. The entry itself stays."""

    __tablename__ = "development_withdrawal"
    __table_args__ = (
        UniqueConstraint("qualification_id", name="qualification_withdrawn_once"),
        UniqueConstraint("entry_id", name="development_withdrawn_once"),
        CheckConstraint("(qualification_id IS NULL) <> (entry_id IS NULL)", name="withdraws_one_thing"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    qualification_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_qualification.id"))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("development_entry.id"))
    withdrawn_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
