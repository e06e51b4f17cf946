"""What a learner's pages show of their work: words opened, states in words, feedback only once it is returned."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from course import clock, sealing
from course.catalogue.compiled import Question
from course.pages import moment_in_words
from course.sealing import Box as SealedBox
from course.sealing import Sealed
from course.witnesses import rules as witness_rules
from course.witnesses.rules import Asked, RequestFacts, Vouched
from course.workbook import content as contents
from course.workbook import deadlines, given, operations, queries
from course.workbook.boxes import Box, ShownFile
from course.workbook.content import Content, SavedDraft
from course.workbook.deadlines import Dates
from course.workbook.given import What
from course.workbook.models import StoredFile
from course.workbook.queries import UnitWork
from course.workbook.rules import AnswerFacts, DecisionFact, State, Work


@dataclass(frozen=True)
class Said:
    """One returned decision as its learner reads it."""

    criterion: str
    text: str
    state: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Attempt:
    """One handed-in answer with what was said about it; `said` is empty until it is returned."""

    facts: AnswerFacts
    content: Content
    text: str
    files: tuple[ShownFile, ...]
    said: tuple[Said, ...]
    declaration: str = ""
    helpers: str = ""

    @property
    def title(self) -> str:
        """ "First go", "Second go" …; an answer taken back used none."""
        names = ("", "First go", "Second go", "Third go", "Fourth go", "Fifth go")
        number = self.facts.attempt
        return "Taken back" if number == 0 else names[number] if number < len(names) else f"Go number {number}"

    @property
    def state(self) -> str:
        """How this attempt ended, for its tag."""
        if not self.facts.is_returned:
            return "being_marked" if self.facts.is_leased else "handed_in"
        return "achieved" if all(one.state == "achieved" for one in self.said) else "not_yet"


@dataclass(frozen=True)
class ShownWitness:
    """The request for a statement that counts now, opened."""

    state: witness_rules.State
    asked: Asked
    said: Vouched | None
    outcome: str | None
    asked_at: datetime
    expires_at: datetime
    replied_at: datetime | None


@dataclass(frozen=True)
class Shown(Box):
    """One question on a page."""

    question: Question
    work: Work
    content: Content
    revision: int
    saved: str
    saved_kind: str
    files: tuple[ShownFile, ...]
    last: Attempt | None
    others: tuple[Question, ...]
    page: str
    problem: str | None = None
    file_problem: str | None = None
    has_draft: bool = False
    hand_in_by: date | None = None
    """The last day for handing it in again without anybody having to look at why it is late."""
    is_late: bool = False
    hear_by: date | None = None
    """The day by which the learner should hear."""
    witness: ShownWitness | None = None
    is_claim: bool = False
    given: What | None = None
    """What people decided about its goes or its day, if the policy alone would have given others."""

    @property
    def key(self) -> str:
        """The question's key."""
        return self.question.key

    @property
    def offers_hand_in(self) -> bool:
        """Whether the way to the hand-in page stands below the box. What is missing is said there."""
        may = self.question.evidence and not self.work.is_reopened
        return may and (self.question.is_written or self.work.is_ready)

    @property
    def state(self) -> State:
        """The state for its tag. A draft begun after a return reads as a draft."""
        if not self.question.evidence:
            return State.DRAFT if self.has_draft else State.NOT_STARTED
        if self.has_draft and self.work.state == State.NOT_YET:
            return State.DRAFT
        return self.work.state.shown

    @property
    def text(self) -> str:
        """The words in the box, as they are compared and read back."""
        return contents.as_text(self.content, self.question, {one.id: one.label for one in self.files})


def readers_line(only_assessor: str | None) -> str:
    """Who reads an answer, as it stands above every box; by name where there is only one assessor."""
    who = f"{only_assessor}, your assessor" if only_assessor else "your assessor"
    return f"Read by {who}, and sometimes a checker. Not by other learners."


