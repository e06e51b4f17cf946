"""Pages of closing an action, and of looking through everybody whom an error may have affected."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assessors.quality import queries as quality
from assessors.quality import showing as quality_showing
from assessors.quality.affected import operations, queries
from assessors.quality.affected.forms import ClosureForm, LookForm
from assessors.quality.affected.rules import Verdict
from assessors.quality.operations import Found
from assessors.quality.permitting import cannot_assure
from assessors.quality.queries import AskedAction
from assessors.quality.rules import Finding
from assessors.quality.views import ASSURERS, bp
from course import access, db
from course.access import HeldAppointment, Role
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit
from course.catalogue.models import UnitVersion
from course.pages import page
from course.people.accounts import me


def _held() -> list[HeldAppointment]:
    return access.held(Role.IQA, Role.LEAD_IQA)


# -- closing an action -------------------------------------------------------------------------------------------------


@bp.get("/quality/actions/<uuid:action_id>/closure", allow=ASSURERS, purpose="sampling")
def closure(action_id: UUID) -> Response:
    """What was asked and answered, and where the action is closed."""
    return _closure(action_id, ClosureForm(formdata=None))


def _closure(action_id: UUID, form: ClosureForm, status: int = 200) -> Response:
    session = db.session()
    asked = quality.action_for(session, action_id, _held())
    shown = quality_showing.actions(session, [asked])
    if not shown:
        raise NotFound  # its words can no longer be opened
    people = quality.names(session, {asked.decision.decided_by})
    cohort = quality.cohort_for(session, asked.answer.cohort_id, _held())
    return page(
        "quality/closure.html", shown=shown[0], waits=_waits(asked), form=form, cohort=cohort,
        cannot=cannot_assure(cohort, asked.answer.id),
        assessor=people.get(asked.decision.decided_by, "somebody who has left"), errors=form.errors or None,
        status=status,
    )  # fmt: skip


def _waits(asked: AskedAction) -> bool:
    """Whether its assessor, who is still here, has not answered."""
    left = quality.has_left(db.session(), asked.decision.decided_by, asked.answer.centre_id)
    return not asked.responses and not left


@bp.post("/quality/actions/<uuid:action_id>/closure", allow=ASSURERS, purpose="sampling")
def close(action_id: UUID) -> Response:
    """An internal quality assurer is satisfied; a wrong decision opens the search for others like it."""
    session, form = db.session(), ClosureForm()
    asked = quality.action_for(session, action_id, _held())
    if not form.validate_on_submit():
        return _closure(action_id, form, 422)
    look_for = form.look_for.data or "" if form.wrong.data == "yes" else None
    error = operations.close_action(session, asked, look_for=look_for, by=access.actor())
    if error is not None:
        flash("The action is closed. Now see who else is affected.")
        return redirect(url_for(".error", error_id=error.id), 303)
    flash("The action is closed.")
    return redirect(url_for(".answer", sample_id=asked.review.sample_id, answer_id=asked.answer.id), 303)


# -- who else is affected ----------------------------------------------------------------------------------------------


@bp.get("/quality/errors", allow=ASSURERS)
def errors() -> Response:
    """The errors that were upheld, each with how much is still to look at."""
    session, held = db.session(), _held()
    found = queries.errors_at(session, held)
    units = {row.unit: catalogue.unit_of(row) for row in _units(found)}
    counts = {one.error.id: queries.counts(session, one, held) for one in found[:20]}
    return page("quality/errors.html", upheld=found[:20], counts=counts, units=units, most=queries.MOST_COUNTED)


def _units(found: list[queries.ErrorInFull]) -> list[UnitVersion]:
    slugs = {one.cohort.qualification for one in found}
    return [row for slug in sorted(slugs) for row in catalogue.latest_units(db.session(), slug)]


@bp.get("/quality/errors/<uuid:error_id>", allow=ASSURERS)
def error(error_id: UUID) -> Response:
    """Everybody whom one error may have affected, those with most in common first."""
    session, held = db.session(), _held()
    found = queries.error_for(session, error_id, held)
    is_done = request.args.get("show") == "done"
    rows = queries.affected(session, found, held, looked_at=is_done)
    units = {row.unit: catalogue.unit_of(row) for row in _units([found])}
    people = {found.decision.decided_by, found.error.upheld_by} | {one.decision.decided_by for one in rows}
    return page(
        "quality/error.html", found=found, rows=rows, counts=queries.counts(session, found, held), is_done=is_done,
        most=queries.MOST_COUNTED, units=units, names=quality.names(session, people), question=question_name,
    )  # fmt: skip


def question_name(units: dict[str, CompiledUnit], unit: str, key: str) -> str:
    """What a question is called; one that the newest version has no more, by its key."""
    found = units.get(unit)
    return next((one.name for one in found.questions if one.key == key), key) if found else key


@bp.get("/quality/errors/<uuid:error_id>/decisions/<uuid:decision_id>", allow=ASSURERS, purpose="sampling")
def affected(error_id: UUID, decision_id: UUID) -> Response:
    """One decision that may be affected, in full, and where the look is noted."""
    return _affected(error_id, decision_id, LookForm(formdata=None))


def _affected(error_id: UUID, decision_id: UUID, form: LookForm, status: int = 200) -> Response:
    session, held = db.session(), _held()
    found = queries.error_for(session, error_id, held)
    rows = queries.affected(session, found, held, looked_at=False, only=decision_id)
    if not rows:
        raise NotFound
    shown = quality_showing.opened(session, rows[0].answer.id, me=me().person_id)
    decision = next(one for one in shown.decisions if one.decision.id == decision_id)
    cohort = quality.cohort_for(session, rows[0].answer.cohort_id, held)
    return page(
        "quality/affected.html", found=found, row=rows[0], shown=shown, one=decision, cohort=cohort, form=form,
        cannot=cannot_assure(cohort, rows[0].answer.id), errors=form.errors or None, status=status,
    )  # fmt: skip


@bp.post("/quality/errors/<uuid:error_id>/decisions/<uuid:decision_id>/look", allow=ASSURERS, purpose="sampling")
def look_at(error_id: UUID, decision_id: UUID) -> Response:
    """Note a look at one decision, and go on to the next."""
    session, held, form = db.session(), _held(), LookForm()
    found = queries.error_for(session, error_id, held)
    rows = queries.affected(session, found, held, looked_at=False, only=decision_id)
    if not rows:
        raise NotFound
    if not form.validate_on_submit():
        return _affected(error_id, decision_id, form, 422)
    what = Found(Finding.ACT, form.comment.data or "", form.due_on.data)
    looked = operations.Looked(Verdict(form.verdict.data), what)
    operations.look_at(session, found, rows[0], decision_id, looked, by=access.actor())
    flash("Noted: not affected." if looked.verdict is Verdict.UNAFFECTED else "The assessor has been asked to act.")
    following = queries.affected(session, found, held, looked_at=False, most=1)
    if following:
        return redirect(url_for(".affected", error_id=error_id, decision_id=following[0].decision.id), 303)
    return redirect(url_for(".error", error_id=error_id), 303)
