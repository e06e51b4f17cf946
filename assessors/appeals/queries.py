"""Appeals in somebody's scope: which there are, what part a person had in one, and the work that it is about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.changes.queries import reopening
from assessors.marking import showing as marking_showing
from assessors.quality import queries as quality
from assessors.quality import showing
from assessors.quality.affected import queries as affected
from assessors.quality.affected.rules import Upheld
from assessors.quality.blindness import must_not_be_blind
from assessors.quality.showing import ShownAnswer
from course import paging
from course.access import HeldAppointment
from course.adjustments.queries import Agreed
from course.audit import Actor
from course.cases import queries as cases
from course.cases.holds import appeal_is_open
from course.cases.models import Appeal, AppealOutcome, Outcome, Stage
from course.cases.rules import ADMITS, HEARS, AppealFacts, Found, State
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, Question
from course.corrections import queries as corrections
from course.enrolment.models import Cohort
from course.independence import Standing, Tie
from course.paging import Paged
from course.records import queries as records
from course.workbook import queries as work
from course.workbook.models import Answer, Reopening
from course.workbook.rules import DecisionFact

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


# -- once upheld -------------------------------------------------------------------------------------------------------


def result_stands(session: Session, facts: AppealFacts) -> bool:
    """Whether the unit is released or recorded: two people withdraw the result before the answer is judged again."""
    signed = reopening.signed(session, [work.answer_facts(session, facts.answer_id)])[facts.answer_id]
    return signed.is_released or signed.has_record


def outcome_id(session: Session, facts: AppealFacts) -> UUID | None:
    """The row in which it was upheld; None while it is not."""
    upheld = AppealOutcome.outcome == Outcome.UPHELD
    return session.scalar(select(AppealOutcome.id).where(AppealOutcome.appeal_id == facts.id, upheld))


def as_upheld(session: Session, facts: AppealFacts, by: Actor) -> Upheld:
    """As the rule sees it that says who may find the decision wrong."""
    last = facts.found[-1] if facts.found else None
    # Whoever noted the awarding organisation's answer decided nothing, and had to be uninvolved in nothing.
    answered = last is not None and last.decided_by == by.person_id and last.stage != Stage.AWARDING_ORGANISATION
    return Upheld(
        facts.state == State.UPHELD, affected.error_of_appeal(session, facts.id) is not None, answered, by.role
    )  # fmt: skip


def appealed(session: Session, facts: AppealFacts) -> list[DecisionFact]:
    """The decisions an upheld appeal was about: those of its answer that stood at "not yet" when it was upheld."""
    at = facts.found[-1].at if facts.found else facts.begun[0]
    before: dict[str, DecisionFact] = {}
    for one in sorted(work.answer_facts(session, facts.answer_id).decisions, key=lambda one: one.number):
        if one.at <= at:
            before[one.criterion] = one
    return [one for one in before.values() if not one.is_achieved]


@dataclass(frozen=True)
class Following:
    """What follows from an upheld appeal, as far as it has come."""

    error_id: UUID | None
    """Where the others that may be affected are looked through."""
    stands: bool
    """Whether the result of the unit still has to be withdrawn."""
    line_id: UUID | None
    """Its line in the batch, where that is done."""
    is_asked: bool
    """Whether the withdrawal waits for a second person."""
    to_reopen: bool
    """Whether the answer still has to be sent back, the result being withdrawn."""


def following(session: Session, facts: AppealFacts) -> Following:
    """What follows from an upheld appeal, derived from what was done since."""
    error = affected.error_of_appeal(session, facts.id)
    line = None
    stands = result_stands(session, facts)
    if stands:
        line_id = corrections.standing_line(session, facts.enrolment_id, facts.unit)
        line = corrections.line(session, line_id) if line_id else None
    back = exists().where(Reopening.answer_id == facts.answer_id, Reopening.at >= facts.found[-1].at)
    return Following(
        error.id if error else None, stands, line.row.id if line else None, bool(line and line.is_asked),
        not stands and not session.scalar(select(back)),
    )  # fmt: skip
