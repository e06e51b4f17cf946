"""The life of an answer: drafts (pencil); hand-ins, answers, decisions and returns (ink); the marking queue's index."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from course import triggers
from course.db import AppendOnly, Base, new_id
from course.sealing import Sealed
from course.workbook.models.attempts import (
    Extension as Extension,
)
from course.workbook.models.attempts import (
    LateAcceptance as LateAcceptance,
)
from course.workbook.models.attempts import (
    LateHandIn as LateHandIn,
)
from course.workbook.models.attempts import (
    PanelOutcome as PanelOutcome,
)
from course.workbook.models.attempts import (
    PriorLearning as PriorLearning,
)
from course.workbook.models.attempts import (
    Referral as Referral,
)
from course.workbook.models.countersigning import Countersignature as Countersignature


class Outcome(enum.StrEnum):
    """What an assessor decides about one criterion."""

    ACHIEVED = "achieved"
    NOT_YET_ACHIEVED = "not_yet_achieved"


class Draft(Base):
    """One enrolment's words for one question (pencil). `revision` guards against two pages saving over each other."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("enrolment_id", "question", name="draft_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    unit: Mapped[str] = mapped_column(String(80))
    question: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    """JSON of a `content.Content`: text, choices, order, pairs, files or log entries, and the tries of a check."""
    saved_at: Mapped[datetime]
    kept_at: Mapped[datetime]
    """When an earlier draft was last set aside."""

    words: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[words_id])


class EarlierDraft(Base):
    """An earlier state of a draft that can be restored: at most one every ten minutes, the last twenty."""

    __tablename__ = "earlier_draft"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    question: Mapped[str] = mapped_column(String(80))
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    saved_at: Mapped[datetime]

    words: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[words_id])
    __mapper_args__ = {"eager_defaults": False}


Index("ix_earlier_draft_enrolment_id_question", EarlierDraft.enrolment_id, EarlierDraft.question, EarlierDraft.saved_at)


class StoredFile(Base):
    """An uploaded photo, document or recording. Its content lies sealed in the file store under a random name."""

    __tablename__ = "stored_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    question: Mapped[str] = mapped_column(String(80))
    label_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    """The name the learner gave it."""
    content_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    """Bytes, before sealing."""
    uploaded_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]
    """Set when it becomes part of an answer: from then on it cannot be removed."""

    label: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[label_id])


class HandIn(AppendOnly, Base):
    """One act of the learner that turns drafts into answers under one declaration, kept word for word."""

    __tablename__ = "hand_in"
    __words__ = ("helpers_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    declaration: Mapped[str] = mapped_column(Text)
    helpers_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealed.id"), index=True)
    """What the learner wrote under "Who helped you?", help from software included."""
    at: Mapped[datetime]


class Answer(AppendOnly, Base):
    """One numbered version of a learner's answer to one question, locked."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "question", "number", name="answer_number_once"),
        CheckConstraint("number > 0", name="number_counts_from_one"),
        Index("ix_answer_cohort_id_unit", "cohort_id", "unit"),
        Index("ix_answer_question_centre_id_at", "question", "centre_id", "at"),
    )
    __words__ = ("words_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    hand_in_id: Mapped[UUID] = mapped_column(ForeignKey("hand_in.id"))
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    qualification: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(80))
    question: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    unit_version_id: Mapped[UUID] = mapped_column(ForeignKey("unit_version.id"))
    number: Mapped[int]
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    at: Mapped[datetime]

    words: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[words_id])
    hand_in: Mapped[HandIn] = relationship(lazy="raise")


class TakeBack(AppendOnly, Base):
    """Undoes one answer that nobody had opened to mark."""

    __tablename__ = "take_back"
    __table_args__ = (UniqueConstraint("answer_id", name="taken_back_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"))
    at: Mapped[datetime]


class Lease(Base):
    """An assessor's short hold on an answer (pencil). It stays on the row, ended, until the return."""

    __tablename__ = "lease"

    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    person_id: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    taken_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class JudgementDraft(Base):
    """What an assessor has typed so far about one answer (pencil)."""

    __tablename__ = "judgement_draft"
    __table_args__ = (UniqueConstraint("answer_id", "person_id", name="judgement_draft_once"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"))
    person_id: Mapped[UUID]
    revision: Mapped[int]
    words_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    saved_at: Mapped[datetime]

    words: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[words_id])


class Decision(AppendOnly, Base):
    """One assessor's judgement of one criterion of one answer version."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("answer_id", "criterion", "number", name="decision_number_once"),
        CheckConstraint("outcome IN ('achieved', 'not_yet_achieved')", name="outcome_known"),
        Index("ix_decision_decided_by_at", "decided_by", "at"),
    )
    __words__ = ("feedback_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"))
    criterion: Mapped[str] = mapped_column(String(12))
    """As numbered in the pinned unit version: "2.2", or "U2:2.1" for another unit's."""
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))
    guidance: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the guidance version; its words live in assessors/guidance. Empty for a check, which needs none."""
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    """JSON: the feedback, and the guidance items that the assessor ticked."""
    points: Mapped[int | None]
    decided_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    feedback: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[feedback_id])


class Return(AppendOnly, Base):
    """Shows one answer's decisions to the learner."""

    __tablename__ = "answer_return"
    __table_args__ = (Index("ix_answer_return_returned_by_at", "returned_by", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), index=True)
    returned_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class ReturnedDecision(AppendOnly, Base):
    """One decision that a return showed."""

    __tablename__ = "returned_decision"
    __vouched_by__ = "answer_return"

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    return_id: Mapped[UUID] = mapped_column(ForeignKey("answer_return.id"), index=True)


