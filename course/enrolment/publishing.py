"""Publishing a qualification's policy: a new version when it changed, and the first one in force for everybody."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from course import audit, clock
from course.audit import Actor, Event
from course.catalogue.compiled import dumps, sha256
from course.enrolment import operations, queries
from course.enrolment.models import PolicyVersion
from course.enrolment.policy import CompiledPolicy


def publish_policy(session: Session, compiled: CompiledPolicy, by: Actor) -> PolicyVersion | None:
    """Store a new version when it changed. The first is in force at once; later ones wait to be put in force."""
    latest = queries.latest_policy(session, compiled.qualification)
    if latest is not None and latest.hash == sha256(compiled):
        return None
    row = _publish(session, compiled, by)
    if latest is None:
        operations.put_policy_in_force(session, row, reason="The first version.", by=by)
    return row


def publish_for_centre(session: Session, compiled: CompiledPolicy, centre_id: UUID, by: Actor) -> PolicyVersion:
    """Store a centre's own version, or find it. It waits to be put in force, by that centre's assurers."""
    known = select(PolicyVersion).where(
        PolicyVersion.qualification == compiled.qualification, PolicyVersion.hash == sha256(compiled)
    )
    return session.scalar(known.limit(1)) or _publish(session, compiled, by)


def _publish(session: Session, compiled: CompiledPolicy, by: Actor) -> PolicyVersion:
    latest = queries.latest_policy(session, compiled.qualification)
    row = PolicyVersion(
        qualification=compiled.qualification, number=latest.number + 1 if latest else 1, hash=sha256(compiled),
        compiled=dumps(compiled), published_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, Event.POLICY_PUBLISHED, row, by=by)
    return row
