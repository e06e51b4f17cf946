"""A second assessor judges blind, sees the first only afterwards, and the two come to one outcome."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from course.access import Role
from course.people.models import Person
from tests.journeys.test_standardising import looks_well, staff
from tests.support.marked import judge
from tests.support.screens import sign_in
from tests.support.server import in_thread
from tests.support.story import PASSWORD, Story

UNIT = "04-boundaries-confidentiality-and-records"
WORDS = "I would tell Jo that I believe her, and ring our lead today, and say so to Jo first."


def person(story: Story, address: str) -> Person:
    """Who signs in with this address."""
    with story.reading() as session:
        return session.query(Person).filter_by(email=address).one()


def test_a_blind_second_judgement_leads_to_one_outcome_and_a_new_decision(
    app: Flask, story: Story, sit_down: Callable[..., Page]
) -> None:
    tom, ann, bob = (
        staff(story, role, name)
        for role, name in (
            (Role.LEAD_IQA, "Tom Hughes"), (Role.ASSESSOR, "Ann Bell"), (Role.ASSESSOR, "Bob Cole"),
        )
    )  # fmt: skip
    _, enrolment = story.learner("Sam Okafor")
    answer = story.hand_in(enrolment, "jo-tells-you", WORDS, unit=UNIT)
    judge(story, answer, person(story, ann), feedback="Jo is believed and told first.")
    with in_thread(app) as origin:
        lead, first, second = sit_down(origin, width=1280), sit_down(origin, width=1280), sit_down(origin, width=360)
        for page, address in ((lead, tom), (first, ann), (second, bob)):
            sign_in(page, address, PASSWORD)
        lead.goto("/quality")
        lead.get_by_role("link", name="Second marking").click()
        lead.get_by_role("link", name="Answers of Autumn").click()
        looks_well(lead)
        lead.get_by_role("link", name=re.compile("Sam O.: Jo tells you")).click()
        lead.get_by_label("Who judges it a second time?").select_option(label="Bob Cole")
        lead.get_by_label("Why is it judged a second time?").fill("A point about safety.")
        looks_well(lead)
        lead.get_by_role("button", name="Ask for a second judgement").click()
        expect(lead.get_by_text("They judge without seeing what was decided.")).to_be_visible()
        looks_well(lead)

        second.goto("/quality/actions")
        second.get_by_role("link", name="Answers to judge a second time").click()
        looks_well(second)
        second.get_by_role("link", name=re.compile("Jo tells you")).click()
        expect(second.get_by_text("ring our lead today")).to_be_visible()
        for secret in ("Ann", "Sam O", "told first."):
            expect(second.locator("main")).not_to_contain_text(secret)
        second.get_by_label("Not yet", exact=True).check()
        second.get_by_label("Feedback on 2.2").fill("Danger now is not asked about.")
        expect(second.locator("#judgement-status")).to_contain_text("Saved")
        looks_well(second)
        second.get_by_role("button", name="Save my judgement and see both").click()
        expect(second.get_by_text("Jo is believed and told first.")).to_be_visible()
        expect(second.get_by_text("You differ")).to_be_visible()
        looks_well(second)

        first.goto("/quality/second-marking")
        first.get_by_role("link", name=re.compile("Jo tells you")).click()
        first.get_by_label("Not yet", exact=True).check()
        first.get_by_label("Why this outcome?").fill("Bob is right: 999 is missing.")
        first.get_by_role("button", name="Keep this outcome").click()
        expect(first.get_by_text("This is the one outcome.")).to_be_visible()
        looks_well(first)
        lead.goto("/quality/second-marking")
        lead.get_by_role("link", name=re.compile("Jo tells you")).click()
        lead.get_by_role("link", name="Send the answer back to be decided again").click()
        lead.get_by_label(re.compile("Why")).fill("Two people came to another outcome.")
        lead.get_by_role("button", name="Send it back").click()
        first.reload()
        first.get_by_role("link", name="Open the answer and decide it again").click()
        first.get_by_role("button", name="Decide it again").click()
        first.get_by_label("Not yet", exact=True).check()
        first.get_by_label(re.compile("Feedback on 2.2")).fill("We looked again. Ask first if anybody is in danger.")
        first.get_by_role("button", name="Return it", exact=True).click()
        expect(first.get_by_text("Returned to Sam")).to_be_visible()
        lead.goto("/quality/second-marking")
        expect(lead.get_by_text("One outcome", exact=True)).to_be_visible()
