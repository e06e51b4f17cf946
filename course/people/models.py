"""Centres, people, their appointments, and the sessions and one-time links with which they sign in."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from course.db import AppendOnly, Base, new_id
from course.sealing import Sealed


class Centre(Base):
    """An approved deliverer. Its data is walled off from every other centre's."""

    __tablename__ = "centre"
    __table_args__ = (
        UniqueConstraint("name", name="centre_name_once"),
        CheckConstraint("nation IN ('england-and-wales', 'scotland', 'northern-ireland')", name="nation_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(40), default="Europe/London")
    nation: Mapped[str] = mapped_column(String(20), default="england-and-wales", server_default="england-and-wales")
    """Whose bank holidays it keeps: a key of `working_days.BANK_HOLIDAYS_OF`."""
    duty_worker_phone: Mapped[str | None] = mapped_column(String(40))
    opened_at: Mapped[datetime]


class Person(Base):
    """Somebody with an account. `id` is the random pseudonym that ink rows hold; this row is its only link to a name.

    Disposal deletes this row; that is why no kept table has a foreign key to it.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("email", name="person_email_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(120))
    known_as: Mapped[str] = mapped_column(String(60))
    email: Mapped[str] = mapped_column(String(254))
    """Lower case; compared exactly."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    theme: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    @property
    def short_name(self) -> str:
        """First name and initial, as staff lists show it."""
        last = self.name.split()[-1] if len(self.name.split()) > 1 else ""
        return f"{self.known_as} {last[:1]}." if last else self.known_as


class Appointment(Base):
    """A person in a role at a centre, between dates; an empty qualification, unit or cohort means all of them."""

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("until_date IS NULL OR until_date >= from_date", name="ends_after_it_begins"),
        Index("ix_appointment_person_id_centre_id", "person_id", "centre_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(String(20))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    qualification: Mapped[str | None] = mapped_column(String(80))
    unit: Mapped[str | None] = mapped_column(String(80))
    cohort_id: Mapped[UUID | None] = mapped_column(ForeignKey("cohort.id"))
    needs_countersignature: Mapped[bool] = mapped_column(default=False)
    from_date: Mapped[date]
    until_date: Mapped[date | None]
    """The last day."""

    def is_over(self, on: date) -> bool:
        """Whether the last day has passed; an external quality assurer without one has none left (`not_over`)."""
        return self.role == "eqa" if self.until_date is None else self.until_date < on


class ConflictOfInterest(AppendOnly, Base):
    """A tie between a member of staff and somebody else, which keeps them apart wherever work is judged or checked."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (
        CheckConstraint("person_id <> other_id", name="conflict_is_between_two"),
        CheckConstraint(
            "kind IN ('mentor', 'fellowship', 'housing', 'supervisor', 'family', 'other')", name="conflict_kind_known"
        ),
        Index("ix_conflict_of_interest_person_id_other_id", "person_id", "other_id"),
    )
    __words__ = ("detail_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    person_id: Mapped[UUID]
    """The member of staff."""
    other_id: Mapped[UUID] = mapped_column(index=True)
    """A learner, or another member of staff."""
    kind: Mapped[str] = mapped_column(String(12))
    detail_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealed.id"), index=True)
    declared_by: Mapped[UUID]
    """The person themselves, or an admin."""
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    detail: Mapped[Sealed | None] = relationship(lazy="raise", foreign_keys=[detail_id])


class ConflictEnd(AppendOnly, Base):
    """An admin has made sure that a tie is over."""

    __tablename__ = "conflict_end"
    __table_args__ = (UniqueConstraint("conflict_id", name="conflict_ends_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    conflict_id: Mapped[UUID] = mapped_column(ForeignKey("conflict_of_interest.id"))
    ended_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class SignIn(Base):
    """One signed-in device. The browser holds a random id; the database only its hash."""

    __tablename__ = "sign_in"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    appointment_id: Mapped[UUID | None]
    """The appointment chosen in the header."""
    own_device: Mapped[bool]
    began_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OneTimeLink(Base):
    """A link sent by e-mail that works once: an invitation, a password reset or a sign-in."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Hit(Base):
    """One try that counts against a limit (a sign-in, a reset, a check of a record)."""

    __tablename__ = "hit"
    __table_args__ = (Index("ix_hit_key_at", "key", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(64))
    """A keyed hash of what is limited, never an address itself."""
    at: Mapped[datetime]
