"""Pages of sampling plans: a cohort's plans and the rule, one plan, its answers, its grid, and changes by hand."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessors.quality import queries as quality
from assessors.quality.permitting import cannot_assure
from assessors.quality.plan import coverage, operations, pool, queries, showing
from assessors.quality.plan.forms import NOTHING, ChangeForm, PlanForm
from assessors.quality.plan.models import Plan
from assessors.quality.plan.rules import Stage
from assessors.quality.views import ASSURERS, bp
from course import access, db
from course.access import HeldAppointment, Role
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort
from course.pages import page
from course.workbook.models import Answer
from course.workbook.rules import AnswerFacts


def _held() -> list[HeldAppointment]:
    return access.held(Role.IQA, Role.LEAD_IQA)


# -- a cohort's plans --------------------------------------------------------------------------------------------------


@bp.get("/quality/cohorts/<uuid:cohort_id>/plans", allow=ASSURERS)
def plans(cohort_id: UUID) -> Response:
    """The plans of a cohort, the rule they follow, and where the next one is drawn."""
    return _plans(quality.cohort_for(db.session(), cohort_id, _held()), PlanForm(formdata=None))


def _plans(cohort: Cohort, form: PlanForm, status: int = 200) -> Response:
    session = db.session()
    _, policy = enrolments.policy_for(session, cohort)
    return page(
        "quality/plans.html", cohort=cohort, form=form, plans=queries.plans_of(session, cohort.id),
        rule=showing.rule(policy.sampling), cannot=cannot_assure(cohort), errors=form.errors or None, status=status,
    )  # fmt: skip


@bp.post("/quality/cohorts/<uuid:cohort_id>/plans", allow=ASSURERS)
def draw_plan(cohort_id: UUID) -> Response:
    """Draw a plan."""
    session, held, form = db.session(), _held(), PlanForm()
    cohort = quality.cohort_for(session, cohort_id, held)
    if not form.validate_on_submit():
        return _plans(cohort, form, 422)
    plan = operations.draw(session, cohort, Stage(form.stage.data), held=held, by=access.actor())
    flash("The plan is drawn. Look at what it holds, then check the first answer.")
    return redirect(url_for(".plan", plan_id=plan.id), 303)


# -- one plan ----------------------------------------------------------------------------------------------------------


@bp.get("/quality/plans/<uuid:plan_id>", allow=ASSURERS)
def plan(plan_id: UUID) -> Response:
    """One plan: whether it holds what the policy asks, why these answers, what is missing, changes by hand."""
    session, held = db.session(), _held()
    found, cohort = queries.plan_for(session, plan_id, held)
    now = queries.plan_now(session, found)
    people = {one.assessor for one in now.drawn.shares} | {one.changed_by for one in now.changes} | {found.drawn_by}
    names = showing.names_for(session, cohort, people)
    sampling = now.policy.sampling
    mine = [slug for slug in names.units if quality.covers(held, cohort, slug)]
    return page(
        "quality/plan.html", plan=found, cohort=cohort, now=now, names=names, cannot=cannot_assure(cohort),
        gaps=showing.gaps(now.drawn, names), rule=showing.rule(sampling),
        unseen=pool.never_sampled(session, cohort, held),
        reasons=showing.reasons(found, now.drawn, sampling, names), coverage=showing.coverage(now.drawn, names),
        units=coverage.reach(now.drawn, coverage.looked_at(session, found), names, mine), looks=coverage.LOOKS,
        is_done=showing.is_done(now),
    )  # fmt: skip


@bp.get("/quality/plans/<uuid:plan_id>/answers", allow=ASSURERS)
def plan_answers(plan_id: UUID) -> Response:
    """The plan's answers in the order of the draw, page by page, each with why it was chosen."""
    session, held = db.session(), _held()
    found, cohort = queries.plan_for(session, plan_id, held)
    lines = queries.lines(session, found, _uuid(request.args.get("after")))
    more = lines[queries.PAGE :] if len(lines) > queries.PAGE and lines[queries.PAGE].why else []
    shown = lines[: len(lines) - 1] if more else lines
    people = {who for one in shown if one.why for who in _people_of(one)}
    reviewed = queries.reviewed_answers(session, found, [one.answer.id for one in shown])
    return page(
        "quality/plan_answers.html", plan=found, cohort=cohort, lines=shown, reviewed=reviewed, why=showing.why,
        names=showing.names_for(session, cohort, people), next_after=shown[-1].id if more else None,
    )  # fmt: skip


def _people_of(line: queries.ShownLine) -> set[UUID]:
    assert line.why is not None
    named = {who for _, who in line.why.fills}
    return named | {UUID(of) for _, of in line.why.brings if len(of) == 36 and of.count("-") == 4}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@bp.get("/quality/plans/<uuid:plan_id>/grid", allow=ASSURERS)
