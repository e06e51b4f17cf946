"""Reads about appeals: facts for the rules, words opened, and by when somebody hears, in the centre's working days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course import clock, sealing, working_days
from course.cases.models import (
    Appeal,
    AppealOutcome,
    AppealReply,
    AppealSending,
    AppealStep,
    AppealWithdrawal,
    Outcome,
    Stage,
)
from course.cases.rules import AppealFacts, Found, State
from course.enrolment import queries as enrolments
from course.enrolment.models import Enrolment, Pin
from course.enrolment.policy import Appeals
from course.people.models import Centre
from course.sealing import CannotOpen, Sealed

ERASED = "These words were erased."


def facts_where(session: Session, *conditions: ColumnElement[bool]) -> list[AppealFacts]:
    """Appeals that match, oldest first, in a constant number of queries (and one a policy version, once)."""
    rows = session.execute(
        select(Appeal, Enrolment.person_id, Centre, Pin.policy_version_id, AppealWithdrawal.at, AppealSending)
        .join(Enrolment, Enrolment.id == Appeal.enrolment_id)
        .join(Centre, Centre.id == Enrolment.centre_id)
        .join(Pin, and_(Pin.enrolment_id == Appeal.enrolment_id, Pin.unit == Appeal.unit))
        .outerjoin(AppealWithdrawal, AppealWithdrawal.appeal_id == Appeal.id)
        .outerjoin(AppealSending, AppealSending.appeal_id == Appeal.id)
        .where(*conditions)
        .order_by(Appeal.at, Appeal.id)
    ).all()
    ids = [row[0].id for row in rows]
    begun = _steps(session, ids)
    found = _outcomes(session, ids)
    return [_facts(session, row, begun[row[0].id], found[row[0].id]) for row in rows]


def _steps(session: Session, ids: list[UUID]) -> dict[UUID, list[datetime]]:
    found: dict[UUID, list[datetime]] = defaultdict(list)
    if ids:
        for row in session.execute(
            select(AppealStep.appeal_id, AppealStep.at).where(AppealStep.appeal_id.in_(ids)).order_by(AppealStep.number)
        ):
            found[row.appeal_id].append(row.at)
    return found


def _outcomes(session: Session, ids: list[UUID]) -> dict[UUID, list[Found]]:
    found: dict[UUID, list[Found]] = defaultdict(list)
    if ids:
        query = select(AppealOutcome).where(AppealOutcome.appeal_id.in_(ids)).order_by(AppealOutcome.number)
        for row in session.scalars(query):
            found[row.appeal_id].append(
                Found(row.number, Stage(row.stage), Outcome(row.outcome), row.decided_by, row.at, row.reason_id)
            )
    return found


def _facts(session: Session, row: Any, steps: list[datetime], found: list[Found]) -> AppealFacts:
    appeal, learner, centre, policy_version_id, withdrawn_at, sending = row
    clocks = enrolments.policy(session, policy_version_id).appeals
    facts = AppealFacts(
        appeal.id, appeal.answer_id, appeal.enrolment_id, appeal.cohort_id, appeal.unit, appeal.question, learner,
        (appeal.at, *steps), tuple(found), sending.sent_on if sending else None,
        sending.reference if sending else "", withdrawn_at, today=working_days.day_of(clock.now(), centre.time_zone),
    )  # fmt: skip
    return replace(facts, due_on=_due(facts, clocks, centre), go_on_by=_go_on_by(facts, clocks, centre))


def _after(centre: Centre, moment: datetime, count: int) -> date:
    return working_days.after(working_days.day_of(moment, centre.time_zone), count, centre.nation)


def _due(facts: AppealFacts, clocks: Appeals, centre: Centre) -> date | None:
    if not facts.is_open or facts.sent_on is not None:
        return None  # how long the awarding organisation takes is its own affair
    days = {
        Stage.ASSESSOR: clocks.assessor, Stage.IQA: clocks.iqa, Stage.INDEPENDENT: clocks.independent,
        Stage.AWARDING_ORGANISATION: clocks.send,
    }  # fmt: skip
    return _after(centre, facts.begun[-1], days[facts.stage])


def _go_on_by(facts: AppealFacts, clocks: Appeals, centre: Centre) -> date | None:
    return _after(centre, facts.found[-1].at, clocks.onward) if facts.found else None


def appeal_by(session: Session, centre_id: UUID, returned_at: datetime, clocks: Appeals) -> date:
    """The last day on which a learner may appeal about an answer that was returned."""
    return _after(session.get_one(Centre, centre_id), returned_at, clocks.within)


def today_at(session: Session, centre_id: UUID) -> date:
    """The day that it is at a centre."""
    return working_days.day_of(clock.now(), session.get_one(Centre, centre_id).time_zone)


def appeal(session: Session, appeal_id: UUID, *, lock: bool = False) -> AppealFacts:
    """One appeal, for a caller that checks whose it is. Raises NotFound. `lock`: one step at a time on it."""
    if lock:
        session.scalars(select(Appeal.id).where(Appeal.id == appeal_id).with_for_update()).all()
    found = facts_where(session, Appeal.id == appeal_id)
    if not found:
        raise NotFound
    return found[0]


def own_appeal(session: Session, appeal_id: UUID, person_id: UUID, *, lock: bool = False) -> AppealFacts:
    """A learner's own appeal. Raises NotFound."""
    found = appeal(session, appeal_id, lock=lock)
    if found.learner != person_id:
        raise NotFound
    return found


