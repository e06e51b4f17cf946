"""An assurer builds a compliant plan for 60 learners, looks at one answer, and finds who else an error affected.

Time budgets, reckoned by tests/support/effort.py: PLAN_MINUTES for the plan (6 on 25 November 2026), ANSWER_MINUTES for
one answer, on the average of the first four, their guidance read for the first time (5).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from course import audit, clock, db
from course.demo import ground
from course.demo.building import build
from course.people.models import Person
from tests.support.browser import overflow, violations
from tests.support.effort import Effort, watch
from tests.support.screens import sign_in
from tests.support.server import in_thread

PASSWORD = "violet lantern over water"
SEED, LEARNERS, ANSWERS = 7, 60, 480
IQA, COHORT = f"demo-{SEED}-iqa@example.org", "Group 01"
PLAN_MINUTES, ANSWER_MINUTES = 15, 6
"""What an assurer may need, with everything on the way read and written; see tests/support/effort.py."""
THINKING_ABOUT_A_PLAN, THINKING_ABOUT_AN_ANSWER = 3, 2
MORE = 3
"""Answers after the first. Some are short and some long; the budget is for one on the average."""


@dataclass(frozen=True)
class Served:
    """A centre with one cohort of 60 learners and marked work, served."""

    origin: str
    app: Flask

    def email_of(self, name: str) -> str:
        """The address with which a member of staff signs in."""
        with self.app.app_context(), db.database().reader() as session:
            return str(session.scalars(select(Person.email).where(Person.name == name)).one())


@pytest.fixture
def served(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Sixty learners in one cohort, eight assessors, one assurer."""
    monkeypatch.setattr(ground, "COHORTS", 1)
    with app.app_context():
        assert sum(build(answers=ANSWERS, seed=SEED, password=PASSWORD, learners=LEARNERS)) == ANSWERS
    with in_thread(app) as origin:
        yield Served(origin, app)


