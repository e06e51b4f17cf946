"""Facts about scope: what an appointment covers, under which one a page acts, and what the navigation offers."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from course import access
from course.access import HeldAppointment, Role
from course.audit import AuditEvent, Event
from course.db import new_id
from tests.support.story import Story

CENTRE, COHORT = new_id(), new_id()


def held(**scope: Any) -> HeldAppointment:
    return HeldAppointment(new_id(), Role.ASSESSOR, CENTRE, "Harbour Recovery", **scope)


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({}, True),
        ({"cohort_id": COHORT}, True), ({"cohort_id": new_id()}, False),
        ({"qualification": "peer-mentoring"}, True), ({"qualification": "food-hygiene"}, False),
        ({"unit": "U4"}, True), ({"unit": "U6"}, False),
        ({"cohort_id": COHORT, "qualification": "peer-mentoring", "unit": "U6"}, False),
    ],
)  # fmt: skip
def test_an_empty_scope_means_all_of_it_and_each_limit_counts(scope: dict[str, Any], covered: bool) -> None:
    found = held(**scope).covers(centre_id=CENTRE, cohort_id=COHORT, qualification="peer-mentoring", unit="U4")
    assert found is covered


def test_no_appointment_reaches_another_centre() -> None:
    assert not held().covers(centre_id=new_id(), cohort_id=COHORT, qualification="peer-mentoring")


def test_without_a_unit_in_question_a_unit_assessor_is_in_scope() -> None:
    assert held(unit="U4").covers(centre_id=CENTRE, cohort_id=COHORT, qualification="peer-mentoring")


def test_a_page_acts_under_the_appointment_chosen_in_the_header(client_for: Any, story: Story) -> None:
    person = story.staff(Role.ADMIN)
    there = story.appoint(person, Role.ADMIN, story.centre("Hill House"))
    client = client_for(person)
    client.post("/account/appointment", data={"appointment": str(there.id)})
    data = {"name": "Ana Silva", "known_as": "Ana"}
    client.post("/account/names", data=data)
    with story.reading() as session:
        entry = session.scalars(select(AuditEvent).where(AuditEvent.action == Event.PERSON_CHANGED)).one()
    assert (entry.role, entry.appointment, entry.actor) == ("admin", str(there.id), str(person.id))


def test_the_navigation_offers_only_what_admits_the_person(client_for: Any, story: Story) -> None:
    offered = {
        role: client_for(story.staff(role)).get("/account").get_data(as_text=True)
        for role in (Role.ASSESSOR, Role.ADMIN, Role.TUTOR)
    }
    assert 'href="/marking"' in offered[Role.ASSESSOR]
    for role in (Role.ADMIN, Role.TUTOR):
        assert 'href="/marking"' not in offered[role]
        assert 'href="/office"' in offered[role]


@pytest.mark.parametrize(
    ("address", "entry"),
    [("/quality", "Quality"), ("/quality/guidance", "Quality"), ("/quality/attempts", "Quality"),
     ("/quality/workload", "Workload"), ("/account", "My account"), ("/about", None)],
)  # fmt: skip
def test_the_entry_nearest_to_a_page_is_the_one_shown_as_current(
    client_for: Any, story: Story, address: str, entry: str | None
) -> None:
    page = client_for(story.staff(Role.LEAD_IQA)).get(address).get_data(as_text=True)
    assert re.findall(r'aria-current="page">([^<]+)', page) == ([entry] if entry else [])


def test_an_engine_without_the_marking_side_still_has_pages(app: Flask) -> None:
    with app.test_request_context("/"):
        assert not access.may("no.such.endpoint")
        assert not access.may("people.account")
        assert access.may("people.sign_in")


def test_signing_in_costs_one_query_a_request(client_for: Any, story: Story, statements: list[str]) -> None:
    person = story.staff(Role.ASSESSOR)
    story.appoint(person, Role.TUTOR)
    client = client_for(person)
    client.get("/about")
    statements.clear()
    client.get("/about")
    assert len(statements) == 1
