"""Pages of adjustments: a learner's own, and those where a centre agrees, ends and answers."""

from __future__ import annotations

from datetime import date
from textwrap import shorten
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from course import access, db, special_log
from course.access import Blueprint, HeldAppointment, Role
from course.adjustments import operations, queries
from course.adjustments.forms import AgreeForm, AskForm, DeclineForm, EndForm, ReplyForm
from course.adjustments.models import Kind
from course.adjustments.queries import Asked
from course.adjustments.rules import AdjustmentFact, Agreement
from course.catalogue import queries as catalogue
from course.enrolment.models import Enrolment
from course.forms import FormBase
from course.independence import Act, why_not
from course.pages import page
from course.people import queries as people
from course.people.accounts import me

LEARNER = {Role.LEARNER}
AGREES = {Role.TUTOR, Role.IQA, Role.LEAD_IQA}
"""Who agrees adjustments. Assessors read what is agreed beside the answer that they judge."""

bp = Blueprint("adjustments", __name__)


# -- the learner's -----------------------------------------------------------------------------------------------------


def _own(enrolment_id: UUID) -> Enrolment:
    special_log.own(me().person_id)
    return queries.own_enrolment(db.session(), enrolment_id, me().person_id)


@bp.get("/learn/<uuid:enrolment_id>/adjustments", allow=LEARNER)
def mine(enrolment_id: UUID) -> Response:
    """What was agreed with this learner, who was told, and asking for something."""
    return _mine(_own(enrolment_id), AskForm(formdata=None))


def _mine(enrolment: Enrolment, form: AskForm, status: int = 200) -> Response:
    session = db.session()
    facts = queries.facts_of(session, [enrolment.id]).get(enrolment.id, [])
    asked = queries.requests_of(session, enrolment.id)
    openings = queries.looks(session, me().person_id)
    known = {one.agreed_by for one in facts}.union(*(one.people for one in asked))
    return page(
        "adjustments/mine.html", enrolment=enrolment, agreed=queries.opened(session, facts), asked=asked, form=form,
        titles=_titles(enrolment), names=people.names(session, known | {one.opened_by for one in openings}),
        openings=openings, today=queries.today_at(session, enrolment.centre_id), errors=form.errors or None,
        role=lambda role: Role(role).label if role in set(Role) else "Somebody", status=status,
    )  # fmt: skip


@bp.post("/learn/<uuid:enrolment_id>/adjustments/requests", allow=LEARNER)
def ask(enrolment_id: UUID) -> Response:
    """Ask for an adjustment, or for a change."""
    enrolment, form = _own(enrolment_id), AskForm()
    if not form.validate_on_submit():
        return _mine(enrolment, form, 422)
    operations.ask(db.session(), enrolment, form.words.data or "", by=access.actor())
    flash("Your centre has what you asked. The reply appears here.")
    return redirect(url_for(".mine", enrolment_id=enrolment.id), 303)


# -- the centre's ------------------------------------------------------------------------------------------------------


def _held() -> list[HeldAppointment]:
    return access.held(*AGREES)


def _titles(enrolment: Enrolment) -> dict[str, str]:
    return {row.unit: row.title for row in catalogue.latest_units(db.session(), enrolment.qualification)}


@bp.get("/adjustments", allow=AGREES)
def home() -> Response:
    """Everybody for whom something was asked or agreed; what asks for somebody first."""
    session = db.session()
    cohorts = queries.cohorts(session, _held())
    return page("adjustments/home.html", cohorts=cohorts, lines=queries.lines(session, cohorts), cohort=None)


@bp.get("/adjustments/cohorts/<uuid:cohort_id>", allow=AGREES)
def cohort(cohort_id: UUID) -> Response:
    """The learners of a cohort, to agree something with one of them."""
    session = db.session()
    found = queries.cohort_for(session, cohort_id, _held())
    return page(
        "adjustments/home.html", cohorts=[], lines=queries.lines(session, [found], everybody=True), cohort=found
    )


@bp.get("/adjustments/learners/<uuid:enrolment_id>", allow=AGREES)
def learner(enrolment_id: UUID) -> Response:
    """One learner's adjustments and requests. Opening the page is written down."""
    return _learner(enrolment_id)


