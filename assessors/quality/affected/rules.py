"""When a decision was wrong: who may say so, and how each decision that may be wrong alike is looked through."""

from __future__ import annotations

import enum

from course.audit import Event
from course.independence import Act, Standing, must_be_free
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


def look(standing: Standing, *, is_affected: bool, looked_at: bool) -> Step:
    """Look at one decision because of an error. Never one's own, never of a cohort one taught or assessed."""
    must_be_free(standing, Act.CHECK)
    require(is_affected, "This decision is no longer among those to look at.", "Open the list again.")
    require(not looked_at, "This decision has been looked at already.")
    return Step(Event.AFFECTED_LOOKED_AT)
