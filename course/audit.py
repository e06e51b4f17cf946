"""The tamper-evident trail: one chained entry an action, written in the same transaction as the change.

An entry names things and holds a keyed commitment to the ink row and its words; never the words. `verify` finds any
entry that was altered, removed, inserted or moved, and any ink row that no longer matches its entry.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, String, UniqueConstraint, event, inspect, select, text
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from course import clock, reading_ahead, sealing
from course.db import AppendOnly, Base
from course.sealing import INSTALLATION, Purpose, Sealed

GENESIS = "0" * 64
VERSION = 2
ADVISORY_LOCK = 7_261_544  # any fixed number: the name of the audit lock on PostgreSQL


class Event(enum.StrEnum):
    """What can happen, as `noun.past-tense`. A name is data for ever; each reads aloud through `sentence`."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> Event:
        """Tie the stored name to the sentence in which it reads aloud."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    CENTRE_OPENED = "centre.opened", "A centre was opened."
    CENTRE_CHANGED = "centre.changed", "The calendar of a centre was changed."
    PERSON_INVITED = "person.invited", "A person was invited."
    PERSON_CHANGED = "person.changed", "A person's details were changed."
    PERSON_DISABLED = "person.disabled", "A person's account was closed."
    APPOINTMENT_MADE = "appointment.made", "A person was appointed."
    APPOINTMENT_ENDED = "appointment.ended", "An appointment was ended."
    CONFLICT_DECLARED = "conflict.declared", "A conflict of interest was declared."
    CONFLICT_ENDED = "conflict.ended", "A conflict of interest was found to be over."
    QUALIFICATION_PUBLISHED = "qualification.published", "A version of a qualification was published."
    INDUCTION_PUBLISHED = "induction.published", "A version of the induction was published."
    UNIT_PUBLISHED = "unit.published", "A version of a unit was published."
    GUIDANCE_PUBLISHED = "guidance.published", "A version of guidance was published."
    SAMPLES_PUBLISHED = "samples.published", "A version of sample answers was published."
    GUIDANCE_PUT_IN_FORCE = "guidance.put-in-force", "A version of guidance was put in force."
    POLICY_PUBLISHED = "policy.published", "A version of a policy was published."
    POLICY_PUT_IN_FORCE = "policy.put-in-force", "A version of a policy was put in force."
    COHORT_OPENED = "cohort.opened", "A cohort was opened."
    LEARNER_ENROLLED = "learner.enrolled", "A learner was enrolled."
    LEARNER_REGISTERED = "learner.registered", "A learner was registered with the awarding organisation."
    LEARNER_INDUCTED = "learner.inducted", "A learner acknowledged the induction."
    LEARNER_WITHDRAWN = "learner.withdrawn", "A learner withdrew."
    LIVE_HOURS_RECORDED = "live-hours.recorded", "Live hours of a cohort were recorded."
    LIVE_HOURS_CORRECTED = "live-hours.corrected", "Live hours of a cohort were corrected."
    UNIT_PINNED = "unit.pinned", "A learner's unit was pinned to a version."
    WORK_HANDED_IN = "work.handed-in", "A learner handed in work under a declaration."
    ANSWER_HANDED_IN = "answer.handed-in", "An answer was handed in."
    ANSWER_TAKEN_BACK = "answer.taken-back", "An answer was taken back before anybody opened it."
    ANSWER_DECIDED = "answer.decided", "An assessor decided a criterion of an answer."
    DECISIONS_COUNTERSIGNED = "decisions.countersigned", "A qualified assessor agreed with a trainee's decisions."
    DECISIONS_SENT_BACK = "decisions.sent-back", "A qualified assessor sent a trainee's decisions back to them."
    ANSWER_RETURNED = "answer.returned", "An answer's decisions were returned to the learner."
    ANSWER_REOPENED = "answer.reopened", "A returned answer was sent back, to be decided again."
    UNIT_DEPARTED = "unit.departed", "An assessor departed from a unit's threshold."
    WITNESS_ASKED = "witness.asked", "A learner asked a witness for a statement."
    WITNESS_CONFIRMED = "witness.confirmed", "A witness made a statement."
    WITNESS_DECLINED = "witness.declined", "A witness declined to make a statement."
    WITNESS_WITHDRAWN = "witness.withdrawn", "A learner took a request for a statement back."
    CONCERN_RAISED = "concern.raised", "A concern was raised with the safeguarding lead."
    CONCERN_ACKNOWLEDGED = "concern.acknowledged", "The safeguarding lead acknowledged a concern."
    DATE_EXTENDED = "date.extended", "A learner was given a later date to hand in again."
    LATE_ACCEPTED = "late-answer.accepted", "An answer that was handed in late was let in."
    QUESTION_REFERRED = "question.referred", "A question with no attempt left was referred to a panel."
    PANEL_DECIDED = "panel.decided", "A panel of two people decided about a referred question."
    ATTEMPT_AUTHORISED = "attempt.authorised", "A further attempt was authorised."
    SAMPLE_OPENED = "sample.opened", "A sample was opened."
    PLAN_DRAWN = "plan.drawn", "A sampling plan was drawn."
    PLAN_CHANGED = "plan.changed", "A sampling plan was changed by hand, with a reason."
    DECISION_REVIEWED = "decision.reviewed", "An internal quality assurer reviewed a decision."
    ACTION_ASKED = "action.asked", "An assessor was asked to act by a date."
    ACTION_ANSWERED = "action.answered", "An assessor answered an action."
    ACTION_CLOSED = "action.closed", "An action was closed."
    ERROR_UPHELD = "error.upheld", "A decision was found to be wrong, and a search began for others like it."
    AFFECTED_LOOKED_AT = "affected.looked-at", "A decision that an error may have touched was looked at."
    INTAKE_OPENED = "intake.opened", "A cohort was opened to applications."
    INTAKE_CLOSED = "intake.closed", "A cohort was closed to applications."
    APPLICATION_SENT = "application.sent", "An application was sent."
    APPLICATION_WITHDRAWN = "application.withdrawn", "An applicant withdrew their application."
    APPLICATION_SCORED = "application.scored", "A selector scored an application."
    ELIGIBLE_DATE_NOTED = "eligible-date.noted", "The day from which an applicant may start was noted."
    SELECTOR_CONFLICT_DECLARED = "selector-conflict.declared", "A selector said that they know an applicant."
    WAIVER_ASKED = "waiver.asked", "A selector asked that a criterion be waived."
    WAIVER_AGREED = "waiver.agreed", "A second person agreed to waive a criterion."
    PLACE_DECIDED = "place.decided", "The outcome of an application was agreed."
    OFFER_ANSWERED = "offer.answered", "An applicant answered an offer."
    REFERENCE_ASKED = "reference.asked", "A reference was asked for."
    REFERENCE_GIVEN = "reference.given", "A reference was given."
    CHECK_NOTED = "check.noted", "A check was seen, and what follows from it noted."
    EVIDENCE_OPENED = "evidence.opened", "Somebody opened special evidence."
    APPEAL_MADE = "appeal.made", "A learner appealed about a returned decision."
    APPEAL_REPLIED = "appeal.replied", "A learner added something to an appeal."
    APPEAL_TAKEN_FURTHER = "appeal.taken-further", "A learner took an appeal to the next stage."
    APPEAL_WITHDRAWN = "appeal.withdrawn", "A learner took an appeal back."
    APPEAL_DECIDED = "appeal.decided", "A stage of an appeal was answered."
    APPEAL_SENT = "appeal.sent", "An appeal was sent to the awarding organisation."
    CASE_OPENED = "case.opened", "A case was opened about how work was done or dealt with."
    CASE_REPLIED = "case.replied", "A learner said something about a case."
    CASE_CLOSED = "case.closed", "A case was closed with its outcome."
    ADJUSTMENT_ASKED = "adjustment.asked", "A learner asked for an adjustment."
    ADJUSTMENT_ANSWERED = "adjustment.answered", "A learner's request for an adjustment was answered."
    ADJUSTMENT_DECLINED = "adjustment.declined", "A learner's request for an adjustment was not agreed."
    ADJUSTMENT_AGREED = "adjustment.agreed", "An adjustment was agreed before the work."
    CONSIDERATION_AGREED = "consideration.agreed", "Special consideration was agreed."
    ADJUSTMENT_ENDED = "adjustment.ended", "An adjustment was ended."
    STANDARDISATION_OPENED = "standardisation.opened", "Assessors were asked to judge sample answers."
    SAMPLE_JUDGED = "sample.judged", "A sample answer was judged before a meeting."
    MEETING_BEGUN = "meeting.begun", "A standardisation meeting began."
    GUIDANCE_PROPOSED = "guidance.proposed", "A meeting agreed wording for the guidance."
    MINUTES_RECORDED = "minutes.recorded", "The minutes of a meeting were recorded."
    SECOND_MARKING_ASKED = "second-marking.asked", "An assessor was asked to judge an answer a second time, blind."
    SECOND_MARKING_JUDGED = "second-marking.judged", "An answer was judged a second time, blind."
    SECOND_MARKING_RECONSIDERED = "second-marking.reconsidered", "One of two assessors came to another outcome."
    SECOND_MARKING_SETTLED = "second-marking.settled", "A difference between two assessors was settled."
    SECOND_MARKING_CALLED_OFF = "second-marking.called-off", "A second marking was called off."
    BATCH_MADE = "batch.made", "Achieved units were put into a batch."
    BATCH_RELEASED = "batch.released", "A batch was released for claim."
    UNIT_TAKEN_OUT = "batch-unit.taken-out", "A unit was taken out of a batch before its release."
    WITHDRAWAL_ASKED = "withdrawal.asked", "A lead internal quality assurer asked to withdraw a released result."
    WITHDRAWAL_CONFIRMED = "withdrawal.confirmed", "A second person confirmed that a result is withdrawn."
    WITHDRAWAL_REFUSED = "withdrawal.refused", "A second person found that a released result stands."
    WITHDRAWAL_NOTIFIED = "withdrawal.notified", "The awarding organisation was told of a withdrawn result."
    RECORD_ISSUED = "record.issued", "A completion record was issued."
    RECORD_REVOKED = "record.revoked", "A completion record was revoked."
    VERIFICATION_APPROVED = "verification.approved", "A holder let somebody see a record."
    VERIFICATION_REFUSED = "verification.refused", "A holder refused to show a record."
    VERIFICATION_OPENED = "verification.opened", "A holder let anybody with the code see a record until a day."
    VERIFICATION_CLOSED = "verification.closed", "A holder ended a permission given beforehand."
    RECORD_CODE_CHANGED = "record.code-changed", "A holder gave a record a new code."
    STAFF_QUALIFICATION_NOTED = "staff-qualification.noted", "A qualification of a member of staff was noted."
    DEVELOPMENT_NOTED = "development.noted", "Professional development of a member of staff was noted."
    DEVELOPMENT_WITHDRAWN = "development.withdrawn", "A wrong entry about a member of staff was withdrawn."
    VISIT_SET_UP = "visit.set-up", "A visit of an external quality assurer was set up."
    VISIT_SAMPLE_ASKED = "visit-sample.asked", "An external quality assurer asked for units of their own choice."
    VISIT_SAMPLE_SHOWN = "visit-sample.shown", "Units were shown to an external quality assurer."
    VISIT_SAMPLE_REFUSED = "visit-sample.refused", "A request of an external quality assurer was refused."
    VISIT_ACTION_NOTED = "visit-action.noted", "An action of an external quality assurer was noted."
    VISIT_ACTION_DONE = "visit-action.done", "An action of an external quality assurer was done."
    VISIT_ACTION_CLOSED = "visit-action.closed", "An action of an external quality assurer was closed."
    WORDS_EXPORTED = "words.exported", "Words were exported."
    KEY_DESTROYED = "key.destroyed", "A key was destroyed, and with it the words it sealed."


@dataclass(frozen=True)
class Actor:
    """Who acts: the person, and the role and appointment then held. A learner has no appointment."""

    person_id: UUID
    role: str
    appointment_id: UUID | None = None


INSTALLER = Actor(INSTALLATION, "installation")
"""Commands given at the machine itself."""


class AuditEvent(AppendOnly, Base):
    """One entry of the chain."""

    __tablename__ = "audit_event"
    __table_args__ = (UniqueConstraint("hash", name="audit_event_hash_once"),)

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    version: Mapped[int]
    at: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(36))
    role: Mapped[str] = mapped_column(String(20))
    appointment: Mapped[str] = mapped_column(String(36))
    action: Mapped[str] = mapped_column(String(40))
    object_ref: Mapped[str] = mapped_column(String(80), index=True)
    subject: Mapped[str] = mapped_column(String(36), index=True)
    enrolment: Mapped[str] = mapped_column(String(36))
    commit: Mapped[str] = mapped_column(String(64))
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


FIELDS = (
    "version", "seq", "at", "actor", "role", "appointment", "action", "object_ref", "subject", "enrolment", "commit",
    "prev",
)  # fmt: skip


COMMITTED = {
    1: ("seq", "action"),
    2: ("seq", "at", "actor", "role", "appointment", "action", "object_ref", "subject", "enrolment"),
}
"""What of an entry its keyed commitment covers beside the row, by version: whoever has the database alone can make
hashes that fit, but no commitment."""


@dataclass(frozen=True)
class _Pending:
    event: Event
    row: Any
    by: Actor
    subject: UUID | None
    enrolment: UUID | None
    savepoint: Any
    """Where it was noted, if inside one: undoing the savepoint undoes the note."""


def record(
    session: Session, what: Event, row: Any, *, by: Actor, subject: UUID | None = None, enrolment: UUID | None = None
) -> None:
    """Note that an action happened to a row. The entry joins the chain as the transaction commits.

    The chain's head is taken last, so that writers queue for it for microseconds, and a rolled-back action leaves
    no entry. `subject` is whom it is about; `enrolment` names the enrolment, or the application, whose key seals the
    words: destroying that key makes them unprovable.
    """
    savepoint = session.get_nested_transaction()
    session.info.setdefault("audit", []).append(_Pending(what, row, by, subject, enrolment, savepoint))


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    pending: list[_Pending] = session.info.pop("audit", [])
    if not pending:
        return
    session.flush()
    contents = [(entry, content_of(session, entry.row)) for entry in pending]
    keys = [(_commitment_key(session, entry.subject), salt_key_of(session, entry.enrolment)) for entry in pending]
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
    head = session.execute(select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)).first()
    seq, prev = (head.seq, head.hash) if head else (0, GENESIS)
    for (entry, content), (key, salt_key) in zip(contents, keys, strict=True):
        seq += 1
        row = AuditEvent(
            seq=seq, version=VERSION, at=clock.now().isoformat(timespec="microseconds"), prev=prev,
            actor=str(entry.by.person_id), role=entry.by.role, appointment=str(entry.by.appointment_id or ""),
            action=str(entry.event), object_ref=reference(entry.row), subject=str(entry.subject or ""),
            enrolment=str(entry.enrolment or ""),
        )  # fmt: skip
        row.commit = commitment(key, salt_key, row, content)
        row.hash = prev = entry_hash(row)
        session.add(row)
    session.flush()


@event.listens_for(Session, "after_soft_rollback")
def _forget_undone(session: Session, undone: SessionTransaction) -> None:
    pending: list[_Pending] = session.info.get("audit", [])
    session.info["audit"] = [entry for entry in pending if undone.nested and entry.savepoint is not undone]


@event.listens_for(Session, "after_transaction_end")
def _forget_pending(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop("audit", None)


def reference(row: Any) -> str:
    """Name a row: `table:primary-key`."""
    identity = inspect(row).mapper.primary_key_from_instance(row)
    return f"{row.__tablename__}:{','.join(str(part) for part in identity)}"


def entry_hash(row: Any) -> str:
    """Hash an entry with its predecessor's hash inside."""
    return hashlib.sha256(b"\x00" + canonical([getattr(row, name) for name in FIELDS])).hexdigest()


