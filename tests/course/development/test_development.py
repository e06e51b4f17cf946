"""Qualifications and development of staff: kept by themselves or an admin, taken back but never changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from course import audit, clock
from course.access import Role
from course.audit import AuditEvent
from course.development import queries, rules
from course.development.models import DevelopmentEntry, DevelopmentWithdrawal, StaffQualification
from course.people.models import Person
from course.refusal import Refusal
from tests.support.house import HouseClient
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
AWARD = {"title": "Award in Assessing Competence", "awarded_by": "An awarding organisation", "awarded_on": "2024-05-01"}
TODAY = clock.now().date()


def entry(**more: str) -> dict[str, str]:
    return {"done_on": TODAY.isoformat(), "hours": "1.5", "words": "Standardisation of unit 4"} | more


def last_action(story: Story) -> tuple[str, str]:
    with story.reading() as session:
        assert list(audit.verify(session)) == []
        row = session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(1)).one()
        return row.action, row.subject


def test_staff_keep_their_own_record(story: Story, client_for: SignIn) -> None:
    joan = story.staff(Role.ASSESSOR, "Joan Price")
    client = client_for(joan)
    assert client.get("/development").status_code == 200
    assert client.post(f"/development/{joan.id}/qualifications", data=AWARD).status_code == 303
    assert last_action(story) == ("staff-qualification.noted", str(joan.id))
    assert client.post(f"/development/{joan.id}/entries", data=entry()).status_code == 303
    assert last_action(story) == ("development.noted", str(joan.id))
    page = client.get("/development").get_data(as_text=True)
    for words in ("Award in Assessing Competence", "Standardisation of unit 4", "1.5 hours in the last twelve months"):
        assert words in page
    with story.reading() as session:
        assert session.scalars(select(DevelopmentEntry)).one().minutes == 90


def test_a_qualification_without_a_day_is_worked_towards(story: Story, client_for: SignIn) -> None:
    joan = story.staff(Role.ASSESSOR, "Joan Price")
    client_for(joan).post(f"/development/{joan.id}/qualifications", data=AWARD | {"awarded_on": ""})
    assert "working towards it" in client_for(joan).get("/development").get_data(as_text=True)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"hours": "many"}, "Enter the hours as a number"),
        ({"hours": "0"}, "Enter between a minute and 100 hours"),
        ({"done_on": "yesterday"}, "year, month and day"),
        ({"words": ""}, "Write what was done."),
    ],
)
def test_a_wrong_entry_is_given_back_with_what_was_typed(
    wrong: dict[str, str], sentence: str, story: Story, client_for: SignIn
) -> None:
    joan = story.staff(Role.ASSESSOR, "Joan Price")
    answer = client_for(joan).post(f"/development/{joan.id}/entries", data=entry(**wrong))
    page = answer.get_data(as_text=True)
    assert (answer.status_code, sentence in page) == (422, True)
    assert wrong.get("words", "Standardisation of unit 4") in page
    with story.reading() as session:
        assert session.scalars(select(DevelopmentEntry)).all() == []


def test_what_has_not_happened_yet_is_not_noted() -> None:
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(Refusal, match="has not come yet"):
        rules.note_development(is_staff=True, done_on=tomorrow, minutes=30, today=TODAY)
    with pytest.raises(Refusal, match="has not come yet"):
        rules.note_qualification(is_staff=True, awarded_on=tomorrow, today=TODAY)
    with pytest.raises(Refusal, match="not appointed"):
        rules.note_qualification(is_staff=False, awarded_on=None, today=TODAY)


def test_a_wrong_entry_is_taken_back_and_stays_in_the_trail(story: Story, client_for: SignIn) -> None:
    joan = story.staff(Role.ASSESSOR, "Joan Price")
    client = client_for(joan)
    client.post(f"/development/{joan.id}/qualifications", data=AWARD)
    with story.reading() as session:
        (noted,) = queries.of_person(session, joan.id).qualifications
    back = f"/development/{joan.id}/withdrawals/{noted.id}"
    assert client.post(back).status_code == 303
    assert last_action(story)[0] == "development.withdrawn"
    assert client.post(back).status_code == 404
    assert "None noted." in client.get("/development").get_data(as_text=True)
    with story.reading() as session:
        assert len(session.scalars(select(StaffQualification)).all()) == 1
        assert session.scalars(select(DevelopmentWithdrawal)).one().withdrawn_by == joan.id


def test_an_admin_keeps_the_record_of_those_at_the_centre_and_nobody_else_does(
    story: Story, client_for: SignIn
) -> None:
    joan, priya = story.staff(Role.ASSESSOR, "Joan Price"), story.staff(Role.ASSESSOR, "Priya Nair")
    admin, there = story.staff(Role.ADMIN), story.centre("Hill House")
    client, address = client_for(admin), f"/development/{joan.id}/entries"
    assert "Joan Price" in client.get("/development/staff").get_data(as_text=True)
    assert client.get(f"/development/staff/{joan.id}").status_code == 200
    assert client.post(address, data=entry()).status_code == 303
    with story.reading() as session:
        assert session.scalars(select(DevelopmentEntry)).one().noted_by == admin.id
    assert client_for(priya).post(address, data=entry()).status_code == 404
    stranger = client_for(story.staff(Role.ADMIN, centre=there))
    assert stranger.post(address, data=entry()).status_code == 404
    assert stranger.get(f"/development/staff/{joan.id}").status_code == 404
    assert "Joan Price" not in stranger.get("/development/staff").get_data(as_text=True)
    learner, _ = story.learner()
    assert client.get(f"/development/staff/{learner.id}").status_code == 404
    assert client_for(learner).get("/development").status_code == 403


def test_what_staff_noted_is_in_the_tables_of_a_pack(story: Story, client_for: SignIn) -> None:
    from course.evidence import Scope

    joan = story.staff(Role.ASSESSOR, "Joan Price")
    client_for(joan).post(f"/development/{joan.id}/qualifications", data=AWARD)
    client_for(joan).post(f"/development/{joan.id}/entries", data=entry())
    with story.reading() as session:
        assert session.get(Person, joan.id) is not None
        found = {one.slug: list(one.rows()) for one in queries.tables(session, Scope(story.centre().id, "x", ()))}
        assert [row.cells[0] for row in found["staff-qualifications"]] == ["Joan Price"]
        assert [row.cells[2] for row in found["cpd"]] == ["1.5"]
        elsewhere = queries.tables(session, Scope(story.centre("Hill House").id, "x", ()))
        assert all(list(one.rows()) == [] for one in elsewhere)