def _learner(enrolment_id: UUID, refused: tuple[str, FormBase] | None = None, status: int = 200) -> Response:
    session = db.session()
    enrolment, cohort_ = queries.enrolment_for(session, enrolment_id, _held())
    facts = queries.facts_of(session, [enrolment.id]).get(enrolment.id, [])
    asked = queries.requests_of(session, enrolment.id)
    today = queries.today_at(session, enrolment.centre_id)
    titles = _titles(enrolment)
    which, form = refused or ("", None)
    agree = form if isinstance(form, AgreeForm) else _begun(today, titles, asked)
    known = {one.agreed_by for one in facts}.union(*(one.people for one in asked))
    return page(
        "adjustments/learner.html", enrolment=enrolment, cohort=cohort_, agreed=queries.opened(session, facts),
        asked=asked, agree=agree, titles=titles, today=today, which=which, refused=form,
        end=EndForm(formdata=None, last_on=today), reply=ReplyForm(formdata=None), decline=DeclineForm(formdata=None),
        names=people.names(session, known | {enrolment.person_id}), errors=form.errors if form else None,
        cannot=why_not(queries.standing(session, enrolment, me().person_id), Act.ARRANGE), status=status,
    )  # fmt: skip


def _begun(today: date, titles: dict[str, str], asked: list[Asked]) -> AgreeForm:
    """An empty form. Where one request is open, it is taken that this answers it."""
    open_ = [str(one.id) for one in asked if not one.is_settled]
    form = AgreeForm(formdata=None, from_on=today, request=open_[0] if len(open_) == 1 else "")
    return _choices(form, titles, asked)


def _choices(form: AgreeForm, titles: dict[str, str], asked: list[Asked]) -> AgreeForm:
    form.units.choices = [SelectChoice(unit, title) for unit, title in titles.items()]
    open_ = [one for one in asked if not one.is_settled or str(one.id) == form.request.data]
    form.request.choices = [
        *(SelectChoice(str(one.id), f"Yes: “{shorten(one.words, 60, placeholder=' …')}”") for one in open_),
        *form.request.choices,
    ]
    return form


@bp.post("/adjustments/learners/<uuid:enrolment_id>", allow=AGREES)
def agree(enrolment_id: UUID) -> Response:
    """Note what was agreed."""
    session = db.session()
    enrolment, _ = queries.enrolment_for(session, enrolment_id, _held())
    form = _choices(AgreeForm(), _titles(enrolment), queries.requests_of(session, enrolment.id))
    if not form.validate_on_submit():
        return _learner(enrolment_id, ("agree", form), 422)
    wanted = Agreement(
        Kind(form.kind.data), form.what.data or "", form.agreed_with.data or "", form.seen.data, form.from_on.data,
        form.until_on.data, form.review_on.data, frozenset(form.units.data or ()),
    )  # fmt: skip
    request = queries.request_for(session, UUID(form.request.data), _held()) if form.request.data else None
    operations.agree(session, enrolment, wanted, by=access.actor(), request=request)
    flash("That is noted. Everybody who assesses this learner’s work sees it beside the answer.")
    return redirect(url_for(".learner", enrolment_id=enrolment.id), 303)


def _adjustment(adjustment_id: UUID) -> AdjustmentFact:
    return queries.adjustment_for(db.session(), adjustment_id, _held())


@bp.post("/adjustments/<uuid:adjustment_id>/end", allow=AGREES)
def end(adjustment_id: UUID) -> Response:
    """End an adjustment for work still to come."""
    fact, form = _adjustment(adjustment_id), EndForm()
    if not form.validate_on_submit():
        return _learner(fact.enrolment_id, (f"end-{fact.id}", form), 422)
    operations.end(db.session(), fact, form.last_on.data, form.reason.data or "", by=access.actor())
    flash("That is noted. What is handed in already keeps the adjustment.")
    return redirect(url_for(".learner", enrolment_id=fact.enrolment_id), 303)


@bp.post("/adjustments/requests/<uuid:request_id>/reply", allow=AGREES)
def answer(request_id: UUID) -> Response:
    """Answer what a learner asked."""
    session, form = db.session(), ReplyForm()
    request = queries.request_for(session, request_id, _held())
    if not form.validate_on_submit():
        return _learner(request.enrolment_id, (f"reply-{request.id}", form), 422)
    operations.reply(session, request, form.words.data or "", by=access.actor())
    flash("Your reply is sent. If something was agreed, note it below as well.")
    return redirect(url_for(".learner", enrolment_id=request.enrolment_id), 303)


@bp.post("/adjustments/requests/<uuid:request_id>/refusal", allow=AGREES)
def decline(request_id: UUID) -> Response:
    """Not agree to what a learner asked, and say why."""
    session, form = db.session(), DeclineForm()
    request = queries.request_for(session, request_id, _held())
    if not form.validate_on_submit():
        return _learner(request.enrolment_id, (f"decline-{request.id}", form), 422)
    operations.decline(session, request, form.because.data or "", by=access.actor())
    flash("That is sent. The learner reads that it is not agreed, and why.")
    return redirect(url_for(".learner", enrolment_id=request.enrolment_id), 303)
