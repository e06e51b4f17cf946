"""A witness answers on a phone, without an account and without scripts; what they say is handed in and marked."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from course.audit import INSTALLER
from course.outbox import Message
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from tests.support.browser import overflow, violations
from tests.support.marked import FOOD_UNIT, food_cohort
from tests.support.screens import sign_in
from tests.support.server import in_thread
from tests.support.story import PASSWORD, Story

KEY = "seen-keeping-a-guest-safe"


def sound(page: Page) -> None:
    """Nothing that axe can find, and no sideways scroll, at the width of the smallest phone."""
    page.set_viewport_size({"width": 320, "height": 800})
    assert overflow(page) == 0, page.url
    assert violations(page) == [], page.url


def test_from_the_learners_box_to_the_witness_and_back(app: Flask, story: Story, sit_down: Callable[..., Page]) -> None:
    kit, enrolment = story.learner("Kit Marsh", cohort=food_cohort(story))
    hashed = passwords.hasher.hash(PASSWORD)
    with story.writing() as session:
        people.set_password(session, session.get_one(Person, kit.id), hashed, by=INSTALLER)
    with in_thread(app) as origin:
        page = sit_down(origin, width=360)
        sign_in(page, kit.email, PASSWORD)
        page.goto(f"/learn/{enrolment.id}/{FOOD_UNIT}/2")
        page.locator(f"#{KEY}-box").fill("I checked the sheet before I served table four.")
        page.locator(f"#{KEY}-dates").fill("3 November")
        page.locator(f"#{KEY}-place").fill("The café in Leith")
        page.locator(f"#{KEY}-name").fill("Ana Reid")
        page.locator(f"#{KEY}-role").select_option("supervisor")
        page.locator(f"#{KEY}-email").fill("ana@example.net")
        page.get_by_role("link", name="Look over and ask your witness").click()
        expect(page.get_by_role("heading", name="Ask your witness")).to_be_visible()
        sound(page)
        page.get_by_role("button", name="Send Ana Reid the link").click()
        expect(page.get_by_text("Ana Reid is asked.")).to_be_visible()
        with story.reading() as session:
            link = session.scalars(select(Message.link).where(Message.letter == "statement")).one()

        witness = sit_down(origin, width=360, javascript=False)
        witness.goto("/witness/" + link.split("/witness/")[1])
        expect(witness.get_by_text("Kit Marsh of Harbour Recovery")).to_be_visible()
        witness.get_by_label("I saw this, as it is described").check()
        witness.locator("#saw").fill("I watched. They checked the sheet and washed their hands.")
        witness.locator("#role").fill("Head cook")
        witness.locator("#relation").fill("I supervise them every week")
        witness.get_by_role("button", name="Send my answer").click()
        expect(witness.get_by_role("link", name="Confirm that this is true")).to_be_visible()
        expect(witness.locator("#role")).to_have_value("Head cook")
        witness.locator("#true").check()
        witness.get_by_role("button", name="Send my answer").click()
        expect(witness.get_by_role("heading", name="Thank you")).to_be_visible()
        witness.reload()

        page.goto(f"/learn/{enrolment.id}/{FOOD_UNIT}/2")
        expect(page.get_by_text("They checked the sheet and washed their hands.")).to_be_visible()
        sound(page)
        page.get_by_role("link", name="Look over and hand in Somebody saw it").click()
        page.locator("#own").check()
        page.get_by_role("button", name="Hand in").click()
        expect(page.get_by_text("Your answer is handed in.")).to_be_visible()