def show_questions(
    session: Session, work: UnitWork, keys: Iterable[str], typed: Mapping[str, tuple[Content, str]] | None = None
) -> dict[str, Shown]:
    """Open what these questions hold. `typed`: words that were refused, with the reason, to give back in the box."""
    keys = list(keys)
    typed = typed or {}
    attempts = _last_attempts(session, work, keys)
    saved = {key: operations.open_draft(session, draft) for key, draft in work.drafts.items() if key in keys}
    inside = [one.content for one in saved.values()] + [one.content for one in attempts.values()]
    files = _files(session, work, inside)
    shown = {key: _show(work, key, saved.get(key), attempts.get(key), files, typed.get(key)) for key in keys}
    if attempts:
        dates = deadlines.dates_of(work)
        shown = {key: _with_dates(work, dates, one) for key, one in shown.items()}
    if any(one.work.is_used_up for one in shown.values()):
        said = given.by_root(work.unit, given.panels(session, work.enrolment.id))
        shown = {
            key: replace(one, given=said.get(queries.root_of(work.unit, key))) if one.work.is_used_up else one
            for key, one in shown.items()
        }
    asked = {key: request for key in keys if (request := work.witness(key)) is not None}
    return shown | {key: _with_witness(session, work, shown[key], request) for key, request in asked.items()}


def _with_dates(work: UnitWork, dates: Dates, shown: Shown) -> Shown:
    """A question with the day by which its learner should hear, or may hand it in again."""
    last, today = work.latest(shown.key), dates.calendar.day(clock.now())
    if last is None or not shown.question.evidence:
        return shown
    if not last.is_returned:
        by = dates.hear_by(last, work.policy)
        return replace(shown, hear_by=by, is_late=by < today)
    if shown.work.state != State.NOT_YET:
        return shown
    by_again, usual = deadlines.hand_in_by(work, dates, shown.key), deadlines.usual(work, dates, shown.key)
    one_more = What.ONE_MORE if work.further.get(queries.root_of(work.unit, shown.key)) else None
    return replace(
        shown, hand_in_by=by_again, is_late=by_again is not None and by_again < today,
        given=What.LONGER if by_again != usual else one_more,
    )  # fmt: skip


def _with_witness(session: Session, work: UnitWork, shown: Shown, request: RequestFacts) -> Shown:
    """A question whose words are, or were, with a witness."""
    boxes = queries.sealed(session, [request.words_id, request.reply_words_id])
    said = Vouched.loads(sealing.read(session, boxes[request.reply_words_id])) if request.reply_words_id else None
    content = operations.with_statement(session, work, shown.question, shown.content)
    return replace(
        shown,
        content=content,
        work=work.work(shown.key, contents.missing(shown.question, content)),
        witness=ShownWitness(
            request.state(clock.now()), Asked.loads(sealing.read(session, boxes[request.words_id])), said,
            request.outcome, request.at, request.expires_at, request.replied_at,
        ),
    )  # fmt: skip


def _show(
    work: UnitWork, key: str, saved: SavedDraft | None, last: Attempt | None, files: Mapping[UUID, ShownFile],
    typed: tuple[Content, str] | None,
) -> Shown:  # fmt: skip
    question = work.question(key)
    draft = work.drafts.get(key)
    again = last is not None and last.facts.question == key and last.facts.is_returned
    begins = contents.again(last.content) if last and again else contents.empty(question)
    content = typed[0] if typed else saved.content if saved else begins
    if typed:
        words, kind = "Not saved. Your words are still here.", "no"
    elif draft:
        words, kind = f"Saved {moment_in_words(draft.saved_at)}", "ok"
    else:
        words, kind = ("Your last words are in the box" if again else "Nothing to save yet"), ""
    return Shown(
        question, work.work(key, contents.missing(question, content)), content, draft.revision if draft else 0, words,
        kind, tuple(files[one] for one in contents.files_of(content) if one in files), last,
        work.unit.alternatives_to(key), secrets.token_hex(4), typed[1] if typed else None, has_draft=draft is not None,
        is_claim=contents.prior_of(content) is not None,
    )  # fmt: skip


def _last_attempts(session: Session, work: UnitWork, keys: Iterable[str]) -> dict[str, Attempt]:
    latest = {key: work.latest(key) for key in keys}
    facts = {one.id: one for one in latest.values() if one is not None}
    opened = {one.facts.id: one for one in show_attempts(session, work, list(facts.values()))}
    return {key: opened[one.id] for key, one in latest.items() if one is not None}


