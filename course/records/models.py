"""Batches and their release, completion records and unit statements, revocation, and who asked to verify one."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class Batch(AppendOnly, Base):
    """Achieved units of one cohort that an internal quality assurer releases together."""

    __tablename__ = "batch"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    made_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class BatchUnit(AppendOnly, Base):
    """One learner's achieved unit in a batch.

    It may be in a later batch again once it was taken out of this one, or its result was withdrawn.
    """

    __tablename__ = "batch_unit"
    __table_args__ = (UniqueConstraint("batch_id", "enrolment_id", "unit", name="in_a_batch_once"),)
    __vouched_by__ = "batch"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id"), index=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    unit: Mapped[str] = mapped_column(String(80))


class BatchRemoval(AppendOnly, Base):
    """Takes a unit out of a batch before its release, with the reason."""

    __tablename__ = "batch_removal"
    __table_args__ = (UniqueConstraint("batch_unit_id", name="taken_out_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_unit_id: Mapped[UUID] = mapped_column(ForeignKey("batch_unit.id"))
    reason: Mapped[str] = mapped_column(String(500))
    removed_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class Withdrawal(AppendOnly, Base):
    """The lead internal quality assurer asks that a released result be withdrawn; a second person answers."""

    __tablename__ = "result_withdrawal"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_unit_id: Mapped[UUID] = mapped_column(ForeignKey("batch_unit.id"), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    is_claimed: Mapped[bool]
    """Whether the centre has claimed the unit from the awarding organisation: claims are made outside."""
    asked_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class WithdrawalAnswer(AppendOnly, Base):
    """A second person confirms that a result is withdrawn, or says why it stands."""

    __tablename__ = "withdrawal_answer"
    __table_args__ = (UniqueConstraint("withdrawal_id", name="withdrawal_answered_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    withdrawal_id: Mapped[UUID] = mapped_column(ForeignKey("result_withdrawal.id"))
    is_confirmed: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(500))
    notify_by: Mapped[date | None]
    """By when an admin must tell the awarding organisation; none when it had nothing to hear of."""
    answered_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class WithdrawalNotice(AppendOnly, Base):
    """An admin has told the awarding organisation of a withdrawn result."""

    __tablename__ = "withdrawal_notice"
    __table_args__ = (UniqueConstraint("withdrawal_id", name="notified_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    withdrawal_id: Mapped[UUID] = mapped_column(ForeignKey("result_withdrawal.id"))
    told_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(120))
    noted_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class Release(AppendOnly, Base):
    """Permits claims and records for everything in a batch."""

    __tablename__ = "batch_release"
    __table_args__ = (UniqueConstraint("batch_id", name="released_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id"))
    rationale: Mapped[str] = mapped_column(String(500))
    released_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class CompletionRecord(AppendOnly, Base):
    """The centre's own record of a unit or a qualification. It is not the awarding organisation's certificate."""

    __tablename__ = "completion_record"
    __table_args__ = (
        UniqueConstraint("number", name="record_number_once"),
        UniqueConstraint("code_hash", name="record_code_once"),
        UniqueConstraint("enrolment_id", "unit", "issue", name="record_issue_once"),
        CheckConstraint("number > 0", name="number_counts_from_one"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int]
    """1, 2, 3 … in the whole installation, without gaps."""
    code_hash: Mapped[str] = mapped_column(String(64))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    unit: Mapped[str] = mapped_column(String(80))
    """The unit of a unit statement; empty for the record of a whole qualification."""
    issue: Mapped[int]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("completion_record.id"))
    facts: Mapped[str] = mapped_column(Text)
    """Canonical JSON of everything the record says but the holder's name: it never changes when content or rules do."""
    achieved_on: Mapped[date]
    issued_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class RecordHolder(Base):
    """Whose record it is, by name. Disposal may delete it; the record itself then names nobody."""

    __tablename__ = "record_holder"
    __table_args__ = (UniqueConstraint("code", name="record_holder_code_once"),)

    record_id: Mapped[UUID] = mapped_column(ForeignKey("completion_record.id"), primary_key=True)
    person_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(40))
    """What an employer types at /check."""
    can_be_checked: Mapped[bool] = mapped_column(default=True)
    shown_until: Mapped[datetime | None]
    """Until when whoever has the code sees the record without asking: the holder's permission beforehand."""


class CodeChange(AppendOnly, Base):
    """A record's holder gave it a new code: the one before no longer leads anywhere."""

    __tablename__ = "code_change"
    __table_args__ = (
        UniqueConstraint("code_hash", name="changed_code_once"),
        UniqueConstraint("record_id", "number", name="code_change_number_once"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("completion_record.id"))
    number: Mapped[int]
    code_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Revocation(AppendOnly, Base):
    """Ends a record, with the reason; a replacement names the record that it replaces."""

    __tablename__ = "revocation"
    __table_args__ = (UniqueConstraint("record_id", name="revoked_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[UUID] = mapped_column(ForeignKey("completion_record.id"))
    reason: Mapped[str] = mapped_column(String(500))
    revoked_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class VerificationRequest(Base):
    """Somebody with a code asked to see its record; the holder approves or refuses within two days."""

    __tablename__ = "verification_request"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    record_id: Mapped[UUID | None] = mapped_column(ForeignKey("completion_record.id"), index=True)
    """None when nobody is asked (no such code, or checking is off): the answer and its cost are the same."""
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
    answered_by: Mapped[UUID | None]
    """The holder; or the admin who asked the holder by telephone and noted the answer."""
    open_until: Mapped[datetime]
    """While unanswered: until when the holder may answer. Once approved: until when the details show."""
