"""Three assessors judge the samples of unit 4, point 2.2, each alone; the meeting sees where they differ."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from course import clock
from course.access import Role
from course.audit import INSTALLER
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from tests.support.browser import overflow, violations
from tests.support.screens import sign_in
from tests.support.server import in_thread
from tests.support.story import PASSWORD, Story

WHAT = re.compile(r"^Unit 4, 2\.2: Jo tells you")
ASSESSORS = ("Ann Bell", "Bob Cole", "Cy Dunn")


def staff(story: Story, role: Role, name: str) -> str:
    """A member of staff who can sign in; returns the address."""
    person = story.staff(role, name)
    with story.writing() as session:
        found = session.get_one(Person, person.id)
        people.set_password(session, found, passwords.hasher.hash(PASSWORD), by=INSTALLER)
    return person.email


def looks_well(page: Page) -> None:
    """Nothing that axe finds, nothing too wide, at a phone and at a desk."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert violations(page) == []
        assert overflow(page) == 0


def judge_all(page: Page, *, strict: bool) -> None:
    """Judge every sample: the strict one wants “I believe you” in so many words."""
    page.goto("/quality/actions")
    page.get_by_role("link", name="Sample answers to judge").click()
    page.get_by_role("link", name=re.compile("Unit 4: Jo tells you")).click()
    total = page.locator("ol.tasks li").count()
    page.get_by_role("link", name="Sample 1", exact=True).click()
    for number in range(1, total + 1):
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"Sample {number} of {total}")
        words = page.locator(".said").first.inner_text().lower()
        is_achieved = "believe" in words or "beleive" in words if strict else True
        page.get_by_label("Achieved" if is_achieved else "Not yet", exact=True).check()
        page.get_by_label("Why?").fill("I rest on what Jo hears first.")
        if number == 1:
            looks_well(page)
        page.get_by_role("button", name="Keep this and go on").click()
    expect(page.get_by_text("You have judged every sample.")).to_be_visible()


def test_three_assessors_judge_alone_meet_and_keep_what_they_agreed(
    app: Flask, story: Story, sit_down: Callable[..., Page]
) -> None:
    tom = staff(story, Role.LEAD_IQA, "Tom Hughes")
    addresses = [staff(story, Role.ASSESSOR, name) for name in ASSESSORS]
    with in_thread(app) as origin:
        lead = sit_down(origin, width=1280)
        sign_in(lead, tom, PASSWORD)
        lead.goto("/quality")
        lead.get_by_role("link", name="Standardisation").click()
        choice = lead.locator("#what option").filter(has_text=WHAT).inner_text()
        lead.get_by_label("What do you judge?").select_option(label=choice)
        lead.get_by_label("Judge by").fill(clock.now().date().isoformat())
        looks_well(lead)
        lead.get_by_role("button", name="Ask them to judge these").click()
        pages = [sit_down(origin, width=360) for _ in addresses]
        for page, address, name in zip(pages, addresses, ASSESSORS, strict=True):
            sign_in(page, address, PASSWORD)
            judge_all(page, strict=name == "Cy Dunn")
        lead.reload()
        expect(lead.get_by_role("row", name=re.compile("Cy Dunn"))).to_contain_text("5 of 5")
        looks_well(lead)
        lead.get_by_role("button", name="Begin the meeting").click()
        expect(lead.get_by_role("heading", name="you differ").first).to_be_visible()
        looks_well(lead)
        lead.get_by_label("Where does it go?").select_option(index=1)
        lead.get_by_label("The wording you agreed").fill("Jo hears that she is believed, in whatever words.")
        lead.get_by_label("Why did you agree on this wording?").fill("Two samples show belief without saying it.")
        lead.get_by_role("button", name="Keep this wording").click()
        expect(lead.get_by_text("The guidance stays as it is until an author").first).to_be_visible()
        lead.get_by_label("The day you met").fill(clock.now().date().isoformat())
        lead.get_by_label("How many minutes did it take?").fill("75")
        for name in (*ASSESSORS, "Tom Hughes"):
            lead.get_by_label(name).check()
        lead.get_by_label("What was said and agreed?").fill("Belief may be shown by calm care. Cy agrees now.")
        lead.get_by_role("button", name="Keep these minutes").click()
        expect(lead.get_by_text("The minutes are kept, with who was there.")).to_be_visible()
        looks_well(lead)
        pages[0].goto("/quality/standardisation")
        expect(pages[0].get_by_role("row", name=re.compile("75 minutes"))).to_be_visible()
        looks_well(pages[0])
