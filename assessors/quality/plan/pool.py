"""The facts that a draw rests on: a cohort's judged answers, and what is known about each assessor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from assessors.quality import queries
from assessors.quality.models import Review, Sample
from assessors.quality.plan import membership
from assessors.quality.plan.rules import A_YEAR, NEAR, Decided, Evidence, Item, Need
from assessors.quality.rules import Finding
from course import clock
from course.access import HeldAppointment
from course.adjustments.queries import is_adjusted
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit
from course.enrolment.models import Cohort, Enrolment
from course.enrolment.policy import CompiledPolicy, PointsThreshold
from course.workbook.models import Answer, Decision, Departure, Outcome, ReturnedDecision
from course.workbook.prior import is_claim
from course.workbook.queries import root_of

UnitOfLearner = tuple[UUID, str]


@dataclass
class _Judged:
    """One answer's decisions, gathered row by row in the order of their numbers."""

    id: UUID
    enrolment_id: UUID
    unit: str
    question: str
    kind: str
    version: UUID
    is_adjusted: bool
    is_claim: bool
    standing: dict[str, tuple[UUID, bool, int]] = field(default_factory=dict)
    """By criterion: who, whether achieved, and points."""
    was_changed: bool = False
    is_returned: bool = False

    def take(self, criterion: str, who: UUID, achieved: bool, points: int) -> None:
        earlier = self.standing.get(criterion)
        self.was_changed = self.was_changed or (earlier is not None and earlier[1] != achieved)
        self.standing[criterion] = (who, achieved, points)


def load(
    session: Session, cohort: Cohort, policy: CompiledPolicy, held: Collection[HeldAppointment],
    only: Collection[UUID] | None = None,
) -> list[Item]:  # fmt: skip
    """The judged answers of a cohort within these appointments: returned, or decided where returns wait for sampling.

    A constant number of queries. `only`: these answers alone, with the sorts that need their learner's unit whole.
    """
    where = [Answer.cohort_id == cohort.id]
    if only is not None:
        units = session.execute(select(Answer.enrolment_id, Answer.unit).where(Answer.id.in_(only)).distinct()).all()
        where += [Answer.enrolment_id.in_({row[0] for row in units}), Answer.unit.in_({row[1] for row in units})]
    judged = _judged(session, where)
    versions = {one.version for one in judged}
    compiled = {version: catalogue.unit(session, version) for version in versions}
    waits = policy.return_ == "after-sampling"
    ready = [one for one in judged if (waits or one.is_returned) and queries.covers(held, cohort, one.unit)]
    departed = _departed(session, cohort)
    near = _near_threshold(ready, compiled, policy)
    sampled = membership.of_cohort(session, cohort.id, since=clock.now() - A_YEAR)
    again = _later_attempts(judged, compiled)
    critical = {
        version: {one.number for one in unit.criteria if one.safety_critical} for version, unit in compiled.items()
    }
    return [
        _item(one, critical[one.version], departed, near, again, is_sampled=one.id in sampled)
        for one in ready
        if only is None or one.id in only
    ]


def _judged(session: Session, where: Iterable[ColumnElement[bool]]) -> list[_Judged]:
    rows = session.execute(
        select(
            Answer.id, Answer.enrolment_id, Answer.unit, Answer.question, Answer.kind, Answer.unit_version_id,
            is_adjusted(Answer.enrolment_id, Answer.unit, Answer.at).label("is_adjusted"),
            is_claim().label("is_claim"),
            Decision.criterion, Decision.decided_by, Decision.outcome, Decision.points,
            ReturnedDecision.decision_id.is_not(None).label("is_returned"),
        )
        .join(Decision, Decision.answer_id == Answer.id)
        .outerjoin(ReturnedDecision, ReturnedDecision.decision_id == Decision.id)
        .where(*where)
        .order_by(Answer.at, Answer.id, Decision.number)
    )  # fmt: skip
    found: dict[UUID, _Judged] = {}
    for row in rows:
        one = found.get(row.id)
        if one is None:
            one = found[row.id] = _Judged(*row[:8])
        one.is_returned = one.is_returned or bool(row.is_returned)
        one.take(row.criterion, row.decided_by, row.outcome == Outcome.ACHIEVED, row.points or 0)
    return list(found.values())


