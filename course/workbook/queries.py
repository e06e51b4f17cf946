"""Reads about answers, always for somebody: what is not theirs does not exist (404)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import NotFound

from course import clock
from course.cases import holds
from course.cases.rules import Hold
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, Question
from course.enrolment import queries as enrolments
from course.enrolment.models import Enrolment, Induction, Pin, Study
from course.enrolment.policy import CompiledPolicy
from course.people.models import Person
from course.sealing import Sealed
from course.witnesses import queries as witnesses
from course.witnesses import rules as witness_rules
from course.workbook import rules
from course.workbook.models import (
    AccessEntry,
    Answer,
    Decision,
    Departure,
    Draft,
    EarlierDraft,
    FurtherAttempt,
    HandIn,
    Lease,
    Return,
    ReturnedDecision,
    StoredFile,
    TakeBack,
)
from course.workbook.reopening import is_reopened
from course.workbook.rules import AnswerFacts, DecisionFact, LeaseFact, State, Work

# -- facts about answers, for the learner's side and the marking side alike --------------------------------------------


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
    """The same for many answers, in three queries. Raises NotFound when one does not exist."""
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
    rows = session.execute(
        select(
            Answer.id, Answer.hand_in_id, Answer.enrolment_id, Answer.centre_id, Answer.cohort_id, Answer.qualification,
            Answer.unit, Answer.question, Answer.kind, Answer.unit_version_id, Answer.words_id, Answer.number,
            Answer.at, TakeBack.id.label("take_back_id"), Lease.person_id, Lease.appointment_id, Lease.taken_at,
            Lease.until, Lease.ended_at, is_reopened().label("is_reopened"),
        )
        .outerjoin(TakeBack, TakeBack.answer_id == Answer.id)
        .outerjoin(Lease, Lease.answer_id == Answer.id)
        .where(condition)
        .order_by(Answer.at, Answer.id)
    ).all()  # fmt: skip
    decisions = _decisions(session, condition) if rows else {}
    units = {version_id: catalogue.unit(session, version_id) for version_id in {row.unit_version_id for row in rows}}
    return _counted([_facts(row, units, decisions) for row in rows], units)


def _decisions(session: Session, condition: ColumnElement[bool]) -> dict[UUID, tuple[DecisionFact, ...]]:
    found: dict[UUID, list[DecisionFact]] = defaultdict(list)
    rows = session.execute(
        select(
            Decision.id, Decision.answer_id, Decision.criterion, Decision.number, Decision.outcome, Decision.decided_by,
            Decision.at, Decision.points, Decision.feedback_id, Decision.guidance, Return.at.label("returned_at"),
        )
        .join(Answer, Answer.id == Decision.answer_id)
        .outerjoin(ReturnedDecision, ReturnedDecision.decision_id == Decision.id)
        .outerjoin(Return, Return.id == ReturnedDecision.return_id)
        .where(condition)
        .order_by(Decision.at, Decision.number)
    )  # fmt: skip
    for row in rows:
        found[row.answer_id].append(
            DecisionFact(row.id, row.criterion, row.number, row.outcome, row.decided_by, row.at, row.points,
                         row.feedback_id, row.guidance, row.returned_at)
        )  # fmt: skip
    return {answer_id: tuple(decisions) for answer_id, decisions in found.items()}


def _facts(
    row: Any, units: Mapping[UUID, CompiledUnit], decisions: Mapping[UUID, tuple[DecisionFact, ...]]
) -> AnswerFacts:
    lease = (
        LeaseFact(row.person_id, row.appointment_id, row.taken_at, row.until, row.ended_at) if row.person_id else None
    )
    return AnswerFacts(
        row.id, row.hand_in_id, row.enrolment_id, row.centre_id, row.cohort_id, row.qualification, row.unit,
        row.question, row.kind, row.unit_version_id, row.words_id, row.number, row.at,
        criteria=criteria_of(units[row.unit_version_id].question(row.question)),
        is_taken_back=row.take_back_id is not None,
        lease=lease, decisions=decisions.get(row.id, ()), is_reopened=row.is_reopened,
    )  # fmt: skip


def _counted(answers: list[AnswerFacts], units: Mapping[UUID, CompiledUnit]) -> list[AnswerFacts]:
    """Give each answer its attempt and what earlier attempts have achieved."""
    before: dict[tuple[UUID, str], list[AnswerFacts]] = defaultdict(list)
    counted = []
    for answer in answers:
        earlier = before[answer.enrolment_id, root_of(units[answer.unit_version_id], answer.question)]
        done = frozenset(criterion for criterion in answer.criteria if rules.passed(criterion, earlier))
        attempt = 0 if answer.is_taken_back else len(earlier) + 1
        counted.append(replace(answer, attempt=attempt, passed_before=done))
        if not answer.is_taken_back:
            earlier.append(counted[-1])
    return counted


# -- one learner's unit ------------------------------------------------------------------------------------------------


@dataclass
class UnitWork:
    """One learner's work in one unit, without any words: what the rules and the pages start from."""

    enrolment: Enrolment
    version_id: UUID
    unit: CompiledUnit
    load_policy: Callable[[], CompiledPolicy]
    is_inducted: bool
    is_pinned: bool
    drafts: dict[str, Draft] = field(default_factory=dict)
    answers: dict[str, list[AnswerFacts]] = field(default_factory=dict)
    """By the root of each group of alternatives; taken-back answers are among them."""
    further: dict[str, int] = field(default_factory=dict)
    """Attempts authorised beyond the policy, by root."""
    is_departed: bool = False
    load_witnesses: Callable[[], dict[str, list[witness_rules.RequestFacts]]] = dict
    holds: tuple[Hold, ...] = ()

    @cached_property
    def witnesses(self) -> dict[str, list[witness_rules.RequestFacts]]:
        """Requests for statements, by question. A unit without a witness question never asks."""
        return self.load_witnesses()

    def witness(self, key: str) -> witness_rules.RequestFacts | None:
        """The request for a statement that counts now."""
        if self.question(key).kind != "witness":
            return None
        latest = self.latest(key)
        return witness_rules.standing(self.witnesses.get(key, []), latest.at if latest else None)

    def witness_state(self, key: str) -> witness_rules.State | None:
        """Where that request stands."""
        request = self.witness(key)
        return request.state(clock.now()) if request else None

    @cached_property
    def policy(self) -> CompiledPolicy:
        """The policy of the pin, else the one in force. A first draft is saved without asking for it."""
        return self.load_policy()

    def question(self, key: str) -> Question:
        """A question of this unit. Raises NotFound."""
        try:
            return self.unit.question(key)
        except KeyError:
            raise NotFound from None

    def group(self, key: str) -> list[AnswerFacts]:
        """Answers to the question and to those it stands instead of, oldest first."""
        return self.answers.get(root_of(self.unit, key), [])

    def latest(self, key: str) -> AnswerFacts | None:
        """The last answer of the group that was not taken back."""
        attempts = rules.live(self.group(key))
        return attempts[-1] if attempts else None

    def attempts_left(self, key: str) -> int | None:
        """How many more times it may be handed in; None when there is no limit."""
        return rules.attempts_left(
            self.group(key), self.policy.attempts.limit, self.further.get(root_of(self.unit, key), 0)
        )

    def state(self, key: str) -> State:
        """Where the question stands."""
        if is_held(self.unit, key, self.holds):
            return State.ON_HOLD
        return rules.state_of(self.group(key), has_draft=key in self.drafts, left=self.attempts_left(key))

    def is_safety_critical(self, key: str) -> bool:
        """Whether it shows a criterion about keeping people safe."""
        return any(self.unit.criterion(number).safety_critical for number in self.question(key).criteria)

    def work(self, key: str, missing: str | None = None) -> Work:
        """The facts that the rules ask for."""
        latest = self.latest(key)
        return Work(
            learner=self.enrolment.person_id, state=self.state(key), is_evidence=self.question(key).evidence,
            is_enrolled=self.enrolment.withdrawn_at is None, is_inducted=self.is_inducted,
            attempts_left=self.attempts_left(key), missing=missing, is_here=latest is None or latest.question == key,
            is_reopened=any(one.is_reopened for one in self.group(key)),
            is_with_witness=witness_rules.holds(self.witness_state(key)),
        )  # fmt: skip


