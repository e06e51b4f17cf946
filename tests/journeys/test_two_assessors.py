"""Two assessors clash on one answer, and nothing that either typed is lost.

Time budget: SURPRISE, what the clash costs the second assessor; reckoned by tests/support/effort.py
(2½ minutes on 25 November 2026).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from course import audit, clock
from course.access import Role
from course.audit import INSTALLER
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from course.workbook.models import Answer, Decision, JudgementDraft, Lease
from tests.journeys.conftest import QUESTION
from tests.support.effort import watch
from tests.support.screens import sign_in
from tests.support.server import in_thread
from tests.support.story import PASSWORD, Story

FIRST = "You say clearly why the goal is Sam’s own."
SECOND = "Say a little more about what you would do."
SURPRISE, THINKING_ABOUT_BOTH = 5, 2
"""Minutes."""


@pytest.fixture
def desk(app: Flask, story: Story) -> Iterator[tuple[str, Answer]]:
    """An answer that waits, and two assessors with a password."""
    _, enrolment = story.learner("Sam Okafor")
    answer = story.hand_in(enrolment, QUESTION, "Because it is Sam’s life.")
    for name in ("Priya Nair", "Joan Price"):
        person = story.staff(Role.ASSESSOR, name)
        with story.writing() as session:
            found = session.get_one(Person, person.id)
            found.email = f"{found.known_as.lower()}@example.org"
            people.set_password(session, found, passwords.hasher.hash(PASSWORD), by=INSTALLER)
    with in_thread(app) as origin:
        yield origin, answer


def judge(page: Page, outcome: str, feedback: str) -> None:
    """Choose an outcome and write feedback, and wait until the page says that it is kept."""
    page.get_by_role("radio", name=outcome, exact=True).first.check()
    page.get_by_label("Feedback on 1.1").fill(feedback)
    expect(page.locator("#judgement-status")).to_contain_text("Saved today at")


def test_two_assessors_clash_and_both_versions_are_kept(
    desk: tuple[str, Answer], story: Story, sit_down: Callable[..., Page]
) -> None:
    origin, answer = desk
    priya, joan = sit_down(origin, width=1280), sit_down(origin, width=1280)
    sign_in(priya, "priya@example.org", PASSWORD)
    sign_in(joan, "joan@example.org", PASSWORD)
    address = f"/marking/answers/{answer.id}"

    # While Priya holds it, Joan can read it and cannot take it.
    effort = watch(priya)
    priya.goto(address)
    priya.get_by_role("button", name="Take this answer").click()
    judge(priya, "Not yet", SECOND)
    joan.goto(address)
    expect(joan.get_by_text("This answer is with Priya")).to_be_visible()
    expect(joan.get_by_role("button", name="Take this answer")).to_have_count(0)

    # Priya is called away, and half an hour without a key ends her hold. Joan decides and returns it.
    with story.writing() as session:
        session.execute(update(Lease).values(until=clock.now() - timedelta(minutes=1)))
    joan.reload()
    joan.get_by_role("button", name="Take this answer").click()
    judge(joan, "Achieved", FIRST)
    joan.get_by_role("button", name="Return it", exact=True).click()
    expect(joan.get_by_text("Returned to Sam")).to_be_visible()

    # Priya comes back to her open page: nothing is decided, and both versions stand side by side.
    effort.restart()
    priya.get_by_role("button", name="Return it", exact=True).click()
    expect(priya.get_by_role("heading", name="Nothing was decided")).to_be_visible()
    expect(priya.get_by_text(FIRST)).to_be_visible()
    expect(priya.get_by_text(SECOND)).to_be_visible()
    assert effort.minutes(thinking=THINKING_ABOUT_BOTH) < SURPRISE, effort
    with story.reading() as session:
        decision = session.scalars(select(Decision)).one()
        assert decision.outcome == "achieved"
        assert session.scalars(select(JudgementDraft.answer_id)).all() == [answer.id]
        assert list(audit.verify(session)) == []