def canonical(value: Any) -> bytes:
    """Write plain values as JSON in the one form that hashes rely on (form 1)."""
    return _FORM_1.encode(value).encode()


_FORM_1 = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_of(session: Session, row: Any) -> bytes:
    """Give the bytes that an entry commits to: every column of the row, its words, and the rows it vouches for."""
    words = b"".join(_words(session, getattr(row, name)) for name in getattr(row, "__words__", ()))
    return canonical(_columns(row)) + b"\x00" + words + b"".join(_parts(session, row))


def _columns(row: Any) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in _names(row.__class__)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(column.key for column in inspect(kind).column_attrs)


def _parts(session: Session, row: Any) -> Iterator[bytes]:
    ahead: reading_ahead.Parts = session.info.get("parts_ahead", {})
    for part, foreign_key in parts_of(row.__tablename__):
        key = inspect(part).primary_key[0]
        known = ahead.get((part.__tablename__, row.id))
        for one in session.scalars(select(part).where(foreign_key == row.id).order_by(key)) if known is None else known:
            yield b"\x00" + canonical([part.__tablename__, _columns(one)])


@cache
def parts_of(table: str) -> list[tuple[Any, Any]]:
    """The kinds of ink row that an entry about this table vouches for, each with the column that says whose."""
    parts = [ink for _, ink in sorted(ink_classes().items()) if getattr(ink, "__vouched_by__", None) == table]
    return [
        (ink, column)
        for ink in parts
        for column in ink.__table__.columns
        if any(key.column.table.name == table for key in column.foreign_keys)
    ]


