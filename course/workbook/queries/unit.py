"""One learner's work in one unit: the fast path of the unit page and of autosave, in Core, two queries at most.

The first query brings all that is fixed about the unit (enrolment, pin, version, policy, key) with the drafts in their
boxes; the second, only where something was handed in, the answers with their decisions and, for a page, their words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, String, and_, bindparam, cast, exists, extract, func, literal_column, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course import clock, sealing, working_days
from course.cases import holds
from course.cases.rules import Hold, Period
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit, Question
from course.enrolment import queries as enrolments
from course.enrolment.models import Enrolment, Induction, Pin, Study
from course.enrolment.policy import CompiledPolicy
from course.enrolment.queries import Enrolled
from course.people.models import Centre
from course.sealing import Box, DataKey, HeldKey, Purpose, Sealed
from course.witnesses import queries as witnesses
from course.witnesses import rules as witness_rules
from course.workbook import rules
from course.workbook.models import Answer, Departure, Draft, Extension, FurtherAttempt
from course.workbook.queries import facts
from course.workbook.queries.facts import Opened, by_root, is_held, root_of
from course.workbook.rules import AnswerFacts, State, Work


@dataclass(frozen=True)
class DraftFact:
    """A learner's draft of one question, with its box."""

    id: UUID
    question: str
    kind: str
    revision: int
    saved_at: datetime
    kept_at: datetime
    words: Box


@dataclass(frozen=True)
class Extended:
    """A later date for handing a question in again, and when it was given."""

    question: str
    until: date
    given: datetime


@dataclass
class UnitWork:
    """One learner's work in one unit, without any words: what the rules and the pages start from."""

    enrolment: Enrolled
    version_id: UUID
    unit: CompiledUnit
    load_policy: Callable[[], CompiledPolicy]
    is_inducted: bool
    is_pinned: bool
    drafts: dict[str, DraftFact] = field(default_factory=dict)
    answers: dict[str, list[AnswerFacts]] = field(default_factory=dict)
    """By the root of each group of alternatives; taken-back answers are among them."""
    further: dict[str, int] = field(default_factory=dict)
    """Attempts authorised beyond the policy, by root."""
    is_departed: bool = False
    holds: tuple[Hold, ...] = ()
    """What is open about this unit."""
    zone: str = working_days.LONDON
    nation: str = working_days.ENGLAND
    """Where the centre is: its clock, and whose bank holidays it keeps."""
    extended: tuple[Extended, ...] = ()
    """Later dates for handing in again that were given."""
    load_held: Callable[[], tuple[Period, ...]] = tuple
    loaded: frozenset[str] | None = None
    """The roots whose answers were asked for; None when it was the whole unit."""
    opened: Opened = field(default_factory=Opened)
    """Boxes and names that came along with the answers."""
    reader: str | None = None
    """The one assessor of this unit, where a page asked and there is only one."""
    load_witnesses: Callable[[], dict[str, list[witness_rules.RequestFacts]]] = dict

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
    def held(self) -> tuple[Period, ...]:
        """When anything of this unit was on hold. Work about which nothing was ever open never asks."""
        return self.load_held()

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
        """Answers to the question and to those it stands instead of, oldest first. Raises LookupError if not loaded."""
        root = root_of(self.unit, key)
        if self.loaded is not None and root not in self.loaded:
            raise LookupError(f"The answers to {key} were not asked for.")
        return self.answers.get(root, [])

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
            learner=self.enrolment.person_id,
            state=self.state(key),
            is_evidence=self.question(key).evidence,
            is_enrolled=self.enrolment.withdrawn_at is None,
            is_inducted=self.is_inducted,
            attempts_left=self.attempts_left(key),
            missing=missing,
            is_here=latest is None or latest.question == key,
            is_reopened=any(one.is_reopened for one in self.group(key)),
            is_with_witness=witness_rules.holds(self.witness_state(key)),
        )


# -- the first query ---------------------------------------------------------------------------------------------------

ENROLMENT, PIN, STUDY, KEY = Enrolment.__table__, Pin.__table__, Study.__table__, DataKey.__table__
DRAFT, BOX, CENTRE = Draft.__table__, Sealed.__table__, Centre.__table__
ANSWER, INDUCTION, DEPARTURE = Answer.__table__, Induction.__table__, Departure.__table__
FURTHER, EXTENSION = FurtherAttempt.__table__, Extension.__table__
_NEWER = EXTENSION.alias("newer_extension")
_UNIT: Any = bindparam("unit")
_BLANK: Any = literal_column("' '")  # a plain string would make SQLAlchemy write the statement anew each time
_DRAFT = tuple(DRAFT.c[name] for name in ("id", "question", "kind", "revision", "saved_at", "kept_at"))