def plan_grid(plan_id: UUID) -> Response:
    """Learners by units: planned, sampled, action, released."""
    session, held = db.session(), _held()
    found, cohort = queries.plan_for(session, plan_id, held)
    name = request.args.get("name", "").strip()
    rows = queries.grid(session, found, _uuid(request.args.get("after")), name)
    more = len(rows) > queries.LEARNERS
    names = showing.names_for(session, cohort, ())
    return page(
        "quality/plan_grid.html", plan=found, cohort=cohort, rows=rows[: queries.LEARNERS], names=names,
        units=[slug for slug, unit in names.units.items() if unit.is_ready and quality.covers(held, cohort, slug)],
        name=name, cell=showing.cell, cell_words=showing.cell_words, states=showing.STATES, shapes=showing.SHAPES,
        next_after=rows[queries.LEARNERS - 1].enrolment_id if more else None,
    )  # fmt: skip


# -- changes by hand ---------------------------------------------------------------------------------------------------


@bp.get("/quality/plans/<uuid:plan_id>/learners/<uuid:enrolment_id>/units/<unit>", allow=ASSURERS)
def plan_cell(plan_id: UUID, enrolment_id: UUID, unit: str) -> Response:
    """One learner's unit in a plan: its marked answers, and where the plan is changed by hand."""
    return _cell(plan_id, enrolment_id, unit, ChangeForm(formdata=None))


def _cell(plan_id: UUID, enrolment_id: UUID, unit: str, form: ChangeForm, status: int = 200) -> Response:
    session, held = db.session(), _held()
    found, cohort = queries.plan_for(session, plan_id, held)
    learner = queries.learner_in(session, cohort, enrolment_id)
    answers = _answers(found, cohort, enrolment_id, unit, held)
    inside = queries.in_plan(session, found, Answer.id.in_([one.id for one in answers]))
    names = showing.names_for(session, cohort, {one.decided_by for each in answers for one in each.decisions})
    _offer(form, found, answers, inside, names)
    return page(
        "quality/plan_cell.html", plan=found, cohort=cohort, learner=learner, unit=unit, answers=answers,
        enrolment_id=enrolment_id, inside=inside, names=names, form=form, cannot=cannot_assure(cohort),
        reviewed=queries.reviewed_answers(session, found, [one.id for one in answers]), errors=form.errors or None,
        status=status,
    )  # fmt: skip


def _answers(
    plan: Plan, cohort: Cohort, enrolment_id: UUID, unit: str, held: list[HeldAppointment]
) -> list[AnswerFacts]:
    here = (Answer.enrolment_id == enrolment_id, Answer.unit == unit)
    found = quality.judged_answers(db.session(), cohort, held, *here)
    if not found:
        raise NotFound
    return found


def _offer(form: ChangeForm, plan: Plan, answers: list[AnswerFacts], inside: set[UUID], names: showing.Names) -> None:
    session = db.session()
    reviewed = queries.reviewed_answers(session, plan, [one.id for one in answers])
    own = {one.id: names.question(one.unit, one.question) for one in answers}
    form.add.choices = [NOTHING, *(SelectChoice(str(one), own[one]) for one in own if one not in inside)]
    here = [SelectChoice(str(one), own[one]) for one in own if one in inside and one not in reviewed]
    others = [
        SelectChoice(
            str(one.answer.id),
            f"{one.learner}, {names.code(one.answer.unit)}: {names.question(one.answer.unit, one.answer.question)}",
        )
        for one in queries.to_swap(session, plan)
        if one.answer.id not in own
    ]
    form.drop.choices = [NOTHING, *here, *others]


@bp.post("/quality/plans/<uuid:plan_id>/learners/<uuid:enrolment_id>/units/<unit>/change", allow=ASSURERS)
def change_plan(plan_id: UUID, enrolment_id: UUID, unit: str) -> Response:
    """Add an answer to a plan, drop one, or swap two, with a reason."""
    session, held, form = db.session(), _held(), ChangeForm()
    found, cohort = queries.plan_for(session, plan_id, held)
    answers = _answers(found, cohort, enrolment_id, unit, held)
    inside = queries.in_plan(session, found, Answer.id.in_([one.id for one in answers]))
    _offer(form, found, answers, inside, showing.names_for(session, cohort, ()))
    if not form.validate_on_submit():
        return _cell(plan_id, enrolment_id, unit, form, 422)
    operations.change(
        session, found, cohort, add=_uuid(form.add.data), drop=_uuid(form.drop.data), reason=form.reason.data or "",
        held=held, by=access.actor(),
    )  # fmt: skip
    flash("The plan is changed, and your reason is kept with it.")
    return redirect(url_for(".plan", plan_id=plan_id), 303)
