"""One learner: registration with the awarding organisation, and leaving."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from course import access, db
from course.enrolment import operations as enrolments
from course.enrolment.models import Cohort
from course.enrolment.rules import ReasonForLeaving, SourceOfReason
from course.local_time import today
from course.office import forms, queries, tracker
from course.office.queries import Learner
from course.office.views.scope import ADMINS, READERS, bp, is_admin_of
from course.pages import page
from course.people.accounts import me


def _learner(enrolment_id: UUID, roles: set[access.Role], *, lock: bool = False) -> tuple[Cohort, Learner]:
    return queries.learner_for(db.session(), access.held(*roles), enrolment_id, reader=me().person_id, lock=lock)


@bp.get("/learners/<uuid:enrolment_id>", allow=READERS)
def learner(enrolment_id: UUID) -> Response:
    """A learner's standing, and what the office can do."""
    return _page(*_learner(enrolment_id, READERS))


@bp.post("/learners/<uuid:enrolment_id>/registration", allow=ADMINS)
def register(enrolment_id: UUID) -> Response:
    """Note the entry with the awarding organisation."""
    cohort, found = _learner(enrolment_id, ADMINS, lock=True)
    form = forms.RegistrationForm()
    if not form.validate():
        return _page(cohort, found, registration=form)
    enrolments.register(db.session(), found.enrolment, number=form.number.data, on=form.on.data, by=access.actor())
    flash(f"{found.name} is registered.")
    return redirect(url_for(".cohort", cohort_id=cohort.id), 303)


@bp.post("/learners/<uuid:enrolment_id>/withdraw", allow=ADMINS)
def withdraw(enrolment_id: UUID) -> Response:
    """End an enrolment. Everything achieved stays."""
    cohort, found = _learner(enrolment_id, ADMINS, lock=True)
    form = forms.WithdrawalForm()
    if not form.validate():
        return _page(cohort, found, withdrawal=form)
    enrolments.withdraw(
        db.session(),
        found.enrolment,
        reason=ReasonForLeaving(form.reason.data) if form.reason.data else None,
        source=SourceOfReason(form.source.data) if form.source.data else None,
        by=access.actor(),
    )
    flash(f"{found.name} has left the cohort. Everything they achieved stays achieved.")
    return redirect(url_for(".cohort", cohort_id=cohort.id), 303)


def _page(
    cohort: Cohort,
    found: Learner,
    *,
    registration: forms.RegistrationForm | None = None,
    withdrawal: forms.WithdrawalForm | None = None,
) -> Response:
    wrong = registration or withdrawal
    row = next(iter(tracker.track(db.session(), cohort, [found]).rows), None)
    return page(
        "office/learner.html",
        cohort=cohort,
        learner=found,
        row=row,
        unit_cells={slug: tracker.unit_cell(row, slug) for slug in row.units} if row else {},
        registration=registration
        or forms.RegistrationForm(formdata=None, number=found.enrolment.ao_learner_number, on=today()),
        withdrawal=withdrawal or forms.WithdrawalForm(formdata=None),
        errors=wrong.errors if wrong else None,
        reasons={one.value: one.label for one in ReasonForLeaving},
        sources={one.value: one.label for one in SourceOfReason},
        is_admin=is_admin_of(cohort),
        status=422 if wrong else 200,
    )
