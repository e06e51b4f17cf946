"""The learner's own pages about their enrolment: the induction, read and agreed to before any work is handed in."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from course import access, db
from course.access import Blueprint, Role
from course.catalogue import queries as catalogue
from course.catalogue.models import InductionVersion
from course.enrolment import operations, queries
from course.enrolment.forms import InductionForm
from course.enrolment.models import Enrolment
from course.pages import page
from course.people.accounts import me
from course.refusal import Refusal

bp = Blueprint("enrolment", __name__)


@bp.get("/learn/<uuid:enrolment_id>/induction", allow={Role.LEARNER})
def induction(enrolment_id: UUID) -> Response:
    """How this course works: rights, rules, appeals, use of AI, and when privacy ends."""
    enrolment, newest = _own(enrolment_id)
    form = InductionForm(formdata=None, version=str(newest.id))
    return _show(enrolment, newest, form)


@bp.post("/learn/<uuid:enrolment_id>/induction", allow={Role.LEARNER})
def acknowledge(enrolment_id: UUID) -> Response:
    """Agree to the version that was shown. If a newer one came meanwhile, that one is shown first."""
    enrolment, newest = _own(enrolment_id)
    form = InductionForm()
    if not form.validate():
        return _show(enrolment, newest, form, status=422)
    if form.version.data != str(newest.id):
        raise Refusal("This page has changed while you were reading.", "Read the new one, then tick the box.")
    operations.acknowledge_induction(db.session(), enrolment, newest, by=access.actor())
    flash("Thank you. You can hand in work from now on.")
    return redirect(url_for("workbook.home"), 303)


def _own(enrolment_id: UUID) -> tuple[Enrolment, InductionVersion]:
    enrolment = queries.own_enrolment(db.session(), me().person_id, enrolment_id)
    newest = catalogue.latest_induction(db.session())
    if newest is None:
        raise NotFound
    return enrolment, newest


def _show(enrolment: Enrolment, version: InductionVersion, form: InductionForm, *, status: int = 200) -> Response:
    agreed = queries.latest_acknowledged(db.session(), enrolment.id)
    return page(
        "enrolment/induction.html",
        status=status,
        enrolment=enrolment,
        version=version,
        form=form,
        agreed=agreed,
        is_current=agreed is not None and agreed.induction_version_id == version.id,
    )
