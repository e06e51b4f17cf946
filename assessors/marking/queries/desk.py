"""One answer on an assessor's desk: what the rules ask for, and what the page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import NamedFromClause
from werkzeug.exceptions import NotFound

from assessors.guidance import queries as guidances
from assessors.guidance.compiled import QuestionGuidance
from assessors.marking.queries.scope import Reader, in_scope
from assessors.marking.rules import AGREE, SEND_BACK, Case, Tickable, claims
from course import clock, sealing
from course.access import HeldAppointment
from course.audit import Actor
from course.cases import queries as appeals
from course.cases.holds import is_on_hold
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, Question
from course.enrolment import queries as enrolments
from course.enrolment.models import Enrolment, Pin
from course.enrolment.policy import CompiledPolicy, PointsThreshold
from course.independence import Act, why_not
from course.pages import clock_in_words
from course.people import conflicts
from course.people.models import Appointment, Person
from course.sealing import DataKey, HeldKey, Purpose
from course.witnesses import queries as witnesses
from course.workbook import queries as workbook
from course.workbook.deadlines import waits_for_a_person
from course.workbook.models import Answer, Countersignature, Decision, JudgementDraft
from course.workbook.prior import is_claim
from course.workbook.rules import AnswerFacts, LeaseFact, live

reopenings: list[Callable[[Session, UUID], bool]] = []
"""Slices after this one say whether an answer that was returned may be decided again (an action, an appeal)."""
samplings: list[Callable[[Session, UUID], bool]] = []
"""Slices after this one say whether sampling lets an answer go, where the policy returns after sampling."""

blinds: list[Callable[[UUID], ColumnElement[bool]]] = []
"""Slices after this one say whether somebody has still to judge a learner’s answer blind: they see no decision."""
agreements: list[Callable[[Session, UUID], dict[str, str]]] = []
"""Slices after this one say what two people came to on an answer, by criterion; empty words while they differ."""


class Typed(NamedTuple):
    """Where a draft of a judgement lies, and its words."""

    id: UUID
    words_id: UUID


@dataclass(frozen=True)
class Desk:
    """One answer, for one assessor, without any words."""

    case: Case
    enrolment: Enrolment
    learner: Person | None
    unit: CompiledUnit
    question: Question
    policy: CompiledPolicy
    appointment: HeldAppointment
    by: Actor
    reader: Reader
    version: guidances.Version | None
    guidance: QuestionGuidance | None
    earlier: tuple[AnswerFacts, ...] = ()
    """Attempts at the question before this one, oldest first."""
    further: Mapping[str, str] = field(default_factory=dict)
    """What the criteria of other units ask for, by their codes, such as U2:2.1."""
    draft: Typed | None = None
    """The draft of this assessor's judgement, if anything was typed when the desk was read."""

    @property
    def answer(self) -> AnswerFacts:
        """The answer's facts."""
        return self.case.answer

    @property
    def first_name(self) -> str:
        """What one calls the learner."""
        return self.learner.known_as if self.learner else "The learner"

    @property
    def short_name(self) -> str:
        """First name and initial."""
        return self.learner.short_name if self.learner else "A learner"

    @property
    def threshold(self) -> PointsThreshold | None:
        """The unit's threshold in points, if the policy switched one on."""
        found = self.policy.threshold_for(self.unit.code)
        return found if isinstance(found, PointsThreshold) else None

    def tickable(self, criterion: str) -> tuple[Tickable, ...]:
        """The items that can be ticked for a criterion."""
        items = self.guidance.for_criterion(criterion) if self.guidance else ()
        tests = tuple(Tickable(test.id, test.level, None) for test in claims.TESTS) if self.case.is_claim else ()
        looked_for = (item for item in items if item.level != "misconceptions")
        return (*tests, *(Tickable(item.id, item.level, item.points) for item in looked_for))

    @property
    def is_mine(self) -> bool:
        """Whether the assessor holds the answer and may decide."""
        held = self.case.is_held_by(self.by.person_id) and not self.case.held_by_other and not self.case.is_blind
        return held and self.case.can_be_decided and not self.case.is_on_hold and not self.case.is_appealed

    @property
    def can_take(self) -> bool:
        """Whether it is free to be taken."""
        case = self.case
        free = case.can_be_decided and not case.held_by_other and not case.waits_for_a_person and not case.is_blind
        return free and not self.is_mine and not (self.kept_away or case.is_on_hold or case.is_appealed)

    @property
    def kept_away(self) -> str:
        """Why their own part in it keeps the assessor from deciding on it; empty when nothing does."""
        return why_not(self.case.standing(self.by.person_id), Act.JUDGE)

    @property
    def kept_away_from_signing(self) -> str:
        """Why it keeps them from countersigning what was decided."""
        return why_not(self.case.standing(self.by.person_id), Act.COUNTERSIGN)

    def criterion_text(self, number: str) -> str:
        """What a criterion asks for, and whose it is when it is another unit's."""
        if number in self.further:
            unit = number.split(":")[0].removeprefix("U")
            return f"{self.further[number]} This is further evidence for unit {unit}."
        return self.unit.criterion(number).text

    def must_be_achieved(self, number: str) -> bool:
        """Whether safety hangs on a criterion."""
        return ":" not in number and self.unit.criterion(number).safety_critical


