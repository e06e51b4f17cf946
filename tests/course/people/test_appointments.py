"""Facts about appointments: who makes and ends them, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from course import clock
from course.access import Role
from course.audit import INSTALLER, AuditEvent, Event
from course.people import operations
from course.people.models import Appointment, Person
from course.refusal import Refusal
from tests.support.story import actor_of


def actions_about(story: Any, row: Any) -> list[str]:
    with story.reading() as session:
        reference = f"appointment:{row.id}"
        return list(session.scalars(select(AuditEvent.action).where(AuditEvent.object_ref == reference)))


def end(story: Any, appointment: Appointment, *, on: Any = None, by: Any = INSTALLER) -> None:
    with story.writing() as session:
        found = session.get_one(Appointment, appointment.id)
        operations.end_appointment(session, found, on=on or clock.now().date(), by=by)


def test_an_appointment_and_its_end_are_in_the_trail(story: Any) -> None:
    appointment = story.appoint(story.person(), Role.TUTOR)
    end(story, appointment)
    assert actions_about(story, appointment) == [Event.APPOINTMENT_MADE, Event.APPOINTMENT_ENDED]


def test_nobody_appoints_themselves(story: Any) -> None:
    person = story.person()
    admin = story.appoint(person, Role.ADMIN)
    with pytest.raises(Refusal, match="appoint yourself"), story.writing() as session:
        operations.appoint(session, person, role=Role.IQA, centre=story.centre(), by=actor_of(admin))


def test_nobody_is_appointed_a_learner(story: Any) -> None:
    with pytest.raises(Refusal, match="enrolled, not appointed"):
        story.appoint(story.person(), Role.LEARNER)


def test_a_closed_account_gets_no_appointment(story: Any) -> None:
    person = story.person()
    with story.writing() as session:
        operations.close_account(session, session.get_one(Person, person.id), by=INSTALLER)
    with story.reading() as session:
        closed = session.get_one(Person, person.id)
    with pytest.raises(Refusal, match="closed"):
        story.appoint(closed, Role.TUTOR)


def test_an_appointment_does_not_end_before_it_begins(story: Any) -> None:
    today = clock.now().date()
    with pytest.raises(Refusal, match="before the first"):
        story.appoint(story.person(), Role.TUTOR, from_date=today, until_date=today - timedelta(days=1))


def test_nobody_ends_their_own_appointment(story: Any) -> None:
    story.staff(Role.ADMIN)
    own = story.appoint(story.person(), Role.ADMIN)
    with pytest.raises(Refusal, match="your own appointment"):
        end(story, own, by=actor_of(own))


def test_an_appointment_that_is_over_is_not_ended_again(story: Any) -> None:
    tutor = story.appoint(story.person(), Role.TUTOR)
    end(story, tutor, on=clock.now().date() - timedelta(days=3))
    with pytest.raises(Refusal, match="over already"):
        end(story, tutor, on=clock.now().date() + timedelta(days=30))


def test_an_end_keeps_what_was_done_inside_the_appointment_and_never_lengthens_it(story: Any) -> None:
    today, person = clock.now().date(), story.person()
    long = story.appoint(person, Role.ASSESSOR, from_date=today - timedelta(days=90))
    end(story, long, on=today - timedelta(days=60))
    assert until(story, long) == today - timedelta(days=1), "they may have decided something yesterday"
    begun_today = story.appoint(person, Role.TUTOR, from_date=today)
    end(story, begun_today, on=today - timedelta(days=1))
    assert until(story, begun_today) == today
    short = story.appoint(person, Role.IQA, until_date=today + timedelta(days=30))
    with pytest.raises(Refusal, match="ends before that day already"):
        end(story, short, on=today + timedelta(days=31))
    assert until(story, short) == today + timedelta(days=30)


def until(story: Any, appointment: Any) -> Any:
    with story.reading() as session:
        return session.get_one(Appointment, appointment.id).until_date


def test_a_centre_keeps_its_last_admin(story: Any) -> None:
    last = story.appoint(story.person(), Role.ADMIN)
    with pytest.raises(Refusal, match="at least one admin"):
        end(story, last)


def test_a_second_appointment_of_the_same_admin_is_no_second_admin(story: Any) -> None:
    person = story.person()
    first, _ = story.appoint(person, Role.ADMIN), story.appoint(person, Role.ADMIN)
    with pytest.raises(Refusal, match="at least one admin"):
        end(story, first)


def test_an_admin_of_another_centre_or_with_a_closed_account_or_an_end_is_no_other_admin(story: Any) -> None:
    last = story.appoint(story.person(), Role.ADMIN)
    story.staff(Role.ADMIN, centre=story.centre("Hill House"))
    leaving = story.person()
    story.appoint(leaving, Role.ADMIN, until_date=clock.now().date())
    closed = story.staff(Role.ADMIN)
    with story.writing() as session:
        operations.close_account(session, session.get_one(Person, closed.id), by=INSTALLER)
    with pytest.raises(Refusal, match="at least one admin"):
        end(story, last)
    story.staff(Role.ADMIN)
    end(story, last)


def test_closing_the_last_admins_account_is_refused(story: Any) -> None:
    last = story.staff(Role.ADMIN)
    with pytest.raises(Refusal, match="at least one admin"), story.writing() as session:
        operations.close_account(session, session.get_one(Person, last.id), by=INSTALLER)


def test_nobody_closes_their_own_account(story: Any) -> None:
    story.staff(Role.ADMIN)
    person = story.person()
    own = story.appoint(person, Role.ADMIN)
    with pytest.raises(Refusal, match="your own account"), story.writing() as session:
        operations.close_account(session, session.get_one(Person, person.id), by=actor_of(own))


def test_an_address_has_one_account_whatever_its_capitals(story: Any) -> None:
    person = story.person()
    with pytest.raises(Refusal, match="is here already"), story.writing() as session:
        operations.create_person(session, name="Somebody Else", known_as="", email=person.email.upper(), by=INSTALLER)


def test_a_centre_name_is_taken_once(story: Any) -> None:
    story.centre("Harbour Recovery")
    with pytest.raises(Refusal, match="already a centre"), story.writing() as session:
        operations.open_centre(session, "Harbour Recovery", by=INSTALLER)


# -- external quality assurers -----------------------------------------------------------------------------------------


def test_an_external_quality_assurer_has_a_last_day_three_months_away_at_most(story: Any) -> None:
    today = clock.now().date()
    for last_day, sentence in ((None, "needs a last day"), (today + timedelta(days=93), "three months at most")):
        with pytest.raises(Refusal, match=sentence):
            story.appoint(story.person(), Role.EQA, from_date=today, until_date=last_day)
    made = story.appoint(story.person(), Role.EQA, from_date=today, until_date=today + timedelta(days=92))
    assert actions_about(story, made) == [Event.APPOINTMENT_MADE]


def test_nobody_checks_from_outside_a_centre_in_which_they_have_a_part(story: Any) -> None:
    tutor, (learner, _) = story.staff(Role.TUTOR), story.learner()
    for person in (tutor, learner):
        with pytest.raises(Refusal, match="works or studies at this centre"):
            story.appoint(person, Role.EQA)
    outside = story.staff(Role.EQA)
    with pytest.raises(Refusal, match="checks the centre from outside"):
        story.appoint(outside, Role.ASSESSOR)
    story.appoint(outside, Role.ASSESSOR, story.centre("Hill House"))
    story.appoint(tutor, Role.EQA, story.centre("Hill House"))


def test_an_external_quality_assurer_without_a_last_day_from_before_has_none_left(
    story: Any, client_for: Callable[[Any], Any]
) -> None:
    """Nothing is changed behind the trail's back: such an appointment counts as over wherever one is looked at."""
    person = story.person()
    appointment = story.appoint(person, Role.EQA)
    outside = client_for(person)
    assert outside.get("/external").status_code == 200
    with story.writing() as session:
        session.get_one(Appointment, appointment.id).until_date = None
    assert outside.get("/external").status_code == 403
    with story.reading() as session:
        assert session.get_one(Appointment, appointment.id).is_over(clock.now().date())
    story.appoint(person, Role.TUTOR)


def test_the_command_line_asks_for_a_last_day_too(story: Any, app: Flask) -> None:
    centre, run = story.centre().name, app.test_cli_runner().invoke
    words = ["people", "invite", "Helen Voss", "helen@example.org", "--role", "eqa", "--centre", centre]
    refused = run(args=words)
    assert refused.exit_code == 1, refused.output
    assert "needs a last day" in refused.output
    with story.reading() as session:
        assert session.scalars(select(Person).where(Person.email == "helen@example.org")).all() == []
    last_day = clock.now().date() + timedelta(days=5)
    assert run(args=[*words, "--until", last_day.isoformat()]).exit_code == 0
    assert run(args=[*words, "--until", "soon"]).exit_code == 2
    with story.reading() as session:
        assert session.scalars(select(Appointment).where(Appointment.role == "eqa")).one().until_date == last_day