def show_attempts(session: Session, work: UnitWork, answers: list[AnswerFacts], *, full: bool = False) -> list[Attempt]:
    """Open answers and the feedback that a return has shown; `full` adds declaration and helpers."""
    if not answers:
        return []
    handed = queries.hand_ins(session, [one.hand_in_id for one in answers]) if full else {}
    boxes, names = _boxes_and_names(session, work, answers, handed)
    opened = {one.id: contents.loads(sealing.read(session, boxes[one.words_id])) for one in answers}
    files = _files(session, work, opened.values())
    return [
        _attempt(session, work, one, opened[one.id], boxes, names, files, handed.get(one.hand_in_id)) for one in answers
    ]


def _boxes_and_names(
    session: Session, work: UnitWork, answers: list[AnswerFacts], handed: Mapping[UUID, Any]
) -> tuple[Mapping[UUID, Sealed | SealedBox], Mapping[UUID, str]]:
    """What is to be opened, and who decided. A page's own query has brought both along."""
    if work.opened.boxes and not handed:
        return work.opened.boxes, work.opened.names
    decisions = [decision for answer in answers for decision in answer.returned.values()]
    boxes = queries.sealed(
        session,
        [one.words_id for one in answers] + [one.feedback_id for one in decisions]
        + [one.helpers_id for one in handed.values()],
    )  # fmt: skip
    return boxes, queries.first_names(session, {one.decided_by for one in decisions}) if decisions else {}


def _attempt(
    session: Session, work: UnitWork, facts: AnswerFacts, content: Content, boxes: Mapping[UUID, Sealed | SealedBox],
    names: Mapping[UUID, str], files: Mapping[UUID, ShownFile], handed: Any,
) -> Attempt:  # fmt: skip
    question = work.question(facts.question)
    mine = tuple(files[one] for one in contents.files_of(content) if one in files)
    helpers = sealing.read(session, boxes[handed.helpers_id]) if handed and handed.helpers_id else ""
    return Attempt(
        facts, content, contents.as_text(content, question, {one.id: one.label for one in mine}), mine,
        tuple(_said(session, work, one, boxes, names) for one in facts.returned.values()),
        handed.declaration if handed else "", helpers,
    )  # fmt: skip


def _said(
    session: Session,
    work: UnitWork,
    decision: DecisionFact,
    boxes: Mapping[UUID, Sealed | SealedBox],
    names: Mapping[UUID, str],
) -> Said:
    feedback = json.loads(sealing.read(session, boxes[decision.feedback_id])) if decision.feedback_id else {}
    return Said(
        decision.criterion, criterion_text(work, decision.criterion),
        "achieved" if decision.is_achieved else "not_yet", str(feedback.get("feedback", "")),
        names.get(decision.decided_by, "Your assessor"), decision.returned_at or decision.at,
    )  # fmt: skip


def criterion_text(work: UnitWork, number: str) -> str:
    """What a criterion asks for; another unit's is only named."""
    if ":" in number:
        unit, own = number.split(":")
        return f"point {own} of unit {unit.removeprefix('U')}"
    return work.unit.criterion(number).text


def _files(session: Session, work: UnitWork, inside: Iterable[Content]) -> dict[UUID, ShownFile]:
    ids = {file for content in inside for file in contents.files_of(content)}
    if not ids:
        return {}
    return {row.id: _shown_file(session, row) for row in queries.files_by_id(session, work.enrolment.id, ids).values()}


def _shown_file(session: Session, row: StoredFile) -> ShownFile:
    size = f"{row.size / 1_048_576:.1f} MB" if row.size >= 100_000 else f"{max(1, row.size // 1024)} KB"
    return ShownFile(row.id, sealing.read(session, row.label), size, row.handed_in_at is None)


def goes_left(left: int | None) -> str:
    """How many goes are left, in words."""
    if left is None:
        return "You can hand this in as often as you need."
    words = ("no goes", "one go", "two goes", "three goes", "four goes", "five goes")
    return f"You have {words[left] if left < len(words) else f'{left} goes'} left."


def ready_keys(session: Session, work: UnitWork) -> list[str]:
    """The questions that can be handed in now, in reading order."""
    keys = [question.key for question in work.unit.questions if question.key in work.drafts]
    return [key for key, one in show_questions(session, work, keys).items() if one.work.is_ready]
