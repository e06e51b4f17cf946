"""A plan in words: why each answer was drawn, what is missing, what the rule asks, and the grid's cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from assessors.quality import queries
from assessors.quality.plan.models import Plan
from assessors.quality.plan.queries import Cell, GridRow, PlanNow
from assessors.quality.plan.rules import TELLING, Because, Cover, Drawn, Line, Missing, Need, Share, Stage
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit
from course.catalogue.models import UnitVersion
from course.enrolment.models import Cohort
from course.enrolment.policy import Sampling

KINDS = {
    "choice": "a choice", "short": "a short answer", "extended": "a long answer", "order": "putting in order",
    "match": "matching pairs", "upload": "an upload", "log": "a log", "witness": "a witness statement",
}  # fmt: skip
SORTS = {
    Need.SAFETY: "a point about safety",
    Need.NOT_YET: "a “not yet”",
    Need.LATER: "work handed in again",
    Need.BORDERLINE: "a borderline answer",
    Need.DEPARTURE: "a unit below its threshold",
    Need.ADJUSTED: "work with an adjustment",
    Need.PRIOR: "a claim of prior learning",
}
STATES = {
    "action": "action open",
    "planned_sample": "planned",
    "released": "released",
    "sampled": "sampled",
    "judged": "marked",
    "none": "nothing marked",
}
SHAPES = {
    "action": "due",
    "planned_sample": "handed_in",
    "released": "achieved",
    "sampled": "being_marked",
    "judged": "draft",
    "none": "none",
}
"""How a cell's state is drawn: the shapes are those of the work's own states, the key says what they mean here."""


@dataclass(frozen=True)
class Names:
    """What people and units are called on a page about plans."""

    people: Mapping[UUID, str]
    units: Mapping[str, CompiledUnit]

    def person(self, person_id: UUID | str) -> str:
        """Somebody's name; who was disposed of has none."""
        return self.people.get(UUID(str(person_id)), "somebody who has left")

    def code(self, unit: str) -> str:
        """A unit as the plan calls it, such as "unit 4"."""
        found = self.units.get(unit)
        return f"unit {found.code.removeprefix('U')}" if found else unit

    def question(self, unit: str, key: str) -> str:
        """What a question is called; one that the newest version has no more, by its key."""
        found = self.units.get(unit)
        name = next((one.name for one in found.questions if one.key == key), None) if found else None
        return name or key.replace("-", " ")


def names_for(session: Session, cohort: Cohort, people: Iterable[UUID]) -> Names:
    """The names a page needs, in two queries once the units have been read."""
    wanted = set(people)
    newest = select(UnitVersion.unit, func.max(UnitVersion.number)).where(
        UnitVersion.qualification == cohort.qualification
    ).group_by(UnitVersion.unit)  # fmt: skip
    versions = session.execute(
        select(UnitVersion.unit, UnitVersion.id)
        .where(
            UnitVersion.qualification == cohort.qualification, tuple_(UnitVersion.unit, UnitVersion.number).in_(newest)
        )
        .order_by(UnitVersion.unit)
    )
    units = {unit: catalogue.unit(session, version) for unit, version in versions.all()}
    return Names(queries.names(session, wanted) if wanted else {}, units)


# -- why, and what is missing ------------------------------------------------------------------------------------------


def thing(missing: Missing, names: Names) -> str:
    """One thing that a sample must hold, as a phrase."""
    need, of = missing
    if need is Need.ASSESSOR:
        return f"work marked by {names.person(of)}"
    if need is Need.UNIT:
        return names.code(of)
    if need is Need.CRITERION:
        unit, criterion = of.rsplit("/", 1)
        return f"point {criterion.replace(':', ' ')} of {names.code(unit)}"
    if need is Need.KIND:
        return KINDS.get(of, of)
    return f"{SORTS[need]}, marked by {names.person(of)}"


def why(line: Line | None, names: Names) -> str:
    """Why an answer is in the plan, as a sentence."""
    if line is None:
        return "Added by hand."
    if line.brings:
        return _brings(line, names)
    return " ".join(f"{because_of(why, names.person(who))}." for why, who in line.fills)


def _brings(line: Line, names: Names) -> str:
    """What a line was the first to bring, the most telling first; an assessor is named once, at the end."""
    in_order = sorted(line.brings, key=lambda one: (TELLING.index(one[0]), one[1]))
    people = dict.fromkeys(names.person(of) for need, of in in_order if need in SORTS or need is Need.ASSESSOR)
    things = [SORTS.get(need) or thing((need, of), names) for need, of in in_order if need is not Need.ASSESSOR]
    things = list(dict.fromkeys(things)) or ["work not looked at yet"]
    listed = " and ".join([", ".join(things[:-1]), things[-1]] if things[1:] else things)
    marked_by = f", marked by {' and '.join(people)}" if people else ""
    return f"Brings {listed}{marked_by}."


