"""The tables that the pack takes from slices it knows; later ones offer theirs (`course/evidence.py`)."""

from __future__ import annotations

from assessors.external.tables import assurance, learners, marking, staff, visits
from course.evidence import Part

PARTS: tuple[Part, ...] = (
    learners.registrations, learners.records, marking.decisions, marking.guidance, marking.policies, assurance.samples,
    assurance.reviews, assurance.batches, staff.appointments, visits.visits,
)  # fmt: skip
