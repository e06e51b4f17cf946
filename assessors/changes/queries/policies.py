"""Which policy each cohort is under, which versions could take its place, and what a version says in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.changes import rules
from assessors.guidance import queries as guidance
from assessors.guidance.compiled import CompiledGuidance
from assessors.quality import queries as quality
from assessors.quality.plan import showing as plans
from course.access import HeldAppointment
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledQualification, CompiledUnit
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, PolicyInForce, PolicyVersion
from course.enrolment.policy import CompiledPolicy, CountThreshold, PointsThreshold, SelectionCriterion, Threshold
from course.people.models import Centre
from course.records import queries as records
from course.workbook import queries as work


@dataclass(frozen=True)
class CohortPolicy:
    """The policy that one cohort is under now, since when and why."""

    cohort: Cohort
    version: PolicyVersion
    since: PolicyInForce
    by: str


@dataclass(frozen=True)
class QualificationPolicies:
    """One qualification's cohorts in scope, and the versions that could be put in force for them, newest first."""

    qualification: CompiledQualification
    centre: Centre
    cohorts: tuple[CohortPolicy, ...]
    versions: tuple[PolicyVersion, ...]
    may_change: tuple[str, ...]
    """What the qualification lets a centre decide for itself."""

    def behind(self, version: PolicyVersion) -> tuple[CohortPolicy, ...]:
        """The cohorts that are under another version."""
        return tuple(one for one in self.cohorts if one.version.id != version.id)

    def chosen(self, version: PolicyVersion, choice: str) -> tuple[CohortPolicy, ...]:
        """The cohorts under another version that a choice names: one by its id, or all. Raises NotFound for none.

        Raises Refusal when what it names is under this version already: somebody put it in force meanwhile.
        """
        named = tuple(one for one in self.cohorts if choice in (EVERY_COHORT, str(one.cohort.id)))
        if not named:
            raise NotFound
        found = tuple(one for one in named if one in self.behind(version))
        rules.must_reach(reaches=bool(found))
        return found


EVERY_COHORT = "all"
NEWEST = 10
"""Versions offered of each qualification."""


def policies(session: Session, held: Collection[HeldAppointment]) -> list[QualificationPolicies]:
    """The policies of each qualification and centre in the scope of these appointments."""
    cohorts = records.cohorts_of(session, held)
    groups = sorted({(one.qualification, one.centre_id) for one in cohorts}, key=str)
    return [
        _of(session, slug, centre, [one for one in cohorts if (one.qualification, one.centre_id) == (slug, centre)])
        for slug, centre in groups
    ]


def _of(session: Session, slug: str, centre_id: UUID, cohorts: list[Cohort]) -> QualificationPolicies:
    newest = enrolments.latest_policy(session, slug)
    versions = session.scalars(
        select(PolicyVersion)
        .where(
            PolicyVersion.qualification == slug,
            enrolments.is_for(centre_id),
        )
        .order_by(PolicyVersion.number.desc())
        .limit(NEWEST)
    )
    return QualificationPolicies(
        catalogue.qualification(session, slug), session.get_one(Centre, centre_id),
        tuple(_cohort(session, one) for one in cohorts), tuple(versions),
        enrolments.compiled(newest).centre_may_change if newest else (),
    )  # fmt: skip


def _cohort(session: Session, cohort: Cohort) -> CohortPolicy:
    version, _ = enrolments.policy_for(session, cohort)
    since = session.scalars(
        select(PolicyInForce)
        .where(
            PolicyInForce.policy_version_id == version.id,
            or_(PolicyInForce.centre_id.is_(None), PolicyInForce.centre_id == cohort.centre_id),
            or_(PolicyInForce.cohort_id.is_(None), PolicyInForce.cohort_id == cohort.id),
        )
        .order_by(PolicyInForce.at.desc(), PolicyInForce.id.desc())
        .limit(1)
    ).one()
    by = quality.names(session, [since.put_by]).get(since.put_by, "the installation")
    return CohortPolicy(cohort, version, since, by)


def version_for(
    session: Session, version_id: UUID, held: Collection[HeldAppointment]
) -> tuple[QualificationPolicies, PolicyVersion]:
    """A version that could be put in force in the scope of these appointments. Raises NotFound."""
    for one in policies(session, held):
        for version in one.versions:
            if version.id == version_id:
                return one, version
    raise NotFound


def of_qualification(session: Session, slug: str, held: Collection[HeldAppointment]) -> QualificationPolicies:
    """One qualification at the centre of these appointments. Raises NotFound."""
    for one in policies(session, held):
        if one.qualification.slug == slug:
            return one
    raise NotFound


