"""A learner who can sign in, and the question that the journeys of a learner are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from course.audit import INSTALLER
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from tests.support.server import in_thread
from tests.support.story import PASSWORD, UNIT, Story

QUESTION = "why-goals-are-theirs"


@dataclass(frozen=True)
class AtWork:
    """A served application, and one inducted learner with a password."""

    origin: str
    email: str
    enrolment: str

    @property
    def address(self) -> str:
        """The page with the question."""
        return f"/learn/{self.enrolment}/{UNIT}/1"

    def sign_in(self, page: Page) -> Page:
        """Sign in and open the page with the question."""
        page.goto("/sign-in")
        page.locator("#email").fill(self.email)
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Signed in as")).to_be_visible()
        page.goto(self.address)
        return page


@pytest.fixture
def at_work(app: Flask, story: Story) -> Iterator[AtWork]:
    """One learner, about to write."""
    person, enrolment = story.learner("Sam Okafor")
    with story.writing() as session:
        found = session.get_one(Person, person.id)
        people.set_password(session, found, passwords.hasher.hash(PASSWORD), by=INSTALLER)
    with in_thread(app) as origin:
        yield AtWork(origin, person.email or "", str(enrolment.id))


@pytest.fixture
def box() -> object:
    """The box of the question on a page: `box(page)`."""

    def find(page: Page) -> Locator:
        return page.locator(f"#{QUESTION}-box")

    return find


@pytest.fixture
def status() -> object:
    """The line under the box that says what is saved: `status(page)`."""

    def find(page: Page) -> Locator:
        return page.locator(f"#{QUESTION}-status")

    return find
