"""How tables say things: names of people who may have left, and moments that read the same in every year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from course.access import ROLE_LABELS, Role
from course.catalogue import queries as catalogue
from course.enrolment.models import Enrolment
from course.evidence import Scope
from course.people.models import Centre, Person

LEFT = "somebody who has left"


def named(session: Session) -> Callable[[UUID | None], str]:
    """Say a person's name; each is asked once."""
    known: dict[UUID, str] = {}

    def say(person_id: UUID | None) -> str:
        if person_id is None:
            return ""
        if person_id not in known:
            known[person_id] = session.scalar(select(Person.name).where(Person.id == person_id)) or LEFT
        return known[person_id]

    return say


def learner_names(session: Session, scope: Scope) -> dict[UUID, str]:
    """The full names of the learners in scope, by enrolment."""
    rows = session.execute(
        select(Enrolment.id, Person.name)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id.in_(scope.cohort_ids))
    )
    return {row[0]: row[1] or "Name erased" for row in rows}


def units(session: Session, scope: Scope) -> Callable[[str], str]:
    """Say a unit by its code and title as last published."""
    found = next(one for one in catalogue.qualifications(session) if one.slug == scope.qualification)
    titles = {row.unit: row.title for row in catalogue.latest_units(session, scope.qualification)}
    return lambda unit: f"{found.unit_code(unit)} {titles[unit]}" if unit in titles and unit in found.units else unit


def at_centre(session: Session, centre_id: UUID) -> Callable[[datetime | None], str]:
    """Say a moment in the centre's time zone: "2026-11-25 14:03"."""
    zone = ZoneInfo(session.get_one(Centre, centre_id).time_zone)
    return lambda at: at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""


def role_label(role: str) -> str:
    """A role in the field's words."""
    return ROLE_LABELS[Role(role)]


def ink(table: str, row_id: UUID) -> str:
    """A row as the audit trail names it."""
    return f"{table}:{row_id}"
