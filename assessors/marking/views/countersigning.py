"""What waits for a countersignature, and giving it: agree, or send the decisions back to whoever trains."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assessors.marking import showing
from assessors.marking.forms import CountersignForm
from assessors.marking.operations import judging
from assessors.marking.operations.countersigning import countersign
from assessors.marking.queries import countersigning as queries
from assessors.marking.queries.desk import Desk
from assessors.marking.queries.desk import desk as desk_of
from assessors.marking.queries.words import SavedJudgement
from assessors.marking.rules import AGREE, may_return
from assessors.marking.views import ASSESSOR, assessor, bp
from assessors.marking.views.queue import due_days, line, tabs
from course import db
from course.catalogue import queries as catalogue
from course.pages import page


@bp.get("/marking/countersignatures", allow=ASSESSOR)
def to_countersign() -> Response:
    """Decisions of those who still train, oldest first."""
    session, reader = db.session(), assessor()
    rows = queries.to_countersign(session, reader)
    due, known = due_days(session, rows), catalogue.units(session, {row.unit_version_id for row in rows})
    lines = [line(row, known, reader.person_id, due) for row in rows]
    return page("marking/countersignatures.html", lines=lines, tabs=tabs(reader, "countersign", None, None))


def _desk(answer_id: UUID, *, lock: bool = False) -> Desk:
    """The answer, for somebody who may countersign in its scope. Raises NotFound."""
    reader = queries.qualified(assessor())
    if not reader.appointments:
        raise NotFound
    found = desk_of(db.session(), reader, answer_id, lock=lock)
    g.acting = found.appointment
    return found


@bp.get("/marking/answers/<uuid:answer_id>/countersignature", allow=ASSESSOR, purpose="countersigning")
def countersigning(answer_id: UUID) -> Response:
    """The answer and what was decided about it, with the form."""
    return _page(_desk(answer_id), CountersignForm(formdata=None))


def _page(desk: Desk, form: CountersignForm, status: int = 200) -> Response:
    shown = showing.show(db.session(), desk, SavedJudgement())
    return page(
        "marking/countersign.html", shown=shown, form=form, status=status,
        file_address=lambda file_id: url_for(".file", answer_id=desk.answer.id, file_id=file_id),
    )  # fmt: skip


@bp.post("/marking/answers/<uuid:answer_id>/countersignature", allow=ASSESSOR, purpose="countersigning")
def give_countersignature(answer_id: UUID) -> Response:
    """Agree and, where the policy returns at once, return it; or send the decisions back."""
    session, form = db.session(), CountersignForm()
    desk = _desk(answer_id, lock=True)
    if not form.validate_on_submit():
        return _page(desk, form, 422)
    countersign(session, desk, form.finding.data, form.comment.data or "")
    if form.finding.data != AGREE:
        flash("The decisions went back, with what you wrote.")
        return redirect(url_for(".to_countersign"), 303)
    session.flush()
    agreed = _desk(answer_id, lock=True)
    if may_return(agreed.case, by=agreed.by.person_id):
        judging.return_answer(session, agreed)
        flash(f"Countersigned, and returned to {agreed.first_name}.")
    else:
        flash("Countersigned. It is returned after a sample has been checked.")
    return redirect(url_for(".to_countersign"), 303)
