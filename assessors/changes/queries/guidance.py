"""Which guidance each cohort is marked under, which published version waits, and how much marking it would touch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.changes import rules
from assessors.guidance import queries as guidance
from assessors.guidance.models import GuidanceVersion
from assessors.quality import queries
from course.access import HeldAppointment
from course.catalogue import queries as catalogue
from course.enrolment.models import Cohort
from course.records import queries as record_queries
from course.workbook.models import WaitingCount


@dataclass(frozen=True)
class InForce:
    """The guidance of one unit as one cohort is marked under it."""

    cohort: Cohort
    version: GuidanceVersion
    to_decide: int
    """Answers that wait for decisions: these would be judged under the new version."""

    @property
    def number(self) -> int:
        """The number of the version."""
        return self.version.number


@dataclass(frozen=True)
class UnitGuidance:
    """One unit's newest guidance, and the cohorts that are not under it yet."""

    newest: GuidanceVersion
    unit_title: str
    cohorts: tuple[InForce, ...]

    @property
    def behind(self) -> tuple[InForce, ...]:
        """The cohorts under an earlier version."""
        return tuple(one for one in self.cohorts if one.number != self.newest.number)

    def chosen(self, choice: str) -> tuple[InForce, ...]:
        """The cohorts behind that a choice names: one by its id, or all of them. Raises NotFound when it names none.

        Raises Refusal when what it names is under this version already: somebody put it in force meanwhile.
        """
        named = tuple(one for one in self.cohorts if choice in (EVERY_COHORT, str(one.cohort.id)))
        if not named:
            raise NotFound
        found = tuple(one for one in named if one in self.behind)
        rules.must_reach(reaches=bool(found))
        return found


EVERY_COHORT = "all"


def units(session: Session, held: Collection[HeldAppointment]) -> list[UnitGuidance]:
    """Every unit with guidance in the scope of these appointments, in the qualification's order."""
    cohorts = record_queries.cohorts_of(session, held)
    counts = _to_decide(session, [one.id for one in cohorts])
    found = []
    for slug in sorted({one.qualification for one in cohorts}):
        here = [one for one in cohorts if one.qualification == slug]
        for row in catalogue.latest_units(session, slug):
            newest = guidance.latest(session, slug, row.unit)
            covered = [one for one in here if queries.covers(held, one, row.unit)]
            if newest is None or not covered:
                continue
            now = {one.id: guidance.in_force(session, slug, row.unit, one.id)[0] for one in covered}
            states = tuple(InForce(one, now[one.id], counts.get((one.id, row.unit), 0)) for one in covered)
            found.append(UnitGuidance(newest, row.title, states))
    return found


def _to_decide(session: Session, cohort_ids: Collection[UUID]) -> dict[tuple[UUID, str], int]:
    rows = session.execute(
        select(WaitingCount.cohort_id, WaitingCount.unit, func.sum(WaitingCount.waiting))
        .where(WaitingCount.cohort_id.in_(cohort_ids))
        .group_by(WaitingCount.cohort_id, WaitingCount.unit)
    )
    return {(row[0], row[1]): int(row[2]) for row in rows}


def unit_for(session: Session, version_id: UUID, held: Collection[HeldAppointment]) -> UnitGuidance:
    """The unit whose newest guidance is this version. Raises NotFound."""
    for one in units(session, held):
        if one.newest.id == version_id:
            return one
    raise NotFound
