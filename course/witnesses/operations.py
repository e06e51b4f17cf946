"""Asking a witness, taking the request back, and the witness's answer: ink, sealed, audited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from course import audit, clock, outbox, sealing
from course.audit import Actor
from course.enrolment.models import Enrolment
from course.enrolment.queries import Enrolled
from course.outbox import Letter
from course.people import queries as people
from course.people.accounts import hash_token, new_token
from course.people.models import Person
from course.refusal import require
from course.sealing import Purpose
from course.witnesses import queries, rules
from course.witnesses.models import Outcome, WitnessReply, WitnessRequest, WitnessWithdrawal
from course.witnesses.queries import Opened
from course.witnesses.rules import Asked, RequestFacts, State, Vouched

WITNESS = "witness"
"""The role under which somebody without an account stands in the audit trail; their request is their pseudonym."""


def ask(
    session: Session, enrolment: Enrolment | Enrolled, *, unit: str, question: str, version_id: UUID, asked: Asked,
    standing_state: State | None, by: Actor,
) -> str:  # fmt: skip
    """Write a letter with a link to the witness. Returns the link's path. Raises Refusal."""
    now = clock.now()
    address = people.canonical_email(asked.email)
    asked = replace(asked, email=address)
    step = rules.ask(
        asked, standing_state=standing_state, own_email=session.get_one(Person, enrolment.person_id).email,
        asked_today=queries.asked_since(session, enrolment.id, now - timedelta(days=1)),
    )  # fmt: skip
    token, account = new_token(), people.by_email(session, address)
    key = sealing.ensure_key(session, enrolment.id, Purpose.WORK)
    words = sealing.seal(session, key, "witness.request", asked.dumps())
    session.flush()
    request = WitnessRequest(
        enrolment_id=enrolment.id, unit=unit, question=question, unit_version_id=version_id,
        token_hash=hash_token(token), account_id=account.id if account else None, words_id=words.id, at=now,
        expires_at=now + rules.LINK_LASTS,
    )  # fmt: skip
    session.add(request)
    session.flush()
    path = f"/witness/{token}"
    outbox.queue_to(session, address, Letter.STATEMENT, key=f"statement:{request.id}", link=path)
    audit.record(session, step.event, request, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    return path


def withdraw(
    session: Session, enrolment: Enrolment | Enrolled, request: RequestFacts | None, *, by: Actor
) -> WitnessWithdrawal:
    """Take a request back, or put its statement aside: the link is dead. Raises Refusal."""
    step = rules.withdraw(request.state(clock.now()) if request else None)
    assert request is not None
    ended = WitnessWithdrawal(request_id=request.id, at=clock.now())
    session.add(ended)
    session.flush()
    audit.record(session, step.event, ended, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    return ended


def reply(session: Session, opened: Opened, outcome: Outcome, said: Vouched) -> WitnessReply:
    """Keep what the witness says, once, and tell the learner that there is something to read. Raises Refusal."""
    step = rules.reply(outcome, said)
    enrolment = opened.enrolment
    key = sealing.key_of(session, enrolment.id, Purpose.WORK)
    require(key, "These words are no longer kept, so nothing can be added.")
    assert key is not None
    words = sealing.seal(session, key, "witness.reply", said.dumps())
    session.flush()
    answer = WitnessReply(request_id=opened.request.id, outcome=outcome, words_id=words.id, at=clock.now())
    session.add(answer)
    session.flush()
    outbox.queue(
        session, enrolment.person_id, Letter.SOMETHING_TO_READ, key=f"statement-back:{answer.id}", link="/learn"
    )
    by = Actor(opened.request.id, WITNESS)
    audit.record(session, step.event, answer, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    return answer
