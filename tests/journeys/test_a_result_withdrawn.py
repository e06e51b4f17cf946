"""A wrong result is taken out of its batch, or withdrawn by two people; its learner, its admin and whoever checks the
record read so; and judged again, it is recorded in the place of the first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from assessors.quality import operations as quality
from course import audit, clock, working_days
from course.access import Role
from course.audit import INSTALLER
from course.enrolment.models import Enrolment
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from course.records import operations as records
from course.records.models import CompletionRecord, RecordHolder
from tests.support.marked import (
    FOOD_UNIT,
    Achieved,
    achieved_unit,
    actor,
    agree,
    food_cohort,
    give_back,
    judge,
    released_unit,
)
from tests.support.server import in_thread
from tests.support.story import PASSWORD, Story

WRONG = "The answer of another learner was read."


@dataclass(frozen=True)
class Centre:
    """A served centre: one unit in a batch, one released and recorded."""

    origin: str
    story: Story
    released: Achieved
    code: str


@pytest.fixture
def centre(app: Flask, story: Story) -> Iterator[Centre]:
    """Bilal's unit waits in a batch; Ffion's is released, and she holds its record."""
    cohort = food_cohort(story)
    done, waiting = released_unit(story, cohort=cohort), achieved_unit(story, "Bilal Khan", cohort=cohort)
    grace = story.staff(Role.ADMIN, "Grace Bell")
    staff = [story.staff(Role.LEAD_IQA, "Ruth Adeyemi"), story.staff(Role.IQA, "Owen Pike"), grace, done.iqa]
    for person in (done.learner, *staff):
        with story.writing() as session:
            row = session.get_one(Person, person.id)
            row.email = f"{row.known_as.lower()}@example.org"
            people.set_password(session, row, passwords.hasher.hash(PASSWORD), by=INSTALLER)
    with story.writing() as session:
        records.make_batch(session, cohort, [waiting.unit], by=actor(story, done.iqa, Role.IQA))
        enrolment = session.get_one(Enrolment, done.enrolment.id)
        record = records.issue_unit_statement(session, enrolment, FOOD_UNIT, by=actor(story, grace, Role.ADMIN))
        session.flush()
        code = session.get_one(RecordHolder, record.id).code
    with in_thread(app) as origin:
        yield Centre(origin, story, done, code)


def sign_in(page: Page, name: str) -> Page:
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as")).to_be_visible()
    return page


def open_unit(page: Page, learner: str, state: str) -> None:
    """From the first page of quality to one learner's unit in its batch."""
    page.goto("/quality")
    page.get_by_role("link", name="Kitchen").click()
    page.get_by_role("listitem").filter(has_text=state).get_by_role("link", name=re.compile("Batch")).first.click()
    page.get_by_role("link", name=learner).click()


def test_a_wrong_result_is_withdrawn_and_another_record_takes_its_place(
    centre: Centre, sit_down: Callable[..., Page]
) -> None:
    take_out_of_the_batch(sign_in(sit_down(centre.origin, width=1280), "tom"))
    ruth = sign_in(sit_down(centre.origin, width=1280), "ruth")
    withdraw_by_two(ruth, sign_in(sit_down(centre.origin, width=360), "owen"))
    phone = sign_in(sit_down(centre.origin, width=360), "ffion")
    phone.goto("/records")
    expect(phone.get_by_text("Your centre withdrew this result")).to_be_visible()
    expect(phone.get_by_text(WRONG)).to_be_visible()
    expect(phone.get_by_text("Revoked", exact=True)).to_be_visible()
    grace = sign_in(sit_down(centre.origin, width=1280), "grace")
    tell_the_awarding_organisation(grace)
    employer = sit_down(centre.origin, width=360)
    check(employer, phone, centre.code)
    expect(employer.get_by_role("heading", name="This record was revoked")).to_be_visible()
    judge_again(ruth, centre)
    grace.goto("/office/records")
    grace.get_by_role("checkbox", name="Ffion Davies: Food hygiene at work (Kitchen)", exact=True).check()
    grace.get_by_role("button", name="Issue the chosen records").click()
    expect(grace.locator(".flash")).to_be_visible()
    employer.reload()
    expect(employer.get_by_text("Another record takes its place.")).to_be_visible()
    phone.goto("/records")
    expect(phone.get_by_text("Stands", exact=True)).to_be_visible()
    with centre.story.reading() as session:
        first, second = session.scalars(select(CompletionRecord).order_by(CompletionRecord.issue)).all()
        assert second.replaces_id == first.id
        assert list(audit.verify(session)) == []


