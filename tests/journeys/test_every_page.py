"""Every page that anybody can reach: no dead link, nothing wrong that axe can find, and no sideways scroll."""

from __future__ import annotations

import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException

from assessors.sample import Sample
from course import db
from course.people import passwords
from tests.support.browser import overflow, violations, visit
from tests.support.screens import sign_in
from tests.support.server import in_thread, running

FIRST = {
    "": ("/sign-in", "/check", "/about"),
    "learner@example.org": ("/learn", "/account"),
    "assessor@example.org": ("/marking",),
    "iqa@example.org": ("/quality",),
    "admin@example.org": ("/office", "/office/people", "/office/outcomes", "/quality/workload"),
}
"""What the first ring looks at; every page is looked at in the second."""
PEOPLE = (
    "", "learner@example.org", "learner2@example.org", "learner3@example.org", "assessor@example.org",
    "assessor2@example.org", "iqa@example.org", "admin@example.org", "eqa@example.org", "tutor@example.org",
    "safeguarding@example.org", "learner5@example.org", "learner6@example.org", "selector@example.org",
    "applicant@example.org",
)  # fmt: skip
UNLINKED = ("/sign-in", "/forgotten-password", "/check", "/look", "/no-such-page")
"""Pages that a visitor need not find a link to."""
SEVERAL = {
    "workbook.unit_page": 6,
    "workbook.history": 3,
    "marking.judge": 3,
    "quality.standardisation": 2,
    "quality.plan": 2,
}
"""How many pages of one kind to look at where they differ; otherwise one."""
MOST_PAGES = 80


def problems_of(page: Page, who: str) -> list[str]:
    """What axe finds on one page, and a sideways scroll."""
    found = violations(page)
    if overflow(page):
        found.append(f"{overflow(page)} px too wide")
    return [f"{who or 'a visitor'} at {page.url}: {problem}" for problem in found]


def test_axe_finds_nothing_on_the_pages_people_open_first(app: Flask, sit_down: Callable[..., Page]) -> None:
    password = secrets.token_urlsafe(12)
    with app.test_request_context(), db.database().transaction() as session:
        Sample(session, passwords.hasher.hash(password)).build()
    problems: list[str] = []
    with in_thread(app) as origin:
        for who, addresses in FIRST.items():
            page = sit_down(origin, width=360)
            if who:
                sign_in(page, who, password)
            for address in addresses:
                page.goto(address)
                problems += problems_of(page, who)
    assert not problems, "\n".join(problems)


def kind_of(app: Flask, path: str) -> str:
    """The endpoint that answers an address; the address itself where none does."""
    try:
        return str(app.url_map.bind("127.0.0.1").match(path)[0])
    except HTTPException:
        return path


def pages_to_look_at(app: Flask, page: Page, who: str, problems: list[str]) -> Iterator[str]:
    """Follow every link from a person's home, and yield each kind of page once, open. Notes dead links."""
    seen: Counter[str] = Counter()
    waiting, known = deque(UNLINKED if not who else ("/", "/account")), set(UNLINKED)
    while waiting and seen.total() < MOST_PAGES:
        address = waiting.popleft()
        kind = kind_of(app, urlsplit(address).path)
        if seen[kind] >= SEVERAL.get(kind, 1):
            continue
        answer = page.request.get(address)
        if answer.status != 200 and address != "/no-such-page":
            problems.append(f"{who or 'a visitor'}: the link to {address} answers {answer.status}")
        if not answer.headers.get("content-type", "").startswith("text/html"):
            seen[kind] += 1
            continue
        page.goto(address)
        seen[kind_of(app, urlsplit(page.url).path)] += 1
        yield page.url
        hrefs: list[str] = page.evaluate("() => [...document.links].map((one) => one.href)")
        for href in hrefs:
            parts = urlsplit(href)
            link = parts.path + (f"?{parts.query}" if parts.query else "")
            if href.startswith(page.url.split("/", 3)[0] + "//" + urlsplit(page.url).netloc) and link not in known:
                known.add(link)
                waiting.append(link)


FORMS = """() => [...document.querySelectorAll("main form[method=post]")].filter((form) => form.querySelector(
  "textarea, input:not([type=hidden], [type=submit], [type=checkbox], [type=radio], [type=file])"))"""
"""The forms in which something is typed."""
EMPTIED = f"""(at) => {{
  const form = ({FORMS})()[at];
  for (const box of form.querySelectorAll("textarea, input:not([type=hidden], [type=submit])")) {{
    if (["checkbox", "radio"].includes(box.type)) box.checked = false; else box.value = "";
  }}
  setTimeout(() => form.submit());
}}"""
"""Sends one of them with nothing in it, as somebody in a hurry does."""


def forms_in_error(page: Page, who: str, addresses: Iterable[str]) -> Iterator[str]:
    """Send each form empty. Where that is a mistake, yield each thing wrong with the page that says so."""
    for address in addresses:
        page.goto(address)
        for at in range(page.evaluate(f"() => ({FORMS})().length")):
            page.goto(address)
            if page.evaluate(f"() => ({FORMS})().length") <= at:
                break  # what was sent before has changed the page
            with page.expect_navigation() as answers:
                page.evaluate(EMPTIED, at)
            if answers.value is None or answers.value.status != 422:
                continue
            where = f"{who or 'a visitor'} at {address}, form {at + 1} sent empty"
            yield from (f"{where}: {problem}" for problem in problems_of(page, who))
            if not page.title().startswith("Error: "):
                yield f"{where}: the title does not say that there is a problem"
            if not page.evaluate("() => Boolean(document.activeElement.closest('.problem'))"):
                yield f"{where}: the summary of problems has not got the focus"


def look_round(
    app: Flask, browser: Browser, origin: str, who: str, password: str, tried: set[str]
) -> tuple[int, list[str]]:
    """Everything wrong with one person's pages: light and dark, phone and desk, at 320 pixels, and in error.

    `tried`: the kinds of page whose forms somebody else has sent empty already.
    """
    problems: list[str] = []
    with visit(browser, origin, width=360) as sitting:
        page = sitting.page
        if who:
            sign_in(page, who, password)
        addresses = []
        for address in pages_to_look_at(app, page, who, problems):
            addresses.append(address)
            for theme, width in (("light", 360), ("dark", 1280)):
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                page.set_viewport_size({"width": width, "height": 800})
                problems += [f"{theme} {width}: {problem}" for problem in problems_of(page, who)]
            page.set_viewport_size({"width": 320, "height": 800})
            if overflow(page):
                problems.append(f"320: {who} at {page.url}: {overflow(page)} px too wide")
            page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 360, "height": 800})
        kinds = {kind_of(app, urlsplit(one).path): one for one in addresses}
        problems += forms_in_error(page, who, [one for kind, one in kinds.items() if kind not in tried])
        tried.update(kinds)
    return len(addresses), problems


@pytest.mark.all_only
@pytest.mark.timeout(900)
def test_axe_finds_nothing_on_any_page_that_can_be_reached(app: Flask, chromium: Browser, tmp_path: Path) -> None:
    password = secrets.token_urlsafe(12)
    problems: list[str] = []
    counts: dict[str, int] = {}
    tried: set[str] = set()
    with running(tmp_path / "data", {"DEMO_PASSWORD": password}) as server:
        for who in PEOPLE:
            counts[who], found = look_round(app, chromium, server.url, who, password, tried)
            problems += found
    assert not problems, "\n".join(problems)
    assert min(counts.values()) > 2, counts
