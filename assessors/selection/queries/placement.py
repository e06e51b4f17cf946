"""Cohorts where people are selected, the checks before a placement, and which of them are due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.selection.models import CheckSeen, Intake
from assessors.selection.queries.applications import covers, of_cohort
from assessors.selection.queries.found import Found
from assessors.selection.rules import Standing
from course import clock
from course.access import HeldAppointment
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, Enrolment, PolicyVersion
from course.enrolment.policy import CompiledPolicy, SelectionCriterion
from course.people import queries as people
from course.people.models import Centre, Person
from course.working_days import day_of

SOON = timedelta(days=30)
"""A check that runs out within this time is due."""


@dataclass(frozen=True)
class SelectingCohort:
    """A cohort in scope, and the criteria in force for it."""

    cohort: Cohort
    policy: CompiledPolicy
    is_open: bool

    @property
    def is_on(self) -> bool:
        """Whether its policy asks anything before a place is offered or a placement begins."""
        return bool(self.policy.selection)


def cohorts(session: Session, held: Collection[HeldAppointment]) -> list[SelectingCohort]:
    """Every cohort in scope, the latest to start first."""
    centres = {one.centre_id for one in held}
    rows = session.scalars(select(Cohort).where(Cohort.centre_id.in_(centres)).order_by(Cohort.starts_on.desc()))
    mine = [one for one in rows if covers(held, one)]
    opened = open_intakes(session, {one.id for one in mine})
    policies = enrolments.policies_of(session, [one.id for one in mine])
    return [SelectingCohort(one, policies[one.id], one.id in opened) for one in mine if one.id in policies]


def alike(session: Session, cohort: Cohort, held: Collection[HeldAppointment]) -> list[UUID]:
    """The cohorts of the same centre and qualification in scope, this one among them."""
    rows = session.scalars(
        select(Cohort).where(Cohort.centre_id == cohort.centre_id, Cohort.qualification == cohort.qualification)
    )
    return [one.id for one in rows if covers(held, one)]


def open_intakes(session: Session, cohort_ids: Collection[UUID]) -> set[UUID]:
    """Those of these cohorts for which anybody may apply now."""
    rows = session.scalars(select(Intake).where(Intake.cohort_id.in_(cohort_ids)).order_by(Intake.id))
    last = {one.cohort_id: one.is_open for one in rows}
    return {cohort_id for cohort_id, is_open in last.items() if is_open}


def cohort_at_address(session: Session, cohort_id: UUID) -> tuple[Cohort, bool]:
    """A cohort whose open address was ever given out, and whether anybody may apply there now. Raises NotFound."""
    cohort = session.get(Cohort, cohort_id)
    if cohort is None or session.scalar(select(Intake.id).where(Intake.cohort_id == cohort_id).limit(1)) is None:
        raise NotFound
    return cohort, takes_applications(session, cohort)


def takes_applications(session: Session, cohort: Cohort) -> bool:
    """Whether anybody may apply now: the address is open, and the policy asks something."""
    _, policy = enrolments.policy_for(session, cohort)
    return bool(policy.selection_at("application")) and cohort.id in open_intakes(session, {cohort.id})


def versions(session: Session, cohort: Cohort) -> list[PolicyVersion]:
    """Every published policy version that may be put in force for a cohort: everybody's and its centre's own."""
    return list(
        session.scalars(
            select(PolicyVersion)
            .where(
                PolicyVersion.qualification == cohort.qualification,
                enrolments.is_for(cohort.centre_id),
            )
            .order_by(PolicyVersion.number.desc())
        )
    )


# -- checks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """One criterion of one person: the last time it was seen, and how it stands today."""

    criterion: SelectionCriterion
    seen: CheckSeen | None
    today: date

    @property
    def runs_out(self) -> bool:
        """Whether it runs out soon, or has."""
        return self.seen is not None and self.seen.expires_on is not None and self.seen.expires_on <= self.today + SOON

    @property
    def is_due(self) -> bool:
        """Whether somebody should see to it."""
        return self.seen is None or self.runs_out or self.seen.decision != "accepted"

    @property
    def words(self) -> str:
        """How it stands, in words."""
        if self.seen is None:
            return "Not seen yet"
        if self.seen.expires_on is not None and self.seen.expires_on < self.today:
            return "Run out"
        if self.seen.decision != "accepted":
            return {"to-discuss": "To talk about", "not-accepted": "Not accepted"}[self.seen.decision]
        return "Runs out soon" if self.runs_out else "Seen"


@dataclass(frozen=True)
class CheckedPerson:
    """Somebody about to begin, with each check that their cohort asks for."""

    person: Person
    checks: tuple[Due, ...]

    @property
    def due(self) -> int:
        """How many checks somebody should see to."""
        return sum(one.is_due for one in self.checks)


def criteria_of(policy: CompiledPolicy) -> tuple[SelectionCriterion, ...]:
    """What is checked by looking at it: everything before a placement, and documents before an offer."""
    documents = (one for one in policy.selection_at("application") if one.type == "document-seen")
    return (*documents, *policy.selection_at("placement"))


def people_to_check(session: Session, cohort: Cohort) -> list[CheckedPerson]:
    """Everybody in the cohort or on the way into it, those with most to see to first."""
    _, policy = enrolments.policy_for(session, cohort)
    learners = session.scalars(
        select(Enrolment.person_id).where(Enrolment.cohort_id == cohort.id, Enrolment.withdrawn_at.is_(None))
    )
    ids = set(learners) | {one.application.person_id for one in of_cohort(session, cohort) if _may_begin(one)}
    seen = seen_of(session, cohort.centre_id, ids)
    today = day_of(clock.now(), session.get_one(Centre, cohort.centre_id).time_zone)
    found = [
        CheckedPerson(
            person, tuple(Due(one, _last(seen.get(person.id, ()), one.key), today) for one in criteria_of(policy))
        )
        for person in people.names(session, ids).values()
    ]
    return sorted(found, key=lambda one: (-one.due, one.person.name))


def _may_begin(found: Found) -> bool:
    return found.standing not in {Standing.WITHDRAWN, Standing.TURNED_DOWN, Standing.DECLINED}


def seen_of(session: Session, centre_id: UUID, person_ids: Iterable[UUID]) -> dict[UUID, list[CheckSeen]]:
    """What was seen of these people at this centre, oldest first."""
    rows = session.scalars(
        select(CheckSeen)
        .where(CheckSeen.centre_id == centre_id, CheckSeen.person_id.in_(set(person_ids)))
        .order_by(CheckSeen.id)
    )
    found: dict[UUID, list[CheckSeen]] = defaultdict(list)
    for one in rows:
        found[one.person_id].append(one)
    return dict(found)


def _last(rows: Iterable[CheckSeen], criterion: str) -> CheckSeen | None:
    mine = [one for one in rows if one.criterion == criterion]
    return mine[-1] if mine else None


def person_to_check(session: Session, cohort: Cohort, person_id: UUID) -> CheckedPerson:
    """One of them. Raises NotFound."""
    for one in people_to_check(session, cohort):
        if one.person.id == person_id:
            return one
    raise NotFound
