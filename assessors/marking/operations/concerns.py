"""Raising a concern and acknowledging it. The text of the answer never travels."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assessors.marking import rules
from assessors.marking.models import Concern, ConcernAcknowledgement
from assessors.marking.queries.concerns import is_raised
from assessors.marking.queries.desk import Desk
from course import audit, clock, outbox
from course.access import Role
from course.audit import Actor
from course.db import new_id
from course.people import queries as people


def raise_concern(session: Session, desk: Desk) -> Concern:
    """Put a reference to an answer on the safeguarding lead's list and tell them to look. Raises Refusal."""
    raised = is_raised(session, desk.answer.id, desk.by.person_id)
    step = rules.raise_concern(desk.case, by=desk.by.person_id, is_raised=raised)
    assert desk.by.appointment_id is not None
    concern = Concern(
        id=new_id(), answer_id=desk.answer.id, enrolment_id=desk.enrolment.id, centre_id=desk.answer.centre_id,
        raised_by=desk.by.person_id, appointment_id=desk.by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(concern)
    session.flush()
    audit.record(
        session, step.event, concern, by=desk.by, subject=desk.enrolment.person_id, enrolment=desk.enrolment.id
    )
    leads = people.appointed(session, centre_id=desk.answer.centre_id, roles=[Role.SAFEGUARDING_LEAD])
    for person_id in {person.id for _, person in leads} - {desk.enrolment.person_id}:
        outbox.queue(
            session,
            person_id,
            outbox.Letter.SOMETHING_TO_READ,
            key=f"concern:{concern.id}:{person_id}",
            link="/safeguarding",
        )
    return concern


def acknowledge(session: Session, concern: Concern, *, is_acknowledged: bool, by: Actor) -> None:
    """Note that the safeguarding lead has seen a concern and follows it up outside this system. Raises Refusal."""
    step = rules.acknowledge(raised_by=concern.raised_by, by=by.person_id, is_acknowledged=is_acknowledged)
    assert by.appointment_id is not None
    seen = ConcernAcknowledgement(
        id=new_id(),
        concern_id=concern.id,
        acknowledged_by=by.person_id,
        appointment_id=by.appointment_id,
        at=clock.now(),
    )
    session.add(seen)
    session.flush()
    audit.record(session, step.event, seen, by=by, enrolment=concern.enrolment_id)
