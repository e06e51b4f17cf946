"""The criteria of a cohort: those in force, other versions, what each would have flagged, and putting one in force."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assessors.selection import preview, rules
from assessors.selection.forms import InForceForm
from assessors.selection.monitoring import DIMENSIONS, short_title
from assessors.selection.queries import applications as queries
from assessors.selection.queries import placement
from assessors.selection.views import ASSURERS, EVERYBODY, bp, cohort_of, held
from course import access, db
from course.enrolment import operations as enrolments
from course.enrolment import queries as enrolment_queries
from course.enrolment.models import Cohort, PolicyVersion
from course.enrolment.policy import CompiledPolicy
from course.pages import page
from course.refusal import require
from course.suppression import SMALL


@bp.get("/selection/cohorts/<uuid:cohort_id>/criteria", allow=EVERYBODY)
def criteria(cohort_id: UUID) -> Response:
    """What is in force, and which other versions there are."""
    session, cohort = db.session(), cohort_of(cohort_id, EVERYBODY)
    row, policy = enrolment_queries.policy_for(session, cohort)
    others = [
        (one, enrolment_queries.compiled(one))
        for one in placement.versions(session, cohort)
        if enrolment_queries.compiled(one).selection != policy.selection
    ]
    return page("selection/criteria.html", cohort=cohort, row=row, policy=policy, others=others)


def _version(cohort: Cohort, version_id: UUID) -> tuple[PolicyVersion, CompiledPolicy]:
    found = next((one for one in placement.versions(db.session(), cohort) if one.id == version_id), None)
    if found is None:
        raise NotFound
    return found, enrolment_queries.compiled(found)


@bp.get("/selection/cohorts/<uuid:cohort_id>/criteria/<uuid:version_id>", allow=EVERYBODY)
def try_criteria(cohort_id: UUID, version_id: UUID) -> Response:
    """Who, among past applicants of this centre, one version would have flagged: counts only."""
    return _try(cohort_of(cohort_id, EVERYBODY), version_id, InForceForm(formdata=None))


def _try(cohort: Cohort, version_id: UUID, form: InForceForm, status: int = 200) -> Response:
    session = db.session()
    row, policy = _version(cohort, version_id)
    current, in_force = enrolment_queries.policy_for(session, cohort)
    past = queries.of_cohorts(session, placement.alike(session, cohort, held(EVERYBODY)))
    counts = preview.preview(session, past, policy, in_force if current.id != row.id else None)
    return page(
        "selection/preview.html", cohort=cohort, row=row, policy=policy, counts=counts, columns=preview.COLUMNS,
        dimensions={name: short_title(name) for name in DIMENSIONS}, small=SMALL, form=form,
        is_in_force=current.id == row.id, may_put=bool(held(ASSURERS)),
        only_selection=rules.changes_selection_alone(in_force, policy), status=status,
    )  # fmt: skip


@bp.post("/selection/cohorts/<uuid:cohort_id>/criteria/<uuid:version_id>", allow=ASSURERS)
def put_in_force(cohort_id: UUID, version_id: UUID) -> Response:
    """Let a version apply to this cohort from now on. What was sent keeps the criteria it was sent under."""
    session, cohort, form = db.session(), cohort_of(cohort_id, ASSURERS), InForceForm()
    row, policy = _version(cohort, version_id)
    if not form.validate():
        return _try(cohort, version_id, form, 422)
    _, in_force = enrolment_queries.policy_for(session, cohort)
    require(
        rules.changes_selection_alone(in_force, policy),
        "This version changes more than who is chosen.",
        "Put it in force from “Policies in force”, where its effect on marking is shown first.",
    )
    enrolments.put_policy_in_force(
        session, row, centre_id=cohort.centre_id, cohort_id=cohort.id, reason=form.reason.data or "",
        by=access.actor(),
    )  # fmt: skip
    flash("These criteria are in force for this cohort.")
    return redirect(url_for(".criteria", cohort_id=cohort.id), 303)