def _words(session: Session, sealed_id: UUID | None) -> bytes:
    if sealed_id is None:
        return b""
    row = session.get_one(Sealed, sealed_id)
    key = sealing.key_by_id(session, row.key_id)
    if key is None:
        raise sealing.CannotOpen("The key to these words has been destroyed.")
    return sealing.open_bytes(key, row.place, row.id, row.box)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, bool | int) else str(value)


def _commitment_key(session: Session, subject: UUID | None) -> sealing.Key:
    return sealing.ensure_key(session, subject or INSTALLATION, Purpose.COMMITMENT)


def salt_key_of(session: Session, enrolment: UUID | None) -> sealing.Key | None:
    """The key that salts entries about somebody's words: an enrolment's, or an application's."""
    if enrolment is None:
        return None
    return sealing.key_of(session, enrolment, Purpose.WORK) or sealing.key_of(session, enrolment, Purpose.SPECIAL)


def commitment(key: sealing.Key, salt_key: sealing.Key | None, entry: Any, content: bytes) -> str:
    """Commit to an entry (who, in which role, when, what, about whom) together with the content of its row."""
    seq, said = entry.seq, [getattr(entry, name) for name in COMMITTED[entry.version]]
    # The salt comes from the enrolment's own key: when that key is destroyed, short words cannot be guessed any more.
    salt = sealing.commitment(salt_key, b"audit salt|%d" % seq) if salt_key else b""
    return sealing.commitment(key, canonical(said) + b"\x00" + salt + content).hex()


def verify(session: Session, *, expected: tuple[int, str] | None = None) -> Iterator[str]:
    """Yield a sentence for each fault of the chain or of the ink that it vouches for; nothing when all is well."""
    from course import verifying  # verifying imports audit

    return verifying.faults(session, expected=expected)


@cache
def ink_classes() -> dict[str, Any]:
    """Every kind of ink row but the entries themselves, by table."""
    return {
        mapper.class_.__tablename__: mapper.class_
        for mapper in Base.registry.mappers
        if getattr(mapper.class_, "__append_only__", False) and mapper.class_ is not AuditEvent
    }


def size(session: Session) -> int:
    """How many entries the chain has."""
    return session.scalar(select(AuditEvent.seq).order_by(AuditEvent.seq.desc()).limit(1)) or 0


def export(session: Session) -> Iterator[str]:
    """Yield the chain as JSON lines, entries in order. It holds no words and no names."""
    for row in session.scalars(select(AuditEvent).order_by(AuditEvent.seq).execution_options(yield_per=1000)):
        yield canonical({name: getattr(row, name) for name in (*FIELDS, "hash")}).decode()
