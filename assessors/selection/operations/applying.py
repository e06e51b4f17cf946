"""What an applicant does, or is helped to begin: beginning, saving, sending, withdrawing, answering an offer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.selection import rules
from assessors.selection.models import (
    Application,
    ApplicationSent,
    ApplicationWithdrawal,
    Declared,
    EligibleDate,
    Intake,
    MonitoringAnswer,
    OfferReply,
)
from assessors.selection.monitoring import NOTICE
from assessors.selection.queries import applications
from assessors.selection.queries.found import Found
from assessors.selection.words import ApplicationWords, MonitoringWords
from course import audit, clock, outbox, sealing
from course.access import Role
from course.audit import Actor, Event
from course.enrolment import operations as enrolments
from course.enrolment import queries as enrolment_queries
from course.enrolment.models import Cohort, Enrolment
from course.outbox import Letter
from course.people import operations as people
from course.people import queries as accounts
from course.people.models import Person
from course.refusal import Refusal, require
from course.sealing import Key, Purpose, Sealed


def applicant(person_id: UUID) -> Actor:
    """Somebody who acts for themselves, whatever else they are here."""
    return Actor(person_id, "applicant")


def set_intake(session: Session, cohort: Cohort, *, is_open: bool, by: Actor) -> Intake:
    """Let anybody apply for a cohort at its open address, or end that. Raises Refusal where selection is off."""
    _, policy = enrolment_queries.policy_for(session, cohort)
    asks = bool(policy.selection_at("application"))
    require(asks or not is_open, "Selection is off for this cohort.", "Put a policy with criteria in force first.")
    row = Intake(
        cohort_id=cohort.id, is_open=is_open, changed_by=by.person_id, appointment_id=by.appointment_id, at=clock.now()
    )
    session.add(row)
    session.flush()
    audit.record(session, Event.INTAKE_OPENED if is_open else Event.INTAKE_CLOSED, row, by=by)
    return row


def invite(session: Session, cohort: Cohort, *, name: str, known_as: str, email: str, by: Actor) -> Application:
    """Let somebody apply: an account if they have none, an empty application, a letter. No question is asked yet."""
    _, policy = enrolment_queries.policy_for(session, cohort)
    require(
        policy.selection_at("application"), "Selection is off for this cohort.", "Enrol them in the office instead."
    )
    person = accounts.by_email(session, email)
    is_new = person is None
    if person is None:
        person = people.invite(session, name=name, known_as=known_as or name.split()[0], email=email, by=by)
    application = begin(session, cohort, person)
    if not is_new:
        key = f"apply:{application.id}:{clock.now().date().isoformat()}"
        outbox.queue(session, person.id, Letter.SOMETHING_TO_READ, key=key, link=f"/applications/{application.id}")
    return application


def begin(session: Session, cohort: Cohort, person: Person) -> Application:
    """An empty application in pencil, or the one that is there already; after a no, a not yet or a stop, a new one."""
    # Locked, so that two presses at once begin one application.
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    last = applications.latest(session, cohort, person.id)
    if last is not None and last.standing not in rules.MAY_APPLY_AGAIN:
        return last.application
    row = Application(
        person_id=person.id, cohort_id=cohort.id, centre_id=cohort.centre_id, qualification=cohort.qualification,
        number=last.application.number + 1 if last else 1, began_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True)
class Save:
    """What a save builds on: the revision that the page showed, its own name, and those whose answer was lost."""

    base: int
    name: str = ""
    after: Collection[str] = ()


def save_draft(session: Session, found: Found, words: ApplicationWords, save: Save, *, by: Actor) -> Application:
    """Keep what the applicant has typed so far (pencil). Raises Refusal when another page saved something else."""
    rules.save(found.case, by=by.person_id)
    row, text = found.application, words.model_dump_json()
    box = session.get(Sealed, row.words_id) if row.words_id else None
    if box is not None and sealing.read(session, box) == text:
        return row
    heard = save.base == row.revision or (row.last_save and row.last_save in save.after)
    if not heard:
        raise Refusal("You changed this on another page.", "Copy your words, open your application, and add them.")
    if box is None:
        row.words_id = _seal(session, row.id, "application.draft", text, ink=False)
    else:
        sealing.seal_again(session, _key(session, row.id), box, text)
    row.revision, row.last_save, row.saved_at = row.revision + 1, save.name[:64], clock.now()
    session.flush()
    return row


def write_again(session: Session, found: Found, words: ApplicationWords | None, *, by: Actor) -> Application:
    """Start from what was written in the application before this one. `words`: None once they were destroyed.

    What has to be confirmed is confirmed anew. Raises Refusal, also where something is written here already.
    """
    require(words is not None, "What you wrote then was destroyed.", "Write it anew on your application.")
    assert words is not None  # refused above
    rules.save(found.case, by=by.person_id)
    try:
        return save_draft(session, found, words.asked_again(found.criteria), Save(base=0), by=by)
    except Refusal as refusal:
        copy = "Open your earlier application, and copy what you want from there."
        raise Refusal("You have written here already.", copy) from refusal


def send(
    session: Session, found: Found, words: ApplicationWords, *, notice: str, noticed: bool, by: Actor
) -> ApplicationSent:
    """Turn the draft into ink, under the criteria now in force. Raises Refusal."""
    before = applications.before(session, found)
    standing = before.standing if before else None
    step = rules.send(found.case, by=by.person_id, noticed=noticed, before=standing)
    require(not words.wrong_addresses, "An email address is not one.", "Change it on your application, then send it.")
    row = found.application
    version, policy = enrolment_queries.policy_for(session, found.cohort)
    draft = session.get(Sealed, row.words_id) if row.words_id else None
    sent = ApplicationSent(
        application_id=row.id, policy_version_id=version.id, notice=notice, at=clock.now(),
        words_id=_seal(session, row.id, "application.words", words.model_dump_json()),
    )  # fmt: skip
    session.add(sent)
    session.flush()
    for one in policy.selection_at("application"):
        if one.type == "declaration":
            session.add(Declared(sent_id=sent.id, criterion=one.key, is_confirmed=one.key in words.confirmed))
        given = _day(words.dates.get(one.key, "")) if one.type == "elapsed-time" else None
        if given is not None:
            _note_date(session, found, one.key, one.days or 0, given, by=by, appointment_id=None)
    row.words_id = None
    session.flush()
    if draft is not None:
        session.delete(draft)
    audit.record(session, step.event, sent, by=by, subject=row.person_id, enrolment=row.id)
    return sent


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def note_date(session: Session, found: Found, criterion: str, from_date: date, *, by: Actor) -> EligibleDate:
    """A selector notes the day from which somebody may start, and nothing of what it is counted from."""
    rules.note_date(found.case, by=by.person_id)
    days = next((one.days or 0 for one in found.criteria if one.key == criterion and one.type == "elapsed-time"), None)
    require(days is not None, "This is not about a length of time.")
    return _note_date(session, found, criterion, days or 0, from_date, by=by, appointment_id=by.appointment_id)


def _note_date(
    session: Session,
    found: Found,
    criterion: str,
    days: int,
    from_date: date,
    *,
    by: Actor,
    appointment_id: UUID | None,
) -> EligibleDate:
    row = EligibleDate(
        application_id=found.id, criterion=criterion, from_date=from_date, days=days, noted_by=by.person_id,
        appointment_id=appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, Event.ELIGIBLE_DATE_NOTED, row, by=by, subject=found.application.person_id)
    return row


def withdraw(session: Session, found: Found, *, by: Actor) -> ApplicationWithdrawal:
    """The applicant stops, without a reason. Raises Refusal when it is over already."""
    step = rules.withdraw(found.case, by=by.person_id)
    row = ApplicationWithdrawal(application_id=found.id, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=found.application.person_id)
    return row


def answer_offer(session: Session, found: Found, *, accept: bool, by: Actor) -> OfferReply:
    """Say yes or no to an offer. A yes enrols: on the authority of whoever made the offer. Raises Refusal."""
    step = rules.answer_offer(found.case, by=by.person_id)
    decision, person = found.decision, found.person
    assert decision is not None  # an offer stands
    assert person is not None  # it is the applicant who answers
    enrolment_id: UUID | None = None
    if accept:
        offered_by = Actor(decision.decided_by, Role.SELECTOR, decision.appointment_id)
        already = session.scalar(
            select(Enrolment.id).where(Enrolment.person_id == person.id, Enrolment.cohort_id == found.cohort.id)
        )
        enrolment_id = already or enrolments.enrol(session, found.cohort, person, by=offered_by).id
    row = OfferReply(decision_id=decision.id, is_accepted=accept, enrolment_id=enrolment_id, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=person.id)
    return row


def save_monitoring(session: Session, found: Found, words: MonitoringWords) -> None:
    """Keep what the applicant chose to tell for fairness counts, apart, under the centre's key; empty forgets it."""
    row = session.get(MonitoringAnswer, found.id)
    if row is not None:
        box = session.get(Sealed, row.words_id)
        session.delete(row)
        session.flush()
        if box is not None:
            session.delete(box)
    if not words.is_empty:
        told = words.model_copy(update={"notice": NOTICE})
        key = sealing.ensure_key(session, found.application.centre_id, Purpose.MONITORING)
        session.flush()
        box = sealing.seal(session, key, "monitoring.words", told.model_dump_json(), ink=False)
        session.flush()
        session.add(MonitoringAnswer(application_id=found.id, words_id=box.id))
    session.flush()


def _key(session: Session, owner_id: UUID) -> Key:
    key = sealing.ensure_key(session, owner_id, Purpose.SPECIAL)
    session.flush()
    return key


def _seal(session: Session, owner_id: UUID, place: str, words: str, *, ink: bool = True) -> UUID:
    box = sealing.seal(session, _key(session, owner_id), place, words, ink=ink)
    session.flush()
    return box.id
