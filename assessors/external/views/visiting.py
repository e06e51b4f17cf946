"""What an external quality assurer sees: their visits, the sample, each answer in it; and asking for more."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from assessors.external import operations, queries, showing
from assessors.external.forms import ActionForm, AskForm
from assessors.external.models import Visit
from assessors.external.views.scope import bp
from assessors.marking import showing as marking
from assessors.quality import overview
from assessors.quality import queries as quality
from course import access, db
from course.access import Role
from course.catalogue import queries as catalogue
from course.pages import page
from course.records import queries as record_queries
from course.workbook import files

EQA = {Role.EQA}


def _visit(visit_id: UUID) -> Visit:
    return queries.visit_of(db.session(), visit_id, access.held(Role.EQA))


@bp.get("/external", allow=EQA)
def home() -> Response:
    """Their visits, and each cohort in scope: numbers and dates, nobody's words."""
    session, held = db.session(), access.held(Role.EQA)
    titles = {one.slug: one.title for one in catalogue.qualifications(session)}
    return page(
        "external/home.html",
        cohorts=overview.numbers(session, held),
        visits=queries.visits_of(session, held),
        titles=titles,
    )


@bp.get("/external/visits/<uuid:visit_id>", allow=EQA)
def visit(visit_id: UUID) -> Response:
    """The sample, what was asked for, and the actions."""
    return _page(_visit(visit_id))


def _page(found: Visit, *, asking: AskForm | None = None, action: ActionForm | None = None) -> Response:
    """`asking`, `action`: a form with mistakes."""
    session = db.session()
    shown = set(queries.shown_units(session, found.id))
    lines = queries.units_with_work(session, found)
    wrong = asking or action
    form = asking or AskForm(formdata=None).offer(queries.to_ask_for(session, found))
    actions = queries.actions_of(session, [found.id])
    return page(
        "external/visit.html", visit=found, title=queries.qualification_of(session, found).title,
        until=queries.appointment_of(session, found).until_date, units=[one for one in lines if one.key in shown],
        answers=queries.listed(session, found), asked=queries.requests_of(session, found.id),
        names={one.key: f"{one.learner}: {one.title}" for one in lines}, form=form, lines=lines, shown=shown,
        actions=actions, people=quality.names(session, {one.action.noted_by for one in actions}),
        today=record_queries.today_at(session, found.centre_id), mistaken=wrong,
        is_leaving=action is not None, action_form=action or ActionForm(formdata=None),
        errors=wrong.errors if wrong else None, status=422 if wrong else 200,
    )  # fmt: skip


@bp.get("/external/visits/<uuid:visit_id>/answers/<uuid:answer_id>", allow=EQA, purpose="external checking")
def answer(visit_id: UUID, answer_id: UUID) -> Response:
    """One answer of the sample in full."""
    session, found = db.session(), _visit(visit_id)
    facts = queries.sampled_answer(session, found.id, answer_id)
    ids = [one.id for one in queries.sampled_answers(session, found.id)]
    following = ids[ids.index(answer_id) + 1 :]
    return page(
        "external/answer.html", visit=found, read=showing.answer(session, facts),
        next_id=following[0] if following else None,
    )  # fmt: skip


@bp.get(
    "/external/visits/<uuid:visit_id>/answers/<uuid:answer_id>/files/<uuid:file_id>",
    allow=EQA,
    purpose="external checking",
)
def answer_file(visit_id: UUID, answer_id: UUID, file_id: UUID) -> Response:
    """A file that belongs to an answer of the sample."""
    session, found = db.session(), _visit(visit_id)
    facts = queries.sampled_answer(session, found.id, answer_id)
    unit = catalogue.unit(session, facts.unit_version_id)
    return files.download(*marking.file_of(session, unit, facts, file_id))


@bp.post("/external/visits/<uuid:visit_id>/requests", allow=EQA)
def ask(visit_id: UUID) -> Response:
    """Ask the centre for units of one's own choice."""
    session, found = db.session(), _visit(visit_id)
    form = AskForm().offer(queries.to_ask_for(session, found))
    if not form.validate_on_submit():
        return _page(found, asking=form)
    operations.ask(session, found, form.chosen, form.reason.data or "", by=access.actor())
    flash("Your request was sent. The centre answers it here.")
    return redirect(url_for(".visit", visit_id=visit_id), 303)


@bp.post("/external/visits/<uuid:visit_id>/actions", allow=EQA)
def leave_action(visit_id: UUID) -> Response:
    """Leave an action for the centre, with the day by which it is to be done."""
    session, found, form = db.session(), _visit(visit_id), ActionForm()
    if not form.validate_on_submit():
        return _page(found, action=form)
    operations.note_action(session, found, form.words.data or "", form.due_on.data, by=access.actor())
    flash("The action is left. The centre answers it here.")
    return redirect(url_for(".visit", visit_id=visit_id), 303)


@bp.post("/external/visits/<uuid:visit_id>/actions/<uuid:action_id>/closure", allow=EQA)
def accept_action(visit_id: UUID, action_id: UUID) -> Response:
    """Say that what the centre did about an action is enough."""
    session, found = db.session(), _visit(visit_id)
    operations.close_action(session, found, queries.action_of(session, found, action_id), by=access.actor())
    flash("The action is closed.")
    return redirect(url_for(".visit", visit_id=visit_id), 303)
