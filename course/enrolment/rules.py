"""Who may join a cohort, when a registration, an induction or a withdrawal counts, and what fixes a version."""

from __future__ import annotations

import enum
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
