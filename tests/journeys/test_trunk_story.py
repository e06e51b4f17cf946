"""The story from which everything grows: a learner writes, an assessor returns it, it is improved, achieved, recorded
and checked by an employer; every step in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from assessors.sample import UNIT_6_SLUG, Sample
from assessors.sample.words import UNIT_6
from course import audit, db
from course.enrolment.models import Enrolment
from course.people import passwords
from course.people.models import Person
from course.records.models import RecordHolder
from course.workbook.models import Outcome
from tests.support.server import in_thread

PASSWORD = "violet lantern over water"
QUESTION = "why-goals-are-theirs"
FIRST = "Because it is her life."
MORE = "Because it is her life. A goal that she picked gives her a reason to get up, and shows that I trust her."


@pytest.fixture
def nearly_done(app: Flask) -> Iterator[str]:
    """The sample centre, with Sam one answer short of unit 6, served."""
    with app.test_request_context(), db.database().transaction() as session:
        sample = Sample(session, passwords.hasher.hash(PASSWORD))
        sample.build()
        sam = session.scalars(
            select(Enrolment)
            .join(Person, Person.id == Enrolment.person_id)
            .where(Person.email == "learner@example.org")
        ).one()
        rest = {key: words for key, words in UNIT_6.items() if key != QUESTION}
        sample.judge(sample.hand_in(sam, UNIT_6_SLUG, rest), Outcome.ACHIEVED)
    with in_thread(app) as url:
        yield url


def sign_in(page: Page, address: str) -> Page:
    """Sign in as one of the sample people."""
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as")).to_be_visible()
    return page


def question(page: Page) -> Locator:
    """The question of this story on the unit's page."""
    return page.locator(f"section.q[aria-labelledby='q-{QUESTION}'], section#q-{QUESTION}")


def write_and_hand_in(page: Page, words: str) -> None:
    """Write in the box, see it saved by itself, and hand it in."""
    box = page.locator(f"#{QUESTION}-box")
    box.fill(words)
    expect(page.locator(f"#{QUESTION}-status")).to_contain_text("Saved today at", timeout=10_000)
    page.reload()
    expect(box).to_have_value(words)
    question(page).get_by_role("link", name="Look over and hand in").click()
    expect(page.get_by_text(words)).to_be_visible()
    page.get_by_label(re.compile("This is my own work")).check()
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.locator(".flash")).to_be_visible()


def judge(page: Page, *, outcome: str, feedback: str) -> None:
    """Take Sam's answer from the queue and return it."""
    page.goto("/marking")
    page.get_by_role("link", name=re.compile("Sam O")).first.click()
    page.get_by_role("button", name="Take this answer").click()
    expect(page.get_by_role("heading", name="Guidance on a good answer")).to_be_visible()
    page.get_by_label(outcome, exact=True).check()
    page.get_by_label(re.compile("Feedback on 1.1 to Sam")).fill(feedback)
    page.get_by_role("button", name="Return it", exact=True).click()
    expect(page.locator(".flash")).to_be_visible()


def test_from_the_first_word_to_an_employers_check(app: Flask, nearly_done: str, sit_down: Callable[..., Page]) -> None:
    sam, priya = sit_down(nearly_done, width=360), sit_down(nearly_done, width=1280)
    sign_in(sam, "learner@example.org")
    sam.get_by_role("link", name=re.compile("Goals, lapse and moving forward")).click()
    page_address = sam.url.split("?")[0].rstrip("/") + "/1"
    sam.goto(page_address)
    write_and_hand_in(sam, FIRST)
    sam.goto(page_address)
    expect(question(sam)).to_contain_text("Handed in")
    expect(sam.locator(f"#{QUESTION}-box")).to_have_count(0)

    sign_in(priya, "assessor@example.org")
    judge(priya, outcome="Not yet", feedback="A good start. Add one more reason, in your own words.")

    sam.goto(page_address)
    expect(question(sam)).to_contain_text("Add one more reason")
    write_and_hand_in(sam, MORE)
    judge(priya, outcome="Achieved", feedback="That is the heart of it.")
    sam.goto(page_address)
    expect(question(sam)).to_contain_text("Achieved")

    release_unit(sit_down(nearly_done, width=1280))
    issue_records(sit_down(nearly_done, width=1280))
    check_as_employer(app, nearly_done, sam, sit_down)
    with app.app_context(), db.database().reader() as session:
        assert list(audit.verify(session)) == []


def release_unit(ruth: Page) -> None:
    """The internal quality assurer samples one answer, agrees, and releases the unit in a batch."""
    sign_in(ruth, "iqa@example.org")
    ruth.goto("/quality")
    ruth.get_by_role("link", name="Autumn 2026").first.click()
    cohort = ruth.url
    ruth.get_by_role("link", name="Open a sample by hand").click()
    ruth.get_by_role("checkbox", name=re.compile("Sam")).first.check()
    ruth.get_by_label("Why these?").fill("A resubmission, and the last one of the unit.")
    ruth.get_by_role("button", name="Open this sample").click()
    ruth.get_by_role("link", name=re.compile("Sam")).first.click()
    ruth.get_by_role("radio", name="Agree").first.check()
    ruth.get_by_role("button", name=re.compile("Save what you find")).first.click()
    ruth.goto(cohort)
    ruth.get_by_role("link", name="Make a batch").click()
    ruth.locator("form", has_text="Make a batch of these").get_by_role("checkbox").first.check()
    ruth.get_by_role("button", name="Make a batch of these").click()
    ruth.get_by_label(re.compile("Why can this batch|Why|Rationale")).first.fill("Sampled and agreed.")
    ruth.get_by_role("button", name="Release this batch").click()
    expect(ruth.get_by_text(re.compile("released", re.IGNORECASE)).first).to_be_visible()


def issue_records(moira: Page) -> None:
    """The admin issues what was released."""
    sign_in(moira, "admin@example.org")
    moira.goto("/office/records")
    moira.get_by_role("checkbox", name=re.compile("Sam Okafor")).check()
    moira.get_by_role("button", name="Issue the chosen records").click()
    expect(moira.locator(".flash")).to_be_visible()


def check_as_employer(app: Flask, origin: str, sam: Page, sit_down: Callable[..., Page]) -> None:
    """An employer asks with the code; nothing shows until Sam says yes."""
    with app.app_context(), db.database().reader() as session:
        code: Any = session.scalars(select(RecordHolder.code).where(RecordHolder.name == "Sam Okafor")).one()
    employer = sit_down(origin, width=1280)
    employer.goto("/check")
    employer.get_by_label(re.compile("code", re.IGNORECASE)).fill(code)
    employer.get_by_role("button", name="Ask to see it").click()
    expect(employer.get_by_text("its holder has been asked")).to_be_visible()
    assert "Sam Okafor" not in employer.content()
    sam.goto("/records")
    sam.get_by_role("button", name=re.compile("Yes, show it")).click()
    employer.reload()
    expect(employer.get_by_text("Sam Okafor").first).to_be_visible()
    sam.goto("/records")
    sam.get_by_role("link", name=re.compile("Goals, lapse")).first.click()
    with sam.expect_download() as download:
        sam.get_by_role("link", name="Download as PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")
