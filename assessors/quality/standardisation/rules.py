"""Standardisation: judging sample answers beforehand, meeting about them, keeping what was agreed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from course.audit import Event
from course.refusal import Step, require

MEETING_ENOUGH = 2
"""Agreement needs at least two people."""
LONGEST_MEETING = 600  # minutes


@dataclass(frozen=True)
class Activity:
    """How far a standardisation has come, and with whom."""

    has_begun: bool = False
    """Whether the meeting has begun: the judgements are shown, and no more are taken."""
    complete: int = 0
    """How many people have judged every sample."""


def mixed(seed: str, names: Iterable[str]) -> list[str]:
    """The names in an order that is always the same and says nothing: a sample's own title gives its answer away."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed}\n{name}".encode()).digest())


def open_activity(*, samples: int, judge_by: date, today: date) -> Step:
    """Ask the assessors of a centre to judge sample answers by a day."""
    require(samples, "There are no sample answers to judge here.", "Choose another question.")
    require(judge_by >= today, "Give a day by which to judge, today or later.")
    return Step(Event.STANDARDISATION_OPENED)


def judge(
    activity: Activity, *, judged_before: bool, criteria: Collection[str], outcomes: Mapping[str, object], why: str
) -> Step:
    """Judge one sample, every criterion together, once, and before the meeting."""
    require(not activity.has_begun, "The meeting has begun, so no more judgements are taken.",
            "Read what the others said on the meeting’s page.")  # fmt: skip
    require(not judged_before, "You have judged this sample already.", "Go on to the next one.")
    missing = [one for one in criteria if not outcomes.get(one)]
    require(not missing, f"Choose “achieved” or “not yet” for {' and '.join(missing)}.")
    require(set(outcomes) <= set(criteria), "This sample has other points.", "Open it again.")
    require(why.strip(), "Write why you decide so.")
    return Step(Event.SAMPLE_JUDGED)


def begin(activity: Activity) -> Step:
    """Begin the meeting: from now on everybody sees what the others said."""
    require(not activity.has_begun, "The meeting has begun already.")
    require(activity.complete >= MEETING_ENOUGH, "Fewer than two people have judged every sample.",
            "Wait for a second judgement: agreement needs two.")  # fmt: skip
    return Step(Event.MEETING_BEGUN)


def propose(activity: Activity, *, is_known_place: bool, wording: str, why: str) -> Step:
    """Keep wording that the meeting agreed. It changes no guidance."""
    require(activity.has_begun, "Wording is agreed at the meeting, and it has not begun.")
    require(is_known_place, "This place is not in the guidance.", "Choose another.")
    require(wording.strip(), "Write the wording that you agreed.")
    require(why.strip(), "Write why you agreed on it.")
    return Step(Event.GUIDANCE_PROPOSED)


def record(activity: Activity, *, present: Collection[object], held_on: date, lasted: int, minutes: str,
           today: date) -> Step:  # fmt: skip
    """Keep the minutes of a meeting, and who was there. Doing it again corrects them under the next number."""
    require(activity.has_begun, "The meeting has not begun, so there is nothing to minute.")
    require(held_on <= today, "Give the day on which you met, today or earlier.")
    require(0 < lasted <= LONGEST_MEETING, f"Give how long you met: 1 to {LONGEST_MEETING} minutes.")
    require(len(set(present)) >= MEETING_ENOUGH, "Say who was there: at least two people.")
    require(minutes.strip(), "Write what was said and agreed.")
    return Step(Event.MINUTES_RECORDED)
