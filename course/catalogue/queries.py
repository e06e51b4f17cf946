"""Published versions, read back. A version never changes, so what was read once is kept in memory."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course.catalogue.compiled import CompiledQualification, CompiledUnit
from course.catalogue.models import InductionVersion, Media, QualificationVersion, UnitVersion


@lru_cache(maxsize=256)
def _parse_unit(sha256: str, text: str) -> CompiledUnit:
    return CompiledUnit.model_validate_json(text)


@lru_cache(maxsize=64)
def _parse_qualification(sha256: str, text: str) -> CompiledQualification:
    return CompiledQualification.model_validate_json(text)


_units: dict[UUID, CompiledUnit] = {}


def unit(session: Session, unit_version_id: UUID) -> CompiledUnit:
    """The compiled unit of one version; read from the database once in the life of the process. Raises NotFound."""
    if unit_version_id not in _units:
        _units[unit_version_id] = unit_of(unit_row(session, unit_version_id))
    return _units[unit_version_id]


def unit_of(row: UnitVersion) -> CompiledUnit:
    """The compiled unit of a version that is already at hand."""
    return _parse_unit(row.hash, row.compiled)


def unit_row(session: Session, unit_version_id: UUID) -> UnitVersion:
    """One published version of a unit. Raises NotFound."""
    row = session.get(UnitVersion, unit_version_id)
    if row is None:
        raise NotFound
    return row


def latest_qualification(session: Session, slug: str) -> QualificationVersion | None:
    """The newest published version of a qualification."""
    return session.scalar(
        select(QualificationVersion)
        .where(QualificationVersion.qualification == slug)
        .order_by(QualificationVersion.number.desc())
        .limit(1)
    )


def qualification(session: Session, slug: str) -> CompiledQualification:
    """The newest compiled qualification. Raises NotFound when none is published."""
    row = latest_qualification(session, slug)
    if row is None:
        raise NotFound
    return _parse_qualification(row.hash, row.compiled)


def qualifications(session: Session) -> list[CompiledQualification]:
    """Every published qualification, newest versions."""
    slugs = session.scalars(select(QualificationVersion.qualification).distinct().order_by("qualification"))
    return [qualification(session, slug) for slug in slugs]


def latest_unit(session: Session, qualification_slug: str, unit_slug: str) -> UnitVersion | None:
    """The newest published version of a unit."""
    return session.scalar(
        select(UnitVersion)
        .where(UnitVersion.qualification == qualification_slug, UnitVersion.unit == unit_slug)
        .order_by(UnitVersion.number.desc())
        .limit(1)
    )


def latest_units(session: Session, qualification_slug: str) -> list[UnitVersion]:
    """The newest version of each unit, in the qualification's order."""
    newest = (
        select(UnitVersion.unit, func.max(UnitVersion.number).label("number"))
        .where(UnitVersion.qualification == qualification_slug)
        .group_by(UnitVersion.unit)
        .subquery()
    )
    rows = session.scalars(
        select(UnitVersion)
        .join(newest, (UnitVersion.unit == newest.c.unit) & (UnitVersion.number == newest.c.number))
        .where(UnitVersion.qualification == qualification_slug)
    )
    by_unit = {row.unit: row for row in rows}
    order = qualification(session, qualification_slug).units
    return [by_unit[slug] for slug in order if slug in by_unit]


def media(session: Session, name: str) -> Media:
    """A picture by the name in its address: its content's hash, and an ending for people. Raises NotFound."""
    row = session.get(Media, name.partition(".")[0])
    if row is None:
        raise NotFound
    return row


def latest_induction(session: Session) -> InductionVersion | None:
    """The newest published induction."""
    return session.scalar(select(InductionVersion).order_by(InductionVersion.number.desc()).limit(1))
