"""Cases in somebody's scope: which there are, what part a person had in the work, and what one may be about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.authenticity import queries as authenticity
from assessors.authenticity.queries import Alike
from assessors.marking import showing as marking_showing
from assessors.marking.queries.scope import Reader, in_scope
from assessors.quality import queries as quality
from assessors.quality import showing
from assessors.quality.blindness import must_not_be_blind
from assessors.quality.showing import ShownAnswer
from course import paging
from course.access import HeldAppointment
from course.adjustments.queries import Agreed
from course.audit import Actor
from course.cases import conduct
from course.cases.conduct import About
from course.cases.holds import case_is_open
from course.cases.models import ConductCase
from course.cases.rules import CLOSES, CaseFacts
from course.catalogue import queries as catalogue
from course.enrolment.models import Cohort, Enrolment
from course.independence import Act, Standing, Tie, must_be_free
from course.paging import Paged
from course.records import queries as records
from course.workbook import queries as work
from course.workbook.models import Answer

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One case on the list."""

    case: CaseFacts
    learner: str


def listed(
    session: Session, held: Collection[HeldAppointment], person_id: UUID, after: UUID | None = None
) -> tuple[list[Line], Paged[Line]]:
    """Cases in the scope of these appointments: those that are open, by the day they are due; a page
    of the others, newest first."""
    cohorts = {one.id: one for one in records.cohorts_of(session, held)}
    here = ConductCase.cohort_id.in_(cohorts)
    open_ = conduct.facts_where(session, here, case_is_open())
    latest = session.scalars(
        paging.newest_first(select(ConductCase.id).where(here, ~case_is_open()), ConductCase, after, PAGE)
    ).all()
    others = paging.cut(latest, PAGE, lambda one: one)
    closed = conduct.facts_where(session, ConductCase.id.in_(others.lines))[::-1]
    mine = [
        one for one in (*open_, *closed)
        if one.learner != person_id and quality.covers(held, cohorts[one.cohort_id], one.unit)
    ]  # fmt: skip
    names = quality.learners(session, {one.enrolment_id for one in mine})
    lines = [Line(one, names.get(one.enrolment_id, "Name erased")) for one in mine]
    now = sorted((one for one in lines if one.case.is_open), key=lambda one: (one.case.due_on or date.max, one.case.at))
    return now, Paged([one for one in lines if not one.case.is_open], others.after)


def case_for(
    session: Session, case_id: UUID, held: Collection[HeldAppointment], person_id: UUID, *, lock: bool = False
) -> CaseFacts:
    """A case in the scope of these appointments, and not about one's own work. Raises NotFound."""
    facts = conduct.case(session, case_id, lock=lock)
    cohort = session.get_one(Cohort, facts.cohort_id)
    if not quality.covers(held, cohort, facts.unit) or facts.learner == person_id:
        raise NotFound
    return facts


def actor(session: Session, facts: CaseFacts, held: Collection[HeldAppointment], person_id: UUID) -> Actor | None:
    """Who closes it, under an appointment that covers the work and may; None without one."""
    cohort = session.get_one(Cohort, facts.cohort_id)
    may = (one for one in held if one.role in CLOSES)
    found = next((one for one in may if quality.covers([one], cohort, facts.unit)), None)
    return Actor(person_id, found.role, found.id) if found else None


def about_answer(session: Session, answer_id: UUID, held: Collection[HeldAppointment]) -> About:
    """An answer in scope, to open a case about. Raises NotFound."""
    answer = work.answer_facts(session, answer_id)
    cohort = session.get_one(Cohort, answer.cohort_id)
    if not quality.covers(held, cohort, answer.unit):
        raise NotFound
    enrolment = session.get_one(Enrolment, answer.enrolment_id)
    return About(enrolment, answer.id, answer.unit, answer.question, is_handed_in=not answer.is_taken_back)


def about_learner(session: Session, enrolment_id: UUID, held: Collection[HeldAppointment]) -> About:
    """A learner in scope, to open a case about all their work. Raises NotFound."""
    enrolment = session.get(Enrolment, enrolment_id)
    if enrolment is None or not quality.covers(held, session.get_one(Cohort, enrolment.cohort_id)):
        raise NotFound
    return About(enrolment)


