"""Cohorts and enrolments read back: the policy and the unit version that apply, and how far enrolling has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased
from werkzeug.exceptions import NotFound

from course.catalogue import queries as catalogue
from course.catalogue.models import UnitVersion
from course.enrolment.models import (
    CentrePolicy,
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
)
from course.enrolment.policy import CompiledPolicy
from course.keeping import Kept
from course.people.models import Appointment, Person


class Enrolled(NamedTuple):
    """An enrolment's row, read with something else in one query."""

    id: UUID
    person_id: UUID
    cohort_id: UUID
    centre_id: UUID
    qualification: str
    withdrawn_at: datetime | None


_policies: Kept[UUID, CompiledPolicy] = Kept(64)


def compiled(row: PolicyVersion) -> CompiledPolicy:
    """The compiled policy of a version that is already at hand."""
    return _policies.find_or_make(row.id, lambda: CompiledPolicy.model_validate_json(row.compiled))


def policy(session: Session, policy_version_id: UUID) -> CompiledPolicy:
    """The compiled policy of one version. Raises NotFound."""
    known = _policies.find(policy_version_id)
    if known is not None:
        return known
    row = session.get(PolicyVersion, policy_version_id)
    if row is None:
        raise NotFound
    return compiled(row)


def policy_for(session: Session, of: Enrolment | Enrolled | Cohort) -> tuple[PolicyVersion, CompiledPolicy]:
    """The policy that applies now to a cohort's units without a hand-in; a pinned unit keeps its own.

    The last one put in force that covers the cohort counts, whether for it alone, its centre or everybody.
    Raises NotFound when none was ever published.
    """
    cohort_id = of.id if isinstance(of, Cohort) else of.cohort_id
    covering = _in_force(of.qualification, of.centre_id, cohort_id).scalar_subquery()
    row = session.scalar(select(PolicyVersion).where(PolicyVersion.id == covering))
    if row is None:
        raise NotFound
    return row, compiled(row)


def policies_of(session: Session, cohort_ids: Collection[UUID]) -> dict[UUID, CompiledPolicy]:
    """The policy that applies now to each of these cohorts, in one query. A cohort without one is missing."""
    covering = _in_force(Cohort.qualification, Cohort.centre_id, Cohort.id).correlate(Cohort).scalar_subquery()
    rows = session.execute(
        select(Cohort.id, PolicyVersion)
        .join(PolicyVersion, PolicyVersion.id == covering)
        .where(Cohort.id.in_(cohort_ids))
    )  # fmt: skip
    return {cohort_id: compiled(row) for cohort_id, row in rows}


def policy_in_force_id(enrolled: Any) -> Any:
    """The same, only its id, as a value inside a query over these enrolments' columns."""
    covering = _in_force(enrolled.qualification, enrolled.centre_id, enrolled.cohort_id)
    return covering.correlate_except(PolicyInForce).scalar_subquery()


def policies(session: Session, version_ids: Collection[UUID]) -> dict[UUID, CompiledPolicy]:
    """The compiled policies of many versions, in one query at most."""
    known = {one: _policies.find(one) for one in version_ids}
    missing = [one for one, found in known.items() if found is None]
    if missing:
        rows = session.scalars(select(PolicyVersion).where(PolicyVersion.id.in_(missing)))
        known |= {row.id: compiled(row) for row in rows}
    return {one: found for one, found in known.items() if found is not None}


def _in_force(qualification: Any, centre_id: Any, cohort_id: Any) -> Select[Any]:
    return (
        select(PolicyInForce.policy_version_id)
        .where(
            PolicyInForce.qualification == qualification,
            or_(PolicyInForce.centre_id.is_(None), PolicyInForce.centre_id == centre_id),
            or_(PolicyInForce.cohort_id.is_(None), PolicyInForce.cohort_id == cohort_id),
        )
        .order_by(PolicyInForce.at.desc(), PolicyInForce.id.desc())
        .limit(1)
    )


