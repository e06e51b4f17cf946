"""Live hours of a cohort: what a tutor held, who was there, and corrections of it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from course import access, db
from course.catalogue import queries as catalogue
from course.enrolment import operations as enrolments
from course.enrolment import queries as enrolled
from course.enrolment.models import Cohort, LiveSession
from course.enrolment.operations import Live
from course.office import forms, queries
from course.office.views.scope import READERS, bp, cohort_of
from course.pages import minutes_in_words, page


def _units(found: Cohort) -> list[tuple[str, str]]:
    rows = catalogue.latest_units(db.session(), found.qualification)
    return [(row.unit, f"{number}. {catalogue.unit_of(row).title}") for number, row in enumerate(rows, start=1)]


def _learners(found: Cohort) -> list[tuple[str, str]]:
    return [(str(one.enrolment.id), one.name) for one in queries.learners(db.session(), found)]


@bp.get("/cohorts/<uuid:cohort_id>/live-hours", allow=READERS)
def live_hours(cohort_id: UUID) -> Response:
    """What is recorded, and the form for more."""
    return _list(cohort_of(cohort_id, READERS))


def _list(found: Cohort, form: forms.LiveHoursForm | None = None, status: int = 200) -> Response:
    units, learners = _units(found), _learners(found)
    form = form or forms.LiveHoursForm(formdata=None).offer(units, learners)
    held = enrolled.live_sessions(db.session(), found.id)
    return page("office/live_hours.html", cohort=found, form=form, held=held, units=dict(units), names=dict(learners),
                total=sum(one.minutes for one, _ in held), status=status)  # fmt: skip


@bp.post("/cohorts/<uuid:cohort_id>/live-hours", allow=READERS)
def record_live_hours(cohort_id: UUID) -> Response:
    """Record one live session."""
    form, found = forms.LiveHoursForm(), cohort_of(cohort_id, READERS, lock=True)
    if not form.offer(_units(found), _learners(found)).validate():
        return _list(found, form, 422)
    enrolments.record_live_hours(db.session(), found, _live(form), by=access.actor())
    flash(f"{minutes_in_words(form.minutes.data).capitalize()} recorded.")
    return redirect(url_for(".live_hours", cohort_id=found.id), 303)


def _live(form: forms.LiveHoursForm) -> Live:
    attended = frozenset(UUID(one) for one in form.attended.data or ())
    return Live(form.unit.data, form.held_on.data, form.minutes.data, attended)


@bp.get("/cohorts/<uuid:cohort_id>/live-hours/<uuid:session_id>", allow=READERS)
def live_session(cohort_id: UUID, session_id: UUID) -> Response:
    """One live session, to be corrected."""
    found = cohort_of(cohort_id, READERS)
    held, attended = enrolled.live_session(db.session(), found.id, session_id)
    before = {
        "unit": held.unit,
        "held_on": held.held_on,
        "minutes": held.minutes,
        "attended": [str(one) for one in attended],
    }
    form = forms.LiveHoursForm(formdata=None, data=before).offer(_units(found), _learners(found))
    return _correction(found, held, form)


def _correction(found: Cohort, held: LiveSession, form: forms.LiveHoursForm, status: int = 200) -> Response:
    title = dict(_units(found)).get(held.unit, held.unit)
    return page("office/live_session.html", cohort=found, held=held, form=form, title=title, status=status)


@bp.post("/cohorts/<uuid:cohort_id>/live-hours/<uuid:session_id>", allow=READERS)
def correct_live_hours(cohort_id: UUID, session_id: UUID) -> Response:
    """Put a correction in the place of what was recorded. Both are kept."""
    form, found = forms.LiveHoursForm(), cohort_of(cohort_id, READERS, lock=True)
    held, _ = enrolled.live_session(db.session(), found.id, session_id)
    form.unit.data = held.unit
    if not form.offer(_units(found), _learners(found)).validate():
        return _correction(found, held, form, 422)
    enrolments.record_live_hours(db.session(), found, _live(form), corrects=held, by=access.actor())
    flash("The live hours are corrected.")
    return redirect(url_for(".live_hours", cohort_id=found.id), 303)
