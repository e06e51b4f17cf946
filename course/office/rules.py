"""What the office may do with an account, whom it may be worth calling, and what is safe in a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from course import working_days
from course.refusal import require

REGISTER_WITHIN = 10
"""Working days after enrolling in which a learner should be registered with the awarding organisation."""
QUIET_FOR = 14
"""Days without a step by the learner or to them, after which a call may help."""


@dataclass(frozen=True)
class Standing:
    """How far a learner has come, as the tracker needs it."""

    last_step: date
    is_finished: bool
    is_with_assessor: bool


def is_worth_a_call(standing: Standing, today: date) -> bool:
    """The next step is the learner's, and nothing has happened for a while."""
    if standing.is_finished or standing.is_with_assessor:
        return False
    return (today - standing.last_step).days >= QUIET_FOR


def days_to_register(enrolled: date, today: date, nation: str = working_days.ENGLAND) -> int:
    """Working days left to register a learner; below nought when they have passed."""
    return REGISTER_WITHIN - working_days.between(enrolled, today, nation)


def invite_again(*, has_password: bool, is_closed: bool) -> None:
    """Only somebody who has not come in yet is invited again."""
    require(not is_closed, "This account is closed.", "Nobody can sign in to it any more.")
    require(not has_password, "This person has come in already.", "They can ask for a link on the sign-in page.")


def close_account(*, is_elsewhere: bool, is_closed: bool) -> None:
    """An account that another centre needs too stays open."""
    require(not is_closed, "This account is closed already.", "There is nothing more to do.")
    require(
        not is_elsewhere,
        "This person also belongs to another centre.",
        "End their appointments at your centre instead.",
    )


UNSAFE_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters that make a spreadsheet take text for a formula, their wide forms included."""


def safe_cell(value: object) -> str:
    """Text that no spreadsheet runs: an apostrophe in front of what could be a formula (OWASP, CSV injection)."""
    text = "" if value is None else str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(UNSAFE_STARTS) else text
