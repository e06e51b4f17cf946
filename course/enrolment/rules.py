"""Who may join a cohort, when a registration, an induction or a withdrawal counts, and what fixes a version."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from course.audit import Event
from course.refusal import Step, require


class ReasonForLeaving(enum.StrEnum):
    """Why somebody left, in words broad enough to say nothing about their health."""

    WORK = "work"
    MOVED = "moved"
    TIME = "time"
    HEALTH = "health"
    COURSE = "course"
    CONTACT = "contact"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason as the office reads it."""
        return REASONS[self]


class SourceOfReason(enum.StrEnum):
    """Who gave the reason for leaving."""

    LEARNER = "learner"
    TUTOR = "tutor"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The source as the office reads it."""
        return SOURCES[self]


REASONS = {
    ReasonForLeaving.WORK: "Found work or other training",
    ReasonForLeaving.MOVED: "Moved away",
    ReasonForLeaving.TIME: "Could not find the time",
    ReasonForLeaving.HEALTH: "Health or wellbeing",
    ReasonForLeaving.COURSE: "The course was not right for them",
    ReasonForLeaving.CONTACT: "We lost contact",
    ReasonForLeaving.OTHER: "Another reason",
}
SOURCES = {
    SourceOfReason.LEARNER: "The learner told us",
    SourceOfReason.TUTOR: "The tutor told us",
    SourceOfReason.OTHER: "Somebody else told us",
    SourceOfReason.UNKNOWN: "We do not know for sure",
}


def open_cohort(*, name_taken: bool, is_offered: bool, starts_on: date, ends_on: date | None) -> Step:
    """A cohort has a name of its own, a published qualification, and ends after it starts."""
    require(not name_taken, "There is already a cohort with this name.", "Choose another name.")
    require(is_offered, "This qualification is not published.", "Publish it first.")
    require(ends_on is None or ends_on >= starts_on, "The last day is before the first day.", "Change a date.")
    return Step(Event.COHORT_OPENED)


def enrol(*, person: UUID, by: UUID, is_closed: bool, already: bool) -> Step:
    """A person joins a cohort once, and never by their own hand."""
    require(person != by, "You cannot enrol yourself.", "Ask another admin of your centre.")
    require(not is_closed, "This person's account is closed.", "Use another email address.")
    require(not already, "This person is in this cohort already.", "Find them in the list of learners.")
    return Step(Event.LEARNER_ENROLLED)


def register(*, has_left: bool, already: bool, number_taken: bool, on: date, today: date) -> Step:
    """Registration with the awarding organisation happens once, not in the future, under a number of one's own."""
    require(not has_left, "This learner has left the cohort.", "Enrol them again first.")
    require(not already, "This learner is registered already.", "Look at their row in the list.")
    require(not number_taken, "Another learner has this number.", "Check the number with the awarding organisation.")
    require(on <= today, "The date of registration is in the future.", "Give the day on which you registered them.")
    return Step(Event.LEARNER_REGISTERED)


def acknowledge_induction(*, learner: UUID, by: UUID, has_left: bool, is_newest: bool) -> Step:
    """Learners acknowledge the newest induction themselves."""
    require(learner == by, "You can only confirm your own induction.")
    require(not has_left, "You have left this course.", "Talk to your centre.")
    require(is_newest, "The induction has changed while you were reading.", "Read the new one, then confirm it.")
    return Step(Event.LEARNER_INDUCTED)


def withdraw(*, learner: UUID, by: UUID, already: bool) -> Step:
    """A withdrawal ends the work of an enrolment; decisions and records stay as they are."""
    require(learner != by, "You cannot withdraw yourself here.", "Ask another admin of your centre.")
    require(not already, "This learner has left already.", "There is nothing more to do.")
    return Step(Event.LEARNER_WITHDRAWN)


def accept_version(*, learner: UUID, by: UUID, is_pinned: bool) -> None:
    """A newer version of a unit is taken up by the learner, and only before the unit's first hand-in."""
    require(learner == by, "You can only change your own course.")
    require(not is_pinned, "You have handed in work on this unit, so its version stays.", "Carry on where you were.")


def put_policy_in_force(*, reason: str) -> Step:
    """Rules change for a stated reason."""
    require(reason.strip(), "Write why these rules apply from now on.")
    return Step(Event.POLICY_PUT_IN_FORCE)


MOST_MINUTES = 720
"""Of one live session: half a day and night."""


@dataclass(frozen=True)
class Held:
    """One live session as it is reported: who was there, and who learns in the cohort (as people)."""

    held_on: date
    minutes: int
    attended: frozenset[UUID]
    learners: frozenset[UUID]


def record_live_hours(held: Held, *, by: UUID, is_of_cohort: bool, today: date) -> Step:
    """A centre records time with a tutor after it was held, and who was there."""
    require(is_of_cohort, "This unit is not part of what the cohort studies.", "Choose another unit.")
    _plausible(held, by, today)
    require(1 <= held.minutes <= MOST_MINUTES, f"Give the time in minutes, from 1 to {MOST_MINUTES}.")
    require(held.attended, "Choose who was there.", "If nobody came, there is nothing to record.")
    return Step(Event.LIVE_HOURS_RECORDED)


def correct_live_hours(held: Held, *, by: UUID, stands: bool, today: date) -> Step:
    """A correction takes the place of what was recorded, once. No minutes: the session was not held."""
    require(stands, "These hours have been corrected already.", "Open the list again and correct the newest.")
    _plausible(held, by, today)
    require(0 <= held.minutes <= MOST_MINUTES, f"Give the time in minutes, from 0 to {MOST_MINUTES}.")
    agree = bool(held.minutes) == bool(held.attended)
    require(agree, "Choose who was there, or nobody if it was not held (0 minutes).")
    return Step(Event.LIVE_HOURS_CORRECTED)


def _plausible(held: Held, by: UUID, today: date) -> None:
    require(held.held_on <= today, "This day is still to come.", "Record live hours once they have been held.")
    strangers = held.attended - held.learners
    require(not strangers, "Somebody you chose is not in this cohort.", "Open the page again and choose anew.")
    require(by not in held.attended, "You cannot record live hours for yourself.", "Ask a colleague to do it.")
