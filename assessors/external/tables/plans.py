"""Sampling plans: what each asked, what it drew and why, every change by hand; and errors and who else they affect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from assessors.quality.affected.models import AffectedLook, UpheldError
from assessors.quality.models import SampledAnswer
from assessors.quality.plan import coverage, facts, showing
from assessors.quality.plan import queries as plan_queries
from assessors.quality.plan.models import Plan, PlanChange, PlanLine
from course.enrolment.models import Cohort
from course.evidence import Row, Scope, Table
from course.pictures import Picture
from course.workbook.models import Answer, Decision


def plans(session: Session, scope: Scope) -> Iterator[Table]:
    """Each plan and whether it holds what the policy asks; its lines and why; its changes and why."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Plan, Cohort.name)
            .join(Cohort, Cohort.id == Plan.cohort_id)
            .where(Plan.cohort_id.in_(scope.cohort_ids))
            .order_by(Cohort.name, Plan.number)
        ).all()
        for plan, cohort in found:
            now = plan_queries.plan_now(session, plan)
            gaps = "; ".join(f"{said(one.need.value)} {one.of}".strip() for one in now.drawn.gaps)
            cells = (
                cohort, plan.number, plan.stage, when(plan.at), name(plan.drawn_by), plan.seed, now.answers,
                now.reviewed, "Yes" if now.drawn.is_compliant else "No", gaps,
            )  # fmt: skip
            yield Row(cells, (words.ink("sampling_plan", plan.id), words.ink("sample", plan.sample_id)))

    def lines() -> Iterator[Row]:
        found = session.execute(
            select(Plan.id, Plan.number, Cohort.name, Answer, PlanLine.reasons)
            .join(PlanLine, PlanLine.plan_id == Plan.id)
            .join(SampledAnswer, SampledAnswer.id == PlanLine.sampled_answer_id)
            .join(Answer, Answer.id == SampledAnswer.answer_id)
            .join(Cohort, Cohort.id == Plan.cohort_id)
            .where(Plan.cohort_id.in_(scope.cohort_ids))
            .order_by(Cohort.name, Plan.number, SampledAnswer.id)
            .execution_options(yield_per=1000)
        )
        for plan_id, number, cohort, answer, reasons in found:
            line = facts.line_loads(answer.id, reasons)
            why = [f"{said(need.value)} {of if '-' in of and '/' in of else ''}".strip() for need, of in line.brings]
            why += [f"{said(because.value)} share of {name(of)}" for because, of in line.fills]
            cells = (
                cohort, number, learners.get(answer.enrolment_id, "Name erased"), unit(answer.unit), answer.question,
                answer.number, "; ".join(why),
            )  # fmt: skip
            yield Row(cells, (words.ink("sampling_plan", plan_id), words.ink("answer", answer.id)))

    yield Table(
        "sampling-plans", "Sampling plans", "What internal quality assurers planned to look at, and what is missing.",
        ("Cohort", "Plan", "Stage", "Drawn", "By", "Seed", "Answers", "Looked at", "Holds what the policy asks",
         "Gaps"), rows, lambda: reached(session, scope),
    )  # fmt: skip
    yield Table(
        "sampling-lines", "Why each answer was drawn", "Each answer of each plan, and what it was drawn for.",
        ("Cohort", "Plan", "Learner", "Unit", "Question", "Answer", "Why"), lines,
    )  # fmt: skip
    yield changes(session, scope)


def reached(session: Session, scope: Scope) -> Iterator[tuple[str, Picture]]:
    """What the newest plan of each cohort reaches, a picture for each unit in which anything was marked."""
    for brief in plan_queries.briefs(session, scope.cohort_ids).values():
        cohort = session.get_one(Cohort, brief.plan.cohort_id)
        names, now = showing.names_for(session, cohort, ()), plan_queries.plan_now(session, brief.plan)
        looked_at = coverage.looked_at(session, brief.plan)
        for unit in coverage.reach(now.drawn, looked_at, names, names.units):
            if unit.looked_at or unit.picked or unit.marked:
                heading = f"{cohort.name}, plan {brief.plan.number}: {unit.code} {unit.title}"
                yield heading, replace(unit.picture, key=coverage.LOOKS)


def changes(session: Session, scope: Scope) -> Table:
    """Each change of a plan by hand."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners = words.learner_names(session, scope)

    def of(answer_id: object) -> str:
        answer = session.get(Answer, answer_id) if answer_id else None
        return f"{learners.get(answer.enrolment_id, 'Name erased')}: {answer.question}" if answer else ""

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(PlanChange, Plan.number, Cohort.name)
            .join(Plan, Plan.id == PlanChange.plan_id)
            .join(Cohort, Cohort.id == Plan.cohort_id)
            .where(Plan.cohort_id.in_(scope.cohort_ids))
            .order_by(PlanChange.at, PlanChange.id)
        )
        for one, number, cohort in found:
            cells = (
                cohort, number, of(one.added_id), of(one.dropped_id), one.reason, name(one.changed_by), when(one.at)
            )  # fmt: skip
            yield Row(cells, (words.ink("plan_change", one.id),))

    return Table(
        "sampling-changes", "Changes of plans by hand", "What was added to a plan or dropped from it, and why.",
        ("Cohort", "Plan", "Added", "Dropped", "Why", "By", "When"), rows,
    )  # fmt: skip


def errors(session: Session, scope: Scope) -> Iterator[Table]:
    """Errors that were upheld, and how many other decisions were looked at because of each."""
    name, when, titled = words.named(session), words.at_centre(session, scope.centre_id), words.units(session, scope)

    def rows() -> Iterator[Row]:
        looks = select(func.count()).where(AffectedLook.error_id == UpheldError.id)
        found = session.execute(
            select(
                UpheldError, Answer.unit, Answer.question, Decision.criterion, Decision.decided_by,
                looks.scalar_subquery(), looks.where(AffectedLook.verdict == "act").scalar_subquery(),
            )
            .join(Decision, Decision.id == UpheldError.decision_id)
            .join(Answer, Answer.id == Decision.answer_id)
            .where(Answer.cohort_id.in_(scope.cohort_ids))
            .order_by(UpheldError.at)
        )  # fmt: skip
        for error, unit, question, criterion, decided_by, looked, to_act in found:
            cells = (
                titled(unit), question, criterion, name(decided_by), name(error.upheld_by), when(error.at),
                error.look_for, looked, to_act,
            )  # fmt: skip
            yield Row(cells, (words.ink("upheld_error", error.id), words.ink("decision", error.decision_id)))

    yield Table(
        "errors", "Errors and who else is affected", "Decisions found wrong, and others looked at because of it.",
        ("Unit", "Question", "Criterion", "Assessor", "Found by", "Found", "What to look for", "Others looked at",
         "Assessor to act"), rows,
    )  # fmt: skip


def said(value: str) -> str:
    """A reason as a phrase."""
    return value.replace("-", " ")
