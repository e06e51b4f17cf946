"""The office's pages. One file a noun; all routes stand on the one blueprint."""

from __future__ import annotations

from course.office.views import centre, cohorts, conflicts, home, learners, live_hours, outcomes, people, progress
from course.office.views.scope import bp

__all__ = [
    "bp", "centre", "cohorts", "conflicts", "home", "learners", "live_hours", "outcomes", "people", "progress",
]  # fmt: skip