def _standing(drafts: Any, *more: Any) -> Select[Any]:
    """A row for each draft that matches, or one without: what is fixed about the unit stands in each."""
    of_unit = and_(ANSWER.c.enrolment_id == ENROLMENT.c.id, ANSWER.c.unit == _UNIT)
    columns = (
        *(ENROLMENT.c[name] for name in Enrolled._fields),
        *sealing.key_columns(KEY),
        *_DRAFT,
        *facts.box_columns(BOX),
    )
    return (
        select(
            *(column.label(f"c{at}") for at, column in enumerate(columns)),
            func.coalesce(PIN.c.unit_version_id, STUDY.c.unit_version_id,
                          catalogue.newest_id(ENROLMENT.c.qualification, _UNIT)).label("version"),
            PIN.c.id.label("pin"),
            func.coalesce(PIN.c.policy_version_id, enrolments.policy_in_force_id(ENROLMENT.c)).label("policy"),
            exists().where(INDUCTION.c.enrolment_id == ENROLMENT.c.id).label("inducted"),
            exists().where(DEPARTURE.c.enrolment_id == ENROLMENT.c.id, DEPARTURE.c.unit == _UNIT).label("departed"),
            holds.has_hold(ENROLMENT.c.id).label("has_hold"),
            holds.was_held(ENROLMENT.c.id).label("was_held"),
            _listed(ANSWER.c.question).where(of_unit).scalar_subquery().label("answered"),
            _listed(FURTHER.c.question).where(FURTHER.c.enrolment_id == ENROLMENT.c.id)
            .scalar_subquery().label("further"),
            _listed(EXTENSION.c.question + "=" + cast(EXTENSION.c.until, String) + "=" + _seconds(EXTENSION.c.at))
            .where(
                EXTENSION.c.enrolment_id == ENROLMENT.c.id,
                # The last word on a question counts, so that a day that was mistyped can be put right.
                ~exists().where(
                    _NEWER.c.enrolment_id == EXTENSION.c.enrolment_id, _NEWER.c.question == EXTENSION.c.question,
                    _NEWER.c.at > EXTENSION.c.at,
                ),
            ).scalar_subquery().label("extended"),
            CENTRE.c.time_zone, CENTRE.c.nation,
            *more,
        )
        .select_from(ENROLMENT)
        .join(CENTRE, CENTRE.c.id == ENROLMENT.c.centre_id)
        .outerjoin(PIN, and_(PIN.c.enrolment_id == ENROLMENT.c.id, PIN.c.unit == _UNIT))
        .outerjoin(STUDY, and_(STUDY.c.enrolment_id == ENROLMENT.c.id, STUDY.c.unit == _UNIT))
        .outerjoin(KEY, and_(KEY.c.owner_id == ENROLMENT.c.id, KEY.c.purpose == str(Purpose.WORK)))
        .outerjoin(DRAFT, and_(DRAFT.c.enrolment_id == ENROLMENT.c.id, DRAFT.c.unit == _UNIT, drafts))
        .outerjoin(BOX, BOX.c.id == DRAFT.c.words_id)
        .where(ENROLMENT.c.id == bindparam("enrolment_id"), ENROLMENT.c.person_id == bindparam("person_id"))
    )  # fmt: skip


def _listed(words: Any) -> Select[Any]:
    """Question keys in one value, a blank between them (a key has none), each as often as it has rows."""
    return select(func.aggregate_strings(words, _BLANK))


def _seconds(moment: Any) -> Any:
    """A moment as text that reads the same from every database: whole seconds since 1970."""
    return cast(cast(func.floor(extract("epoch", moment)), BigInteger), String)


_WHOLE = _standing(True)
_PAGE = _standing(True, enrolments.only_assessor(ENROLMENT.c, _UNIT, bindparam("today")).label("reader"))
_QUESTION = _standing(DRAFT.c.question == bindparam("question"))


# -- the three ways to ask ---------------------------------------------------------------------------------------------


def unit_work(session: Session, enrolment: Enrolment | Enrolled, unit_slug: str) -> UnitWork:
    """All of one learner's work in one unit. Raises NotFound."""
    work, answered = _begin(session, _WHOLE, enrolment.person_id, enrolment.id, unit_slug)
    if answered:
        _put(work, facts.facts_of_questions(session, enrolment.id, unit_slug, answered))
    return work


