"""Facts about registering a learner and about leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from course import clock
from course.access import Role
from course.audit import Event
from course.enrolment import queries
from course.enrolment.models import Enrolment, Withdrawal
from tests.course.office.conftest import Office
from tests.support.story import Story


def test_a_registration_is_noted_with_number_and_day(office: Office) -> None:
    _, enrolment = office.story.learner("Sam Okafor")
    address = f"/office/learners/{enrolment.id}"
    assert "Register with the awarding organisation" in office.client.get(address).text
    answer = office.client.post(f"{address}/registration", data={"number": " AO 7 ", "on": "2026-11-02"})
    assert (answer.status_code, answer.location) == (303, office.address)
    assert "Yes, AO 7" in office.client.get(office.address).text
    assert "Register with the awarding organisation" not in office.client.get(address).text
    assert office.entries(Event.LEARNER_REGISTERED) == 1


def test_a_registration_form_that_is_wrong_says_so(office: Office) -> None:
    _, enrolment = office.story.learner()
    answer = office.client.post(f"/office/learners/{enrolment.id}/registration", data={"number": "", "on": "soon"})
    assert answer.status_code == 422
    assert "Enter the number" in answer.text


def test_a_registration_in_the_future_is_refused(office: Office) -> None:
    _, enrolment = office.story.learner()
    tomorrow = (clock.now() + timedelta(days=2)).date().isoformat()
    answer = office.client.post(f"/office/learners/{enrolment.id}/registration", data={"number": "AO1", "on": tomorrow})
    assert answer.status_code == 409
    with office.story.reading() as session:
        assert queries.registration_of(session, enrolment.id) is None


def test_home_lists_whom_to_register_and_how_long_there_is(office: Office, at: Callable[[Any], None]) -> None:
    office.story.learner("Sam Okafor")
    assert "10 working days left" in office.client.get("/office").text
    at(clock.now() + timedelta(minutes=20))
    assert "Sam Okafor" in office.client.get("/office").text


@pytest.mark.parametrize(("reason", "source"), [("", ""), ("moved", "learner")])
def test_leaving_needs_no_reason(office: Office, reason: str, source: str) -> None:
    _, enrolment = office.story.learner("Sam Okafor")
    address = f"/office/learners/{enrolment.id}"
    answer = office.client.post(f"{address}/withdraw", data={"reason": reason, "source": source})
    assert answer.status_code == 303
    assert "Learners who have left" in office.client.get(answer.location).text
    assert office.client.get(address).status_code == 200
    with office.story.reading() as session:
        row = session.scalars(select(Withdrawal)).one()
        assert (row.reason or "", row.source or "") == (reason, source)
        assert session.get_one(Enrolment, enrolment.id).withdrawn_at is not None
    assert office.entries(Event.LEARNER_WITHDRAWN) == 1
    assert office.client.post(f"{address}/withdraw", data={"reason": "", "source": ""}).status_code == 409


def test_an_unknown_reason_is_not_taken(office: Office) -> None:
    _, enrolment = office.story.learner()
    answer = office.client.post(f"/office/learners/{enrolment.id}/withdraw", data={"reason": "gossip", "source": ""})
    assert answer.status_code == 422


def test_another_centres_learner_does_not_exist(office: Office, story: Story, client_for: Callable[[Any], Any]) -> None:
    _, enrolment = story.learner()
    stranger = client_for(story.staff(Role.ADMIN, centre=story.centre("Riverside")))
    address = f"/office/learners/{enrolment.id}"
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}/withdraw", data={"reason": "", "source": ""}).status_code == 404
    assert stranger.post(f"{address}/registration", data={"number": "1", "on": "2026-11-02"}).status_code == 404


def test_a_tutor_sees_no_address_and_no_reason(office: Office, client_for: Callable[[Any], Any]) -> None:
    person, enrolment = office.story.learner("Sam Okafor")
    address = f"/office/learners/{enrolment.id}"
    office.client.post(f"{address}/withdraw", data={"reason": "health", "source": "tutor"})
    page = client_for(office.story.staff(Role.TUTOR)).get(address).text
    assert person.email not in page
    assert "Health" not in page
    assert "Health" in office.client.get(address).text
