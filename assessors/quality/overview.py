"""What an assurer sees of each cohort: batches, actions, samples, the last plan. It counts, and reads no answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from assessors.quality import queries
from assessors.quality.models import Review, Sample, SampledAnswer
from assessors.quality.plan import queries as plans
from assessors.quality.plan.queries import PlanBrief
from assessors.quality.queries import AskedAction
from course.access import HeldAppointment
from course.enrolment.models import Cohort
from course.records import operations as records
from course.records import queries as record_queries
from course.records.queries import AchievedUnit, BatchInFull, BatchSize


@dataclass(frozen=True)
class CohortQuality:
    """One cohort, as far as quality assurance goes."""

    cohort: Cohort
    batches: tuple[BatchInFull, ...]
    actions: tuple[AskedAction, ...]
    """Those that nobody has closed."""
    sampled: int
    """Answers in whatever sample."""
    plan: PlanBrief | None
    """The last plan that was drawn."""

    @property
    def unreleased(self) -> int:
        """How many batches wait for their release."""
        return sum(1 for one in self.batches if one.release is None)

    @property
    def gaps(self) -> list[str]:
        """What sampling has not reached yet, as sentences."""
        if self.plan is None:
            return ["No sampling plan has been drawn yet."]
        name = f"Plan {self.plan.plan.number}"
        left = self.plan.answers - self.plan.reviewed
        found = [] if self.plan.is_compliant else [f"{name} does not hold all that the policy asks."]
        if left > 0:
            found.append(f"{left} {'answer' if left == 1 else 'answers'} of {name.lower()} still to look at.")
        return found


@dataclass(frozen=True)
class CohortNumbers:
    """One cohort in numbers and dates, for somebody from outside."""

    cohort: Cohort
    sampled: int
    open_actions: int
    batches: tuple[BatchSize, ...]


def numbers(session: Session, held: Collection[HeldAppointment]) -> list[CohortNumbers]:
    """Each cohort in scope, by name, counted by the database. A constant number of queries."""
    found = record_queries.cohorts_of(session, held)
    ids = [one.id for one in found]
    batches: dict[UUID, list[BatchSize]] = defaultdict(list)
    for one in record_queries.batch_sizes(session, ids):
        batches[one.cohort_id].append(one)
    sampled, actions = _sampled(session, ids), queries.count_open_actions(session, ids)
    return [CohortNumbers(one, sampled.get(one.id, 0), actions.get(one.id, 0), tuple(batches[one.id])) for one in found]


def cohorts(session: Session, held: Collection[HeldAppointment]) -> list[CohortQuality]:
    """Each cohort in scope, by name. A constant number of queries."""
    return _of(session, record_queries.cohorts_of(session, held))


def of_cohort(session: Session, cohort: Cohort) -> CohortQuality:
    """Everything about one cohort."""
    return _of(session, [cohort])[0]


def _of(session: Session, found: Collection[Cohort]) -> list[CohortQuality]:
    ids = [one.id for one in found]
    batches: dict[UUID, list[BatchInFull]] = defaultdict(list)
    for full in record_queries.batches_of(session, ids):
        batches[full.batch.cohort_id].append(full)
    actions: dict[UUID, list[AskedAction]] = defaultdict(list)
    for asked in queries.open_actions(session, ids):
        actions[asked.answer.cohort_id].append(asked)
    sampled = _sampled(session, ids)
    last = plans.briefs(session, ids)
    return [
        CohortQuality(
            one, tuple(batches[one.id]), tuple(actions[one.id]), sampled.get(one.id, 0), last.get(one.id)
        )
        for one in found
    ]  # fmt: skip


def _sampled(session: Session, cohort_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = session.execute(
        select(Sample.cohort_id, func.count(distinct(SampledAnswer.answer_id)))
        .join(SampledAnswer, SampledAnswer.sample_id == Sample.id)
        .where(Sample.cohort_id.in_(cohort_ids))
        .group_by(Sample.cohort_id)
    )
    return {row[0]: row[1] for row in rows}


def samples(session: Session, cohort_id: UUID) -> list[Sample]:
    """Every sample of a cohort, newest first."""
    return list(session.scalars(select(Sample).where(Sample.cohort_id == cohort_id).order_by(Sample.at.desc())))


def waiting(session: Session, cohort: Cohort, held: Collection[HeldAppointment]) -> list[AchievedUnit]:
    """Achieved units to put in a batch. It derives each learner's units, so only the page that makes batches asks."""
    achieved = records.achieved_units(session, cohort) - record_queries.not_to_batch(session, cohort.id)
    in_scope = [one for one in achieved if queries.covers(held, cohort, one.unit)]
    return sorted(in_scope, key=lambda one: (one.unit, str(one.enrolment_id)))


def sizes(session: Session, sample_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """For each sample: how many answers it was opened with, and how many reviews were made in it."""
    counts: list[dict[UUID, int]] = []
    for sample in (SampledAnswer.sample_id, Review.sample_id):
        rows = session.execute(select(sample, func.count()).where(sample.in_(sample_ids)).group_by(sample))
        counts.append({row[0]: row[1] for row in rows})
    return {one: (counts[0].get(one, 0), counts[1].get(one, 0)) for one in sample_ids}
