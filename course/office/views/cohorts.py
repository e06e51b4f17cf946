"""Opening cohorts, and enrolling learners in them one by one or from a list."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from course import access, db
from course.access import Role
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledQualification
from course.enrolment import operations as enrolments
from course.enrolment.models import Cohort
from course.office import forms, operations, queries, roster, tracker
from course.office.views.scope import ADMINS, READERS, bp, cohort_of, is_admin_of
from course.pages import page
from course.people.accounts import me


@bp.get("/cohorts/new", allow=ADMINS)
def new_cohort() -> Response:
    """The form for a cohort."""
    return page("office/cohort_new.html", form=forms.CohortForm(formdata=None).offer(_offered()))


@bp.post("/cohorts/new", allow=ADMINS)
def open_cohort() -> Response:
    """Open a cohort."""
    form = forms.CohortForm().offer(_offered())
    if not form.validate():
        return page("office/cohort_new.html", form=form, status=422)
    cohort = enrolments.open_cohort(
        db.session(),
        centre_id=access.acting().centre_id,
        qualification=form.qualification.data,
        name=form.name.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        run_id=form.run_id.data,
        by=access.actor(),
    )
    flash(f"The cohort {cohort.name} is open. Now add its learners.")
    return redirect(url_for(".cohort", cohort_id=cohort.id), 303)


def _offered() -> list[CompiledQualification]:
    """The qualifications for which the person may open cohorts; somebody appointed to single cohorts opens none."""
    held = [one for one in access.held(Role.ADMIN) if one.cohort_id is None]
    if not held:
        abort(403)
    slugs = {one.qualification for one in held}
    return [one for one in catalogue.qualifications(db.session()) if None in slugs or one.slug in slugs]


@bp.get("/cohorts/<uuid:cohort_id>", allow=READERS)
def cohort(cohort_id: UUID) -> Response:
    """A cohort's learners and how far each has come."""
    found = cohort_of(cohort_id, READERS)
    learners = queries.learners(db.session(), found)
    tracked = tracker.track(db.session(), found, learners)
    return page(
        "office/cohort.html",
        cohort=found,
        title=catalogue.qualification(db.session(), found.qualification).title,
        learners=learners,
        progress={row.learner.enrolment.id: tracker.in_words(row) for row in tracked.rows},
        is_admin=is_admin_of(found),
    )


@bp.get("/cohorts/<uuid:cohort_id>/learners/new", allow=ADMINS)
def new_learner(cohort_id: UUID) -> Response:
    """The form for one learner."""
    return page("office/enrol.html", cohort=cohort_of(cohort_id, ADMINS), form=forms.EnrolForm(formdata=None))


@bp.post("/cohorts/<uuid:cohort_id>/learners/new", allow=ADMINS)
def enrol(cohort_id: UUID) -> Response:
    """Enrol one learner; somebody new gets an invitation."""
    form, found = forms.EnrolForm(), cohort_of(cohort_id, ADMINS, lock=True)
    if not form.validate():
        return page("office/enrol.html", cohort=found, form=form, status=422)
    operations.enrol_by_address(
        db.session(),
        found,
        name=form.name.data,
        known_as=form.known_as.data or form.name.data.split()[0],
        email=form.email.data,
        by=access.actor(),
    )
    flash(f"{form.name.data} is enrolled. A letter is on its way to them.")
    return redirect(url_for(".cohort", cohort_id=found.id), 303)


@bp.get("/cohorts/<uuid:cohort_id>/import", allow=ADMINS)
def new_import(cohort_id: UUID) -> Response:
    """The form for a list of learners."""
    return _import_page(cohort_of(cohort_id, ADMINS))


@bp.post("/cohorts/<uuid:cohort_id>/import", allow=ADMINS)
def import_learners(cohort_id: UUID) -> Response:
    """Enrol a whole list, or, with any problem in it, nobody."""
    form = forms.RosterForm()
    read = roster.read(form.file.data.read(roster.LARGEST + 1)) if form.file.data else None
    found = cohort_of(cohort_id, ADMINS, lock=True)
    if read is None:
        return _import_page(found, [roster.Problem(0, "Choose a file first.")])
    problems = sorted([*read.problems, *_against(found, read.rows)], key=lambda problem: problem.line)
    if problems:
        return _import_page(found, problems)
    count = operations.import_roster(db.session(), found, read.rows, by=access.actor())
    flash(f"{count} {'learner is' if count == 1 else 'learners are'} enrolled. Letters are on their way to them.")
    return redirect(url_for(".cohort", cohort_id=found.id), 303)


def _against(found: Cohort, rows: tuple[roster.Row, ...]) -> list[roster.Problem]:
    """What speaks against rows that are sound in themselves."""
    wrong, taken = queries.roster_conflicts(
        db.session(),
        found,
        emails=[row.email for row in rows],
        numbers=[row.ao_learner_number for row in rows if row.ao_learner_number],
        by=me().person_id,
    )
    problems = [roster.Problem(row.line, wrong[row.email]) for row in rows if row.email in wrong]
    problems += [
        roster.Problem(row.line, "Another learner has this learner number already.")
        for row in rows
        if row.ao_learner_number and taken.get(row.ao_learner_number, row.email) != row.email
    ]
    return problems


def _import_page(found: Cohort, problems: list[roster.Problem] | None = None) -> Response:
    status = 422 if problems else 200
    return page("office/import.html", cohort=found, columns=roster.COLUMNS, problems=problems or [], status=status)
