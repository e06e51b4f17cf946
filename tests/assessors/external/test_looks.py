"""Nobody but the sample: a stranger's id on every address of an external quality assurer; each look is written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from assessors.external import operations, queries
from assessors.external.models import Visit
from assessors.external.queries import afterwards
from assessors.external.rules import LearnersUnit
from course import access, clock
from course.access import Role
from course.audit import Actor
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.workbook import files
from course.workbook import operations as workbook
from course.workbook import queries as work
from course.workbook.models import AccessEntry, StoredFile
from tests.assessors.external.conftest import Visited, set_up
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, actor, judge
from tests.support.story import QUALIFICATION, UNIT, Story

SignIn = Callable[[Any], HouseClient]
PDF = b"%PDF-1.4\n%%EOF\n"


def fetch(client: HouseClient, method: str, address: str) -> Any:
    return client.post(address, data={}) if method == "POST" else client.get(address)


def test_on_every_address_of_an_external_quality_assurer_a_strangers_id_is_nobody(
    visited: Visited, app: Flask, story: Story, client_for: SignIn
) -> None:
    """Every route that lets this role in, with each of its ids taken from another visit or another learner."""
    second = set_up(story, visited.lead, email="second@example.org")
    with story.writing() as session:
        operations.show(
            session, session.get_one(Visit, second.id), [LearnersUnit(visited.other.enrolment.id, FOOD_UNIT)],
            "Another unit.", by=actor(story, visited.lead, Role.LEAD_IQA),
        )  # fmt: skip
    answer = str(visited.other.answers[0].id)
    mine = {"visit_id": str(visited.visit.id), "answer_id": str(visited.done.answers[0].id)}
    theirs = {"visit_id": str(second.id), "answer_id": answer, "file_id": str(uuid4()), "action_id": str(uuid4())}
    helen, tried = client_for(visited.eqa), 0
    for route in (one for one in access.routes(app) if Role.EQA in one["allow"]):
        path = route["path"].replace("<uuid:", "<")
        for name in (one for one in theirs if f"<{one}>" in path):
            address = path
            for key, value in ({**theirs, **mine} | {name: theirs[name]}).items():
                address = address.replace(f"<{key}>", value)
            assert "<" not in address, "Give this route's id a value above."
            found = fetch(helen, route["method"], address)
            assert found.status_code == 404, f"{route['method']} {address}"
            tried += 1
    assert tried >= 10
    with story.reading() as session:
        assert session.scalars(select(AccessEntry).where(AccessEntry.person_id == visited.eqa.id)).all() == []


def test_the_way_in_is_closed_on_every_address_the_day_after_the_last(
    visited: Visited, app: Flask, client_for: SignIn, at: Callable[[Any], None]
) -> None:
    at(clock.now() + timedelta(days=14))
    assert client_for(visited.eqa).get(f"/external/visits/{visited.visit.id}").status_code == 200
    at(clock.now() + timedelta(days=1))
    helen, ids = client_for(visited.eqa), {"visit_id": visited.visit.id, "answer_id": visited.done.answers[0].id}
    here = [one for one in access.routes(app) if one["endpoint"].startswith("external.") and Role.EQA in one["allow"]]
    assert len(here) >= 7
    for route in here:
        address = route["path"].replace("<uuid:", "<")
        for name in ("visit_id", "answer_id", "file_id", "action_id"):
            address = address.replace(f"<{name}>", str(ids.get(name, uuid4())))
        assert fetch(helen, route["method"], address).status_code == 403, address


def test_the_centre_sees_every_look(
    visited: Visited, story: Story, client_for: SignIn, at: Callable[[Any], None]
) -> None:
    helen, ruth = client_for(visited.eqa), client_for(visited.lead)
    log = f"/visits/{visited.visit.id}/looks"
    assert "Nothing was opened yet" in ruth.get(log).get_data(as_text=True)
    address = f"/external/visits/{visited.visit.id}/answers/{visited.done.answers[0].id}"
    helen.get(address)
    at(clock.now() + timedelta(minutes=11))
    helen.get(address)
    with helen.post(f"/visits/{visited.visit.id}/pack") as taken:
        assert taken.status_code == 200
    sampled = f"/quality/samples/{visited.done.sample_id}/answers/{visited.done.answers[0].id}"
    assert client_for(visited.done.iqa).get(sampled).status_code == 200  # a look of the centre's own
    with story.reading() as session:
        looks = queries.looks_of(session, session.get_one(Visit, visited.visit.id))
    assert [one.in_pack for one in looks] == [True] * 3 + [False] * 2
    page = ruth.get(log).get_data(as_text=True)
    assert "Ffion D." in page
    assert page.count("Pack") >= 3
    assert "Gwen" not in page
    assert f'href="{log}"' in ruth.get(f"/visits/{visited.visit.id}").get_data(as_text=True)
    assert client_for(visited.eqa).get(log).status_code == 403
    stranger = client_for(story.staff(Role.ADMIN, centre=story.centre("Hill House")))
    assert stranger.get(log).status_code == 404


def test_a_long_log_is_read_page_by_page(
    visited: Visited, client_for: SignIn, monkeypatch: pytest.MonkeyPatch, statements: list[str]
) -> None:
    for module in (queries, afterwards):
        monkeypatch.setattr(module, "LOOKS", 2)
    helen, ruth = client_for(visited.eqa), client_for(visited.lead)
    for answer in visited.done.answers:
        helen.get(f"/external/visits/{visited.visit.id}/answers/{answer.id}")
    first = ruth.get(f"/visits/{visited.visit.id}/looks").get_data(as_text=True)
    assert first.count("Read</td>") == 2
    older = first.split("looks?before=")[1].split('"')[0]
    second = ruth.get(f"/visits/{visited.visit.id}/looks?before={older}").get_data(as_text=True)
    assert second.count("Read</td>") == 1
    assert "The latest" in second


def test_opening_a_file_of_a_sampled_answer_is_a_look_too(story: Story, client_for: SignIn) -> None:
    lead, (learner, enrolment) = story.staff(Role.LEAD_IQA), story.learner()
    with story.writing() as session:
        unit = work.unit_work(session, session.get_one(Enrolment, enrolment.id), UNIT)
        checked = files.Checked("pdf", "application/pdf", "pdf", PDF)
        by = Actor(learner.id, Role.LEARNER)
        draft = workbook.add_file(session, unit, unit.question("why-routine-helps"), "my week.pdf", checked, by=by)
        session.flush()
        content = workbook.open_draft(session, draft).content
    answer = story.hand_in(enrolment, "why-routine-helps", content)
    judge(story, answer, story.staff(Role.ASSESSOR))
    visit = set_up(story, lead, qualification=QUALIFICATION)
    with story.writing() as session:
        here, chosen = session.get_one(Visit, visit.id), [LearnersUnit(enrolment.id, UNIT)]
        operations.show(session, here, chosen, "It has a file.", by=actor(story, lead, Role.LEAD_IQA))
        file_id = session.scalars(select(StoredFile.id)).one()
    with story.reading() as session:
        helen = client_for(session.get_one(Person, visit.eqa_id))
    address = f"/external/visits/{visit.id}/answers/{answer.id}/files"
    assert helen.get(f"{address}/{uuid4()}").status_code == 404
    with helen.get(f"{address}/{file_id}") as sent:
        assert (sent.status_code, sent.data) == (200, PDF)
    with story.reading() as session:
        (look,) = queries.looks_of(session, session.get_one(Visit, visit.id))
        assert (look.question, look.in_pack) == ("How activity and routine help", False)
