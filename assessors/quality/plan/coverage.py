"""How far the sample reaches into each unit, point by point: looked at, picked, only marked, or not marked yet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.quality.models import Review, Sample
from assessors.quality.plan.models import Plan
from assessors.quality.plan.rules import A_YEAR, Drawn, Need
from assessors.quality.plan.showing import Names
from course import pictures
from course.catalogue.compiled import CompiledUnit
from course.pictures import Cell, Picture
from course.workbook.models import Answer, Decision

LOOKS = (
    ("full", "Looked at"),
    ("half", "Picked, to be looked at"),
    ("open", "Marked, not picked"),
    ("pencil", "Nothing marked yet"),
)


@dataclass(frozen=True)
class UnitReach:
    """The points of one unit by how far the sample reaches them, each list in the unit's order."""

    code: str
    title: str
    looked_at: tuple[str, ...]
    picked: tuple[str, ...]
    marked: tuple[str, ...]
    unmarked: tuple[str, ...]
    picture: Picture


def looked_at(session: Session, plan: Plan) -> set[str]:
    """What was reviewed in the plan's cohort in the year before the draw and since, as "unit/criterion"."""
    rows = session.execute(
        # From the cohort's samples on: begun at its answers, it would read every one of them.
        select(Answer.unit, Decision.criterion)
        .select_from(Sample)
        .join(Review, Review.sample_id == Sample.id)
        .join(Decision, Decision.id == Review.decision_id)
        .join(Answer, Answer.id == Decision.answer_id)
        .where(Sample.cohort_id == plan.cohort_id, Review.at >= plan.at - A_YEAR)
        .distinct()
    )
    return {f"{unit}/{criterion}" for unit, criterion in rows}


def reach(drawn: Drawn, reviewed: Collection[str], names: Names, covered: Collection[str]) -> list[UnitReach]:
    """Each unit of `covered` (those in the reader's scope) that has content, in the order of the course.

    None at all where the policy does not ask for every criterion: then the draw did not count them.
    """
    covers = {one.of: one.is_met for one in drawn.covers if one.need is Need.CRITERION}
    found: list[UnitReach] = []
    if not covers:
        return found
    for slug, unit in names.units.items():
        if unit.is_ready and slug in covered:
            looks = {one.number: _look(f"{slug}/{one.number}", covers, reviewed) for one in unit.criteria}
            found.append(_unit(unit, looks))
    return found


def _look(of: str, covers: dict[str, bool], reviewed: Collection[str]) -> str:
    if of in reviewed:
        return "full"
    if of not in covers:
        return "pencil"
    return "half" if covers[of] else "open"


def _unit(unit: CompiledUnit, looks: dict[str, str]) -> UnitReach:
    full, half, open_, pencil = (tuple(one for one in looks if looks[one] == look) for look, _ in LOOKS)
    finding = _finding(full, half, open_, pencil)
    boxes = [Cell(*one) for one in looks.items()]
    drawn = pictures.cells(f"{unit.code}: points that the sample reaches", finding, boxes)
    return UnitReach(unit.code, unit.title, full, half, open_, pencil, drawn)


def _finding(
    looked_at: tuple[str, ...], picked: tuple[str, ...], marked: tuple[str, ...], none: tuple[str, ...]
) -> str:
    all_ = len(looked_at) + len(picked) + len(marked) + len(none)
    if len(none) == all_:
        return f"Nothing marked yet: {all_} points."
    parts = [f"{len(looked_at)} of {all_} points looked at, {len(picked)} picked."]
    if marked:
        parts.append(f"Not picked: {', '.join(marked)}.")
    if none:
        parts.append(f"Nothing marked yet: {', '.join(none)}.")
    return " ".join(parts)
