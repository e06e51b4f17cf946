"""What people decide about attempts, each in ink with its reason sealed and its audit entry."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.attempts import rules
from assessors.attempts.queries import AttemptsOf, standing
from course import audit, clock, outbox, sealing
from course.audit import Actor, Event
from course.db import new_id
from course.independence import Act
from course.sealing import Purpose
from course.workbook import telling
from course.workbook.models import Extension, FurtherAttempt, LateAcceptance, PanelOutcome, Referral


def _reason(session: Session, found: AttemptsOf, place: str, words: str) -> UUID:
    key = sealing.ensure_key(session, found.enrolment.id, Purpose.WORK)
    box = sealing.seal(session, key, place, words.strip())
    session.flush()
    return box.id


def _about(found: AttemptsOf, by: Actor) -> dict[str, object]:
    return {"by": by, "subject": found.enrolment.person_id, "enrolment": found.enrolment.id}


def _tell(session: Session, found: AttemptsOf, key: str) -> None:
    outbox.queue(session, found.enrolment.person_id, outbox.Letter.SOMETHING_TO_READ, key=key, link="/learn")


def extend(session: Session, found: AttemptsOf, until: date, reason: str, *, by: Actor) -> Extension:
    """Give a learner a later date. Raises Refusal."""
    step = rules.extend(found.case, standing(session, found, by.person_id), role=by.role, until=until, reason=reason)
    row = Extension(
        id=new_id(), enrolment_id=found.enrolment.id, question=found.extends, until=until,
        reason_id=_reason(session, found, "extension.reason", reason), extended_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, **_about(found, by))  # type: ignore[arg-type]
    _tell(session, found, f"extension:{row.id}")
    return row


def accept_late(session: Session, found: AttemptsOf, reason: str, *, by: Actor) -> LateAcceptance:
    """Let a late answer be marked. Raises Refusal."""
    step = rules.accept_late(found.case, standing(session, found, by.person_id), role=by.role, reason=reason)
    row = LateAcceptance(
        id=new_id(), answer_id=found.late_answer, reason_id=_reason(session, found, "late.reason", reason),
        accepted_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, **_about(found, by))  # type: ignore[arg-type]
    telling.tell_assessors(session, found.enrolment, found.work.unit.slug, found.case.today)
    return row


def authorise(
    session: Session, found: AttemptsOf, confirmed: Collection[str], reason: str, *, by: Actor
) -> FurtherAttempt:
    """Allow one attempt beyond the limit. Raises Refusal."""
    mine = standing(session, found, by.person_id)
    step = rules.authorise(found.case, mine, role=by.role, confirmed=confirmed, reason=reason)
    row = _further(session, found, sorted(set(confirmed) & set(found.case.conditions)), reason, by=by)
    audit.record(session, step.event, row, **_about(found, by))  # type: ignore[arg-type]
    return row


def _further(
    session: Session, found: AttemptsOf, confirmed: Collection[str], reason: str, *, by: Actor
) -> FurtherAttempt:
    row = FurtherAttempt(
        id=new_id(), enrolment_id=found.enrolment.id, question=found.question.key, confirmed=" ".join(confirmed),
        reason_id=_reason(session, found, "attempt.reason", reason), authorised_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _tell(session, found, f"attempt:{row.id}")
    return row


def refer(session: Session, found: AttemptsOf, reason: str, *, by: Actor) -> Referral:
    """Put a question before a panel. Raises Refusal."""
    step = rules.refer(found.case, standing(session, found, by.person_id), role=by.role, reason=reason)
    row = Referral(
        id=new_id(), enrolment_id=found.enrolment.id, unit=found.work.unit.slug, question=found.question.key,
        reason_id=_reason(session, found, "referral.reason", reason), referred_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, **_about(found, by))  # type: ignore[arg-type]
    _tell(session, found, f"referral:{row.id}")
    return row


def decide_panel(
    session: Session, found: AttemptsOf, outcome: str, with_: UUID, reason: str, *, by: Actor
) -> PanelOutcome:
    """Write down what a panel of two decided; "one more" gives the attempt. Raises Refusal."""
    mine, theirs = (standing(session, found, one, Act.SIT) for one in (by.person_id, with_))
    step = rules.decide_panel(
        found.case, mine, theirs, by=by.person_id, with_=with_, outcome=outcome, reason=reason
    )  # fmt: skip
    assert found.referral is not None
    row = PanelOutcome(
        id=new_id(), referral_id=found.referral.id, outcome=outcome,
        reason_id=_reason(session, found, "panel.reason", reason), decided_by=by.person_id, decided_with=with_,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, **_about(found, by))  # type: ignore[arg-type]
    if outcome == rules.ONE_MORE:
        given = _further(session, found, (), reason, by=by)
        audit.record(session, Event.ATTEMPT_AUTHORISED, given, **_about(found, by))  # type: ignore[arg-type]
    else:
        _tell(session, found, f"panel:{row.id}")
    return row
