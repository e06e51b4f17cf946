"""Second marking: a blind second judgement of an answer, and how two people come to one outcome.

A second judgement is no decision: it has no number and counts for nothing. What is agreed reaches the learner only as a
decision with the next number, made on the desk like any other.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from course.db import AppendOnly, Base, new_id
from course.sealing import Sealed


class SecondMarking(AppendOnly, Base):
    """An assessor is asked to judge a decided answer without seeing what was decided."""

    __tablename__ = "second_marking"
    __table_args__ = (
        UniqueConstraint("answer_id", "assessor_id", name="second_marking_once"),
        CheckConstraint("cause IN ('hand', 'share')", name="second_marking_cause_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"))
    assessor_id: Mapped[UUID] = mapped_column(index=True)
    """Who judges a second time."""
    cause: Mapped[str] = mapped_column(String(8))
    """Chosen by hand, or drawn for the share that the policy asks for."""
    why: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class SecondMarkingEnd(AppendOnly, Base):
    """A second marking that nobody has judged is called off."""

    __tablename__ = "second_marking_end"
    __table_args__ = (UniqueConstraint("second_marking_id", name="called_off_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    second_marking_id: Mapped[UUID] = mapped_column(ForeignKey("second_marking.id"))
    why: Mapped[str] = mapped_column(String(500))
    ended_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class SecondJudging(AppendOnly, Base):
    """The second judgement, whole, saved before the first is shown."""

    __tablename__ = "second_judging"
    __table_args__ = (UniqueConstraint("second_marking_id", name="judged_a_second_time_once"),)
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    second_marking_id: Mapped[UUID] = mapped_column(ForeignKey("second_marking.id"))
    guidance: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the guidance version that was on the screen; empty for a knowledge check."""
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    """JSON: by criterion, the feedback and the guidance items that were ticked."""
    judged_by: Mapped[UUID] = mapped_column(index=True)
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    words: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[words_id])


class SecondOutcome(AppendOnly, Base):
    """What the second judgement says about one criterion. It has no number: nothing is decided by it."""

    __tablename__ = "second_outcome"
    __table_args__ = (
        UniqueConstraint("judging_id", "criterion", name="second_outcome_once"),
        CheckConstraint("outcome IN ('achieved', 'not_yet_achieved')", name="second_outcome_known"),
    )
    __vouched_by__ = "second_judging"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    judging_id: Mapped[UUID] = mapped_column(ForeignKey("second_judging.id"))
    criterion: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(16))


class SecondView(AppendOnly, Base):
    """One of the two comes round to another outcome, or the lead internal quality assurer settles it; with a reason."""

    __tablename__ = "second_view"
    __table_args__ = (
        CheckConstraint("side IN ('first', 'second', 'lead')", name="side_known"),
        CheckConstraint("outcome IN ('achieved', 'not_yet_achieved')", name="view_known"),
    )
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    second_marking_id: Mapped[UUID] = mapped_column(ForeignKey("second_marking.id"), index=True)
    criterion: Mapped[str] = mapped_column(String(12))
    side: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str] = mapped_column(String(16))
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    said_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    reason: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[reason_id])
