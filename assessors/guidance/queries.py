"""Guidance versions read back: which one is in force, and which one a decision was made under."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.guidance.compiled import CompiledGuidance, CompiledSamples
from assessors.guidance.models import GuidanceInForce, GuidanceVersion, SampleVersion
from course.keeping import Kept

_guidance: Kept[UUID, CompiledGuidance] = Kept(256)


def compiled(row: GuidanceVersion) -> CompiledGuidance:
    """The compiled guidance of a version."""
    return _guidance.find_or_make(row.id, lambda: CompiledGuidance.model_validate_json(row.compiled))


def in_force(
    session: Session, qualification: str, unit: str, cohort_id: UUID | None
) -> tuple[GuidanceVersion, CompiledGuidance]:
    """The guidance that decisions in this cohort are made under now. Raises NotFound when none is published."""
    row = session.scalar(
        select(GuidanceVersion).where(GuidanceVersion.id == in_force_id(qualification, unit, cohort_id))
    )
    if row is None:
        raise NotFound
    return row, compiled(row)


def in_force_id(qualification: Any, unit: Any, cohort_id: Any) -> Any:
    """The same, only its id, as a value inside another query."""
    return (
        select(GuidanceInForce.guidance_version_id)
        .where(
            GuidanceInForce.qualification == qualification,
            GuidanceInForce.unit == unit,
            or_(GuidanceInForce.cohort_id.is_(None), GuidanceInForce.cohort_id == cohort_id),
        )
        .order_by(GuidanceInForce.at.desc(), GuidanceInForce.id.desc())
        .limit(1)
        .correlate_except(GuidanceInForce)
        .scalar_subquery()
    )


class Version(NamedTuple):
    """What a desk needs of a guidance version. It never changes, so it is kept once read."""

    number: int
    hash: str
    compiled: CompiledGuidance


_versions: Kept[UUID, Version] = Kept(256)


def version(session: Session, version_id: UUID) -> Version:
    """One guidance version. A query only for one that this process has not read yet."""
    found = _versions.find(version_id)
    if found is None:
        row = session.get_one(GuidanceVersion, version_id)
        found = _versions.keep(version_id, Version(row.number, row.hash, compiled(row)))
    return found


def by_hash(session: Session, sha256: str) -> tuple[GuidanceVersion, CompiledGuidance]:
    """The guidance that a decision names. Raises NotFound."""
    row = session.scalar(select(GuidanceVersion).where(GuidanceVersion.hash == sha256).limit(1))
    if row is None:
        raise NotFound
    return row, compiled(row)


def numbers(session: Session, hashes: Iterable[str]) -> dict[str, int]:
    """The numbers of versions by hash, in one query; a decision on a knowledge check names none."""
    wanted = {one for one in hashes if one}
    rows = session.execute(
        select(GuidanceVersion.hash, func.min(GuidanceVersion.number))
        .where(GuidanceVersion.hash.in_(wanted))
        .group_by(GuidanceVersion.hash)
    ) if wanted else ()  # fmt: skip
    return {row[0]: row[1] for row in rows}


def latest(session: Session, qualification: str, unit: str) -> GuidanceVersion | None:
    """The newest published version, in force or not."""
    return session.scalar(
        select(GuidanceVersion)
        .where(GuidanceVersion.qualification == qualification, GuidanceVersion.unit == unit)
        .order_by(GuidanceVersion.number.desc())
        .limit(1)
    )


def latest_samples(session: Session, qualification: str, unit: str) -> SampleVersion | None:
    """The newest published version of a unit's sample answers."""
    return session.scalar(
        select(SampleVersion)
        .where(SampleVersion.qualification == qualification, SampleVersion.unit == unit)
        .order_by(SampleVersion.number.desc())
        .limit(1)
    )


def samples_of(session: Session, qualification: str, unit: str) -> CompiledSamples | None:
    """A unit's sample answers by the key of their question, as last published; None when there are none."""
    row = latest_samples(session, qualification, unit)
    return CompiledSamples.model_validate_json(row.compiled) if row else None
