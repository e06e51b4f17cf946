"""Publishing guidance, and putting a version in force."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from assessors.guidance import queries
from assessors.guidance.compiled import CompiledGuidance, CompiledSamples
from assessors.guidance.models import GuidanceInForce, GuidanceVersion, SampleVersion
from course import audit, clock
from course.audit import Actor, Event
from course.catalogue.compiled import dumps, sha256


def publish(session: Session, guidance: CompiledGuidance, *, by: Actor) -> GuidanceVersion | None:
    """Store a new version when it changed. The first is in force at once; later ones wait to be put in force."""
    latest = queries.latest(session, guidance.qualification, guidance.unit)
    if latest is not None and latest.hash == sha256(guidance):
        return None
    row = GuidanceVersion(
        qualification=guidance.qualification, unit=guidance.unit, number=latest.number + 1 if latest else 1,
        hash=sha256(guidance), compiled=dumps(guidance), published_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, Event.GUIDANCE_PUBLISHED, row, by=by)
    if latest is None:
        put_in_force(session, row, cohort_id=None, reason="The first version.", by=by)
    return row


def publish_samples(session: Session, samples: CompiledSamples, *, by: Actor) -> SampleVersion | None:
    """Store a new version of a unit's sample answers when it changed."""
    latest = queries.latest_samples(session, samples.qualification, samples.unit)
    if latest is not None and latest.hash == sha256(samples):
        return None
    row = SampleVersion(
        qualification=samples.qualification, unit=samples.unit, number=latest.number + 1 if latest else 1,
        hash=sha256(samples), compiled=dumps(samples), published_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, Event.SAMPLES_PUBLISHED, row, by=by)
    return row


def put_in_force(
    session: Session, version: GuidanceVersion, *, cohort_id: UUID | None, reason: str, by: Actor
) -> GuidanceInForce:
    """Let a version apply to decisions still to be made. Decisions already made keep theirs for ever."""
    row = GuidanceInForce(
        guidance_version_id=version.id, qualification=version.qualification, unit=version.unit, cohort_id=cohort_id,
        reason=reason, put_by=by.person_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    audit.record(session, Event.GUIDANCE_PUT_IN_FORCE, row, by=by)
    return row
