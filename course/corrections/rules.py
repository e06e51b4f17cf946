"""Who may take a unit out of a batch, ask that a released result be withdrawn, confirm it, and tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from course.audit import Event
from course.independence import Act, Standing, must_be_free
from course.refusal import Step, require

LEAD = "lead-iqa"
NOTIFY_WITHIN = 5
"""Working days to tell the awarding organisation; the rules say only that wrong results must be corrected (CASS)."""

TAKEN_OUT = "This unit has been taken out of the batch already."
WITHDRAWN = "This result has been withdrawn already."
SECOND = "Ask another internal quality assurer, or an admin who had no part in it."


@dataclass(frozen=True)
class Line:
    """One learner's unit in a batch, as the rules see it."""

    is_released: bool = False
    is_taken_out: bool = False
    is_withdrawn: bool = False
    asked_by: UUID | None = None
    """Who asked that the result be withdrawn, while nobody has answered."""


def take_out(standing: Standing, line: Line, *, reason: str) -> Step:
    """Take a unit out of a batch that has not been released. Raises Refusal."""
    must_be_free(standing, Act.CHECK)
    require(not line.is_taken_out, TAKEN_OUT)
    require(not line.is_released, "This batch has been released, so nothing can be taken out of it.",
            "Ask the lead internal quality assurer to withdraw the result.")  # fmt: skip
    require(reason.strip(), "Write why this unit leaves the batch.")
    return Step(Event.UNIT_TAKEN_OUT)


def ask_to_withdraw(standing: Standing, line: Line, *, role: str, reason: str) -> Step:
    """Ask that a released result be withdrawn; it stands until a second person confirms. Raises Refusal."""
    require(role == LEAD, "Only the lead internal quality assurer asks to withdraw a result.", "Tell them your reason.")
    must_be_free(standing, Act.CHECK)
    require(line.is_released and not line.is_taken_out, "This unit has not been released, so there is no result yet.",
            "Take it out of the batch instead.")  # fmt: skip
    require(not line.is_withdrawn, WITHDRAWN)
    require(line.asked_by is None, "Somebody has asked for this already.", "A second person must answer it first.")
    require(reason.strip(), "Write what is wrong with the result.")
    return Step(Event.WITHDRAWAL_ASKED)


def answer(standing: Standing, line: Line, *, by: UUID, is_confirmed: bool, reason: str) -> Step:
    """A second person confirms that a result is withdrawn, or says why it stands. Raises Refusal."""
    require(not line.is_withdrawn, WITHDRAWN)
    require(line.asked_by is not None, "Nobody has asked to withdraw this result.",
            "The lead internal quality assurer can ask.")  # fmt: skip
    require(line.asked_by != by, "You asked for this, so a second person must answer it.", SECOND)
    must_be_free(standing, Act.CHECK)
    require(reason.strip(), "Write what you looked at, and what you found.")
    return Step(Event.WITHDRAWAL_CONFIRMED if is_confirmed else Event.WITHDRAWAL_REFUSED)


def note_told(
    standing: Standing, *, is_due: bool, is_told: bool, told_on: date, withdrawn_on: date, today: date,
    reference: str,
) -> Step:  # fmt: skip
    """An admin notes when the awarding organisation was told, and its reference. Raises Refusal."""
    must_be_free(standing, Act.ARRANGE)
    require(is_due, "The awarding organisation need not be told of this.")
    require(not is_told, "This has been noted already.")
    require(withdrawn_on <= told_on <= today, "This day is before the result was withdrawn, or it has not come yet.",
            "Give the day on which you told them.")  # fmt: skip
    require(reference.strip(), "Write the reference they gave you.")
    return Step(Event.WITHDRAWAL_NOTIFIED)
