"""Reads about requests for statements: a learner's own, and the one behind a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from course.enrolment.models import Enrolment
from course.people.accounts import hash_token
from course.people.models import Centre, Person
from course.witnesses.models import Outcome, WitnessReply, WitnessRequest, WitnessWithdrawal
from course.witnesses.rules import RequestFacts, State


def _facts() -> Select[WitnessRequest, WitnessReply, datetime]:
    return (
        select(WitnessRequest, WitnessReply, WitnessWithdrawal.at)
        .outerjoin(WitnessReply, WitnessReply.request_id == WitnessRequest.id)
        .outerjoin(WitnessWithdrawal, WitnessWithdrawal.request_id == WitnessRequest.id)
    )


def _fact(request: WitnessRequest, reply: WitnessReply | None, withdrawn_at: datetime | None) -> RequestFacts:
    return RequestFacts(
        request.id, request.question, request.at, request.expires_at, request.words_id, request.account_id,
        reply.outcome if reply else None, reply.words_id if reply else None, reply.at if reply else None, withdrawn_at,
    )  # fmt: skip


def of_unit(session: Session, enrolment_id: UUID, unit: str) -> dict[str, list[RequestFacts]]:
    """A learner's requests in one unit, by question, oldest first."""
    found: dict[str, list[RequestFacts]] = {}
    query = _facts().where(WitnessRequest.enrolment_id == enrolment_id, WitnessRequest.unit == unit)
    for request, reply, withdrawn_at in session.execute(query.order_by(WitnessRequest.at, WitnessRequest.id)):
        found.setdefault(request.question, []).append(_fact(request, reply, withdrawn_at))
    return found


def asked_since(session: Session, enrolment_id: UUID, since: datetime) -> int:
    """How many requests a learner has made since a moment."""
    query = select(func.count()).where(WitnessRequest.enrolment_id == enrolment_id, WitnessRequest.at > since)
    return int(session.scalar(query) or 0)


def vouched_by(person_id: Any) -> tuple[ColumnElement[bool], ...]:
    """The conditions on requests and their replies that this person has given the statement."""
    return (
        WitnessRequest.account_id == person_id, WitnessReply.request_id == WitnessRequest.id,
        WitnessReply.outcome != Outcome.DECLINED,
    )  # fmt: skip


def has_witnessed(session: Session, person_id: UUID, enrolment_id: UUID, question: str) -> bool:
    """Whether this person has given a statement for a learner's question: they make no decision on it."""
    of_this = (WitnessRequest.enrolment_id == enrolment_id, WitnessRequest.question == question)
    return session.scalar(select(WitnessRequest.id).where(*vouched_by(person_id), *of_this).limit(1)) is not None


@dataclass(frozen=True)
class Opened:
    """A request behind a link that is still good, with the people it is about."""

    request: WitnessRequest
    enrolment: Enrolment
    learner: Person
    centre: Centre


def by_token(session: Session, token: str, now: datetime, *, lock: bool = False) -> Opened | None:
    """The request that a link opens; None when it is answered, late, taken back, unknown, or the learner has gone.

    `lock` lets one answer happen at a time.
    """
    row = session.execute(_facts().where(WitnessRequest.token_hash == hash_token(token))).first()
    if row is None or _fact(*row).state(now) is not State.ASKED:
        return None
    query = select(Enrolment).where(Enrolment.id == row[0].enrolment_id)
    enrolment = session.scalar(query.with_for_update() if lock else query)
    learner = session.get(Person, enrolment.person_id) if enrolment else None
    if enrolment is None or learner is None or enrolment.withdrawn_at is not None:
        return None
    if lock:  # somebody may have answered, or taken it back, while this one waited
        row = session.execute(_facts().where(WitnessRequest.id == row[0].id)).one()
        if _fact(*row).state(now) is not State.ASKED:
            return None
    return Opened(row[0], enrolment, learner, session.get_one(Centre, enrolment.centre_id))
