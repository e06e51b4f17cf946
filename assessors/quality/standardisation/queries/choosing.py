"""What can be standardised: units and questions that have published sample answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessors.guidance.compiled import CompiledSamples
from assessors.guidance.models import SampleVersion
from course.access import HeldAppointment
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit


@lru_cache(maxsize=64)
def parse(sha256: str, text: str) -> CompiledSamples:
    """Published samples, read once."""
    return CompiledSamples.model_validate_json(text)


@dataclass(frozen=True)
class Choice:
    """A question, or a whole unit, that has sample answers."""

    version: SampleVersion
    question: str | None
    label: str
    samples: int

    @property
    def value(self) -> str:
        """As a form sends it."""
        return f"{self.version.id}/{self.question or ''}"


def choices(session: Session, held: Iterable[HeldAppointment]) -> list[Choice]:
    """The newest samples in the scope of these appointments: each unit whole, then each of its questions."""
    newest = (
        select(SampleVersion.qualification, SampleVersion.unit, func.max(SampleVersion.number).label("number"))
        .group_by(SampleVersion.qualification, SampleVersion.unit)
        .subquery()
    )
    rows = session.scalars(
        select(SampleVersion)
        .join(
            newest,
            (SampleVersion.qualification == newest.c.qualification)
            & (SampleVersion.unit == newest.c.unit)
            & (SampleVersion.number == newest.c.number),
        )
        .order_by(SampleVersion.qualification, SampleVersion.unit)
    )
    found: list[Choice] = []
    mine = list(held)
    units = Units(session)
    for row in rows:
        unit = units.of(row.qualification, row.unit)
        if unit is not None and reaches(mine, row.qualification, row.unit):
            found += _choices_of(row, unit)
    return found


class Units:
    """The newest units of a qualification, read together, once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.known: dict[str, dict[str, CompiledUnit]] = {}

    def of(self, qualification: str, unit: str) -> CompiledUnit | None:
        """A unit as it is published now; None when it is not there any more."""
        if qualification not in self.known:
            rows = catalogue.latest_units(self.session, qualification)
            self.known[qualification] = {row.unit: catalogue.unit_of(row) for row in rows}
        return self.known[qualification].get(unit)


def reaches(held: Iterable[HeldAppointment], qualification: str, unit: str) -> bool:
    return any(one.qualification in (None, qualification) and one.unit in (None, unit) for one in held)


def _choices_of(row: SampleVersion, unit: CompiledUnit) -> list[Choice]:
    samples = parse(row.hash, row.compiled).questions
    known = [question for question in unit.questions if question.key in samples]
    name = f"Unit {unit.code[1:]}"
    whole = sum(len(samples[question.key]) for question in known)
    found = [Choice(row, None, f"{name}, {unit.title}: every question ({whole} samples)", whole)] if whole else []
    for question in known:
        count, points = len(samples[question.key]), " and ".join(question.criteria)
        label = f"{name}, {points}: {question.name} ({count} {'sample' if count == 1 else 'samples'})"
        found.append(Choice(row, question.key, label, count))
    return found
