"""Pages of appeals for those who answer them: what is due, one appeal with its work, and sending it outside."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessors.appeals import operations, queries
from assessors.quality import queries as quality
from assessors.quality.affected import rules as affected_rules
from assessors.quality.affected.forms import AppealErrorForm
from course import access, db, paging
from course.access import Blueprint, HeldAppointment, Role
from course.audit import Actor
from course.cases import queries as case_queries
from course.cases import rules
from course.cases.forms import HeardForm, OutcomeForm, SendingForm
from course.cases.models import Outcome, Stage
from course.cases.operations import appeals as cases
from course.enrolment.models import Cohort
from course.forms import FormBase
from course.pages import page
from course.people import queries as people
from course.people.accounts import me
from course.records import queries as records
from course.refusal import Refusal
from course.workbook import files
from course.workbook.rules import DecisionFact

ANSWERS = {Role.ASSESSOR, Role.IQA, Role.LEAD_IQA}

bp = Blueprint("appeals", __name__, url_prefix="/quality/appeals")


def _held() -> list[HeldAppointment]:
    return access.held(*ANSWERS)


@bp.get("", allow=ANSWERS)
def home() -> Response:
    """Appeals that somebody is to answer, the most urgent first, and the latest that have ended."""
    after = paging.begins_after(request.args)
    now, ended = queries.listed(db.session(), _held(), me().person_id, after)
    return page("appeals/home.html", now=now, ended=ended.lines, next_after=ended.after, who=rules.WHO)


@bp.get("/<uuid:appeal_id>", allow=ANSWERS, purpose="appeal")
def one(appeal_id: UUID) -> Response:
    """One appeal: what was said, the work, the decisions, and the form for whoever may answer it."""
    return _one(appeal_id)


def _one(appeal_id: UUID, refused: FormBase | None = None, status: int = 200) -> Response:
    session = db.session()
    facts = queries.seen(session, appeal_id, _held())
    found = queries.in_full(session, facts, me().person_id)
    said = case_queries.said_in(session, facts)
    is_upheld = facts.state == rules.State.UPHELD
    choices = queries.appealed(session, facts) if is_upheld else []
    error = refused if isinstance(refused, AppealErrorForm) else AppealErrorForm(formdata=None)
    _offer(error, choices)
    return page(
        "appeals/one.html", found=found, appeal=facts, said=said, who=rules.WHO, cannot=_cannot(facts),
        names=people.names(session, {one.by for one in said if one.by}), can_send=_can_send(facts),
        outcome=refused if isinstance(refused, OutcomeForm) else _outcome_form(facts)(formdata=None),
        sending=refused if isinstance(refused, SendingForm) else SendingForm(formdata=None, sent_on=facts.today),
        following=queries.following(session, facts) if is_upheld else None, error=error,
        cannot_find=_cannot_find(facts, choices) if is_upheld else "",
        is_assurer=access.acting().role != Role.ASSESSOR,
        refused=refused, errors=refused.errors if refused else None, status=status,
        file_at=lambda file_id: url_for(".file", appeal_id=facts.id, file_id=file_id),
    )  # fmt: skip


def _outcome_form(facts: rules.AppealFacts) -> type[OutcomeForm]:
    """One's own finding, or what was heard from outside."""
    return HeardForm if facts.stage == Stage.AWARDING_ORGANISATION else OutcomeForm


def _cannot(facts: rules.AppealFacts) -> str:
    """Why this person cannot answer now; empty when they can."""
    try:
        standing = queries.standing(db.session(), facts, me().person_id)
        rules.decide(facts, standing, role=_actor(facts).role, reason="asked beforehand")
    except Refusal as refusal:
        return f"{refusal.sentence} {refusal.next_step}".strip()
    return ""


def _can_send(facts: rules.AppealFacts) -> bool:
    if facts.stage not in {Stage.INDEPENDENT, Stage.AWARDING_ORGANISATION} or facts.sent_on or not facts.is_open:
        return False
    return facts.learner != me().person_id and any(held.role == Role.LEAD_IQA for held in _held())


@bp.get("/<uuid:appeal_id>/files/<uuid:file_id>", allow=ANSWERS, purpose="appeal")
def file(appeal_id: UUID, file_id: UUID) -> Response:
    """A file that belongs to the answer."""
    session = db.session()
    facts = queries.seen(session, appeal_id, _held())
    return files.download(*queries.file_of(session, facts, file_id))


