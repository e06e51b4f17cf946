"""Guidance is found wrong after thirty decisions. It is corrected, with the flips seen first, in a real browser.

Time budget: CORRECTION, for the lead internal quality assurer; reckoned by tests/support/effort.py (9 minutes on
25 November 2026).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from course.access import Role
from course.audit import INSTALLER
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from course.workbook.models import Decision, Reopening, Waiting
from tests.assessors.changes.conftest import MUSTS, WASH, change_policy, publish_guidance, put, with_must
from tests.support.effort import watch
from tests.support.marked import FOOD_UNIT, food_cohort, judge
from tests.support.server import in_thread
from tests.support.story import PASSWORD, Story

THIRTY, UNTICKED = 30, 4
CORRECTION, THINKING_ABOUT_THE_FLIPS = 15, 5
"""Minutes: every learner's name on the page is read."""
WRONG = "The first version did not ask for drying, and the standard does."
NEW = "Says that hands are dried."


@pytest.fixture
def thirty(app: Flask, story: Story) -> Iterator[str]:
    """Thirty learners judged under the first version, and a second that waits."""
    put(story, change_policy(story, return_="at-once"))
    cohort, joan = food_cohort(story), story.staff(Role.ASSESSOR, "Joan Price")
    for number in range(THIRTY):
        _, enrolment = story.learner(f"Ann Learner{number:02}", cohort=cohort)
        answer = story.hand_in(enrolment, WASH, "Before food, after the bin, after the toilet.", unit=FOOD_UNIT)
        judge(story, answer, joan, ticks={"1.1": () if number < UNTICKED else MUSTS})
    publish_guidance(story, with_must(NEW))
    for person in (story.staff(Role.LEAD_IQA, "Ruth Adeyemi"), joan):
        with story.writing() as session:
            found = session.get_one(Person, person.id)
            found.email = f"{found.known_as.lower()}@example.org"
            people.set_password(session, found, passwords.hasher.hash(PASSWORD), by=INSTALLER)
    with in_thread(app) as origin:
        yield origin


def sign_in(page: Page, address: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as")).to_be_visible()


def test_guidance_found_wrong_after_thirty_decisions_is_corrected_with_the_flips_previewed(
    thirty: str, story: Story, sit_down: Callable[..., Page]
) -> None:
    lead = sit_down(thirty, width=1280)
    sign_in(lead, "ruth@example.org")
    effort = watch(lead)
    lead.goto("/quality")
    lead.get_by_role("link", name="Guidance in force").click()
    lead.get_by_role("button", name="See what would change").click()
    expect(lead.get_by_role("heading", level=1)).to_contain_text("what would change")
    expect(lead.locator("ins")).to_have_text(NEW)
    expect(lead.get_by_role("heading", name="Would be “not yet” (26)")).to_be_visible()
    expect(lead.get_by_role("heading", name="Cannot be computed (4)")).to_be_visible()
    expect(lead.get_by_role("row", name=re.compile("Kitchen")).first).to_contain_text("hidden")
    expect(lead.get_by_role("checkbox", checked=True)).to_have_count(THIRTY - UNTICKED)
    lead.get_by_label("Send the answers ticked below back").check()
    lead.get_by_label("Why?").fill(WRONG)
    lead.get_by_role("button", name="Put version 2 in force").click()
    expect(lead.get_by_role("status")).to_contain_text("26 answers wait to be decided again")
    assert effort.minutes(thinking=THINKING_ABOUT_THE_FLIPS) < CORRECTION, effort
    assessor = sit_down(thirty, width=1280)
    sign_in(assessor, "joan@example.org")
    assessor.goto("/marking")
    assessor.get_by_role("button", name="Mark the oldest").click()
    expect(assessor.get_by_text(WRONG)).to_be_visible()
    assessor.get_by_label(NEW).check()
    assessor.get_by_label("Achieved", exact=True).check()
    assessor.get_by_label(re.compile("^Feedback on 1.1")).fill("You say that you dry your hands.")
    assessor.get_by_role("button", name="Return it", exact=True).click()
    expect(assessor.get_by_text("Returned to Ann")).to_be_visible()
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Reopening)) == THIRTY - UNTICKED
        assert session.scalar(select(func.count()).select_from(Waiting)) == THIRTY - UNTICKED - 1
        assert session.scalar(select(func.count()).select_from(Decision)) == THIRTY + 1, "no old decision is lost"
