"""What selectors do with an application: conflicts, scores, waivers, references, outcomes and their letters."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.selection import rules
from assessors.selection.models import (
    CriterionScore,
    Reference,
    ReferenceRequest,
    Scoring,
    SelectionDecision,
    SelectorConflict,
    Waiver,
    WaiverAgreement,
)
from assessors.selection.queries.found import AskedReference, AskedWaiver, Found
from assessors.selection.rules import Outcome, Tie
from assessors.selection.words import Referee, ReferenceWords, ScoringWords
from course import audit, clock, outbox, sealing
from course.audit import Actor, Event
from course.outbox import Letter
from course.people.accounts import hash_token, new_token
from course.refusal import Refusal
from course.sealing import Purpose


class Skipped(enum.Enum):
    """A criterion that a scorer says was not asked; apart from one that they forgot."""

    NOT_ASKED = "not-asked"


@dataclass(frozen=True)
class Scores:
    """One selector's scores and notes, by criterion."""

    scores: Mapping[str, int | Skipped]
    notes: Mapping[str, str]


def declare_conflict(session: Session, found: Found, tie: Tie, *, by: Actor) -> SelectorConflict:
    """A selector knows the applicant: from now on they do not read, score or decide. Raises Refusal."""
    step = rules.declare_conflict(found.case, by=by.person_id)
    row = SelectorConflict(
        application_id=found.id, kind=tie, declared_by=by.person_id, appointment_id=by.appointment_id, at=clock.now()
    )
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=found.application.person_id)
    return row


def score(session: Session, found: Found, given: Scores, *, by: Actor) -> Scoring:
    """Save one selector's scores, all at once and for good. Raises Refusal."""
    keys = [one.key for one in found.scored_criteria]
    missing = [key for key in keys if key not in given.scores]
    step = rules.score(found.case, by=by.person_id, missing=missing)
    notes = {key: words.strip() for key, words in given.notes.items() if key in keys and words.strip()}
    row = Scoring(
        application_id=found.id, scored_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
        words_id=_seal(session, found.id, "scoring.notes", ScoringWords(notes=notes).model_dump_json()),
    )  # fmt: skip
    session.add(row)
    session.flush()
    for key in keys:
        chosen = given.scores[key]
        value = None if isinstance(chosen, Skipped) else chosen
        session.add(CriterionScore(scoring_id=row.id, criterion=key, score=value))
    session.flush()
    audit.record(session, step.event, row, by=by, subject=found.application.person_id, enrolment=found.id)
    return row


def ask_waiver(session: Session, found: Found, criterion: str, reason: str, *, by: Actor) -> Waiver:
    """Ask that a criterion be set aside. It counts once a second person agrees. Raises Refusal."""
    step = rules.ask_waiver(found.case, by=by.person_id, reason=reason)
    person_id = found.application.person_id
    row = Waiver(
        application_id=found.id, criterion=criterion, asked_by=by.person_id, appointment_id=by.appointment_id,
        reason_id=_seal(session, person_id, "waiver.reason", reason.strip()), at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=person_id)
    return row


def agree_waiver(session: Session, found: Found, asked: AskedWaiver, *, by: Actor) -> WaiverAgreement:
    """The second person agrees. Raises Refusal."""
    step = rules.agree_waiver(
        found.case, asked_by=asked.row.asked_by, by=by.person_id, already=asked.agreement is not None
    )
    row = WaiverAgreement(
        waiver_id=asked.row.id, agreed_by=by.person_id, appointment_id=by.appointment_id, at=clock.now()
    )
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=found.application.person_id)
    return row


def decide(
    session: Session,
    found: Found,
    outcome: Outcome,
    reason: str,
    *,
    until: date | None = None,
    seen: int | None = None,
    by: Actor,
) -> SelectionDecision:
    """Note what was agreed, and write the applicant that there is something to read. Raises Refusal.

    `seen`: how many outcomes the page had shown that this one comes from.
    """
    until = until if outcome is Outcome.DEFER else None
    step = rules.decide(
        found.case, by=by.person_id, outcome=outcome, reason=reason, until=until, today=found.today, seen=seen
    )
    person_id = found.application.person_id
    row = SelectionDecision(
        application_id=found.id, number=len(found.decisions) + 1, outcome=outcome, until_date=until,
        reason_id=_seal(session, person_id, "selection.reason", reason.strip()), decided_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=person_id)
    outbox.queue(
        session, person_id, Letter.SOMETHING_TO_READ, key=f"selection:{row.id}", link=f"/applications/{found.id}"
    )
    return row


# -- references ------------------------------------------------------------------------------------------------------


def ask_reference(session: Session, found: Found, criterion: str, referee: Referee, *, by: Actor) -> str:
    """Write to the person whom the applicant named. Returns the path of the link, which works once. Raises Refusal."""
    mine = [one for one in found.requests if one.row.criterion == criterion]
    step = rules.ask_reference(
        found.case, by=by.person_id, has_address=referee.has_address, is_here=any(one.given for one in mine)
    )
    token = new_token()
    row = ReferenceRequest(
        application_id=found.id, criterion=criterion, token_hash=hash_token(token), asked_by=by.person_id,
        expires_at=clock.now() + rules.REFERENCE_LASTS, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=found.application.person_id)
    path = f"/references/{token}"
    outbox.queue_to(session, referee.email.strip(), Letter.REFERENCE, key=f"reference:{row.id}", link=path)
    return path


def give_reference(session: Session, found: Found, asked: AskedReference, words: ReferenceWords) -> Reference:
    """Take down what the referee writes, once. Raises Refusal when the link is over."""
    if not asked.is_live or not found.takes_references:
        raise Refusal("This link has been used, or is too old.", "Ask the person who gave your name.")
    row = Reference(
        request_id=asked.row.id, words_id=_seal(session, found.id, "reference.words", words.model_dump_json()),
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    by = Actor(asked.row.id, "referee")  # somebody without an account is known by the request they answer
    audit.record(session, Event.REFERENCE_GIVEN, row, by=by, subject=found.application.person_id, enrolment=found.id)
    return row


def _seal(session: Session, owner_id: UUID, place: str, words: str) -> UUID:
    key = sealing.ensure_key(session, owner_id, Purpose.SPECIAL)
    session.flush()
    box = sealing.seal(session, key, place, words)
    session.flush()
    return box.id
