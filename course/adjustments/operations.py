"""Everything that changes adjustments: ink, words sealed under the person's key for special evidence, audit entries."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from course import audit, clock, outbox, sealing
from course.adjustments import queries, rules
from course.adjustments.models import (
    AdjustedUnit,
    Adjustment,
    AdjustmentEnd,
    AdjustmentOutcome,
    AdjustmentReply,
    AdjustmentRequest,
)
from course.adjustments.rules import AdjustmentFact, Agreement
from course.adjustments.words import AgreedWords
from course.audit import Actor
from course.catalogue import queries as catalogue
from course.enrolment.models import Enrolment, Pin
from course.people.models import Person
from course.sealing import Purpose


def _seal(session: Session, person_id: UUID, place: str, words: str) -> UUID:
    key = sealing.ensure_key(session, person_id, Purpose.SPECIAL)
    session.flush()
    box = sealing.seal(session, key, place, words)
    session.flush()
    return box.id


def _tell(session: Session, enrolment: Enrolment, key: str) -> None:
    if session.get(Person, enrolment.person_id) is not None:
        link = f"/learn/{enrolment.id}/adjustments"
        outbox.queue(session, enrolment.person_id, outbox.Letter.SOMETHING_TO_READ, key=key, link=link)


def agree(
    session: Session, enrolment: Enrolment, wanted: Agreement, *, by: Actor, request: AdjustmentRequest | None = None
) -> Adjustment:
    """Note what was agreed with a learner, once, for everybody who assesses their work. Raises Refusal.

    `request`: the learner's request, locked, that this answers.
    """
    step = rules.agree(
        wanted, queries.standing(session, enrolment, by.person_id), is_enrolled=enrolment.withdrawn_at is None,
        known={row.unit for row in catalogue.latest_units(session, enrolment.qualification)},
        handed_in=set(session.scalars(select(Pin.unit).where(Pin.enrolment_id == enrolment.id))),
        today=queries.today_at(session, enrolment.centre_id),
    )  # fmt: skip
    assert by.appointment_id is not None
    words = AgreedWords(wanted.what.strip(), wanted.agreed_with.strip())
    row = Adjustment(
        enrolment_id=enrolment.id, kind=wanted.kind, seen=wanted.seen, from_on=wanted.from_on,
        until_on=wanted.until_on, review_on=wanted.review_on,
        words_id=_seal(session, enrolment.person_id, "adjustment.words", words.dumps()),
        agreed_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(AdjustedUnit(adjustment_id=row.id, unit=unit) for unit in sorted(wanted.units))
    audit.record(session, step.event, row, by=by, subject=enrolment.person_id)
    if request is not None:
        answered = rules.settle(is_settled=queries.is_settled(session, request))
        outcome = AdjustmentOutcome(
            request_id=request.id, adjustment_id=row.id, decided_by=by.person_id, appointment_id=by.appointment_id,
            at=clock.now(),
        )  # fmt: skip
        session.add(outcome)
        session.flush()
        audit.record(session, answered.event, outcome, by=by, subject=enrolment.person_id)
    _tell(session, enrolment, f"adjustment:{row.id}")
    return row


def end(session: Session, fact: AdjustmentFact, last_on: date, reason: str, *, by: Actor) -> AdjustmentEnd:
    """End an adjustment for work that is still to come. Raises Refusal."""
    enrolment = session.get_one(Enrolment, fact.enrolment_id)
    today = queries.today_at(session, enrolment.centre_id)
    step = rules.end(
        fact, queries.standing(session, enrolment, by.person_id), last_on=last_on, today=today, reason=reason
    )
    assert by.appointment_id is not None
    row = AdjustmentEnd(
        adjustment_id=fact.id, last_on=last_on,
        reason_id=_seal(session, enrolment.person_id, "adjustment-end.reason", reason.strip()),
        ended_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=enrolment.person_id)
    _tell(session, enrolment, f"adjustment-end:{row.id}")
    return row


def ask(session: Session, enrolment: Enrolment, words: str, *, by: Actor) -> AdjustmentRequest:
    """A learner asks for an adjustment, or for a change of one. Raises Refusal."""
    step = rules.ask(
        learner=enrolment.person_id, by=by.person_id, is_enrolled=enrolment.withdrawn_at is None,
        waiting=queries.waiting_of(session, enrolment.id), words=words,
    )  # fmt: skip
    row = AdjustmentRequest(
        enrolment_id=enrolment.id, at=clock.now(),
        words_id=_seal(session, enrolment.person_id, "adjustment-request.words", words.strip()),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=enrolment.person_id)
    return row


def reply(session: Session, request: AdjustmentRequest, words: str, *, by: Actor) -> AdjustmentReply:
    """Answer what a learner asked. Raises Refusal."""
    enrolment = session.get_one(Enrolment, request.enrolment_id)
    mine = queries.standing(session, enrolment, by.person_id)
    step = rules.reply(mine, is_answered=queries.is_answered(session, request), words=words)
    assert by.appointment_id is not None
    row = AdjustmentReply(
        request_id=request.id, words_id=_seal(session, enrolment.person_id, "adjustment-reply.words", words.strip()),
        replied_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=enrolment.person_id)
    _tell(session, enrolment, f"adjustment-reply:{row.id}")
    return row


def decline(session: Session, request: AdjustmentRequest, words: str, *, by: Actor) -> AdjustmentOutcome:
    """Not agree to what a learner asked, in a locked request. Raises Refusal."""
    enrolment = session.get_one(Enrolment, request.enrolment_id)
    mine = queries.standing(session, enrolment, by.person_id)
    step = rules.decline(mine, is_settled=queries.is_settled(session, request), words=words)
    assert by.appointment_id is not None
    row = AdjustmentOutcome(
        request_id=request.id,
        words_id=_seal(session, enrolment.person_id, "adjustment-outcome.words", words.strip()),
        decided_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=enrolment.person_id)
    _tell(session, enrolment, f"adjustment-outcome:{row.id}")
    return row
