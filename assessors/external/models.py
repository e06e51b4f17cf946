"""Visits of an external quality assurer: what they may see, asked for, want done, and took away."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class Visit(AppendOnly, Base):
    """One external quality assurer's look at one qualification here. Its days are those of their appointment."""

    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("eqa_appointment_id", name="one_visit_an_appointment"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    qualification: Mapped[str] = mapped_column(String(80))
    cohort_id: Mapped[UUID | None] = mapped_column(ForeignKey("cohort.id"))
    """Empty: every cohort of the qualification."""
    eqa_id: Mapped[UUID]
    eqa_appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    purpose: Mapped[str] = mapped_column(String(500))
    set_up_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class SampleRequest(AppendOnly, Base):
    """The external quality assurer's own choice of learners and units, asked of the centre."""

    __tablename__ = "visit_request"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class RequestedUnit(AppendOnly, Base):
    """One learner's unit that was asked for."""

    __tablename__ = "visit_request_unit"
    __table_args__ = (UniqueConstraint("request_id", "enrolment_id", "unit", name="asked_once"),)
    __vouched_by__ = "visit_request"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("visit_request.id"))
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    unit: Mapped[str] = mapped_column(String(80))


class RequestRefusal(AppendOnly, Base):
    """The centre does not grant a request, and says why."""

    __tablename__ = "visit_request_refusal"
    __table_args__ = (UniqueConstraint("request_id", name="request_refused_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("visit_request.id"))
    reason: Mapped[str] = mapped_column(String(500))
    refused_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class Showing(AppendOnly, Base):
    """The centre lets the external quality assurer see units of learners, of its own choice or on request."""

    __tablename__ = "visit_showing"
    __table_args__ = (UniqueConstraint("request_id", name="request_granted_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit_request.id"))
    rationale: Mapped[str] = mapped_column(String(500))
    shown_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class ShownUnit(AppendOnly, Base):
    """One learner's unit in the sample: its returned answers may be read."""

    __tablename__ = "visit_shown_unit"
    __table_args__ = (UniqueConstraint("showing_id", "enrolment_id", "unit", name="shown_once"),)
    __vouched_by__ = "visit_showing"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    showing_id: Mapped[UUID] = mapped_column(ForeignKey("visit_showing.id"))
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    unit: Mapped[str] = mapped_column(String(80))


class VisitAction(AppendOnly, Base):
    """Something that the external quality assurer asks of the centre by a day: left by them, or noted by the centre."""

    __tablename__ = "visit_action"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    task: Mapped[str] = mapped_column(String(500))
    due_on: Mapped[date]
    noted_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class VisitActionDone(AppendOnly, Base):
    """What the centre did about it, and when."""

    __tablename__ = "visit_action_done"
    __table_args__ = (UniqueConstraint("action_id", name="visit_action_done_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("visit_action.id"))
    outcome: Mapped[str] = mapped_column(String(500))
    done_on: Mapped[date]
    noted_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class VisitActionClosure(AppendOnly, Base):
    """What was done is enough: said by the external quality assurer, or by the centre once their visit is over."""

    __tablename__ = "visit_action_closure"
    __table_args__ = (UniqueConstraint("action_id", name="visit_action_closed_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("visit_action.id"))
    closed_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class Pack(AppendOnly, Base):
    """One evidence pack that left the system, known by the hash of its manifest."""

    __tablename__ = "evidence_pack"
    __table_args__ = (CheckConstraint("files > 0", name="pack_holds_files"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    manifest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the pack's manifest.json."""
    files: Mapped[int]
    answers: Mapped[int]
    """How many sampled answers it holds in the learners' words."""
    made_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