def latest_policy(session: Session, qualification: str) -> PolicyVersion | None:
    """The newest published policy of a qualification, in force or not; a centre's own versions are not among them."""
    return session.scalar(
        select(PolicyVersion)
        .where(PolicyVersion.qualification == qualification, ~PolicyVersion.own.has())
        .order_by(PolicyVersion.number.desc())
        .limit(1)
    )


def is_for(centre_id: UUID) -> ColumnElement[bool]:
    """The condition that a policy version is everybody's or this centre's own: another centre's is never seen."""
    return or_(~PolicyVersion.own.has(), PolicyVersion.own.has(CentrePolicy.centre_id == centre_id))


def next_policy_number(session: Session, qualification: str) -> int:
    """The number of the next version of a qualification's policy; a centre's own versions count along."""
    numbers = select(func.max(PolicyVersion.number)).where(PolicyVersion.qualification == qualification)
    return (session.scalar(numbers) or 0) + 1


def pin_of(session: Session, enrolment_id: UUID, unit: str) -> Pin | None:
    """The versions fixed by the first hand-in of a learner's unit; None before it."""
    return session.scalar(select(Pin).where(Pin.enrolment_id == enrolment_id, Pin.unit == unit))


def pins_of(session: Session, enrolment_id: UUID) -> dict[str, Pin]:
    """All pins of an enrolment, by unit."""
    return {pin.unit: pin for pin in session.scalars(select(Pin).where(Pin.enrolment_id == enrolment_id))}


def version_in_use(session: Session, enrolment: Enrolment | Enrolled, unit_slug: str) -> UnitVersion:
    """The unit version a learner works on: the pinned one, else the one begun, else the newest. Raises NotFound."""
    of_unit = (enrolment.id, unit_slug)
    fixed = session.scalar(select(Pin.unit_version_id).where(Pin.enrolment_id == of_unit[0], Pin.unit == of_unit[1]))
    if fixed is None:
        begun = session.get(Study, of_unit)
        fixed = begun.unit_version_id if begun else None
    if fixed is not None:
        return catalogue.unit_row(session, fixed)
    newest = catalogue.latest_unit(session, enrolment.qualification, unit_slug)
    if newest is None:
        raise NotFound
    return newest


def newer_version(session: Session, enrolment: Enrolment | Enrolled, unit_slug: str) -> UnitVersion | None:
    """A newer version that may be offered: None once the unit is pinned, or when the newest is in use."""
    if pin_of(session, enrolment.id, unit_slug) is not None:
        return None
    newest = catalogue.latest_unit(session, enrolment.qualification, unit_slug)
    in_use = version_in_use(session, enrolment, unit_slug)
    return newest if newest is not None and newest.number > in_use.number else None


def is_inducted(session: Session, enrolment_id: UUID) -> bool:
    """Whether the learner has acknowledged an induction, of whatever version."""
    return session.scalar(select(Induction.id).where(Induction.enrolment_id == enrolment_id).limit(1)) is not None


def latest_acknowledged(session: Session, enrolment_id: UUID) -> Induction | None:
    """The induction that the learner acknowledged last."""
    return session.scalar(
        select(Induction).where(Induction.enrolment_id == enrolment_id).order_by(Induction.at.desc()).limit(1)
    )


def registration_of(session: Session, enrolment_id: UUID) -> Registration | None:
    """The entry with the awarding organisation, if it is made."""
    return session.scalar(select(Registration).where(Registration.enrolment_id == enrolment_id))


def own_enrolment(session: Session, person_id: UUID, enrolment_id: UUID) -> Enrolment:
    """A person's own current enrolment. Raises NotFound for anybody else's."""
    row = session.scalar(
        select(Enrolment).where(
            Enrolment.id == enrolment_id, Enrolment.person_id == person_id, Enrolment.withdrawn_at.is_(None)
        )
    )
    if row is None:
        raise NotFound
    return row


def own_enrolments(session: Session, person_id: UUID) -> list[Enrolment]:
    """A person's current enrolments, the latest first."""
    return list(
        session.scalars(
            select(Enrolment)
            .where(Enrolment.person_id == person_id, Enrolment.withdrawn_at.is_(None))
            .order_by(Enrolment.enrolled_at.desc(), Enrolment.id.desc())
        )
    )


