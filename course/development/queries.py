"""Reads about the qualifications and development of staff: one's own, or those of a centre's staff."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Exists, Select, exists, func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course import clock
from course.development.models import DevelopmentEntry, DevelopmentWithdrawal, StaffQualification
from course.evidence import Row, Scope, Table
from course.people.accounts import current_on
from course.people.models import Appointment, Person

Noted = StaffQualification | DevelopmentEntry


@dataclass(frozen=True)
class Done:
    """A piece of development that another slice knows of, such as a meeting: nobody has to note it again."""

    id: UUID
    """Of the row that vouches for it."""
    table: str
    person_id: UUID
    activity: str
    done_on: date
    minutes: int


elsewhere: list[Callable[[Session, Collection[UUID]], list[Done]]] = []
"""Slices after this one say what of theirs is development of these people."""


def known_elsewhere(session: Session, person_ids: Collection[UUID]) -> list[Done]:
    """What other slices know that these people did, the latest first."""
    found = [one for asks in elsewhere for one in asks(session, person_ids)]
    return sorted(found, key=lambda one: one.done_on, reverse=True)


@dataclass(frozen=True)
class Standing:
    """What stands about one member of staff, the latest first; entries that were withdrawn are left out."""

    qualifications: tuple[StaffQualification, ...]
    entries: tuple[DevelopmentEntry, ...]
    elsewhere: tuple[Done, ...] = ()
    """What is written down where it was done."""

    def minutes_since(self, day: date) -> int:
        """How much development was done since a day, in minutes."""
        noted = sum(one.minutes for one in self.entries if one.done_on >= day)
        return noted + sum(one.minutes for one in self.elsewhere if one.done_on >= day)


def _qualification_withdrawn() -> Exists:
    return exists().where(DevelopmentWithdrawal.qualification_id == StaffQualification.id)


def _entry_withdrawn() -> Exists:
    return exists().where(DevelopmentWithdrawal.entry_id == DevelopmentEntry.id)


def of_person(session: Session, person_id: UUID) -> Standing:
    """What stands about a person."""
    qualifications = session.scalars(
        select(StaffQualification)
        .where(StaffQualification.person_id == person_id, ~_qualification_withdrawn())
        .order_by(StaffQualification.awarded_on.desc(), StaffQualification.at.desc())
    )
    entries = session.scalars(
        select(DevelopmentEntry)
        .where(DevelopmentEntry.person_id == person_id, ~_entry_withdrawn())
        .order_by(DevelopmentEntry.done_on.desc(), DevelopmentEntry.at.desc())
    )
    return Standing(tuple(qualifications), tuple(entries), tuple(known_elsewhere(session, [person_id])))


def noted(session: Session, person_id: UUID, noted_id: UUID) -> Noted:
    """One entry that stands about a person. Raises NotFound."""
    standing = of_person(session, person_id)
    everything: list[Noted] = [*standing.qualifications, *standing.entries]
    for one in everything:
        if one.id == noted_id:
            return one
    raise NotFound


def is_staff(session: Session, person_id: UUID) -> bool:
    """Whether somebody holds an appointment today, at whichever centre."""
    return session.scalar(_appointed(person_id).limit(1)) is not None


def person_at(session: Session, centre_id: UUID, person_id: UUID) -> Person:
    """Somebody who is or was appointed at a centre. Raises NotFound."""
    here = exists().where(Appointment.person_id == Person.id, Appointment.centre_id == centre_id)
    person = session.scalar(select(Person).where(Person.id == person_id, here))
    if person is None:
        raise NotFound
    return person


def _appointed(person_id: UUID) -> Select[UUID]:
    return select(Appointment.id).where(Appointment.person_id == person_id, current_on(clock.now().date()))


def staff_at(session: Session, centre_id: UUID) -> list[tuple[Person, int, date | None]]:
    """Everybody appointed at a centre today: how many qualifications stand, and the day of the latest development."""
    here = exists().where(
        Appointment.person_id == Person.id, Appointment.centre_id == centre_id, current_on(clock.now().date())
    )
    many = select(func.count()).where(StaffQualification.person_id == Person.id, ~_qualification_withdrawn())
    latest = select(func.max(DevelopmentEntry.done_on)).where(
        DevelopmentEntry.person_id == Person.id, ~_entry_withdrawn()
    )
    rows = session.execute(
        select(Person, many.scalar_subquery(), latest.scalar_subquery()).where(here).order_by(Person.name, Person.id)
    )
    staff = [(row[0], row[1], row[2]) for row in rows]
    last: dict[UUID, date] = {}
    for one in reversed(known_elsewhere(session, [person.id for person, _, _ in staff])):
        last[one.person_id] = one.done_on
    return [
        (person, held, max(filter(None, (noted, last.get(person.id))), default=None)) for person, held, noted in staff
    ]


def tables(session: Session, scope: Scope) -> Iterator[Table]:
    """What an evidence pack says of everybody appointed at the centre."""
    here = select(Appointment.person_id).where(Appointment.centre_id == scope.centre_id)

    def qualifications() -> Iterator[Row]:
        found = session.execute(
            select(StaffQualification, Person.name)
            .join(Person, Person.id == StaffQualification.person_id)
            .where(StaffQualification.person_id.in_(here), ~_qualification_withdrawn())
            .order_by(Person.name, StaffQualification.awarded_on, StaffQualification.at)
        )
        for one, name in found:
            cells = (name, one.title, one.awarded_by, one.awarded_on or "Working towards it")
            yield Row(cells, (f"staff_qualification:{one.id}",))

    def entries() -> Iterator[Row]:
        found = session.execute(
            select(DevelopmentEntry, Person.name)
            .join(Person, Person.id == DevelopmentEntry.person_id)
            .where(DevelopmentEntry.person_id.in_(here), ~_entry_withdrawn())
            .order_by(Person.name, DevelopmentEntry.done_on, DevelopmentEntry.at)
        )
        for one, name in found:
            yield Row((name, one.done_on, f"{one.minutes / 60:g}", one.activity), (f"development_entry:{one.id}",))
        named = session.execute(select(Person.id, Person.name).where(Person.id.in_(here)))
        people = {row.id: row.name for row in named}
        for known in known_elsewhere(session, people):
            cells = (people[known.person_id], known.done_on, f"{known.minutes / 60:g}", known.activity)
            yield Row(cells, (f"{known.table}:{known.id}",))

    yield Table(
        "staff-qualifications", "Staff qualifications", "What staff hold or work towards, as they or the office noted.",
        ("Name", "Qualification", "Awarded by", "Awarded on"), qualifications,
    )  # fmt: skip
    yield Table(
        "cpd", "Professional development", "What staff did to keep up to date (CPD), with dates and hours.",
        ("Name", "Date", "Hours", "What"), entries,
    )  # fmt: skip
