"""Words are never lost: two tabs, a server that dies, a session that ends, a paste as long as a book."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from assessors.sample import UNIT_4
from course.people import operations as people
from tests.support.screens import open_question, sign_in
from tests.support.server import running
from tests.support.story import Story

Find = Callable[[Page], Locator]
SAVED = re.compile("Saved today at")
STRANGE = "Jo said “stay” 🙂🏽‍♀️ \u202eנסתר\u202c and \u200fشكرا\u200e, then tea ☕."


def test_two_tabs_show_both_versions_and_lose_neither(
    at_work: Any, box: Find, status: Find, sit_down: Callable[..., Page]
) -> None:
    first = at_work.sign_in(sit_down(at_work.origin))
    second = first.context.new_page()
    second.goto(at_work.address)
    box(first).fill("Written in the first tab.")
    expect(status(first)).to_contain_text(SAVED)
    box(second).fill("Written in the second tab.")
    expect(status(second)).to_contain_text("changed on another page")
    expect(box(second)).to_have_value("Written in the second tab.")
    address = str(status(second).get_by_role("link", name="See both").get_attribute("href"))
    second.goto(address)
    expect(second.get_by_text("Written in the first tab.")).to_be_visible()
    expect(second.get_by_text("Written in the second tab.")).to_be_visible()
    second.get_by_role("button", name="Use the words from the other page").click()
    expect(box(second)).to_have_value("Written in the second tab.")
    first.goto(at_work.address)
    expect(box(first)).to_have_value("Written in the second tab.")


def test_an_ended_session_keeps_the_words(
    at_work: Any, story: Story, box: Find, status: Find, sit_down: Callable[..., Page]
) -> None:
    page = at_work.sign_in(sit_down(at_work.origin))
    page.get_by_role("button", name=re.compile("Sign out")).first.wait_for(state="attached")
    end_every_session(story)
    box(page).fill("Written after the session ended.")
    expect(status(page)).to_contain_text("You have been signed out. Your words are still here.")
    expect(box(page)).to_have_value("Written after the session ended.")
    other = page.context.new_page()
    at_work.sign_in(other)
    page.locator("section.q", has=box(page)).get_by_role("button", name="Save draft").click()
    expect(page.get_by_label("What you typed")).to_have_value("Written after the session ended.")
    page.get_by_role("button", name="Send it again").click()
    expect(box(page)).to_have_value("Written after the session ended.")
    page.goto(at_work.address)
    expect(box(page)).to_have_value("Written after the session ended.")


def end_every_session(story: Story) -> None:
    """Sign everybody out, as when a session grows too old."""
    from sqlalchemy import select

    from course.people.models import Person

    with story.writing() as session:
        for person in session.scalars(select(Person)):
            people.end_sessions(session, person.id)


def test_strange_letters_come_back_as_they_were(
    at_work: Any, box: Find, status: Find, sit_down: Callable[..., Page]
) -> None:
    page = at_work.sign_in(sit_down(at_work.origin))
    box(page).fill(STRANGE)
    expect(status(page)).to_contain_text(SAVED)
    page.reload()
    expect(box(page)).to_have_value(STRANGE)


@pytest.mark.all_only
def test_a_paste_as_long_as_a_book_is_refused_in_words_and_stays_in_the_box(
    at_work: Any, box: Find, status: Find, sit_down: Callable[..., Page]
) -> None:
    page = at_work.sign_in(sit_down(at_work.origin))
    box(page).evaluate("e => { e.value = 'word '.repeat(2e5); e.dispatchEvent(new Event('input', {bubbles: true})); }")
    expect(status(page)).to_contain_text("Not saved: This is 1,000,000 characters long", timeout=30_000)
    assert box(page).evaluate("e => e.value.length") == 1_000_000


@pytest.mark.all_only
def test_ten_megabytes_are_not_pasted_and_the_box_keeps_what_it_held(
    at_work: Any, box: Find, status: Find, sit_down: Callable[..., Page]
) -> None:
    page = at_work.sign_in(sit_down(at_work.origin))
    box(page).fill("My own words.")
    expect(status(page)).to_contain_text(SAVED)
    was_stopped = box(page).evaluate(
        """e => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "word ".repeat(2 * 1024 * 1024));
          return !e.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }"""
    )
    assert was_stopped
    expect(status(page)).to_contain_text("Not pasted: that is 10,485,760 characters")
    expect(box(page)).to_have_value("My own words.")


def test_the_back_button_after_handing_in_offers_no_second_hand_in(
    at_work: Any, box: Find, status: Find, sit_down: Callable[..., Page]
) -> None:
    page = at_work.sign_in(sit_down(at_work.origin))
    box(page).fill("Because it is her life.")
    expect(status(page)).to_contain_text(SAVED)
    page.locator("section.q", has=box(page)).get_by_role("link", name="Look over and hand in").click()
    page.get_by_label(re.compile("This is my own work")).check()
    page.get_by_role("button", name="Hand in", exact=True).click()
    expect(page.locator(".flash")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Hand in", exact=True)).to_have_count(0)


@pytest.mark.all_only
def test_a_killed_server_costs_nothing(sit_down: Callable[..., Page], tmp_path: Path) -> None:
    password = secrets.token_urlsafe(12)
    with running(tmp_path / "data", {"DEMO_PASSWORD": password}) as server:
        page = sit_down(server.url)
        sign_in(page, "learner@example.org", password)
        page.goto("/learn")
        page.locator(f"a[href*='{UNIT_4}']").first.wait_for()
        open_question(page, "jo-tells-you")
        box, status = page.locator("#jo-tells-you-box"), page.locator("#jo-tells-you-status")
        server.kill()
        box.fill("Written while nobody listened.")
        expect(status).to_contain_text("Not saved")
        expect(box).to_have_value("Written while nobody listened.")
        server.start()
        expect(status).to_contain_text(SAVED, timeout=60_000)
        page.reload()
        expect(box).to_have_value("Written while nobody listened.")