def because_of(because: Because, name: str) -> str:
    """Why an assessor has their share, as a sentence without its stop."""
    return {
        Because.USUAL: f"By lot, for {name}’s share",
        Because.NEW: f"{name} is new",
        Because.DISAGREED: f"{name} was asked to act on a decision this year",
        Because.OUTLYING: f"{name}’s share of “achieved” stands out",
    }[because]


def reasons(plan: Plan, drawn: Drawn, policy: Sampling, names: Names) -> list[tuple[str, str, int]]:
    """The reasons of the whole draw: what, where it comes from, and how many answers."""
    found = []
    for code, of, count in drawn.reasons:
        if code in set(Need):
            need = Need(code)
            words = thing((need, of), names) if need is Need.ASSESSOR else _first_of(need)
            found.append((words[0].upper() + words[1:], f"Always in the sample: {code.replace('-', ' ')}", count))
        else:
            found.append(_share_reason(Because(code), of, plan, policy, names, count))
    return sorted(found, key=lambda one: -one[2])


def _first_of(need: Need) -> str:
    plain = {Need.UNIT: "a unit", Need.CRITERION: "a point", Need.KIND: "a kind of question"}
    return f"{plain[need]} not sampled yet" if need in plain else SORTS[need]


def _share_reason(
    because: Because, of: str, plan: Plan, policy: Sampling, names: Names, count: int
) -> tuple[str, str, int]:
    if because is Because.USUAL:
        now = f"{_now(policy)} now, {policy.percent}% in all" if plan.stage == Stage.INTERIM else f"{policy.percent}%"
        return ("By lot, so that any answer may be picked", f"{now}. Seed {plan.seed}", count)
    share = f"{policy.new_assessor}%, first {policy.new_for} days" if because is Because.NEW else ""
    return (because_of(because, names.person(of)), share or f"{policy.raised_percent}%, a closer look", count)


def gaps(drawn: Drawn, names: Names) -> list[str]:
    """What keeps the plan from what the policy asks, as sentences."""
    found = [_short(one, names) for one in drawn.short]
    return found + [_gap(one, names) for one in drawn.gaps]


def _short(share: Share, names: Names) -> str:
    asked = f"{share.wanted} of {share.decisions}"
    return f"Too little of {names.person(share.assessor)}: {share.sampled} decisions, {asked} are asked for."


def _gap(cover: Cover, names: Names) -> str:
    return f"Nothing sampled: {thing((cover.need, cover.of), names)}."


def coverage(drawn: Drawn, names: Names) -> list[tuple[str, int, int]]:
    """The chart of the sample: for each assessor, decisions sampled and decisions made."""
    rows = [(names.person(one.assessor), min(one.sampled, one.decisions), one.decisions) for one in drawn.shares]
    return sorted(rows)


def rule(policy: Sampling) -> list[tuple[str, str]]:
    """What the policy asks, in words."""
    said = [
        ("Of each assessor’s decisions", f"{policy.percent}%"),
        ("While work is under way", f"{_now(policy)}, the rest at the end"),
        ("Of a new assessor’s", f"{policy.new_assessor}%, for the first {policy.new_for} days"),
        ("Where a closer look is asked for", f"{policy.raised_percent}%"),
    ]
    if policy.always:
        said.append(("Always in the sample", ", ".join(one.replace("-", " ") for one in policy.always)))
    return said


def _now(policy: Sampling) -> str:
    return f"{policy.percent * policy.interim / 100:g}%"


# -- the grid ----------------------------------------------------------------------------------------------------------


def cell(row: GridRow, unit: str, plan: Plan, names: Names) -> dict[str, Any]:
    """One cell of the grid, as the component draws it."""
    found = row.cells.get(unit, Cell())
    label = f"{row.short}, {names.code(unit)}: {cell_words(found)}"
    href = url_for("quality.plan_cell", plan_id=plan.id, enrolment_id=row.enrolment_id, unit=unit)
    return {
        "state": SHAPES[found.state], "label": label, "picked": bool(found.planned),
        "href": href if found.judged else None,
    }  # fmt: skip


def cell_words(found: Cell) -> str:
    """What a cell means."""
    if not found.judged:
        return STATES["none"]
    counts = (
        (found.judged, "marked"),
        (found.planned, "picked"),
        (found.reviewed, "sampled"),
        (found.open_actions, "action open" if found.open_actions == 1 else "actions open"),
    )
    said = ", ".join(f"{number} {words}" for number, words in counts if number)
    return f"{said}, released" if found.is_released else said


def is_done(now: PlanNow) -> bool:
    """Whether every answer of the plan was looked at and no action is open."""
    return now.next_id is None and not now.open_actions
