"""What is on hold: asked by the workbook, by marking, by batches, releases and records, and before disposal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from course.cases.models import Appeal, AppealOutcome, AppealStep, AppealWithdrawal, CaseOutcome, ConductCase
from course.cases.rules import Change, Hold, Period, not_on_hold, periods


def appeal_is_open() -> ColumnElement[bool]:
    """The condition that somebody is looking at an appeal: the last stage that began has no answer yet."""
    steps = select(func.count(AppealStep.id)).where(AppealStep.appeal_id == Appeal.id)
    last = steps.correlate(Appeal).scalar_subquery() + 1
    answered = exists().where(AppealOutcome.appeal_id == Appeal.id, AppealOutcome.number == last).correlate(Appeal)
    withdrawn = exists().where(AppealWithdrawal.appeal_id == Appeal.id).correlate(Appeal)
    return and_(~answered, ~withdrawn)


def case_is_open() -> ColumnElement[bool]:
    """The condition that a case has no outcome yet."""
    return ~exists().where(CaseOutcome.case_id == ConductCase.id).correlate(ConductCase)


def open_about(ids: list[UUID]) -> list[tuple[str, Any, ColumnElement[bool]]]:
    """Kind, table and condition of everything open about these enrolments, for a query that asks other things too."""
    return [
        ("appeal", Appeal, and_(Appeal.enrolment_id.in_(ids), appeal_is_open())),
        ("case", ConductCase, and_(ConductCase.enrolment_id.in_(ids), case_is_open())),
    ]


def holds_of(session: Session, enrolment_ids: Iterable[UUID]) -> dict[UUID, list[Hold]]:
    """Everything open about these enrolments. Disposal asks this first: work on hold is kept."""
    found: dict[UUID, list[Hold]] = defaultdict(list)
    queries = [
        select(literal(kind), table.id, table.enrolment_id, table.unit, table.question).where(condition)
        for kind, table, condition in open_about(list(enrolment_ids))
    ]
    rows: Iterable[Any] = session.execute(union_all(*queries))
    for kind, hold_id, enrolment_id, unit, question in rows:
        found[enrolment_id].append(Hold(kind, hold_id, enrolment_id, unit, question))
    return found


def on_unit(session: Session, enrolment_id: UUID, unit: str) -> tuple[Hold, ...]:
    """What is open about one learner's unit."""
    return tuple(hold for hold in holds_of(session, [enrolment_id]).get(enrolment_id, []) if hold.covers(unit))


def has_hold(enrolment_id: Any) -> ColumnElement[bool]:
    """The condition that anything is open about an enrolment, for a query that asks other things too."""
    appealed = exists().where(Appeal.enrolment_id == enrolment_id, appeal_is_open()).correlate_except(Appeal)
    asked = exists().where(ConductCase.enrolment_id == enrolment_id, case_is_open()).correlate_except(ConductCase)
    return or_(appealed, asked)


def was_held(enrolment_id: Any) -> ColumnElement[bool]:
    """The condition that anything was ever open about an enrolment: only then is it worth asking when."""
    appealed = exists().where(Appeal.enrolment_id == enrolment_id).correlate_except(Appeal)
    asked = exists().where(ConductCase.enrolment_id == enrolment_id).correlate_except(ConductCase)
    return or_(appealed, asked)


def periods_of(session: Session, enrolment_id: UUID, unit: str) -> tuple[Period, ...]:
    """When anything of one learner's unit was on hold, in one query."""
    of_appeals = Appeal.enrolment_id == enrolment_id, Appeal.unit == unit
    of_cases = ConductCase.enrolment_id == enrolment_id, or_(ConductCase.unit.is_(None), ConductCase.unit == unit)
    rows: Iterable[Any] = session.execute(
        union_all(
            select(Appeal.id, Appeal.question, literal(True), Appeal.at).where(*of_appeals),
            *(
                select(Appeal.id, Appeal.question, literal(opens), table.at)
                .join(table, table.appeal_id == Appeal.id)
                .where(*of_appeals)
                for table, opens in ((AppealStep, True), (AppealOutcome, False), (AppealWithdrawal, False))
            ),
            select(ConductCase.id, ConductCase.question, literal(True), ConductCase.at).where(*of_cases),
            select(ConductCase.id, ConductCase.question, literal(False), CaseOutcome.at)
            .join(CaseOutcome, CaseOutcome.case_id == ConductCase.id)
            .where(*of_cases),
        )
    )
    return tuple(periods(Change(about, question, bool(opens), at) for about, question, opens, at in rows))


def is_on_hold(enrolment_id: Any, unit: Any, question: Any) -> ColumnElement[bool]:
    """The condition that an answer (three of its columns) is on hold."""
    appealed = exists().where(
        Appeal.enrolment_id == enrolment_id, Appeal.unit == unit, Appeal.question == question, appeal_is_open()
    )
    asked = exists().where(
        ConductCase.enrolment_id == enrolment_id, case_is_open(),
        or_(ConductCase.unit.is_(None), and_(ConductCase.unit == unit, ConductCase.question == question)),
    )  # fmt: skip
    return or_(appealed.correlate_except(Appeal), asked.correlate_except(ConductCase))


def must_not_be_held(session: Session, units: Collection[tuple[UUID, str]]) -> None:
    """Raise Refusal if anything is open about one of these (enrolment, unit)."""
    open_ = holds_of(session, {enrolment_id for enrolment_id, _ in units})
    not_on_hold([hold for enrolment_id, unit in units for hold in open_.get(enrolment_id, []) if hold.covers(unit)])
