"""Reads about visits: for the centre that set them up, and for the external quality assurer (the sample only)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select, true
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.external.models import (
    Pack,
    RequestedUnit,
    RequestRefusal,
    SampleRequest,
    Showing,
    ShownUnit,
    Visit,
    VisitAction,
    VisitActionDone,
)
from assessors.external.rules import LearnersUnit
from assessors.quality import queries as quality
from course.access import HeldAppointment
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledQualification
from course.enrolment.models import Cohort
from course.evidence import Scope
from course.people.models import Appointment
from course.records import queries as record_queries
from course.workbook import queries as work
from course.workbook.models import Answer, Return, TakeBack
from course.workbook.rules import AnswerFacts

# -- whose visit it is -------------------------------------------------------------------------------------------------


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


def visits_at(session: Session, held: Collection[HeldAppointment]) -> list[VisitLine]:
    """The visits to the centre in the scope of these appointments, the latest first. A constant number of queries."""
    rows = session.execute(
        select(Visit, Appointment, Cohort.name)
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
            is_over(appointment, record_queries.today_at(session, visit.centre_id)),
        )
        for visit, appointment, cohort in rows
    ]  # fmt: skip


def appointment_of(session: Session, visit: Visit) -> Appointment:
    """The external quality assurer's appointment."""
    return session.get_one(Appointment, visit.eqa_appointment_id)


# -- what it is about --------------------------------------------------------------------------------------------------


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


# -- the sample --------------------------------------------------------------------------------------------------------


def shown_units(session: Session, visit_id: UUID) -> list[LearnersUnit]:
    """The units of learners in the sample, in the order in which they were shown."""
    rows = session.execute(
        select(ShownUnit.enrolment_id, ShownUnit.unit)
        .join(Showing, Showing.id == ShownUnit.showing_id)
        .where(Showing.visit_id == visit_id)
        .order_by(ShownUnit.id)
    )
    return list(dict.fromkeys(LearnersUnit(*row) for row in rows))


def sampled_answers(session: Session, visit_id: UUID) -> list[AnswerFacts]:
    """The returned answers of the sample, unit by unit: what the external quality assurer may read."""
    units = shown_units(session, visit_id)
    if not units:
        return []
    inside = or_(*(and_(Answer.enrolment_id == one.enrolment_id, Answer.unit == one.unit) for one in units))
    order = {one: at for at, one in enumerate(units)}
    facts = [one for one in work.facts_where(session, inside) if one.is_returned and not one.is_taken_back]
    return sorted(facts, key=lambda one: (order[LearnersUnit(one.enrolment_id, one.unit)], one.at))


def sampled_answer(session: Session, visit_id: UUID, answer_id: UUID) -> AnswerFacts:
    """One returned answer of the sample. Raises NotFound."""
    answer = session.get(Answer, answer_id)
    if answer is None or LearnersUnit(answer.enrolment_id, answer.unit) not in shown_units(session, visit_id):
        raise NotFound
    facts = work.answer_facts(session, answer_id)
    if not facts.is_returned or facts.is_taken_back:
        raise NotFound
    return facts


@dataclass(frozen=True)
class AnswerLine:
    """An answer of the sample in a list."""

    facts: AnswerFacts
    question: str
    is_achieved: bool


def listed(session: Session, visit: Visit) -> dict[LearnersUnit, list[AnswerLine]]:
    """The answers of the sample, unit by unit, without their words."""
    found: dict[LearnersUnit, list[AnswerLine]] = {}
    for facts in sampled_answers(session, visit.id):
        question = catalogue.unit(session, facts.unit_version_id).question(facts.question)
        achieved = all(one.is_achieved for one in facts.returned.values())
        key = LearnersUnit(facts.enrolment_id, facts.unit)
        found.setdefault(key, []).append(AnswerLine(facts, question.name, achieved))
    return found


@dataclass(frozen=True)
class Asked:
    """A request of the external quality assurer and what became of it."""

    request: SampleRequest
    units: tuple[LearnersUnit, ...]
    showing: Showing | None
    refusal: RequestRefusal | None

    @property
    def is_answered(self) -> bool:
        """Whether the centre has granted or refused it."""
        return self.showing is not None or self.refusal is not None


def requests_of(session: Session, visit_id: UUID) -> list[Asked]:
    """The requests of a visit, oldest first."""
    rows = session.execute(
        select(SampleRequest, Showing, RequestRefusal)
        .outerjoin(Showing, Showing.request_id == SampleRequest.id)
        .outerjoin(RequestRefusal, RequestRefusal.request_id == SampleRequest.id)
        .where(SampleRequest.visit_id == visit_id)
        .order_by(SampleRequest.at)
    ).all()
    units: dict[UUID, list[LearnersUnit]] = {row[0].id: [] for row in rows}
    for unit in session.scalars(select(RequestedUnit).where(RequestedUnit.request_id.in_(units))):
        units[unit.request_id].append(LearnersUnit(unit.enrolment_id, unit.unit))
    return [Asked(row[0], tuple(units[row[0].id]), row[1], row[2]) for row in rows]


def to_ask_for(session: Session, visit: Visit) -> list[UnitLine]:
    """What the external quality assurer may still ask for: not in the sample, and not in a request under way."""
    taken = set(shown_units(session, visit.id))
    for asked in requests_of(session, visit.id):
        taken |= set() if asked.is_answered else set(asked.units)
    return [one for one in units_with_work(session, visit) if one.key not in taken]


def request_of(session: Session, visit: Visit, request_id: UUID) -> Asked:
    """One request of a visit. Raises NotFound."""
    for asked in requests_of(session, visit.id):
        if asked.request.id == request_id:
            return asked
    raise NotFound


def showings_of(session: Session, visit_id: UUID) -> list[Showing]:
    """Each time something was shown, with the reason, oldest first."""
    return list(session.scalars(select(Showing).where(Showing.visit_id == visit_id).order_by(Showing.at)))


# -- actions and packs -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotedAction:
    """An action and what was done about it."""

    action: VisitAction
    done: VisitActionDone | None

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed while nothing was done."""
        return self.done is None and self.action.due_on < today


def actions_of(session: Session, visit_ids: Collection[UUID]) -> list[NotedAction]:
    """The actions of these visits, the most urgent first."""
    rows = session.execute(
        select(VisitAction, VisitActionDone)
        .outerjoin(VisitActionDone, VisitActionDone.action_id == VisitAction.id)
        .where(VisitAction.visit_id.in_(visit_ids))
        .order_by(VisitAction.due_on, VisitAction.id)
    )
    return [NotedAction(row[0], row[1]) for row in rows]


def action_of(session: Session, visit: Visit, action_id: UUID) -> NotedAction:
    """One action of a visit. Raises NotFound."""
    for noted in actions_of(session, [visit.id]):
        if noted.action.id == action_id:
            return noted
    raise NotFound


def packs_of(session: Session, visit_id: UUID) -> list[Pack]:
    """The packs that were made for a visit, the latest first."""
    return list(session.scalars(select(Pack).where(Pack.visit_id == visit_id).order_by(Pack.at.desc())))
