"""Who may give a later date, let a late answer in, allow one more attempt, or decide on a panel about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from course.audit import Event
from course.independence import Act, Standing, Tie, must_be_free, stopped_by
from course.refusal import Step, require
from course.workbook.rules import State

LEAD = "lead-iqa"
IN_TIME = "in-time"
ONE_MORE, NO_MORE = "one-more", "no-more"
FARTHEST = timedelta(days=366)
"""How far ahead a later day may lie where the cohort has no last day."""


@dataclass(frozen=True)
class Case:
    """One learner's question as those see it who decide about its attempts."""

    learner: UUID
    state: State = State.NOT_YET
    authorised_by: str = LEAD
    hand_in_by: date | None = None
    usual: date | None = None
    """The day that the policy alone gives; `hand_in_by` may be later."""
    given_today: bool = False
    """Whether the day that counts now was given today: a mistake in it can still be put right."""
    ends_on: date | None = None
    """The last day of the cohort, if it has one."""
    today: date = date.min
    is_late_waiting: bool = False
    """Whether the last answer was late and nobody has let it in."""
    last_was_late: bool = False
    further: int = 1
    """How many attempts one person may allow beyond the policy's limit."""
    further_given: int = 0
    conditions: tuple[str, ...] = ()
    has_referral: bool = False
    """Whether a panel has been asked and has not decided."""
    had_a_part: frozenset[UUID] = frozenset()
    """Who referred it, or allowed an attempt before."""

    def before(self, standing: Standing, person: UUID) -> Standing:
        """How somebody stands to it who may have had a part in its earlier steps."""
        return standing.plus(Tie.BEGAN if person in self.had_a_part else None)

    @property
    def can_extend(self) -> bool:
        """Whether a later date can still be given."""
        return self.state == State.NOT_YET and self.hand_in_by is not None and self.today <= self.hand_in_by

    @property
    def first_day(self) -> date | None:
        """The first day that can be given: after the present one, or after the policy's to put right a mistake."""
        present = self.usual if self.given_today and self.usual else self.hand_in_by
        return max(present + timedelta(days=1), self.today) if present else None

    @property
    def last_day(self) -> date:
        """The last day that can be given: the cohort's last day, otherwise in a year."""
        present = self.usual or self.hand_in_by
        is_ahead = self.ends_on is not None and present is not None and self.ends_on > present
        return self.ends_on if is_ahead and self.ends_on else self.today + FARTHEST

    @property
    def can_authorise(self) -> bool:
        """Whether one person may allow one more attempt."""
        late = IN_TIME in self.conditions and self.last_was_late
        return self.is_used_up and self.further_given < self.further and not late

    @property
    def is_used_up(self) -> bool:
        """Whether no attempt is left and no panel has been asked."""
        return self.state == State.ATTEMPTS_USED and not self.has_referral


def _may(case: Case, standing: Standing, role: str) -> None:
    must_be_free(standing, Act.AUTHORISE)
    require(
        role in {LEAD, case.authorised_by}, "Here, only the lead internal quality assurer decides this.", "Ask them."
    )


def wrong_day(case: Case, until: date) -> str:
    """Why a day cannot be given, and which can; empty when it can."""
    if case.first_day is None:
        return ""
    if until == case.hand_in_by or (until < case.first_day and not case.given_today):
        return "Give a day after the present one."
    if until < case.first_day:
        return "Give a day after the one that the policy gives."
    if until <= case.last_day:
        return ""
    return "Give a day before the cohort ends." if case.last_day == case.ends_on else "Give a day within a year."


def extend(case: Case, standing: Standing, *, role: str, until: date, reason: str) -> Step:
    """Give a later date before the date has passed. It is not an attempt (domain.md 3). Raises Refusal."""
    _may(case, standing, role)
    require(case.state == State.NOT_YET and case.hand_in_by is not None, "There is no date here to move.")
    require(case.can_extend, "The day has passed, so it cannot be moved any more.",
            "The learner can still hand in. You then look at why it is late.")  # fmt: skip
    wrong = wrong_day(case, until)
    require(not wrong, wrong)
    require(reason.strip(), "Write why the learner needs longer.")
    return Step(Event.DATE_EXTENDED)


def accept_late(case: Case, standing: Standing, *, role: str, reason: str) -> Step:
    """Let a late answer be marked. Raises Refusal."""
    _may(case, standing, role)
    require(case.is_late_waiting, "No late answer waits here.")
    require(reason.strip(), "Write why it was late.")
    return Step(Event.LATE_ACCEPTED)


CONFIRM_ALL = "Confirm every condition of the policy."


def unconfirmed(case: Case, confirmed: Collection[str]) -> set[str]:
    """The conditions of the policy that nobody has confirmed."""
    return set(case.conditions) - set(confirmed)


def authorise(case: Case, standing: Standing, *, role: str, confirmed: Collection[str], reason: str) -> Step:
    """Allow one attempt beyond the limit, on the policy's conditions. Raises Refusal."""
    _may(case, standing, role)
    require(case.state == State.ATTEMPTS_USED, "There is a go left here, or an answer is with the assessor.")
    require(not case.has_referral, "A panel has been asked about this.", "Wait for what it decides.")
    require(case.further_given < case.further, "One person may not allow more goes here.", "Refer it to a panel.")
    require(IN_TIME not in case.conditions or not case.last_was_late, "The last answer was late, and the policy asks "
            "for one in time.", "Refer it to a panel.")  # fmt: skip
    require(not unconfirmed(case, confirmed), CONFIRM_ALL, "Or refer it to a panel.")
    require(reason.strip(), "Write why the learner gets one more go.")
    return Step(Event.ATTEMPT_AUTHORISED)


def refer(case: Case, standing: Standing, *, role: str, reason: str) -> Step:
    """Put a question at which no attempt is left before a panel. Raises Refusal."""
    _may(case, standing, role)
    require(case.state == State.ATTEMPTS_USED, "There is a go left here, or an answer is with the assessor.")
    require(not case.has_referral, "A panel has been asked about this.", "Wait for what it decides.")
    require(reason.strip(), "Write what the panel should look at.")
    return Step(Event.QUESTION_REFERRED)


def decide_panel(
    case: Case, standing: Standing, second: Standing, *, by: UUID, with_: UUID, outcome: str, reason: str
) -> Step:
    """Two people who had no part in it decide about a referral. Raises Refusal."""
    require(case.has_referral, "No panel has been asked about this, or it has decided.")
    must_be_free(case.before(standing, by), Act.SIT)
    require(stopped_by(case.before(second, with_), Act.SIT) is None,
            "The second person had a part in this, so somebody else sits on the panel.",
            "Ask two people who were not involved.")  # fmt: skip
    require(by != with_, "A panel is two people.", "Choose somebody else.")
    require(outcome in {ONE_MORE, NO_MORE}, "Choose what the panel decides.")
    require(reason.strip(), "Write why the panel decides so.")
    return Step(Event.PANEL_DECIDED)
