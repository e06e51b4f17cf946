"""What an internal quality assurer sees of each cohort: what waits, what was sampled, what is missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessors.quality import queries
from assessors.quality.models import Review, Sample, SampledAnswer
from assessors.quality.queries import AskedAction, Candidate
from course.access import HeldAppointment
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort
from course.records import operations as records
from course.records import queries as record_queries
from course.records.queries import AchievedUnit, BatchInFull


@dataclass(frozen=True)
class CohortQuality:
    """One cohort, as far as quality assurance goes."""

    cohort: Cohort
    waiting: tuple[AchievedUnit, ...]
    """Achieved units in no batch yet."""
    batches: tuple[BatchInFull, ...]
    samples: tuple[Sample, ...]
    actions: tuple[AskedAction, ...]
    candidates: tuple[Candidate, ...]
    percent: int
    """How much of each assessor's work the policy asks to be sampled."""

    @property
    def unreleased(self) -> int:
        """How many batches wait for their release."""
        return sum(1 for one in self.batches if one.release is None)

    @property
    def sampled(self) -> int:
        """How many answers are in a sample."""
        return sum(one.is_sampled for one in self.candidates)

    @property
    def gaps(self) -> list[str]:
        """What sampling has not reached yet, as sentences."""
        found = []
        if len(self.candidates) * self.percent > self.sampled * 100:
            share = f"{self.sampled} of {len(self.candidates)} answers sampled."
            found.append(f"{share} The policy asks for {self.percent}%.")
        seen = {name for one in self.candidates if one.is_sampled for name in one.assessors}
        everybody = sorted({name for one in self.candidates for name in one.assessors} - seen)
        found += [f"Nothing of {name} has been sampled." for name in everybody]
        missed = sum(1 for one in self.candidates if one.reasons and not one.is_sampled)
        if missed:
            found.append(f"{missed} suggested {'answer is' if missed == 1 else 'answers are'} not in a sample.")
        return found


def of_cohort(session: Session, cohort: Cohort, held: Collection[HeldAppointment]) -> CohortQuality:
    """Everything about one cohort. A constant number of queries."""
    achieved = records.achieved_units(session, cohort) - record_queries.batched(session, cohort.id)
    in_scope = [one for one in achieved if queries.covers(held, cohort, one.unit)]
    samples = session.scalars(select(Sample).where(Sample.cohort_id == cohort.id).order_by(Sample.at.desc()))
    _, policy = enrolments.policy_for(session, cohort)
    return CohortQuality(
        cohort,
        tuple(sorted(in_scope, key=lambda one: (one.unit, str(one.enrolment_id)))),
        tuple(record_queries.batches_of(session, [cohort.id])),
        tuple(samples),
        tuple(queries.open_actions(session, [cohort.id])),
        tuple(queries.candidates(session, cohort, held)),
        policy.sampling.percent,
    )


def cohorts(session: Session, held: Collection[HeldAppointment]) -> list[CohortQuality]:
    """Each cohort in scope, by name."""
    return [of_cohort(session, cohort, held) for cohort in record_queries.cohorts_of(session, held)]


def sizes(session: Session, sample_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """For each sample: how many answers it has, and how many reviews were made in it."""
    counts: list[dict[UUID, int]] = []
    for sample in (SampledAnswer.sample_id, Review.sample_id):
        rows = session.execute(select(sample, func.count()).where(sample.in_(sample_ids)).group_by(sample))
        counts.append({row[0]: row[1] for row in rows})
    return {one: (counts[0].get(one, 0), counts[1].get(one, 0)) for one in sample_ids}
