"""Who may sample, review, close and release, and which answers a sample should look at first."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from course.audit import Event
from course.independence import Act, Standing, must_be_free
from course.refusal import Step, require

NEW_FOR = timedelta(days=90)
"""How long an assessor counts as new after being appointed."""


class Finding(enum.StrEnum):
    """What an internal quality assurer finds about one decision."""

    AGREE = "agree"
    ACT = "act"


class Reason(enum.StrEnum):
    """Why an answer is worth a look; reads as a phrase on the page."""

    NEW_ASSESSOR = "new assessor"
    SAFETY_CRITICAL = "safety-critical"
    NOT_YET = "not yet"
    LATER_ATTEMPT = "handed in again"
    DEPARTURE = "below the threshold, with a reason"


@dataclass(frozen=True)
class Judged:
    """What is known about a judged answer before anybody opens it."""

    attempt: int
    has_not_yet: bool
    is_safety_critical: bool
    assessor_since: date | None
    has_departure: bool = False


def suggest(judged: Judged, today: date) -> tuple[Reason, ...]:
    """Why this answer should be among those sampled; nothing when no rule names it."""
    is_new = judged.assessor_since is not None and today - judged.assessor_since < NEW_FOR
    asked = (
        (Reason.NEW_ASSESSOR, is_new),
        (Reason.SAFETY_CRITICAL, judged.is_safety_critical),
        (Reason.NOT_YET, judged.has_not_yet),
        (Reason.LATER_ATTEMPT, judged.attempt > 1),
        (Reason.DEPARTURE, judged.has_departure),
    )
    return tuple(reason for reason, applies in asked if applies)


def open_sample(standing: Standing, *, chosen: int, judged: bool, rationale: str) -> Step:
    """Open a sample of a cohort. `judged`: each answer chosen is of this cohort and judged."""
    must_be_free(standing, Act.CHECK)
    require(chosen, "Choose at least one answer for the sample.")
    require(judged, "One of these answers is not ready to be sampled.", "Open the cohort again and choose anew.")
    require(rationale.strip(), "Say why you chose these answers.")
    return Step(Event.SAMPLE_OPENED)


def review(
    standing: Standing, *, reviewed: bool, stands: bool, finding: Finding, comment: str, due_on: date | None,
    today: date,
) -> tuple[Step, ...]:  # fmt: skip
    """Agree with a decision, or ask the assessor to act by a day to come. Never one's own decision."""
    must_be_free(standing, Act.CHECK)
    require(not reviewed, "You have reviewed this decision already.")
    require(stands, "A later decision has taken the place of this one.", "Open the answer again and review that one.")
    if finding == Finding.AGREE:
        return (Step(Event.DECISION_REVIEWED),)
    require(comment.strip(), "Say what the assessor should do.")
    require(due_on is not None and due_on >= today, "Give a day by which to act, today or later.")
    return Step(Event.DECISION_REVIEWED), Step(Event.ACTION_ASKED)


def answer_action(*, decided_by: UUID, by: UUID, closed: bool, words: str) -> Step:
    """The assessor says what they did about an action."""
    require(decided_by == by, "This was asked of another assessor.")
    require(not closed, "This action is closed.")
    require(words.strip(), "Say what you did.")
    return Step(Event.ACTION_ANSWERED)


def close_action(standing: Standing, *, answered: bool, has_left: bool, closed: bool) -> Step:
    """An assurer is satisfied. Never the assessor; without an answer only if the assessor has left."""
    must_be_free(standing, Act.CHECK)
    require(not closed, "This action is closed already.")
    require(answered or has_left, "The assessor has not answered yet.", "Wait for the answer, or ask for it.")
    return Step(Event.ACTION_CLOSED)


def release(*, open_actions: int, unsampled: Sequence[str], why_unsampled: str) -> None:
    """What sampling asks before a batch is released. `unsampled`: assessors of whom nothing in it was reviewed."""
    require(
        not open_actions,
        "An action on work in this batch is still open, so the batch cannot be released.",
        "Close the action first.",
    )
    require(
        not unsampled or why_unsampled.strip(),
        f"Nothing of {' or '.join(unsampled)} in this batch was sampled.",
        "Sample at least one decision of each assessor, or say why not.",
    )