def page_work(session: Session, person_id: UUID, enrolment_id: UUID, unit_slug: str, number: int) -> UnitWork:
    """What one page of a unit shows: its answers come with their words, the assessors with them. Raises NotFound."""
    today = clock.now().date()
    work, answered = _begin(session, _PAGE, person_id, enrolment_id, unit_slug, today=today)
    try:
        here = work.unit.page(number)
    except KeyError:
        raise NotFound from None
    if asked := _restrict(work, here.question_keys) & answered:
        _put(work, facts.facts_with_words(session, enrolment_id, unit_slug, asked))
    return work


def question_work(session: Session, person_id: UUID, enrolment_id: UUID, unit_slug: str, key: str) -> UnitWork:
    """What one question's box needs to be saved. Raises NotFound."""
    work, answered = _begin(session, _QUESTION, person_id, enrolment_id, unit_slug, question=key)
    if asked := _restrict(work, [work.question(key).key]) & answered:
        _put(work, facts.facts_of_questions(session, enrolment_id, unit_slug, asked))
    return work


def lock_enrolment(session: Session, person_id: UUID, enrolment_id: UUID) -> None:
    """Let one of a learner's writes happen at a time. On SQLite the turn to write has seen to it already.

    A statement of its own: on PostgreSQL, one that has waited for a lock still sees rows as they were before.
    """
    if session.get_bind().dialect.name == "postgresql":
        here = ENROLMENT.c.id == enrolment_id, ENROLMENT.c.person_id == person_id
        session.execute(select(ENROLMENT.c.id).where(*here).with_for_update())


def _begin(
    session: Session, query: Select[Any], person_id: UUID, enrolment_id: UUID, unit_slug: str, **more: Any
) -> tuple[UnitWork, set[str]]:
    """The work without its answers, and the questions that have some."""
    wanted = {"person_id": person_id, "enrolment_id": enrolment_id, "unit": unit_slug, **more}
    rows = session.connection().execute(query, wanted).all()
    if not rows or rows[0].version is None:
        raise NotFound
    row = rows[0]
    at_key, at_draft = len(Enrolled._fields), len(Enrolled._fields) + len(HeldKey._fields)
    enrolled = Enrolled(*row[:at_key])
    if row[at_key] is not None:
        sealing.hold(session, HeldKey(*row[at_key:at_draft]))
    work = UnitWork(
        enrolment=enrolled,
        version_id=row.version,
        unit=catalogue.unit(session, row.version),
        load_policy=lambda: enrolments.policy(session, row.policy),
        is_inducted=bool(row.inducted),
        is_pinned=row.pin is not None,
        drafts={draft.question: draft for draft in _drafts(rows, at_draft)},
        is_departed=bool(row.departed),
        holds=holds.on_unit(session, enrolment_id, unit_slug) if row.has_hold else (),
        zone=row.time_zone,
        nation=row.nation,
        extended=_later_dates(row.extended or ""),
        reader=row.reader if query is _PAGE else None,
        load_witnesses=lambda: witnesses.of_unit(session, enrolment_id, unit_slug),
        load_held=(lambda: holds.periods_of(session, enrolment_id, unit_slug)) if row.was_held else tuple,
    )
    if row.further:
        work.further = by_root(work.unit, Counter(row.further.split()))
    return work, set(row.answered.split()) if row.answered else set()


def _later_dates(listed: str) -> tuple[Extended, ...]:
    """The later dates that were given, from "key=2026-12-01=1764072000 …"."""
    given = (one.split("=") for one in listed.split())
    return tuple(
        Extended(key, date.fromisoformat(until), datetime.fromtimestamp(int(seconds), UTC))
        for key, until, seconds in given
    )


def _drafts(rows: Iterable[Any], at: int) -> Iterable[DraftFact]:
    size = len(_DRAFT)
    for row in rows:
        if row[at] is not None:
            values: tuple[Any, ...] = (*row[at : at + size], Box(*row[at + size : at + size + len(Box._fields)]))
            yield DraftFact(*values)


def _restrict(work: UnitWork, keys: Collection[str]) -> set[str]:
    """Note which groups are asked for, and give the keys of all their questions."""
    work.loaded = frozenset(root_of(work.unit, key) for key in keys)
    return {other for key in keys for other in work.unit.group(key)}


def _put(work: UnitWork, opened: Opened) -> None:
    work.opened = opened
    for one in opened.facts:
        work.answers.setdefault(root_of(work.unit, one.question), []).append(one)
