"""Everything that changes batches, releases, records and requests to see them, each with its audit entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course import audit, clock, outbox
from course.audit import Actor, Event
from course.cases.holds import must_not_be_held
from course.catalogue import queries as catalogue
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.independence import Act, Standing
from course.people.models import Centre, Person
from course.records import facts, queries, rules
from course.records.models import (
    Batch,
    BatchUnit,
    CodeChange,
    CompletionRecord,
    RecordHolder,
    Release,
    Revocation,
    VerificationRequest,
)
from course.records.queries import AchievedUnit
from course.refusal import Step
from course.workbook import progress
from course.workbook.rules import State

NUMBER_LOCK = 7_261_546  # any fixed number: the name of the record numbers' lock on PostgreSQL


def make_batch(session: Session, cohort: Cohort, units: Iterable[AchievedUnit], *, by: Actor) -> Batch:
    """Put achieved units of a cohort together, to be released. Raises Refusal."""
    chosen = set(units)
    # One batch of a cohort at a time: two people who choose the same unit at once would otherwise both get it.
    session.execute(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update())
    must_not_be_held(session, [(one.enrolment_id, one.unit) for one in chosen])
    ready = chosen <= achieved_units(session, cohort) - queries.not_to_batch(session, cohort.id)
    step = rules.make_batch(
        queries.standing(session, by.person_id, cohort, units=_pairs(chosen)),
        chosen=len(chosen), ready=ready,
        settled=not unsettled_units(session, chosen, cohort.qualification) if ready else True,
    )  # fmt: skip
    batch = Batch(
        centre_id=cohort.centre_id, cohort_id=cohort.id, made_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    for one in sorted(chosen, key=lambda unit: (unit.unit, str(unit.enrolment_id))):
        session.add(BatchUnit(batch_id=batch.id, enrolment_id=one.enrolment_id, unit=one.unit))
    audit.record(session, step.event, batch, by=by)
    return batch


def _pairs(units: Iterable[AchievedUnit]) -> list[tuple[UUID, str]]:
    return [(one.enrolment_id, one.unit) for one in units]


def achieved_units(session: Session, cohort: Cohort) -> set[AchievedUnit]:
    """Every unit that a learner of the cohort has achieved."""
    ids = list(session.scalars(select(Enrolment.id).where(Enrolment.cohort_id == cohort.id)))
    found = progress.unit_progress(session, ids, cohort.qualification)
    return {AchievedUnit(*key) for key, unit in found.items() if unit.achieved}


def unsettled_units(session: Session, units: Iterable[AchievedUnit], qualification: str) -> set[AchievedUnit]:
    """Those of these units in which a decision is being made again."""
    wanted = set(units)
    found = progress.unit_progress(session, {one.enrolment_id for one in wanted}, qualification)
    return {one for one in wanted if found[one.enrolment_id, one.unit].is_unsettled}


def release(session: Session, batch: Batch, rationale: str, *, by: Actor) -> Release:
    """Permit claims and records for everything in a batch. Raises Refusal.

    What was sampled, and what is still to be put right, is asked by `assessors.quality.operations.release`.
    """
    cohort = session.get_one(Cohort, batch.cohort_id)
    full = queries.batch_in_full(session, batch.id)
    must_not_be_held(session, [(one.enrolment_id, one.unit) for one in full.units])
    step = rules.release(
        queries.standing(session, by.person_id, cohort, units=_pairs(full.units)),
        released=full.release is not None,
        still_achieved=set(full.units) <= achieved_units(session, cohort),
        settled=not unsettled_units(session, full.units, cohort.qualification),
        rationale=rationale,
    )
    row = Release(
        batch_id=batch.id, rationale=rationale, released_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    audit.record(session, step.event, row, by=by)
    return row


def issue_unit_statement(
    session: Session, enrolment: Enrolment, unit: str, *, by: Actor, replaces: CompletionRecord | None = None
) -> CompletionRecord:
    """Issue the record of one achieved and released unit. Raises Refusal."""
    _hold_numbers(session)
    qualification = catalogue.qualification(session, enrolment.qualification)
    done = progress.unit_progress(session, [enrolment.id], enrolment.qualification).get((enrolment.id, unit))
    if done is None:
        raise NotFound
    step = _permit(session, enrolment, {unit}, unit, achieved=done.achieved, by=by)
    centre = session.get_one(Centre, enrolment.centre_id)
    now = clock.now()
    achieved_on = queries.day_at(session, centre.id, done.achieved_on or now)
    said = facts.of_unit(
        centre, qualification, catalogue.unit(session, done.unit_version_id),
        achieved=[number for number, state in done.criteria.items() if state == State.ACHIEVED],
        achieved_on=achieved_on, issued_on=queries.day_at(session, centre.id, now),
        live_minutes=enrolments.live_minutes(session, enrolment, [unit])[1],
    )  # fmt: skip
    return _issue(session, enrolment, unit, said, step.event, by=by, replaces=replaces, now=now)


def issue_completion_record(
    session: Session, enrolment: Enrolment, *, by: Actor, replaces: CompletionRecord | None = None
) -> CompletionRecord:
    """Issue the record of a whole qualification, when its released units satisfy the rules of combination."""
    _hold_numbers(session)
    qualification = catalogue.qualification(session, enrolment.qualification)
    found = progress.unit_progress(session, [enrolment.id], enrolment.qualification)
    released = queries.releases_of(session, [enrolment.id])
    counting = {
        unit: done
        for (_, unit), done in found.items()
        if done.achieved and AchievedUnit(enrolment.id, unit) in released
    }
    complete = queries.is_complete(qualification, frozenset(counting))
    step = _permit(session, enrolment, set(counting), "", achieved=complete, by=by)
    centre = session.get_one(Centre, enrolment.centre_id)
    now = clock.now()
    said = facts.of_qualification(
        centre, qualification,
        {unit: catalogue.unit(session, done.unit_version_id) for unit, done in counting.items()},
        achieved_on={
            unit: queries.day_at(session, centre.id, done.achieved_on or now) for unit, done in counting.items()
        },
        issued_on=queries.day_at(session, centre.id, now),
        live_minutes=enrolments.live_minutes(session, enrolment, list(counting))[1],
    )  # fmt: skip
    return _issue(session, enrolment, "", said, step.event, by=by, replaces=replaces, now=now)


def _hold_numbers(session: Session) -> None:
    # Numbers have no gaps: one issuer at a time, from before the last number is read until the commit.
    # SQLite's writing turn does the same. The unique constraint is the last word on both.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": NUMBER_LOCK})


def _permit(session: Session, enrolment: Enrolment, units: set[str], unit: str, *, achieved: bool, by: Actor) -> Step:
    releases = queries.releases_of(session, [enrolment.id])
    must_not_be_held(session, [(enrolment.id, one) for one in ({unit} if unit else {one.unit for one in releases})])
    covering = [releases.get(AchievedUnit(enrolment.id, one)) for one in units]
    claim = rules.Claim(
        standing=_to_record(session, enrolment, by, Act.ISSUE, units),
        is_released=bool(covering) and all(covering),
        is_achieved=achieved,
        has_record=queries.has_record(session, enrolment.id, unit),
        is_settled=not unsettled_units(
            session, [AchievedUnit(enrolment.id, one) for one in units], enrolment.qualification
        ),
    )
    return rules.issue(claim)


def _to_record(session: Session, enrolment: Enrolment, by: Actor, act: Act, units: Iterable[str] = ()) -> Standing:
    """How whoever issues or revokes a record stands to its holder, and to the units that it rests on."""
    cohort, pairs = session.get_one(Cohort, enrolment.cohort_id), [(enrolment.id, one) for one in units]
    whole = [] if pairs else [enrolment.id]
    return queries.standing(session, by.person_id, cohort, act=act, units=pairs, enrolments=whole)


def _issue(
    session: Session, enrolment: Enrolment, unit: str, said: dict[str, object], event: Event, *,
    by: Actor, replaces: CompletionRecord | None, now: datetime,
) -> CompletionRecord:  # fmt: skip
    code = rules.new_code()
    before = queries.last_issue(session, enrolment.id, unit)
    replaces = replaces or before  # it is revoked, or this one would have been refused: the chain goes on
    record = CompletionRecord(
        number=(session.scalar(select(func.max(CompletionRecord.number))) or 0) + 1,
        code_hash=rules.code_hash(code), centre_id=enrolment.centre_id, enrolment_id=enrolment.id, unit=unit,
        issue=before.issue + 1 if before else 1, replaces_id=replaces.id if replaces else None,
        facts=facts.canonical(said), achieved_on=facts.day(said, "achieved_on"),
        issued_by=by.person_id, appointment_id=by.appointment_id, at=now,
    )  # fmt: skip
    session.add(record)
    session.flush()
    holder = session.get_one(Person, enrolment.person_id)
    session.add(
        RecordHolder(record_id=record.id, person_id=holder.id, name=holder.name, code=code, can_be_checked=True)
    )
    audit.record(session, event, record, by=by, subject=enrolment.person_id)
    _tell(session, enrolment.person_id, f"record-issued:{record.id}")
    return record


def _tell(session: Session, person_id: UUID, key: str) -> None:
    outbox.queue(session, person_id, outbox.Letter.SOMETHING_TO_READ, key=key, link="/records")


def revoke(
    session: Session, found: queries.RecordInFull, reason: str, *, replace: bool, by: Actor
) -> tuple[Revocation, CompletionRecord | None]:
    """End a record with the reason and, if asked, issue its replacement from what is true now. Raises Refusal."""
    holder = found.holder.person_id if found.holder else None
    enrolment = session.get_one(Enrolment, found.row.enrolment_id)
    mine = _to_record(session, enrolment, by, Act.ARRANGE)
    step = rules.revoke(mine, revoked=found.is_revoked, reason=reason)
    row = Revocation(
        record_id=found.row.id, reason=reason, revoked_by=by.person_id, appointment_id=by.appointment_id, at=clock.now()
    )
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=holder)
    if holder:
        _tell(session, holder, f"record-revoked:{found.row.id}")
    if not replace:
        return row, None
    if found.row.unit:
        return row, issue_unit_statement(session, enrolment, found.row.unit, by=by, replaces=found.row)
    return row, issue_completion_record(session, enrolment, by=by, replaces=found.row)


def ask_to_check(session: Session, code: str) -> VerificationRequest:
    """Somebody typed a well-formed code: keep a request whether or not a record has it, and tell the holder if so."""
    now = clock.now()
    holder = queries.holder_by_code(session, code)
    waiting = queries.requests_for(session, [holder.record_id] if holder else [], now=now)
    asked = holder if holder and len(waiting) < rules.ASKING_AT_ONCE else None
    request = VerificationRequest(
        record_id=asked.record_id if asked else None, asked_at=now, open_until=now + rules.TIME_TO_ANSWER
    )
    session.add(request)
    if asked and asked.shown_until and asked.shown_until > now:
        request.answered_at, request.approved, request.answered_by = now, True, asked.person_id
        request.open_until = min(asked.shown_until, now + rules.TIME_TO_SHOW)
    elif asked:
        _tell(session, asked.person_id, f"record-asked:{asked.record_id}:{now:%Y-%m-%d}")
    return request


def answer_request(session: Session, request: VerificationRequest, *, approve: bool, by: Actor) -> None:
    """The holder lets whoever asked see the record for a fortnight, or does not. Raises Refusal."""
    now = clock.now()
    step = rules.answer_request(
        answered=request.answered_at is not None, open_until=request.open_until, approve=approve, now=now
    )
    _answer(session, request, approve=approve, step=step, holder=by.person_id, by=by)


def answer_for_holder(
    session: Session, request: VerificationRequest, holder: RecordHolder, *, approve: bool, by: Actor
) -> None:
    """An admin has asked the holder by telephone and notes the answer; the holder is told. Raises Refusal."""
    step = rules.answer_for_holder(
        holder=holder.person_id, by=by.person_id, answered=request.answered_at is not None,
        open_until=request.open_until, approve=approve, now=clock.now(),
    )  # fmt: skip
    _answer(session, request, approve=approve, step=step, holder=holder.person_id, by=by)
    _tell(session, holder.person_id, f"record-answered:{request.id}")


def _answer(
    session: Session, request: VerificationRequest, *, approve: bool, step: Step, holder: UUID, by: Actor
) -> None:
    now = clock.now()
    request.answered_at, request.approved, request.answered_by = now, approve, by.person_id
    if approve:
        request.open_until = now + rules.TIME_TO_SHOW
    audit.record(session, step.event, request, by=by, subject=holder)


def switch_checking(session: Session, holder: RecordHolder, *, on: bool) -> None:
    """The holder lets people ask by code, or nobody. Asking then gets the answer that everybody gets."""
    holder.can_be_checked = on
    if not on:
        holder.shown_until = None


def show_beforehand(session: Session, found: queries.RecordInFull, days: int, *, by: Actor) -> None:
    """The holder lets anybody with the code see the record for some days. Raises Refusal."""
    holder = found.held_by
    step = rules.show_beforehand(days=days, revoked=found.is_revoked, checked=holder.can_be_checked)
    holder.shown_until = clock.now() + timedelta(days=days)
    audit.record(session, step.event, holder, by=by, subject=by.person_id)


def stop_showing(session: Session, found: queries.RecordInFull, *, by: Actor) -> None:
    """The holder wants to be asked again. Whoever has seen the record meanwhile sees it no more. Raises Refusal."""
    holder, now = found.held_by, clock.now()
    step = rules.stop_showing(shown=bool(holder.shown_until and holder.shown_until > now))
    holder.shown_until = None
    for request in queries.shown_now(session, found.row.id, now=now):
        request.open_until = now
    audit.record(session, step.event, holder, by=by, subject=by.person_id)


def change_code(session: Session, found: queries.RecordInFull, *, by: Actor) -> None:
    """The holder gives the record a new code: the old one gets the answer that an unknown one gets. Raises Refusal."""
    now = clock.now()
    changes = queries.code_changes(session, found.row.id)
    step = rules.change_code(changed_today=sum(now - one.at < timedelta(days=1) for one in changes))
    code = rules.new_code()
    change = CodeChange(record_id=found.row.id, number=len(changes) + 1, code_hash=rules.code_hash(code), at=now)
    session.add(change)
    session.flush()
    found.held_by.code = code
    audit.record(session, step.event, change, by=by, subject=by.person_id)
