"""Published versions, read back. A version never changes, so what was read once is kept in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course.catalogue.compiled import CompiledQualification, CompiledUnit
from course.catalogue.models import InductionVersion, Media, QualificationVersion, UnitVersion
from course.keeping import Kept

_units: Kept[UUID, CompiledUnit] = Kept(512)
_qualifications: Kept[UUID, CompiledQualification] = Kept(64)


def unit(session: Session, unit_version_id: UUID) -> CompiledUnit:
    """The compiled unit of one version. Raises NotFound."""
    return units(session, [unit_version_id])[unit_version_id]


def units(session: Session, version_ids: Iterable[UUID]) -> dict[UUID, CompiledUnit]:
    """Compiled units by version: one query for those that this process has not read yet. Raises NotFound."""
    found = {version_id: _units.find(version_id) for version_id in version_ids}
    missing = [version_id for version_id, known in found.items() if known is None]
    rows = session.scalars(select(UnitVersion).where(UnitVersion.id.in_(missing))) if missing else ()
    found |= {row.id: unit_of(row) for row in rows}
    if not all(found.values()):
        raise NotFound
    return cast("dict[UUID, CompiledUnit]", found)


def unit_of(row: UnitVersion) -> CompiledUnit:
    """The compiled unit of a version that is already at hand."""
    return _units.find_or_make(row.id, lambda: CompiledUnit.model_validate_json(row.compiled))


def unit_row(session: Session, unit_version_id: UUID) -> UnitVersion:
    """One published version of a unit. Raises NotFound."""
    row = session.get(UnitVersion, unit_version_id)
    if row is None:
        raise NotFound
    return row


def latest_qualification(session: Session, slug: str) -> QualificationVersion | None:
    """The newest published version of a qualification."""
    found: QualificationVersion | None = session.scalar(_newest_qualification(slug))
    return found


def newest_qualification_id(slug: Any) -> Any:
    """The same, only its id, as a value inside another query."""
    return _newest_qualification(slug).with_only_columns(QualificationVersion.id).scalar_subquery()


def _newest_qualification(slug: Any) -> Select[Any]:
    return (
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
    return _qualification_of(row)


def qualification_version(session: Session, version_id: UUID) -> CompiledQualification:
    """The compiled qualification of one version, read from the database once. Raises NotFound."""
    known = _qualifications.find(version_id)
    return known if known is not None else _qualification_of(session.get_one(QualificationVersion, version_id))


def _qualification_of(row: QualificationVersion) -> CompiledQualification:
    return _qualifications.find_or_make(row.id, lambda: CompiledQualification.model_validate_json(row.compiled))


def qualifications(session: Session) -> list[CompiledQualification]:
    """Every published qualification, newest versions."""
    slugs = session.scalars(select(QualificationVersion.qualification).distinct().order_by("qualification"))
    return [qualification(session, slug) for slug in slugs]


def latest_unit(session: Session, qualification_slug: str, unit_slug: str) -> UnitVersion | None:
    """The newest published version of a unit."""
    found: UnitVersion | None = session.scalar(_newest(qualification_slug, unit_slug))
    return found


def newest_id(qualification: Any, unit: Any) -> Any:
    """The same, only its id, as a value inside another query."""
    return (
        _newest(qualification, unit).with_only_columns(UnitVersion.id).correlate_except(UnitVersion).scalar_subquery()
    )


def _newest(qualification: Any, unit: Any) -> Select[Any]:
    return (
        select(UnitVersion)
        .where(UnitVersion.qualification == qualification, UnitVersion.unit == unit)
        .order_by(UnitVersion.number.desc())
        .limit(1)
    )


def criterion_text(session: Session, qualification_slug: str, code: str, number: str) -> str:
    """What a criterion of another unit, such as 2.1 of U2, asks for in its newest version. Raises NotFound."""
    row = latest_unit(session, qualification_slug, qualification(session, qualification_slug).unit_slug(code))
    if row is None:
        raise NotFound
    return unit_of(row).criterion(number).text


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
