"""Applications for a place, what two people find in them, what is agreed, and the checks before a placement.

A box of sealed words is named by its id without a foreign key: disposal deletes the box and its key, and the row of
ink, which holds no words, stays.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from course.db import AppendOnly, Base, new_id


class Intake(AppendOnly, Base):
    """From when anybody may apply for a cohort at its open address, or may not any more; the last row counts."""

    __tablename__ = "intake"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    is_open: Mapped[bool]
    changed_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class Application(Base):
    """One person's application for one cohort; its words are pencil until it is sent.

    Whoever stopped, or was told no or not yet, may apply again: the new application has the next number.
    """

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("person_id", "cohort_id", "number", name="applied_once"),
        Index("ix_application_cohort_id_id", "cohort_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), index=True)
    qualification: Mapped[str] = mapped_column(String(80))
    number: Mapped[int] = mapped_column(default=1)
    words_id: Mapped[UUID | None]
    revision: Mapped[int] = mapped_column(default=0)
    last_save: Mapped[str] = mapped_column(String(64), default="")
    """The name that the page gave to its last save: a save whose answer was lost is recognised by it."""
    began_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]


class ApplicationSent(AppendOnly, Base):
    """The applicant sent it: their words, the criteria they answered to, and the privacy notice they were shown."""

    __tablename__ = "application_sent"
    __table_args__ = (UniqueConstraint("application_id", name="sent_once"),)
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    policy_version_id: Mapped[UUID] = mapped_column(ForeignKey("policy_version.id"))
    notice: Mapped[str] = mapped_column(String(20))
    """The version of the privacy notice."""
    words_id: Mapped[UUID]
    at: Mapped[datetime]


class Declared(AppendOnly, Base):
    """Whether the applicant confirmed one declaration when they sent it."""

    __tablename__ = "application_declared"
    __table_args__ = (UniqueConstraint("sent_id", "criterion", name="declared_once"),)
    __vouched_by__ = "application_sent"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sent_id: Mapped[UUID] = mapped_column(ForeignKey("application_sent.id"))
    criterion: Mapped[str] = mapped_column(String(80))
    is_confirmed: Mapped[bool]


class EligibleDate(AppendOnly, Base):
    """The day from which somebody meets an elapsed time: the date alone, never what it is counted from.

    `days` is the length that the criterion asked for then, so that another length can be tried on it later.
    """

    __tablename__ = "eligible_date"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    criterion: Mapped[str] = mapped_column(String(80))
    from_date: Mapped[date]
    days: Mapped[int]
    noted_by: Mapped[UUID]
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointment.id"))
    """None: the applicant gave the date."""
    at: Mapped[datetime]


class SelectorConflict(AppendOnly, Base):
    """A selector knows the applicant in a way that keeps them from reading, scoring and deciding."""

    __tablename__ = "selector_conflict"
    __table_args__ = (UniqueConstraint("application_id", "declared_by", name="conflict_declared_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[str] = mapped_column(String(20))
    declared_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class Scoring(AppendOnly, Base):
    """One selector's scores for one application, saved at once; the notes are sealed."""

    __tablename__ = "scoring"
    __table_args__ = (UniqueConstraint("application_id", "scored_by", name="scored_once"),)
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    words_id: Mapped[UUID]
    scored_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class CriterionScore(AppendOnly, Base):
    """The score of one criterion in one scoring; none where it was not asked."""

    __tablename__ = "criterion_score"
    __table_args__ = (
        UniqueConstraint("scoring_id", "criterion", name="criterion_scored_once"),
        CheckConstraint("score BETWEEN 0 AND 3", name="score_known"),
    )
    __vouched_by__ = "scoring"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    scoring_id: Mapped[UUID] = mapped_column(ForeignKey("scoring.id"))
    criterion: Mapped[str] = mapped_column(String(80))
    score: Mapped[int | None]


