"""Nobody needs a mouse or a touch screen: sign in, write and hand in with keys alone, and always see where one is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.story import PASSWORD

MOST_KEYS = 120
OUTLINE = "e => { const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; }"


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that it shows."""
    for _ in range(MOST_KEYS):
        if target.evaluate("e => e === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
    expect(target).to_be_in_viewport()
    assert target.evaluate(OUTLINE) or target.evaluate("e => getComputedStyle(e).boxShadow !== 'none'"), "focus unseen"


def follow(page: Page, target: Locator) -> None:
    """Tab to a link or button and press Enter."""
    tab_to(page, target)
    page.keyboard.press("Enter")


def test_a_learner_hands_in_with_keys_alone(
    at_work: Any, box: Callable[[Page], Locator], status: Callable[[Page], Locator], sit_down: Callable[..., Page]
) -> None:
    page = sit_down(at_work.origin, width=1280)
    page.goto("/sign-in")
    tab_to(page, page.locator("#email"))
    page.keyboard.type(at_work.email)
    tab_to(page, page.locator("#password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    follow(page, page.get_by_role("link", name=re.compile("Goals, lapse and moving forward")).first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Goals")
    follow(page, page.locator("a[href$='/1']").first)
    tab_to(page, box(page))
    page.keyboard.type("Because it is her life.")
    expect(status(page)).to_contain_text("Saved today at")
    question = page.locator("section.q", has=box(page))
    follow(page, question.get_by_role("link", name="Look over and hand in"))
    declared = page.get_by_label(re.compile("This is my own work"))
    tab_to(page, declared)
    page.keyboard.press("Space")
    expect(declared).to_be_checked()
    follow(page, page.get_by_role("button", name="Hand in", exact=True))
    expect(page.locator(".flash")).to_be_visible()