@bp.post("/<uuid:appeal_id>/outcome", allow=ANSWERS, purpose="appeal")
def decide(appeal_id: UUID) -> Response:
    """Answer the stage that it is at."""
    session = db.session()
    facts = queries.seen(session, appeal_id, _held(), lock=True)
    form = _outcome_form(facts)()
    if not form.validate_on_submit():
        return _one(appeal_id, form, 422)
    outcome = Outcome(form.outcome.data)
    operations.decide(session, facts, outcome, form.reason.data or "", by=_actor(facts), begun=form.begun.data)
    flash(_said(facts) if outcome == Outcome.UPHELD else "Your answer is sent. The learner may take it further.")
    return redirect(url_for(".one", appeal_id=facts.id), 303)


def _said(facts: rules.AppealFacts) -> str:
    if queries.result_stands(db.session(), facts):
        return "The appeal is upheld. The unit is released, so the result must be withdrawn first."
    return "The appeal is upheld. The answer is back in the queue, for somebody else to judge."


@bp.post("/<uuid:appeal_id>/error", allow=ANSWERS, purpose="appeal")
def find_error(appeal_id: UUID) -> Response:
    """Say which decision was wrong, and begin the search for others like it."""
    session, form = db.session(), AppealErrorForm()
    facts = queries.seen(session, appeal_id, _held(), lock=True)
    choices = queries.appealed(session, facts)
    _offer(form, choices)
    if not form.validate_on_submit():
        return _one(appeal_id, form, 422)
    chosen = next((one for one in choices if str(one.id) == form.decision.data), None)
    by = _finder(facts)
    row = operations.find_error(session, facts, chosen, form.look_for.data or "", by=by)
    flash("That is noted. Now the decisions like it are looked at.")
    if by.role == Role.ASSESSOR:
        return redirect(url_for(".one", appeal_id=facts.id), 303)
    return redirect(url_for("quality.error", error_id=row.id), 303)


def _offer(form: AppealErrorForm, choices: list[DecisionFact]) -> None:
    form.decision.choices = [SelectChoice(str(one.id), f"Not yet on {one.criterion}") for one in choices]
    if len(choices) == 1 and not form.decision.data:
        form.decision.data = str(choices[0].id)


def _finder(facts: rules.AppealFacts) -> Actor:
    """Whoever upheld it acts as they did then; anybody else as the lead internal quality assurer, if they are."""
    cohort = db.session().get_one(Cohort, facts.cohort_id)
    answered = facts.found and facts.found[-1].decided_by == me().person_id
    admits = rules.ADMITS[facts.found[-1].stage] if answered else {Role.LEAD_IQA}
    for held in _held():
        if held.role in admits and quality.covers([held], cohort, facts.unit):
            return Actor(me().person_id, held.role, held.id)
    return access.actor()


def _cannot_find(facts: rules.AppealFacts, choices: list[DecisionFact]) -> str:
    """Why this person does not say which decision was wrong; empty when they do."""
    by = _finder(facts)
    standing = records.standing(
        db.session(), by.person_id, db.session().get_one(Cohort, facts.cohort_id), answers=[facts.answer_id]
    )
    try:
        affected_rules.uphold_for_appeal(
            queries.as_upheld(db.session(), facts, by), standing, by=by.person_id, look_for="asked beforehand",
            decided_by=choices[0].decided_by if choices else None,
        )  # fmt: skip
    except Refusal as refusal:
        return f"{refusal.sentence} {refusal.next_step}".strip()
    return ""


def _actor(facts: rules.AppealFacts) -> Actor:
    """Who answers, under the appointment that the stage asks for."""
    return queries.actor(db.session(), facts, _held(), me().person_id) or access.actor()


@bp.post("/<uuid:appeal_id>/sending", allow={Role.LEAD_IQA})
def send(appeal_id: UUID) -> Response:
    """Note that it went to the awarding organisation."""
    session, form = db.session(), SendingForm()
    facts = queries.seen(session, appeal_id, access.held(Role.LEAD_IQA), lock=True)
    form.today = facts.today
    if not form.validate_on_submit():
        return _one(appeal_id, form, 422)
    standing = queries.standing(session, facts, me().person_id)
    cases.send(session, facts, standing, form.sent_on.data, form.reference.data or "", by=access.actor())
    flash("That is noted. Note the outcome here when you hear.")
    return redirect(url_for(".one", appeal_id=facts.id), 303)
