"""An appointment's dates, unit and qualification are asked at the moment of action, not when the page was opened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from course import clock
from course.access import Role
from course.people.models import Appointment
from course.workbook.models import Decision, Lease
from tests.assessors.marking.conftest import judgement

YESTERDAY, TOMORROW = -timedelta(days=1), timedelta(days=1)
LIMITS = {
    "over": {"until_date": YESTERDAY},
    "not begun": {"from_date": TOMORROW},
    "another unit": {"qualification": "peer-mentoring", "unit": "04-boundaries-confidentiality-and-records"},
    "another qualification": {"qualification": "food-hygiene"},
}


def scope(limits):
    today = clock.now().date()
    return {name: today + value if isinstance(value, timedelta) else value for name, value in limits.items()}


@pytest.mark.parametrize("limit", LIMITS)
def test_an_appointment_that_does_not_cover_the_answer_takes_nothing(marking, client_for, limit):
    story = marking.story
    person = story.person("Tom Ellis")
    story.appoint(person, Role.ASSESSOR, **scope(LIMITS[limit]))
    client = client_for(person)
    assert client.post(f"{marking.address}/lease").status_code in {403, 404}
    client.post("/marking/next")
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Lease)) == 0


@pytest.mark.parametrize("limit", LIMITS)
def test_an_appointment_that_changes_while_the_page_is_open_decides_nothing(marking, client_for, limit):
    client = client_for(marking.assessor)
    client.post(f"{marking.address}/lease")
    sent = judgement(client.get(marking.address), then="return")
    with marking.story.writing() as session:
        held = session.scalars(select(Appointment).where(Appointment.person_id == marking.assessor.id)).one()
        for name, value in scope(LIMITS[limit]).items():
            setattr(held, name, value)
    assert client.post(f"{marking.address}/decision", data=sent).status_code in {403, 404}
    with marking.story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == 0
