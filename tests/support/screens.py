"""Takes the pictures in docs/screens from the sample centre: `python -m tests.support.screens`."""

from __future__ import annotations

import io
import re
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.support.browser import DESKTOP, PHONE, launched, visit
from tests.support.server import Server, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
UNIT = "04-boundaries-confidentiality-and-records"
LONGEST, MOST_BYTES = 1600, 150_000


def sign_in(page: Page, address: str, password: str) -> None:
    """Sign a sample person in and wait for the page that follows."""
    page.goto("/sign-in")
    page.locator("#email").fill(address)
    page.locator("#password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Signed in as").wait_for(state="attached")


def unit_address(page: Page) -> str:
    """The address of unit 4 for the learner whose home is open."""
    return str(page.locator(f"a[href*='{UNIT}']").first.get_attribute("href")).split("?")[0].split(f"{UNIT}")[0] + UNIT


def open_question(page: Page, key: str) -> int:
    """Open the page of unit 4 that holds a question; returns how far down the question begins, in pixels."""
    address = unit_address(page)
    for number in range(1, 30):
        answer = page.goto(f"{address}/{number}")
        if answer is None or answer.status != 200:
            break
        if page.locator(f"#q-{key}").count():
            return max(0, int(page.locator(f"#q-{key}").evaluate("e => e.getBoundingClientRect().top + scrollY")) - 40)
    raise LookupError(key)


def take(page: Page, name: str, *, top: int = 0) -> None:
    """Write one picture, no longer than LONGEST and with as many colours as fit in MOST_BYTES."""
    page.wait_for_load_state()  # a click does not wait for the page that it leads to
    width = page.evaluate("() => document.documentElement.clientWidth")
    whole = page.evaluate("() => document.documentElement.scrollHeight")
    clip = {"x": 0, "y": top, "width": width, "height": min(LONGEST, whole - top)}
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=clip))).convert("RGB")  # type: ignore[arg-type]
    for colours in (256, 128, 64, 32):
        kept = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if len(kept.getvalue()) < MOST_BYTES:
            break
    (FOLDER / f"{name}.png").write_bytes(kept.getvalue())


def learners(browser: Browser, origin: str, password: str) -> None:
    """What learners and visitors see."""
    with visit(browser, origin, width=PHONE) as sitting:
        page = sitting.page
        page.goto("/sign-in")
        take(page, "sign-in-360")
        page.goto("/check")
        take(page, "check-360")
        sign_in(page, "learner@example.org", password)
        page.goto("/learn")
        take(page, "home-360")
        take(page, "unit-360", top=open_question(page, "jo-tells-you"))
        page.locator("section.q", has=page.locator("#jo-tells-you-box")).get_by_role(
            "link", name=re.compile("hand in", re.IGNORECASE)
        ).first.click()
        take(page, "hand-in-360")
    with visit(browser, origin, width=DESKTOP) as sitting:
        sign_in(sitting.page, "learner@example.org", password)
        sitting.page.goto("/learn")
        open_question(sitting.page, "jo-tells-you")
        take(sitting.page, "unit-1280")
    with visit(browser, origin, width=PHONE) as sitting:
        sign_in(sitting.page, "learner3@example.org", password)
        sitting.page.goto("/learn")
        take(sitting.page, "feedback-360", top=open_question(sitting.page, "three-rooms"))
    with visit(browser, origin, width=DESKTOP) as sitting:
        sign_in(sitting.page, "learner2@example.org", password)
        sitting.page.goto("/records")
        sitting.page.locator("main a[href^='/records/']").first.click()
        take(sitting.page, "record-1280")


def staff(browser: Browser, origin: str, password: str) -> None:
    """What assessors, quality assurers and the office see."""
    with visit(browser, origin, width=DESKTOP) as sitting:
        page = sitting.page
        sign_in(page, "assessor@example.org", password)
        page.goto("/marking")
        take(page, "queue-1280")
        page.get_by_role("link", name=re.compile("Mina")).first.click()
        page.get_by_role("button", name="Take this answer").click()
        page.get_by_role("heading", name="Guidance on a good answer").wait_for()
        take(page, "marking-1280")
    with visit(browser, origin, width=DESKTOP) as sitting:
        sign_in(sitting.page, "iqa@example.org", password)
        sitting.page.goto("/quality")
        sitting.page.get_by_role("link", name="Autumn 2026").first.click()
        take(sitting.page, "sampling-1280")
    with visit(browser, origin, width=DESKTOP) as sitting:
        sign_in(sitting.page, "admin@example.org", password)
        sitting.page.goto("/office")
        sitting.page.get_by_role("link", name="Autumn 2026").first.click()
        address = re.sub(r"/tracker$", "", sitting.page.url.split("?")[0])
        sitting.page.goto(f"{address}/tracker")
        take(sitting.page, "tracker-1280")


def top_of(page: Page, selector: str) -> int:
    """How far down a page something begins, with a little room above it."""
    return max(0, int(page.locator(selector).first.evaluate("e => e.getBoundingClientRect().top + scrollY")) - 30)


def pictures(browser: Browser, origin: str, password: str) -> None:
    """The four pictures: agreement, turnaround, coverage of the sample, outcomes."""
    with visit(browser, origin, width=DESKTOP) as sitting:
        page = sitting.page
        sign_in(page, "iqa@example.org", password)
        page.goto("/quality")
        page.get_by_role("link", name="Spring 2026").first.click()
        page.goto(f"{page.url}/plans")
        page.get_by_role("link", name=re.compile("Plan 1")).first.click()
        take(page, "coverage-1280", top=top_of(page, "h2:has-text('How much of each unit')"))
        page.goto("/quality/workload")
        take(page, "turnaround-1280", top=top_of(page, "h2:has-text('How soon work comes back')"))
    with visit(browser, origin, width=PHONE) as sitting:
        page = sitting.page
        sign_in(page, "iqa@example.org", password)
        page.goto("/quality/standardisation")
        page.get_by_role("listitem").filter(has_text="Minuted").get_by_role("link").first.click()
        take(page, "agreement-360", top=top_of(page, "#agreement"))
    with visit(browser, origin, width=PHONE) as sitting:
        sign_in(sitting.page, "admin@example.org", password)
        sitting.page.goto("/office/outcomes")
        take(sitting.page, "outcomes-360")


def take_all(server: Server, password: str) -> None:
    """Every picture, from one fresh sample centre."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        learners(browser, server.url, password)
        staff(browser, server.url, password)
        pictures(browser, server.url, password)


if __name__ == "__main__":
    password = secrets.token_urlsafe(12)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data", {"DEMO_PASSWORD": password}) as server:
        take_all(server, password)
