"""Pages on which internal quality assurers decide about attempts: dates, late answers, further goes, panels."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from assessors.attempts import forms, operations, queries
from assessors.attempts.queries import AttemptsOf
from assessors.changes.queries.policies import CONDITIONS
from course import access, db
from course.access import HeldAppointment, Role
from course.independence import Act, why_not
from course.pages import date_in_words, page
from course.people.accounts import me
from course.working_days import day_of_rest

ASSURERS = {Role.IQA, Role.LEAD_IQA}

bp = access.Blueprint("attempts", __name__)


def _held() -> list[HeldAppointment]:
    held = access.held(Role.LEAD_IQA, Role.IQA)
    lead = next((one for one in held if one.role == Role.LEAD_IQA), None)
    if lead is not None:
        g.acting = lead
    return held


@bp.get("/quality/attempts", allow=ASSURERS)
def attempts() -> Response:
    """Questions about whose attempts somebody has to decide."""
    found = queries.open_questions(db.session(), _held())
    return page("attempts/list.html", groups=[(what, [one for one in found if one.what == what]) for what in HEADS],
                heads=HEADS)  # fmt: skip


HEADS = {
    queries.LATE: "Late answers that wait for you",
    queries.PANEL: "Before a panel",
    queries.USED: "No go left",
    queries.AGAIN: "To be handed in again",
}


@bp.get("/quality/attempts/<uuid:enrolment_id>/<unit>/<question>", allow=ASSURERS)
def question(enrolment_id: UUID, unit: str, question: str) -> Response:
    """One learner's question, and what can be decided about it."""
    return _page(queries.attempts_of(db.session(), enrolment_id, unit, question, _held()))


def _page(found: AttemptsOf, bound: tuple[str, Any] | None = None, status: int = 200) -> Response:
    made = {name: _offer(found, form(formdata=None)) for name, form in forms.FORMS.items()}
    if bound:
        made[bound[0]] = bound[1]
    wrong, mine = bound[1] if bound else None, me().person_id
    standing, sits = (queries.standing(db.session(), found, mine, act) for act in (Act.AUTHORISE, Act.SIT))
    return page(
        "attempts/question.html", found=found, forms=made, refused=wrong, wrong=bound[0] if bound else "",
        cannot=why_not(standing, Act.AUTHORISE), cannot_sit=why_not(found.case.before(sits, mine), Act.SIT),
        errors=wrong.errors if wrong else None, status=status,
    )  # fmt: skip


def _offer(found: AttemptsOf, form: Any) -> Any:
    form.case = found.case
    if isinstance(form, forms.FurtherForm):
        form.confirmed.choices = [SelectChoice(one, CONDITIONS[one]) for one in found.case.conditions]
    if isinstance(form, forms.PanelForm):
        sitting = queries.panel(db.session(), found, but=me().person_id)
        named = [SelectChoice(str(one), name) for one, name in sitting.items()]
        form.with_.choices = [SelectChoice("", "Choose somebody"), *named] if named else []
    return form


@bp.post("/quality/attempts/<uuid:enrolment_id>/<unit>/<question>/<step>", allow=ASSURERS)
def decide(enrolment_id: UUID, unit: str, question: str, step: str) -> Response:
    """Decide one thing about a learner's attempts."""
    session = db.session()
    if step not in forms.FORMS:
        raise NotFound
    found = queries.attempts_of(session, enrolment_id, unit, question, _held(), lock=True)
    form = _offer(found, forms.FORMS[step]())
    if not form.validate_on_submit():
        return _page(found, (step, form), 422)
    flash(STEPS[step](found, form))
    return redirect(url_for(".question", enrolment_id=enrolment_id, unit=unit, question=question), 303)


def _extend(found: AttemptsOf, form: Any) -> str:
    operations.extend(db.session(), found, form.until.data, form.reason.data, by=access.actor())
    rest = day_of_rest(form.until.data, found.work.nation)
    closed = f" {date_in_words(form.until.data)} is {rest}. You can still give another day today." if rest else ""
    return f"{found.learner} has longer now, and a letter says so. It is not an attempt.{closed}"


def _accept(found: AttemptsOf, form: Any) -> str:
    operations.accept_late(db.session(), found, form.reason.data, by=access.actor())
    return "The late answer is let in. An assessor marks it like any other."


def _authorise(found: AttemptsOf, form: Any) -> str:
    operations.authorise(db.session(), found, form.confirmed.data or [], form.reason.data, by=access.actor())
    return f"{found.learner} has one more go, and a letter says so."


def _refer(found: AttemptsOf, form: Any) -> str:
    operations.refer(db.session(), found, form.reason.data, by=access.actor())
    return "A panel is asked. Two people who had no part in it decide."


def _panel(found: AttemptsOf, form: Any) -> str:
    with_ = UUID(form.with_.data)
    operations.decide_panel(db.session(), found, form.outcome.data, with_, form.reason.data, by=access.actor())
    return "What the panel decided is written down. The learner has a letter."


STEPS = {"extension": _extend, "late": _accept, "further": _authorise, "referral": _refer, "panel": _panel}