class SelectionDecision(AppendOnly, Base):
    """What was agreed about an application, by a person and for a reason; the highest number counts.

    The reason is written to the applicant and sealed under the applicant's own key: it outlives the evidence.
    """

    __tablename__ = "selection_decision"
    __table_args__ = (
        UniqueConstraint("application_id", "number", name="selection_decision_number_once"),
        CheckConstraint("outcome IN ('offer', 'defer', 'decline', 'waitlist')", name="outcome_known"),
        CheckConstraint("(outcome = 'defer') = (until_date IS NOT NULL)", name="deferred_until_a_day"),
    )
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(10))
    until_date: Mapped[date | None]
    reason_id: Mapped[UUID]
    decided_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class OfferReply(AppendOnly, Base):
    """The applicant's yes or no to an offer; a yes names the enrolment that it became."""

    __tablename__ = "offer_reply"
    __table_args__ = (
        UniqueConstraint("decision_id", name="answered_once"),
        CheckConstraint("is_accepted = (enrolment_id IS NOT NULL)", name="yes_enrols"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("selection_decision.id"))
    is_accepted: Mapped[bool]
    enrolment_id: Mapped[UUID | None] = mapped_column(ForeignKey("enrolment.id"))
    at: Mapped[datetime]


class ApplicationWithdrawal(AppendOnly, Base):
    """The applicant does not want the place any more. No reason is asked."""

    __tablename__ = "application_withdrawal"
    __table_args__ = (UniqueConstraint("application_id", name="application_withdrawn_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    at: Mapped[datetime]


class Waiver(AppendOnly, Base):
    """One selector asks that a criterion be set aside for this applicant, and says why."""

    __tablename__ = "waiver"
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    criterion: Mapped[str] = mapped_column(String(80))
    reason_id: Mapped[UUID]
    asked_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class WaiverAgreement(AppendOnly, Base):
    """A second person agrees to a waiver: only now does it count."""

    __tablename__ = "waiver_agreement"
    __table_args__ = (UniqueConstraint("waiver_id", name="waiver_agreed_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    waiver_id: Mapped[UUID] = mapped_column(ForeignKey("waiver.id"))
    agreed_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class ReferenceRequest(AppendOnly, Base):
    """Somebody without an account was asked for a reference, through a link that works once."""

    __tablename__ = "reference_request"
    __table_args__ = (UniqueConstraint("token_hash", name="reference_link_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    criterion: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]
    asked_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class Reference(AppendOnly, Base):
    """What the referee wrote."""

    __tablename__ = "reference"
    __table_args__ = (UniqueConstraint("request_id", name="reference_given_once"),)
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("reference_request.id"))
    words_id: Mapped[UUID]
    at: Mapped[datetime]


class CheckSeen(AppendOnly, Base):
    """Somebody saw a document or made a check, and decided: number, level and date are sealed, the document never kept.

    Class D: sealed under the person's own key, each opening audited.
    """

    __tablename__ = "check_seen"
    __table_args__ = (
        CheckConstraint("decision IN ('accepted', 'to-discuss', 'not-accepted')", name="check_decision_known"),
        Index("ix_check_seen_centre_id_person_id", "centre_id", "person_id"),
    )
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    person_id: Mapped[UUID]
    criterion: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(String(12))
    seen_on: Mapped[date]
    expires_on: Mapped[date | None]
    words_id: Mapped[UUID]
    seen_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class MonitoringAnswer(Base):
    """What an applicant chose to tell about themselves for fairness counts: sealed under the centre's key, kept apart.

    No page shows one person's answers to anybody else; only counts of five and more leave this table.
    """

    __tablename__ = "monitoring_answer"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    words_id: Mapped[UUID]


class EvidenceDisposal(AppendOnly, Base):
    """The key to an application's evidence was destroyed, so its words are gone; scores and outcome stay."""

    __tablename__ = "evidence_disposal"
    __table_args__ = (UniqueConstraint("application_id", name="evidence_disposed_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    at: Mapped[datetime]
