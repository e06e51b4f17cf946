"""Fifteen applicants become six offers in an hour, on two screens and fifteen phones.

The hour is that of the selector who does most: she scores while the second selector scores too, then types what both
agree on. 46 minutes on 25 November 2026, as tests/support/effort.py reckons; see HOUR for what is thought and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from assessors.selection.models import SelectionDecision
from course import audit
from course.audit import INSTALLER
from course.enrolment.models import Enrolment
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from tests.support.applicants import Selecting, selecting, whole_words
from tests.support.browser import overflow, violations
from tests.support.effort import watch
from tests.support.server import in_thread
from tests.support.story import PASSWORD, Story

APPLICANTS, PLACES = 15, 6
HOUR = 60
THINKING_ABOUT_SCORES, TALKING_ABOUT_AN_OUTCOME = 0.5, 1
"""Minutes for each application, beyond reading it, writing and pressing."""


@dataclass(frozen=True)
class Hall:
    """A served centre with fifteen applications, and whoever may sign in."""

    origin: str
    choosing: Selecting
    addresses: dict[str, str]

    def sign_in(self, page: Page, name: str) -> Page:
        """Sign somebody in."""
        page.goto("/sign-in")
        page.locator("#email").fill(self.addresses[name])
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Signed in as")).to_be_visible()
        return page


@pytest.fixture
def hall(app: Flask, story: Story) -> Iterator[Hall]:
    """Fourteen applications are in; the fifteenth is about to be written."""
    choosing = selecting(story)
    for number in range(1, APPLICANTS):
        choosing.applied(f"Ann Number{number}", whole_words(confirmed=() if number == 3 else ("agree-to-supervision",)))
    choosing.draft("Bo Dean")
    hashed = passwords.hasher.hash(PASSWORD)
    with story.writing() as session:
        persons = session.scalars(select(Person)).all()
        for person in persons:
            people.set_password(session, person, hashed, by=INSTALLER)
        addresses = {person.name: person.email for person in persons}
    with in_thread(app) as origin:
        yield Hall(origin, choosing, addresses)


def apply_on_a_phone(page: Page) -> None:
    """Bo writes in his own words; it is saved by itself; he reads it once more and sends it."""
    page.get_by_role("link", name=re.compile("Peer Mentoring")).click()
    page.get_by_label(re.compile("Why would you like")).fill("Because somebody once sat with me and listened.")
    expect(page.locator("#saved")).to_contain_text("Saved today at", timeout=10_000)
    page.reload()
    expect(page.get_by_label(re.compile("Why would you like"))).to_have_value(re.compile("sat with me"))
    page.get_by_label(re.compile("I am ready to meet a supervisor")).check()
    page.get_by_role("button", name="Save and look over").click()
    expect(page.get_by_text("somebody once sat with me")).to_be_visible()
    page.get_by_label("I have read who sees what I wrote").check()
    page.get_by_role("button", name="Send my application").click()
    page.get_by_label("Man", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Your application is sent")).to_be_visible()


def score_all(page: Page, *, high: int) -> None:
    """One selector scores every application; saving opens the next."""
    page.goto("/selection")
    page.get_by_role("link", name="Autumn", exact=True).click()
    page.get_by_role("link", name="Score the next one").click()
    for _ in range(APPLICANTS):
        applicant = page.get_by_role("heading", level=1).inner_text()
        number = int(re.sub(r"\D", "", applicant) or 15)
        words = "Clearly all of it" if number <= high else "Some of it"
        for radio in page.get_by_label(words, exact=True).all():
            radio.check()
        page.get_by_role("button", name="Save my scores and go on").click()
        expect(page.locator(".flash")).to_contain_text(f"Your scores for {applicant} are saved.")


def agree_on_all(page: Page, second: Page) -> None:
    """They go through the list, most points first: the first six get a place, three wait, the others hear no."""
    for done in range(APPLICANTS):
        page.goto("/selection")
        page.get_by_role("link", name="Autumn", exact=True).click()
        page.get_by_role("link", name="Agree on the next one").click()
        if page.get_by_text("They did not confirm it. Required.").count():
            set_aside(page, second)
        words = "Offer a place" if done < PLACES else "Keep on the waiting list" if done < 9 else "No place this time"
        page.get_by_label(words, exact=True).check()
        page.locator("#reason").fill("You wrote with care about listening to people.")
        page.get_by_role("button", name="Save and write to them").click()
        expect(page.locator(".flash")).to_contain_text("A letter is on its way.")


def set_aside(page: Page, second: Page) -> None:
    """Something required is missing: one asks to set it aside, the other agrees; only now can a place be offered."""
    page.get_by_text("Set a criterion aside", exact=True).click()
    page.get_by_label("Which one?").select_option(label="Ready for supervision")
    page.locator("#waiver-reason").fill("She asked how supervision works, and wants it.")
    page.get_by_role("button", name="Ask a second person").click()
    second.goto(page.url)
    second.get_by_role("button", name=re.compile("I agree")).click()
    expect(second.locator(".flash")).to_contain_text("This criterion is waived.")
    page.reload()


@pytest.mark.all_only
@pytest.mark.timeout(300)
def test_fifteen_applicants_become_six_offers(hall: Hall, sit_down: Callable[..., Page], story: Story) -> None:
    bo = hall.sign_in(sit_down(hall.origin, width=360), "Bo Dean")
    apply_on_a_phone(bo)
    fay = hall.sign_in(sit_down(hall.origin, width=1280), "Fay Hope")
    sid = hall.sign_in(sit_down(hall.origin, width=1280), "Sid Reed")
    effort = watch(fay)
    score_all(fay, high=8)
    score_all(sid, high=6)
    agree_on_all(fay, sid)
    thinking = APPLICANTS * (THINKING_ABOUT_SCORES + TALKING_ABOUT_AN_OUTCOME)
    assert effort.minutes(thinking=thinking) < HOUR, effort
    with story.reading() as session:
        rows = session.execute(select(SelectionDecision.outcome, func.count()).group_by(SelectionDecision.outcome))
        outcomes = {row[0]: row[1] for row in rows}
    assert outcomes == {"offer": PLACES, "waitlist": 3, "decline": 6}
    ann = hall.sign_in(sit_down(hall.origin, width=360), "Ann Number1")
    ann.get_by_role("link", name=re.compile("Peer Mentoring")).click()
    expect(ann.get_by_role("heading", name="There is a place for you")).to_be_visible()
    ann.get_by_label("Yes, I would like it").check()
    ann.get_by_role("button", name="Send my answer").click()
    ann.get_by_role("link", name="Go to my course").click()
    expect(ann.get_by_role("heading", name=re.compile("Hello Ann"))).to_be_visible()
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Enrolment)) == 1
        assert list(audit.verify(session)) == []


@pytest.mark.all_only
@pytest.mark.timeout(300)
def test_axe_finds_nothing_on_the_pages_of_selection(hall: Hall, sit_down: Callable[..., Page]) -> None:
    applications = {"Bo Dean": ("/applications", "/applications > Peer Mentoring")}
    selector = ("/selection", "/selection > ^Autumn$", "/selection > ^Autumn$ > Ann Number3", "/selection > Checks",
                "/selection > Checks > Ann Number1", "/selection > Criteria",
                "/selection > Criteria > What these flagged", "/selection > Who may apply",
                "/selection > ^Autumn$ > Ann Number1 > say so")  # fmt: skip
    problems: list[str] = []
    for who, ways in (applications | {"Fay Hope": selector}).items():
        page = hall.sign_in(sit_down(hall.origin, width=360), who)
        for way in ways:
            start, *links = way.split(" > ")
            page.goto(start)
            for link in links:
                page.get_by_role("link", name=re.compile(link)).first.click()
            for width in (320, 360, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                if overflow(page):
                    problems.append(f"{who} at {way}: {overflow(page)} px too wide at {width}")
            problems += [f"{who} at {way}: {one}" for one in violations(page)]
            page.set_viewport_size({"width": 360, "height": 800})
    assert not problems, "\n".join(problems)


def test_an_application_is_written_and_sent_without_a_script(hall: Hall, sit_down: Callable[..., Page]) -> None:
    bo = hall.sign_in(sit_down(hall.origin, width=320, javascript=False), "Bo Dean")
    bo.get_by_role("link", name=re.compile("Peer Mentoring")).click()
    bo.get_by_label(re.compile("Why would you like")).fill("Because somebody listened.")
    bo.get_by_role("button", name="Save", exact=True).click()
    expect(bo.locator(".flash")).to_contain_text("Saved today at")
    bo.get_by_role("button", name="Save and look over").click()
    bo.get_by_label("I have read who sees what I wrote").check()
    bo.get_by_role("button", name="Send my application").click()
    bo.get_by_role("link", name="Leave these questions").click()
    expect(bo.get_by_role("heading", name="Your application is sent")).to_be_visible()
