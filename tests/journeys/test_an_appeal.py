"""A learner appeals on a phone; an assurer who was involved is refused, another upholds; the answer is judged anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from course.access import Role
from course.audit import INSTALLER
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from course.workbook.models import Decision
from tests.assessors.changes.conftest import change_policy, put
from tests.support.appealed import WORDS, Disputed, disputed
from tests.support.marked import FOOD_UNIT, food_cohort
from tests.support.server import in_thread
from tests.support.story import PASSWORD, Story


@pytest.fixture
def dispute(app: Flask, story: Story) -> Iterator[tuple[str, Disputed]]:
    """An answer that came back "not yet", an assessor who is an assurer as well, and two others."""
    put(story, change_policy(story, return_="at-once"))
    found = disputed(story, food_cohort(story))
    story.appoint(found.assessor, Role.IQA)
    staff = [story.staff(Role.ASSESSOR, "Bea Long"), story.staff(Role.IQA, "Tom Hughes")]
    for person in (found.learner, found.assessor, *staff):
        with story.writing() as session:
            row = session.get_one(Person, person.id)
            row.email = f"{row.known_as.lower()}@example.org"
            people.set_password(session, row, passwords.hasher.hash(PASSWORD), by=INSTALLER)
    with in_thread(app) as origin:
        yield origin, found


def sign_in(page: Page, name: str) -> Page:
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as")).to_be_visible()
    return page


def answer(page: Page, outcome: str, reason: str) -> None:
    page.goto("/quality/appeals")
    page.get_by_role("link", name=re.compile("Ffion")).first.click()
    page.get_by_label(outcome).check()
    page.get_by_label("Why?").fill(reason)
    page.get_by_role("button", name="Send the answer").click()


def test_an_appeal_is_answered_by_somebody_uninvolved_and_the_answer_judged_anew(
    dispute: tuple[str, Disputed], story: Story, sit_down: Callable[..., Page]
) -> None:
    origin, found = dispute
    phone = sign_in(sit_down(origin, width=360), "ffion")
    phone.goto(f"/learn/{found.enrolment.id}/{FOOD_UNIT}/1")
    phone.get_by_role("link", name=re.compile("Ask somebody else to look")).first.click()
    phone.get_by_label("What do you think is wrong with the decision?").fill(WORDS)
    phone.get_by_role("button", name="Make my appeal").click()
    expect(phone.get_by_text("You should hear by")).to_be_visible()
    phone.goto(f"/learn/{found.enrolment.id}/{FOOD_UNIT}/1")
    expect(phone.get_by_text("so it is on hold").first).to_be_visible()
    bea = sign_in(sit_down(origin, width=1280), "bea")
    answer(bea, "Not upheld", "It does not say when.")
    phone.goto("/learn/appeals")
    phone.get_by_role("link", name=re.compile("Unit 1")).click()
    phone.get_by_label("What do you still think is wrong?").fill("It is in the second line.")
    phone.get_by_role("button", name="Take it further").click()
    expect(phone.get_by_text("An internal quality assurer looks at it now.")).to_be_visible()
    joan = sign_in(sit_down(origin, width=1280), "joan")
    joan.goto("/quality/appeals")
    joan.get_by_role("link", name=re.compile("Ffion")).first.click()
    expect(joan.get_by_text("You decided this, so you do not answer the appeal.")).to_be_visible()
    expect(joan.get_by_role("button", name="Send the answer")).to_have_count(0)
    tom = sign_in(sit_down(origin, width=1280), "tom")
    answer(tom, "Upheld: the answer is judged again", "The second line does say when.")
    expect(tom.get_by_role("status")).to_contain_text("back in the queue")
    bea.goto("/marking")
    bea.get_by_role("button", name="Mark the oldest").click()
    bea.get_by_label("Achieved", exact=True).check()
    bea.get_by_label(re.compile("^Feedback on 1.1")).fill("You say when.")
    bea.get_by_role("button", name="Return it", exact=True).click()
    expect(bea.get_by_text("Returned to Ffion")).to_be_visible()
    phone.goto("/learn/appeals")
    expect(phone.get_by_text("Upheld")).to_be_visible()
    with story.reading() as session:
        decisions = session.scalars(select(Decision).where(Decision.answer_id == found.answer.id)).all()
    assert sorted(one.number for one in decisions) == [1, 2], "the old decision stays, under its number"
