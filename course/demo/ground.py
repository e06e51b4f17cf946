"""What scale data stands on: published versions, and a centre with cohorts and assessors, made by real operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from course import clock, db
from course.access import Role
from course.audit import INSTALLER
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CHECK_KINDS, CompiledUnit, Question
from course.catalogue.models import UnitVersion
from course.enrolment import operations as enrolments
from course.enrolment import queries as enrolment_queries
from course.enrolment.models import Cohort
from course.people import operations as people
from course.people import passwords
from course.people.models import Appointment, Centre

COHORTS = 12
"""However many answers there are, so that two sizes differ in nothing else."""
ASSESSORS = 8
DAY = timedelta(days=1)
NEEDS_SOMEBODY = {"upload", "witness"}
"""Kinds that need a file or another person, which scale data does not have."""


class CannotBuild(Exception):
    """The numbers asked for do not fit, or there is nothing to build on."""


@dataclass(frozen=True)
class Ready:
    """A question that can be answered without a file or a witness, with the versions that apply to it."""

    question: Question
    unit: CompiledUnit
    version: UnitVersion
    guidance: str

    @property
    def is_check(self) -> bool:
        """Whether it is a knowledge check, which is only handed in when right."""
        return self.question.kind in CHECK_KINDS


@dataclass(frozen=True)
class Ground:
    """What the data stands on: published versions, the centre, its cohorts and assessors."""

    questions: list[Ready]
    policy_version_id: UUID
    induction_version_id: UUID
    qualification: str
    cohorts: list[Cohort]
    assessors: list[Appointment]
    password_hash: str
    midnight: datetime


def questions_of(session: Session, slug: str) -> list[Ready]:
    # Only the hash of the guidance is read here: its words stay on the marking side, which this package cannot import.
    table = db.metadata.tables.get("guidance_version")
    found = []
    for version in catalogue.latest_units(session, slug):
        unit = catalogue.unit_of(version)
        guidance = None
        if table is not None:
            of_unit = (table.c.qualification == slug, table.c.unit == unit.slug)
            guidance = session.scalar(select(table.c.hash).where(*of_unit).order_by(table.c.number.desc()).limit(1))
        for question in unit.questions if version.status == "ready" else ():
            is_alternative = question.instead_of is not None
            if question.evidence and question.kind not in NEEDS_SOMEBODY and not is_alternative:
                found.append(Ready(question, unit, version, "" if question.kind in CHECK_KINDS else guidance or ""))
    if not found:
        raise CannotBuild(f"Nothing of {slug} is published with questions to hand in: modules publish.")
    return found


def ground_for(session: Session, questions: list[Ready], slug: str, learners: int, seed: int, password: str) -> Ground:
    name = f"Demo centre {seed}"
    if session.scalar(select(Centre.id).where(Centre.name == name)):
        raise CannotBuild(f"{name} is built already. Choose another seed.")
    midnight = datetime.combine(clock.now().date(), time(), clock.now().tzinfo)
    centre = people.open_centre(session, name, by=INSTALLER)
    hashed = passwords.hasher.hash(password)
    roles = [(Role.ASSESSOR, f"assessor-{n}") for n in range(1, ASSESSORS + 1)]
    roles += [(Role.IQA, "iqa"), (Role.ADMIN, "admin"), (Role.TUTOR, "tutor")]
    assessors = []
    for role, label in roles:
        person = people.create_person(
            session,
            name=f"Demo {label.title()}",
            known_as="Demo",
            email=f"demo-{seed}-{label}@example.org",
            by=INSTALLER,
        )
        people.set_password(session, person, hashed, by=INSTALLER)
        long_ago = (midnight - 500 * DAY).date()
        held = people.appoint(session, person, role=role, centre=centre, from_date=long_ago, by=INSTALLER)
        assessors += [held] if role is Role.ASSESSOR else []
    cohorts = [
        enrolments.open_cohort(
            session, centre_id=centre.id, qualification=slug, name=f"Group {number:02}",
            starts_on=(midnight - 400 * DAY).date(), by=INSTALLER,
        )
        for number in range(1, min(COHORTS, learners) + 1)
    ]  # fmt: skip
    policy, _ = enrolment_queries.policy_for(session, cohorts[0])
    induction = catalogue.latest_induction(session)
    assert induction is not None
    return Ground(questions, policy.id, induction.id, slug, cohorts, assessors, hashed, midnight)
