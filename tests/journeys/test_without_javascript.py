"""A phone that runs no scripts is enough: sign in, write, save, hand in."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from course.audit import INSTALLER
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from tests.support.server import in_thread
from tests.support.story import PASSWORD, UNIT, Story

QUESTION = "why-goals-are-theirs"
WORDS = "Because it is her life. A goal that she picked gives her a reason to get up."


def test_a_learner_without_scripts_writes_saves_and_hands_in(
    app: Flask, story: Story, sit_down: Callable[..., Page]
) -> None:
    person, enrolment = story.learner("Sam Okafor")
    with story.writing() as session:
        found = session.get_one(Person, person.id)
        people.set_password(session, found, passwords.hasher.hash(PASSWORD), by=INSTALLER)
    with in_thread(app) as origin:
        page = sit_down(origin, width=360, javascript=False)
        page.goto("/sign-in")
        page.locator("#email").fill(person.email or "")
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        unit_page = f"/learn/{enrolment.id}/{UNIT}/1"
        page.goto(unit_page)
        question = page.locator("section.q", has=page.locator(f"#{QUESTION}-box"))
        page.locator(f"#{QUESTION}-box").fill(WORDS)
        question.get_by_role("button", name="Save draft").click()
        page.goto(unit_page)
        expect(page.locator(f"#{QUESTION}-box")).to_have_value(WORDS)
        question.get_by_role("link", name="Look over and hand in").click()
        expect(page.get_by_text(WORDS)).to_be_visible()
        page.get_by_label(re.compile("This is my own work")).check()
        page.get_by_role("button", name="Hand in", exact=True).click()
        page.goto(unit_page)
        locked = page.locator(f"section.q[aria-labelledby='q-{QUESTION}'], section#q-{QUESTION}")
        expect(locked).to_contain_text("Handed in")
        expect(page.locator(f"#{QUESTION}-box")).to_have_count(0)