def is_blind(person_id: UUID) -> ColumnElement[bool]:
    """The condition on answers that somebody has still to judge one blind."""
    return or_(false(), *(hides(person_id) for hides in blinds))


_work, _commitment = DataKey.__table__.alias("work"), DataKey.__table__.alias("commitment")


def desk(session: Session, reader: Reader, answer_id: UUID, *, lock: bool = False) -> Desk:
    """One answer in the reader's scope, not taken back. Raises NotFound. `lock`: one step at a time on an answer."""
    if lock:
        _lock(session, answer_id)
    query = (
        select(
            Answer, Enrolment, Person, Pin.policy_version_id, *_key_columns(_work), *_key_columns(_commitment),
            guidances.in_force_id(Answer.qualification, Answer.unit, Answer.cohort_id).label("guidance_id"),
            JudgementDraft.id.label("draft_id"), JudgementDraft.words_id.label("draft_words_id"),
            is_on_hold(Answer.enrolment_id, Answer.unit, Answer.question).label("is_on_hold"),
            is_blind(reader.person_id).label("is_blind"),
            is_claim().label("is_claim"), waits_for_a_person().label("waits_for_a_person"),
            Enrolment.person_id.in_(conflicts.apart_from(reader.person_id)).label("is_conflicted"),
        )
        .join(Enrolment, Enrolment.id == Answer.enrolment_id)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .join(Pin, (Pin.enrolment_id == Answer.enrolment_id) & (Pin.unit == Answer.unit))
        .outerjoin(JudgementDraft, (JudgementDraft.answer_id == Answer.id)
                   & (JudgementDraft.person_id == reader.person_id))
        .outerjoin(_work, (_work.c.owner_id == Enrolment.id) & (_work.c.purpose == str(Purpose.WORK)))
        .outerjoin(_commitment, (_commitment.c.owner_id == Enrolment.person_id)
                   & (_commitment.c.purpose == str(Purpose.COMMITMENT)))
        .where(Answer.id == answer_id, in_scope(reader, Answer))
    )  # fmt: skip
    found = session.execute(query).first()
    if found is None:
        raise NotFound
    row = found.Answer
    for table in (_work, _commitment):  # the keys to the words, and to the entry about a decision
        _hold_key(session, found, table)
    unit = catalogue.unit(session, row.unit_version_id)
    root = workbook.root_of(unit, row.question)
    of_unit = (Answer.enrolment_id == row.enrolment_id) & (Answer.unit == row.unit)
    facts = workbook.facts_where(session, of_unit)
    attempts = live(one for one in facts if workbook.root_of(unit, one.question) == root)
    if all(one.id != answer_id for one in attempts):
        raise NotFound
    return _desk(session, reader, answer_id, attempts, unit, found)


