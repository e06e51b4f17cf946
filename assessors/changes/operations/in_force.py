"""Putting guidance or a policy in force for cohorts, after looking at who would change, with the reason in ink."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.changes import rules
from assessors.changes.operations import reopening
from assessors.changes.queries.guidance_preview import GuidancePreview
from assessors.changes.queries.policies import QualificationPolicies, UnitBounds
from assessors.changes.queries.policy_preview import PolicyPreview
from assessors.guidance import operations as guidance
from course.audit import Actor
from course.enrolment import operations as enrolments
from course.enrolment.models import PolicyVersion
from course.enrolment.policy import CompiledPolicy
from course.enrolment.publishing import publish_for_centre
from course.independence import Act, must_be_free
from course.records import queries as records
from course.refusal import require


def put_guidance_in_force(
    session: Session, found: GuidancePreview, reason: str, *, seen: str, send_back: Collection[UUID] = (), by: Actor
) -> None:
    """Let the newest version apply to decisions still to be made in the chosen cohorts, and to no other centre's.

    `send_back`: answers whose decisions are to be made again under it; all others keep their version for ever.
    Raises Refusal.
    """
    _must_set(session, found, by)
    rules.put_in_force(reaches=bool(found.chosen), seen=seen, now=found.seen, reason=reason)
    require(set(send_back) <= found.can_go_back.keys(), "One of these answers cannot be sent back.", rules.LOOK_AGAIN)
    for one in found.chosen:
        guidance.put_in_force(session, found.unit.newest, cohort_id=one.cohort.id, reason=reason, by=by)
        session.flush()
    for answer_id in dict.fromkeys(send_back):
        reopening.reopen(session, answer_id, reason, cause=reopening.GUIDANCE, by=by)


def put_policy_in_force(session: Session, found: PolicyPreview, reason: str, *, seen: str, by: Actor) -> None:
    """Let a version apply to units without a hand-in in the chosen cohorts. No pin moves. Raises Refusal."""
    _must_set(session, found, by)
    rules.put_in_force(reaches=bool(found.chosen), seen=seen, now=found.seen, reason=reason)
    rules.can_be_met(found.unreachable)
    for one in found.chosen:
        enrolments.put_policy_in_force(
            session, found.version, centre_id=one.cohort.centre_id, cohort_id=one.cohort.id, reason=reason, by=by
        )


def _must_set(session: Session, found: GuidancePreview | PolicyPreview, by: Actor) -> None:
    """Nobody changes the rules of a cohort in which they study."""
    for one in found.chosen:
        must_be_free(records.standing(session, by.person_id, one.cohort, act=Act.SET), Act.SET)


def make_own_policy(
    session: Session, found: QualificationPolicies, base: CompiledPolicy, wanted: CompiledPolicy,
    bounds: Collection[UnitBounds], *, by: Actor,
) -> PolicyVersion:  # fmt: skip
    """Publish a centre's own version, within what the qualification lets it decide. It is not in force yet."""
    rules.make_own_policy(
        base, wanted, may_change=found.may_change, role=by.role,
        bounds={one.code: (one.criteria, one.safety_critical, one.points) for one in bounds},
        gives_credit=found.qualification.credit is not None,
    )  # fmt: skip
    return publish_for_centre(session, wanted, found.centre.id, by)
