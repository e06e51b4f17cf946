"""Everything that changes a visit, each with its audit entry: setting up, showing, asking, actions, packs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.external import queries, rules
from assessors.external.models import (
    Pack,
    RequestedUnit,
    RequestRefusal,
    SampleRequest,
    Showing,
    ShownUnit,
    Visit,
    VisitAction,
    VisitActionClosure,
    VisitActionDone,
)
from assessors.external.queries import Asked, NotedAction
from assessors.external.rules import LearnersUnit
from course import audit, clock, outbox
from course.access import Role
from course.audit import Actor
from course.office import operations as office
from course.people import operations as people
from course.people import queries as accounts
from course.people.models import Centre, Person
from course.records import queries as record_queries
from course.refusal import Step


@dataclass(frozen=True)
class Visitor:
    """Who comes, for what, and from when until when."""

    name: str
    email: str
    purpose: str
    qualification: str
    cohort_id: UUID | None
    from_date: date
    until_date: date | None


def set_up(session: Session, centre: Centre, visitor: Visitor, *, by: Actor) -> Visit:
    """Give an external quality assurer an account (if they have none) and a dated appointment. Raises Refusal."""
    known = accounts.by_email(session, visitor.email)
    step = rules.set_up(purpose=visitor.purpose)
    appointment = office.appoint_by_address(
        session, centre, name=visitor.name, known_as=visitor.name.split()[0], email=visitor.email, role=Role.EQA,
        qualification=visitor.qualification, cohort_id=visitor.cohort_id, from_date=visitor.from_date,
        until_date=visitor.until_date, by=by,
    )  # fmt: skip
    visit = Visit(
        centre_id=centre.id, qualification=visitor.qualification, cohort_id=visitor.cohort_id,
        eqa_id=appointment.person_id, eqa_appointment_id=appointment.id, purpose=visitor.purpose,
        set_up_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(visit)
    session.flush()
    audit.record(session, step.event, visit, by=by, subject=visit.eqa_id)
    if known is not None:
        _tell(session, known.id, f"visit-set-up:{visit.id}")
    return visit


def _tell(session: Session, person_id: UUID, key: str, *, link: str = "/external") -> None:
    if session.get(Person, person_id) is not None:
        outbox.queue(session, person_id, outbox.Letter.SOMETHING_TO_READ, key=key, link=link)


def end_visit(session: Session, visit: Visit, *, by: Actor) -> None:
    """Let nothing be seen any more from tomorrow on; what is open today closes with the day. Raises Refusal."""
    today = record_queries.today_at(session, visit.centre_id)
    people.end_appointment(session, queries.appointment_of(session, visit), on=today, by=by)


def show(session: Session, visit: Visit, chosen: Collection[LearnersUnit], rationale: str, *, by: Actor) -> Showing:
    """Add units of learners to the sample. Raises Refusal."""
    offered = {one.key for one in queries.units_with_work(session, visit)} - set(queries.shown_units(session, visit.id))
    step = rules.show(chosen=chosen, offered=offered, is_over=_is_over(session, visit), rationale=rationale)
    return _show(session, visit, chosen, rationale, None, step, by=by)


def _show(
    session: Session, visit: Visit, chosen: Collection[LearnersUnit], rationale: str, request_id: UUID | None,
    step: Step, *, by: Actor,
) -> Showing:  # fmt: skip
    showing = Showing(
        visit_id=visit.id, request_id=request_id, rationale=rationale, shown_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(showing)
    session.flush()
    units = dict.fromkeys(chosen)
    session.add_all(ShownUnit(showing_id=showing.id, enrolment_id=one.enrolment_id, unit=one.unit) for one in units)
    audit.record(session, step.event, showing, by=by, subject=visit.eqa_id)
    return showing


def _is_over(session: Session, visit: Visit) -> bool:
    today = record_queries.today_at(session, visit.centre_id)
    return queries.is_over(queries.appointment_of(session, visit), today)


def ask(session: Session, visit: Visit, chosen: Collection[LearnersUnit], reason: str, *, by: Actor) -> SampleRequest:
    """The external quality assurer asks for units of their own choice. Raises Refusal."""
    offered = {one.key for one in queries.to_ask_for(session, visit)}
    step = rules.ask(chosen=chosen, offered=offered, reason=reason)
    request = SampleRequest(
        visit_id=visit.id, reason=reason, asked_by=by.person_id, appointment_id=by.appointment_id, at=clock.now()
    )
    session.add(request)
    session.flush()
    units = dict.fromkeys(chosen)
    session.add_all(RequestedUnit(request_id=request.id, enrolment_id=one.enrolment_id, unit=one.unit) for one in units)
    audit.record(session, step.event, request, by=by)
    _tell(session, visit.set_up_by, f"visit-asked:{request.id}", link=f"/visits/{visit.id}")
    return request


def grant(session: Session, visit: Visit, asked: Asked, *, by: Actor) -> Showing:
    """Show what was asked for. Raises Refusal."""
    step = rules.grant(answered=asked.is_answered, is_over=_is_over(session, visit))
    chosen = [one for one in asked.units if one not in set(queries.shown_units(session, visit.id))]
    showing = _show(session, visit, chosen, asked.request.reason, asked.request.id, step, by=by)
    _tell(session, visit.eqa_id, f"visit-granted:{asked.request.id}")
    return showing


def refuse(session: Session, visit: Visit, asked: Asked, reason: str, *, by: Actor) -> RequestRefusal:
    """Say why what was asked for is not shown. Raises Refusal."""
    step = rules.refuse(answered=asked.is_answered, reason=reason)
    refusal = RequestRefusal(
        request_id=asked.request.id, reason=reason, refused_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(refusal)
    session.flush()
    audit.record(session, step.event, refusal, by=by, subject=visit.eqa_id)
    _tell(session, visit.eqa_id, f"visit-refused:{asked.request.id}")
    return refusal


def note_action(session: Session, visit: Visit, words: str, due_on: date, *, by: Actor) -> VisitAction:
    """Note what the external quality assurer asks of the centre: they leave it, or the centre does. Raises Refusal."""
    is_own = by.role == Role.EQA
    today = record_queries.today_at(session, visit.centre_id)
    step = rules.note_action(words=words, due_on=due_on, today=today, is_own=is_own)
    action = VisitAction(
        visit_id=visit.id, task=words, due_on=due_on, noted_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(action)
    session.flush()
    audit.record(session, step.event, action, by=by)
    if is_own:
        _tell(session, visit.set_up_by, f"visit-action:{action.id}", link=f"/visits/{visit.id}")
    return action


def finish_action(
    session: Session, visit: Visit, noted: NotedAction, words: str, done_on: date, *, by: Actor
) -> VisitActionDone:
    """Note what the centre did about it. Raises Refusal."""
    step = rules.finish_action(
        done=noted.done is not None, words=words, done_on=done_on,
        today=record_queries.today_at(session, visit.centre_id),
    )  # fmt: skip
    done = VisitActionDone(
        action_id=noted.action.id, outcome=words, done_on=done_on, noted_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(done)
    session.flush()
    audit.record(session, step.event, done, by=by)
    if not _is_over(session, visit):
        _tell(session, visit.eqa_id, f"visit-action-done:{done.id}")
    return done


def close_action(session: Session, visit: Visit, noted: NotedAction, *, by: Actor) -> VisitActionClosure:
    """Say that what was done about an action is enough. Raises Refusal."""
    step = rules.close_action(
        done_by=noted.done.noted_by if noted.done else None, closed=noted.closure is not None,
        is_own=by.role == Role.EQA, is_over=_is_over(session, visit), by=by.person_id,
    )  # fmt: skip
    closure = VisitActionClosure(
        action_id=noted.action.id, closed_by=by.person_id, appointment_id=by.appointment_id, at=clock.now()
    )
    session.add(closure)
    session.flush()
    audit.record(session, step.event, closure, by=by)
    return closure


def note_pack(session: Session, visit: Visit, *, manifest: str, files: int, answers: int, by: Actor) -> Pack:
    """Note that a pack is about to leave. Raises Refusal when the sample is empty."""
    step = rules.take_pack(answers=answers)
    pack = Pack(
        visit_id=visit.id, manifest=manifest, files=files, answers=answers, made_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(pack)
    session.flush()
    audit.record(session, step.event, pack, by=by)
    return pack
