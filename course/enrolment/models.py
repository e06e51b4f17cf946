"""Cohorts, enrolments, registration, induction, and the versions to which each learner's units are pinned."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from course.db import AppendOnly, Base, new_id


class PolicyVersion(AppendOnly, Base):
    """A published version of a qualification's policy. Not secret: learners see attempts, threshold and dates."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("qualification", "number", name="policy_version_number_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    qualification: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    compiled: Mapped[str] = mapped_column(Text)
    """Canonical JSON of `policy.CompiledPolicy`."""
    published_at: Mapped[datetime]

    own: Mapped[CentrePolicy | None] = relationship(viewonly=True)

    @property
    def centre_id(self) -> UUID | None:
        """The centre whose own version it is; None for everybody's."""
        return self.own.centre_id if self.own else None


class CentrePolicy(AppendOnly, Base):
    """Says that a policy version is one centre's own. A row apart: entries of the trail cover every column of ink."""

    __tablename__ = "centre_policy"
    __vouched_by__ = "policy_version"

    policy_version_id: Mapped[UUID] = mapped_column(ForeignKey("policy_version.id"), primary_key=True)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))


class PolicyInForce(AppendOnly, Base):
    """From when a policy version applies to a cohort's units without a hand-in; no cohort means all of a centre's,
    and no centre the installation's first."""

    __tablename__ = "policy_in_force"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    policy_version_id: Mapped[UUID] = mapped_column(ForeignKey("policy_version.id"))
    qualification: Mapped[str] = mapped_column(String(80), index=True)
    centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("centre.id"))
    cohort_id: Mapped[UUID | None] = mapped_column(ForeignKey("cohort.id"))
    reason: Mapped[str] = mapped_column(String(500))
    put_by: Mapped[UUID]
    at: Mapped[datetime]


class Cohort(Base):
    """A group of learners at one centre who study one qualification together."""

    __tablename__ = "cohort"
    __table_args__ = (
        UniqueConstraint("centre_id", "name", name="cohort_name_once"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="ends_after_it_starts"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    qualification: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(80))
    run_id: Mapped[str | None] = mapped_column(String(40))
    """The awarding organisation's own reference for this run."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class Enrolment(Base):
    """A learner in a cohort. Everything they write hangs from this row."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("person_id", "cohort_id", name="enrolled_once"),
        Index("ix_enrolment_cohort_id_person_id", "cohort_id", "person_id"),
        Index("ix_enrolment_cohort_id_id", "cohort_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    qualification: Mapped[str] = mapped_column(String(80))
    ao_learner_number: Mapped[str | None] = mapped_column(String(40))
    enrolled_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Registration(AppendOnly, Base):
    """The learner's entry with the awarding organisation. The number itself stands on the enrolment."""

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("enrolment_id", name="registered_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    registered_on: Mapped[date]
    registered_by: Mapped[UUID]
    at: Mapped[datetime]


class Induction(AppendOnly, Base):
    """A learner's acknowledgement of one version of the induction."""

    __tablename__ = "induction"
    __table_args__ = (UniqueConstraint("enrolment_id", "induction_version_id", name="acknowledged_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    induction_version_id: Mapped[UUID] = mapped_column(ForeignKey("induction_version.id"))
    at: Mapped[datetime]


class Withdrawal(AppendOnly, Base):
    """The end of an enrolment, and, if somebody gave it, a broad reason and who gave it; never words about a person."""

    __tablename__ = "withdrawal"
    __table_args__ = (UniqueConstraint("enrolment_id", name="withdrawn_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    reason: Mapped[str | None] = mapped_column(String(20))
    source: Mapped[str | None] = mapped_column(String(20))
    withdrawn_by: Mapped[UUID]
    at: Mapped[datetime]


class LiveSession(AppendOnly, Base):
    """Time that a tutor spent with learners of a cohort on one unit: the only hours that count as guided learning.

    A correction is a new row that names what it corrects; with no minutes, the session did not happen.
    """

    __tablename__ = "live_session"
    __table_args__ = (
        UniqueConstraint("corrects_id", name="corrected_once"),
        CheckConstraint("minutes BETWEEN 0 AND 720", name="minutes_of_one_day"),
        CheckConstraint("minutes > 0 OR corrects_id IS NOT NULL", name="none_only_corrects"),
        Index("ix_live_session_cohort_id_unit", "cohort_id", "unit"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    unit: Mapped[str] = mapped_column(String(80))
    held_on: Mapped[date]
    minutes: Mapped[int]
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("live_session.id"))
    recorded_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class LiveAttendance(AppendOnly, Base):
    """One learner who was there."""

    __tablename__ = "live_attendance"
    __vouched_by__ = "live_session"
    __table_args__ = (UniqueConstraint("session_id", "enrolment_id", name="attended_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("live_session.id"))
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)


class Study(Base):
    """The unit version a learner has begun to work on (pencil). A newer one is offered, never forced."""

    __tablename__ = "study"

    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    unit: Mapped[str] = mapped_column(String(80), primary_key=True)
    unit_version_id: Mapped[UUID] = mapped_column(ForeignKey("unit_version.id"))


class Pin(AppendOnly, Base):
    """The module and policy version of one learner's unit, fixed for ever by its first hand-in."""

    __tablename__ = "pin"
    __table_args__ = (UniqueConstraint("enrolment_id", "unit", name="pinned_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    unit: Mapped[str] = mapped_column(String(80))
    unit_version_id: Mapped[UUID] = mapped_column(ForeignKey("unit_version.id"))
    policy_version_id: Mapped[UUID] = mapped_column(ForeignKey("policy_version.id"))
    at: Mapped[datetime]
