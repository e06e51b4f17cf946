"""What second marking tells the slices before it, which cannot import what they ask."""

from __future__ import annotations

from assessors.marking.queries import desk
from assessors.quality.second.queries import pairs
from course.records import queries as records


def connect() -> None:
    """Let the marking desk and the records ask."""
    if pairs.is_asked_blind not in desk.blinds:
        desk.blinds.append(pairs.is_asked_blind)
        desk.agreements.append(pairs.agreed)
        records.second_judgements.append(pairs.has_judged)
