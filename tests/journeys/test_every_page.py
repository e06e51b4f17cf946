"""Every kind of page, for everybody who opens it: nothing wrong that axe can find, and no sideways scroll."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from assessors.sample import UNIT_4, Sample
from course import db
from course.people import passwords
from tests.support.browser import overflow, violations, visit
from tests.support.screens import sign_in
from tests.support.server import in_thread, running

FIRST = {
    "": ("/sign-in", "/check", "/about"),
    "learner@example.org": ("/learn", "/learn > {unit}", "/account"),
    "assessor@example.org": ("/marking",),
    "iqa@example.org": ("/quality > Autumn 2026",),
    "admin@example.org": ("/office", "/office/people"),
}
ALL = {
    "": ("/sign-in", "/forgotten-password", "/check", "/about", "/accessibility", "/privacy", "/look", "/no-such-page"),
    "learner@example.org": (
        "/learn",
        "/learn > {unit}",
        "/learn > {unit}/5",
        "/records",
        "/learn/access-log",
        "/account",
    ),
    "learner2@example.org": ("/records", "/records > {record}"),
    "learner3@example.org": ("/learn > {unit}/4",),
    "assessor@example.org": ("/marking", "/marking > Mina", "/marking/held", "/marking/checks", "/quality/actions"),
    "iqa@example.org": ("/quality", "/quality > Autumn 2026", "/quality/guidance"),
    "admin@example.org": (
        "/office",
        "/office > Autumn 2026",
        "/office/people",
        "/office/people/new",
        "/office/records",
    ),
    "eqa@example.org": ("/external",),
    "tutor@example.org": ("/office",),
    "safeguarding@example.org": ("/safeguarding",),
}
LINKS = {"{unit}": f"a[href*='{UNIT_4}']", "{record}": "main a[href^='/records/']"}


def open_page(page: Page, way: str) -> None:
    """Open an address, or the link named after `>` on that page; `{unit}/5` is a page below where the link leads."""
    start, _, link = way.partition(" > ")
    page.goto(start)
    if not link:
        return
    kind, _, below = link.partition("/")
    if kind in LINKS:
        address = str(page.locator(LINKS[kind]).first.get_attribute("href")).split("#")[0]
        if below:
            address = f"{address.split(UNIT_4)[0]}{UNIT_4}/{below}"
        page.goto(address)
    else:
        page.get_by_role("link", name=re.compile(link)).first.click()


def problems_of(page: Page, who: str, way: str) -> list[str]:
    """What axe finds on one page, and a sideways scroll."""
    found = violations(page)
    if overflow(page):
        found.append(f"{overflow(page)} px too wide")
    return [f"{who or 'a visitor'} at {way} ({page.url}): {problem}" for problem in found]


def test_axe_finds_nothing_on_the_pages_people_open_first(app: Flask, sit_down: Callable[..., Page]) -> None:
    password = secrets.token_urlsafe(12)
    with app.test_request_context(), db.database().transaction() as session:
        Sample(session, passwords.hasher.hash(password)).build()
    problems: list[str] = []
    with in_thread(app) as origin:
        for who, ways in FIRST.items():
            page = sit_down(origin, width=360)
            if who:
                sign_in(page, who, password)
            for way in ways:
                open_page(page, way)
                problems += problems_of(page, who, way)
    assert not problems, "\n".join(problems)


def look_round(browser: Browser, origin: str, who: str, password: str) -> list[str]:
    """Everything wrong with one person's pages: light and dark, phone and desk, and squeezed to 320 pixels."""
    problems: list[str] = []
    with visit(browser, origin, width=360) as sitting:
        page = sitting.page
        if who:
            sign_in(page, who, password)
        for way in ALL[who]:
            open_page(page, way)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                for width in (360, 1280):
                    page.set_viewport_size({"width": width, "height": 800})
                    problems += [f"{theme} {width}: {problem}" for problem in problems_of(page, who, way)]
            page.set_viewport_size({"width": 320, "height": 800})
            if overflow(page):
                problems.append(f"320: {who} at {way}: {overflow(page)} px too wide")
            page.set_viewport_size({"width": 360, "height": 800})
            page.emulate_media(color_scheme="light")
    return problems


@pytest.mark.all_only
@pytest.mark.timeout(600)
def test_axe_finds_nothing_on_any_page_in_any_light(chromium: Browser, tmp_path: Path) -> None:
    password = secrets.token_urlsafe(12)
    problems: list[str] = []
    with running(tmp_path / "data", {"DEMO_PASSWORD": password}) as server:
        for who in ALL:
            problems += look_round(chromium, server.url, who, password)
    assert not problems, "\n".join(problems)
