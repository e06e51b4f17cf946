"""Assessors judge the same samples blind; the meeting shows the splits; what it agreed is kept and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from assessors.guidance import queries as guidances
from assessors.guidance.models import GuidanceVersion
from assessors.quality.standardisation.models import (
    Attendance,
    GuidanceProposal,
    Minutes,
    SampleJudging,
    SampleOutcome,
    Standardisation,
)
from assessors.quality.standardisation.queries import activities
from course import audit, clock
from course.access import Role
from course.audit import AuditEvent
from course.db import new_id
from course.outbox import Message
from course.people.models import Person
from tests.support.house import HouseClient
from tests.support.marked import FOOD, FOOD_UNIT
from tests.support.story import Story
from tests.support.walking import asked, pages_of

SignIn = Callable[[Any], HouseClient]
QUESTION = "allergy-at-table-four"
HOME = "/quality/standardisation"
PUBLISHED = {"Clearly achieved": True, "Borderline": True, "Not yet": False}


@dataclass
class Room:
    """An internal quality assurer, two assessors, and three samples to judge."""

    story: Story
    iqa: Person
    ann: Person
    bob: Person
    activity: UUID

    @property
    def address(self) -> str:
        """The page of the standardisation."""
        return f"{HOME}/{self.activity}"

    def titles(self) -> dict[int, str]:
        """The title of each sample, by the number under which people know it."""
        from assessors.quality.standardisation.queries import activities

        with self.story.reading() as session:
            found = activities.standardising(session, session.get_one(Standardisation, self.activity))
            return {one.number: one.sample.title for one in found.samples}

    def judge(self, client: HouseClient, **differing: bool) -> None:
        """Judge every sample as published, but for those named (Borderline=False)."""
        for number, title in self.titles().items():
            achieved = differing.get(title, PUBLISHED[title])
            outcome = "achieved" if achieved else "not_yet_achieved"
            data = {"outcome-2.2": outcome, "outcome-1.1": outcome, "why": f"My reason about number {number}."}
            answer = client.post(f"{self.address}/samples/{number}/judgement", data=data)
            assert answer.status_code == 303, answer.get_data(as_text=True)


@pytest.fixture
def room(story: Story, client_for: SignIn) -> Room:
    """Tom asks Ann and Bob to judge the samples about the allergy."""
    iqa = story.staff(Role.IQA, "Tom Hughes")
    ann, bob = story.staff(Role.ASSESSOR, "Ann Bell"), story.staff(Role.ASSESSOR, "Bob Cole")
    client = client_for(iqa)
    page = client.get(HOME).get_data(as_text=True)
    value = re.search(rf'value="([0-9a-f-]+/{QUESTION})"', page)
    assert value is not None
    day = (clock.now().date() + timedelta(days=7)).isoformat()
    assert client.post(HOME, data={"what": value[1], "judge_by": day}).status_code == 303
    with story.reading() as session:
        row = session.scalars(select(Standardisation)).one()
        assert (row.qualification, row.unit, row.question) == (FOOD, FOOD_UNIT, QUESTION)
        assert (row.centre_id, row.opened_by) == (story.centre().id, iqa.id)
    return Room(story, iqa, ann, bob, row.id)


def last_events(story: Story, count: int) -> list[str]:
    """What happened last, newest last."""
    with story.reading() as session:
        rows = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(count))
        return list(rows)[::-1]


def test_opening_tells_each_assessor_of_the_unit_and_nobody_else(room: Room, story: Story) -> None:
    assert last_events(story, 1) == ["standardisation.opened"]
    with story.reading() as session:
        told = set(session.scalars(select(Message.to_email).where(Message.key.startswith("standardisation:"))))
    assert told == {room.ann.email, room.bob.email}


def test_nobody_sees_what_others_said_or_what_was_published_before_the_meeting(room: Room, client_for: SignIn) -> None:
    ann, bob = client_for(room.ann), client_for(room.bob)
    room.judge(ann)
    seen = bob.get(room.address).get_data(as_text=True)
    seen += "".join(bob.get(f"{room.address}/samples/{number}").get_data(as_text=True) for number in room.titles())
    seen += client_for(room.iqa).get(room.address).get_data(as_text=True)
    for secret in ("My reason", "Clearly achieved", "clearly achieved", "Borderline", "Asking the cook is enough"):
        assert secret not in seen
    assert "3 of 3" in seen  # how far somebody has come is no secret


def test_a_judgement_is_ink_and_made_once(room: Room, story: Story, client_for: SignIn) -> None:
    ann = client_for(room.ann)
    room.judge(ann)
    assert last_events(story, 3) == ["sample.judged"] * 3
    data = {"outcome-2.2": "achieved", "outcome-1.1": "achieved", "why": "Another thought."}
    assert ann.post(f"{room.address}/samples/1/judgement", data=data).status_code == 409
    with story.reading() as session:
        assert session.scalar(select(func.count(SampleJudging.id))) == 3
        assert session.scalar(select(func.count(SampleOutcome.id))) == 6
        assert list(audit.verify(session)) == []


def test_a_judgement_that_lacks_something_keeps_what_was_typed(room: Room, client_for: SignIn) -> None:
    answer = client_for(room.ann).post(f"{room.address}/samples/1/judgement", data={"why": "Kept words."})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Kept words." in page
    assert "Choose “achieved” or “not yet” for 2.2." in page


def test_the_meeting_needs_two_who_have_finished(room: Room, client_for: SignIn) -> None:
    room.judge(client_for(room.ann))
    refused = client_for(room.iqa).post(f"{room.address}/meeting")
    assert refused.status_code == 409
    assert "Fewer than two people" in refused.get_data(as_text=True)


def begin(room: Room, client_for: SignIn) -> HouseClient:
    """Ann judges as published; Bob finds the borderline one not yet; the meeting begins."""
    room.judge(client_for(room.ann))
    room.judge(client_for(room.bob), Borderline=False)
    client = client_for(room.iqa)
    assert client.post(f"{room.address}/meeting").status_code == 303
    return client


def test_the_meeting_shows_the_split_the_reasons_and_the_numbers(room: Room, story: Story, client_for: SignIn) -> None:
    client = begin(room, client_for)
    assert last_events(story, 1) == ["meeting.begun"]
    for one in (client, client_for(room.ann)):
        page = one.get(room.address).get_data(as_text=True)
        assert page.count(": you differ</h2>") == 1
        assert page.count(": you agree</h2>") == 2
        assert "My reason about number 1." in page
        assert "Asking the cook is enough where he knows." in page
        assert "67%" in page  # two of three pairs, on each point
        # Seen 2/3; achieved on 3 of 6: luck is 1/2 for both, so both are 1/3.
        assert page.count('<td class="num">0.33</td>') == 6
        assert "5 of 6" in page  # Bob once differs from what was published
        assert "never at kappa alone" in page


def test_after_the_meeting_has_begun_no_judgement_is_taken(room: Room, story: Story, client_for: SignIn) -> None:
    begin(room, client_for)
    late = client_for(story.staff(Role.ASSESSOR, "Cy Dunn"))
    data = {"outcome-2.2": "achieved", "outcome-1.1": "achieved", "why": "Late."}
    assert late.post(f"{room.address}/samples/1/judgement", data=data).status_code == 409
    assert "The meeting has begun" in late.get(f"{room.address}/samples/1").get_data(as_text=True)


def test_who_did_not_finish_is_named_and_not_counted(room: Room, story: Story, client_for: SignIn) -> None:
    cy = story.staff(Role.ASSESSOR, "Cy Dunn")
    data = {"outcome-2.2": "achieved", "outcome-1.1": "achieved", "why": "Only one."}
    client_for(cy).post(f"{room.address}/samples/1/judgement", data=data)
    page = begin(room, client_for).get(room.address).get_data(as_text=True)
    assert "they did not finish: Cy Dunn" in page
    assert "Only one." not in page


def wording(room: Room) -> dict[str, str]:
    """A change of an item that is in the guidance."""
    return {"place": f"{QUESTION}/must-1", "wording": "Checks the sheet and asks the cook.", "why": "The split."}


def test_agreed_wording_is_kept_for_an_author_and_changes_no_guidance(
    room: Room, story: Story, client_for: SignIn
) -> None:
    client = begin(room, client_for)
    with story.reading() as session:
        before = session.scalar(select(func.count(GuidanceVersion.id)))
    assert client.post(f"{room.address}/proposed-guidance", data=wording(room)).status_code == 303
    assert last_events(story, 1) == ["guidance.proposed"]
    with story.reading() as session:
        row = session.scalars(select(GuidanceProposal)).one()
        assert (row.question, row.item, row.level, row.criterion) == (QUESTION, "must-1", "must", "2.2")
        assert session.scalar(select(func.count(GuidanceVersion.id))) == before
        _, force = guidances.in_force(session, FOOD, FOOD_UNIT, None)
        assert force.questions[QUESTION].item("must-1").text == "Checks the allergen sheet or asks the cook."
    answer = client.get(f"{room.address}/proposed-guidance")
    assert answer.mimetype == "text/markdown"
    text = answer.get_data(as_text=True)
    assert f"## {QUESTION}\n\n### Must\n\n- 2.2: Checks the sheet and asks the cook.\n" in text
    assert "> In place of: Checks the allergen sheet or asks the cook." in text
    assert "> Why: The split." in text


def minutes(room: Room, *present: Person, **more: str) -> dict[str, Any]:
    """What somebody types after a meeting."""
    return {
        "held_on": clock.now().date().isoformat(), "lasted": "90", "present": [str(one.id) for one in present],
        "minutes": "We differed about the guess.",
    } | more  # fmt: skip


def test_minutes_and_attendance_are_kept_and_are_a_line_of_each_ones_cpd(
    room: Room, story: Story, client_for: SignIn
) -> None:
    client = begin(room, client_for)
    sent = minutes(room, room.iqa, room.ann)
    assert client.post(f"{room.address}/minutes", data=sent).status_code == 303
    assert last_events(story, 1) == ["minutes.recorded"]
    with story.reading() as session:
        assert set(session.scalars(select(Attendance.person_id))) == {room.iqa.id, room.ann.id}
        assert list(audit.verify(session)) == []
    assert "We differed about the guess." in client_for(room.bob).get(room.address).get_data(as_text=True)
    mine = client_for(room.ann).get(HOME).get_data(as_text=True)
    assert "Meetings you were at" in mine
    assert "90 minutes" in mine
    assert "Meetings you were at" not in client_for(room.bob).get(HOME).get_data(as_text=True)
    development = client_for(room.ann).get("/development").get_data(as_text=True)
    assert "1.5 hours in the last twelve months" in development
    assert "Noted where it was done." in development
    assert "0.0 hours" in client_for(room.bob).get("/development").get_data(as_text=True)


def test_a_correction_of_the_minutes_leaves_the_first_and_counts(room: Room, story: Story, client_for: SignIn) -> None:
    client = begin(room, client_for)
    client.post(f"{room.address}/minutes", data=minutes(room, room.iqa, room.ann))
    corrected = minutes(room, room.ann, room.bob, minutes="We agreed about the guess.", lasted="45")
    assert client.post(f"{room.address}/minutes", data=corrected).status_code == 303
    with story.reading() as session:
        assert list(session.scalars(select(Minutes.number).order_by(Minutes.number))) == [1, 2]
    page = client.get(room.address).get_data(as_text=True)
    assert "We differed about the guess." in page
    assert "We agreed about the guess." in page
    assert "45 minutes" in client_for(room.bob).get(HOME).get_data(as_text=True)
    assert "Meetings you were at" not in client_for(room.iqa).get(HOME).get_data(as_text=True)


def test_minutes_with_something_wrong_come_back_as_typed(room: Room, story: Story, client_for: SignIn) -> None:
    client = begin(room, client_for)
    to_come = (clock.now().date() + timedelta(days=1)).isoformat()
    early = client.post(f"{room.address}/minutes", data=minutes(room, room.ann) | {"held_on": to_come})
    assert early.status_code == 422
    assert "it is still to come" in early.get_data(as_text=True)
    wrong = client.post(f"{room.address}/minutes", data=minutes(room, room.ann) | {"lasted": "0"})
    assert wrong.status_code == 422
    assert "We differed about the guess." in wrong.get_data(as_text=True)
    stranger = story.person("Not Here")
    assert client.post(f"{room.address}/minutes", data=minutes(room, room.ann, stranger)).status_code == 422


def test_nothing_of_it_exists_for_another_centre_or_another_unit(room: Room, story: Story, client_for: SignIn) -> None:
    begin(room, client_for)
    elsewhere = story.centre("Hill House")
    strangers = (
        (Role.ASSESSOR, {"centre": elsewhere}), (Role.IQA, {"centre": elsewhere}),
        (Role.ASSESSOR, {"qualification": "peer-mentoring"}), (Role.IQA, {"unit": "02-other"}),
    )  # fmt: skip
    for role, scope in strangers:
        client = client_for(story.staff(role, **scope))
        assert client.get(room.address).status_code == 404
        assert str(room.activity) not in client.get(HOME).get_data(as_text=True)
        if role is Role.ASSESSOR:
            assert client.get(f"{room.address}/samples/1").status_code == 404
        else:
            assert client.post(f"{room.address}/minutes", data=minutes(room, room.ann, room.bob)).status_code == 404
            assert client.get(f"{room.address}/proposed-guidance").status_code == 404


def test_assessors_judge_and_do_not_lead(room: Room, client_for: SignIn) -> None:
    ann = client_for(room.ann)
    for path in ("meeting", "proposed-guidance", "minutes"):
        assert ann.post(f"{room.address}/{path}").status_code == 403
    assert ann.post(HOME).status_code == 403
    assert client_for(room.iqa).get(f"{room.address}/samples/1").status_code == 403


def test_the_pages_take_a_fixed_number_of_queries(
    room: Room, story: Story, client_for: SignIn, statements: list[str]
) -> None:
    client = begin(room, client_for)
    client.get(room.address)
    statements.clear()
    client.get(room.address)
    few = len(statements)
    for path, data in (("proposed-guidance", wording(room)), ("minutes", minutes(room, room.ann, room.bob))):
        for _ in range(3):
            client.post(f"{room.address}/{path}", data=data)
    client.get(room.address)
    statements.clear()
    client.get(room.address)
    assert len(statements) <= few + 2  # names of who proposed and who was there


def test_every_standardisation_is_found_page_by_page_in_as_many_queries(
    room: Room, client_for: SignIn, story: Story, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = client_for(room.ann)
    few = asked(ann, HOME, statements)
    with story.writing() as session:
        first = session.get_one(Standardisation, room.activity)
        values = {name: getattr(first, name) for name in Standardisation.__table__.columns.keys() if name != "id"}  # noqa: SIM118
        session.execute(insert(Standardisation).values(values | {"id": new_id(), "at": clock.now()}))
        session.execute(insert(Standardisation).values(values | {"id": new_id(), "at": clock.now()}))
    assert asked(ann, HOME, statements) == few
    monkeypatch.setattr(activities, "LATEST", 1)
    pages = pages_of(ann, HOME)
    assert [page.count(f"{HOME}/") for page in pages] == [1, 1, 1]
    assert str(room.activity) in pages[2]
