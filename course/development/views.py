"""Pages of professional development: one's own, and those of a centre's staff for its admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from course import access, clock, db
from course.access import Blueprint, Role
from course.development import forms, operations, queries
from course.pages import page
from course.people.accounts import me
from course.people.models import Person

bp = Blueprint("development", __name__, url_prefix="/development")

STAFF = {Role.TUTOR, Role.ASSESSOR, Role.IQA, Role.LEAD_IQA, Role.ADMIN}
"""Those whose competence an awarding organisation asks about."""
ADMINS = {Role.ADMIN}
A_YEAR = timedelta(days=365)


@bp.get("", allow=STAFF)
def home() -> Response:
    """What stands about oneself, and forms to add to it."""
    return _page(db.session().get_one(Person, me().person_id))


@bp.get("/staff", allow=ADMINS)
def staff() -> Response:
    """Everybody appointed at the centre, and how far their records have come."""
    return page("development/staff.html", staff=queries.staff_at(db.session(), access.acting().centre_id))


@bp.get("/staff/<uuid:person_id>", allow=ADMINS)
def person(person_id: UUID) -> Response:
    """What stands about one member of staff."""
    return _page(queries.person_at(db.session(), access.acting().centre_id, person_id))


def _page(found: Person, refused: Any = None) -> Response:
    since = clock.now().date() - A_YEAR
    standing = queries.of_person(db.session(), found.id)
    return page(
        "development/person.html", person=found, is_me=found.id == me().person_id, standing=standing,
        year=standing.minutes_since(since), sees_staff=bool(access.held(Role.ADMIN)), refused=refused,
        errors=refused.errors if refused else None, status=422 if refused else 200,
        qualification=refused if isinstance(refused, forms.QualificationForm) else forms.QualificationForm(None),
        entry=refused if isinstance(refused, forms.DevelopmentForm) else forms.DevelopmentForm(None),
    )  # fmt: skip


def _whose(person_id: UUID) -> Person:
    """Oneself; or, for an admin, anybody appointed at the centre. Raises NotFound."""
    if person_id == me().person_id:
        return db.session().get_one(Person, person_id)
    centres = [held.centre_id for held in access.held(Role.ADMIN)]
    return queries.person_at(db.session(), centres[0] if centres else UUID(int=0), person_id)


@bp.post("/<uuid:person_id>/qualifications", allow=STAFF)
def note_qualification(person_id: UUID) -> Response:
    """Note a qualification."""
    found, form = _whose(person_id), forms.QualificationForm()
    if not form.validate_on_submit():
        return _page(found, form)
    operations.note_qualification(
        db.session(), found.id, title=form.title.data or "", awarded_by=form.awarded_by.data or "",
        awarded_on=form.awarded_on.data, by=access.actor(),
    )  # fmt: skip
    return _done(found, "The qualification is noted.")


@bp.post("/<uuid:person_id>/entries", allow=STAFF)
def note_development(person_id: UUID) -> Response:
    """Note a piece of professional development."""
    found, form = _whose(person_id), forms.DevelopmentForm()
    if not form.validate_on_submit():
        return _page(found, form)
    operations.note_development(
        db.session(), found.id, done_on=form.done_on.data, minutes=round(form.hours.data * 60),
        words=form.words.data or "", by=access.actor(),
    )  # fmt: skip
    return _done(found, "The entry is noted.")


@bp.post("/<uuid:person_id>/withdrawals/<uuid:noted_id>", allow=STAFF)
def withdraw(person_id: UUID, noted_id: UUID) -> Response:
    """Take back an entry that was wrong."""
    found = _whose(person_id)
    noted = queries.noted(db.session(), found.id, noted_id)
    operations.withdraw(db.session(), noted, by=access.actor())
    return _done(found, "The entry is taken back.")


def _done(found: Person, words: str) -> Response:
    flash(words)
    is_me = found.id == me().person_id
    return redirect(url_for(".home") if is_me else url_for(".person", person_id=found.id), 303)
