"""Right knowledge checks, confirmed many at once."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from assessors.marking import forms
from assessors.marking.forms import ChecksForm
from assessors.marking.operations import judging
from assessors.marking.queries import desk as desks
from assessors.marking.queries import queue as queries
from assessors.marking.rules import may_return
from assessors.marking.views import ASSESSOR, assessor, bp
from assessors.marking.views.queue import due_days, line, tabs
from course import db
from course.catalogue import queries as catalogue
from course.pages import page


@bp.get("/marking/checks", allow=ASSESSOR)
def checks() -> Response:
    """Right checks that wait."""
    return _show(ChecksForm(formdata=None))


def _show(form: ChecksForm, status: int = 200) -> Response:
    session, reader = db.session(), assessor()
    rows = queries.checks(session, reader, forms.filters_from(request.values))
    units = catalogue.units(session, {row.unit_version_id for row in rows})
    due = due_days(session, rows)
    lines = [line(row, units, reader.person_id, due) for row in rows]
    return page("marking/checks.html", status=status, form=form, lines=lines, tabs=tabs(reader, "checks"))


@bp.post("/marking/checks", allow=ASSESSOR)
def confirm_checks() -> Response:
    """Confirm the ticked ones: a decision for each criterion of each, all with one feedback, all or none."""
    form = ChecksForm()
    if not form.validate():
        return _show(form, status=422)
    session, reader = db.session(), assessor()
    for answer_id in form.answer_ids()[: queries.PAGE]:
        decided = judging.confirm_check(session, desks.desk(session, reader, answer_id, lock=True), form.feedback.data)
        if may_return(decided.case, by=reader.person_id):
            judging.return_answer(session, decided)
    flash("Confirmed. Each learner has a letter once their answer is returned.")
    return redirect(url_for(".checks"), 303)
