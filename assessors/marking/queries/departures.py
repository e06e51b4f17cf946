"""A learner's unit and its threshold, for an assessor in whose scope it lies."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.marking.queries.scope import Reader
from course.access import HeldAppointment
from course.audit import Actor
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.workbook.progress import UnitProgress, unit_progress


@dataclass(frozen=True)
class BelowThreshold:
    """One learner's unit, and the appointment under which the assessor acts on it."""

    enrolment: Enrolment
    name: str
    progress: UnitProgress
    appointment: HeldAppointment
    by: Actor


def below_threshold(session: Session, reader: Reader, enrolment_id: UUID, unit: str) -> BelowThreshold:
    """A unit that has a threshold, of a learner in scope who is neither the reader nor a peer. Raises NotFound."""
    own = select(Enrolment.cohort_id).where(Enrolment.person_id == reader.person_id)
    row = session.execute(
        select(Enrolment, Person.known_as)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.id == enrolment_id, Enrolment.cohort_id.not_in(own))
    ).first()
    if row is None:
        raise NotFound
    enrolment: Enrolment = row[0]
    held = reader.appointment_for(enrolment, unit)
    progress = unit_progress(session, [enrolment.id], enrolment.qualification).get((enrolment.id, unit))
    if progress is None or progress.threshold is None:
        raise NotFound
    return BelowThreshold(enrolment, row[1] or "The learner", progress, held, reader.actor(held))