# -- what a centre's own version may ask for ---------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitBounds:
    """The most that a threshold may ask of one unit."""

    code: str
    title: str
    criteria: int
    safety_critical: tuple[str, ...]
    points: int


def bounds(session: Session, found: QualificationPolicies) -> list[UnitBounds]:
    """The bounds of each unit that can be studied, by the guidance in force for the centre's newest cohort."""
    cohort = max((one.cohort for one in found.cohorts), key=lambda one: one.starts_on)
    units = []
    for row in catalogue.latest_units(session, found.qualification.slug):
        unit = catalogue.unit_of(row)
        if unit.is_ready:
            critical = tuple(one.number for one in unit.criteria if one.safety_critical)
            units.append(UnitBounds(unit.code, unit.title, len(unit.criteria), critical, _most(session, unit, cohort)))
    return units


def _most(session: Session, unit: CompiledUnit, cohort: Cohort) -> int:
    try:
        _, compiled = guidance.in_force(session, cohort.qualification, unit.slug, cohort.id)
    except NotFound:
        return 0
    return most_points(unit, compiled)


def unreachable(session: Session, cohorts: Iterable[Cohort], policy: CompiledPolicy) -> list[str]:
    """The units, by number, whose threshold asks for more marks than the guidance in force for a cohort can give."""
    found = []
    for row in catalogue.latest_units(session, policy.qualification):
        unit = catalogue.unit_of(row)
        threshold = policy.threshold.get(unit.code)
        if isinstance(threshold, PointsThreshold):
            most = min(_most(session, unit, cohort) for cohort in cohorts)
            found += [unit.code.removeprefix("U")] if most < threshold.points else []
    return found


def most_points(unit: CompiledUnit, compiled: CompiledGuidance) -> int:
    """The most points an answer to every question can gain; of questions in place of one another, the better one's."""
    most: dict[str, int] = {}
    for question in unit.questions:
        found = compiled.question(question.key)
        gained = sum(item.points or 0 for item in found.items if item.level in {"should", "could"}) if found else 0
        root = work.root_of(unit, question.key)
        most[root] = max(most.get(root, 0), gained)
    return sum(most.values())


# -- a policy in words -------------------------------------------------------------------------------------------------

ROLES = {"lead-iqa": "the lead internal quality assurer", "iqa": "any internal quality assurer"}
CONDITIONS = {"in-time": "it was handed in on time", "own-work": "it is the learner’s own work",
              "no-more-help": "the feedback did not give the answer away"}  # fmt: skip


def in_words(policy: CompiledPolicy) -> dict[str, str]:
    """Everything that a policy says about judging, term by term, as people read it."""
    attempts = policy.attempts
    thresholds = [f"Unit {code.removeprefix('U')}: {_threshold(one)}" for code, one in sorted(policy.threshold.items())]
    return {
        "Threshold": "; ".join(thresholds) or "Off. Every point is needed, and no more.",
        "Goes at each question": str(attempts.limit) if attempts.limit else "As many as needed",
        "Days to hand in again": f"{attempts.window} working days" if attempts.window else "No date",
        "One more go": f"{ROLES[attempts.authorised_by].capitalize()} may allow {attempts.further}, then a panel",
        "Conditions of one more go": ", and ".join(CONDITIONS[one] for one in attempts.conditions).capitalize()
        or "None",
        "When learners hear": "After a sample" if policy.return_ == "after-sampling" else "At once",
        "Days to return": f"{policy.turnaround} working days",
        "Who sends an answer back": ROLES[policy.reopened_by].capitalize(),
        **{f"Sampled: {term[0].lower()}{term[1:]}": words for term, words in plans.rule(policy.sampling)},
        "Selection": "; ".join(map(_criterion, policy.selection)) or "Off. Nobody is asked for anything beforehand.",
        "Judged by a second assessor": f"{policy.second_marking.percent}% of each assessor’s answers",
    }


def _criterion(criterion: SelectionCriterion) -> str:
    how = "required" if criterion.required else "advisory"
    return f"{criterion.text.rstrip('.')} ({how}, at {criterion.stage})"


def _threshold(threshold: Threshold) -> str:
    match threshold:
        case PointsThreshold(points=points):
            return f"{points} marks"
        case CountThreshold(n=n, must_meet=must):
            return f"{n} points" + (f", {', '.join(must)} among them" if must else "")


def what_differs(old: CompiledPolicy, new: CompiledPolicy) -> list[tuple[str, str, str]]:
    """The terms that differ between two policies: (term, old, new)."""
    before, after = in_words(old), in_words(new)
    said = [
        (term, before.get(term, "Nothing"), after.get(term, "Nothing")) for term in dict.fromkeys([*before, *after])
    ]
    return [(term, was, would) for term, was, would in said if was != would]
