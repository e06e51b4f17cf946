"""Countersigning what somebody decided who still trains: ink, with what to change sealed beside the answer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assessors.marking import rules
from assessors.marking.queries.desk import Desk
from course import audit, clock, outbox, sealing
from course.db import new_id
from course.sealing import Purpose
from course.workbook.models import Countersignature


def countersign(session: Session, desk: Desk, finding: str, comment: str) -> Countersignature:
    """Agree, so that the decisions may be returned; or send them back to whoever made them. Raises Refusal."""
    step = rules.countersign(desk.case, by=desk.by.person_id, finding=finding, comment=comment)
    assert desk.by.appointment_id is not None
    box = None
    if comment.strip():
        key = sealing.ensure_key(session, desk.enrolment.id, Purpose.WORK)
        box = sealing.seal(session, key, "countersignature.comment", comment.strip(), about=desk.answer.id)
        session.flush()
    row = Countersignature(
        id=new_id(), answer_id=desk.answer.id, decisions=len(desk.answer.decisions), finding=finding,
        comment_id=box.id if box else None, countersigned_by=desk.by.person_id,
        appointment_id=desk.by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=desk.by, subject=desk.enrolment.person_id, enrolment=desk.enrolment.id)
    for trainee in desk.case.trainees:
        letter = outbox.Letter.SOMETHING_TO_READ
        outbox.queue(session, trainee, letter, key=f"countersignature:{row.id}:{trainee}", link="/marking/held")
    return row
