"""Pages of cases for staff: what is open and due, opening one in neutral words, and closing it with an outcome."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from assessors.conduct import queries
from assessors.quality import queries as quality
from assessors.quality.blindness import must_not_be_blind
from course import access, db, paging
from course.access import Blueprint, HeldAppointment, Role
from course.audit import Actor
from course.cases import conduct, rules
from course.cases.conduct import About
from course.cases.forms import CloseCaseForm, OpenCaseForm
from course.cases.models import CaseFinding, CaseKind
from course.cases.operations import conduct as operations
from course.independence import Act, why_not
from course.pages import page
from course.people import queries as people
from course.people.accounts import me
from course.refusal import Refusal
from course.workbook import files

STAFF = {Role.ASSESSOR, Role.IQA, Role.LEAD_IQA}
CLOSES = {Role.IQA, Role.LEAD_IQA}

bp = Blueprint("conduct", __name__, url_prefix="/quality")


def _held() -> list[HeldAppointment]:
    return access.held(*STAFF)


@bp.get("/cases", allow=STAFF)
def home() -> Response:
    """Cases that are open, the most urgent first, and the latest that are closed."""
    after = paging.begins_after(request.args)
    now, closed = queries.listed(db.session(), _held(), me().person_id, after)
    return page("conduct/home.html", now=now, closed=closed.lines, next_after=closed.after)


@bp.get("/cases/<uuid:case_id>", allow=STAFF, purpose="case")
def one(case_id: UUID) -> Response:
    """One case: what was seen, what the learner was told and said, and the form for whoever may close it."""
    return _one(case_id, CloseCaseForm(formdata=None))


def _one(case_id: UUID, form: CloseCaseForm, status: int = 200) -> Response:
    session = db.session()
    facts = queries.case_for(session, case_id, _held(), me().person_id)
    found = conduct.in_full(session, facts)
    return page(
        "conduct/one.html", found=found, case=facts, form=form, cannot=_cannot(facts), who=rules.WHO,
        seen=_seen(facts), alike=queries.alike_to(session, facts, _assuring(), me().person_id),
        answers=queries.answers_of(session, facts) if _assuring() else [], file_at=_file_at(facts, facts.answer_id),
        is_assessor=bool(access.held(Role.ASSESSOR)),
        learner=quality.learners(session, {facts.enrolment_id}).get(facts.enrolment_id, "Name erased"),
        names=people.names(session, {one.by for one in found.said if one.by}), errors=form.errors or None,
        status=status,
    )  # fmt: skip


def _assuring() -> list[HeldAppointment]:
    return access.held(*CLOSES)


def _seen(facts: rules.CaseFacts) -> queries.Seen | None:
    """The answer, for a quality assurer; an assessor reads it where they mark."""
    if facts.answer_id is None or not _assuring():
        return None
    return queries.answer_of(db.session(), facts, facts.answer_id, me().person_id)


def _file_at(facts: rules.CaseFacts, answer_id: UUID | None) -> Callable[[UUID], str]:
    return lambda file_id: url_for(".file", case_id=facts.id, answer_id=answer_id, file_id=file_id)


def _read(facts: rules.CaseFacts, answer_id: UUID) -> queries.Seen:
    """An answer that the case is about, or the other half of a pair for whoever may close the case."""
    session, held = db.session(), _assuring()
    if answer_id not in {one.answer_id for one in queries.alike_to(session, facts, held, me().person_id)}:
        return queries.answer_of(session, facts, answer_id, me().person_id)
    standing = queries.standing(session, facts, me().person_id)
    rules.look_at_other_half(facts, standing, role=_actor(facts).role)
    return queries.other_half(session, facts, answer_id, held, me().person_id)


@bp.get("/cases/<uuid:case_id>/answers/<uuid:answer_id>", allow=CLOSES, purpose="case")
def answer(case_id: UUID, answer_id: UUID) -> Response:
    """One answer that a case is about, or that shares wording with it."""
    facts = queries.case_for(db.session(), case_id, _assuring(), me().person_id)
    seen = _read(facts, answer_id)
    return page("conduct/answer.html", case=facts, seen=seen, file_at=_file_at(facts, answer_id))


@bp.get("/cases/<uuid:case_id>/answers/<uuid:answer_id>/files/<uuid:file_id>", allow=CLOSES, purpose="case")
def file(case_id: UUID, answer_id: UUID, file_id: UUID) -> Response:
    """A file that belongs to one of these answers."""
    facts = queries.case_for(db.session(), case_id, _assuring(), me().person_id)
    _read(facts, answer_id)
    return files.download(*queries.file_of(db.session(), answer_id, file_id))


def _actor(facts: rules.CaseFacts) -> Actor:
    return queries.actor(db.session(), facts, _held(), me().person_id) or access.actor()


def _cannot(facts: rules.CaseFacts) -> str:
    """Why this person cannot close it; empty when they can."""
    try:
        standing = queries.standing(db.session(), facts, me().person_id)
        rules.close_case(facts, standing, role=_actor(facts).role, reason="asked beforehand", told="asked beforehand")
    except Refusal as refusal:
        return f"{refusal.sentence} {refusal.next_step}".strip()
    return ""


@bp.post("/cases/<uuid:case_id>/outcome", allow=STAFF, purpose="case")
def close(case_id: UUID) -> Response:
    """Close it with its outcome."""
    session, form = db.session(), CloseCaseForm()
    facts = queries.case_for(session, case_id, _held(), me().person_id, lock=True)
    if not form.validate_on_submit():
        return _one(case_id, form, 422)
    standing, finding = queries.standing(session, facts, me().person_id), CaseFinding(form.finding.data)
    operations.close(
        session, facts, standing, finding, form.reason.data or "", form.told.data or "", by=_actor(facts)
    )  # fmt: skip
    flash("The case is closed, and the work is no longer on hold.")
    return redirect(url_for(".one", case_id=facts.id), 303)


# -- opening -----------------------------------------------------------------------------------------------------------


@bp.get("/answers/<uuid:answer_id>/case", allow=STAFF)
def new_about_answer(answer_id: UUID) -> Response:
    """The form to open a case about one answer."""
    about = queries.about_answer(db.session(), answer_id, _held())
    must_not_be_blind(db.session(), answer_id, me().person_id)
    return _new(about, OpenCaseForm(formdata=None))


@bp.get("/learners/<uuid:enrolment_id>/case", allow=STAFF)
def new_about_learner(enrolment_id: UUID) -> Response:
    """The form to open a case about everything of one learner."""
    return _new(queries.about_learner(db.session(), enrolment_id, _held()), OpenCaseForm(formdata=None))


def _new(about: About, form: OpenCaseForm, status: int = 200) -> Response:
    names = quality.learners(db.session(), {about.enrolment.id})
    standing = queries.standing_to_open(db.session(), about, me().person_id)
    return page(
        "conduct/new.html", about=about, form=form, cannot=why_not(standing, Act.OPEN),
        learner=names.get(about.enrolment.id, "Name erased"),
        errors=form.errors or None, status=status,
    )  # fmt: skip


@bp.post("/answers/<uuid:answer_id>/case", allow=STAFF)
def open_about_answer(answer_id: UUID) -> Response:
    """Open a case about one answer."""
    return _open(queries.about_answer(db.session(), answer_id, _held()))


@bp.post("/learners/<uuid:enrolment_id>/case", allow=STAFF)
def open_about_learner(enrolment_id: UUID) -> Response:
    """Open a case about everything of one learner."""
    return _open(queries.about_learner(db.session(), enrolment_id, _held()))


def _open(about: About) -> Response:
    form = OpenCaseForm()
    if not form.validate_on_submit():
        return _new(about, form, 422)
    standing = queries.standing_to_open(db.session(), about, me().person_id)
    row = operations.open_case(
        db.session(),
        about,
        standing,
        CaseKind(form.kind.data),
        form.noted.data or "",
        form.told.data or "",
        by=access.actor(),
    )
    flash("The case is open, and the work is on hold. The learner is told what you wrote for them.")
    return redirect(url_for(".one", case_id=row.id), 303)
