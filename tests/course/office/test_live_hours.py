"""A centre records live hours with who was there; corrections are kept; a record claims what was recorded, no more."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from course import audit, clock
from course.access import Role
from course.audit import Event
from course.enrolment import operations, queries
from course.enrolment.models import Cohort, Enrolment, LiveAttendance, LiveSession
from course.enrolment.operations import Live
from course.records import operations as records
from course.records import queries as record_queries
from course.records.pdf import _data
from course.refusal import Refusal
from tests.course.office.conftest import Office
from tests.support.marked import FOOD_UNIT, actor, released_unit
from tests.support.story import UNIT, Story, actor_of

TODAY = clock.now().date()


def send(office: Office, *attended: Enrolment, at: str = "", **change: Any) -> Any:
    data = {"unit": UNIT, "held_on": TODAY.isoformat(), "minutes": "90", "attended": [str(one.id) for one in attended]}
    return office.client.post(f"{office.address}/live-hours{at}", data=data | change)


def minutes_of(office: Office, enrolment: Enrolment) -> tuple[int, int]:
    with office.story.reading() as session:
        return queries.live_minutes(session, session.get_one(Enrolment, enrolment.id), [UNIT])


def newest(office: Office) -> LiveSession:
    with office.story.reading() as session:
        return session.scalars(select(LiveSession).order_by(LiveSession.at.desc(), LiveSession.id.desc())).first()


def test_live_hours_count_for_those_who_were_there(office: Office) -> None:
    (_, jo), (_, kim) = office.story.learner("Jo Marsh"), office.story.learner("Kim Ode")
    assert send(office, jo).status_code == 303
    assert send(office, jo, kim, minutes="30").status_code == 303
    assert minutes_of(office, jo) == (120, 120)
    assert minutes_of(office, kim) == (120, 30)
    assert office.entries(Event.LIVE_HOURS_RECORDED) == 2
    page = office.client.get(f"{office.address}/live-hours").get_data(as_text=True)
    assert "1 hour 30 minutes" in page
    assert "Jo Marsh, Kim Ode" in page
    with office.story.reading() as session:
        assert list(audit.verify(session)) == []


def test_a_tutor_records_the_hours_of_their_own_cohort_and_of_no_other(office: Office, client_for: Any) -> None:
    _, jo = office.story.learner()
    mine = client_for(office.story.staff(Role.TUTOR, cohort_id=office.cohort.id))
    data = {"unit": UNIT, "held_on": TODAY.isoformat(), "minutes": "60", "attended": str(jo.id)}
    assert mine.post(f"{office.address}/live-hours", data=data).status_code == 303
    other = office.story.cohort("Winter")
    assert mine.get(f"/office/cohorts/{other.id}/live-hours").status_code == 404
    assert mine.post(f"/office/cohorts/{other.id}/live-hours", data=data).status_code == 404


def test_a_correction_takes_the_place_of_what_was_recorded_and_both_are_kept(office: Office) -> None:
    (_, jo), (_, kim) = office.story.learner(), office.story.learner()
    send(office, jo)
    first = newest(office)
    assert office.client.get(f"{office.address}/live-hours/{first.id}").status_code == 200
    assert send(office, jo, kim, at=f"/{first.id}", minutes="60").status_code == 303
    assert minutes_of(office, jo) == (60, 60)
    assert minutes_of(office, kim) == (60, 60)
    assert send(office, jo, at=f"/{first.id}").status_code == 409, "corrected once; the correction is corrected next"
    second = newest(office)
    assert send(office, at=f"/{second.id}", minutes="0").status_code == 303
    assert minutes_of(office, jo) == (0, 0)
    assert office.count(LiveSession) == 3
    assert office.entries(Event.LIVE_HOURS_CORRECTED) == 2
    assert "Nothing recorded yet" in office.client.get(f"{office.address}/live-hours").get_data(as_text=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": ""}, "Choose a unit"), ({"held_on": "soon"}, "valid date"), ({"minutes": "721"}, "720 minutes"),
        ({"minutes": ""}, "Enter the minutes"), ({"attended": str(uuid4())}, "valid choice"),
    ],
)  # fmt: skip
def test_a_form_that_is_wrong_says_so_and_keeps_the_rest(office: Office, change: dict[str, str], message: str) -> None:
    _, jo = office.story.learner()
    answer = send(office, jo, **change)
    assert answer.status_code == 422
    assert message in answer.get_data(as_text=True)
    assert office.count(LiveSession) == 0


def test_hours_are_recorded_after_they_were_held(office: Office) -> None:
    _, jo = office.story.learner()
    assert send(office, jo, held_on=(TODAY + timedelta(days=1)).isoformat()).status_code == 409
    assert send(office).status_code == 409, "nobody was there"
    assert office.count(LiveSession) == 0


def test_nobody_records_hours_for_themselves_or_for_strangers(office: Office) -> None:
    person, jo = office.story.learner()
    stranger = office.story.learner(cohort=office.story.cohort("Winter"))[1]
    both = office.story.appoint(person, Role.TUTOR)
    for attended, sentence in (({jo.id}, "for yourself"), ({stranger.id}, "not in this cohort")):
        live = Live(UNIT, TODAY, 60, frozenset(attended))
        with pytest.raises(Refusal, match=sentence), office.story.writing() as session:
            operations.record_live_hours(session, office.cohort, live, by=actor_of(both))
    live = Live("01-no-such-unit", TODAY, 60, frozenset({jo.id}))
    with pytest.raises(Refusal, match="not part of"), office.story.writing() as session:
        operations.record_live_hours(session, office.cohort, live, by=audit.INSTALLER)


@pytest.mark.parametrize("table", [LiveSession, LiveAttendance])
def test_what_is_recorded_is_ink(office: Office, table: Any) -> None:
    send(office, office.story.learner()[1])
    with office.story.writing() as session:
        session.delete(session.scalars(select(table)).first())
        with pytest.raises(DatabaseError):
            session.flush()
        session.rollback()


def test_a_units_first_page_says_how_long_alone_and_how_long_with_a_tutor(office: Office, client_for: Any) -> None:
    person, jo = office.story.learner()
    kim = office.story.learner()[1]
    address = f"/learn/{jo.id}/{UNIT}"
    before = client_for(person).get(address).get_data(as_text=True)
    assert "to read the pages and answer the questions" in before
    assert "has not recorded any hours" in before
    send(office, kim)
    assert "You were not there." in client_for(person).get(address).get_data(as_text=True)
    send(office, jo, minutes="30")
    after = client_for(person).get(address).get_data(as_text=True)
    assert "Your centre has held 2 hours for your group. You were there for 30 minutes." in after


@pytest.mark.parametrize("minutes", [0, 150])
def test_a_record_claims_guided_learning_only_where_hours_were_recorded(
    story: Story, client_for: Any, minutes: int
) -> None:
    done = released_unit(story)
    by = actor(story, story.staff(Role.ADMIN), Role.ADMIN)
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, done.enrolment.id)
        if minutes:
            live = Live(FOOD_UNIT, TODAY, minutes, frozenset({enrolment.id}))
            operations.record_live_hours(session, session.get_one(Cohort, enrolment.cohort_id), live, by=by)
        record = records.issue_unit_statement(session, enrolment, FOOD_UNIT, by=by)
        facts, record_id, holder = json.loads(record.facts), record.id, enrolment.person_id
    assert facts.get("guided_minutes", 0) == minutes
    assert "hours" not in facts, "the size of a unit is no claim about a learner"
    with story.reading() as session:
        found = record_queries.record_of_holder(session, record_id, holder)
        assert _data(found, "x")["guided"] == ("2 hours 30 minutes" if minutes else "")
    page = client_for(holder).get(f"/records/{record_id}").get_data(as_text=True)
    assert ("Guided learning: 2 hours 30 minutes with a tutor" in page) is bool(minutes)
    assert client_for(holder).get(f"/records/{record_id}.pdf").status_code == 200
