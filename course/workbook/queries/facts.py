"""Facts about answers, for the learner's side and the marking side alike: one query, whatever is asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course.cases.rules import Hold
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, Question
from course.people.models import Person
from course.sealing import Box, Sealed
from course.workbook import rules
from course.workbook.models import Answer, Decision, FurtherAttempt, Lease, Return, ReturnedDecision, TakeBack
from course.workbook.reopening import is_reopened
from course.workbook.rules import AnswerFacts, DecisionFact, LeaseFact

ANSWER, LEASE, DECISION, TAKE_BACK = Answer.__table__, Lease.__table__, Decision.__table__, TakeBack.__table__
RETURN, RETURNED, PERSON = Return.__table__, ReturnedDecision.__table__, Person.__table__
WORDS, SAID = Sealed.__table__.alias("words"), Sealed.__table__.alias("said")

_ANSWER = tuple(ANSWER.c[name] for name in (
    "id", "hand_in_id", "enrolment_id", "centre_id", "cohort_id", "qualification", "unit", "question", "kind",
    "unit_version_id", "words_id", "number", "at",
))  # fmt: skip
_LEASE = tuple(LEASE.c[name] for name in ("person_id", "appointment_id", "taken_at", "until", "ended_at"))
_DECISION = (
    *(DECISION.c[name] for name in (
        "id", "criterion", "number", "outcome", "decided_by", "at", "points", "feedback_id", "guidance")),
    RETURN.c.at,
)  # fmt: skip
_COLUMNS = (*_ANSWER, TAKE_BACK.c.id, is_reopened(), *_LEASE, *_DECISION)
_TAKEN_BACK = len(_ANSWER)
_REOPENED = _TAKEN_BACK + 1
_LEASED, _DECIDED, _OPENED = _REOPENED + 1, _REOPENED + 1 + len(_LEASE), len(_COLUMNS)


def box_columns(table: Any) -> tuple[Any, ...]:
    """The columns of a `sealing.Box`, in its order."""
    return tuple(table.c[name] for name in Box._fields)


def _query(*more: Any) -> Select[Any]:
    """A row for each decision of each answer, and one for an answer without any; answers oldest first."""
    # Labelled by their place: many tables have an `id`.
    return (
        select(*(column.label(f"c{at}") for at, column in enumerate((*_COLUMNS, *more))))
        .select_from(ANSWER)
        .outerjoin(TAKE_BACK, TAKE_BACK.c.answer_id == ANSWER.c.id)
        .outerjoin(LEASE, LEASE.c.answer_id == ANSWER.c.id)
        .outerjoin(DECISION, DECISION.c.answer_id == ANSWER.c.id)
        .outerjoin(RETURNED, RETURNED.c.decision_id == DECISION.c.id)
        .outerjoin(RETURN, RETURN.c.id == RETURNED.c.return_id)
        .order_by(ANSWER.c.at, ANSWER.c.id, DECISION.c.at, DECISION.c.number)
    )


_FACTS = _query()
_OF_QUESTIONS = (
    ANSWER.c.enrolment_id == bindparam("enrolment_id"),
    ANSWER.c.unit == bindparam("unit"),
    ANSWER.c.question.in_(bindparam("questions", expanding=True)),
)
_OF_SOME_QUESTIONS = _FACTS.where(*_OF_QUESTIONS)
_WITH_WORDS = (
    _query(*box_columns(WORDS), *box_columns(SAID), PERSON.c.known_as)
    .join(WORDS, WORDS.c.id == ANSWER.c.words_id)
    .outerjoin(SAID, SAID.c.id == DECISION.c.feedback_id)
    .outerjoin(PERSON, PERSON.c.id == DECISION.c.decided_by)
    .where(*_OF_QUESTIONS)
)


def criteria_of(question: Question) -> tuple[str, ...]:
    """Every criterion that an answer is judged on, as decisions name it: "2.2", or "U2:2.1" of another unit."""
    return (*question.criteria, *(f"{unit}:{number}" for unit, number in question.further))


def root_of(unit: CompiledUnit, key: str) -> str:
    """The question that a group of alternatives hangs from: they share their attempts."""
    return unit.question(key).instead_of or key


def is_held(unit: CompiledUnit, key: str, holds: Iterable[Hold]) -> bool:
    """Whether something is open about a question, or about one that it stands instead of."""
    return any(hold.question is None or root_of(unit, hold.question) == root_of(unit, key) for hold in holds)


def answer_facts(session: Session, answer_id: UUID) -> AnswerFacts:
    """Everything about one answer but its words. Raises NotFound."""
    return answers_facts(session, [answer_id])[answer_id]


def answers_facts(session: Session, answer_ids: Sequence[UUID]) -> dict[UUID, AnswerFacts]:
    """The same for many answers, in two queries. Raises NotFound when one does not exist."""
    wanted = session.execute(select(Answer.enrolment_id, Answer.unit).where(Answer.id.in_(answer_ids)).distinct()).all()
    of_these = and_(
        Answer.enrolment_id.in_({row.enrolment_id for row in wanted}), Answer.unit.in_({row.unit for row in wanted})
    )
    found = {facts.id: facts for facts in facts_where(session, of_these)}
    if not set(answer_ids) <= found.keys():
        raise NotFound
    return {answer_id: found[answer_id] for answer_id in answer_ids}


def facts_where(session: Session, condition: ColumnElement[bool]) -> list[AnswerFacts]:
    """Facts of all answers that match, oldest first. The condition must take in whole units of an enrolment."""
    return _facts(session, session.execute(_FACTS.where(condition)).all())


@dataclass(frozen=True)
class Opened:
    """Answers together with what a page shows of them: their boxes, and the first names of who decided."""

    facts: list[AnswerFacts] = field(default_factory=list)
    boxes: dict[UUID, Box] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)


def facts_of_questions(session: Session, enrolment_id: UUID, unit: str, questions: Collection[str]) -> Opened:
    """One learner's answers to some questions. The questions must be whole groups of alternatives."""
    wanted = {"enrolment_id": enrolment_id, "unit": unit, "questions": list(questions)}
    return Opened(_facts(session, session.connection().execute(_OF_SOME_QUESTIONS, wanted).all()))


