"""What people decided about a learner's goes and dates: said where the learner looks, and not by letter alone."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import Date, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from course import clock
from course.catalogue.compiled import CompiledUnit
from course.pages import date_in_words
from course.workbook import rules
from course.workbook.models import Extension, FurtherAttempt, PanelOutcome, Referral
from course.workbook.progress import UnitProgress
from course.workbook.queries import root_of
from course.workbook.rules import State


class What(enum.StrEnum):
    """What was decided last about a question."""

    LONGER = "longer"
    ONE_MORE = "one-more"
    ASKED = "asked"
    NO_MORE = "no-more"


SAYS = {
    What.ASKED: "Two people who had no part in it are looking at whether there is one more go. "
    "You do not need to do anything. You get a letter.",
    What.NO_MORE: "Two people who had no part in it looked at this. They decided that there are no more goes at it. "
    "You can still appeal.",
}
"""What a panel means for the learner."""
ASK = "Ask your assessor what happens next. They can ask for one more go for you."


def used_up(what: What | None) -> str:
    """What is said beside a question at which every go is used."""
    asked = SAYS.get(what) if what else None
    return f"You have used every go at this question. {asked or ASK}"


def panels(session: Session, enrolment_id: UUID) -> dict[str, What]:
    """By question, whether a panel is asked about it, or said no; nothing where it gave one more go."""
    rows = session.execute(
        select(Referral.question, PanelOutcome.outcome)
        .outerjoin(PanelOutcome, PanelOutcome.referral_id == Referral.id)
        .where(Referral.enrolment_id == enrolment_id)
        .order_by(Referral.at, Referral.id)
    )
    last = {row.question: What(row.outcome or What.ASKED) for row in rows}
    return {question: what for question, what in last.items() if what in SAYS}


def by_root(unit: CompiledUnit, said: Mapping[str, What]) -> dict[str, What]:
    """The same for all questions that share goes, by their root."""
    here = {question.key for question in unit.questions}
    return {root_of(unit, question): what for question, what in said.items() if question in here}


@dataclass(frozen=True)
class _Step:
    what: What
    question: str
    at: datetime
    until: date | None


def lines(session: Session, enrolment_id: UUID, units: Sequence[UnitProgress]) -> list[dict[str, str]]:
    """What the home page says about questions that came back. While none did, nothing is asked."""
    if not any(answer.is_returned for unit in units if not unit.achieved for answer in unit.answers):
        return []
    steps = _steps(session, enrolment_id)
    return [line for unit in units for line in _lines_of(enrolment_id, unit, steps)]


def _steps(session: Session, enrolment_id: UUID) -> list[_Step]:
    """Everything that was decided, oldest first, in one query."""
    referred = select(Referral.id, Referral.question).where(Referral.enrolment_id == enrolment_id).subquery()

    def part(what: Any, table: Any, until: Any = None) -> Any:
        none = cast(null(), Date)
        return select(
            what.label("what"), table.question.label("question"), table.at.label("at"), table.id.label("id"),
            (none if until is None else until).label("until"),
        ).where(table.enrolment_id == enrolment_id)  # fmt: skip

    every = union_all(
        part(literal(str(What.LONGER)), Extension, Extension.until),
        part(literal(str(What.ONE_MORE)), FurtherAttempt),
        part(literal(str(What.ASKED)), Referral),
        select(PanelOutcome.outcome, referred.c.question, PanelOutcome.at, PanelOutcome.id, cast(null(), Date)).join(
            referred, referred.c.id == PanelOutcome.referral_id
        ),
    ).subquery()
    rows = session.execute(select(every).order_by(every.c.at, every.c.id))
    return [_Step(What(row.what), row.question, row.at, row.until) for row in rows]


def _lines_of(enrolment_id: UUID, unit: UnitProgress, steps: Iterable[_Step]) -> Iterable[dict[str, str]]:
    keys = {one.key for one in unit.compiled.questions}
    last: dict[str, _Step] = {}
    for step in steps:
        if step.question in keys:
            last[root_of(unit.compiled, step.question)] = step
    for key, state in unit.questions.items():
        step_ = last.get(root_of(unit.compiled, key))
        words = _words(unit, key, state, step_) if step_ and key == step_.question else ""
        if words:
            question = unit.compiled.question(key)
            href = url_for(
                "workbook.unit_page",
                enrolment_id=enrolment_id,
                unit=unit.unit,
                number=question.page,
                _anchor=f"q-{key}",
            )
            yield {"name": question.name, "words": words, "href": href}


def _words(unit: UnitProgress, key: str, state: State, step: _Step) -> str:
    """What a step still means for its learner; empty once it is used, or overtaken by a newer return."""
    name = unit.compiled.question(key).name
    if state == State.ATTEMPTS_USED:
        return f"“{name}”: {SAYS[step.what]}" if step.what in SAYS else ""
    root = root_of(unit.compiled, key)
    goes = rules.live(one for one in unit.answers if root_of(unit.compiled, one.question) == root)
    returned_at = goes[-1].returned_at if goes else None
    if state not in (State.NOT_YET, State.DRAFT) or returned_at is None or step.at < returned_at:
        return ""
    if step.what is What.ONE_MORE:
        return f"You were given one more go at “{name}”."
    if step.until is not None and step.until >= clock.now().date():
        return f"You were given longer for “{name}”: hand it in again by {date_in_words(step.until)}."
    return ""
