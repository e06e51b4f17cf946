"""Publishing a qualification's policy: a new version when it changed, and the first one in force for everybody."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from course import audit, clock
from course.audit import Actor, Event
from course.catalogue.compiled import dumps, sha256
from course.enrolment import operations, queries
from course.enrolment.models import CentrePolicy, PolicyVersion
from course.enrolment.policy import CompiledPolicy


def publish_policy(session: Session, compiled: CompiledPolicy, by: Actor) -> PolicyVersion | None:
    """Store a new version when it changed. The first is in force at once; later ones wait to be put in force."""
    latest = queries.latest_policy(session, compiled.qualification)
    if latest is not None and latest.hash == sha256(compiled):
        return None
    row = _publish(session, compiled, None, by)
    if latest is None:
        operations.put_policy_in_force(session, row, reason="The first version.", by=by)
    return row


def publish_for_centre(session: Session, compiled: CompiledPolicy, centre_id: UUID, by: Actor) -> PolicyVersion:
    """Store a centre's own version, or find it. It waits to be put in force; other centres never see it."""
    known = select(PolicyVersion).where(
        PolicyVersion.qualification == compiled.qualification, PolicyVersion.hash == sha256(compiled),
        queries.is_for(centre_id),
    )  # fmt: skip
    return session.scalar(known.limit(1)) or _publish(session, compiled, centre_id, by)


def _publish(session: Session, compiled: CompiledPolicy, centre_id: UUID | None, by: Actor) -> PolicyVersion:
    row = PolicyVersion(
        qualification=compiled.qualification, number=queries.next_policy_number(session, compiled.qualification),
        hash=sha256(compiled), compiled=dumps(compiled), published_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    if centre_id is not None:
        session.add(CentrePolicy(policy_version_id=row.id, centre_id=centre_id))
    audit.record(session, Event.POLICY_PUBLISHED, row, by=by)
    return row
