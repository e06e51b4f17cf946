"""The learner's pages of appeals and cases: ask for another look, follow it, go further; read a case and reply."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from course import access, db
from course.access import Blueprint, Role
from course.cases import conduct, forms, rules
from course.cases import queries as cases
from course.cases.operations import appeals as operations
from course.cases.operations import conduct as conduct_operations
from course.cases.rules import AppealFacts
from course.forms import FormBase
from course.pages import page
from course.people import queries as people
from course.people.accounts import me
from course.refusal import Refusal
from course.workbook import appealing, queries

bp = Blueprint("cases", __name__, url_prefix="/learn")
LEARNER = {Role.LEARNER}


def _appealable(answer_id: UUID, *, lock: bool = False) -> appealing.Appealable:
    """The signed-in learner's own answer. Raises NotFound."""
    session = db.session()
    answer = queries.answer_facts(session, answer_id)
    enrolment = queries.enrolment_of(session, me().person_id, answer.enrolment_id, lock=lock)
    access.own_words(enrolment.id)
    return appealing.of_answer(session, enrolment, answer)


@bp.get("/answers/<uuid:answer_id>/appeal", allow=LEARNER)
def new(answer_id: UUID) -> Response:
    """What an appeal is, who looks and by when, and the box. An appeal that has not ended is led to instead."""
    found = _appealable(answer_id)
    made = next((one for one in appealing.before(db.session(), answer_id) if not cases.is_ended(one)), None)
    if made is not None:
        return redirect(url_for(".one", appeal_id=made.id), 303)
    return _new(found, forms.AppealForm(formdata=None))


def _new(found: appealing.Appealable, form: forms.AppealForm, status: int = 200) -> Response:
    try:
        rules.appeal(found.appealed, by=me().person_id, words="asked beforehand")
        cannot = None
    except Refusal as refusal:
        cannot = refusal
    return page(
        "cases/new.html", found=found, form=form, cannot=cannot, errors=form.errors or None, status=status,
        before=appealing.before(db.session(), found.answer.id),
        outside=appealing.outside(db.session(), found.answer.qualification),
    )  # fmt: skip


@bp.post("/answers/<uuid:answer_id>/appeal", allow=LEARNER)
def appeal(answer_id: UUID) -> Response:
    """Appeal about a returned decision."""
    found, form = _appealable(answer_id, lock=True), forms.AppealForm()
    if not form.validate_on_submit():
        return _new(found, form, 422)
    made = operations.appeal(db.session(), found.answer, found.appealed, form.words.data or "", by=access.actor())
    flash("Your appeal is made. Somebody who did not decide it looks at it.")
    return redirect(url_for(".one", appeal_id=made.id), 303)


@bp.get("/appeals", allow=LEARNER)
def mine() -> Response:
    """All of a learner's appeals."""
    session = db.session()
    found = cases.of_person(session, me().person_id)
    return page("cases/mine.html", appeals=[(one, appealing.question_of(session, one)) for one in found], who=rules.WHO,
                cases=conduct.of_person(session, me().person_id))  # fmt: skip


def _own(appeal_id: UUID, *, lock: bool = False) -> AppealFacts:
    facts = cases.own_appeal(db.session(), appeal_id, me().person_id, lock=lock)
    access.own_words(facts.enrolment_id)
    return facts


@bp.get("/appeals/<uuid:appeal_id>", allow=LEARNER)
def one(appeal_id: UUID) -> Response:
    """Where an appeal stands, by when the learner hears, and what they can do now."""
    return _one(_own(appeal_id))


def _one(facts: AppealFacts, refused: FormBase | None = None, status: int = 200) -> Response:
    session = db.session()
    said = cases.said_in(session, facts)
    is_reply = isinstance(refused, forms.ReplyForm)
    question = appealing.question_of(session, facts)
    return page(
        "cases/one.html", appeal=facts, said=said, question=question, who=rules.WHO,
        names=people.names(session, {one.by for one in said if one.by}), refused=refused,
        reply=refused if is_reply else forms.ReplyForm(formdata=None),
        further=refused if refused is not None and not is_reply else forms.GoOnForm(formdata=None),
        outside=appealing.outside(session, question.qualification), stages=appealing.stages(facts),
        errors=refused.errors if refused else None,
        status=status,
    )  # fmt: skip


@bp.post("/appeals/<uuid:appeal_id>/replies", allow=LEARNER)
def reply(appeal_id: UUID) -> Response:
    """Add something."""
    facts, form = _own(appeal_id, lock=True), forms.ReplyForm()
    if not form.validate_on_submit():
        return _one(facts, form, 422)
    operations.reply(db.session(), facts, form.reply.data or "", by=access.actor())
    flash("What you wrote is added.")
    return redirect(url_for(".one", appeal_id=facts.id), 303)


@bp.post("/appeals/<uuid:appeal_id>/steps", allow=LEARNER)
def go_on(appeal_id: UUID) -> Response:
    """Take it to the next stage."""
    session, facts, form = db.session(), _own(appeal_id, lock=True), forms.GoOnForm()
    if not form.validate_on_submit():
        return _one(facts, form, 422)
    is_latest = appealing.is_latest(session, facts)
    operations.go_on(session, facts, form.further.data or "", is_latest=is_latest, by=access.actor())
    flash("Your appeal goes on. Somebody else looks at it now.")
    return redirect(url_for(".one", appeal_id=facts.id), 303)


@bp.post("/appeals/<uuid:appeal_id>/withdrawal", allow=LEARNER)
def withdraw(appeal_id: UUID) -> Response:
    """Take it back."""
    facts = _own(appeal_id, lock=True)
    if facts.learner != me().person_id:
        raise NotFound
    operations.withdraw(db.session(), facts, by=access.actor())
    flash("Your appeal is taken back. Nothing follows from it.")
    return redirect(url_for(".one", appeal_id=facts.id), 303)


# -- cases -------------------------------------------------------------------------------------------------------------


def _own_case(case_id: UUID, *, lock: bool = False) -> rules.CaseFacts:
    facts = conduct.own_case(db.session(), case_id, me().person_id, lock=lock)
    access.own_words(facts.enrolment_id)
    return facts


@bp.get("/cases/<uuid:case_id>", allow=LEARNER)
def case(case_id: UUID) -> Response:
    """What is being looked into, by when the learner hears, and a box to reply."""
    return _case(_own_case(case_id), forms.ReplyForm(formdata=None))


def _case(facts: rules.CaseFacts, form: forms.ReplyForm, status: int = 200) -> Response:
    said = conduct.told(db.session(), facts)
    return page(
        "cases/case.html", case=facts, said=said, form=form, errors=form.errors or None, who=rules.WHO,
        names=people.names(db.session(), {one.by for one in said if one.by}), status=status,
    )  # fmt: skip


@bp.post("/cases/<uuid:case_id>/replies", allow=LEARNER)
def reply_to_case(case_id: UUID) -> Response:
    """Say something about it."""
    facts, form = _own_case(case_id, lock=True), forms.ReplyForm()
    if not form.validate_on_submit():
        return _case(facts, form, 422)
    conduct_operations.reply(db.session(), facts, form.reply.data or "", by=access.actor())
    flash("What you wrote is added. Whoever looks into it reads it.")
    return redirect(url_for(".case", case_id=facts.id), 303)