def assessors_of(session: Session, enrolment: Enrolment | Enrolled, unit: str, on: date) -> list[str]:
    """First names of those appointed to mark this learner's unit on a day."""
    named = select(Person.known_as).join(Appointment, Appointment.person_id == Person.id)
    return list(session.scalars(named.where(_marks(enrolment, unit, on)).distinct().order_by(Person.known_as)))


def only_assessor(enrolled: Any, unit: Any, on: Any) -> Any:
    """The same where it is one name alone, otherwise nothing: a value inside a query over enrolments' columns."""
    name = case((func.count(Person.known_as.distinct()) == 1, func.min(Person.known_as)))
    named = select(name).select_from(Person).join(Appointment, Appointment.person_id == Person.id)
    return named.where(_marks(enrolled, unit, on)).correlate(Enrolment.__table__).scalar_subquery()


def assessor_ids(session: Session, enrolment: Enrolment | Enrolled, unit: str, on: date) -> set[UUID]:
    """The same people as pseudonyms."""
    query = select(Person.id).join(Appointment, Appointment.person_id == Person.id)
    return set(session.scalars(query.where(_marks(enrolment, unit, on))))


def _marks(enrolment: Any, unit: Any, on: Any) -> ColumnElement[bool]:
    return and_(
        Appointment.role == "assessor",
        Appointment.centre_id == enrolment.centre_id,
        or_(Appointment.qualification.is_(None), Appointment.qualification == enrolment.qualification),
        or_(Appointment.unit.is_(None), Appointment.unit == unit),
        or_(Appointment.cohort_id.is_(None), Appointment.cohort_id == enrolment.cohort_id),
        Appointment.from_date <= on,
        or_(Appointment.until_date.is_(None), Appointment.until_date >= on),
        Person.id != enrolment.person_id,
    )


# -- live hours --------------------------------------------------------------------------------------------------------


def _stands() -> ColumnElement[bool]:
    """Live sessions that no later row corrects."""
    later = aliased(LiveSession)
    return ~select(later.id).where(later.corrects_id == LiveSession.id).exists()


def live_sessions(session: Session, cohort_id: UUID) -> list[tuple[LiveSession, frozenset[UUID]]]:
    """What stands of a cohort's live hours, the latest day first, each with the enrolments of who was there."""
    where = (LiveSession.cohort_id == cohort_id, LiveSession.minutes > 0, _stands())
    rows = list(session.scalars(select(LiveSession).where(*where).order_by(LiveSession.held_on.desc(), LiveSession.id)))
    there: dict[UUID, set[UUID]] = defaultdict(set)
    query = select(LiveAttendance.session_id, LiveAttendance.enrolment_id)
    for session_id, enrolment_id in session.execute(query.join(LiveSession).where(*where)):
        there[session_id].add(enrolment_id)
    return [(row, frozenset(there[row.id])) for row in rows]


def live_session(session: Session, cohort_id: UUID, session_id: UUID) -> tuple[LiveSession, frozenset[UUID]]:
    """One live session of a cohort, whether it still stands or not. Raises NotFound."""
    row = session.scalar(select(LiveSession).where(LiveSession.id == session_id, LiveSession.cohort_id == cohort_id))
    if row is None:
        raise NotFound
    query = select(LiveAttendance.enrolment_id).where(LiveAttendance.session_id == row.id)
    return row, frozenset(session.scalars(query))


def live_minutes(session: Session, enrolment: Enrolment | Enrolled, units: Collection[str]) -> tuple[int, int]:
    """Minutes with a tutor on these units: held for the learner's cohort, and those at which the learner was there."""
    held: Any = select(func.sum(LiveSession.minutes)).where(
        LiveSession.cohort_id == enrolment.cohort_id, LiveSession.unit.in_(units), _stands()
    )
    was_there = (
        select(LiveAttendance.id)
        .where(LiveAttendance.session_id == LiveSession.id, LiveAttendance.enrolment_id == enrolment.id)
        .exists()
    )
    return int(session.scalar(held) or 0), int(session.scalar(held.where(was_there)) or 0)
