"""Taking an answer, giving it back, and keeping what the assessor types: pencil, so no audit entries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, delete, literal, update
from sqlalchemy.orm import Session

from assessors.marking import rules
from assessors.marking.queries.desk import Desk
from assessors.marking.queries.queue import Filters, is_free, next_like
from assessors.marking.queries.scope import Reader
from assessors.marking.queries.words import SavedJudgement, judgement_draft, open_judgement
from course import clock, db, sealing
from course.audit import Actor
from course.sealing import Purpose, Sealed
from course.workbook.models import JudgementDraft, Lease

MOST_TRIES = 3


@dataclass(frozen=True)
class Save:
    """One save as it arrives: the revision it builds on, and which save it is."""

    base: int
    nonce: str = ""
    after: Collection[str] = ()
    """Earlier saves of the same page whose answer never arrived: they are its own, not a conflict."""


@dataclass(frozen=True)
class Conflict:
    """The same assessor saved other words from another page. Nothing was overwritten."""


def take(session: Session, desk: Desk) -> Lease:
    """Hold an answer for half an hour. The desk must be locked. Raises Refusal."""
    rules.take(desk.case, by=desk.by.person_id)
    return hold(session, desk)


def take_next(session: Session, reader: Reader, filters: Filters) -> UUID | None:
    """Take the oldest waiting answer of a kind that nobody holds. None when there is none left."""
    # On SQLite nobody else writes meanwhile: nothing taken means that nothing is left.
    tries = MOST_TRIES if session.get_bind().dialect.name == "postgresql" else 1
    for _ in range(tries):
        taken: UUID | None = session.scalar(_taking(session, reader, filters))
        if taken is not None:
            return taken
    return None


def _taking(session: Session, reader: Reader, filters: Filters) -> Any:
    """Find the next answer and write its lease. Whoever took it a moment ago keeps it: then nothing is written."""
    now, lease = clock.now(), Lease.__table__.c
    wanted = next_like(reader, filters, now).add_columns(
        literal(reader.person_id, lease.person_id.type), literal(now, lease.taken_at.type),
        literal(now + rules.LEASE, lease.until.type),
    )  # fmt: skip
    columns = ("answer_id", "appointment_id", "person_id", "taken_at", "until")
    query = db.insert_into(session, Lease.__table__).from_select(columns, wanted)
    goes_on = and_(lease.person_id == reader.person_id, lease.ended_at.is_(None))
    return query.on_conflict_do_update(
        index_elements=[lease.answer_id],
        set_={
            "person_id": query.excluded.person_id, "appointment_id": query.excluded.appointment_id,
            "taken_at": case((goes_on, lease.taken_at), else_=query.excluded.taken_at),
            "until": query.excluded.until, "ended_at": None,
        },
        where=is_free(reader.person_id, now),
    ).returning(lease.answer_id)  # fmt: skip


def hold(session: Session, desk: Desk) -> Lease:
    """Keep the answer for the assessor for another half hour."""
    return _write(session, session.get(Lease, desk.answer.id), desk.answer.id, desk.by)


def _write(session: Session, lease: Lease | None, answer_id: UUID, by: Actor) -> Lease:
    """Write the lease; whoever held the answer before, and lapsed or ended, is replaced."""
    now = clock.now()
    assert by.appointment_id is not None
    if lease is None:
        lease = Lease(answer_id=answer_id, taken_at=now)
        session.add(lease)
    elif lease.person_id != by.person_id or lease.ended_at is not None:
        lease.taken_at = now
    lease.person_id, lease.appointment_id = by.person_id, by.appointment_id
    lease.until, lease.ended_at = now + rules.LEASE, None
    return lease


def put_back(session: Session, desk: Desk) -> None:
    """Give an answer back to the queue. What was typed stays with the assessor. Nothing happens if it is not theirs."""
    if desk.case.is_held_by(desk.by.person_id):
        end(session, desk.answer.id, clock.now())


def end(session: Session, answer_id: UUID, now: datetime) -> None:
    """End a lease. The row stays until the return: the learner cannot take the answer back any more."""
    session.execute(update(Lease).where(Lease.answer_id == answer_id, Lease.ended_at.is_(None)).values(ended_at=now))


def forget(session: Session, answer_id: UUID) -> None:
    """Remove a lease once the answer is returned: the decisions say who had it."""
    session.execute(delete(Lease).where(Lease.answer_id == answer_id))


def save_judgement(session: Session, desk: Desk, typed: SavedJudgement, save: Save) -> JudgementDraft | Conflict:
    """Keep what the assessor typed, and keep the answer for them for another half hour if it is still theirs."""
    draft = judgement_draft(session, desk.answer.id, desk.by.person_id)
    if desk.is_mine:
        hold(session, desk)
    if draft is None:
        return _begin(session, desk, replace(typed, nonce=save.nonce))
    stored = open_judgement(session, draft)
    if replace(stored, nonce="") == replace(typed, nonce="") or (save.nonce and save.nonce == stored.nonce):
        return draft
    if save.base != draft.revision and not (stored.nonce and stored.nonce in save.after):
        return Conflict()
    return put(session, desk, draft, replace(typed, nonce=save.nonce))


def keep_typed(session: Session, desk: Desk, typed: SavedJudgement) -> JudgementDraft:
    """Keep what was sent with a decision that could not be taken, whatever it builds on: it is the newest."""
    draft = judgement_draft(session, desk.answer.id, desk.by.person_id)
    return _begin(session, desk, typed) if draft is None else put(session, desk, draft, typed)


def put(session: Session, desk: Desk, draft: JudgementDraft, typed: SavedJudgement) -> JudgementDraft:
    """Refill a draft's box."""
    key = sealing.ensure_key(session, desk.enrolment.id, Purpose.WORK)
    sealing.seal_again(session, key, draft.words, typed.dumps())
    draft.revision += 1
    draft.saved_at = clock.now()
    return draft


def _begin(session: Session, desk: Desk, typed: SavedJudgement) -> JudgementDraft:
    key = sealing.ensure_key(session, desk.enrolment.id, Purpose.WORK)
    words = sealing.seal(session, key, "judgement.draft", typed.dumps(), about=desk.answer.id, ink=False)
    session.flush()
    draft = JudgementDraft(
        answer_id=desk.answer.id,
        person_id=desk.by.person_id,
        revision=1,
        words_id=words.id,
        words=words,
        saved_at=clock.now(),
    )
    session.add(draft)
    return draft


def drop_judgement(session: Session, desk: Desk) -> None:
    """The decisions hold the words now; the pencil copy goes."""
    if desk.draft is not None:
        session.execute(delete(JudgementDraft).where(JudgementDraft.id == desk.draft.id))
        session.execute(delete(Sealed).where(Sealed.id == desk.draft.words_id))
