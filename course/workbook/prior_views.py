"""The learner's page of claiming prior learning for one question."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from course import access, db
from course.access import Blueprint, Role
from course.forms import FormBase
from course.pages import page
from course.people.accounts import me
from course.workbook import content as contents
from course.workbook import operations, prior, queries, rules, showing
from course.workbook.content import Prior
from course.workbook.forms import claim_form, claim_from, save_from
from course.workbook.operations import Conflict
from course.workbook.queries import UnitWork

bp = Blueprint("prior", __name__, url_prefix="/learn")
LEARNER = {Role.LEARNER}


def _work(enrolment_id: UUID, unit: str, key: str) -> UnitWork:
    """The signed-in learner's own unit, if prior learning can be claimed for the question. Raises NotFound."""
    posting = request.method == "POST"
    enrolment = queries.enrolment_of(db.session(), me().person_id, enrolment_id, lock=posting)
    access.own_words(enrolment.id)
    work = queries.unit_work(db.session(), enrolment, unit)
    if not work.question(key).takes_a_claim:
        raise NotFound
    return work


@bp.get("/<uuid:enrolment_id>/<unit>/questions/<key>/prior-learning", allow=LEARNER)
def claim(enrolment_id: UUID, unit: str, key: str) -> Response:
    """What was learned before, and how it shows each point."""
    work = _work(enrolment_id, unit, key)
    found = prior.claimed(db.session(), work, work.question(key))
    return _claim(work, key, claim_form(work.question(key), found))


def _claim(work: UnitWork, key: str, form: FormBase, status: int = 200) -> Response:
    question, draft = work.question(key), work.drafts.get(key)
    points = [(number, showing.criterion_text(work, number)) for number in question.criteria]
    return page(
        "workbook/prior.html", status=status, work=work, question=question, form=form, points=points,
        base=draft.revision if draft else 0, can_write=work.work(key).can_write, errors=form.errors or None,
        has_claim=prior.claimed(db.session(), work, question) is not None,
    )  # fmt: skip


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/prior-learning", allow=LEARNER)
def save(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Keep the claim with the draft. It is handed in like any other answer."""
    work = _work(enrolment_id, unit, key)
    rules.write(work.work(key), by=me().person_id)
    form = claim_form(work.question(key))
    if not form.validate():
        return _claim(work, key, form, 422)
    return _put(
        work, key, claim_from(work.question(key), form), "Your claim is saved. Add what shows it, then hand in."
    )


@bp.post("/<uuid:enrolment_id>/<unit>/questions/<key>/prior-learning/end", allow=LEARNER)
def withdraw(enrolment_id: UUID, unit: str, key: str) -> Response:
    """Take the claim out of the draft. The words and files stay."""
    work = _work(enrolment_id, unit, key)
    return _put(work, key, None, "The claim is taken out. Your words and files are still here.")


def _put(work: UnitWork, key: str, claimed: Prior | None, said: str) -> Response:
    question = work.question(key)
    content = contents.with_prior(prior.written(db.session(), work, question), claimed)
    save_ = save_from(request.form, request.headers)
    outcome = operations.save_draft(db.session(), work, question, content, save_, by=access.actor())
    at: dict[str, Any] = {"enrolment_id": work.enrolment.id, "unit": work.unit.slug}
    if isinstance(outcome, Conflict):
        return redirect(url_for("workbook.compare", key=key, kept=outcome.kept.id, **at), 303)
    flash(said)
    return redirect(url_for("workbook.unit_page", number=question.page, _anchor=f"q-{key}", **at), 303)
