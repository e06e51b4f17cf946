"""What the learner's other pages show: course home, a unit's first page, history, earlier drafts, who has looked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from course import clock, sealing
from course.access import ROLE_LABELS
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledQualification, Outcome
from course.enrolment import queries as enrolments
from course.enrolment.models import Enrolment
from course.enrolment.policy import CountThreshold, PointsThreshold
from course.workbook import content as contents
from course.workbook import given, operations, progress, queries, rules, showing
from course.workbook.content import SavedDraft
from course.workbook.models import EarlierDraft
from course.workbook.progress import UnitProgress, UnitState
from course.workbook.queries import UnitWork
from course.workbook.rules import State

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def count(number: int, one: str, many: str) -> str:
    """A count in words: "Three points", "One point"."""
    word = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{word} {one if number == 1 else many}"


def readers(session: Session, work: UnitWork) -> str:
    """The line above every box that says who reads it."""
    names = enrolments.assessors_of(session, work.enrolment, work.unit.slug, clock.now().date())
    return showing.readers_line(names[0] if len(names) == 1 else None)


# -- course home -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """One enrolment on the learner's home."""

    enrolment: Enrolment
    qualification: CompiledQualification
    is_inducted: bool
    units: list[dict[str, Any]]
    next: dict[str, str] | None
    replies: list[dict[str, str]]
    given: list[dict[str, str]]
    """What people decided about goes and dates."""
    summary: str


def course(session: Session, enrolment: Enrolment) -> Course:
    """Everything that the home page says about one enrolment."""
    qualification = catalogue.qualification(session, enrolment.qualification)
    found = progress.unit_progress(session, [enrolment.id], enrolment.qualification, with_drafts=True)
    units = [one for (_, _), one in found.items()]
    return Course(
        enrolment, qualification, enrolments.is_inducted(session, enrolment.id),
        [_task(enrolment, one) for one in units], _next(enrolment, units),
        _replies(enrolment, units), given.lines(session, enrolment.id, units), _summary(units),
    )  # fmt: skip


def _task(enrolment: Enrolment, unit: UnitProgress) -> dict[str, Any]:
    ready = unit.state != UnitState.PLANNED
    return {
        "label": f"{unit.code.removeprefix('U')}. {unit.title}",
        "href": _unit_address(enrolment, unit.unit) if ready else None,
        "hint": _hint(unit),
        "state": unit.state.value,
        "words": "Started" if unit.state == UnitState.DRAFT else None,
    }


def _hint(unit: UnitProgress) -> str:
    done, every = unit.criteria_achieved, len(unit.criteria)
    if unit.state == UnitState.ACHIEVED:
        return f"All {every} points achieved" if done == every else f"{done} of {every} points achieved"
    if unit.is_below_threshold:
        return "Every point is achieved. Your assessor looks at the whole unit next."
    again = _how_many(unit, {State.NOT_YET, State.ATTEMPTS_USED})
    waiting = _how_many(unit, rules.WITH_ASSESSOR)
    parts = [f"{done} of {every} points achieved."] if done else []
    parts += [f"{count(waiting, 'answer is', 'answers are')} with your assessor."] if waiting else []
    parts += [f"{count(again, 'answer', 'answers')} to look at again."] if again else []
    return " ".join(parts) or (f"About {unit.hours} hours" if unit.hours else "")


def _standing(unit: UnitProgress) -> dict[str, State]:
    """How each question stands, by its root. What is decided again is being marked."""
    again = {queries.root_of(unit.compiled, one.question) for one in unit.answers if one.is_reopened}
    states = {queries.root_of(unit.compiled, key): state for key, state in unit.questions.items()}
    return states | dict.fromkeys(again, State.BEING_MARKED)


def _how_many(unit: UnitProgress, states: Collection[State]) -> int:
    return sum(state in states for state in _standing(unit).values())


