"""The checks tracker: what is due before a placement, and noting what was seen; never the document."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from assessors.selection import rules
from assessors.selection.forms import CheckForm
from assessors.selection.operations import checks as operations
from assessors.selection.queries import applications as queries
from assessors.selection.queries import opened, placement
from assessors.selection.queries.placement import CheckedPerson
from assessors.selection.views import SELECTOR, bp, cohort_of
from assessors.selection.words import CheckWords
from course import access, db
from course.enrolment.models import Cohort
from course.local_time import today
from course.pages import page
from course.people import queries as people
from course.people.accounts import me


@bp.get("/selection/cohorts/<uuid:cohort_id>/checks", allow=SELECTOR)
def checks(cohort_id: UUID) -> Response:
    """Everybody in the cohort or on the way into it, those with most to see to first."""
    session, cohort = db.session(), cohort_of(cohort_id, SELECTOR)
    found = placement.people_to_check(session, cohort)
    return page("selection/checks.html", cohort=cohort, people=found)


@bp.get("/selection/cohorts/<uuid:cohort_id>/people/<uuid:person_id>/checks", allow=SELECTOR)
def person_checks(cohort_id: UUID, person_id: UUID) -> Response:
    """One person's checks. It opens what was noted, and that is written down."""
    cohort = cohort_of(cohort_id, SELECTOR)
    return _person(cohort, placement.person_to_check(db.session(), cohort, person_id))


def _person(cohort: Cohort, found: CheckedPerson, form: CheckForm | None = None, status: int = 200) -> Response:
    session, mine = db.session(), me().person_id
    knows = mine in queries.conflicts_with(session, [found.person.id]).get(found.person.id, ())
    rules.may_see_checks(person=found.person.id, by=mine, knows=knows)
    rows = placement.seen_of(session, cohort.centre_id, {found.person.id}).get(found.person.id, [])
    names = people.names(session, {one.seen_by for one in rows})
    texts = {one.key: one.text for one in (due.criterion for due in found.checks)}
    history: list[dict[str, Any]] = [
        {
            "row": one,
            "text": texts.get(one.criterion, one.criterion.replace("-", " ").capitalize()),
            "by": names[one.seen_by].name if one.seen_by in names else "somebody who has left",
            "words": opened.words(session, CheckWords, one.words_id) or CheckWords(),
        }
        for one in reversed(rows)
    ]
    return page(
        "selection/person_checks.html", cohort=cohort, found=found, history=history,
        form=form or CheckForm(formdata=None, seen_on=today()),
        refused=form.criterion.data if form else None, errors=form.errors if form else None, status=status,
    )  # fmt: skip


@bp.post("/selection/cohorts/<uuid:cohort_id>/people/<uuid:person_id>/checks", allow=SELECTOR)
def note_check(cohort_id: UUID, person_id: UUID) -> Response:
    """Note that something was seen, and what follows from it."""
    session, cohort, form = db.session(), cohort_of(cohort_id, SELECTOR), CheckForm()
    found = placement.person_to_check(session, cohort, person_id)
    known = {one.criterion.key for one in found.checks}
    if not form.validate() or form.criterion.data not in known:
        return _person(cohort, found, form, 422)
    words = CheckWords(
        number=form.number.data or "", level=form.level.data or "", note=form.note.data or "",
        issued_on=form.issued_on.data.isoformat() if form.issued_on.data else "",
    )  # fmt: skip
    seen = operations.Seen(form.criterion.data, form.decision.data, form.seen_on.data, form.expires_on.data, words)
    operations.note_check(session, cohort, found.person, seen, by=access.actor())
    flash("That is noted. The document itself is not kept: give it back.")
    return redirect(url_for(".person_checks", cohort_id=cohort.id, person_id=found.person.id), 303)