def _departed(session: Session, cohort: Cohort) -> set[UnitOfLearner]:
    rows = session.execute(
        select(Departure.enrolment_id, Departure.unit)
        .join(Enrolment, Enrolment.id == Departure.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id)
    )
    return {(row[0], row[1]) for row in rows}


def _near_threshold(
    judged: Iterable[_Judged], compiled: Mapping[UUID, CompiledUnit], policy: CompiledPolicy
) -> set[UnitOfLearner]:
    points: dict[UnitOfLearner, int] = defaultdict(int)
    asked: dict[UnitOfLearner, int] = {}
    for one in judged:
        threshold = policy.threshold_for(compiled[one.version].code)
        if isinstance(threshold, PointsThreshold):
            points[one.enrolment_id, one.unit] += sum(standing[2] for standing in one.standing.values())
            asked[one.enrolment_id, one.unit] = threshold.points
    return {where for where, sum_ in points.items() if abs(sum_ - asked[where]) <= NEAR}


def _later_attempts(judged: Iterable[_Judged], compiled: Mapping[UUID, CompiledUnit]) -> set[UUID]:
    """Answers to a question, or one it stands instead of, that was judged before. `judged` is in hand-in order."""
    seen: set[tuple[UUID, str]] = set()
    again = set()
    for one in judged:
        place = (one.enrolment_id, root_of(compiled[one.version], one.question))
        again |= {one.id} if place in seen else set()
        seen.add(place)
    return again


def _item(
    one: _Judged, critical: set[str], departed: set[UnitOfLearner], near: set[UnitOfLearner], again: set[UUID], *,
    is_sampled: bool,
) -> Item:  # fmt: skip
    outcomes = {standing[1] for standing in one.standing.values()}
    place = (one.enrolment_id, one.unit)
    sorts = (
        (Need.SAFETY, bool(critical & one.standing.keys())),
        (Need.NOT_YET, False in outcomes),
        (Need.LATER, one.id in again),
        (Need.BORDERLINE, len(outcomes) > 1 or one.was_changed or place in near),
        (Need.DEPARTURE, place in departed),
        (Need.ADJUSTED, bool(one.is_adjusted)),
        (Need.PRIOR, bool(one.is_claim)),
    )
    return Item(
        one.id, one.unit, one.kind,
        tuple(Decided(who, criterion, achieved) for criterion, (who, achieved, _) in sorted(one.standing.items())),
        frozenset(sort for sort, applies in sorts if applies), is_sampled,
    )  # fmt: skip


def evidence(session: Session, cohort: Cohort) -> dict[UUID, Evidence]:
    """What is known about the centre's assessors: since when, and how often a reviewer asked them to act this year."""
    since = queries.appointed_since(session, cohort)
    rows = session.execute(
        select(Decision.decided_by, func.sum(case((Review.finding == Finding.ACT, 1), else_=0)))
        .join(Review, Review.decision_id == Decision.id)
        .join(Sample, Sample.id == Review.sample_id)
        .where(Sample.centre_id == cohort.centre_id, Review.at >= clock.now() - A_YEAR)
        .group_by(Decision.decided_by)
    )
    asked = {row[0]: int(row[1]) for row in rows}
    return {one: Evidence(since.get(one), asked.get(one, 0)) for one in since.keys() | asked.keys()}


def never_sampled(session: Session, cohort: Cohort, held: Collection[HeldAppointment]) -> list[str]:
    """Other cohorts of the qualification here with judged work and no sample in a year, by name."""
    sampled = select(Sample.id).where(Sample.cohort_id == Cohort.id, Sample.at >= clock.now() - A_YEAR).exists()
    judged = (
        select(Answer.id).join(Decision, Decision.answer_id == Answer.id).where(Answer.cohort_id == Cohort.id).exists()
    )
    rows = session.scalars(
        select(Cohort)
        .where(
            Cohort.centre_id == cohort.centre_id, Cohort.qualification == cohort.qualification, Cohort.id != cohort.id,
            ~sampled, judged,
        )
        .order_by(Cohort.name)
    )  # fmt: skip
    return [one.name for one in rows if queries.covers(held, one)]
