"""A centre with an admin, a tutor and a cohort, and the centre next door."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from course.access import Role
from course.audit import AuditEvent, Event
from course.enrolment.models import Cohort, Enrolment
from course.people.models import Person
from tests.support.story import Story


@dataclass
class Office:
    """The office of one centre, with its admin signed in."""

    story: Story
    admin: Person
    client: Any
    cohort: Cohort

    @property
    def address(self) -> str:
        """The cohort's page."""
        return f"/office/cohorts/{self.cohort.id}"

    def send_list(self, text: str | bytes, *, name: str = "list.csv") -> Any:
        """Upload a list of learners."""
        content = text.encode() if isinstance(text, str) else text
        data = {"file": (io.BytesIO(content), name)}
        return self.client.post(f"{self.address}/import", data=data, content_type="multipart/form-data")

    def entries(self, event: Event) -> int:
        """How often something stands in the audit chain."""
        with self.story.reading() as session:
            return session.scalar(select(func.count()).where(AuditEvent.action == str(event))) or 0

    def count(self, table: Any = Enrolment) -> int:
        """How many rows a table has."""
        with self.story.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def office(story: Story, client_for: Callable[[Any], Any]) -> Office:
    """An office to work in."""
    admin = story.staff(Role.ADMIN, "Ada Minster")
    return Office(story, admin, client_for(admin), story.cohort())
