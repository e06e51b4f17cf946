"""What a record says: gathered once, at issue, into canonical JSON that never changes when content or rules do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from course.catalogue.compiled import CompiledQualification, CompiledUnit
from course.people.models import Centre

STATEMENT = "This is a record kept by {centre}. It is not a certificate of an awarding organisation."
NOT_REGULATED = "This qualification is not regulated."


def of_unit(
    centre: Centre, qualification: CompiledQualification, unit: CompiledUnit, *,
    achieved: list[str], achieved_on: date, issued_on: date, live_minutes: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """The facts of a unit statement. `achieved`: the numbers of the criteria achieved, of the pinned version.

    `live_minutes`: time with a tutor that the centre recorded for this learner; only that is guided learning.
    """
    common = _common(centre, qualification, achieved_on, issued_on, live_minutes)
    return common | {
        "kind": "unit",
        "title": unit.title,
        "code": qualification.unit_code(unit.slug),
        "level": unit.level,
        "credit": unit.credit if qualification.accreditation else None,
        "criteria": [{"number": one.number, "text": one.text} for one in unit.criteria if one.number in achieved],
    }


def of_qualification(
    centre: Centre, qualification: CompiledQualification, units: Mapping[str, CompiledUnit], *,
    achieved_on: Mapping[str, date], issued_on: date, live_minutes: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """The facts of the record of a whole qualification. `units`: the units that count, by slug."""
    common = _common(centre, qualification, max(achieved_on.values()), issued_on, live_minutes)
    return common | {
        "kind": "qualification",
        "title": qualification.title,
        "level": qualification.level,
        "credit": qualification.credit if qualification.accreditation else None,
        "units": [
            {
                "code": qualification.unit_code(slug),
                "title": units[slug].title,
                "level": units[slug].level,
                "achieved_on": achieved_on[slug].isoformat(),
            }
            for slug in qualification.units
            if slug in units
        ],
    }


def _common(
    centre: Centre, qualification: CompiledQualification, achieved_on: date, issued_on: date, live_minutes: int
) -> dict[str, Any]:
    wording = [STATEMENT.format(centre=centre.name)]
    if qualification.accreditation is None:
        wording.append(NOT_REGULATED)
    # Nothing recorded, nothing claimed: the key is there only when hours are.
    guided = {"guided_minutes": live_minutes} if live_minutes else {}
    return guided | {
        "centre": centre.name,
        "qualification": qualification.title,
        "accreditation": qualification.accreditation.model_dump(exclude={"appeals"})
        if qualification.accreditation
        else None,
        "achieved_on": achieved_on.isoformat(),
        "issued_on": issued_on.isoformat(),
        "wording": wording,
    }


def canonical(facts: dict[str, Any]) -> str:
    """Sorted keys, no blanks: equal facts give equal text."""
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def day(facts: dict[str, Any], name: str) -> date:
    """One of the days that a record states."""
    return date.fromisoformat(facts[name])


def units_named(record_facts: str) -> set[str]:
    """The codes of the units that the record of a whole qualification counts."""
    return {one["code"] for one in json.loads(record_facts)["units"]}