def _lock(session: Session, answer_id: UUID) -> None:
    """Let one step at a time happen to an answer. On SQLite the turn to write has seen to it already.

    A statement of its own: on PostgreSQL, one that has waited for a lock still sees other rows as they were before.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(Answer.id).where(Answer.id == answer_id).with_for_update())


def _key_columns(table: NamedFromClause) -> list[ColumnElement[Any]]:
    return [table.c[name].label(f"{table.name}_{name}") for name in HeldKey._fields]


def _hold_key(session: Session, found: Row[Any], table: NamedFromClause) -> None:
    key = HeldKey(*(getattr(found, f"{table.name}_{name}") for name in HeldKey._fields))
    if key.id is not None:
        sealing.hold(session, key)


def _desk(
    session: Session, reader: Reader, answer_id: UUID, attempts: list[AnswerFacts], unit: CompiledUnit, found: Row[Any]
) -> Desk:
    enrolment, learner, policy = found.Enrolment, found.Person, enrolments.policy(session, found.policy_version_id)
    answer = next(one for one in attempts if one.id == answer_id)
    held = reader.appointment_for(answer)
    question = unit.question(answer.question)
    version, guidance = _guidance(session, found.guidance_id, question)
    points = isinstance(policy.threshold_for(unit.code), PointsThreshold)
    case = Case(
        answer=answer,
        learner=enrolment.person_id,
        guidance=version.hash if version else "",
        now=clock.now(),
        held_by_other=_held_by_other(session, answer.lease, reader.person_id),
        is_latest=attempts[-1].id == answer.id,
        is_reopened=answer.is_reopened or (answer.is_returned and any(asks(session, answer.id) for asks in reopenings)),
        returns_at_once=policy.return_ == "at-once",
        is_sampled=policy.return_ == "after-sampling" and any(lets(session, answer.id) for lets in samplings),
        is_conflicted=bool(found.is_conflicted),
        is_claim=bool(found.is_claim),
        is_trainee=held.needs_countersignature,
        **_countersigning(session, answer, reader.person_id),
        waits_for_a_person=bool(found.waits_for_a_person),
        is_witness=question.kind == "witness"
        and witnesses.has_witnessed(session, reader.person_id, answer.enrolment_id, question.key),
        is_on_hold=bool(found.is_on_hold),
        is_appealed=answer.is_returned and _was_appealed(session, answer, reader.person_id),
        needs_ticks=points and guidance is not None,
        agreed=_agreed(session, answer),
    )
    earlier = tuple(one for one in attempts if one.attempt < answer.attempt)
    found_desk = Desk(
        case, enrolment, learner, unit, question, policy, held, reader.actor(held), reader, version, guidance, earlier,
        {f"{code}:{number}": catalogue.criterion_text(session, unit.qualification, code, number)
         for code, number in question.further},
        Typed(found.draft_id, found.draft_words_id) if found.draft_id else None,
    )  # fmt: skip
    return _blind(found_desk) if found.is_blind else found_desk


def _agreed(session: Session, answer: AnswerFacts) -> dict[str, str]:
    if not answer.decisions:
        return {}  # a second judgement is asked of decided answers only
    return {key: outcome for asks in agreements for key, outcome in asks(session, answer.id).items()}


def _blind(desk: Desk) -> Desk:
    """The desk without anything that was decided, for somebody who has still to judge it on their own."""
    # That it was sent back, and why, tells what was decided.
    answer = replace(desk.answer, decisions=(), is_reopened=False)
    case = replace(
        desk.case, answer=answer, is_blind=True, is_reopened=False, trainees=frozenset(), is_sent_back=False
    )  # fmt: skip
    learner = None if desk.policy.second_marking.names == "hidden" else desk.learner
    return replace(desk, case=case, learner=learner, earlier=())


def _countersigning(session: Session, answer: AnswerFacts, person_id: UUID) -> dict[str, Any]:
    """Who decided as a trainee, and what a qualified assessor said about the decisions as they are now."""
    unreturned = {one.id for one in answer.standing.values() if one.returned_at is None}
    if not unreturned:
        return {}
    made = select(Decision.decided_by).join(Appointment, Appointment.id == Decision.appointment_id).where(
        Decision.id.in_(unreturned), Appointment.needs_countersignature
    )  # fmt: skip
    trainees = frozenset(session.scalars(made))
    if not trainees:
        return {}
    finding = session.scalar(
        select(Countersignature.finding).where(
            Countersignature.answer_id == answer.id, Countersignature.decisions == len(answer.decisions)
        )
    )
    return {
        "trainees": trainees, "is_countersigned": finding == AGREE, "is_sent_back": finding == SEND_BACK,
        "is_apart_from_trainee": conflicts.is_conflicted(session, person_id, trainees),
    }  # fmt: skip


def _guidance(
    session: Session, version_id: UUID | None, question: Question
) -> tuple[guidances.Version | None, QuestionGuidance | None]:
    if question.is_check:
        return None, None
    if version_id is None:
        raise NotFound  # none is published
    version = guidances.version(session, version_id)
    return version, version.compiled.question(question.key)


def _was_appealed(session: Session, answer: AnswerFacts, person_id: UUID) -> bool:
    at = appeals.upheld_at(session, answer.id)
    return at is not None and any(one.decided_by == person_id and one.at < at for one in answer.decisions)


def _held_by_other(session: Session, lease: LeaseFact | None, person_id: UUID) -> str:
    if lease is None or lease.person_id == person_id or not lease.is_running(clock.now()):
        return ""
    name = session.scalar(select(Person.known_as).where(Person.id == lease.person_id)) or "a colleague"
    return f"{name}, until {clock_in_words(lease.until)}"
