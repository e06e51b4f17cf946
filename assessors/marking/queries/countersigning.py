"""Decisions of those who still train that wait for a qualified assessor, and what one said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, exists, func, select
from sqlalchemy.orm import Session, joinedload

from assessors.marking.queries.queue import PAGE, is_held, leased, rows
from assessors.marking.queries.scope import Reader, in_scope
from assessors.marking.rules import AGREE
from course.people.models import Appointment
from course.workbook.models import Answer, Countersignature, Decision, ReturnedDecision


def qualified(reader: Reader) -> Reader:
    """The same person with the appointments alone under which they may countersign."""
    return replace(
        reader, appointments=tuple(one for one in reader.appointments if not one.needs_countersignature)
    )  # fmt: skip


def _by_a_trainee(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Decided by somebody who trains, and not returned."""
    decided = exists().where(
        Decision.answer_id == Answer.id, Decision.appointment_id == Appointment.id,
        Appointment.needs_countersignature, ~exists().where(ReturnedDecision.decision_id == Decision.id), *where,
    )  # fmt: skip
    return decided.correlate(Answer)


def _said(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Somebody has said a word about the decisions as they are now."""
    count = select(func.count(Decision.id)).where(Decision.answer_id == Answer.id).correlate(Answer).scalar_subquery()
    said = exists().where(Countersignature.answer_id == Answer.id, Countersignature.decisions == count, *where)
    return said.correlate(Answer)


def _waits(by: UUID) -> ColumnElement[bool]:
    return _by_a_trainee(Decision.decided_by != by) & ~_said()


def uncountersigned(session: Session, answer_ids: Collection[UUID]) -> set[UUID]:
    """Those of these answers that cannot be returned before a qualified assessor agrees."""
    agreed = _said(Countersignature.finding == AGREE)
    return set(session.scalars(select(Answer.id).where(Answer.id.in_(answer_ids), _by_a_trainee(), ~agreed)))


def _of(query: Select[Any], reader: Reader) -> Select[Any]:
    able = qualified(reader)
    return query.where(Answer.id.in_(leased()), in_scope(able, Answer), is_held(), _waits(reader.person_id))


def to_countersign(session: Session, reader: Reader) -> list[Row[Any]]:
    """Answers whose decisions wait for this person's countersignature, oldest first."""
    return list(session.execute(_of(rows(reader), reader).order_by(Answer.at, Answer.id).limit(PAGE * 4)))


def how_many(session: Session, reader: Reader) -> int:
    """How many wait."""
    if not qualified(reader).appointments:
        return 0
    return session.scalar(_of(select(func.count()).select_from(Answer), reader)) or 0


def held_and_to_countersign(session: Session, reader: Reader) -> tuple[int, int]:
    """How many answers are decided but not returned, and how many of them wait for this person; in one query."""
    able = in_scope(qualified(reader), Answer)
    mine = func.sum(case((able & _waits(reader.person_id), 1), else_=0))
    query = select(func.count(), mine).select_from(Answer).where(Answer.id.in_(leased()), in_scope(reader, Answer))
    row = session.execute(query.where(is_held())).one()
    return row[0], int(row[1] or 0)


def last_word(session: Session, answer_id: UUID) -> Countersignature | None:
    """The last countersignature on an answer, with the box of its comment."""
    query = select(Countersignature).options(joinedload(Countersignature.comment))
    found = query.where(Countersignature.answer_id == answer_id).order_by(Countersignature.decisions.desc())
    return session.scalars(found.limit(1)).first()
