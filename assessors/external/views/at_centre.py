"""What the centre does about visits: lets somebody in, chooses the sample, answers requests, notes actions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assessors.external import forms, operations, queries
from assessors.external.models import Visit
from assessors.external.views.scope import RUNNERS, bp, held
from assessors.quality import queries as quality
from course import access, db
from course.access import Role
from course.catalogue import queries as catalogue
from course.pages import page
from course.people.models import Centre
from course.records import queries as record_queries

USUALLY = timedelta(days=14)


@bp.get("/visits", allow=RUNNERS)
def visits() -> Response:
    """Every visit, now and before."""
    return page("external/visits.html", visits=queries.visits_at(db.session(), held()))


@bp.get("/visits/new", allow=RUNNERS)
def new_visit() -> Response:
    """The form for a visit."""
    today = record_queries.today_at(db.session(), access.acting().centre_id)
    form = forms.VisitForm(formdata=None, from_date=today, until_date=today + USUALLY)
    return page("external/visit_new.html", form=_offer(form))


def _offer(form: forms.VisitForm) -> forms.VisitForm:
    session, mine = db.session(), held()
    return form.offer(catalogue.qualifications(session), record_queries.cohorts_of(session, mine))


@bp.post("/visits/new", allow=RUNNERS)
def set_up() -> Response:
    """Let an external quality assurer in, until a day."""
    session, form = db.session(), _offer(forms.VisitForm())
    if not form.validate_on_submit():
        return page("external/visit_new.html", form=form, errors=form.errors, status=422)
    qualification, _, cohort = (form.scope.data or "").partition("/")
    visitor = operations.Visitor(
        form.name.data or "", form.email.data or "", form.purpose.data or "", qualification,
        UUID(cohort) if cohort else None, form.from_date.data, form.until_date.data,
    )  # fmt: skip
    centre = session.get_one(Centre, access.acting().centre_id)
    made = operations.set_up(session, centre, visitor, by=access.actor())
    if not queries.covers(held(), made):
        raise NotFound  # every cohort, asked by somebody who has only one; the raise undoes it
    flash("The visit is set up, and an invitation is on its way. Now choose what may be seen.")
    return redirect(url_for(".visit_at_centre", visit_id=made.id), 303)


@bp.get("/visits/<uuid:visit_id>", allow=RUNNERS)
def visit_at_centre(visit_id: UUID) -> Response:
    """One visit: its sample, requests, actions and packs."""
    return _page(queries.visit_at(db.session(), visit_id, held()))


def _page(found: Visit, refused: tuple[Any, Any] | None = None) -> Response:
    """`refused`: a form with mistakes, and which it is: "sample", "action", or the id of a request or an action."""
    session = db.session()
    lines = queries.units_with_work(session, found)
    shown = set(queries.shown_units(session, found.id))
    which, wrong = refused or (None, None)
    requests, packs = queries.requests_of(session, found.id), queries.packs_of(session, found.id)
    showings = queries.showings_of(session, found.id)
    actions = queries.actions_of(session, [found.id])
    people = {found.eqa_id, *(one.made_by for one in packs), *(one.shown_by for one in showings)}
    people |= {one.action.noted_by for one in actions}
    appointment, today = queries.appointment_of(session, found), record_queries.today_at(session, found.centre_id)
    return page(
        "external/at_centre.html", visit=found, title=queries.qualification_of(session, found).title,
        appointment=appointment, is_over=queries.is_over(appointment, today), today=today,
        lines=lines, shown=shown, names={one.key: f"{one.learner}: {one.title}" for one in lines}, showings=showings,
        people=quality.names(session, people), asked=requests, actions=actions,
        packs=packs, can_pack=bool(access.held(Role.LEAD_IQA)), which=which, mistaken=wrong,
        sample_form=wrong if which == "sample" else _sample_form(found, formdata=None),
        action_form=wrong if which == "action" else forms.ActionForm(formdata=None),
        refusal_form=forms.RefusalForm(formdata=None), done_form=forms.DoneForm(formdata=None),
        errors=wrong.errors if wrong else None,
        status=422 if wrong else 200,
    )  # fmt: skip


def _sample_form(found: Visit, **how: Any) -> forms.SampleForm:
    session = db.session()
    shown = set(queries.shown_units(session, found.id))
    lines = [one for one in queries.units_with_work(session, found) if one.key not in shown]
    made: forms.SampleForm = forms.SampleForm(**how).offer(lines)
    return made


@bp.post("/visits/<uuid:visit_id>/sample", allow=RUNNERS)
def show(visit_id: UUID) -> Response:
    """Add units to what may be seen."""
    found = queries.visit_at(db.session(), visit_id, held())
    form = _sample_form(found)
    if not form.validate_on_submit():
        return _page(found, ("sample", form))
    operations.show(db.session(), found, form.chosen, form.rationale.data or "", by=access.actor())
    return _done(found, "These can be seen now.")


@bp.post("/visits/<uuid:visit_id>/requests/<uuid:request_id>/grant", allow=RUNNERS)
def grant(visit_id: UUID, request_id: UUID) -> Response:
    """Show what was asked for."""
    found = queries.visit_at(db.session(), visit_id, held())
    asked = queries.request_of(db.session(), found, request_id)
    operations.grant(db.session(), found, asked, by=access.actor())
    return _done(found, "What was asked for can be seen now.")


@bp.post("/visits/<uuid:visit_id>/requests/<uuid:request_id>/refusal", allow=RUNNERS)
def refuse(visit_id: UUID, request_id: UUID) -> Response:
    """Say why what was asked for is not shown."""
    found, form = queries.visit_at(db.session(), visit_id, held()), forms.RefusalForm()
    asked = queries.request_of(db.session(), found, request_id)
    if not form.validate_on_submit():
        return _page(found, (request_id, form))
    operations.refuse(db.session(), found, asked, form.reason.data or "", by=access.actor())
    return _done(found, "Your answer is on its way.")


@bp.post("/visits/<uuid:visit_id>/actions", allow=RUNNERS)
def note_action(visit_id: UUID) -> Response:
    """Note an action that the external quality assurer set."""
    found, form = queries.visit_at(db.session(), visit_id, held()), forms.ActionForm()
    if not form.validate_on_submit():
        return _page(found, ("action", form))
    operations.note_action(db.session(), found, form.words.data or "", form.due_on.data, by=access.actor())
    return _done(found, "The action is noted.")


@bp.post("/visits/<uuid:visit_id>/actions/<uuid:action_id>/done", allow=RUNNERS)
def finish_action(visit_id: UUID, action_id: UUID) -> Response:
    """Note what was done about an action."""
    found, form = queries.visit_at(db.session(), visit_id, held()), forms.DoneForm()
    noted = queries.action_of(db.session(), found, action_id)
    if not form.validate_on_submit():
        return _page(found, (action_id, form))
    operations.finish_action(db.session(), found, noted, form.words.data or "", form.done_on.data, by=access.actor())
    return _done(found, "What was done is noted.")


@bp.post("/visits/<uuid:visit_id>/actions/<uuid:action_id>/closure", allow=RUNNERS)
def close_action(visit_id: UUID, action_id: UUID) -> Response:
    """Close an action that the external quality assurer left open when the visit ended."""
    found = queries.visit_at(db.session(), visit_id, held())
    noted = queries.action_of(db.session(), found, action_id)
    operations.close_action(db.session(), found, noted, by=access.actor())
    return _done(found, "The action is closed.")


@bp.get("/visits/<uuid:visit_id>/looks", allow=RUNNERS)
def looks(visit_id: UUID) -> Response:
    """Everything that the external quality assurer opened, the latest first."""
    session, found = db.session(), queries.visit_at(db.session(), visit_id, held())
    before = request.args.get("before", type=UUID)
    lines = queries.looks_of(session, found, before=before)
    return page(
        "external/looks.html", visit=found, eqa=quality.names(session, {found.eqa_id}).get(found.eqa_id),
        looks=lines[: queries.LOOKS], earlier=lines[queries.LOOKS - 1].id if len(lines) > queries.LOOKS else None,
        is_latest=before is None,
    )  # fmt: skip


@bp.post("/visits/<uuid:visit_id>/end", allow=RUNNERS)
def end(visit_id: UUID) -> Response:
    """Let today be the last day."""
    found = queries.visit_at(db.session(), visit_id, held())
    operations.end_visit(db.session(), found, by=access.actor())
    return _done(found, "Today is the last day of this visit.")


def _done(found: Visit, words: str) -> Response:
    flash(words)
    return redirect(url_for(".visit_at_centre", visit_id=found.id), 303)
