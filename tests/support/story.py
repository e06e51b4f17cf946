"""Builders of business situations, each through the real operations: a centre, its people, a learner, an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from course import clock, db
from course.access import Role
from course.audit import INSTALLER, Actor
from course.catalogue import queries as catalogue
from course.enrolment import operations as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.people import operations as people
from course.people.models import Appointment, Centre, Person
from course.workbook import content as contents
from course.workbook import operations as workbook
from course.workbook import queries as work_queries
from course.workbook import rules as work_rules
from course.workbook.models import Answer

PASSWORD = "violet lantern over water"
QUALIFICATION = "peer-mentoring"
UNIT = "06-goals-lapse-and-moving-forward"


@dataclass
class Story:
    """A situation under construction. Each builder writes in its own committed transaction."""

    app: Flask
    count: int = 0
    centres: dict[str, Centre] = field(default_factory=dict)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One committed transaction."""
        with self.app.app_context(), db.database().transaction() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at what is stored."""
        with self.app.app_context(), db.database().reader() as session:
            yield session

    def centre(self, name: str = "Harbour Recovery") -> Centre:
        """A centre, opened on first mention."""
        if name not in self.centres:
            with self.writing() as session:
                found = people.queries.centre_named(session, name)
                self.centres[name] = found or people.open_centre(session, name, by=INSTALLER)
        return self.centres[name]

    def person(self, name: str = "") -> Person:
        """A person with an account and no role."""
        self.count += 1
        name = name or f"Person Number{self.count}"
        email = f"{name.lower().replace(' ', '.')}.{self.count}@example.org"
        with self.writing() as session:
            person = people.create_person(session, name=name, known_as=name.split()[0], email=email, by=INSTALLER)
            session.flush()
        return person

    def appoint(self, person: Person, role: Role, centre: Centre | None = None, **scope: Any) -> Appointment:
        """Appoint a person; an external quality assurer for a fortnight, unless said otherwise."""
        if role is Role.EQA:
            scope = {"until_date": clock.now().date() + timedelta(days=14)} | scope
        with self.writing() as session:
            return people.appoint(
                session, person, role=role, centre=centre or self.centre(),
                from_date=scope.pop("from_date", clock.now().date() - timedelta(days=30)), by=INSTALLER, **scope,
            )  # fmt: skip

    def staff(self, role: Role, name: str = "", centre: Centre | None = None, **scope: Any) -> Person:
        """A new person appointed to a role."""
        person = self.person(name)
        self.appoint(person, role, centre, **scope)
        return person

    def cohort(
        self, name: str = "Autumn", *, centre: Centre | None = None, qualification: str = QUALIFICATION
    ) -> Cohort:
        """A cohort, opened on first mention."""
        centre = centre or self.centre()
        with self.writing() as session:
            found = session.scalar(select(Cohort).where(Cohort.centre_id == centre.id, Cohort.name == name))
            if found is not None:
                return found
            return enrolments.open_cohort(
                session, centre_id=centre.id, qualification=qualification, name=name,
                starts_on=clock.now().date() - timedelta(days=20), by=INSTALLER,
            )  # fmt: skip

    def learner(
        self, name: str = "", *, cohort: Cohort | None = None, inducted: bool = True
    ) -> tuple[Person, Enrolment]:
        """A new person enrolled in a cohort, inducted unless said otherwise."""
        person, cohort = self.person(name), cohort or self.cohort()
        return person, self.enrol(person, cohort, inducted=inducted)

    def enrol(self, person: Person, cohort: Cohort, *, inducted: bool = True) -> Enrolment:
        """Enrol a person in a cohort."""
        with self.writing() as session:
            enrolment = enrolments.enrol(session, cohort, person, by=INSTALLER)
            if inducted:
                version = catalogue.latest_induction(session)
                assert version is not None
                enrolments.acknowledge_induction(session, enrolment, version, by=learner_actor(person))
        return enrolment

    def save(self, enrolment: Enrolment, question: str, content: contents.Content | str, *, unit: str = UNIT) -> None:
        """The learner saves a draft."""
        with self.writing() as session:
            work = work_queries.unit_work(session, session.get_one(Enrolment, enrolment.id), unit)
            found = work.question(question)
            if isinstance(content, str):
                content = contents.TextContent(kind=found.kind, text=content)  # type: ignore[arg-type]
            base = work.drafts[question].revision if question in work.drafts else 0
            workbook.save_draft(
                session, work, found, content, workbook.Save(base=base), by=Actor(enrolment.person_id, Role.LEARNER)
            )

    def hand_in(
        self,
        enrolment: Enrolment,
        question: str,
        content: contents.Content | str = "My own words about it.",
        *,
        unit: str = UNIT,
    ) -> Answer:
        """The learner saves and hands in one answer."""
        self.save(enrolment, question, content, unit=unit)
        with self.writing() as session:
            work = work_queries.unit_work(session, session.get_one(Enrolment, enrolment.id), unit)
            words = work_rules.declaration([work.question(question).ai])
            what = workbook.HandingIn(
                revisions={question: work.drafts[question].revision}, declaration=words, helpers="", declared=True
            )
            handed = workbook.hand_in(session, work, what, by=Actor(enrolment.person_id, Role.LEARNER))
            session.flush()
            return session.scalars(select(Answer).where(Answer.hand_in_id == handed.id)).one()


def learner_actor(person: Person) -> Actor:
    """A learner acting for themselves."""
    return Actor(person.id, Role.LEARNER)


def actor_of(appointment: Appointment) -> Actor:
    """A member of staff acting under an appointment."""
    return Actor(appointment.person_id, appointment.role, appointment.id)


def person_id_of(thing: Person | UUID) -> UUID:
    """The pseudonym of a person."""
    return thing if isinstance(thing, UUID) else thing.id
