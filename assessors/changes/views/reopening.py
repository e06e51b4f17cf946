"""Sending a returned answer back, to be decided again; and the list of those that were."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from assessors.changes import rules
from assessors.changes.forms import ReopenForm
from assessors.changes.operations import reopening
from assessors.changes.queries import reopening as queries
from assessors.changes.views import ASSURERS, assurer, bp
from assessors.quality.blindness import must_not_be_blind
from course import access, db, paging
from course.corrections import queries as corrections
from course.pages import page
from course.people.accounts import me
from course.records import queries as records
from course.refusal import Refusal


@bp.get("/quality/reopenings", allow=ASSURERS, purpose="sent back")
def reopenings() -> Response:
    """Answers that were sent back, why and by whom, and whether they still wait."""
    found = queries.sent_back(db.session(), assurer(), paging.begins_after(request.args))
    return page("changes/reopenings.html", answers=found.lines, next_after=found.after)


@bp.get("/quality/answers/<uuid:answer_id>/reopening", allow=ASSURERS)
def reopening_page(answer_id: UUID) -> Response:
    """How an answer was decided, and the form to send it back."""
    found = queries.to_reopen(db.session(), answer_id, assurer())
    must_not_be_blind(db.session(), answer_id, me().person_id)
    return _page(found, ReopenForm(formdata=None))


def _page(found: queries.ToReopen, form: ReopenForm, status: int = 200) -> Response:
    return page(
        "changes/reopening.html", found=found, form=form, cannot=_cannot(found), released_in=_released_in(found),
        errors=form.errors or None, status=status,
    )  # fmt: skip


def _released_in(found: queries.ToReopen) -> UUID | None:
    """The line whose result must be withdrawn first; nothing when the unit is not released."""
    if not found.signed.is_released:
        return None
    return corrections.standing_line(db.session(), found.answer.enrolment_id, found.answer.unit)


def _cannot(found: queries.ToReopen) -> str:
    """Why this person cannot send this answer back; empty when they can."""
    person = me().person_id
    try:
        rules.reopen(
            found.signed,
            records.standing(
                db.session(), person, found.cohort, answers=[found.answer.id], roles=queries.who_reopens(found.policy)
            ),
            by=person, role=access.acting().role, may=found.policy.reopened_by, reason="asked beforehand",
        )  # fmt: skip
    except Refusal as refusal:
        return f"{refusal.sentence} {refusal.next_step}"
    return ""


@bp.post("/quality/answers/<uuid:answer_id>/reopening", allow=ASSURERS)
def reopen(answer_id: UUID) -> Response:
    """Send the answer back."""
    found, form = queries.to_reopen(db.session(), answer_id, assurer()), ReopenForm()
    if not form.validate_on_submit():
        return _page(found, form, 422)
    reopening.reopen(db.session(), found.answer.id, form.reason.data or "", by=access.actor())
    flash(f"The answer is back in the assessors’ queue. {found.learner} is told that it is being looked at again.")
    return redirect(url_for(".reopenings"), 303)