def looks_right(page: Page) -> None:
    """Nothing that axe finds, and no sideways scroll, on a phone and at a desk."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert not overflow(page), f"{page.url} at {width}"
        assert not violations(page), f"{page.url} at {width}"


def test_a_compliant_plan_for_sixty_learners_and_one_answer_of_it(
    served: Served, sit_down: Callable[..., Page]
) -> None:
    tom = sit_down(served.origin, width=1280)
    sign_in(tom, IQA, PASSWORD)
    effort = watch(tom)
    tom.goto("/quality")
    tom.get_by_role("link", name=COHORT).first.click()
    tom.get_by_role("link", name="Sampling plans").first.click()
    tom.get_by_role("radio", name=re.compile("Interim")).check()
    tom.get_by_role("button", name="Draw the plan").click()
    expect(tom.get_by_text("Compliant", exact=True)).to_be_visible()
    expect(tom.get_by_role("heading", name="Why these")).to_be_visible()
    assert effort.minutes(thinking=THINKING_ABOUT_A_PLAN) < PLAN_MINUTES, effort
    plan = tom.url
    looks_right(tom)
    the_grid(tom, plan)
    change_by_hand(tom, plan)
    wrong_by = look_at_some_answers(tom, plan, effort)
    who_else_is_affected(served, tom, sit_down(served.origin, width=360), wrong_by)
    with served.app.app_context(), db.database().reader() as session:
        assert list(audit.verify(session)) == []


def the_grid(tom: Page, plan: str) -> None:
    """Sixty learners in three pages; a list on a phone, a grid at a desk, whose region takes the focus."""
    tom.goto(f"{plan}/grid")
    looks_right(tom)
    tom.set_viewport_size({"width": 360, "height": 800})
    expect(tom.locator("table.grid")).to_be_hidden()
    expect(tom.locator("ul.tasks.fold > li")).to_have_count(25)
    tom.set_viewport_size({"width": 1280, "height": 800})
    expect(tom.locator("table.grid tbody tr")).to_have_count(25)
    expect(tom.locator("ul.tasks.fold")).to_be_hidden()
    assert tom.locator(".scroll[role=region][tabindex='0']").count() == 1
    for rows in (25, 10):
        tom.get_by_role("link", name="More learners").click()
        expect(tom.locator("table.grid tbody tr")).to_have_count(rows)
    expect(tom.get_by_role("link", name="More learners")).to_have_count(0)


def change_by_hand(tom: Page, plan: str) -> None:
    """Add one answer that the draw passed by, with a reason."""
    tom.goto(f"{plan}/grid")
    tom.locator("table.grid td:not(.picked) a").first.click()
    looks_right(tom)
    tom.get_by_label("Add this answer").select_option(index=1)
    tom.get_by_role("button", name="Change the plan").click()
    expect(tom.get_by_role("link", name="Write why you change the plan.")).to_be_visible()
    tom.get_by_label("Why?").fill("Their first marked answer.")
    tom.get_by_role("button", name="Change the plan").click()
    expect(tom.get_by_text("“Their first marked answer.”")).to_be_visible()
    expect(tom.get_by_text("Compliant", exact=True)).to_be_visible()


def look_at_some_answers(tom: Page, plan: str, effort: Effort) -> str:
    """Open the first answers, ask the assessor of one to act, agree with the others; returns that assessor's name."""
    tom.goto(f"{plan}/answers")
    looks_right(tom)
    tom.goto(plan)
    effort.restart()
    tom.get_by_role("link", name="Check the first one").click()
    box = tom.locator("section.decide").first
    words = box.inner_text()
    assessor = re.search(r"Decided by (Demo Assessor-\d)", words)
    assert assessor is not None
    box.get_by_role("radio", name="The assessor should act").check()
    box.get_by_label("Comment").fill("Nobody is told here. Please look at it again.")
    box.get_by_label("Act by").fill((clock.now().date() + timedelta(days=7)).isoformat())
    box.get_by_role("button", name=re.compile("Save what you find")).click()
    expect(tom.get_by_text("The assessor has been asked to act.")).to_be_visible()
    for _ in range(MORE):
        tom.get_by_role("link", name="Next answer in this sample").click()
        while (save := tom.get_by_role("button", name=re.compile("Save what you find"))).count():
            tom.get_by_role("radio", name="I agree").first.check()
            save.first.click()
            expect(tom.get_by_role("status").first).to_be_visible()
    each = effort.minutes(thinking=(1 + MORE) * THINKING_ABOUT_AN_ANSWER) / (1 + MORE)
    assert each < ANSWER_MINUTES, (each, effort)
    tom.goto(plan)
    expect(tom.get_by_role("link", name="Check the next one")).to_be_visible()
    return assessor[1]


def who_else_is_affected(served: Served, tom: Page, assessor: Page, name: str) -> None:
    """The assessor answers; the assurer closes the action as an error, and looks at the first decision like it."""
    answer = tom.url
    sign_in(assessor, served.email_of(name), PASSWORD)
    assessor.goto("/quality/actions")
    assessor.get_by_label("What did you do?").fill("You are right. I missed it.")
    assessor.get_by_role("button", name=re.compile("Send your answer")).click()
    tom.goto(f"{answer}/answers")
    tom.locator("li", has_text="Action open").get_by_role("link").first.click()
    tom.get_by_role("link", name=re.compile("Close this action")).click()
    looks_right(tom)
    tom.get_by_role("radio", name="Yes, it was wrong").check()
    tom.get_by_label("What should we look for in other decisions?").fill("Nobody is told, and it was achieved.")
    tom.get_by_role("button", name="Close this action").click()
    expect(tom.get_by_role("heading", name="Who else is affected?")).to_be_visible()
    looks_right(tom)
    tom.locator("ul.tasks a").first.click()
    looks_right(tom)
    tom.get_by_role("radio", name="Not affected").check()
    tom.get_by_label("Why?").fill("The last line says whom they told.")
    tom.get_by_role("button", name="Save, and on to the next").click()
    expect(tom.get_by_text("Noted: not affected.")).to_be_visible()
