"""Everything that changes a cohort, an enrolment, or the versions that apply to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from course import audit, clock, sealing
from course.audit import Actor, Event
from course.catalogue import queries as catalogue
from course.catalogue.models import InductionVersion, UnitVersion
from course.db import new_id
from course.enrolment import queries, rules
from course.enrolment.models import (
    Cohort,
    Enrolment,
    Induction,
    LiveAttendance,
    LiveSession,
    Pin,
    PolicyInForce,
    PolicyVersion,
    Registration,
    Study,
    Withdrawal,
)
from course.enrolment.queries import Enrolled
from course.people.models import Person
from course.sealing import Purpose


def open_cohort(
    session: Session,
    *,
    centre_id: UUID,
    qualification: str,
    name: str,
    starts_on: date,
    ends_on: date | None = None,
    run_id: str | None = None,
    by: Actor,
) -> Cohort:
    """Open a cohort at a centre. Raises Refusal when the name is taken or the qualification is not published."""
    name = " ".join(name.split())
    taken = session.scalar(select(Cohort.id).where(Cohort.centre_id == centre_id, Cohort.name == name))
    offered = catalogue.latest_qualification(session, qualification) is not None
    step = rules.open_cohort(name_taken=taken is not None, is_offered=offered, starts_on=starts_on, ends_on=ends_on)
    cohort = Cohort(
        centre_id=centre_id, qualification=qualification, name=name, run_id=run_id or None,
        starts_on=starts_on, ends_on=ends_on,
    )  # fmt: skip
    session.add(cohort)
    session.flush()
    audit.record(session, step.event, cohort, by=by)
    return cohort


def enrol(
    session: Session, cohort: Cohort, person: Person, *, ao_learner_number: str | None = None, by: Actor
) -> Enrolment:
    """Enrol a person, with a key of their own for what they will write. Raises Refusal when they are in already."""
    already = session.scalar(
        select(Enrolment.id).where(Enrolment.cohort_id == cohort.id, Enrolment.person_id == person.id)
    )
    step = rules.enrol(
        person=person.id, by=by.person_id, is_closed=person.disabled_at is not None, already=already is not None
    )
    enrolment = Enrolment(
        id=new_id(), person_id=person.id, cohort_id=cohort.id, centre_id=cohort.centre_id,
        qualification=cohort.qualification, ao_learner_number=ao_learner_number or None, enrolled_at=clock.now(),
    )  # fmt: skip
    session.add(enrolment)
    sealing.make_key(session, enrolment.id, Purpose.WORK)
    session.flush()
    audit.record(session, step.event, enrolment, by=by, subject=person.id, enrolment=enrolment.id)
    return enrolment


def register(session: Session, enrolment: Enrolment, *, number: str, on: date, by: Actor) -> Registration:
    """Note the entry with the awarding organisation and its number. Raises Refusal the second time."""
    taken = session.scalar(
        select(Enrolment.id).where(
            Enrolment.centre_id == enrolment.centre_id,
            Enrolment.qualification == enrolment.qualification,
            Enrolment.ao_learner_number == number,
            Enrolment.person_id != enrolment.person_id,
        )
    )
    step = rules.register(
        has_left=enrolment.withdrawn_at is not None,
        already=queries.registration_of(session, enrolment.id) is not None,
        number_taken=taken is not None,
        on=on,
        today=clock.now().date(),
    )
    enrolment.ao_learner_number = number
    row = Registration(enrolment_id=enrolment.id, registered_on=on, registered_by=by.person_id, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    return row


def acknowledge_induction(session: Session, enrolment: Enrolment, version: InductionVersion, *, by: Actor) -> Induction:
    """Note that the learner has read and agreed to one version; doing so twice changes nothing. Raises Refusal."""
    newest = catalogue.latest_induction(session)
    step = rules.acknowledge_induction(
        learner=enrolment.person_id,
        by=by.person_id,
        has_left=enrolment.withdrawn_at is not None,
        is_newest=newest is not None and newest.id == version.id,
    )
    known = session.scalar(
        select(Induction).where(Induction.enrolment_id == enrolment.id, Induction.induction_version_id == version.id)
    )
    if known is not None:
        return known
    row = Induction(enrolment_id=enrolment.id, induction_version_id=version.id, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    return row


def withdraw(
    session: Session,
    enrolment: Enrolment,
    *,
    reason: rules.ReasonForLeaving | None = None,
    source: rules.SourceOfReason | None = None,
    by: Actor,
) -> Withdrawal:
    """End an enrolment. What was decided and issued stays. Raises Refusal when it has ended already."""
    step = rules.withdraw(learner=enrolment.person_id, by=by.person_id, already=enrolment.withdrawn_at is not None)
    enrolment.withdrawn_at = clock.now()
    row = Withdrawal(
        enrolment_id=enrolment.id, reason=reason, source=source, withdrawn_by=by.person_id, at=enrolment.withdrawn_at
    )
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    return row


def begin_unit(session: Session, enrolment: Enrolment | Enrolled, unit: str) -> UnitVersion:
    """Remember (in pencil) which version a learner has begun, so that a newer one is offered and never forced."""
    version = queries.version_in_use(session, enrolment, unit)
    if session.get(Study, (enrolment.id, unit)) is None:
        session.add(Study(enrolment_id=enrolment.id, unit=unit, unit_version_id=version.id))
        session.flush()
    return version


def accept_version(session: Session, enrolment: Enrolment, unit: str, *, by: Actor) -> UnitVersion:
    """Move a unit without a hand-in to the newest version. Raises Refusal once it is pinned."""
    pinned = queries.pin_of(session, enrolment.id, unit) is not None
    rules.accept_version(learner=enrolment.person_id, by=by.person_id, is_pinned=pinned)
    newest = queries.newer_version(session, enrolment, unit)
    if newest is None:
        return queries.version_in_use(session, enrolment, unit)
    study = session.get(Study, (enrolment.id, unit))
    if study is None:
        session.add(Study(enrolment_id=enrolment.id, unit=unit, unit_version_id=newest.id))
    else:
        study.unit_version_id = newest.id
    session.flush()
    return newest


def pin(session: Session, enrolment: Enrolment | Enrolled, unit: str, *, by: Actor) -> Pin:
    """Fix the unit and policy version of a learner's unit at its first hand-in; later hand-ins find the same pin."""
    found = queries.pin_of(session, enrolment.id, unit)
    if found is not None:
        return found
    version = queries.version_in_use(session, enrolment, unit)
    policy_version, _ = queries.policy_for(session, enrolment)
    row = Pin(
        enrolment_id=enrolment.id, unit=unit, unit_version_id=version.id, policy_version_id=policy_version.id,
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, Event.UNIT_PINNED, row, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    return row


def put_policy_in_force(
    session: Session,
    version: PolicyVersion,
    *,
    centre_id: UUID | None = None,
    cohort_id: UUID | None = None,
    reason: str,
    by: Actor,
) -> PolicyInForce:
    """Let a policy apply to units without a hand-in: of one cohort, of a centre, or of everybody. No pin moves."""
    step = rules.put_policy_in_force(reason=reason)
    row = PolicyInForce(
        policy_version_id=version.id, qualification=version.qualification, centre_id=centre_id, cohort_id=cohort_id,
        reason=reason.strip(), put_by=by.person_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by)
    return row


@dataclass(frozen=True)
class Live:
    """What is recorded about one live session."""

    unit: str
    held_on: date
    minutes: int
    attended: frozenset[UUID]
    """Enrolments of those who were there."""


def record_live_hours(
    session: Session, cohort: Cohort, live: Live, *, corrects: LiveSession | None = None, by: Actor
) -> LiveSession:
    """Record time that a tutor spent with learners, or what takes the place of an earlier record. Raises Refusal."""
    rows = session.execute(select(Enrolment.id, Enrolment.person_id).where(Enrolment.cohort_id == cohort.id))
    people = {row.id: row.person_id for row in rows}
    # An enrolment of another cohort stands for itself, so that the rule sees a stranger.
    attended = frozenset(people.get(one, one) for one in live.attended)
    held, today = rules.Held(live.held_on, live.minutes, attended, frozenset(people.values())), clock.now().date()
    if corrects is None:
        known = {row.unit for row in catalogue.latest_units(session, cohort.qualification)}
        step = rules.record_live_hours(held, by=by.person_id, is_of_cohort=live.unit in known, today=today)
    else:
        later = session.scalar(select(LiveSession.id).where(LiveSession.corrects_id == corrects.id))
        step = rules.correct_live_hours(held, by=by.person_id, stands=later is None, today=today)
    row = LiveSession(
        cohort_id=cohort.id, unit=corrects.unit if corrects else live.unit, held_on=live.held_on, minutes=live.minutes,
        corrects_id=corrects.id if corrects else None, recorded_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(LiveAttendance(session_id=row.id, enrolment_id=one) for one in sorted(live.attended, key=str))
    session.flush()
    audit.record(session, step.event, row, by=by)
    return row
