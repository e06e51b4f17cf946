"""The tables that the pack takes from slices it knows; later ones offer theirs (`course/evidence.py`)."""

from __future__ import annotations

from assessors.external.tables import (
    agreement,
    assurance,
    attempts,
    cases,
    claims,
    corrections,
    figures,
    learners,
    marking,
    plans,
    prior,
    staff,
    visits,
)
from course.evidence import Part

PARTS: tuple[Part, ...] = (
    learners.registrations, learners.inductions, claims.claims, learners.records, marking.decisions, prior.claims,
    corrections.countersignatures, corrections.reopenings, attempts.extensions, attempts.late, attempts.further,
    attempts.referrals, attempts.departures, marking.guidance, marking.policies, plans.plans, assurance.samples,
    assurance.reviews, plans.errors, assurance.batches, corrections.removals, corrections.withdrawals,
    agreement.standardisation, figures.agreement, agreement.second_marking, staff.appointments, staff.conflicts,
    visits.visits, cases.appeals, cases.conduct, cases.adjustments,
)  # fmt: skip
