"""What a set of criteria would have flagged among past applicants, by group, before it is put in force (F101).

It works on what stays after the evidence is gone: dates, ticks, scores and outcomes. A person decided each time, so the
preview says who would have been *flagged*, and how many of those had in fact been offered a place; it cannot say what
a person would have decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.selection import rules
from assessors.selection.monitoring import DIMENSIONS
from assessors.selection.queries import groups
from assessors.selection.queries.found import Found
from assessors.selection.rules import Outcome
from assessors.selection.words import MonitoringWords
from course.enrolment.policy import CompiledPolicy
from course.suppression import SMALL, Cells, Counts, suppress

COLUMNS = (
    "Flagged, offered a place",
    "Flagged, not offered",
    "Not flagged, offered a place",
    "Not flagged, not offered",
)


@dataclass(frozen=True)
class Preview:
    """The counts that may be shown of one set of criteria."""

    applicants: int | None
    """How many past applicants there are; None when under five."""
    whole: Counts
    by_group: Mapping[str, Counts]
    changes: Cells | None
    """Flagged by both, only by these, only by those in force, by neither; None when too small or nothing to compare."""
    unknown: tuple[str, ...]
    """Texts of criteria that nobody was asked before, so nobody can be counted."""


def preview(
    session: Session, past: Iterable[Found], proposed: CompiledPolicy, in_force: CompiledPolicy | None
) -> Preview:
    """Try criteria on applications with an outcome. Opens the monitoring answers of all of them, to count."""
    decided = [one for one in past if one.decision is not None]
    new = {one.id: is_flagged(one, proposed) for one in decided}
    cells = {one.id: _cell(new[one.id], was_offered(one)) for one in decided}
    whole = suppress({"Everybody": _counted(cells.values())})
    given = groups.of_applications(session, [one.id for one in decided]) if whole.total else {}
    return Preview(
        applicants=len(decided) if len(decided) >= SMALL else None,
        whole=whole,
        by_group={name: _by_group(name, given, cells) for name in DIMENSIONS if given},
        changes=_changes(decided, new, in_force) if in_force is not None else None,
        unknown=_unknown(decided, proposed),
    )


def is_flagged(found: Found, policy: CompiledPolicy) -> bool:
    """Whether a criterion of this policy would have asked a person to look.

    Documents are left out: whether somebody has seen one says nothing about the applicant.
    """
    assert found.sent is not None  # only what was sent is looked at
    needed_on = max(found.cohort.starts_on, found.day_of(found.sent.at))
    known = [one for one in found.evidence_under(policy) if one.criterion.type != "document-seen"]
    return bool(rules.flagged(known, needed_on))


def was_offered(found: Found) -> bool:
    """Whether people offered a place at any time."""
    return any(one.outcome == Outcome.OFFER for one in found.decisions)


def _cell(flagged: bool, offered: bool) -> int:
    return (0 if flagged else 2) + (0 if offered else 1)


def _counted(cells: Iterable[int]) -> Cells:
    found = Counter(cells)
    return tuple(found[at] for at in range(len(COLUMNS)))


def _by_group(name: str, given: Mapping[UUID, MonitoringWords], cells: Mapping[UUID, int]) -> Counts:
    of: dict[str, list[int]] = {}
    for one, group in groups.by_group(name, given).items():
        of.setdefault(group, []).append(cells[one])
    return suppress({group: _counted(found) for group, found in sorted(of.items())}, apart=True)


def _changes(decided: list[Found], new: Mapping[UUID, bool], in_force: CompiledPolicy) -> Cells | None:
    pairs = Counter((new[one.id], is_flagged(one, in_force)) for one in decided)
    cells = tuple(pairs[pair] for pair in ((True, True), (True, False), (False, True), (False, False)))
    return suppress({"Everybody": cells}).total if decided else None


def _unknown(decided: list[Found], proposed: CompiledPolicy) -> tuple[str, ...]:
    asked = {one.key for found in decided for one in found.policy.selection}
    return tuple(one.text for one in proposed.selection_at("application") if one.key not in asked)
