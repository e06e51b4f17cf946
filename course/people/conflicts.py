"""Conflicts of interest: the one place that says whether two people must be kept apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, and_, exists, false, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from course import sealing
from course.people.models import ConflictEnd, ConflictOfInterest, Person
from course.sealing import CannotOpen

KINDS = {
    "mentor": "Mentor and mentee",
    "fellowship": "The same fellowship or group",
    "housing": "Living or staying in the same place",
    "supervisor": "One supervises the other",
    "family": "Family, partners or close friends",
    "other": "Something else",
}


def _is_open() -> ColumnElement[bool]:
    return ~exists().where(ConflictEnd.conflict_id == ConflictOfInterest.id)


def between(person: Any, other: Any) -> ColumnElement[bool]:
    """The condition that two people (ids or columns) are kept apart, whoever of them declared it."""
    one, two = ConflictOfInterest.person_id, ConflictOfInterest.other_id
    pair = or_(and_(one == person, two == other), and_(one == other, two == person))
    return exists().where(pair, _is_open()).correlate_except(ConflictOfInterest)


def with_one_of(person: Any, others: Collection[UUID]) -> ColumnElement[bool]:
    """The condition that somebody (an id or a column) is kept apart from one of these people."""
    if not others:
        return false()
    one, two = ConflictOfInterest.person_id, ConflictOfInterest.other_id
    pair = or_(and_(one == person, two.in_(others)), and_(two == person, one.in_(others)))
    return exists().where(pair, _is_open()).correlate_except(ConflictOfInterest)


def apart_from(person_id: UUID) -> CompoundSelect[UUID]:
    """The pseudonyms of everybody from whose work somebody is kept apart, whoever of the two declared it."""
    declared_by, declared_of = ConflictOfInterest.person_id, ConflictOfInterest.other_id
    return union_all(
        select(declared_of).where(declared_by == person_id, _is_open()),
        select(declared_by).where(declared_of == person_id, _is_open()),
    )


def kept_apart_from(session: Session, person_id: UUID) -> frozenset[UUID]:
    """The same, read."""
    return frozenset(session.scalars(apart_from(person_id)))


def of_each(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """For each of these people those who are kept apart from them, in one query."""
    wanted = list(person_ids)
    one, other = ConflictOfInterest.person_id, ConflictOfInterest.other_id
    rows = session.execute(select(one, other).where(or_(one.in_(wanted), other.in_(wanted)), _is_open()))
    found: dict[UUID, set[UUID]] = {person_id: set() for person_id in wanted}
    for pair in rows:
        for mine, theirs in (pair, tuple(reversed(pair))):
            if mine in found:
                found[mine].add(theirs)
    return found


def is_conflicted(session: Session, person_id: UUID, others: Iterable[UUID]) -> bool:
    """Whether somebody is kept apart from one of these people, at this moment."""
    return not kept_apart_from(session, person_id).isdisjoint(others)


@dataclass(frozen=True)
class Declared:
    """A conflict as its member of staff and the admins read it."""

    id: UUID
    person: str
    other: str
    kind: str
    detail: str
    at: datetime
    is_over: bool


def declared(session: Session, centre_id: UUID, person_ids: Collection[UUID] | None = None) -> list[Declared]:
    """The conflicts at a centre, of these members of staff or of all, the latest first."""
    query = (
        select(ConflictOfInterest, ConflictEnd.id)
        .outerjoin(ConflictEnd, ConflictEnd.conflict_id == ConflictOfInterest.id)
        .options(joinedload(ConflictOfInterest.detail))
        .where(ConflictOfInterest.centre_id == centre_id)
        .order_by(ConflictOfInterest.at.desc(), ConflictOfInterest.id.desc())
    )
    if person_ids is not None:
        query = query.where(ConflictOfInterest.person_id.in_(person_ids))
    rows = session.execute(query).all()
    people = {one for row in rows for one in (row[0].person_id, row[0].other_id)}
    found = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    names = {row.id: row.name for row in found}
    return [
        Declared(
            row.id, names.get(row.person_id, "Name erased"), names.get(row.other_id, "Name erased"), KINDS[row.kind],
            _detail(session, row), row.at, end is not None,
        )
        for row, end in rows
    ]  # fmt: skip


def _detail(session: Session, row: ConflictOfInterest) -> str:
    try:
        return sealing.read(session, row.detail) if row.detail else ""
    except CannotOpen:
        return ""


def conflict_at(session: Session, centre_id: UUID, conflict_id: UUID) -> tuple[ConflictOfInterest, bool] | None:
    """One conflict at a centre, and whether it is over."""
    row = session.get(ConflictOfInterest, conflict_id)
    if row is None or row.centre_id != centre_id:
        return None
    over = session.scalar(select(ConflictEnd.id).where(ConflictEnd.conflict_id == conflict_id))
    return row, over is not None
