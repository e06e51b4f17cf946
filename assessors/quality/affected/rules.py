"""When a decision was wrong: who may say so, and how each decision that may be wrong alike is looked through."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from uuid import UUID

from course.audit import Event
from course.independence import NEXT, Act, Standing, must_be_free
from course.refusal import Step, require


class Verdict(enum.StrEnum):
    """What a look at one decision finds."""

    UNAFFECTED = "unaffected"
    ACT = "act"


class Likeness(enum.StrEnum):
    """Why a decision may be wrong like another; reads as a phrase on the page."""

    ASSESSOR = "same assessor"
    QUESTION = "same question"
    GUIDANCE = "same guidance"


def likeness(*, assessor: bool, question: bool, guidance: bool) -> tuple[Likeness, ...]:
    """What a decision has in common with the wrong one."""
    asked = ((Likeness.QUESTION, question), (Likeness.ASSESSOR, assessor), (Likeness.GUIDANCE, guidance))
    return tuple(one for one, applies in asked if applies)


def uphold(standing: Standing, *, look_for: str) -> Step:
    """Find that a decision was wrong, and say what to look for in others. Never about one's own decision."""
    must_be_free(standing, Act.CHECK)
    require(look_for.strip(), "Say what to look for in other decisions.")
    return Step(Event.ERROR_UPHELD)


@dataclass(frozen=True)
class Upheld:
    """An appeal, as whoever finds a decision wrong because of it."""

    is_upheld: bool = True
    has_error: bool = False
    """Whether somebody has said already what to look for."""
    is_answerer: bool = False
    """Whether this person upheld it, which only somebody uninvolved may."""
    role: str = ""


LEAD = "lead-iqa"


def uphold_for_appeal(
    appeal: Upheld, standing: Standing, *, decided_by: UUID | None, by: UUID, look_for: str
) -> Step:  # fmt: skip
    """Say which decision an upheld appeal showed to be wrong (None: none was chosen), and what to look for in others.

    By whoever upheld it, or by the lead internal quality assurer (domain.md 9.12). Raises Refusal.
    """
    require(appeal.is_upheld, "This appeal has not been upheld, so no decision was found wrong.")
    require(not appeal.has_error, "Somebody has said already what to look for.", "Open the decisions to look at.")
    require(appeal.is_answerer or appeal.role == LEAD,
            "Whoever upheld the appeal, or the lead internal quality assurer, says what to look for.",
            "Tell them what you noticed.")  # fmt: skip
    require(decided_by != by, "You made this decision, so you cannot say whether it was wrong.", NEXT[Act.CHECK])
    if not appeal.is_answerer:
        must_be_free(standing, Act.CHECK)
    require(decided_by is not None, "Choose the decision that was wrong.")
    require(look_for.strip(), "Say what to look for in other decisions.")
    return Step(Event.ERROR_UPHELD)


def look(standing: Standing, *, is_affected: bool, looked_at: bool, reason: str) -> Step:
    """Look at one decision because of an error. Never one's own, never of a cohort one taught or assessed."""
    must_be_free(standing, Act.CHECK)
    require(is_affected, "This decision is no longer among those to look at.", "Open the list again.")
    require(not looked_at, "This decision has been looked at already.")
    require(reason.strip(), "Write why you find so.")
    return Step(Event.AFFECTED_LOOKED_AT)
