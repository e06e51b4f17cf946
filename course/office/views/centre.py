"""The centre's calendar: whose bank holidays it keeps, and in which time zone its pages speak."""

from __future__ import annotations

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from course import access, db, working_days
from course.local_time import today
from course.office import queries
from course.office.forms import CalendarForm
from course.office.views.scope import ADMINS, bp, whole_centre
from course.pages import page
from course.people import operations as people
from course.people.models import Centre

HOLIDAYS = 4
"""How many of the next bank holidays are shown, so that an admin sees whether they are the right ones."""


@bp.get("/centre", allow=ADMINS)
def centre() -> Response:
    """The calendar as it stands."""
    found = _centre()
    form = CalendarForm(formdata=None, nation=found.nation, time_zone=found.time_zone)
    return _page(found, form.offer(found.time_zone))


def _centre() -> Centre:
    return queries.centre(db.session(), whole_centre().centre_id)


def _page(found: Centre, form: CalendarForm, status: int = 200) -> Response:
    return page(
        "office/centre.html", centre=found, form=form, errors=form.errors or None, status=status,
        holidays={
            nation: working_days.next_holidays(today(), nation, count=HOLIDAYS) for nation in working_days.NATIONS
        },
    )  # fmt: skip


@bp.post("/centre", allow=ADMINS)
def change_centre() -> Response:
    """Change the calendar, for every date worked out from now on."""
    found = _centre()
    form = CalendarForm().offer(found.time_zone)
    if not form.validate_on_submit():
        return _page(found, form, 422)
    people.change_calendar(
        db.session(), found, time_zone=form.time_zone.data, nation=form.nation.data, by=access.actor()
    )
    flash("The centre’s calendar is saved.")
    return redirect(url_for(".centre"), 303)