def _summary(units: Sequence[UnitProgress]) -> str:
    done = sum(one.achieved for one in units)
    started = sum(one.state in {UnitState.DRAFT, UnitState.BEING_MARKED, UnitState.NOT_YET} for one in units)
    coming = sum(one.state == UnitState.PLANNED for one in units)
    parts = [f"{done} achieved", f"{started} started"] + ([f"{coming} coming later"] if coming else [])
    return ", ".join(parts) + ". Do them in any order."


def _next(enrolment: Enrolment, units: Sequence[UnitProgress]) -> dict[str, str] | None:
    """The one thing to do next: what came back, then what was begun, then the first unit not begun."""
    for wanted in (State.NOT_YET, State.DRAFT):
        for unit in units:
            standing = _standing(unit)
            keys = (key for key, state in unit.questions.items() if state == wanted)
            key = next((key for key in keys if standing[queries.root_of(unit.compiled, key)] == wanted), None)
            if key is not None and unit.state != UnitState.ACHIEVED:
                question = unit.compiled.question(key)
                words = (
                    f"Your assessor has written about “{question.name}”. There is something to add."
                    if wanted == State.NOT_YET
                    else f"You stopped at “{question.name}”. Your draft is saved."
                )
                href = url_for("workbook.unit_page", enrolment_id=enrolment.id, unit=unit.unit, number=question.page,
                               _anchor=f"q-{key}")  # fmt: skip
                return {"title": f"Carry on with unit {unit.code.removeprefix('U')}", "words": words, "href": href,
                        "act": f"Go to “{question.name}”"}  # fmt: skip
    for wanted_unit, title, words in (
        (UnitState.DRAFT, "Carry on with unit", "Some questions are still open."),
        (UnitState.NOT_STARTED, "Start unit", "It begins with what the unit is about."),
    ):
        unit_ = next((one for one in units if one.state == wanted_unit), None)
        if unit_ is not None:
            number = unit_.code.removeprefix("U")
            return {"title": f"{title} {number}", "words": f"{unit_.title}. {words}",
                    "href": _unit_address(enrolment, unit_.unit), "act": f"Open unit {number}"}  # fmt: skip
    return None


def _replies(enrolment: Enrolment, units: Sequence[UnitProgress]) -> list[dict[str, str]]:
    """The latest things that assessors have written back, newest first."""
    back = [
        (answer.returned_at, unit, answer)
        for unit in units
        for answer in unit.answers
        if answer.returned_at is not None and not answer.is_taken_back
    ]
    back.sort(key=lambda one: (one[0], one[2].id.int), reverse=True)
    return [
        {
            "name": unit.compiled.question(answer.question).name,
            "href": url_for("workbook.history", enrolment_id=enrolment.id, unit=unit.unit, key=answer.question),
        }
        for _, unit, answer in back[:3]
    ]


def _unit_address(enrolment: Enrolment, unit: str) -> str:
    return url_for("workbook.unit_start", enrolment_id=enrolment.id, unit=unit)


# -- a unit's first page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Start:
    """What is said before the first question of a unit."""

    readers: list[str]
    progress: UnitProgress
    offers_new: bool
    threshold: str
    threshold_now: str
    goes: str
    pages: list[dict[str, Any]]
    ready: int
    from_earlier: list[tuple[str, str]]
    is_sensitive: bool
    own_minutes: int
    """Of reading and questions: the sum of what the pages say."""
    live_held: int
    live_attended: int
    """Minutes with a tutor that the centre recorded: for the cohort, and with this learner there."""

    def points(self, outcome: Outcome) -> list[dict[str, Any]]:
        """The criteria of one outcome, each with its state."""
        return [
            {"label": f"{one.number} {one.text}", "state": self.progress.criteria[one.number].shown.value,
             "hint": "This is about keeping people safe. It has to be achieved." if one.safety_critical else None}
            for one in outcome.criteria
        ]  # fmt: skip


