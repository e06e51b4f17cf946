"""Which answers a sample holds now: those it was opened with, as changed by hand since."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.quality.models import Sample, SampledAnswer
from assessors.quality.plan import rules
from assessors.quality.plan.models import Plan, PlanChange
from assessors.quality.plan.rules import Change


def of_samples(session: Session, sample_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The answers of these samples, those added by hand last. Two queries."""
    found: dict[UUID, list[UUID]] = {one: [] for one in sample_ids}
    opened = session.execute(
        select(SampledAnswer.sample_id, SampledAnswer.answer_id)
        .where(SampledAnswer.sample_id.in_(sample_ids))
        .order_by(SampledAnswer.id)
    )
    for sample_id, answer_id in opened:
        found[sample_id].append(answer_id)
    for sample_id, changes in _changes(session, sample_ids).items():
        added, dropped = rules.after(changes)
        stay = [one for one in found[sample_id] if one not in dropped]
        found[sample_id] = stay + sorted(added - set(stay))
    return found


def of_sample(session: Session, sample_id: UUID) -> list[UUID]:
    """The answers of one sample."""
    return of_samples(session, [sample_id])[sample_id]


def of_cohort(session: Session, cohort_id: UUID, since: datetime | None = None) -> set[UUID]:
    """Every answer that a sample of this cohort holds, of those opened since a moment if one is given."""
    recent = [Sample.at >= since] if since else []
    ids = session.scalars(select(Sample.id).where(Sample.cohort_id == cohort_id, *recent)).all()
    return {answer_id for answers in of_samples(session, ids).values() for answer_id in answers}


def holding(session: Session, answer_id: UUID, cohort_id: UUID) -> set[UUID]:
    """The samples of a cohort that hold one answer now. Two queries, however large the samples are."""
    opened = select(SampledAnswer.sample_id).where(SampledAnswer.answer_id == answer_id)
    found = set(session.scalars(opened))
    rows = session.execute(
        select(Plan.sample_id, PlanChange.added_id, PlanChange.dropped_id)
        .join(Plan, Plan.id == PlanChange.plan_id)
        .where(Plan.cohort_id == cohort_id)
        .order_by(PlanChange.id)
    )
    for sample_id, added, dropped in rows:
        if added == answer_id:
            found.add(sample_id)
        if dropped == answer_id:
            found.discard(sample_id)
    return found


def _changes(session: Session, sample_ids: Collection[UUID]) -> dict[UUID, list[Change]]:
    rows = session.execute(
        select(Plan.sample_id, PlanChange.added_id, PlanChange.dropped_id)
        .join(Plan, Plan.id == PlanChange.plan_id)
        .where(Plan.sample_id.in_(sample_ids))
        .order_by(PlanChange.id)
    )
    found: dict[UUID, list[Change]] = {}
    for sample_id, added, dropped in rows:
        found.setdefault(sample_id, []).append(Change(added, dropped))
    return found
