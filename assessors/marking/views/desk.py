"""One answer on the desk: take it, judge it with the guidance beside it, decide, return."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from assessors.marking import forms, showing
from assessors.marking.operations import judging, leasing
from assessors.marking.operations.leasing import Conflict
from assessors.marking.queries import desk as queries
from assessors.marking.queries import words
from assessors.marking.queries.desk import Desk
from assessors.marking.queries.queue import Filters
from assessors.marking.queries.words import SavedJudgement
from assessors.marking.rules import OutOfDate
from assessors.marking.views import ASSESSOR, assessor, bp
from assessors.marking.views.queue import to_next
from course import db
from course.errors import wants_json
from course.forms import FormBase
from course.pages import moment_in_words, page
from course.workbook import files
from course.workbook.models import JudgementDraft

RETURNING = {"next", "return"}


def on_desk(answer_id: UUID, *, lock: bool = False) -> Desk:
    """The answer, acted on under the appointment that covers it."""
    found = queries.desk(db.session(), assessor(), answer_id, lock=lock)
    g.acting = found.appointment  # the access log and the page's frame name the appointment that gives the right
    return found


@bp.get("/marking/answers/<uuid:answer_id>", allow=ASSESSOR, purpose="marking")
def judge(answer_id: UUID) -> Response:
    """The answer with the guidance in force beside it; read-only for somebody who has not taken it."""
    desk = on_desk(answer_id)
    draft = words.judgement_draft(db.session(), answer_id, desk.by.person_id) if desk.is_mine else None
    return _show(desk, words.open_judgement(db.session(), draft), draft=draft)


def _show(
    desk: Desk,
    typed: SavedJudgement,
    *,
    draft: JudgementDraft | None = None,
    form: FormBase | None = None,
    status: int = 200,
) -> Response:
    return page(
        "marking/judge.html" if desk.is_mine else "marking/answer.html",
        status=status,
        form=form,
        shown=showing.show(db.session(), desk, typed, draft, form),
        file_address=lambda file_id: url_for(".file", answer_id=desk.answer.id, file_id=file_id),
    )


@bp.get("/marking/answers/<uuid:answer_id>/files/<uuid:file_id>", allow=ASSESSOR, purpose="marking")
def file(answer_id: UUID, file_id: UUID) -> Response:
    """A file that belongs to the answer."""
    desk = on_desk(answer_id)
    return files.download(*showing.file_of(db.session(), desk.unit, desk.answer, file_id))


@bp.post("/marking/answers/<uuid:answer_id>/lease", allow=ASSESSOR)
def take(answer_id: UUID) -> Response:
    """Take the answer, so that nobody else marks it meanwhile."""
    leasing.take(db.session(), on_desk(answer_id, lock=True))
    return redirect(url_for(".judge", answer_id=answer_id), 303)


@bp.post("/marking/answers/<uuid:answer_id>/lease/end", allow=ASSESSOR)
def put_back(answer_id: UUID) -> Response:
    """Put the answer back into the queue. What was typed stays for the same assessor."""
    desk = on_desk(answer_id, lock=True)
    if desk.is_mine and request.form.get("guidance") is not None:
        leasing.keep_typed(db.session(), desk, forms.typed_from(desk, request.form))
    leasing.put_back(db.session(), desk)
    flash("You put the answer back. What you typed is kept for you.")
    return redirect(url_for(".queue"), 303)


@bp.post("/marking/answers/<uuid:answer_id>/judgement", allow=ASSESSOR)
def save_judgement(answer_id: UUID) -> Response:
    """Keep what the assessor has typed so far."""
    desk = on_desk(answer_id, lock=True)
    save = forms.save_from(request.form, request.headers)
    kept = leasing.save_judgement(db.session(), desk, forms.typed_from(desk, request.form), save)
    address = url_for(".judge", answer_id=answer_id)
    if isinstance(kept, Conflict) and wants_json():
        return jsonify_with(409, conflict=True, address=address)
    if isinstance(kept, Conflict):
        return _side_by_side(desk, "You changed this judgement on another page.", "Nothing was overwritten.", 409)
    if wants_json() and not desk.is_mine:
        # Kept, but somebody else has the answer now: better told while typing than after deciding.
        return jsonify_with(409, conflict=True, kept=True, address=address)
    saved = f"Saved {moment_in_words(kept.saved_at)}"
    if wants_json():
        return jsonify_with(200, saved=saved, nonce=save.nonce, revision=kept.revision)
    flash(f"{saved}. Nothing is decided yet.")
    return redirect(address, 303)


def jsonify_with(status: int, **values: object) -> Response:
    """A JSON answer with a status."""
    response = jsonify(**values)
    response.status_code = status
    return response


@bp.post("/marking/answers/<uuid:answer_id>/decision", allow=ASSESSOR)
def decide(answer_id: UUID) -> Response:
    """Decide every open criterion together, then return, hold, or go on to the next answer like this one."""
    desk = on_desk(answer_id, lock=True)
    judgement = forms.judgement_from(desk, request.form)
    form = forms.judgement_form(desk)()
    try:
        judging.check_current(desk, judgement)
    except OutOfDate as refusal:
        leasing.keep_typed(db.session(), desk, forms.typed_from(desk, request.form))
        return _side_by_side(desk, refusal.sentence, refusal.next_step, 409)
    if not form.validate():
        draft = leasing.keep_typed(db.session(), desk, forms.typed_from(desk, request.form))
        return _show(desk, forms.typed_from(desk, request.form), draft=draft, form=form, status=422)
    then = request.form.get("then", "hold")
    decided, returned = judging.decide(db.session(), desk, judgement, returns=then in RETURNING)
    return _after(decided, then, is_returned=returned is not None)


def _after(desk: Desk, then: str, *, is_returned: bool) -> Response:
    if is_returned:
        flash(f"Returned to {desk.first_name}. A letter says that there is something to read.")
    else:
        after = "when a qualified colleague has agreed" if desk.case.is_trainee else "when it is returned"
        flash(f"Decided and held. {desk.first_name} sees it {after}.")
    if then == "next":
        return to_next(db.session(), assessor(), Filters(unit=desk.answer.unit, question=desk.answer.question))
    if then == "stay":
        return redirect(url_for(".judge", answer_id=desk.answer.id), 303)
    return redirect(url_for(".queue"), 303)


def _side_by_side(desk: Desk, sentence: str, next_step: str, status: int) -> Response:
    sides = showing.both(db.session(), desk, forms.typed_from(desk, request.form))
    return page(
        "marking/out_of_date.html", status=status, desk=desk, sentence=sentence, next_step=next_step, sides=sides,
        shown_guidance=showing.guidance_shown(db.session(), desk, request.form.get("guidance", "")),
    )  # fmt: skip


@bp.post("/marking/answers/<uuid:answer_id>/return", allow=ASSESSOR)
def return_answer(answer_id: UUID) -> Response:
    """Return an answer that was decided and held."""
    desk = on_desk(answer_id, lock=True)
    judging.return_answer(db.session(), desk)
    flash(f"Returned to {desk.first_name}. A letter says that there is something to read.")
    return redirect(url_for(".held"), 303)
