"""What standardisation tells the slices before it, which cannot import what they ask."""

from __future__ import annotations

from assessors.quality.standardisation.queries import meeting
from course.development import queries as development


def connect() -> None:
    """A meeting is professional development of whoever was there."""
    if meeting.development not in development.elsewhere:
        development.elsewhere.append(meeting.development)
