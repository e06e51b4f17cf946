"""Units whose criteria are all achieved but whose threshold is not met, and the departure from it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, url_for
from werkzeug.wrappers import Response

from assessors.marking.forms import DepartureForm
from assessors.marking.operations.departing import depart
from assessors.marking.queries.departures import BelowThreshold, below_threshold
from assessors.marking.views import ASSESSOR, assessor, bp
from course import db
from course.pages import page


def _found(enrolment_id: UUID, unit: str) -> BelowThreshold:
    found = below_threshold(db.session(), assessor(), enrolment_id, unit)
    g.acting = found.appointment
    return found


@bp.get("/marking/enrolments/<uuid:enrolment_id>/units/<unit>/departure", allow=ASSESSOR)
def departure_page(enrolment_id: UUID, unit: str) -> Response:
    """How a unit stands against its threshold, and the reason for holding it achieved all the same."""
    return page("marking/departure.html", found=_found(enrolment_id, unit), form=DepartureForm(formdata=None))


@bp.post("/marking/enrolments/<uuid:enrolment_id>/units/<unit>/departure", allow=ASSESSOR)
def depart_from_threshold(enrolment_id: UUID, unit: str) -> Response:
    """Write the departure."""
    found, form = _found(enrolment_id, unit), DepartureForm()
    if not form.validate():
        return page("marking/departure.html", status=422, found=found, form=form)
    depart(db.session(), found.enrolment, found.progress, form.reason.data, by=found.by)
    flash(f"Unit {found.progress.code.removeprefix('U')} is achieved for {found.name}. Your reason is kept.")
    return redirect(url_for(".queue"), 303)
