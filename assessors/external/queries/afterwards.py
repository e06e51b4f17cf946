"""What a visit leaves behind: actions and what was done about them, packs, and who looked at what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.external.models import Pack, Showing, ShownUnit, Visit, VisitAction, VisitActionClosure, VisitActionDone
from assessors.quality import queries as quality
from course.catalogue import queries as catalogue
from course.workbook.models import AccessEntry, Answer


@dataclass(frozen=True)
class NotedAction:
    """An action, what was done about it, and whether that is enough."""

    action: VisitAction
    done: VisitActionDone | None
    closure: VisitActionClosure | None

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed while nothing was done."""
        return self.done is None and self.action.due_on < today


def actions_of(session: Session, visit_ids: Collection[UUID]) -> list[NotedAction]:
    """The actions of these visits, the most urgent first."""
    rows = session.execute(
        select(VisitAction, VisitActionDone, VisitActionClosure)
        .outerjoin(VisitActionDone, VisitActionDone.action_id == VisitAction.id)
        .outerjoin(VisitActionClosure, VisitActionClosure.action_id == VisitAction.id)
        .where(VisitAction.visit_id.in_(visit_ids))
        .order_by(VisitAction.due_on, VisitAction.id)
    )
    return [NotedAction(*row) for row in rows]


def action_of(session: Session, visit: Visit, action_id: UUID) -> NotedAction:
    """One action of a visit. Raises NotFound."""
    for noted in actions_of(session, [visit.id]):
        if noted.action.id == action_id:
            return noted
    raise NotFound


def packs_of(session: Session, visit_id: UUID) -> list[Pack]:
    """The packs that were made for a visit, the latest first."""
    return list(session.scalars(select(Pack).where(Pack.visit_id == visit_id).order_by(Pack.at.desc())))


# -- who looked at what ------------------------------------------------------------------------------------------------

LOOKS = 100
"""How many lines of the log one page shows."""


@dataclass(frozen=True)
class Look:
    """One time at which the external quality assurer was shown an answer; a second within ten minutes is the same."""

    id: UUID
    at: datetime
    learner: str
    unit: str
    question: str
    number: int
    in_pack: bool
    """Whether it was a pack that they took away; otherwise the page of the answer or one of its files."""


def looks_of(session: Session, visit: Visit, *, before: UUID | None = None) -> list[Look]:
    """What was opened under a visit's appointment, the latest first; one more than `LOOKS` when there are more.

    `before`: the last line of the page before. Ids are in the order of time.
    """
    enrolments = select(ShownUnit.enrolment_id).join(Showing, Showing.id == ShownUnit.showing_id)
    query = (
        select(AccessEntry, Answer)
        .join(Answer, Answer.id == AccessEntry.answer_id)
        .where(
            AccessEntry.enrolment_id.in_(enrolments.where(Showing.visit_id == visit.id)),
            AccessEntry.appointment_id == visit.eqa_appointment_id,
        )
        .order_by(AccessEntry.id.desc())
        .limit(LOOKS + 1)
    )
    rows = session.execute(query.where(AccessEntry.id < before) if before else query).all()
    learners = quality.learners(session, {row[1].enrolment_id for row in rows})
    units = catalogue.units(session, {row[1].unit_version_id for row in rows})
    return [
        Look(
            entry.id, entry.at, learners.get(answer.enrolment_id, "Name erased"), units[answer.unit_version_id].title,
            units[answer.unit_version_id].question(answer.question).name, answer.number,
            entry.purpose == "evidence pack",
        )
        for entry, answer in rows
    ]  # fmt: skip
