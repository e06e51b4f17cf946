"""The sample of a visit: what was shown and why, what was asked for, and the answers in it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.external.models import RequestedUnit, RequestRefusal, SampleRequest, Showing, ShownUnit, Visit
from assessors.external.queries.visits import UnitLine, units_with_work
from assessors.external.rules import LearnersUnit
from course.catalogue import queries as catalogue
from course.workbook import queries as work
from course.workbook.models import Answer
from course.workbook.rules import AnswerFacts


def shown_units(session: Session, visit_id: UUID) -> list[LearnersUnit]:
    """The units of learners in the sample, in the order in which they were shown."""
    rows = session.execute(
        select(ShownUnit.enrolment_id, ShownUnit.unit)
        .join(Showing, Showing.id == ShownUnit.showing_id)
        .where(Showing.visit_id == visit_id)
        .order_by(ShownUnit.id)
    )
    return list(dict.fromkeys(LearnersUnit(*row) for row in rows))


def sampled_answers(session: Session, visit_id: UUID) -> list[AnswerFacts]:
    """The returned answers of the sample, unit by unit: what the external quality assurer may read."""
    units = shown_units(session, visit_id)
    if not units:
        return []
    inside = exists().where(
        Showing.visit_id == visit_id, ShownUnit.showing_id == Showing.id,
        ShownUnit.enrolment_id == Answer.enrolment_id, ShownUnit.unit == Answer.unit,
    )  # fmt: skip
    order = {one: at for at, one in enumerate(units)}
    facts = [one for one in work.facts_where(session, inside) if one.is_returned and not one.is_taken_back]
    return sorted(facts, key=lambda one: (order[LearnersUnit(one.enrolment_id, one.unit)], one.at))


def sampled_answer(session: Session, visit_id: UUID, answer_id: UUID) -> AnswerFacts:
    """One returned answer of the sample. Raises NotFound."""
    answer = session.get(Answer, answer_id)
    if answer is None or LearnersUnit(answer.enrolment_id, answer.unit) not in shown_units(session, visit_id):
        raise NotFound
    facts = work.answer_facts(session, answer_id)
    if not facts.is_returned or facts.is_taken_back:
        raise NotFound
    return facts


@dataclass(frozen=True)
class AnswerLine:
    """An answer of the sample in a list."""

    facts: AnswerFacts
    question: str
    is_achieved: bool


def listed(session: Session, visit: Visit) -> dict[LearnersUnit, list[AnswerLine]]:
    """The answers of the sample, unit by unit, without their words."""
    found: dict[LearnersUnit, list[AnswerLine]] = {}
    for facts in sampled_answers(session, visit.id):
        question = catalogue.unit(session, facts.unit_version_id).question(facts.question)
        achieved = all(one.is_achieved for one in facts.returned.values())
        key = LearnersUnit(facts.enrolment_id, facts.unit)
        found.setdefault(key, []).append(AnswerLine(facts, question.name, achieved))
    return found


@dataclass(frozen=True)
class Asked:
    """A request of the external quality assurer and what became of it."""

    request: SampleRequest
    units: tuple[LearnersUnit, ...]
    showing: Showing | None
    refusal: RequestRefusal | None

    @property
    def is_answered(self) -> bool:
        """Whether the centre has granted or refused it."""
        return self.showing is not None or self.refusal is not None


def requests_of(session: Session, visit_id: UUID) -> list[Asked]:
    """The requests of a visit, oldest first."""
    rows = session.execute(
        select(SampleRequest, Showing, RequestRefusal)
        .outerjoin(Showing, Showing.request_id == SampleRequest.id)
        .outerjoin(RequestRefusal, RequestRefusal.request_id == SampleRequest.id)
        .where(SampleRequest.visit_id == visit_id)
        .order_by(SampleRequest.at)
    ).all()
    units: dict[UUID, list[LearnersUnit]] = {row[0].id: [] for row in rows}
    for unit in session.scalars(select(RequestedUnit).where(RequestedUnit.request_id.in_(units))):
        units[unit.request_id].append(LearnersUnit(unit.enrolment_id, unit.unit))
    return [Asked(row[0], tuple(units[row[0].id]), row[1], row[2]) for row in rows]


def to_ask_for(session: Session, visit: Visit) -> list[UnitLine]:
    """What the external quality assurer may still ask for: not in the sample, and not in a request under way."""
    taken = set(shown_units(session, visit.id))
    for asked in requests_of(session, visit.id):
        taken |= set() if asked.is_answered else set(asked.units)
    return [one for one in units_with_work(session, visit) if one.key not in taken]


def request_of(session: Session, visit: Visit, request_id: UUID) -> Asked:
    """One request of a visit. Raises NotFound."""
    for asked in requests_of(session, visit.id):
        if asked.request.id == request_id:
            return asked
    raise NotFound


def showings_of(session: Session, visit_id: UUID) -> list[Showing]:
    """Each time something was shown, with the reason, oldest first."""
    return list(session.scalars(select(Showing).where(Showing.visit_id == visit_id).order_by(Showing.at)))
