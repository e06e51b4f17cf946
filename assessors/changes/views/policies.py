"""Policies in force: which cohort is under which, whom another would touch, and a centre's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from assessors.changes import forms, own_policy
from assessors.changes.forms import InForceForm, OwnPolicyForm
from assessors.changes.operations import in_force
from assessors.changes.queries import counting, policy_preview
from assessors.changes.queries import policies as queries
from assessors.changes.queries.policies import QualificationPolicies, UnitBounds
from assessors.changes.queries.policy_preview import PolicyPreview
from assessors.changes.rules import Effect
from assessors.changes.views import ASSURERS, assurer, bp
from course import access, db
from course.access import Role
from course.enrolment import queries as enrolments
from course.enrolment.policy import CompiledPolicy
from course.pages import page
from course.suppression import SMALL


@bp.get("/quality/policies", allow=ASSURERS)
def policies() -> Response:
    """Which policy each cohort is under, and the versions that could take its place."""
    found = queries.policies(db.session(), assurer())
    words = {version.id: queries.in_words(enrolments.compiled(version)) for one in found for version in one.versions}
    words |= {one.version.id: queries.in_words(enrolments.compiled(one.version)) for of in found for one in of.cohorts}
    return page(
        "changes/policies.html", policies=found, words=words, every=queries.EVERY_COHORT,
        is_lead=access.acting().role == Role.LEAD_IQA,
    )  # fmt: skip


@bp.get("/quality/policies/<uuid:version_id>/preview", allow=ASSURERS)
def policy_changes(version_id: UUID) -> Response:
    """Whom a policy would touch, learner by learner and counted by group."""
    choice = request.args.get("cohort", "")
    found = _found(version_id, choice)
    return _preview(found, InForceForm(formdata=None, cohort=choice, seen=found.seen))


def _found(version_id: UUID, choice: str) -> PolicyPreview:
    session = db.session()
    of, version = queries.version_for(session, version_id, assurer())
    return policy_preview.preview(session, of, version, of.chosen(version, choice))


def _preview(found: PolicyPreview, form: InForceForm, status: int = 200) -> Response:
    return page(
        "changes/policy_preview.html", found=found, form=form, effect=Effect, fewest=SMALL,
        tables=counting.tables(db.session(), found.touched),
        words=queries.in_words(enrolments.compiled(found.version)), errors=form.errors or None, status=status,
    )  # fmt: skip


@bp.post("/quality/policies/<uuid:version_id>/in-force", allow=ASSURERS)
def put_policy_in_force(version_id: UUID) -> Response:
    """Let a policy apply to units without a hand-in."""
    form = InForceForm()
    found = _found(version_id, form.cohort.data or "")
    if not form.validate_on_submit():
        return _preview(found, form, 422)
    in_force.put_policy_in_force(
        db.session(), found, form.reason.data or "", seen=form.seen.data or "", by=access.actor()
    )
    flash("This policy is in force. A unit with a hand-in keeps the policy that it began under.")
    return redirect(url_for(".policies"), 303)


# -- a centre's own version --------------------------------------------------------------------------------------------


@bp.get("/quality/policies/<qualification>/own", allow={Role.LEAD_IQA})
def own_policy_page(qualification: str) -> Response:
    """What this centre may decide for itself, as it stands."""
    found, base, bounds = _own(qualification)
    return _own_page(found, _form(found, bounds)(formdata=None, **own_policy.as_typed(base, bounds)))


def _own(qualification: str) -> tuple[QualificationPolicies, CompiledPolicy, list[UnitBounds]]:
    """The qualification, the policy that its newest cohort is under, and what a threshold may ask. Raises NotFound."""
    session = db.session()
    found = queries.of_qualification(session, qualification, assurer())
    if not found.may_change:
        raise NotFound
    newest = max(found.cohorts, key=lambda one: one.cohort.starts_on)
    return found, enrolments.compiled(newest.version), queries.bounds(session, found)


def _form(found: QualificationPolicies, bounds: list[UnitBounds]) -> type[OwnPolicyForm]:
    counts = found.qualification.credit is None
    return forms.own_policy_form([(one.code, one.title) for one in bounds], found.may_change, counts=counts)


def _own_page(found: QualificationPolicies, form: Any, status: int = 200) -> Response:
    return page("changes/own_policy.html", found=found, form=form, errors=form.errors or None, status=status)


@bp.post("/quality/policies/<qualification>/own", allow={Role.LEAD_IQA})
def make_own_policy(qualification: str) -> Response:
    """Publish this centre's own version, and look at whom it would touch before it is put in force."""
    found, base, bounds = _own(qualification)
    form = _form(found, bounds)()
    if not form.validate_on_submit():
        return _own_page(found, form, 422)
    wanted = own_policy.from_typed(base, form, bounds)
    version = in_force.make_own_policy(db.session(), found, base, wanted, bounds, by=access.actor())
    flash(f"Version {version.number} is saved as your centre’s own. It is not in force yet.")
    return redirect(url_for(".policy_changes", version_id=version.id, cohort=queries.EVERY_COHORT), 303)
