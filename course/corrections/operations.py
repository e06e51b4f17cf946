"""Taking a unit out of a batch, withdrawing a released result, and telling the awarding organisation."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from course import audit, clock, outbox, working_days
from course.audit import Actor
from course.catalogue import queries as catalogue
from course.corrections import queries, rules
from course.corrections.queries import Line
from course.independence import Act, Standing
from course.people.models import Centre
from course.records import operations as record_operations
from course.records import queries as records
from course.records.models import BatchRemoval, BatchUnit, Withdrawal, WithdrawalAnswer, WithdrawalNotice


def _standing(session: Session, line: Line, by: Actor) -> Standing:
    return queries.standing(session, line, by.person_id)


def _lock(session: Session, line: Line) -> None:
    # Two people may answer at once on PostgreSQL; on SQLite the writing turn does the same.
    session.execute(select(BatchUnit.id).where(BatchUnit.id == line.row.id).with_for_update())


def take_out(session: Session, line: Line, reason: str, *, by: Actor) -> BatchRemoval:
    """Take a unit out of a batch before its release: it can be in a later one once achieved. Raises Refusal."""
    _lock(session, line)
    step = rules.take_out(_standing(session, line, by), line.facts, reason=reason)
    row = BatchRemoval(
        batch_unit_id=line.row.id, reason=reason, removed_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    audit.record(session, step.event, row, by=by, subject=line.person_id)
    return row


def ask_to_withdraw(session: Session, line: Line, reason: str, *, is_claimed: bool, by: Actor) -> Withdrawal:
    """Ask that a released result be withdrawn. Nothing changes until a second person confirms. Raises Refusal."""
    _lock(session, line)
    step = rules.ask_to_withdraw(_standing(session, line, by), line.facts, role=by.role, reason=reason)
    row = Withdrawal(
        batch_unit_id=line.row.id, reason=reason, is_claimed=is_claimed, asked_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    audit.record(session, step.event, row, by=by, subject=line.person_id)
    return row


def answer(session: Session, line: Line, reason: str, *, is_confirmed: bool, by: Actor) -> WithdrawalAnswer:
    """A second person confirms or refuses. A confirmed result is no longer released: its records are revoked, its
    holder is told, and the awarding organisation must be if it had heard of the result. Raises Refusal."""
    _lock(session, line)
    step = rules.answer(_standing(session, line, by), line.facts, by=by.person_id, is_confirmed=is_confirmed,
                        reason=reason)  # fmt: skip
    assert line.withdrawal is not None  # the rule asks for it
    resting = queries.records_on(session, line) if is_confirmed else []
    row = WithdrawalAnswer(
        withdrawal_id=line.withdrawal.id, is_confirmed=is_confirmed, reason=reason, answered_by=by.person_id,
        notify_by=_notify_by(session, line, recorded=bool(resting)) if is_confirmed else None,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=line.person_id)
    for record_id in resting:
        record_operations.revoke(
            session, records.record(session, record_id), f"The result of {line.unit_title} was withdrawn.",
            replace=False, by=by,
        )  # fmt: skip
    if is_confirmed:
        outbox.queue(session, line.person_id, outbox.Letter.SOMETHING_TO_READ, key=f"withdrawn:{row.id}",
                     link="/records")  # fmt: skip
    return row


def _notify_by(session: Session, line: Line, *, recorded: bool) -> date | None:
    """By when to tell the awarding organisation: when it was claimed, or recorded where there is one to tell."""
    assert line.withdrawal is not None
    accredited = catalogue.qualification(session, line.cohort.qualification).accreditation is not None
    if not (line.withdrawal.is_claimed or (recorded and accredited)):
        return None
    centre = session.get_one(Centre, line.cohort.centre_id)
    return working_days.after(records.today_at(session, centre.id), rules.NOTIFY_WITHIN, centre.nation)


def note_told(session: Session, line: Line, told_on: date, reference: str, *, by: Actor) -> WithdrawalNotice:
    """An admin has told the awarding organisation. Raises Refusal."""
    _lock(session, line)
    centre_id, answered = line.cohort.centre_id, line.answer
    today = records.today_at(session, centre_id)
    step = rules.note_told(
        queries.standing(session, line, by.person_id, Act.ARRANGE), is_due=bool(answered and answered.notify_by),
        is_told=line.notice is not None, told_on=told_on, today=today, reference=reference,
        withdrawn_on=records.day_at(session, centre_id, answered.at) if answered else today,
    )  # fmt: skip
    assert line.withdrawal is not None
    row = WithdrawalNotice(
        withdrawal_id=line.withdrawal.id, told_on=told_on, reference=reference, noted_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    audit.record(session, step.event, row, by=by, subject=line.person_id)
    return row
