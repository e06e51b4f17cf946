"""The tables that the pack takes from slices it knows; later ones offer theirs (`course/evidence.py`)."""

from __future__ import annotations

from assessors.external.tables import agreement, assurance, cases, corrections, learners, marking, plans, staff, visits
from course.evidence import Part

PARTS: tuple[Part, ...] = (
    learners.registrations, learners.records, marking.decisions, corrections.countersignatures, corrections.reopenings,
    marking.guidance, marking.policies, plans.plans, assurance.samples, assurance.reviews, plans.errors,
    assurance.batches, corrections.removals, corrections.withdrawals,
    agreement.standardisation, agreement.second_marking, staff.appointments, visits.visits,
    cases.appeals, cases.conduct, cases.adjustments,
)  # fmt: skip