def take_out_of_the_batch(tom: Page) -> None:
    """Before the release, an assurer takes the unit out, with a reason."""
    open_unit(tom, "Bilal Khan", "To release")
    tom.get_by_label("Why does it leave the batch?").fill("One answer is to be looked at again.")
    tom.get_by_role("button", name="Take it out").click()
    expect(tom.get_by_role("status")).to_contain_text("The unit is out of the batch")
    expect(tom.get_by_text("Taken out", exact=True)).to_be_visible()


def withdraw_by_two(ruth: Page, owen: Page) -> None:
    """After it, the lead asks, and cannot confirm; a second person finds it on their first page, and does."""
    open_unit(ruth, "Ffion Davies", "Released")
    ruth.get_by_label("What is wrong with the result?").fill(WRONG)
    ruth.get_by_label("Yes", exact=True).check()
    ruth.get_by_role("button", name="Ask to withdraw it").click()
    expect(ruth.get_by_text("You asked for this, so a second person must answer it.")).to_be_visible()
    owen.goto("/quality")
    owen.get_by_role("link", name="Withdrawals that need a second person: 1").click()
    owen.get_by_role("link", name=re.compile("Ffion Davies")).click()
    expect(owen.get_by_text(WRONG)).to_be_visible()
    owen.get_by_label("Withdraw the result").check()
    owen.get_by_label("What did you look at, and what did you find?").fill("Both answers. It was another learner’s.")
    owen.get_by_role("button", name="Save your answer").click()
    expect(owen.get_by_role("status")).to_contain_text("The result is withdrawn")


def tell_the_awarding_organisation(grace: Page) -> None:
    """The admin finds the notice with its day on the first page, and notes that it was given."""
    grace.goto("/office")
    expect(grace.get_by_text("The next is due")).to_be_visible()
    grace.get_by_role("link", name="Withdrawn results to tell the awarding organisation of: 1").click()
    grace.get_by_role("link", name=re.compile("Ffion Davies")).click()
    grace.get_by_label("On what day did you tell them?").fill(working_days.day_of(clock.now()).isoformat())
    grace.get_by_label("Their reference").fill("AO-118")
    grace.get_by_role("button", name="They have been told").click()
    expect(grace.get_by_text("Nobody to tell")).to_be_visible()


def check(employer: Page, phone: Page, code: str) -> None:
    """Somebody types the code of the record, and its holder lets them see it."""
    employer.goto("/check")
    employer.get_by_label(re.compile("code", re.IGNORECASE)).fill(code)
    employer.get_by_role("button", name="Ask to see it").click()
    phone.goto("/records")
    phone.get_by_role("button", name=re.compile("Yes, show it")).click()
    employer.reload()


def judge_again(ruth: Page, centre: Centre) -> None:
    """The lead sends the answer back from the withdrawn line; it is judged, sampled and released as ever."""
    open_unit(ruth, "Ffion Davies", "Released")
    story, done = centre.story, centre.released
    ruth.get_by_role("listitem").filter(has_not_text="Ffion").get_by_role("link").filter(
        has_text=re.compile("wash", re.IGNORECASE)
    ).first.click()
    ruth.get_by_label(re.compile("Why")).fill("The wrong answer was read.")
    ruth.get_by_role("button", name=re.compile("back", re.IGNORECASE)).click()
    expect(ruth.get_by_role("status")).to_be_visible()
    answer = done.answers[0]
    judge(story, answer, done.assessor, returned=False)
    agree(story, done.cohort, done.iqa, [answer])
    give_back(story, answer, done.assessor)
    by = actor(story, done.iqa, Role.IQA)
    with story.writing() as session:
        batch = records.make_batch(session, done.cohort, [done.unit], by=by)
        session.flush()
        quality.release(session, batch, "Judged again.", "", by=by)