def of_person(session: Session, person_id: UUID) -> list[AppealFacts]:
    """A learner's appeals, the latest first."""
    return facts_where(session, Enrolment.person_id == person_id)[::-1]


def of_answer(session: Session, answer_id: UUID) -> list[AppealFacts]:
    """The appeals about one answer, oldest first."""
    return facts_where(session, Appeal.answer_id == answer_id)


def upheld_at(session: Session, answer_id: UUID) -> datetime | None:
    """When an appeal about an answer was upheld: whoever had decided it before does not decide it again."""
    query = (
        select(AppealOutcome.at)
        .join(Appeal, Appeal.id == AppealOutcome.appeal_id)
        .where(Appeal.answer_id == answer_id, AppealOutcome.outcome == Outcome.UPHELD)
        .order_by(AppealOutcome.at.desc())
        .limit(1)
    )
    return session.scalar(query)


# -- words -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """One thing that was said in an appeal, in the order of time."""

    by: UUID | None
    """None: the learner."""
    words: str
    at: datetime
    stage: Stage | None = None
    outcome: Outcome | None = None


def said_in(session: Session, facts: AppealFacts) -> list[Said]:
    """Everything said in one appeal, oldest first, opened."""
    first = session.get_one(Appeal, facts.id)
    steps = session.scalars(select(AppealStep).where(AppealStep.appeal_id == facts.id)).all()
    replies = session.scalars(select(AppealReply).where(AppealReply.appeal_id == facts.id)).all()
    words = [(first.words_id, first.at)]
    words += [(one.words_id, one.at) for one in steps] + [(one.words_id, one.at) for one in replies]
    boxes = opened(session, [box for box, _ in words] + [one.reason_id for one in facts.found])
    said = [Said(None, boxes[box], at) for box, at in words]
    said += [Said(one.decided_by, boxes[one.reason_id], one.at, one.stage, one.outcome) for one in facts.found]
    return sorted(said, key=lambda one: one.at)


def opened(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The words in boxes, by id; what was erased says so."""
    wanted = set(ids)
    rows = {row.id: row for row in session.scalars(select(Sealed).where(Sealed.id.in_(wanted)))}
    return {one: _read(session, rows.get(one)) for one in wanted}


def _read(session: Session, box: Sealed | None) -> str:
    try:
        return sealing.read(session, box) if box is not None else ERASED
    except CannotOpen:
        return ERASED


def is_ended(facts: AppealFacts) -> bool:
    """Whether nothing more can happen to it."""
    return facts.state not in {State.OPEN, State.ANSWERED}
