"""The queue, oldest first; what is held back; and the next answer like this one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, request, url_for
from sqlalchemy import Row
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from assessors.marking import forms
from assessors.marking.operations import judging, leasing
from assessors.marking.queries import countersigning
from assessors.marking.queries import desk as desks
from assessors.marking.queries import queue as queries
from assessors.marking.queries.queue import Counts, Filters
from assessors.marking.queries.scope import Reader
from assessors.marking.views import ASSESSOR, assessor, bp
from course import access, clock, db, working_days
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit
from course.pages import clock_in_words, day_in_words, page
from course.people.models import Person
from course.workbook.deadlines import Calendar


@dataclass(frozen=True)
class Line:
    """One answer in a list."""

    id: UUID
    title: str
    learner: str
    where: str
    go: str
    at: datetime
    due: date
    is_due: bool
    holder: str
    is_sent_back: bool
    is_late: bool
    is_adjusted: bool
    is_on_hold: bool
    is_blind: bool

    @property
    def handed_in(self) -> str:
        """The day of the hand-in, as a cell begins it."""
        words = day_in_words(self.at)
        return words[0].upper() + words[1:]

    @property
    def due_words(self) -> str:
        """The day by which it is to be marked, short enough for a column."""
        return f"{self.due.day} {self.due:%B}"


Due = Callable[[Row[Any]], date]


def due_days(session: Session, rows: Sequence[Row[Any]]) -> Due:
    """By which day each answer is to be marked: the working days that its policy promises, where the centre is."""
    days = queries.turnarounds(session, {row.policy_version_id for row in rows})
    return lambda row: Calendar(row.time_zone, row.nation).after(row.reopened_at or row.at, days[row.policy_version_id])


def line(row: Row[Any], units: dict[UUID, CompiledUnit], me_id: UUID, due_on: Due) -> Line:
    """A row of the queue in words."""
    unit = units[row.unit_version_id]
    question = unit.question(row.question)
    now = clock.now()
    due, today = due_on(row), working_days.day_of(now, row.time_zone)
    holds = row.holder_id is not None and row.ended_at is None and row.until > now
    holder = "" if not holds else "With you" if row.holder_id == me_id else f"With {row.holder or 'a colleague'}"
    return Line(
        row.id, question.name, Person.short_name.fget(row) if row.name else "A learner",  # type: ignore[attr-defined]
        f"Unit {unit.code.removeprefix('U')}, question {question.number}", go_in_words(row.attempt), row.at, due,
        due <= today, f"{holder} until {clock_in_words(row.until)}" if holder else "",
        row.reopened_at is not None and not row.is_blind, bool(row.waits_for_a_person), bool(row.is_adjusted),
        bool(row.is_on_hold), bool(row.is_blind),
    )  # fmt: skip


def go_in_words(attempt: int) -> str:
    """Which attempt, as people say it."""
    names = ("", "First go", "Second go", "Third go", "Fourth go", "Fifth go")
    return names[attempt] if attempt < len(names) else f"Go number {attempt}"


@bp.get("/marking", allow=ASSESSOR)
def queue() -> Response:
    """Answers waiting for decisions, oldest first."""
    session, reader, filters = db.session(), assessor(), forms.filters_from(request.args)
    counts = queries.counts(session, reader, filters)
    rows = queries.waiting(session, reader, filters, forms.place_from(request.args))
    shown, more = rows[: queries.PAGE], rows[queries.PAGE :]
    due = due_days(session, shown)
    is_held, waits = countersigning.held_and_to_countersign(session, reader)
    offered = queries.newest_versions(session, set(counts.units))
    units = catalogue.units(session, {row.unit_version_id for row in shown} | set(offered.values()))
    return page(
        "marking/queue.html",
        lines=[line(row, units, reader.person_id, due) for row in shown],
        total=counts.matching,
        all_total=counts.total,
        choices=_choices(counts, {key: units[version] for key, version in offered.items()}),
        narrowing=filters,
        narrowed=_query(filters),
        is_further="after" in request.args,
        more=_query(filters) | {"after": shown[-1].at.isoformat(), "answer": shown[-1].id} if more else None,
        tabs=tabs(reader, "queue", counts.total, is_held, waits),
    )


def _query(filters: Filters) -> dict[str, Any]:
    found = {"cohort": filters.cohort_id, "unit": filters.unit, "question": filters.question}
    return {name: value for name, value in found.items() if value is not None}


def _choices(counts: Counts, units: dict[tuple[str, str], CompiledUnit]) -> dict[str, list[tuple[str, str]]]:
    """What the three filters offer: only what has answers waiting, each with its true count."""
    codes = {key: f"Unit {unit.code.removeprefix('U')}" for key, unit in units.items()}
    names = {(*key, one.key): one.name for key, unit in units.items() for one in unit.questions}
    return {
        "cohort": _offer((label, str(key), count) for (key, label), count in counts.cohorts.items()),
        "unit": _offer((f"{codes[key]}: {units[key].title}", key[1], count) for key, count in counts.units.items()),
        "question": _offer(
            (f"{codes[key[:2]]}: {names.get(key, key[2])}", key[2], count) for key, count in counts.questions.items()
        ),
    }


def _offer(choices: Iterable[tuple[str, str, int]]) -> list[tuple[str, str]]:
    return [("", "All"), *((key, f"{label} ({count})") for label, key, count in sorted(choices))]


def tabs(
    reader: Reader, current: str, waiting: int | None = None, held: int | None = None, waits: int | None = None
) -> list[tuple[str, str, bool]]:
    """The ways to see the work."""
    found = [
        (f"Waiting ({waiting})" if waiting is not None else "Waiting", url_for(".queue"), current == "queue"),
        (f"Held ({held})" if held is not None else "Held", url_for(".held"), current == "held"),
    ]
    waits = countersigning.how_many(db.session(), reader) if waits is None else waits
    if waits or current == "countersign":
        found.append((f"To countersign ({waits})", url_for(".to_countersign"), current == "countersign"))
    # Actions live in a slice that this one must not import; the tab leads there when that slice is installed.
    if "quality.my_actions" in current_app.view_functions and access.may("quality.my_actions"):
        found.append(("Actions", url_for("quality.my_actions"), False))
    return [*found, ("Kept comments", url_for(".comments"), current == "comments")]


@bp.get("/marking/held", allow=ASSESSOR)
def held() -> Response:
    """Answers that are decided and not returned yet."""
    session, reader, filters = db.session(), assessor(), forms.filters_from(request.args)
    rows = queries.held(session, reader, filters)
    units = catalogue.units(session, {row.unit_version_id for row in rows})
    groups: dict[tuple[UUID, str], tuple[str, list[Line]]] = {}
    due = due_days(session, rows)
    waits = countersigning.uncountersigned(session, [row.id for row in rows])
    waiting: Counter[tuple[UUID, str]] = Counter((row.cohort_id, row.unit) for row in rows if row.id in waits)
    for row in rows:
        name = f"{row.cohort}, unit {units[row.unit_version_id].code.removeprefix('U')}"
        groups.setdefault((row.cohort_id, row.unit), (name, []))[1].append(line(row, units, reader.person_id, due))
    return page(
        "marking/held.html",
        groups=[
            {"cohort": cohort_id, "unit": unit, "name": name, "lines": lines, "waiting": waiting[cohort_id, unit]}
            for (cohort_id, unit), (name, lines) in groups.items()
        ],
        tabs=tabs(reader, "held", None, len(rows)),
    )


@bp.post("/marking/held/return", allow=ASSESSOR)
def return_held() -> Response:
    """Return every held answer of one cohort and unit that may be returned."""
    session, reader = db.session(), assessor()
    rows = queries.held(session, reader, forms.filters_from(request.form))
    held_back = 0
    for row in rows:
        desk = desks.desk(session, reader, row.id, lock=True)
        if desk.case.needs_countersignature:
            held_back += 1
            continue
        judging.return_answer(session, desk)
    returned = "There was nothing to return." if len(rows) == held_back else "Returned. Each learner has a letter."
    waiting = f" {held_back} still {'waits' if held_back == 1 else 'wait'} for a countersignature." if held_back else ""
    flash(returned + waiting)
    return redirect(url_for(".held"), 303)


@bp.post("/marking/next", allow=ASSESSOR)
def next_answer() -> Response:
    """Take the oldest answer that is free, of one question if one is named, and open it."""
    return to_next(db.session(), assessor(), forms.filters_from(request.values))


def to_next(session: Any, reader: Reader, filters: Filters) -> Response:
    """Open the next answer of a kind, or the queue when none is left."""
    answer_id = leasing.take_next(session, reader, filters)
    if answer_id is None:
        flash("No more answers like this one are waiting.")
        return redirect(url_for(".queue"), 303)
    return redirect(url_for(".judge", answer_id=answer_id), 303)