def unit_start(session: Session, work: UnitWork) -> Start:
    """Gather the first page of a unit."""
    answers = [one for group in work.answers.values() for one in group]
    found = progress.derive(
        work.enrolment.id, work.version_id, work.unit, work.policy, answers, drafts=frozenset(work.drafts),
        further=work.further, is_departed=work.is_departed,
    )  # fmt: skip
    held, attended = enrolments.live_minutes(session, work.enrolment, [work.unit.slug])
    return Start(
        readers=enrolments.assessors_of(session, work.enrolment, work.unit.slug, clock.now().date()),
        progress=found,
        offers_new=enrolments.newer_version(session, work.enrolment, work.unit.slug) is not None,
        threshold=_threshold(work),
        threshold_now=_threshold_now(found),
        goes=_goes(work.policy.attempts.limit),
        pages=[_page_task(work, found, number) for number in range(1, len(work.unit.pages) + 1)],
        ready=len(showing.ready_keys(session, work)),
        from_earlier=_from_earlier(session, work),
        is_sensitive=any(one.sensitive for one in work.unit.pages),
        own_minutes=sum(one.minutes for one in work.unit.pages),
        live_held=held,
        live_attended=attended,
    )


def _threshold(work: UnitWork) -> str:
    match work.policy.threshold_for(work.unit.code):
        case PointsThreshold(points=needed):
            return f"Besides the points below, this unit needs {needed} marks. Your answers earn them by what they say."
        case CountThreshold(n=needed, must_meet=must):
            always = f" Points {', '.join(must)} must be among them." if must else ""
            return f"You need {needed} of the {len(work.unit.criteria)} points below.{always}"
        case None:
            return ""


def _threshold_now(found: UnitProgress) -> str:
    threshold = found.threshold
    if threshold is None or not any(answer.is_returned for answer in found.answers):
        return ""
    if threshold.is_departed and not threshold.is_met:
        return "Your assessor has decided that this unit is achieved without every mark, and wrote down why."
    met, not_met = "You have the marks this unit needs.", "You do not have all the marks this unit needs yet."
    words = met if threshold.is_met else not_met
    return f"{words} {threshold.have} of {threshold.needed}." if threshold.is_shown else words


def _goes(limit: int | None) -> str:
    if limit is None:
        return "You can hand in each answer as often as you need."
    return f"You have {count(limit, 'go', 'goes').lower()} at each question. There is no closing date."


def _page_task(work: UnitWork, found: UnitProgress, number: int) -> dict[str, Any]:
    here = work.unit.page(number)
    states = [found.questions[key] for key in here.question_keys if key in found.questions]
    return {
        "label": f"{number}. {here.title}",
        "href": url_for("workbook.unit_page", enrolment_id=work.enrolment.id, unit=work.unit.slug, number=number),
        "hint": f"{count(len(here.question_keys), 'question', 'questions')}, about {here.minutes} minutes",
        "state": _page_state(states),
    }


def _page_state(states: list[State]) -> str | None:
    if not states:
        return None
    for state in (State.ON_HOLD, State.NOT_YET, State.ATTEMPTS_USED, State.DRAFT):
        if state in states:
            return state.shown.value
    if all(state == State.ACHIEVED for state in states):
        return "achieved"
    if all(state in rules.WITH_ASSESSOR | {State.ACHIEVED} for state in states):
        return "being_marked"
    return "not_started" if all(state == State.NOT_STARTED for state in states) else "draft"


def _from_earlier(session: Session, work: UnitWork) -> list[tuple[str, str]]:
    """Drafts whose question is not in this version any more: never lost, only moved to the side."""
    known = {question.key: question.kind for question in work.unit.questions}
    left = [draft for key, draft in work.drafts.items() if known.get(key) != draft.kind]
    return [(draft.question, _raw_text(operations.open_draft(session, draft))) for draft in left]


