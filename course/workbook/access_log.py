"""Who was shown whose words: written and committed before the words leave the server, and shown to their writer."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import g
from flask_login import current_user
from sqlalchemy import select

from course import clock, db
from course.access import HeldAppointment, Role
from course.enrolment.models import Enrolment
from course.sealing import Opening, Purpose
from course.workbook.models import AccessEntry

ONE_LOOK = timedelta(minutes=10)
"""The same person, answer and purpose within this time is one entry."""
PURPOSES = {
    Role.ASSESSOR: "marking",
    Role.IQA: "sampling",
    Role.LEAD_IQA: "sampling",
    Role.EQA: "external checking",
    Role.SAFEGUARDING_LEAD: "safeguarding",
}


def collect() -> set[tuple[UUID, UUID | None]]:
    """Gather whose words this request has opened, leaving out the reader's own."""
    session = g.get("db_session")
    openings: set[Opening] = session.info.get("openings", set()) if session is not None else set()
    own = g.get("own_enrolments", set())
    return {
        (opening.owner_id, opening.about_id)
        for opening in openings
        if opening.purpose == Purpose.WORK and opening.owner_id not in own
    }


def write(looks: set[tuple[UUID, UUID | None]]) -> None:
    """Write an entry for each look, in a short transaction of its own. If it fails, the page is not shown."""
    if not looks or not current_user.is_authenticated:
        return
    held: HeldAppointment | None = g.get("acting")
    role = held.role if held else Role.LEARNER
    purpose = g.get("purpose") or PURPOSES.get(role, "support")
    now = clock.now()
    with db.database().transaction() as session:
        enrolments = {enrolment_id for enrolment_id, _ in looks}
        own = set(
            session.scalars(
                select(Enrolment.id).where(Enrolment.id.in_(enrolments), Enrolment.person_id == current_user.person_id)
            )
        )
        recent = {
            (row.enrolment_id, row.answer_id)
            for row in session.execute(
                select(AccessEntry.enrolment_id, AccessEntry.answer_id).where(
                    AccessEntry.enrolment_id.in_(enrolments), AccessEntry.at > now - ONE_LOOK,
                    AccessEntry.person_id == current_user.person_id, AccessEntry.purpose == purpose,
                )
            )
        }  # fmt: skip
        for enrolment_id, answer_id in sorted(looks, key=str):
            if enrolment_id in own or (enrolment_id, answer_id) in recent:
                continue
            session.add(
                AccessEntry(
                    enrolment_id=enrolment_id, answer_id=answer_id, person_id=current_user.person_id, role=role,
                    appointment_id=held.id if held else None, purpose=purpose, at=now,
                )
            )  # fmt: skip
