"""An answer as the rules of appeals see it: whether it is the last, returned, in time; and how its question reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from course.cases import conduct
from course.cases import queries as cases
from course.cases.models import Stage
from course.cases.rules import WHO, Appealed, AppealFacts, CaseFacts
from course.cases.rules import State as AppealState
from course.catalogue import queries as catalogue
from course.catalogue.compiled import Accreditation, CompiledUnit, Question
from course.enrolment.models import Enrolment
from course.workbook import queries
from course.workbook.models import Answer
from course.workbook.queries import UnitWork
from course.workbook.rules import AnswerFacts, State


@dataclass(frozen=True)
class Appealable:
    """An answer, its question, and whether an appeal about it is open to its learner."""

    answer: AnswerFacts
    unit: CompiledUnit
    question: Question
    appealed: Appealed
    days: tuple[tuple[str, int], ...]
    """Who looks, and within how many working days."""


def of_answer(session: Session, enrolment: Enrolment, answer: AnswerFacts) -> Appealable:
    """A learner's answer that they may want to appeal about."""
    work = queries.unit_work(session, enrolment, answer.unit)
    question = work.question(answer.question)
    clocks = work.policy.appeals
    days = (
        (WHO[Stage.ASSESSOR], clocks.assessor), (WHO[Stage.IQA], clocks.iqa),
        (WHO[Stage.INDEPENDENT], clocks.independent),
    )  # fmt: skip
    return Appealable(answer, work.unit, question, appealed(session, work, answer), days)


def appealed(session: Session, work: UnitWork, answer: AnswerFacts) -> Appealed:
    """The facts that the rule asks for."""
    latest = work.latest(answer.question)
    by: date | None = None
    if answer.returned_at is not None:
        by = cases.appeal_by(session, work.enrolment.centre_id, answer.returned_at, work.policy.appeals)
    return Appealed(
        learner=work.enrolment.person_id, is_latest=latest is not None and latest.id == answer.id,
        is_returned=answer.is_returned,
        has_not_yet=any(not one.is_achieved for one in answer.returned.values()),
        is_reopened=answer.is_unsettled, is_held=work.state(answer.question) == State.ON_HOLD,
        answered=_answered(session, answer), is_enrolled=work.enrolment.withdrawn_at is None, appeal_by=by,
        today=cases.today_at(session, work.enrolment.centre_id),
    )  # fmt: skip


def _answered(session: Session, answer: AnswerFacts) -> AppealState | None:
    """How an appeal about these very decisions ended, when it was answered: new decisions may be appealed anew."""
    for one in reversed(cases.of_answer(session, answer.id)):
        is_since = answer.returned_at is not None and bool(one.found) and one.found[-1].at > answer.returned_at
        if is_since and one.state in {AppealState.ANSWERED, AppealState.CLOSED}:
            return one.state
    return None


def is_latest(session: Session, facts: AppealFacts) -> bool:
    """Whether the answer of an appeal is still the last one to its question."""
    enrolment = session.get_one(Enrolment, facts.enrolment_id)
    latest = queries.unit_work(session, enrolment, facts.unit).latest(facts.question)
    return latest is not None and latest.id == facts.answer_id


@dataclass(frozen=True)
class Place:
    """Where an appeal's question stands."""

    qualification: str
    unit: CompiledUnit
    question: Question


def question_of(session: Session, facts: AppealFacts) -> Place:
    """The question that an appeal is about, as it was worded for this learner."""
    answer = session.get_one(Answer, facts.answer_id)
    unit = catalogue.unit(session, answer.unit_version_id)
    return Place(answer.qualification, unit, unit.question(facts.question))


def stages(facts: AppealFacts) -> list[tuple[str, str]]:
    """Each stage in order: who looks, and in a few words how far it has come."""
    found = {one.stage: one.outcome.value.replace("-", " ") for one in facts.found}
    lines = []
    for number, stage in enumerate(Stage, 1):
        if stage in found:
            words = found[stage]
        elif facts.is_open and stage == facts.stage:
            words = "looks now"
        elif number <= len(facts.begun):
            words = "gave no answer"
        else:
            words = "not asked"
        lines.append((WHO[stage], words))
    return lines


def outside(session: Session, qualification: str) -> Accreditation | None:
    """The awarding organisation that looks last, as it is named today; None while there is none."""
    return catalogue.qualification(session, qualification).accreditation


@dataclass(frozen=True)
class LookedAt:
    """An appeal or a case that its learner may want to open now."""

    facts: AppealFacts | CaseFacts
    name: str
    """The question that an appeal is about; empty for a case."""


def looked_at(session: Session, person_id: UUID) -> list[LookedAt]:
    """What is open about a learner's work, and what they may take further; the latest first."""
    appeals = [one for one in cases.of_person(session, person_id) if one.is_open or one.may_go_on]
    asked = [one for one in conduct.of_person(session, person_id) if one.is_open]
    return [
        *(LookedAt(one, question_of(session, one).question.name) for one in appeals),
        *(LookedAt(one, "") for one in asked),
    ]


def before(session: Session, answer_id: UUID) -> list[AppealFacts]:
    """The appeals that a learner has made about an answer, the latest first."""
    return cases.of_answer(session, answer_id)[::-1]
