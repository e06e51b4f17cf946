"""Facts about a centre's calendar: whose bank holidays it keeps, and in which time zone its pages speak."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from course import local_time, working_days
from course.access import Role
from course.audit import INSTALLER, Event
from course.people import operations as people
from course.people.models import Centre
from course.refusal import Refusal
from tests.course.office.conftest import Office
from tests.support.story import Story

SCOTTISH = {"nation": "scotland", "time_zone": "Europe/London"}


def centre(office: Office) -> Centre:
    with office.story.reading() as session:
        return session.get_one(Centre, office.story.centre().id)


def test_an_admin_says_whose_bank_holidays_the_centre_keeps(office: Office, at: Callable[[Any], None]) -> None:
    at(datetime(2026, 11, 25, 9, tzinfo=UTC))
    assert "/office/centre" in office.client.get("/office").text
    page = office.client.get("/office/centre").text
    assert "Monday 30 November; Friday 25 December" in page, "St Andrew’s Day, in Scotland"
    assert office.client.post("/office/centre", data=SCOTTISH).status_code == 303
    assert centre(office).nation == "scotland"
    assert office.entries(Event.CENTRE_CHANGED) == 1
    assert office.client.post("/office/centre", data=SCOTTISH).status_code == 303
    assert office.entries(Event.CENTRE_CHANGED) == 1, "saving the same again is no change"


def test_what_is_not_a_calendar_is_wrong_and_changes_nothing(office: Office) -> None:
    for wrong in ({"nation": "france"}, {"time_zone": "Moon/Crater"}, {"nation": ""}):
        assert office.client.post("/office/centre", data=SCOTTISH | wrong).status_code == 422
    assert (centre(office).nation, centre(office).time_zone) == ("england-and-wales", "Europe/London")
    assert office.entries(Event.CENTRE_CHANGED) == 0


@pytest.mark.parametrize(("time_zone", "nation"), [("Moon/Crater", "scotland"), ("Europe/London", "france")])
def test_no_centre_is_opened_where_no_calendar_is_known(story: Story, time_zone: str, nation: str) -> None:
    with pytest.raises(Refusal), story.writing() as session:
        people.open_centre(session, "Far House", time_zone=time_zone, nation=nation, by=INSTALLER)


def test_who_runs_a_part_of_the_centre_leaves_its_calendar_alone(
    office: Office, client_for: Callable[..., Any]
) -> None:
    part = office.story.person("Pat Part")
    office.story.appoint(part, Role.ADMIN, cohort_id=office.cohort.id)
    client = client_for(part)
    assert "/office/centre" not in client.get("/office").text
    assert client.get("/office/centre").status_code == 403
    assert client.post("/office/centre", data=SCOTTISH).status_code == 403


def test_another_centres_calendar_is_not_touched(office: Office, client_for: Callable[..., Any]) -> None:
    hill = office.story.centre("Hill House")
    client = client_for(office.story.staff(Role.ADMIN, centre=hill))
    assert client.post("/office/centre", data=SCOTTISH).status_code == 303
    assert centre(office).nation == "england-and-wales"
    with office.story.reading() as session:
        assert session.get_one(Centre, hill.id).nation == "scotland"


def test_the_time_there_is_to_register_is_counted_by_the_nations_bank_holidays(
    office: Office, at: Callable[[Any], None], client_for: Callable[..., Any]
) -> None:
    at(datetime(2026, 11, 27, 9, tzinfo=UTC))
    office.story.learner("Ann Ash", cohort=office.cohort)
    at(datetime(2026, 12, 1, 9, tzinfo=UTC))
    client = client_for(office.admin)
    assert "8 working days left to register" in client.get("/office").text
    client.post("/office/centre", data=SCOTTISH)
    assert "9 working days left to register" in client.get("/office").text, "30 November does not count there"


def test_a_day_turns_where_the_readers_centre_is(
    office: Office, at: Callable[[Any], None], client_for: Callable[..., Any]
) -> None:
    at(datetime(2026, 11, 25, 20, tzinfo=UTC))
    office.story.learner("Ann Ash", cohort=office.cohort)
    at(datetime(2026, 11, 25, 22, 30, tzinfo=UTC))
    client = client_for(office.admin)
    assert "joined today" in client.get("/office").text
    client.post("/office/centre", data={"nation": "england-and-wales", "time_zone": "Europe/Athens"})
    assert "joined yesterday" in client.get("/office").text, "in Athens it is half past midnight"


def test_staff_read_the_time_of_the_role_they_act_in_learners_of_where_they_learn_visitors_of_london(
    app: Flask, office: Office, client_for: Callable[..., Any]
) -> None:
    learner, _ = office.story.learner("Ann Ash", cohort=office.cohort)
    office.client.post("/office/centre", data={"nation": "england-and-wales", "time_zone": "Europe/Athens"})
    for client, address, zone in (
        (client_for(office.admin), "/office", "Europe/Athens"),
        (client_for(learner), "/learn", "Europe/Athens"),
        (client_for(office.story.staff(Role.ADMIN, centre=office.story.centre("Hill"))), "/office", "Europe/London"),
        (app.test_client(), "/about", "Europe/London"),
    ):
        with client:
            assert client.get(address).status_code == 200
            assert str(local_time.zone()) == zone


def test_working_days_between_two_days_are_the_nations() -> None:
    friday, tuesday = datetime(2026, 11, 27).date(), datetime(2026, 12, 1).date()  # noqa: DTZ001  days alone
    assert working_days.between(friday, tuesday) == 2
    assert working_days.between(friday, tuesday, working_days.SCOTLAND) == 1
