"""Conflicts of interest: staff declare their own, an admin records anybody's and says when one is over."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from course import access, db
from course.access import Role
from course.office import queries
from course.office.forms import ConflictForm
from course.office.views.scope import ADMINS, bp, is_admin
from course.pages import page
from course.people import conflicts as found_conflicts
from course.people import operations as people
from course.people.accounts import me

STAFF = {
    Role.TUTOR, Role.ASSESSOR, Role.IQA, Role.LEAD_IQA, Role.ADMIN, Role.SAFEGUARDING_LEAD, Role.SELECTOR,
    Role.KEYWORKER,
}  # fmt: skip


@bp.get("/conflicts", allow=STAFF)
def conflicts() -> Response:
    """The conflicts that somebody declared; for an admin all of the centre, and how to record one."""
    return _page(ConflictForm(formdata=None, person=str(me().person_id)))


def _page(form: ConflictForm, status: int = 200) -> Response:
    session, centre_id = db.session(), access.acting().centre_id
    only = None if is_admin() else [me().person_id]
    _offer(form, centre_id)
    return page(
        "office/conflicts.html", conflicts=found_conflicts.declared(session, centre_id, only), form=form,
        is_admin=is_admin(), errors=form.errors or None, status=status,
    )  # fmt: skip


def _offer(form: ConflictForm, centre_id: UUID) -> None:
    session, mine = db.session(), me().person_id
    staff = {one.id: one.name for one in queries.staff_people(session, centre_id)}
    learners = queries.learners_in_scope(session, access.held(*STAFF))
    form.person.choices = [SelectChoice(str(one), name) for one, name in staff.items() if is_admin() or one == mine]
    form.other.choices = [SelectChoice("", "Choose a person")] + [
        SelectChoice(str(one), name) for one, name in sorted((learners | staff).items(), key=lambda it: it[1])
    ]


@bp.post("/conflicts", allow=STAFF)
def declare_conflict() -> Response:
    """Declare a conflict of interest."""
    form, centre_id = ConflictForm(), access.acting().centre_id
    _offer(form, centre_id)
    if not form.validate_on_submit():
        return _page(form, 422)
    people.declare_conflict(
        db.session(), centre_id=centre_id, person_id=UUID(form.person.data), other_id=UUID(form.other.data),
        kind=form.kind.data, detail=form.detail.data or "", is_admin=is_admin(), by=access.actor(),
    )  # fmt: skip
    flash("It is declared. From now on these two are kept apart wherever work is judged or checked.")
    return redirect(url_for(".conflicts"), 303)


@bp.post("/conflicts/<uuid:conflict_id>/end", allow=ADMINS)
def end_conflict(conflict_id: UUID) -> Response:
    """An admin has made sure that a conflict of interest is over."""
    session = db.session()
    found = found_conflicts.conflict_at(session, access.acting().centre_id, conflict_id)
    if found is None:
        raise NotFound
    people.end_conflict(session, found[0], is_over=found[1], by=access.actor())
    flash("It is over. What was declared stays on record.")
    return redirect(url_for(".conflicts"), 303)