def _raw_text(saved: SavedDraft) -> str:
    """Words of a question that is not at hand any more."""
    match saved.content:
        case contents.TextContent(text=text):
            return text
        case contents.UploadContent(note=note):
            return note
        case contents.LogContent(entries=entries):
            return "\n\n".join("\n".join(entry.values()) for entry in entries)
        case contents.WitnessContent(seen=seen):
            return seen
        case check:
            return "\n".join(contents.given(check))


# -- one question's past -----------------------------------------------------------------------------------------------


def history(session: Session, work: UnitWork, key: str) -> dict[str, Any]:
    """Every attempt at a question (and at those it stands instead of), newest first."""
    question = work.question(key)
    answers = sorted(work.group(key), key=lambda one: (one.at, one.id.int), reverse=True)
    attempts = showing.show_attempts(session, work, answers, full=True)
    shown = showing.show_questions(session, work, [key])[key]
    return {
        "question": question,
        "attempts": attempts,
        "shown": shown,
        "used_up": given.used_up(shown.given) if shown.work.is_used_up and not shown.work.is_reopened else "",
        "latest": next((one for one in attempts if one.facts.attempt), None),
        "goes": showing.goes_left(work.attempts_left(key)),
        "names": {one.key: one.name for one in work.unit.questions},
    }


def earlier(session: Session, work: UnitWork, key: str) -> dict[str, Any]:
    """Earlier drafts of a question, opened, newest first, and what is in the box now."""
    question = work.question(key)
    found = queries.earlier_drafts(session, work.enrolment.id, key)
    return {
        "question": question,
        "shown": showing.show_questions(session, work, [key])[key],
        "drafts": [(one, _text(session, work, key, one)) for one in found],
    }


def _text(session: Session, work: UnitWork, key: str, earlier_draft: EarlierDraft) -> str:
    saved = SavedDraft.model_validate_json(sealing.read(session, earlier_draft.words))
    return contents.as_text(saved.content, work.question(key)) or "Nothing was in the box."


def compare(session: Session, work: UnitWork, key: str, kept: EarlierDraft) -> dict[str, Any]:
    """What is in the box now, and the words that were kept beside it."""
    return {
        "question": work.question(key),
        "shown": showing.show_questions(session, work, [key])[key],
        "kept": kept,
        "kept_text": _text(session, work, key, kept),
    }


# -- who has looked ----------------------------------------------------------------------------------------------------


def looks(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    """Who was shown the learner's words: first name, role, what, why and when, newest first."""
    own = queries.enrolments_of(session, person_id)
    names: dict[tuple[str, str], Any] = {}
    for enrolment in own:
        for row in catalogue.latest_units(session, enrolment.qualification):
            names[enrolment.qualification, row.unit] = catalogue.unit_of(row)
    by_enrolment = {one.id: one.qualification for one in own}
    found = []
    for entry, name, unit, question in queries.looks_at(session, by_enrolment):
        compiled = names.get((by_enrolment[entry.enrolment_id], unit))
        keys = {one.key: one.name for one in compiled.questions} if compiled else {}
        what = f"Unit {compiled.code.removeprefix('U')}, {keys.get(question, 'an answer')}" if compiled else "Your work"
        found.append({"who": name or "Somebody", "role": ROLE_LABELS.get(entry.role, entry.role),  # type: ignore[call-overload]
                      "what": what, "why": WHY.get(entry.purpose, entry.purpose), "at": entry.at})  # fmt: skip
    return found


WHY = {
    "marking": "To mark it",
    "sampling": "To check the marking",
    "quality action": "To look at their marking again",
    "second marking": "To judge it a second time",
    "countersigning": "To confirm what was decided",
    "sent back": "To see why it is decided again",
    "appeal": "To answer an appeal",
    "case": "To look into a question about it",
    "support": "To support you",
    "safeguarding": "To keep somebody safe",
    "external checking": "To check the centre",
    "evidence pack": "A copy, to check the centre",
}
