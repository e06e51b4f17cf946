"""Appeals in somebody's scope: which there are, what part a person had in one, and the work that it is about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.marking import showing as marking_showing
from assessors.quality import queries as quality
from assessors.quality import showing
from assessors.quality.blindness import must_not_be_blind
from assessors.quality.showing import ShownAnswer
from course import paging
from course.access import HeldAppointment
from course.adjustments.queries import Agreed
from course.audit import Actor
from course.cases import queries as cases
from course.cases.holds import appeal_is_open
from course.cases.models import Appeal, Stage
from course.cases.rules import ADMITS, HEARS, AppealFacts, Found
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, Question
from course.enrolment.models import Cohort
from course.independence import Standing, Tie
from course.paging import Paged
from course.records import queries as records
from course.workbook import queries as work
from course.workbook.models import Answer

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One appeal on the list."""

    appeal: AppealFacts
    learner: str
    unit: CompiledUnit
    question: Question


def listed(
    session: Session, held: Collection[HeldAppointment], person_id: UUID, after: UUID | None = None
) -> tuple[list[Line], Paged[Line]]:
    """Appeals in the scope of these appointments: those that are open, by the day they are due; a page
    of the others, newest first."""
    cohorts = {one.id: one for one in records.cohorts_of(session, held)}
    here = Appeal.cohort_id.in_(cohorts)
    open_ = cases.facts_where(session, here, appeal_is_open())
    latest = session.scalars(
        paging.newest_first(select(Appeal.id).where(here, ~appeal_is_open()), Appeal, after, PAGE)
    ).all()
    others = paging.cut(latest, PAGE, lambda one: one)
    ended = cases.facts_where(session, Appeal.id.in_(others.lines))[::-1]
    mine = [
        one for one in (*open_, *ended)
        if one.learner != person_id and quality.covers(held, cohorts[one.cohort_id], one.unit)
    ]  # fmt: skip
    names = quality.learners(session, {one.enrolment_id for one in mine})
    versions = session.execute(
        select(Answer.id, Answer.unit_version_id).where(Answer.id.in_([one.answer_id for one in mine]))
    )
    units = {row.id: catalogue.unit(session, row.unit_version_id) for row in versions}
    lines = [
        Line(one, names.get(one.enrolment_id, "Name erased"), units[one.answer_id],
             units[one.answer_id].question(one.question))
        for one in mine
    ]  # fmt: skip
    now = [one for one in lines if one.appeal.is_open]
    now.sort(key=lambda one: one.appeal.due_on or date.max)
    return now, Paged([one for one in lines if not one.appeal.is_open], others.after)


@dataclass(frozen=True)
class Seen:
    """One appeal with the work it is about."""

    appeal: AppealFacts
    cohort: Cohort
    shown: ShownAnswer
    agreed: tuple[Agreed, ...]
    """The adjustments that hold for this work."""


def seen(session: Session, appeal_id: UUID, held: Collection[HeldAppointment], *, lock: bool = False) -> AppealFacts:
    """An appeal in the scope of these appointments. Raises NotFound."""
    facts = cases.appeal(session, appeal_id, lock=lock)
    cohort = session.get_one(Cohort, facts.cohort_id)
    if not quality.covers(held, cohort, facts.unit):
        raise NotFound
    return facts


def actor(session: Session, facts: AppealFacts, held: Collection[HeldAppointment], person_id: UUID) -> Actor | None:
    """Who answers, under an appointment that covers the work and that the stage admits; None without one."""
    cohort = session.get_one(Cohort, facts.cohort_id)
    admitted = (one for one in held if one.role in ADMITS[facts.stage])
    found = next((one for one in admitted if quality.covers([one], cohort, facts.unit)), None)
    return Actor(person_id, found.role, found.id) if found else None


def in_full(session: Session, facts: AppealFacts, person_id: UUID) -> Seen:
    """An appeal's answer, opened, with every decision on it and what was agreed. Raises Refusal for a blind judge."""
    must_not_be_blind(session, facts.answer_id, person_id)
    shown = showing.opened(session, facts.answer_id, me=person_id)
    cohort = session.get_one(Cohort, facts.cohort_id)
    return Seen(facts, cohort, shown, tuple(showing.agreed(session, shown.facts)))


def file_of(session: Session, facts: AppealFacts, file_id: UUID) -> tuple[str, str, bytes]:
    """Name, type and content of a file of an appeal's answer. Raises NotFound."""
    answer = work.answer_facts(session, facts.answer_id)
    return marking_showing.file_of(session, catalogue.unit(session, answer.unit_version_id), answer, file_id)


def standing(session: Session, facts: AppealFacts, person_id: UUID) -> Standing:
    """How a person stands to the answer of an appeal, to its cohort, and to the stages before this one."""
    cohort, before = session.get_one(Cohort, facts.cohort_id), (one for one in facts.found if _is_ours(one))
    found = records.standing(session, person_id, cohort, act=HEARS[facts.stage], answers=[facts.answer_id])
    return found.plus(Tie.BEGAN if any(one.decided_by == person_id for one in before) else None)


def _is_ours(found: Found) -> bool:
    return found.stage != Stage.AWARDING_ORGANISATION
