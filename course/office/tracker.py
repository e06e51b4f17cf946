"""The tracker: a cohort's learners by criteria, by units, and whom it may be worth calling. Derived, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from course import local_time, working_days
from course.enrolment.models import Cohort
from course.office import queries, rules
from course.office.queries import Learner
from course.workbook.progress import UnitProgress, UnitState, unit_progress
from course.workbook.rules import WITH_ASSESSOR, State

WORDS = {
    State.NOT_STARTED: "nothing yet",
    State.HANDED_IN: "handed in",
    State.BEING_MARKED: "being marked",
    State.ACHIEVED: "achieved",
    State.NOT_YET: "not yet",
    State.ON_HOLD: "on hold",
}
UNIT_WORDS = {
    UnitState.PLANNED: "coming later",
    UnitState.NOT_STARTED: "nothing yet",
    UnitState.DRAFT: "begun",
    UnitState.BEING_MARKED: "being marked",
    UnitState.NOT_YET: "not yet",
    UnitState.ON_HOLD: "on hold",
    UnitState.ACHIEVED: "achieved",
}
"""What staff see. A draft is the learner's alone, so a unit is "begun" by its first hand-in."""


@dataclass(frozen=True)
class Column:
    """A unit or a criterion at the head of the grid."""

    key: str
    short: str
    full: str


@dataclass(frozen=True)
class Cell:
    """One learner and one criterion or unit: a shape, and the same in words."""

    state: str
    words: str
    label: str


@dataclass(frozen=True)
class LearnerRow:
    """One learner's row, and since when nothing has happened."""

    learner: Learner
    units: dict[str, UnitProgress]
    last_step: datetime
    is_with_assessor: bool
    is_worth_a_call: bool

    @property
    def units_achieved(self) -> int:
        """How many units are achieved."""
        return sum(one.achieved for one in self.units.values())

    @property
    def is_finished(self) -> bool:
        """Whether every unit that can be studied is achieved."""
        ready = [one for one in self.units.values() if one.state != UnitState.PLANNED]
        return bool(ready) and all(one.achieved for one in ready)

    @property
    def waiting_for(self) -> str:
        """Whose turn it is."""
        if self.is_finished:
            return "done"
        return "with the assessor" if self.is_with_assessor else "the learner’s turn"


@dataclass(frozen=True)
class Tracker:
    """A whole cohort. `units` are in the qualification's order."""

    cohort: Cohort
    rows: list[LearnerRow]
    units: list[UnitProgress]
    """Of one learner, for titles and criteria; empty without learners."""

    @property
    def calls(self) -> list[LearnerRow]:
        """Those whom a call may help, the longest quiet first."""
        return sorted((row for row in self.rows if row.is_worth_a_call), key=lambda row: row.last_step)

    def unit(self, slug: str) -> UnitProgress | None:
        """A unit of the cohort's qualification."""
        return next((one for one in self.units if one.unit == slug), None)

    def criteria(self, slug: str) -> list[str]:
        """The criteria of a unit, over all the versions that learners are on."""
        found: dict[str, None] = {}
        for row in self.rows:
            found |= dict.fromkeys(row.units[slug].criteria)
        return sorted(found, key=lambda number: [int(part) for part in number.split(".")])


def track(session: Session, cohort: Cohort, learners: list[Learner] | None = None) -> Tracker:
    """Derive a cohort's tracker with a constant number of queries. Learners who left are not in it."""
    found = queries.learners(session, cohort) if learners is None else learners
    here = [one for one in found if not one.has_left]
    ids = [one.enrolment.id for one in here]
    progress = unit_progress(session, ids, cohort.qualification) if ids else {}
    steps = queries.last_steps(session, ids) if ids else {}
    by_learner: dict[UUID, dict[str, UnitProgress]] = {}
    for (enrolment_id, slug), one in progress.items():
        by_learner.setdefault(enrolment_id, {})[slug] = one
    rows = [_row(one, by_learner.get(one.enrolment.id, {}), steps) for one in here]
    return Tracker(cohort, rows, list(rows[0].units.values()) if rows else [])


def _row(learner: Learner, units: dict[str, UnitProgress], steps: dict[UUID, datetime]) -> LearnerRow:
    last = queries.last_step_of(learner, steps)
    with_assessor = any(state in WITH_ASSESSOR for unit in units.values() for state in unit.questions.values())
    row = LearnerRow(learner, units, last, with_assessor, is_worth_a_call=False)
    standing = rules.Standing(working_days.day_of(last, local_time.zone().key), row.is_finished, with_assessor)
    call = rules.is_worth_a_call(standing, local_time.today())
    return LearnerRow(learner, units, last, with_assessor, is_worth_a_call=call)


def criterion_cell(row: LearnerRow, slug: str, number: str) -> Cell:
    """One learner and one criterion."""
    unit = row.units[slug]
    state = unit.criteria.get(number, State.NOT_STARTED).shown
    words = WORDS.get(state, WORDS[State.NOT_STARTED])
    shape = state if state in WORDS else State.NOT_STARTED
    return Cell(shape, words, f"{row.learner.short_name}, {unit.code} {number}: {words}")


def unit_cell(row: LearnerRow, slug: str) -> Cell:
    """One learner and one unit."""
    unit = row.units[slug]
    words = UNIT_WORDS[unit.state]
    shape = {UnitState.PLANNED: "none", UnitState.DRAFT: "handed_in"}.get(unit.state, unit.state.value)
    return Cell(shape, words, f"{row.learner.short_name}, {unit.code}: {words}")


def in_words(row: LearnerRow) -> str:
    """How far a learner has come, in a few words."""
    states = [state for unit in row.units.values() for state in unit.questions.values()]
    waiting = sum(state in WITH_ASSESSOR for state in states)
    criteria = sum(unit.criteria_achieved for unit in row.units.values())
    parts = [
        _counted(row.units_achieved, "unit achieved", "units achieved"),
        _counted(criteria, "criterion achieved", "criteria achieved"),
        _counted(waiting, "answer with the assessor", "answers with the assessor"),
    ]
    said = ", ".join(part for part in parts if part)
    begun = any(unit.answers for unit in row.units.values())
    return said or ("Begun, nothing achieved yet" if begun else "Nothing handed in yet")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


def chart(tracked: Tracker, slugs: list[str]) -> list[tuple[str, tuple[int, int]]]:
    """For each unit, how many learners have achieved it and how many are partway."""
    found = []
    for unit in (one for one in tracked.units if one.unit in slugs):
        states = [row.units[unit.unit] for row in tracked.rows]
        achieved = sum(one.achieved for one in states)
        found.append((f"{unit.code} {unit.title}", (achieved, sum(bool(one.answers) for one in states) - achieved)))
    return found
