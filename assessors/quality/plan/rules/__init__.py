"""The rules of sampling plans: how one is drawn, what changes by hand make of it, and who may do either."""

from assessors.quality.plan.rules.changing import Change, Touched, after, changed, weigh
from assessors.quality.plan.rules.drawing import (
    A_YEAR,
    NEAR,
    TELLING,
    Because,
    Cover,
    Decided,
    Drawn,
    Evidence,
    Item,
    Line,
    Missing,
    Need,
    Share,
    Stage,
    draw,
    is_outlying,
    needs_of,
)
from assessors.quality.plan.rules.permitting import Choice, change, open_plan

__all__ = [
    "A_YEAR", "NEAR", "TELLING", "Because", "Change", "Choice", "Cover", "Decided", "Drawn", "Evidence", "Item", "Line",
    "Missing", "Need", "Share", "Stage", "Touched", "after", "change", "changed", "draw", "is_outlying", "needs_of",
    "open_plan", "weigh",
]  # fmt: skip
