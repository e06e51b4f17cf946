"""Answers that are judged by two people, always for somebody: who has no part in one does not see it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session, aliased, joinedload
from werkzeug.exceptions import NotFound

from assessors.quality import queries as quality
from assessors.quality.second.models import SecondJudging, SecondMarking, SecondMarkingEnd, SecondOutcome, SecondView
from assessors.quality.second.rules import Both, Pair, Side, Stage
from course import paging
from course.access import HeldAppointment
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, Enrolment, Pin, PolicyVersion
from course.paging import Paged
from course.records import queries as records
from course.records.queries import AchievedUnit
from course.workbook import queries as work
from course.workbook.models import Answer, Decision
from course.workbook.rules import AnswerFacts, DecisionFact

LATEST = 100
"""How many second markings a page of a list shows."""


@dataclass(frozen=True)
class Twice:
    """One answer judged, or to be judged, by a second person; without words, but with the boxes that hold them."""

    row: SecondMarking
    answer: AnswerFacts
    cohort: Cohort
    learner: UUID
    judging: SecondJudging | None = None
    outcomes: dict[str, str] = field(default_factory=dict)
    views: tuple[SecondView, ...] = ()
    end: SecondMarkingEnd | None = None

    @property
    def first(self) -> dict[str, DecisionFact]:
        """The decisions that the second judgement is held against: those that counted when it was saved."""
        until: datetime | None = self.judging.at if self.judging else None
        before = [one for one in self.answer.decisions if until is None or one.at <= until]
        return {one.criterion: one for one in sorted(before, key=lambda one: one.number)}

    @property
    def pair(self) -> Pair:
        """As the rules see it."""
        both = {}
        for criterion, outcome in self.outcomes.items():
            decision = self.first.get(criterion)
            if decision is not None:
                said = {Side(view.side): view.outcome for view in self.views if view.criterion == criterion}
                both[criterion] = Both(
                    said.get(Side.FIRST, decision.outcome), said.get(Side.SECOND, outcome), decision.decided_by,
                    said.get(Side.LEAD, ""),
                )  # fmt: skip
        return Pair(
            learner=self.learner, second=self.row.assessor_id,
            deciders=frozenset(one.decided_by for one in self.answer.decisions), is_judged=self.judging is not None,
            is_called_off=self.end is not None, both=both,
            decided=self._since_first(),
        )  # fmt: skip

    def _since_first(self) -> dict[str, set[str]]:
        first, found = self.first, dict[str, set[str]]()
        for one in self.answer.decisions:
            if one.criterion in first and one.number >= first[one.criterion].number:
                found.setdefault(one.criterion, set()).add(one.outcome)
        return found

    def has_part(self, person_id: UUID) -> bool:
        """Whether somebody is one of the two."""
        return person_id == self.row.assessor_id or person_id in {one.decided_by for one in self.first.values()}


def _twice(session: Session, rows: Collection[SecondMarking]) -> list[Twice]:
    """These second markings in full, in a constant number of queries."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    answers = work.answers_facts(session, [row.answer_id for row in rows])
    cohorts = {
        one.id: one
        for one in session.scalars(select(Cohort).where(Cohort.id.in_({one.cohort_id for one in answers.values()})))
    }
    enrolled = {one.enrolment_id for one in answers.values()}
    learners = {
        one.id: one.person_id
        for one in session.execute(select(Enrolment.id, Enrolment.person_id).where(Enrolment.id.in_(enrolled)))
    }
    judgings = {
        one.second_marking_id: one
        for one in session.scalars(
            select(SecondJudging)
            .options(joinedload(SecondJudging.words))
            .where(SecondJudging.second_marking_id.in_(ids))
        )
    }
    outcomes: dict[UUID, dict[str, str]] = {}
    of = [one.id for one in judgings.values()]
    for outcome in session.scalars(select(SecondOutcome).where(SecondOutcome.judging_id.in_(of))):
        outcomes.setdefault(outcome.judging_id, {})[outcome.criterion] = outcome.outcome
    views: dict[UUID, list[SecondView]] = {}
    for view in session.scalars(
        select(SecondView)
        .options(joinedload(SecondView.reason))
        .where(SecondView.second_marking_id.in_(ids))
        .order_by(SecondView.at, SecondView.id)
    ):
        views.setdefault(view.second_marking_id, []).append(view)
    ends = {
        one.second_marking_id: one
        for one in session.scalars(select(SecondMarkingEnd).where(SecondMarkingEnd.second_marking_id.in_(ids)))
    }
    found = []
    for row in rows:
        answer, judging = answers[row.answer_id], judgings.get(row.id)
        said = outcomes.get(judging.id, {}) if judging else {}
        in_order = {one: said[one] for one in answer.criteria if one in said}
        found.append(
            Twice(
                row, answer, cohorts[answer.cohort_id], learners[answer.enrolment_id], judging, in_order,
                tuple(views.get(row.id, ())), ends.get(row.id),
            )
        )  # fmt: skip
    return found


def of_answer(session: Session, answer_id: UUID) -> list[Twice]:
    """The second markings of one answer that were not called off."""
    rows = session.scalars(select(SecondMarking).where(SecondMarking.answer_id == answer_id)).all()
    return [one for one in _twice(session, rows) if one.end is None]