class Departure(AppendOnly, Base):
    """An assessor's written reason for holding a unit achieved below its threshold."""

    __tablename__ = "departure"
    __table_args__ = (UniqueConstraint("enrolment_id", "unit", name="departed_once"),)
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    unit: Mapped[str] = mapped_column(String(80))
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    decided_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]


class FurtherAttempt(AppendOnly, Base):
    """One attempt more than the policy gives: authorised by whom the policy names, or given by a panel."""

    __tablename__ = "further_attempt"
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    question: Mapped[str] = mapped_column(String(80))
    authorised_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]
    confirmed: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """The policy's conditions that whoever authorised it confirmed, with spaces between."""
    reason_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealed.id"), index=True)


class Reopening(AppendOnly, Base):
    """A returned answer joins the queue again, so that every open criterion gets a new number. What was decided stays.

    It is open until a decision is added: `decisions_before` is how many the answer had.
    """

    __tablename__ = "reopening"
    __table_args__ = (
        UniqueConstraint("answer_id", "decisions_before", name="reopened_once"),
        CheckConstraint("cause IN ('decision', 'guidance')", name="cause_known"),
    )
    __words__ = ("reason_id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id"), index=True)
    decisions_before: Mapped[int]
    cause: Mapped[str] = mapped_column(String(8))
    """A doubt about this decision, or guidance that was found wrong."""
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("sealed.id"), index=True)
    reopened_by: Mapped[UUID]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"))
    at: Mapped[datetime]

    reason: Mapped[Sealed] = relationship(lazy="raise", foreign_keys=[reason_id])


class AccessEntry(AppendOnly, Base):
    """Somebody other than the writer was shown sealed words. The learner sees this list."""

    __tablename__ = "access_entry"
    __vouched_by__ = "nothing: the access log is append-only but not chained, and is dropped after its retention"
    __table_args__ = (Index("ix_access_entry_enrolment_id_at", "enrolment_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[UUID]
    answer_id: Mapped[UUID | None]
    person_id: Mapped[UUID]
    role: Mapped[str] = mapped_column(String(20))
    appointment_id: Mapped[UUID | None]
    purpose: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class Waiting(Base):
    """One answer that waits for decisions: an index kept by triggers, not a second truth."""

    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_centre_id_at", "centre_id", "at", "answer_id"),
        Index("ix_waiting_cohort_id_unit_question_at", "cohort_id", "unit", "question", "at", "answer_id"),
        # The next answer like this one, over a whole centre, without reading all that wait before it.
        Index("ix_waiting_centre_id_unit_question_at", "centre_id", "unit", "question", "at", "answer_id"),
    )

    answer_id: Mapped[UUID] = mapped_column(primary_key=True)
    centre_id: Mapped[UUID]
    cohort_id: Mapped[UUID]
    qualification: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(80))
    question: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    enrolment_id: Mapped[UUID]
    at: Mapped[datetime]


class WaitingCount(Base):
    """How many answers to one question wait in one cohort: a counter kept by the same triggers."""

    __tablename__ = "waiting_count"

    cohort_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(80), primary_key=True)
    question: Mapped[str] = mapped_column(String(80), primary_key=True)
    centre_id: Mapped[UUID] = mapped_column(index=True)
    qualification: Mapped[str] = mapped_column(String(80))
    waiting: Mapped[int]


_JOINS_THE_QUEUE = """
INSERT INTO waiting (answer_id, centre_id, cohort_id, qualification, unit, question, kind, enrolment_id, at)
VALUES (NEW.id, NEW.centre_id, NEW.cohort_id, NEW.qualification, NEW.unit, NEW.question, NEW.kind, NEW.enrolment_id,
  NEW.at);
INSERT INTO waiting_count (cohort_id, unit, question, centre_id, qualification, waiting)
VALUES (NEW.cohort_id, NEW.unit, NEW.question, NEW.centre_id, NEW.qualification, 1)
ON CONFLICT (cohort_id, unit, question) DO UPDATE SET waiting = waiting_count.waiting + 1;
"""

_JOINS_AGAIN = """
INSERT INTO waiting (answer_id, centre_id, cohort_id, qualification, unit, question, kind, enrolment_id, at)
SELECT a.id, a.centre_id, a.cohort_id, a.qualification, a.unit, a.question, a.kind, a.enrolment_id, a.at
FROM answer a WHERE a.id = NEW.answer_id;
INSERT INTO waiting_count (cohort_id, unit, question, centre_id, qualification, waiting)
SELECT a.cohort_id, a.unit, a.question, a.centre_id, a.qualification, 1 FROM answer a WHERE a.id = NEW.answer_id
ON CONFLICT (cohort_id, unit, question) DO UPDATE SET waiting = waiting_count.waiting + 1;
"""

_LEAVES_THE_QUEUE = """
UPDATE waiting_count SET waiting = waiting - 1 WHERE (cohort_id, unit, question) =
  (SELECT w.cohort_id, w.unit, w.question FROM waiting w WHERE w.answer_id = NEW.answer_id);
DELETE FROM waiting WHERE answer_id = NEW.answer_id;
"""

triggers.PROJECTIONS += [
    triggers.Trigger("answer_joins_queue", "answer", _JOINS_THE_QUEUE),
    triggers.Trigger("take_back_leaves_queue", "take_back", _LEAVES_THE_QUEUE),
    triggers.Trigger("reopening_joins_queue", "reopening", _JOINS_AGAIN),
    triggers.Trigger("decision_leaves_queue", "decision", _LEAVES_THE_QUEUE),
]
