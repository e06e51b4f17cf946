"""Chromium for the journeys: one browser a run, a fresh profile for each person, no request to any other host."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE, DESKTOP = 360, 1280
HEIGHTS = {PHONE: 740, DESKTOP: 900}
PATIENCE_MS = 10_000
PICTURES = Path(__file__).resolve().parents[2] / "build" / "failures"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Whatever a page asks for, no other host has an address here.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium_program() -> str | None:
    """The browser on this machine: CHROMIUM if set, else the first known name on PATH; None where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """A running headless browser, closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_program(), args=ARGUMENTS, headless=True)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """One person at one device: cookies and storage of their own, and a note of everything that went wrong."""

    page: Page
    context: BrowserContext
    origin: str
    complaints: list[str] = field(default_factory=list)
    """Requests to another host, refused content, errors in scripts: a good page causes none."""

    def listen(self) -> None:
        self.context.on("request", self._note_request)
        self.context.on("console", self._note_console)
        self.context.on("weberror", lambda error: self.complaints.append(f"script error: {error.error}"))

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and f"{address.scheme}://{address.netloc}" != self.origin:
            self.complaints.append(f"request to another host: {request.url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        # 409, 422 and 503 are answers like others, and servers die in some stories; Chromium reports each.
        expected = r"Failed to load resource.*(status of \d+|net::ERR_CONNECTION_)"
        if message.type == "error" and not re.match(expected, message.text):
            self.complaints.append(f"console: {message.text}")


@contextmanager
def visit(
    browser: Browser,
    origin: str,
    *,
    width: int = PHONE,
    javascript: bool = True,
    theme: str = "light",
    **options: Any,
) -> Iterator[Visit]:
    """Sit one person down at a phone (360) or desk (1280). Fails at the end if a page caused a complaint."""
    context = browser.new_context(
        base_url=origin,
        viewport={"width": width, "height": HEIGHTS.get(width, 900)},
        java_script_enabled=javascript,
        color_scheme=theme,  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    visiting = Visit(context.new_page(), context, origin)
    visiting.listen()
    try:
        yield visiting
    finally:
        context.close()
    assert not visiting.complaints, "\n".join(visiting.complaints)


def violations(page: Page, *, within: str | None = None) -> list[str]:
    """What axe finds wrong with the page as it stands: one line a rule, with the elements it is about."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
    found = Axe().run(page, context=within, options=options).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: "
        + "; ".join(" ".join(map(str, node["target"])) for node in rule["nodes"])
        for rule in found
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window: 0 unless people must scroll sideways."""
    width: int = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(0, width)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this run; a test that asks for it is a `journey`."""
    with launched() as browser:
        yield browser


@pytest.fixture
def sit_down(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """A function that gives one more person a browser: `sit_down(server.url, width=1280)` returns their page.

    When the test fails, a picture of each person's page is kept in build/failures.
    """
    from contextlib import ExitStack

    from tests.support.rings import OUTCOME

    seated: list[Visit] = []
    with ExitStack() as visits:

        def sit(origin: str, **how: Any) -> Page:
            seated.append(visits.enter_context(visit(chromium, origin, **how)))
            return seated[-1].page

        yield sit
        if request.node.stash.get(OUTCOME, False):
            PICTURES.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"\W+", "-", request.node.name).strip("-")
            for number, person in enumerate(seated, 1):
                person.page.screenshot(path=PICTURES / f"{name}-{number}.png", full_page=True)