def enrolment_of(session: Session, person_id: UUID, enrolment_id: UUID, *, lock: bool = False) -> Enrolment:
    """A learner's own enrolment. Raises NotFound. `lock` lets one of their writes happen at a time."""
    query = select(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.person_id == person_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


def enrolments_of(session: Session, person_id: UUID) -> list[Enrolment]:
    """A learner's enrolments, newest first."""
    return list(
        session.scalars(select(Enrolment).where(Enrolment.person_id == person_id).order_by(Enrolment.id.desc()))
    )


def unit_work(session: Session, enrolment: Enrolment, unit_slug: str) -> UnitWork:
    """One learner's work in one unit, in a constant number of queries. Raises NotFound."""
    found = _beginnings(session, enrolment.id, unit_slug)
    version_id = found.pinned or found.begun or _newest(session, enrolment, unit_slug)
    work = UnitWork(
        enrolment=enrolment,
        version_id=version_id,
        unit=catalogue.unit(session, version_id),
        load_policy=lambda: (
            enrolments.policy(session, found.policy) if found.policy else enrolments.policy_for(session, enrolment)[1]
        ),
        is_inducted=bool(found.inducted),
        is_pinned=found.pinned is not None,
        drafts=drafts_of(session, enrolment.id, unit_slug),
        is_departed=bool(found.departed),
        load_witnesses=lambda: witnesses.of_unit(session, enrolment.id, unit_slug),
        holds=holds.on_unit(session, enrolment.id, unit_slug) if found.has_hold else (),
    )
    for facts in facts_where(session, and_(Answer.enrolment_id == enrolment.id, Answer.unit == unit_slug)):
        work.answers.setdefault(root_of(work.unit, facts.question), []).append(facts)
    if work.answers:
        work.further = by_root(work.unit, further_attempts(session, [enrolment.id]).get(enrolment.id, {}))
    return work


def _beginnings(session: Session, enrolment_id: UUID, unit: str) -> Any:
    """What is fixed about a learner's unit, in one row: pin, version begun, induction, departure."""
    return session.execute(
        select(
            Pin.unit_version_id.label("pinned"),
            Pin.policy_version_id.label("policy"),
            Study.unit_version_id.label("begun"),
            exists().where(Induction.enrolment_id == enrolment_id).label("inducted"),
            exists().where(Departure.enrolment_id == enrolment_id, Departure.unit == unit).label("departed"),
            holds.has_hold(Enrolment.id).label("has_hold"),
        )
        .select_from(Enrolment)
        .outerjoin(Pin, and_(Pin.enrolment_id == Enrolment.id, Pin.unit == unit))
        .outerjoin(Study, and_(Study.enrolment_id == Enrolment.id, Study.unit == unit))
        .where(Enrolment.id == enrolment_id)
    ).one()


def _newest(session: Session, enrolment: Enrolment, unit_slug: str) -> UUID:
    newest = catalogue.latest_unit(session, enrolment.qualification, unit_slug)
    if newest is None:
        raise NotFound
    return newest.id


def by_root(unit: CompiledUnit, further: Mapping[str, int]) -> dict[str, int]:
    """Attempts authorised beyond the policy, added up over the questions that share them."""
    found: dict[str, int] = defaultdict(int)
    for question in unit.questions:
        found[root_of(unit, question.key)] += further.get(question.key, 0)
    return found


def drafts_of(session: Session, enrolment_id: UUID, unit: str) -> dict[str, Draft]:
    """A learner's drafts in one unit with their boxes, by question."""
    query = select(Draft).options(joinedload(Draft.words)).where(Draft.enrolment_id == enrolment_id, Draft.unit == unit)
    return {draft.question: draft for draft in session.scalars(query)}


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


# -- boxes, files and people that a page shows -------------------------------------------------------------------------


def sealed(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, Sealed]:
    """Boxes by id, in one query."""
    wanted = {one for one in ids if one is not None}
    rows = session.scalars(select(Sealed).where(Sealed.id.in_(wanted))) if wanted else ()
    return {row.id: row for row in rows}


def hand_ins(session: Session, ids: Iterable[UUID]) -> dict[UUID, HandIn]:
    """Hand-ins by id, in one query."""
    return {row.id: row for row in session.scalars(select(HandIn).where(HandIn.id.in_(set(ids))))}


def files_by_id(session: Session, enrolment_id: UUID, ids: Iterable[UUID]) -> dict[UUID, StoredFile]:
    """A learner's files with the boxes of their labels, in one query."""
    these = StoredFile.enrolment_id == enrolment_id, StoredFile.id.in_(set(ids))
    query = select(StoredFile).options(joinedload(StoredFile.label)).where(*these)
    return {row.id: row for row in session.scalars(query)}


def stored_file(session: Session, enrolment_id: UUID, file_id: UUID) -> StoredFile:
    """One of a learner's files. Raises NotFound."""
    found = files_by_id(session, enrolment_id, [file_id]).get(file_id)
    if found is None:
        raise NotFound
    return found


def stored_bytes(session: Session, enrolment_id: UUID) -> int:
    """How much a learner has uploaded, in bytes."""
    return int(session.scalar(select(func.sum(StoredFile.size)).where(StoredFile.enrolment_id == enrolment_id)) or 0)


def earlier_drafts(session: Session, enrolment_id: UUID, question: str) -> list[EarlierDraft]:
    """Earlier drafts of one question with their boxes, newest first."""
    of_question = EarlierDraft.enrolment_id == enrolment_id, EarlierDraft.question == question
    query = select(EarlierDraft).options(joinedload(EarlierDraft.words)).where(*of_question)
    return list(session.scalars(query.order_by(EarlierDraft.saved_at.desc(), EarlierDraft.id.desc())))


def earlier_draft(session: Session, enrolment_id: UUID, question: str, earlier_id: UUID) -> EarlierDraft:
    """One earlier draft. Raises NotFound."""
    found = next((one for one in earlier_drafts(session, enrolment_id, question) if one.id == earlier_id), None)
    if found is None:
        raise NotFound
    return found


def first_names(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """First names of people, by pseudonym; a person who was erased is left out."""
    rows = session.execute(select(Person.id, Person.known_as).where(Person.id.in_(set(person_ids))))
    return {row.id: row.known_as for row in rows}


def looks_at(
    session: Session, enrolment_ids: Iterable[UUID], most: int = 500
) -> list[tuple[AccessEntry, str, str, str]]:
    """Who was shown a learner's words, newest first: the entry, first name, unit and question of the answer."""
    rows = session.execute(
        select(AccessEntry, Person.known_as, Answer.unit, Answer.question)
        .outerjoin(Person, Person.id == AccessEntry.person_id)
        .outerjoin(Answer, Answer.id == AccessEntry.answer_id)
        .where(AccessEntry.enrolment_id.in_(list(enrolment_ids)))
        .order_by(AccessEntry.at.desc())
        .limit(most)
    )
    return [(entry, name or "", unit or "", question or "") for entry, name, unit, question in rows]
