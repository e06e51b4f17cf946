"""When an adjustment may be agreed, by whom, on which days it holds, and what a learner may ask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from course.adjustments.models import Kind
from course.audit import Event
from course.independence import Act, Standing, must_be_free
from course.refusal import Step, require

LONGEST = 2_000
"""Characters in one box."""
MOST_OPEN = 5
"""Requests of one learner that may wait for a reply at the same time."""


@dataclass(frozen=True)
class AdjustmentFact:
    """One adjustment or special consideration, without its words. No unit named means all of them."""

    id: UUID
    enrolment_id: UUID
    kind: str
    seen: str
    from_on: date
    until_on: date | None
    review_on: date | None
    words_id: UUID
    agreed_by: UUID
    units: frozenset[str] = frozenset()
    last_on: date | None = None
    """The last day, once somebody has ended it."""

    @property
    def ends_on(self) -> date | None:
        """The last day on which it holds; None while no day is set."""
        days = [day for day in (self.until_on, self.last_on) if day is not None]
        return min(days) if days else None

    def holds_on(self, day: date) -> bool:
        """Whether it holds for work handed in on this day."""
        return self.from_on <= day and (self.ends_on is None or day <= self.ends_on)

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.ends_on is not None and self.ends_on < today

    def covers(self, unit: str) -> bool:
        """Whether it is for this unit."""
        return not self.units or unit in self.units

    def is_to_review(self, today: date) -> bool:
        """Whether somebody should ask the learner if it still fits."""
        return self.review_on is not None and self.review_on <= today and not self.is_over(today)


@dataclass(frozen=True)
class Agreement:
    """What is to be noted."""

    kind: Kind
    what: str
    agreed_with: str
    seen: str
    from_on: date
    until_on: date | None = None
    review_on: date | None = None
    units: frozenset[str] = frozenset()


def agree(
    wanted: Agreement, standing: Standing, *, is_enrolled: bool, known: Collection[str],
    handed_in: Collection[str], today: date,
) -> Step:  # fmt: skip
    """Note what was agreed. `known`: the course's units; `handed_in`: those with a hand-in. Raises Refusal.

    A reasonable adjustment is agreed before the work is assessed; special consideration follows something that
    happened (domain.md 1, 3). Neither alters the standard.
    """
    must_be_free(standing, Act.ARRANGE)
    require(is_enrolled, "This learner has left the course.")
    require(wanted.what.strip(), "Write what is agreed.")
    require(wanted.agreed_with.strip(), "Write who agreed it with you. The learner is one of them.")
    require(wanted.units <= set(known), "One of these units is not part of the course.")
    require(wanted.until_on is None or wanted.until_on >= wanted.from_on, "The last day is before the first.")
    if wanted.kind == Kind.ADJUSTMENT:
        require(wanted.from_on >= today,
                "A reasonable adjustment is agreed before the work, so it begins today or later.",
                "For something that has already happened, note special consideration.")  # fmt: skip
        require(wanted.review_on is not None and wanted.review_on > wanted.from_on,
                "Give a day after the first on which you ask whether it still fits.")  # fmt: skip
        return Step(Event.ADJUSTMENT_AGREED)
    require(wanted.from_on <= today,
            "Special consideration is for something that has happened, so it begins today or before.",
            "For what is to come, agree a reasonable adjustment.")  # fmt: skip
    require(wanted.units, "Choose the unit that this is about.")
    require(wanted.units <= set(handed_in), "Nothing of this unit is handed in, so there is nothing to consider yet.",
            "Agree a reasonable adjustment instead.")  # fmt: skip
    return Step(Event.CONSIDERATION_AGREED)


def end(fact: AdjustmentFact, standing: Standing, *, last_on: date, today: date, reason: str) -> Step:
    """End an adjustment, today or on a day to come: never for work that is handed in already. Raises Refusal."""
    must_be_free(standing, Act.ARRANGE)
    require(fact.last_on is None and not fact.is_over(today), "This has ended already.")
    require(last_on >= today, "The last day is today or later. What is handed in already keeps the adjustment.")
    require(fact.until_on is None or last_on <= fact.until_on, "It ends before that day as it is.")
    require(reason.strip(), "Write why it ends.")
    return Step(Event.ADJUSTMENT_ENDED)


def ask(*, learner: UUID, by: UUID, is_enrolled: bool, waiting: int, words: str) -> Step:
    """A learner asks for an adjustment, or for a change. Raises Refusal."""
    require(learner == by, "You can only ask for yourself.")
    require(is_enrolled, "You have left this course.", "Ask your centre about it.")
    require(waiting < MOST_OPEN, "Your centre has not answered what you asked before.", "Wait for the reply, or call.")
    require(words.strip(), "Write what would help you.")
    return Step(Event.ADJUSTMENT_ASKED)


def reply(standing: Standing, *, is_answered: bool, words: str) -> Step:
    """Answer what a learner asked. Raises Refusal."""
    must_be_free(standing, Act.ARRANGE)
    require(not is_answered, "This is answered already.")
    require(words.strip(), "Write your reply.")
    return Step(Event.ADJUSTMENT_ANSWERED)


def settle(*, is_settled: bool) -> Step:
    """Answer a request by what is agreed now. Raises Refusal."""
    require(not is_settled, "Somebody has settled this request already.", "Load the page again to read how.")
    return Step(Event.ADJUSTMENT_ANSWERED)


def decline(standing: Standing, *, is_settled: bool, words: str) -> Step:
    """Not agree to what a learner asked, with the reason that they read. Raises Refusal."""
    must_be_free(standing, Act.ARRANGE)
    require(not is_settled, "Somebody has settled this request already.", "Load the page again to read how.")
    require(words.strip(), "Write why it is not agreed.")
    return Step(Event.ADJUSTMENT_DECLINED)
