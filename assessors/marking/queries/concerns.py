"""The safeguarding lead's own list: references to answers, never their text."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased
from werkzeug.exceptions import NotFound

from assessors.marking.models import Concern, ConcernAcknowledgement
from assessors.marking.queries.scope import Reader, covered
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.workbook.models import Answer

raiser = aliased(Person, name="raiser")
acknowledger = aliased(Person, name="acknowledger")


def _concerns(reader: Reader) -> Any:
    """A safeguarding lead is not shown concerns about themselves."""
    return (
        select(
            Concern, Answer, Person, raiser.known_as.label("raised_by"), ConcernAcknowledgement,
            acknowledger.known_as.label("acknowledged_by"),
        )
        .join(Answer, Answer.id == Concern.answer_id)
        .join(Enrolment, Enrolment.id == Concern.enrolment_id)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .outerjoin(raiser, raiser.id == Concern.raised_by)
        .outerjoin(ConcernAcknowledgement, ConcernAcknowledgement.concern_id == Concern.id)
        .outerjoin(acknowledger, acknowledger.id == ConcernAcknowledgement.acknowledged_by)
        .where(covered(reader.appointments, Answer), Enrolment.person_id != reader.person_id)
    )  # fmt: skip


def concerns(session: Session, reader: Reader) -> list[Any]:
    """All concerns in the lead's scope: those not acknowledged first, the oldest of them at the top."""
    rows = session.execute(_concerns(reader).order_by(Concern.at, Concern.id).limit(500)).all()
    open_, done = [row for row in rows if row[4] is None], [row for row in rows if row[4] is not None]
    return [*open_, *reversed(done)]


def concern(session: Session, reader: Reader, concern_id: UUID) -> Any:
    """One concern in the lead's scope. Raises NotFound."""
    row = session.execute(_concerns(reader).where(Concern.id == concern_id)).first()
    if row is None:
        raise NotFound
    return row


def is_raised(session: Session, answer_id: UUID, person_id: UUID) -> bool:
    """Whether this person has raised a concern about this answer."""
    query = select(Concern.id).where(Concern.answer_id == answer_id, Concern.raised_by == person_id)
    return session.scalar(query) is not None