def facts_with_words(session: Session, enrolment_id: UUID, unit: str, questions: Collection[str]) -> Opened:
    """The same with what a page shows of them."""
    wanted = {"enrolment_id": enrolment_id, "unit": unit, "questions": list(questions)}
    rows = session.connection().execute(_WITH_WORDS, wanted).all()
    size, boxes, names = len(Box._fields), {}, {}
    for row in rows:
        for box in (Box(*row[_OPENED : _OPENED + size]), Box(*row[_OPENED + size : _OPENED + 2 * size])):
            boxes[box.id] = box
        if row[-1] is not None:
            names[row[_DECIDED + 4]] = row[-1]
    return Opened(_facts(session, rows), boxes, names)


def _facts(session: Session, rows: Sequence[Any]) -> list[AnswerFacts]:
    """Facts from rows; each answer with its attempt and what earlier attempts have achieved."""
    units = catalogue.units(session, {row[9] for row in rows})
    before: dict[tuple[UUID, str], list[AnswerFacts]] = defaultdict(list)
    found = []
    for _, of_answer in groupby(rows, key=itemgetter(0)):
        decisions = list(of_answer)
        row, unit = decisions[0], units[decisions[0][9]]
        earlier = before[row[2], root_of(unit, row[7])]
        is_taken_back = row[_TAKEN_BACK] is not None
        facts = _answer(row, decisions, criteria_of(unit.question(row[7])), earlier, is_taken_back)
        if not is_taken_back:
            earlier.append(facts)
        found.append(facts)
    return found


def _answer(
    row: Any, decisions: list[Any], criteria: tuple[str, ...], earlier: list[AnswerFacts], is_taken_back: bool
) -> AnswerFacts:
    done = (
        frozenset(criterion for criterion in criteria if rules.passed(criterion, earlier)) if earlier else frozenset()
    )
    lease = LeaseFact(*row[_LEASED:_DECIDED]) if row[_LEASED] else None
    decided = tuple(DecisionFact(*one[_DECIDED:_OPENED]) for one in decisions if one[_DECIDED])
    attempt = 0 if is_taken_back else len(earlier) + 1
    values: tuple[Any, ...] = (*row[:_TAKEN_BACK], criteria, is_taken_back, lease, decided, attempt, done,
                               bool(row[_REOPENED]))  # fmt: skip
    return AnswerFacts(*values)


def by_root(unit: CompiledUnit, further: Mapping[str, int]) -> dict[str, int]:
    """Attempts authorised beyond the policy, added up over the questions that share them."""
    found: dict[str, int] = defaultdict(int)
    for question in unit.questions:
        found[root_of(unit, question.key)] += further.get(question.key, 0)
    return found


def further_attempts(session: Session, enrolment_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """How many attempts were authorised beyond the policy, by enrolment and question."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = session.execute(
        select(FurtherAttempt.enrolment_id, FurtherAttempt.question, func.count())
        .where(FurtherAttempt.enrolment_id.in_(list(enrolment_ids)))
        .group_by(FurtherAttempt.enrolment_id, FurtherAttempt.question)
    )
    for enrolment_id, question, count in rows:
        found[enrolment_id][question] = count
    return found
