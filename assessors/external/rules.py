"""Who may set up a visit, what may be shown in it, and what is asked and done about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from course.audit import Event
from course.refusal import Step, require


@dataclass(frozen=True, order=True)
class LearnersUnit:
    """One learner's unit."""

    enrolment_id: UUID
    unit: str


def set_up(*, purpose: str) -> Step:
    """Let an external quality assurer in. Their days, and who cannot be one, are those of their appointment."""
    require(purpose.strip(), "Say what the visit is for.")
    return Step(Event.VISIT_SET_UP)


def show(*, chosen: Collection[LearnersUnit], offered: Collection[LearnersUnit], is_over: bool, rationale: str) -> Step:
    """Add units to the sample. `offered`: units of this visit's learners with returned work, not in the sample yet."""
    _still_open(is_over)
    require(chosen, "Choose at least one unit.")
    require(
        set(chosen) <= set(offered),
        "One of these units cannot be shown: nothing in it has been returned, or it is in the sample already.",
        "Open the visit again and choose anew.",
    )
    require(rationale.strip(), "Say why you show these.")
    return Step(Event.VISIT_SAMPLE_SHOWN)


def ask(*, chosen: Collection[LearnersUnit], offered: Collection[LearnersUnit], reason: str) -> Step:
    """Ask the centre for units of the external quality assurer's own choice."""
    require(chosen, "Choose at least one unit.")
    require(
        set(chosen) <= set(offered),
        "One of these units cannot be asked for.",
        "Open the visit again and choose anew.",
    )
    require(reason.strip(), "Say why you would like to see these.")
    return Step(Event.VISIT_SAMPLE_ASKED)


def grant(*, answered: bool, is_over: bool) -> Step:
    """Show what was asked for."""
    _still_open(is_over)
    require(not answered, "This request has been answered already.")
    return Step(Event.VISIT_SAMPLE_SHOWN)


def refuse(*, answered: bool, reason: str) -> Step:
    """Do not show what was asked for, and say why."""
    require(not answered, "This request has been answered already.")
    require(reason.strip(), "Say why these cannot be shown.")
    return Step(Event.VISIT_SAMPLE_REFUSED)


def note_action(*, words: str, due_on: date, today: date, is_own: bool) -> Step:
    """Note what the external quality assurer asks of the centre, and by when.

    `is_own`: they leave it themselves, so it is new. The centre may note one whose day has passed.
    """
    require(words.strip(), "Write what is to be done.")
    require(not is_own or due_on >= today, "This day has passed.", "Give the centre a day that is still to come.")
    return Step(Event.VISIT_ACTION_NOTED)


def finish_action(*, done: bool, words: str, done_on: date, today: date) -> Step:
    """Note what was done about it."""
    require(not done, "This action is done already.")
    require(words.strip(), "Write what was done.")
    require(done_on <= today, "This day has not come yet.", "Enter the day on which it was done.")
    return Step(Event.VISIT_ACTION_DONE)


def close_action(*, done_by: UUID | None, closed: bool, is_own: bool, is_over: bool, by: UUID) -> Step:
    """Say that what was done is enough. `is_own`: the external quality assurer says it. `is_over`: their visit is.

    At the centre nobody closes what they noted themselves.
    """
    require(not closed, "This action is closed already.")
    require(done_by is not None, "Nothing is noted yet that was done about this.", "It is closed once something is.")
    require(
        is_own or is_over,
        "The external quality assurer closes this while their visit lasts.",
        "If they have not when it is over, the centre can.",
    )
    require(is_own or by != done_by, "You noted what was done, so you cannot close it.", "Ask a colleague to look.")
    return Step(Event.VISIT_ACTION_CLOSED)


def take_pack(*, answers: int) -> Step:
    """Make an evidence pack. It holds learners' words, so the trail says that they were exported."""
    require(
        answers,
        "The sample holds no answer, so there is nothing to put into a pack.",
        "Choose what the external quality assurer may see first.",
    )
    return Step(Event.WORDS_EXPORTED)


def _still_open(is_over: bool) -> None:
    require(not is_over, "This visit is over.", "Set up another visit.")
