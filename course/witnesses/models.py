"""What a learner asks of a witness, and what the witness says: ink, with every word sealed."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class Outcome(enum.StrEnum):
    """What a witness answers. Both of the first two are a statement; neither is a decision on a criterion."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DECLINED = "declined"


class WitnessRequest(AppendOnly, Base):
    """One request for a statement, sent to one address with one link. The link's secret is kept as a hash only."""

    __tablename__ = "witness_request"
    __table_args__ = (
        UniqueConstraint("token_hash", name="witness_link_once"),
        CheckConstraint("expires_at > at", name="expires_after_it_is_asked"),
        Index("ix_witness_request_enrolment_id_unit", "enrolment_id", "unit"),
    )
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    unit: Mapped[str] = mapped_column(String(80))
    question: Mapped[str] = mapped_column(String(80))
    unit_version_id: Mapped[UUID] = mapped_column(ForeignKey("unit_version.id"))
    """The version whose wording the witness reads."""
    token_hash: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[UUID | None]
    """Who has an account under the witness's address, if anybody: they must not judge what they vouch for."""
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    """JSON of `rules.Asked`: who is asked, and what the learner says was seen."""
    at: Mapped[datetime]
    expires_at: Mapped[datetime]


class WitnessReply(AppendOnly, Base):
    """What a witness answered, once."""

    __tablename__ = "witness_reply"
    __table_args__ = (
        UniqueConstraint("request_id", name="witness_replied_once"),
        CheckConstraint("outcome IN ('confirmed', 'corrected', 'declined')", name="witness_outcome_known"),
    )
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("witness_request.id"))
    outcome: Mapped[str] = mapped_column(String(12))
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    """JSON of `rules.Vouched`."""
    at: Mapped[datetime]


class WitnessWithdrawal(AppendOnly, Base):
    """The learner takes a request back, or puts a statement aside to ask anew: its link is dead from then on."""

    __tablename__ = "witness_withdrawal"
    __table_args__ = (UniqueConstraint("request_id", name="witness_request_withdrawn_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("witness_request.id"))
    at: Mapped[datetime]
