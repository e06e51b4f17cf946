"""What is fixed about many learners' units, in one query, one row a fact: versions, policies, attempts, holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, String, Uuid, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course.cases import holds
from course.cases.rules import Hold
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit
from course.catalogue.models import UnitVersion
from course.enrolment import queries as enrolments
from course.enrolment.models import Enrolment, Pin, Study
from course.enrolment.policy import CompiledPolicy
from course.workbook.models import Departure, Draft, FurtherAttempt

Unit = tuple[UUID, str]
"""An enrolment and a unit's slug."""


@dataclass
class Standing:
    """Where learners stand before any answer is looked at."""

    newest: dict[str, UUID] = field(default_factory=dict)
    """The newest version of each unit, in the qualification's order."""
    versions: dict[Unit, UUID] = field(default_factory=dict)
    """The unit version in use, where one is begun or pinned; a pin counts before a beginning."""
    pinned_policies: dict[Unit, UUID] = field(default_factory=dict)
    policies: dict[UUID, UUID] = field(default_factory=dict)
    """The policy in force for each enrolment."""
    departed: set[Unit] = field(default_factory=set)
    further: dict[UUID, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """Attempts authorised beyond the policy, by enrolment and question."""
    drafts: dict[Unit, set[str]] = field(default_factory=lambda: defaultdict(set))
    holds: dict[UUID, list[Hold]] = field(default_factory=lambda: defaultdict(list))
    """What is open about each enrolment: appeals and cases."""

    def units(self, session: Session) -> dict[UUID, CompiledUnit]:
        """Every unit version that somebody is on."""
        return catalogue.units(session, {*self.newest.values(), *self.versions.values()})

    def policy(self, session: Session, enrolment_id: UUID, unit: str) -> CompiledPolicy:
        """The policy of a learner's unit: that of its pin, else the one in force. Raises NotFound without one."""
        found = self.pinned_policies.get((enrolment_id, unit)) or self.policies.get(enrolment_id)
        if found is None:
            raise NotFound
        return enrolments.policy(session, found)


def standing(session: Session, enrolment_ids: Iterable[UUID], qualification: str, *, with_drafts: bool) -> Standing:
    """Read it all. Raises NotFound when the qualification is not published."""
    ids = list(enrolment_ids)
    facts = [*_published(qualification), *_of_learners(ids), *([_drafts(ids)] if with_drafts else [])]
    found, newest, units = Standing(), dict[str, UUID](), tuple[str, ...]()
    for kind, enrolment_id, unit, question, version_id, policy_id, count in session.execute(union_all(*facts)):
        match kind:
            case "qualification":
                units = catalogue.qualification_version(session, version_id).units
            case "newest":
                newest[unit] = version_id
            case "study":
                found.versions.setdefault((enrolment_id, unit), version_id)
            case "pin":
                found.versions[enrolment_id, unit] = version_id
                found.pinned_policies[enrolment_id, unit] = policy_id
            case "in force":
                found.policies[enrolment_id] = policy_id
            case "departed":
                found.departed.add((enrolment_id, unit))
            case "further":
                found.further[enrolment_id][question] = count
            case "draft":
                found.drafts[enrolment_id, unit].add(question)
            case "appeal" | "case":
                found.holds[enrolment_id].append(Hold(kind, version_id, enrolment_id, unit, question))
    if not units:
        raise NotFound
    found.newest = {slug: newest[slug] for slug in units if slug in newest}
    return found


_NO_ID, _NO_WORD, _NO_NUMBER = cast(null(), Uuid), cast(null(), String), cast(null(), Integer)


def _fact(
    kind: str, enrolment: Any = _NO_ID, unit: Any = _NO_WORD, question: Any = _NO_WORD, version: Any = _NO_ID,
    policy: Any = _NO_ID, count: Any = _NO_NUMBER,
) -> Select[Any]:  # fmt: skip
    return select(literal(kind), enrolment, unit, question, version, policy, count)


def _published(qualification: str) -> list[Select[Any]]:
    newest = (
        select(UnitVersion.unit, func.max(UnitVersion.number).label("number"))
        .where(UnitVersion.qualification == qualification)
        .group_by(UnitVersion.unit)
        .subquery()
    )
    is_newest = (UnitVersion.unit == newest.c.unit) & (UnitVersion.number == newest.c.number)
    return [
        _fact("qualification", version=catalogue.newest_qualification_id(qualification)),
        _fact("newest", unit=UnitVersion.unit, version=UnitVersion.id)
        .join(newest, is_newest)
        .where(UnitVersion.qualification == qualification),
    ]


def _of_learners(ids: list[UUID]) -> list[Select[Any]]:
    columns = Enrolment.__table__.c
    return [
        _fact("study", Study.enrolment_id, Study.unit, version=Study.unit_version_id)
        .where(Study.enrolment_id.in_(ids)),
        _fact("pin", Pin.enrolment_id, Pin.unit, version=Pin.unit_version_id, policy=Pin.policy_version_id)
        .where(Pin.enrolment_id.in_(ids)),
        _fact("in force", columns.id, policy=enrolments.policy_in_force_id(columns)).where(columns.id.in_(ids)),
        _fact("departed", Departure.enrolment_id, Departure.unit).where(Departure.enrolment_id.in_(ids)),
        _fact("further", FurtherAttempt.enrolment_id, question=FurtherAttempt.question, count=func.count())
        .where(FurtherAttempt.enrolment_id.in_(ids))
        .group_by(FurtherAttempt.enrolment_id, FurtherAttempt.question),
        *(_fact(kind, table.enrolment_id, table.unit, table.question, version=table.id).where(is_open)
          for kind, table, is_open in holds.open_about(ids)),
    ]  # fmt: skip


def _drafts(ids: list[UUID]) -> Select[Any]:
    return _fact("draft", Draft.enrolment_id, Draft.unit, Draft.question).where(Draft.enrolment_id.in_(ids))
