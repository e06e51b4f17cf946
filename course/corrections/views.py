"""Pages of correction: one unit in a batch with the way out of it, and the admin's list of what to tell."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from course import access, db
from course.access import Role
from course.corrections import operations, queries, rules
from course.corrections.forms import AnswerForm, NoticeForm, RemovalForm, WithdrawalForm
from course.pages import page
from course.people.accounts import me
from course.records import queries as records
from course.refusal import Refusal, Step

ASSURERS = {Role.IQA, Role.LEAD_IQA}
READERS = {*ASSURERS, Role.ADMIN}

bp = access.Blueprint("corrections", __name__)


def _line(line_id: UUID) -> queries.Line:
    return queries.line_for(db.session(), line_id, access.held(*READERS))


@bp.get("/quality/batch-units/<uuid:line_id>", allow=READERS)
def line(line_id: UUID) -> Response:
    """One unit in a batch: what became of it, and what whoever reads it may do."""
    return _page(_line(line_id))


def _page(
    found: queries.Line, *, removal: RemovalForm | None = None, withdrawal: WithdrawalForm | None = None,
    answer: AnswerForm | None = None,
) -> Response:  # fmt: skip
    sent = removal or withdrawal or answer
    is_assurer = access.acting().role in ASSURERS
    return page(
        "corrections/line.html", line=found, names=records.names(db.session(), found.people),
        removal=removal or RemovalForm(formdata=None), withdrawal=withdrawal or WithdrawalForm(formdata=None),
        answer=answer or AnswerForm(formdata=None), sent=sent, may=_may(found),
        is_assurer=is_assurer,
        answers=queries.answers_in(db.session(), found) if is_assurer and found.is_withdrawn else [],
        status=422 if sent else 200,
    )  # fmt: skip


def _may(found: queries.Line) -> dict[str, str]:
    """By act: why this person may not, in words; empty when they may."""
    standing = queries.standing(db.session(), found, me().person_id)
    role, reason = access.acting().role, "asked beforehand"
    return {
        "take out": _why_not(lambda: rules.take_out(standing, found.facts, reason=reason)),
        "ask": _why_not(lambda: rules.ask_to_withdraw(standing, found.facts, role=role, reason=reason)),
        "answer": _why_not(
            lambda: rules.answer(standing, found.facts, by=me().person_id, is_confirmed=True, reason=reason)
        ),
    }


def _why_not(rule: Callable[[], Step]) -> str:
    try:
        rule()
    except Refusal as refusal:
        return f"{refusal.sentence} {refusal.next_step}"
    return ""


@bp.post("/quality/batch-units/<uuid:line_id>/removal", allow=ASSURERS)
def take_out(line_id: UUID) -> Response:
    """Take a unit out of a batch before its release."""
    found, form = queries.line_for(db.session(), line_id, access.held(*ASSURERS)), RemovalForm()
    if not form.validate_on_submit():
        return _page(found, removal=form)
    operations.take_out(db.session(), found, form.reason.data or "", by=access.actor())
    flash("The unit is out of the batch. It can be in a later one when it is achieved.")
    return redirect(url_for(".line", line_id=line_id), 303)


@bp.post("/quality/batch-units/<uuid:line_id>/withdrawal", allow={Role.LEAD_IQA})
def ask_to_withdraw(line_id: UUID) -> Response:
    """Ask that a released result be withdrawn."""
    found, form = queries.line_for(db.session(), line_id, access.held(Role.LEAD_IQA)), WithdrawalForm()
    if not form.validate_on_submit():
        return _page(found, withdrawal=form)
    operations.ask_to_withdraw(
        db.session(), found, form.reason.data or "", is_claimed=form.claimed.data == "yes", by=access.actor()
    )
    flash("You asked to withdraw this result. It stands until a second person confirms.")
    return redirect(url_for(".line", line_id=line_id), 303)


@bp.post("/quality/batch-units/<uuid:line_id>/withdrawal/answer", allow=READERS)
def answer(line_id: UUID) -> Response:
    """A second person confirms, or says why the result stands."""
    found, form = _line(line_id), AnswerForm()
    if not form.validate_on_submit():
        return _page(found, answer=form)
    confirmed = form.outcome.data == "withdraw"
    operations.answer(db.session(), found, form.why.data or "", is_confirmed=confirmed, by=access.actor())
    flash("The result is withdrawn. The learner has been told." if confirmed else "You said that the result stands.")
    return redirect(url_for(".line", line_id=line_id), 303)


# -- the office ------------------------------------------------------------------------------------------------------


@bp.get("/office/corrections", allow={Role.ADMIN})
def office() -> Response:
    """Withdrawals that wait for a second person, and those of which the awarding organisation must be told."""
    session, held = db.session(), access.held(Role.ADMIN)
    return page(
        "corrections/office.html", to_answer=queries.to_answer(session, held), to_tell=queries.to_tell(session, held),
        today=records.today_at(session, access.acting().centre_id),
    )  # fmt: skip


@bp.get("/office/corrections/<uuid:line_id>", allow={Role.ADMIN})
def notice(line_id: UUID) -> Response:
    """What to tell the awarding organisation, and where to note that it was told."""
    return _notice(line_id, NoticeForm(formdata=None))


def _notice(line_id: UUID, form: NoticeForm, status: int = 200) -> Response:
    found = queries.line_for(db.session(), line_id, access.held(Role.ADMIN))
    return page(
        "corrections/notice.html", line=found, form=form, errors=form.errors or None, status=status,
        names=records.names(db.session(), found.people),
    )  # fmt: skip


@bp.post("/office/corrections/<uuid:line_id>", allow={Role.ADMIN})
def note_told(line_id: UUID) -> Response:
    """The awarding organisation has been told."""
    session, form = db.session(), NoticeForm()
    found = queries.line_for(session, line_id, access.held(Role.ADMIN))
    if not form.validate_on_submit():
        return _notice(line_id, form, 422)
    assert form.told_on.data is not None  # the form asks for it
    operations.note_told(session, found, form.told_on.data, form.reference.data or "", by=access.actor())
    flash("Noted: the awarding organisation has been told.")
    return redirect(url_for(".office"), 303)
