"""Standardisations read back, always for somebody: another centre's does not exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.guidance import queries as guidances
from assessors.guidance.compiled import CompiledGuidance, Item, Sample
from assessors.guidance.models import SampleVersion
from assessors.quality import queries as quality
from assessors.quality.standardisation.models import Minutes, SampleJudging, Standardisation, StandardisationMeeting
from assessors.quality.standardisation.queries import choosing
from assessors.quality.standardisation.rules import Activity, mixed
from course import clock, paging
from course.access import HeldAppointment, Role
from course.catalogue.compiled import CompiledUnit, Question
from course.paging import Paged
from course.people.models import Appointment, Person

LATEST = 50
"""How many standardisations the list shows."""


@dataclass(frozen=True)
class Numbered:
    """A sample as people speak of it: its title would give the published decision away."""

    number: int
    question: Question
    sample: Sample

    @property
    def criteria(self) -> tuple[str, ...]:
        """The criteria that are judged, in order."""
        return tuple(self.sample.decisions)


@dataclass(frozen=True)
class Standardising:
    """One standardisation with its samples and guidance, and how far it has come; nobody's judgement."""

    row: Standardisation
    unit: CompiledUnit
    samples: tuple[Numbered, ...]
    guidance: CompiledGuidance
    guidance_number: int
    judgings: tuple[tuple[UUID, str, str], ...]
    """(person, question, sample) of everything judged so far."""
    meeting: StandardisationMeeting | None
    minutes: tuple[Minutes, ...]
    """Oldest first: the last counts."""

    @property
    def title(self) -> str:
        """What it is about."""
        return f"Unit {self.unit.code[1:]}: {self.samples[0].question.name if self.row.question else self.unit.title}"

    def judged_by(self, person_id: UUID) -> set[tuple[str, str]]:
        """The samples that somebody has judged, by question and title."""
        return {(question, sample) for person, question, sample in self.judgings if person == person_id}

    @property
    def complete(self) -> tuple[UUID, ...]:
        """Who has judged every sample."""
        counted = Counter(person for person, _, _ in self.judgings)
        return tuple(person for person, number in counted.items() if number == len(self.samples))

    @property
    def activity(self) -> Activity:
        """As the rules see it."""
        return Activity(has_begun=self.meeting is not None, complete=len(self.complete))

    def sample(self, number: int) -> Numbered:
        """The sample with this number. Raises NotFound."""
        for one in self.samples:
            if one.number == number:
                return one
        raise NotFound

    def next_for(self, person_id: UUID) -> Numbered | None:
        """The first sample that somebody has not judged."""
        done = self.judged_by(person_id)
        return next((one for one in self.samples if (one.question.key, one.sample.title) not in done), None)

    @property
    def places(self) -> dict[str, tuple[str, Item | None, str, str | None]]:
        """Where wording may go: (question, item it replaces, level, criterion), by the value that a form sends."""
        found: dict[str, tuple[str, Item | None, str, str | None]] = {}
        for question in dict.fromkeys(one.question for one in self.samples):
            guidance = self.guidance.question(question.key)
            for item in guidance.items if guidance else ():
                found[f"{question.key}/{item.id}"] = (question.key, item, item.level, item.criterion)
            for criterion in question.criteria:
                for level in ("must", "should", "not-yet"):
                    found[f"{question.key}/new/{level}/{criterion}"] = (question.key, None, level, criterion)
        return found


def covers(held: Iterable[HeldAppointment], row: Standardisation) -> bool:
    """Whether one of these appointments takes a standardisation in. It is about a unit, whatever the cohort."""
    here = [one for one in held if one.centre_id == row.centre_id]
    return choosing.reaches(here, row.qualification, row.unit)


def standardising(session: Session, row: Standardisation, units: choosing.Units | None = None) -> Standardising:
    """A standardisation in full. Raises NotFound when its unit is not published any more."""
    unit = (units or choosing.Units(session)).of(row.qualification, row.unit)
    if unit is None:
        raise NotFound
    version, guidance = guidances.by_hash(session, row.guidance)
    judgings = session.execute(
        select(SampleJudging.judged_by, SampleJudging.question, SampleJudging.sample).where(
            SampleJudging.standardisation_id == row.id
        )
    )
    meeting = session.scalar(select(StandardisationMeeting).where(StandardisationMeeting.standardisation_id == row.id))
    minutes = session.scalars(select(Minutes).where(Minutes.standardisation_id == row.id).order_by(Minutes.number))
    judged = tuple((one[0], one[1], one[2]) for one in judgings)
    samples = _samples(session, row, unit)
    return Standardising(row, unit, samples, guidance, version.number, judged, meeting, tuple(minutes))