# -- the work it is about ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """One answer that a case is about, opened, with what was agreed for it."""

    shown: ShownAnswer
    agreed: tuple[Agreed, ...]


def answer_of(session: Session, facts: CaseFacts, answer_id: UUID, person_id: UUID) -> Seen:
    """An answer that the case is about, opened. Raises NotFound, and Refusal for who still judges it blind."""
    answer = work.answer_facts(session, answer_id)
    is_about = answer.id == facts.answer_id or (facts.answer_id is None and answer.enrolment_id == facts.enrolment_id)
    if not is_about or answer.is_taken_back:
        raise NotFound
    return _open(session, answer_id, person_id)


def _open(session: Session, answer_id: UUID, person_id: UUID) -> Seen:
    must_not_be_blind(session, answer_id, person_id)
    shown = showing.opened(session, answer_id, me=person_id)
    return Seen(shown, tuple(showing.agreed(session, shown.facts)))


def alike_to(session: Session, facts: CaseFacts, held: Collection[HeldAppointment], person_id: UUID) -> list[Alike]:
    """What shares wording with the answer that a case is about."""
    if facts.answer_id is None:
        return []
    return authenticity.alike(session, facts.answer_id, in_scope(Reader(person_id, tuple(held)), Answer))


def other_half(
    session: Session, facts: CaseFacts, answer_id: UUID, held: Collection[HeldAppointment], person_id: UUID
) -> Seen:
    """The other answer of a pair, for whoever may close the open case. Raises NotFound, Refusal."""
    pair = next((one for one in alike_to(session, facts, held, person_id) if one.answer_id == answer_id), None)
    if pair is None or not pair.can_be_opened or not facts.is_open:
        raise NotFound
    written = session.get_one(Answer, answer_id)
    cohort = session.get_one(Cohort, written.cohort_id)
    others = records.standing(session, person_id, cohort, act=Act.OPEN, enrolments=[written.enrolment_id])
    must_be_free(others, Act.OPEN)
    return _open(session, answer_id, person_id)


@dataclass(frozen=True)
class Written:
    """One answer of a learner, named without its words."""

    id: UUID
    name: str
    attempt: int
    at: datetime


def answers_of(session: Session, facts: CaseFacts) -> list[Written]:
    """Every answer of the learner, oldest first, for a case about all of their work."""
    if facts.answer_id is not None:
        return []
    found = [
        one for one in work.facts_where(session, Answer.enrolment_id == facts.enrolment_id) if not one.is_taken_back
    ]
    units = catalogue.units(session, {one.unit_version_id for one in found})
    lines = []
    for one in sorted(found, key=lambda one: one.at):
        unit = units[one.unit_version_id]
        name = f"Unit {unit.code[1:]}: {unit.question(one.question).name}"
        lines.append(Written(one.id, name, one.attempt, one.at))
    return lines


def file_of(session: Session, answer_id: UUID, file_id: UUID) -> tuple[str, str, bytes]:
    """Name, type and content of a file of an answer whose page the caller may open. Raises NotFound."""
    answer = work.answer_facts(session, answer_id)
    return marking_showing.file_of(session, catalogue.unit(session, answer.unit_version_id), answer, file_id)


def standing(session: Session, facts: CaseFacts, person_id: UUID) -> Standing:
    """How a person stands to the work that a case is about, to its cohort, and to whoever opened it."""
    cohort, about = session.get_one(Cohort, facts.cohort_id), {facts.opened_by} - {person_id}
    answers, whole = ([facts.answer_id], []) if facts.answer_id else ([], [facts.enrolment_id])
    found = records.standing(
        session, person_id, cohort, act=Act.LOOK_INTO, answers=answers, enrolments=whole, about=about
    )
    return found.plus(Tie.BEGAN if facts.opened_by == person_id else None)


def standing_to_open(session: Session, about: About, person_id: UUID) -> Standing:
    """How a person stands to work about which they want to open a case."""
    cohort = session.get_one(Cohort, about.enrolment.cohort_id)
    return records.standing(session, person_id, cohort, act=Act.OPEN, enrolments=[about.enrolment.id])
