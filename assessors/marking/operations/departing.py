"""Departing from a unit's threshold: an assessor's written reason, in ink."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assessors.marking import rules
from course import audit, clock, sealing
from course.audit import Actor
from course.cases.holds import must_not_be_held
from course.db import new_id
from course.enrolment.models import Cohort, Enrolment
from course.independence import Act
from course.records import queries as records
from course.sealing import Purpose
from course.workbook.models import Departure
from course.workbook.progress import UnitProgress
from course.workbook.rules import State


def depart(session: Session, enrolment: Enrolment, unit: UnitProgress, reason: str, *, by: Actor) -> Departure:
    """Hold a unit achieved although its threshold is not met. Raises Refusal."""
    must_not_be_held(session, [(enrolment.id, unit.unit)])
    cohort, units = session.get_one(Cohort, enrolment.cohort_id), [(enrolment.id, unit.unit)]
    step = rules.depart(
        records.standing(session, by.person_id, cohort, act=Act.JUDGE, units=units),
        is_below=unit.threshold is not None and not unit.threshold.is_satisfied,
        all_criteria=all(state == State.ACHIEVED for state in unit.criteria.values()),
        reason=reason,
    )
    assert by.appointment_id is not None
    key = sealing.ensure_key(session, enrolment.id, Purpose.WORK)
    words = sealing.seal(session, key, "departure.reason", reason.strip())
    session.flush()
    departure = Departure(
        id=new_id(), enrolment_id=enrolment.id, unit=unit.unit, reason_id=words.id, decided_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(departure)
    session.flush()
    audit.record(session, step.event, departure, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    return departure
