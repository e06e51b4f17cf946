"""Builders of selection: a centre whose policy selects, its selectors, and people who apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessors.guidance.policy_source import compile_policy, read_policy
from assessors.selection import notice
from assessors.selection.models import Application
from assessors.selection.operations import applying, deciding
from assessors.selection.operations.applying import applicant
from assessors.selection.operations.deciding import Scores, Skipped
from assessors.selection.queries import applications as queries
from assessors.selection.queries.found import Found
from assessors.selection.rules import Outcome
from assessors.selection.words import ApplicationWords, MonitoringWords, Referee
from course import clock
from course.access import Role
from course.audit import INSTALLER, Actor, AuditEvent, Event
from course.catalogue.compiled import sha256
from course.catalogue.problems import Problem
from course.enrolment import operations as enrolments
from course.enrolment.models import Cohort, PolicyVersion
from course.enrolment.policy import CompiledPolicy
from course.enrolment.publishing import publish_policy
from course.people.models import Appointment, Centre, Person
from tests.support.story import QUALIFICATION, Story

POLICY = Path(__file__).parents[1] / "qualifications" / "centre-policies" / "peer-mentoring.yaml"
WORDS = "I want to listen to people as somebody once listened to me."
SCORED = ("why-mentor", "conversation", "keyworker-view")


def centre_policy() -> CompiledPolicy:
    """The made-up centre's policy."""
    problems: list[Problem] = []
    source = read_policy(POLICY, problems)
    assert problems == []
    assert source.yaml is not None
    return compile_policy(QUALIFICATION, source.yaml)


def whole_words(starts_on: date | None = None, **more: Any) -> ApplicationWords:
    """An application in which everything is answered."""
    start = starts_on or clock.now().date() - timedelta(days=10)
    return ApplicationWords(
        answers={"why-mentor": WORDS}, confirmed=("agree-to-supervision",), dates={"steady-time": start.isoformat()},
        referees={"keyworker-view": Referee(name="Kay Worker", email="kay@example.org", knows_me="My keyworker")},
        support="Somebody to read with me.",
    ).model_copy(update=more)  # fmt: skip


@dataclass
class Selecting:
    """A cohort for which people are selected, with two selectors."""

    story: Story
    cohort: Cohort
    first: Person
    second: Person
    appointments: dict[UUID, Appointment] = field(default_factory=dict)

    def by(self, person: Person) -> Actor:
        """A selector acting under their appointment."""
        appointment = self.appointments[person.id]
        return Actor(person.id, appointment.role, appointment.id)

    def selector(self, name: str = "", **scope: Any) -> Person:
        """One more selector."""
        person = self.story.person(name)
        centre = self.story.centres[next(iter(self.story.centres))]
        self.appointments[person.id] = self.story.appoint(person, Role.SELECTOR, scope.pop("centre", centre), **scope)
        return person

    @contextmanager
    def acting(self, application: Application | UUID) -> Iterator[tuple[Session, Found]]:
        """One committed transaction with an application's facts."""
        application_id = application if isinstance(application, UUID) else application.id
        with self.story.writing() as session:
            yield session, queries.facts(session, [session.get_one(Application, application_id)])[0]

    def found(self, application: Application) -> Found:
        """An application's facts as they are stored."""
        with self.story.reading() as session:
            return queries.facts(session, [session.get_one(Application, application.id)])[0]

    def draft(self, name: str = "", *, person: Person | None = None) -> Application:
        """Somebody who may apply."""
        person = person or self.story.person(name)
        with self.story.writing() as session:
            return applying.begin(session, self.cohort, session.get_one(Person, person.id))

    def applied(
        self, name: str = "", words: ApplicationWords | None = None, *, person: Person | None = None
    ) -> Application:
        """Somebody who has sent an application."""
        application = self.draft(name, person=person)
        with self.acting(application) as (session, found):
            applying.send(
                session, found, words or whole_words(), notice=notice.VERSION, noticed=True,
                by=applicant(application.person_id),
            )  # fmt: skip
        return application

    def score(self, application: Application, by: Person, scores: Mapping[str, int | Skipped] | int = 3) -> None:
        """One selector scores; a number alone is the score of everything."""
        given = scores if isinstance(scores, Mapping) else dict.fromkeys(SCORED, scores)
        with self.acting(application) as (session, found):
            deciding.score(session, found, Scores(given, {"why-mentor": "A secret note."}), by=self.by(by))

    def scored(self, name: str = "", words: ApplicationWords | None = None, score: int = 3) -> Application:
        """An application that both have scored."""
        application = self.applied(name, words)
        for selector in (self.first, self.second):
            self.score(application, selector, score)
        return application

    def decide(
        self, application: Application, outcome: Outcome = Outcome.OFFER, *, by: Person | None = None, **more: Any
    ) -> None:
        """People agree."""
        reason = more.pop("reason", "You know how to listen.")
        with self.acting(application) as (session, found):
            deciding.decide(session, found, outcome, reason, by=self.by(by or self.first), **more)

    def tell(self, application: Application, **groups: str) -> None:
        """The applicant says what groups they are in."""
        with self.acting(application) as (session, found):
            applying.save_monitoring(session, found, MonitoringWords(**groups))

    def entries(self, event: Event) -> int:
        """How often something stands in the audit trail."""
        with self.story.reading() as session:
            return session.scalar(select(func.count()).where(AuditEvent.action == str(event))) or 0


def put_in_force(story: Story, policy: CompiledPolicy, cohort: Cohort) -> PolicyVersion:
    """Publish a policy and let it apply to a cohort."""
    with story.writing() as session:
        version = (
            publish_policy(session, policy, by=INSTALLER)
            or session.scalars(select(PolicyVersion).where(PolicyVersion.hash == sha256(policy))).one()
        )
        enrolments.put_policy_in_force(
            session, version, centre_id=cohort.centre_id, cohort_id=cohort.id, reason="We choose.", by=INSTALLER
        )
    return version


def selecting(story: Story, *, centre: Centre | None = None, name: str = "Autumn") -> Selecting:
    """A cohort under the made-up centre's policy, with two selectors."""
    cohort = story.cohort(name, centre=centre)
    put_in_force(story, centre_policy(), cohort)
    first, second = story.person("Fay Hope"), story.person("Sid Reed")
    found = Selecting(story, cohort, first, second)
    for person in (first, second):
        found.appointments[person.id] = story.appoint(person, Role.SELECTOR, centre)
    return found
