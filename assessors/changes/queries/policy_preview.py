"""What another policy would do: to the learners it would reach, and to all those whom it would have reached."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.changes import rules
from assessors.changes.queries.counting import Touched
from assessors.changes.queries.policies import CohortPolicy, QualificationPolicies, unreachable, what_differs
from assessors.changes.rules import Effect, UnitFacts
from assessors.quality import queries as quality
from course.catalogue.compiled import sha256
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, Enrolment, PolicyVersion
from course.workbook.progress import UnitProgress, UnitState, unit_progress
from course.workbook.rules import State, live


@dataclass(frozen=True)
class PolicyFlip:
    """One learner's unit that would stand otherwise, had the policy applied to it."""

    enrolment_id: UUID
    learner: str
    cohort: Cohort
    unit: str
    unit_title: str
    by: tuple[str, ...]
    effect: Effect
    why: str
    is_reached: bool
    """Whether the change would really reach it. A unit with a hand-in keeps the policy it began under."""


@dataclass(frozen=True)
class Reach:
    """How many units of one cohort's learners a new policy would apply to, and how many keep theirs."""

    cohort: Cohort
    learners: int
    reached: int
    kept: int
    differs: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class PolicyPreview:
    """Everything the preview shows. `here`: in the chosen cohorts; `elsewhere`: in all others in scope."""

    policies: QualificationPolicies
    version: PolicyVersion
    chosen: tuple[CohortPolicy, ...]
    reach: tuple[Reach, ...]
    here: tuple[PolicyFlip, ...]
    elsewhere: tuple[PolicyFlip, ...]
    judged: int
    """Units of learners with something returned, in all these cohorts: what the policy was tried on."""
    touched: tuple[Touched, ...]
    """The same, to be counted."""
    seen: str
    unreachable: tuple[str, ...] = ()
    """Units, by number, that nobody could pass under it: the guidance in force does not give enough marks."""

    @property
    def flips(self) -> tuple[PolicyFlip, ...]:
        """All of them."""
        return (*self.here, *self.elsewhere)

    def count(self, effect: Effect) -> int:
        """How many learners would meet this effect somewhere."""
        return len({one.enrolment_id for one in self.flips if one.effect == effect})


def preview(
    session: Session, found: QualificationPolicies, version: PolicyVersion, chosen: tuple[CohortPolicy, ...]
) -> PolicyPreview:
    """Derive every unit of every learner in scope twice: as it is, and as it would be under the version."""
    cohorts = {one.cohort.id: one.cohort for one in found.cohorts}
    enrolled = {one.id: one for one in session.scalars(select(Enrolment).where(Enrolment.cohort_id.in_(cohorts)))}
    slug, policy = found.qualification.slug, enrolments.compiled(version)
    now = unit_progress(session, enrolled, slug)
    then = unit_progress(session, enrolled, slug, under=policy)
    judged = [key for key, one in now.items() if any(answer.is_returned for answer in one.answers)]
    flips, touched = _compare(session, judged, now, then, enrolled, cohorts)
    ids = {one.cohort.id for one in chosen}
    here = tuple(one for one in flips if one.cohort.id in ids)
    return PolicyPreview(
        found, version, chosen, tuple(_reach(one, version, now, enrolled) for one in chosen), here,
        tuple(one for one in flips if one.cohort.id not in ids), len(judged), tuple(touched),
        _seen(version, ids, flips), tuple(unreachable(session, [one.cohort for one in chosen], policy)),
    )  # fmt: skip


Key = tuple[UUID, str]


def _compare(
    session: Session, judged: Collection[Key], now: Mapping[Key, UnitProgress], then: Mapping[Key, UnitProgress],
    enrolled: Mapping[UUID, Enrolment], cohorts: Mapping[UUID, Cohort],
) -> tuple[list[PolicyFlip], list[Touched]]:  # fmt: skip
    learners = quality.learners(session, {enrolment_id for enrolment_id, _ in judged})
    deciders = {key: _deciders(now[key]) for key in judged}
    names = quality.names(session, {person for found in deciders.values() for person in found})
    flips, touched = [], []
    for key in judged:
        enrolment_id, unit = key
        cohort = cohorts[enrolled[enrolment_id].cohort_id]
        effect, why = rules.under_policy(_facts(now[key]), _facts(then[key]))
        by = tuple(sorted(names.get(person, "somebody who has left") for person in deciders[key]))
        touched.append(Touched(enrolment_id, cohort.name, now[key].title, by, effect))
        if effect != Effect.STAYS:
            learner = learners.get(enrolment_id, "Name erased")
            is_reached = not live(now[key].answers)
            flips.append(
                PolicyFlip(enrolment_id, learner, cohort, unit, now[key].title, by, effect, why, is_reached)
            )  # fmt: skip
    return sorted(flips, key=lambda one: (one.cohort.name, one.learner, one.unit)), touched


def _deciders(progress: UnitProgress) -> set[UUID]:
    return {decision.decided_by for answer in progress.answers for decision in answer.returned.values()}


def _facts(progress: UnitProgress) -> UnitFacts:
    threshold = progress.threshold
    counts_points = threshold is not None and threshold.type == "points"
    uncounted = any(
        decision.points is None and decision.guidance
        for answer in progress.answers
        for decision in answer.returned.values()
    )
    return UnitFacts(
        progress.achieved,
        frozenset(key for key, state in progress.questions.items() if state == State.ATTEMPTS_USED),
        threshold.needed if threshold else None, threshold.have if threshold else 0, counts_points, uncounted,
        all(state == State.ACHIEVED for state in progress.criteria.values()),
    )  # fmt: skip


def _reach(
    one: CohortPolicy, version: PolicyVersion, now: Mapping[Key, UnitProgress], enrolled: Mapping[UUID, Enrolment]
) -> Reach:
    mine = {
        key: found
        for key, found in now.items()
        if enrolled[key[0]].cohort_id == one.cohort.id
        and enrolled[key[0]].withdrawn_at is None
        and found.state != UnitState.PLANNED
    }
    kept = sum(1 for found in mine.values() if live(found.answers))
    differs = what_differs(enrolments.compiled(one.version), enrolments.compiled(version))
    return Reach(one.cohort, len({key[0] for key in mine}), len(mine) - kept, kept, tuple(differs))


def _seen(version: PolicyVersion, cohort_ids: Collection[UUID], flips: Iterable[PolicyFlip]) -> str:
    about = sorted(f"{one.enrolment_id} {one.unit} {one.effect}" for one in flips)
    return sha256(version.hash + "|".join([*sorted(map(str, cohort_ids)), *about]))[:32]
