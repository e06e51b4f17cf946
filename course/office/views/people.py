"""Staff and their appointments; and accounts: inviting again, closing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from course import access, db
from course.access import Role
from course.catalogue import queries as catalogue
from course.enrolment.models import Cohort
from course.local_time import today
from course.office import forms, operations, queries
from course.office.views.scope import ADMINS, bp, whole_centre
from course.pages import page
from course.people import operations as accounts
from course.people.accounts import me
from course.people.models import Appointment, Person


@bp.get("/people", allow=ADMINS)
def people() -> Response:
    """Everybody appointed at the centre, and everybody who has not come in yet."""
    held = whole_centre()
    return page(
        "office/people.html",
        staff=queries.staff(db.session(), held.centre_id),
        invitations={one.person.id: one for one in queries.invitations(db.session(), held.centre_id)},
        in_words=_in_words(held.centre_id),
        role_of=_role_of,
    )


@bp.get("/people/new", allow=ADMINS)
def new_person() -> Response:
    """The form for a new member of staff."""
    held = whole_centre()
    form = _offer(forms.StaffForm(formdata=None, from_date=today()), held.centre_id)
    return page("office/person_new.html", form=form)


@bp.post("/people/new", allow=ADMINS)
def invite() -> Response:
    """Invite a member of staff and appoint them; somebody with an account is only appointed."""
    held = whole_centre()
    form = forms.StaffForm()
    _offer(form, held.centre_id)
    if not form.validate():
        return page("office/person_new.html", form=form, status=422)
    made = operations.appoint_by_address(
        db.session(),
        queries.centre(db.session(), held.centre_id),
        name=form.name.data,
        known_as=form.known_as.data or form.name.data.split()[0],
        email=form.email.data,
        by=access.actor(),
        **_appointment(form),
    )
    flash(f"{form.name.data} is appointed.")
    return redirect(url_for(".person", person_id=made.person_id), 303)


@bp.get("/people/<uuid:person_id>", allow=ADMINS)
def person(person_id: UUID) -> Response:
    """One person: account, appointments, enrolments at this centre."""
    return _page(queries.person_for(db.session(), whole_centre().centre_id, person_id))


@bp.post("/people/<uuid:person_id>/appointments", allow=ADMINS)
def appoint(person_id: UUID) -> Response:
    """Appoint somebody to one more role."""
    held = whole_centre()
    found, form = queries.person_for(db.session(), held.centre_id, person_id), forms.AppointmentForm()
    _offer(form, held.centre_id)
    if not form.validate():
        return _page(found, appointment=form)
    centre = queries.centre(db.session(), held.centre_id)
    accounts.appoint(db.session(), found, centre=centre, by=access.actor(), **_appointment(form))
    return _done(found, "The appointment is made.")


@bp.post("/appointments/<uuid:appointment_id>/end", allow=ADMINS)
def end_appointment(appointment_id: UUID) -> Response:
    """End an appointment after a day."""
    held = whole_centre()
    appointment = queries.appointment_for(db.session(), held.centre_id, appointment_id)
    found, form = queries.person_for(db.session(), held.centre_id, appointment.person_id), forms.EndForm()
    if not form.validate():
        return _page(found, ending=form)
    accounts.end_appointment(db.session(), appointment, on=form.on.data, by=access.actor())
    return _done(found, "The appointment has an end now.")


@bp.post("/people/<uuid:person_id>/invitation", allow=ADMINS)
def invite_again(person_id: UUID) -> Response:
    """Send a fresh invitation."""
    found = queries.person_for(db.session(), whole_centre().centre_id, person_id)
    operations.invite_again(db.session(), found)
    return _done(found, "A new invitation is on its way. It works for seven days.")


@bp.post("/people/<uuid:person_id>/close", allow=ADMINS)
def close_account(person_id: UUID) -> Response:
    """Close an account: every session ends at once."""
    centre_id = whole_centre().centre_id
    found = queries.person_for(db.session(), centre_id, person_id)
    operations.close_account(db.session(), found, centre_id=centre_id, by=access.actor())
    return _done(found, "The account is closed. What the person did stays on record.")


def _done(found: Person, words: str) -> Response:
    flash(words)
    return redirect(url_for(".person", person_id=found.id), 303)


def _offer(form: Any, centre_id: UUID) -> Any:
    """Set what an appointment at this centre can be limited to."""
    session = db.session()
    qualifications = catalogue.qualifications(session)
    units = [
        (one.slug, row.unit, f"{one.unit_code(row.unit)} {row.title}")
        for one in qualifications
        for row in catalogue.latest_units(session, one.slug)
    ]
    return form.offer(qualifications, units, _cohorts(centre_id))


def _cohorts(centre_id: UUID) -> list[Cohort]:
    return [one.cohort for one in queries.cohorts(db.session(), [whole_centre()]) if one.cohort.centre_id == centre_id]


def _appointment(form: forms.AppointmentForm) -> dict[str, Any]:
    return {
        "role": Role(form.role.data),
        "qualification": form.chosen_qualification,
        "unit": form.chosen_unit,
        "cohort_id": UUID(form.cohort.data) if form.cohort.data else None,
        "from_date": form.from_date.data,
        "until_date": form.until_date.data,
        "needs_countersignature": bool(form.needs_countersignature.data),
    }


def _role_of(appointment: Appointment) -> str:
    return Role(appointment.role).label


def _in_words(centre_id: UUID) -> Any:
    """Say what an appointment covers."""
    session = db.session()
    qualifications = {one.slug: one for one in catalogue.qualifications(session)}
    cohorts = {one.id: one.name for one in _cohorts(centre_id)}

    def say(appointment: Appointment) -> str:
        parts = []
        found = qualifications.get(appointment.qualification or "")
        if found is not None:
            unit = appointment.unit
            parts.append(f"{found.title}, {found.unit_code(unit)}" if unit in found.units else found.title)
        if appointment.cohort_id:
            parts.append(f"cohort {cohorts.get(appointment.cohort_id, '')}")
        return ", ".join(parts) or "Everything at this centre"

    return say


def _page(
    found: Person, *, appointment: forms.AppointmentForm | None = None, ending: forms.EndForm | None = None
) -> Response:
    centre_id = whole_centre().centre_id
    wrong = appointment or ending
    waiting = {one.person.id: one for one in queries.invitations(db.session(), centre_id)}
    return page(
        "office/person.html",
        person=found,
        is_me=found.id == me().person_id,
        invitation=waiting.get(found.id),
        appointments=queries.appointments_of(db.session(), centre_id, found.id),
        enrolments=queries.enrolments_of(db.session(), centre_id, found.id),
        role_of=_role_of,
        in_words=_in_words(centre_id),
        is_over=queries.is_over,
        today=today(),
        appointment=appointment or _offer(forms.AppointmentForm(formdata=None, from_date=today()), centre_id),
        problems=wrong,
        errors=wrong.errors if wrong else None,
        status=422 if wrong else 200,
    )
