"""The tracker and its spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from flask import abort, request
from werkzeug.wrappers import Response

from course import db
from course.enrolment.models import Cohort
from course.office import queries, spreadsheets, tracker
from course.office.tracker import Column, Tracker
from course.office.views.scope import READERS, TRACKERS, bp, cohort_of, covers, is_admin_of
from course.pages import page

VIEWS = ("unit", "units", "calls")


@bp.get("/cohorts/<uuid:cohort_id>/tracker", allow=TRACKERS)
def progress(cohort_id: UUID) -> Response:
    """Learners by the criteria of one unit, by all units, or those it may be worth calling."""
    cohort = cohort_of(cohort_id, TRACKERS)
    view = request.args.get("view", "unit")
    if view not in VIEWS:
        abort(404)
    tracked = tracker.track(db.session(), cohort)
    slugs = _units_in_scope(cohort, tracked)
    slug = request.args.get("unit") or _first(tracked, slugs)
    if slug is not None and slug not in slugs and tracked.units:
        abort(404)
    return page(
        "office/tracker.html",
        cohort=cohort,
        view=view,
        tracked=tracked,
        units=[tracked.unit(one) for one in slugs],
        unit=tracked.unit(slug) if slug else None,
        columns=_columns(tracked, view, slug, slugs),
        cells=_cells(tracked, view, slug, slugs),
        chart=tracker.chart(tracked, slugs),
        in_words=tracker.in_words,
        may_open_cohort=covers(cohort, READERS),
    )


def _units_in_scope(cohort: Cohort, tracked: Tracker) -> list[str]:
    """The units that the person's appointments cover: an assessor of one unit sees that one."""
    return [one.unit for one in tracked.units if covers(cohort, TRACKERS, unit=one.unit)]


def _first(tracked: Tracker, slugs: list[str]) -> str | None:
    """The unit to show unasked: the one that most learners have begun, else the first with questions."""
    found = [unit for unit in tracked.units if unit.unit in slugs and unit.questions]
    begun = {unit.unit: sum(bool(row.units[unit.unit].answers) for row in tracked.rows) for unit in found}
    return max(begun, key=lambda slug: begun[slug]) if begun else next(iter(slugs), None)


def _columns(tracked: Tracker, view: str, slug: str | None, slugs: list[str]) -> list[Column]:
    if view == "units":
        units = [tracked.unit(one) for one in slugs]
        return [Column(one.unit, one.code, f"{one.code} {one.title}") for one in units if one]
    if view == "unit" and slug:
        return [Column(number, number, number) for number in tracked.criteria(slug)]
    return []


def _cells(tracked: Tracker, view: str, slug: str | None, slugs: list[str]) -> dict[UUID, list[tracker.Cell]]:
    columns = _columns(tracked, view, slug, slugs)
    if view == "units":
        return {row.learner.enrolment.id: [tracker.unit_cell(row, one.key) for one in columns] for row in tracked.rows}
    return {
        row.learner.enrolment.id: [tracker.criterion_cell(row, slug, one.key) for one in columns if slug]
        for row in tracked.rows
    }


@bp.get("/cohorts/<uuid:cohort_id>/tracker.csv", allow=TRACKERS)
def progress_csv(cohort_id: UUID) -> Response:
    """The tracker of every unit in scope, a row for each learner."""
    cohort = cohort_of(cohort_id, TRACKERS)
    tracked = tracker.track(db.session(), cohort)
    columns = [(slug, number) for slug in _units_in_scope(cohort, tracked) for number in tracked.criteria(slug)]
    codes = {unit.unit: unit.code for unit in tracked.units}
    head = ["Learner", "Learner number", "Last step", "Turn", *(f"{codes[slug]} {number}" for slug, number in columns)]
    return spreadsheets.download("progress.csv", head, _progress_rows(tracked, columns))


def _progress_rows(tracked: Tracker, columns: list[tuple[str, str]]) -> Iterator[list[object]]:
    for row in tracked.rows:
        words = (tracker.criterion_cell(row, slug, number).words for slug, number in columns)
        number = row.learner.enrolment.ao_learner_number
        yield [row.learner.name, number, row.last_step.date().isoformat(), row.waiting_for, *words]


@bp.get("/cohorts/<uuid:cohort_id>/learners.csv", allow=TRACKERS)
def learners_csv(cohort_id: UUID) -> Response:
    """A cohort's learners. Only the office sees addresses."""
    cohort = cohort_of(cohort_id, TRACKERS)
    with_email = is_admin_of(cohort)
    head = ["Learner", "Known as", *(["Email address"] if with_email else []), "Learner number", "Enrolled",
            "Registered on", "Induction", "Left on"]  # fmt: skip
    rows = [_learner_row(one, with_email=with_email) for one in queries.learners(db.session(), cohort)]
    return spreadsheets.download("learners.csv", head, rows)


def _learner_row(one: queries.Learner, *, with_email: bool) -> list[object]:
    person, enrolment = one.person, one.enrolment
    moments = [enrolment.enrolled_at, one.inducted_at, enrolment.withdrawn_at]
    enrolled, inducted, left = (moment.date().isoformat() if moment else "" for moment in moments)
    email = [person.email if person else ""] if with_email else []
    registered = one.registration.registered_on.isoformat() if one.registration else ""
    known_as = person.known_as if person else ""
    return [one.name, known_as, *email, enrolment.ao_learner_number, enrolled, registered, inducted, left]