def _samples(session: Session, row: Standardisation, unit: CompiledUnit) -> tuple[Numbered, ...]:
    version = session.get_one(SampleVersion, row.sample_version_id)
    found = choosing.parse(version.hash, version.compiled).questions
    numbered: list[Numbered] = []
    for question in unit.questions:
        if question.key in found and row.question in (None, question.key):
            by_title = {one.title: one for one in found[question.key]}
            for title in mixed(f"{row.id}/{question.key}", by_title):
                numbered.append(Numbered(len(numbered) + 1, question, by_title[title]))
    if not numbered:
        raise NotFound
    return tuple(numbered)


def standardisation_for(session: Session, standardisation_id: UUID, held: Collection[HeldAppointment]) -> Standardising:
    """A standardisation in the scope of these appointments. Raises NotFound."""
    row = session.get(Standardisation, standardisation_id)
    if row is None or not covers(held, row):
        raise NotFound
    return standardising(session, row)


# -- lists -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A standardisation on the list."""

    row: Standardisation
    unit: str
    has_begun: bool
    is_minuted: bool
    judged: int
    """How many samples the reader has judged."""
    judges: int
    """How many people have judged something."""


def lines(
    session: Session, person_id: UUID, held: Collection[HeldAppointment], after: UUID | None = None
) -> Paged[Line]:
    """Standardisations in the scope of these appointments, newest first, as one person sees them, one page."""
    begun, minuted, mine, judges = (
        select(StandardisationMeeting.id).where(StandardisationMeeting.standardisation_id == Standardisation.id),
        select(Minutes.id).where(Minutes.standardisation_id == Standardisation.id),
        select(func.count(SampleJudging.id)).where(
            SampleJudging.standardisation_id == Standardisation.id, SampleJudging.judged_by == person_id
        ),
        select(func.count(SampleJudging.judged_by.distinct())).where(
            SampleJudging.standardisation_id == Standardisation.id
        ),
    )
    query = select(
        Standardisation, begun.exists(), minuted.exists(), mine.scalar_subquery(), judges.scalar_subquery()
    ).where(Standardisation.centre_id.in_({one.centre_id for one in held}))
    rows = session.execute(paging.newest_first(query, Standardisation, after, LATEST)).all()
    here = paging.cut(rows, LATEST, lambda row: row[0].id)
    units = choosing.Units(session)
    found = []
    for row, *rest in here.lines:
        if covers(held, row):
            unit = units.of(row.qualification, row.unit)
            found.append(Line(row, title_of(unit, row), *rest))
    return Paged(found, here.after)


def title_of(unit: CompiledUnit | None, row: Standardisation) -> str:
    """What a standardisation is about."""
    if unit is None:
        return row.unit
    known = row.question and any(question.key == row.question for question in unit.questions)
    return f"Unit {unit.code[1:]}: {unit.question(str(row.question)).name if known else unit.title}"


# -- people ------------------------------------------------------------------------------------------------------------


def colleagues(session: Session, row: Standardisation, *roles: Role) -> dict[UUID, str]:
    """The people of a centre who hold one of these roles for the unit today, by name."""
    today = clock.now().date()
    rows = session.execute(
        select(Person.id, Person.name)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.centre_id == row.centre_id,
            Appointment.role.in_(roles),
            or_(Appointment.qualification.is_(None), Appointment.qualification == row.qualification),
            or_(Appointment.unit.is_(None), Appointment.unit == row.unit),
            Appointment.from_date <= today,
            or_(Appointment.until_date.is_(None), Appointment.until_date >= today),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.name)
    )
    return {one.id: one.name for one in rows}


def may_attend(session: Session, found: Standardising) -> dict[UUID, str]:
    """Who can have been at the meeting: colleagues of today, and whoever judged a sample."""
    known = colleagues(session, found.row, Role.ASSESSOR, Role.IQA, Role.LEAD_IQA)
    return known | quality.names(session, {person for person, _, _ in found.judgings})
