"""Earlier visits of external quality assurers, and what they asked the centre to do."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external.models import Visit, VisitAction, VisitActionClosure, VisitActionDone
from assessors.external.tables import words
from course.evidence import Row, Scope, Table
from course.people.models import Appointment


def visits(session: Session, scope: Scope) -> Iterator[Table]:
    """Each visit and each of its actions."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Visit, Appointment, VisitAction, VisitActionDone, VisitActionClosure)
            .join(Appointment, Appointment.id == Visit.eqa_appointment_id)
            .outerjoin(VisitAction, VisitAction.visit_id == Visit.id)
            .outerjoin(VisitActionDone, VisitActionDone.action_id == VisitAction.id)
            .outerjoin(VisitActionClosure, VisitActionClosure.action_id == VisitAction.id)
            .where(Visit.centre_id == scope.centre_id, Visit.qualification == scope.qualification)
            .order_by(Visit.at, VisitAction.due_on, VisitAction.id)
        )
        for visit, appointment, action, done, closure in found:
            if visit.cohort_id is not None and visit.cohort_id not in scope.cohort_ids:
                continue
            cells = (
                name(visit.eqa_id), appointment.from_date, appointment.until_date, visit.purpose,
                action.task if action else "", name(action.noted_by) if action else "",
                action.due_on if action else "", done.done_on if done else "", done.outcome if done else "",
                when(closure.at) if closure else "", name(closure.closed_by) if closure else "",
            )  # fmt: skip
            refs = [words.ink("visit", visit.id)]
            refs += [words.ink("visit_action", action.id)] if action else []
            refs += [words.ink("visit_action_done", done.id)] if done else []
            refs += [words.ink("visit_action_closure", closure.id)] if closure else []
            yield Row(cells, tuple(refs))

    yield Table(
        "visits", "Visits and their actions", "Visits of external quality assurers, and what came of them.",
        ("External quality assurer", "From", "Until", "For what", "Action", "Written by", "Due", "Done on",
         "What was done", "Closed", "Closed by"), rows,
    )  # fmt: skip
