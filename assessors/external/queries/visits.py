"""Whose visit it is, what it is about, and the units of which something may be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, true
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.external.models import Visit, VisitAction, VisitActionDone
from assessors.external.rules import LearnersUnit
from assessors.quality import queries as quality
from course.access import HeldAppointment
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledQualification
from course.enrolment.models import Cohort
from course.evidence import Scope
from course.people.models import Appointment
from course.records import queries as record_queries
from course.workbook.models import Answer, Return, TakeBack


def is_over(appointment: Appointment, today: date) -> bool:
    """Whether the external quality assurer's last day has passed."""
    return appointment.is_over(today)


def covers(held: Iterable[HeldAppointment], visit: Visit) -> bool:
    """Whether one of these appointments takes in everything that the visit is about."""
    return any(
        one.centre_id == visit.centre_id
        and one.qualification in (None, visit.qualification)
        and one.unit is None
        and (one.cohort_id is None or one.cohort_id == visit.cohort_id)
        for one in held
    )


def visit_at(session: Session, visit_id: UUID, held: Collection[HeldAppointment]) -> Visit:
    """A visit to the centre, for those who run it there. Raises NotFound."""
    visit = session.get(Visit, visit_id)
    if visit is None or not covers(held, visit):
        raise NotFound
    return visit


def visit_of(session: Session, visit_id: UUID, held: Collection[HeldAppointment]) -> Visit:
    """An external quality assurer's own visit, while their appointment runs. Raises NotFound."""
    visit = session.get(Visit, visit_id)
    if visit is None or visit.eqa_appointment_id not in {one.id for one in held}:
        raise NotFound
    return visit


def visits_of(session: Session, held: Collection[HeldAppointment]) -> list[tuple[Visit, date | None]]:
    """An external quality assurer's own visits, each with its last day, the latest first."""
    rows = session.execute(
        select(Visit, Appointment.until_date)
        .join(Appointment, Appointment.id == Visit.eqa_appointment_id)
        .where(Visit.eqa_appointment_id.in_([one.id for one in held]))
        .order_by(Visit.at.desc(), Visit.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True)
class VisitLine:
    """A visit in a list."""

    visit: Visit
    appointment: Appointment
    eqa: str
    qualification: str
    cohort: str
    is_over: bool
    to_do: int
    """Actions about which the centre has noted nothing yet."""


def visits_at(session: Session, held: Collection[HeldAppointment]) -> list[VisitLine]:
    """The visits to the centre in the scope of these appointments, the latest first. A constant number of queries."""
    nothing_done = ~exists().where(VisitActionDone.action_id == VisitAction.id)
    to_do = select(func.count()).where(VisitAction.visit_id == Visit.id, nothing_done).scalar_subquery()
    rows = session.execute(
        select(Visit, Appointment, Cohort.name, to_do)
        .join(Appointment, Appointment.id == Visit.eqa_appointment_id)
        .outerjoin(Cohort, Cohort.id == Visit.cohort_id)
        .where(Visit.centre_id.in_({one.centre_id for one in held}))
        .order_by(Visit.at.desc())
    ).all()
    rows = [row for row in rows if covers(held, row[0])]
    people = quality.names(session, {row[0].eqa_id for row in rows})
    titles = {one.slug: one.title for one in catalogue.qualifications(session)}
    return [
        VisitLine(
            visit, appointment, people.get(visit.eqa_id, "Somebody who has left"),
            titles.get(visit.qualification, visit.qualification), cohort or "Every cohort",
            is_over(appointment, record_queries.today_at(session, visit.centre_id)), to_do,
        )
        for visit, appointment, cohort, to_do in rows
    ]  # fmt: skip


def appointment_of(session: Session, visit: Visit) -> Appointment:
    """The external quality assurer's appointment."""
    return session.get_one(Appointment, visit.eqa_appointment_id)


def cohorts_of(session: Session, visit: Visit) -> list[Cohort]:
    """The cohorts that a visit is about, by name."""
    return list(
        session.scalars(
            select(Cohort)
            .where(
                Cohort.centre_id == visit.centre_id, Cohort.qualification == visit.qualification,
                Cohort.id == visit.cohort_id if visit.cohort_id else true(),
            )
            .order_by(Cohort.name)
        )
    )  # fmt: skip


def scope_of(session: Session, visit: Visit) -> Scope:
    """What the visit's pack is about."""
    return Scope(visit.centre_id, visit.qualification, tuple(one.id for one in cohorts_of(session, visit)))


def qualification_of(session: Session, visit: Visit) -> CompiledQualification:
    """The qualification as last published."""
    return next(one for one in catalogue.qualifications(session) if one.slug == visit.qualification)


@dataclass(frozen=True)
class UnitLine:
    """A learner's unit with returned work, for choosing: nobody's words."""

    key: LearnersUnit
    learner: str
    title: str
    answers: int
    """How many of its answers have been returned."""

    @property
    def value(self) -> str:
        """As a form names it."""
        return f"{self.key.enrolment_id}/{self.key.unit}"


def units_with_work(session: Session, visit: Visit) -> list[UnitLine]:
    """Every unit of this visit's learners in which an answer was returned, by unit and learner."""
    ids = [one.id for one in cohorts_of(session, visit)]
    returned = exists().where(Return.answer_id == Answer.id)
    rows = session.execute(
        select(Answer.enrolment_id, Answer.unit, func.count())
        .where(Answer.cohort_id.in_(ids), returned, ~_taken_back())
        .group_by(Answer.enrolment_id, Answer.unit)
    )
    counts = {LearnersUnit(enrolment_id, unit): count for enrolment_id, unit, count in rows}
    learners = quality.learners(session, {one.enrolment_id for one in counts})
    titles = unit_titles(session, visit.qualification)
    lines = [
        UnitLine(key, learners.get(key.enrolment_id, "Name erased"), titles.get(key.unit, key.unit), count)
        for key, count in counts.items()
    ]
    return sorted(lines, key=lambda one: (one.key.unit, one.learner, one.key.enrolment_id))


def _taken_back() -> Any:
    return exists().where(TakeBack.answer_id == Answer.id)


def unit_titles(session: Session, qualification: str) -> dict[str, str]:
    """The titles of a qualification's units as last published."""
    return {row.unit: row.title for row in catalogue.latest_units(session, qualification)}
