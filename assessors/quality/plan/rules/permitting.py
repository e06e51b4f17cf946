"""Who may draw a plan and change it: somebody with no part in the cohort, never about their own decisions."""

from __future__ import annotations

from dataclasses import dataclass

from assessors.quality.plan.rules.drawing import Drawn
from course.audit import Event
from course.independence import Act, Standing, must_be_free
from course.refusal import Step, require


def open_plan(standing: Standing, drawn: Drawn) -> Step:
    """Put a draw into ink: by somebody with no part in the cohort, when there is something to look at."""
    must_be_free(standing, Act.CHECK)
    require(drawn.answers, "Nothing in this cohort is marked yet, so there is nothing to sample.")
    require(
        drawn.lines,
        "What is marked so far has been sampled as the policy asks, so there is nothing to draw.",
        "Draw again when more has been marked, or open a sample by hand.",
    )
    return Step(Event.PLAN_DRAWN)


@dataclass(frozen=True)
class Choice:
    """What must be known about an answer that is to enter or leave a plan."""

    is_in_plan: bool
    is_judged: bool = True
    is_reviewed: bool = False


def change(standing: Standing, *, add: Choice | None, drop: Choice | None, reason: str) -> Step:
    """Add an answer, drop one, or swap two, with a reason. Never one's own decision, never one that was reviewed."""
    must_be_free(standing, Act.CHECK)
    require(add or drop, "Choose an answer to add, to drop, or both.")
    if add:
        require(not add.is_in_plan, "This answer is in the plan already.")
        require(add.is_judged, "This answer is not ready to be sampled.", "Wait until it is marked and returned.")
    if drop:
        require(drop.is_in_plan, "This answer is not in the plan.")
        require(not drop.is_reviewed, "You have reviewed this answer already, so it stays in the plan.")
    require(reason.strip(), "Say why you change the plan.")
    return Step(Event.PLAN_CHANGED)