def one_for(
    session: Session, second_marking_id: UUID, person_id: UUID, assuring: Collection[HeldAppointment],
    assessing: Collection[HeldAppointment],
) -> Twice:  # fmt: skip
    """A second marking in which somebody has a part, or whose cohort they assure. Raises NotFound."""
    row = session.get(SecondMarking, second_marking_id)
    if row is None:
        raise NotFound
    (found,) = _twice(session, [row])
    unit = found.answer.unit
    is_mine = found.has_part(person_id) and quality.covers(assessing, found.cohort, unit)
    if not is_mine and not quality.covers(assuring, found.cohort, unit):
        raise NotFound
    return found


def of_assessor(
    session: Session, person_id: UUID, held: Collection[HeldAppointment], after: UUID | None = None
) -> Paged[Twice]:
    """The second markings that an assessor was asked for here, or that are about their decisions and are judged.

    Newest first, one page.
    """
    centres = {one.centre_id for one in held}
    here = _page(session, after, Answer.centre_id.in_(centres), _has_part(person_id))
    found = [
        one
        for one in _twice(session, here.lines)
        if quality.covers(held, one.cohort, one.answer.unit) and (one.row.assessor_id == person_id or one.judging)
    ]
    return Paged(found, here.after)


def _page(session: Session, after: UUID | None, *where: ColumnElement[bool]) -> Paged[SecondMarking]:
    query = select(SecondMarking).join(Answer, Answer.id == SecondMarking.answer_id).where(*where)
    rows = session.scalars(paging.newest_first(query, SecondMarking, after, LATEST)).all()
    return paging.cut(rows, LATEST, lambda one: one.id)


def _has_part(person_id: UUID) -> ColumnElement[bool]:
    decided = exists().where(Decision.answer_id == SecondMarking.answer_id, Decision.decided_by == person_id)
    return or_(SecondMarking.assessor_id == person_id, decided)


def at_cohorts(session: Session, held: Collection[HeldAppointment], after: UUID | None = None) -> Paged[Twice]:
    """Second markings in the scope of these appointments, newest first, one page."""
    cohorts = {one.id for one in records.cohorts_of(session, held)}
    here = _page(session, after, Answer.cohort_id.in_(cohorts))
    found = [one for one in _twice(session, here.lines) if quality.covers(held, one.cohort, one.answer.unit)]
    return Paged(found, here.after)


def judged_twice(session: Session, cohort_ids: Collection[UUID]) -> Iterator[Twice]:
    """Everything in these cohorts that a second person has judged, oldest first, read part by part."""
    ids = session.scalars(
        select(SecondMarking.id)
        .join(SecondJudging, SecondJudging.second_marking_id == SecondMarking.id)
        .join(Answer, Answer.id == SecondMarking.answer_id)
        .where(Answer.cohort_id.in_(cohort_ids))
        .order_by(SecondMarking.at, SecondMarking.id)
    ).all()
    for at in range(0, len(ids), LATEST):
        part = select(SecondMarking).where(SecondMarking.id.in_(ids[at : at + LATEST])).order_by(SecondMarking.id)
        yield from _twice(session, session.scalars(part).all())


def hides_names(session: Session, answer: AnswerFacts) -> bool:
    """Whether the policy under which an answer was handed in keeps the learner's name from the second assessor."""
    row = session.scalar(
        select(PolicyVersion)
        .join(Pin, Pin.policy_version_id == PolicyVersion.id)
        .where(Pin.enrolment_id == answer.enrolment_id, Pin.unit == answer.unit)
    )
    return row is None or enrolments.compiled(row).second_marking.names == "hidden"


# -- what other pages ask ----------------------------------------------------------------------------------------------


def is_asked_blind(person_id: UUID) -> ColumnElement[bool]:
    """The condition on answers that somebody has still to judge one to the question, by the learner, blind."""
    other = aliased(Answer)
    return (
        exists()
        .where(
            SecondMarking.assessor_id == person_id,
            SecondMarking.answer_id == other.id,
            other.enrolment_id == Answer.enrolment_id,
            other.question == Answer.question,
            ~exists().where(SecondJudging.second_marking_id == SecondMarking.id).correlate(SecondMarking),
            ~exists().where(SecondMarkingEnd.second_marking_id == SecondMarking.id).correlate(SecondMarking),
        )
        .correlate(Answer)
    )


def agreed(session: Session, answer_id: UUID) -> dict[str, str]:
    """By criterion, what two people came to and nobody has decided yet; empty words while there is no one outcome."""
    found: dict[str, str] = {}
    for one in of_answer(session, answer_id):
        pair = one.pair
        if not pair.is_judged:
            found |= dict.fromkeys(one.answer.open_criteria, "")
        found |= {key: both.agreed for key, both in pair.both.items() if not both.agreed or key in pair.to_decide_again}
    return found


def unsettled_in(session: Session, units: Collection[AchievedUnit]) -> list[Twice]:
    """The second markings of work in these units of these learners of which something is still to come."""
    inside = or_(false(), *(and_(Answer.enrolment_id == one.enrolment_id, Answer.unit == one.unit) for one in units))
    rows = session.scalars(select(SecondMarking).join(Answer, Answer.id == SecondMarking.answer_id).where(inside)).all()
    return [one for one in _twice(session, rows) if one.pair.stage not in (Stage.SETTLED, Stage.CALLED_OFF)]


def has_judged(person: Any, answers: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that somebody (an id or a column) judged one of these answers a second time: they have assessed."""
    return exists().where(
        SecondJudging.judged_by == person,
        SecondMarking.id == SecondJudging.second_marking_id,
        Answer.id == SecondMarking.answer_id,
        answers,
    )
