"""The holder decides who sees a record: beforehand, by telephone through the centre, and with a new code."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from course import audit, clock, outbox
from course.access import Role
from course.audit import AuditEvent
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.records import operations
from course.records.models import CodeChange, RecordHolder, VerificationRequest
from course.refusal import Refusal
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, actor, released_unit
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
SAME = "If this code belongs to a record, its holder has been asked."


@pytest.fixture
def admin(story: Story) -> Person:
    """An admin of the centre."""
    return story.staff(Role.ADMIN, "Grace Bell")


@pytest.fixture
def holder(story: Story, admin: Person) -> RecordHolder:
    """Ffion, who has a record."""
    done = released_unit(story)
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, done.enrolment.id)
        record = operations.issue_unit_statement(session, enrolment, FOOD_UNIT, by=actor(story, admin, Role.ADMIN))
        return session.get_one(RecordHolder, record.id)


@pytest.fixture
def ffion(client_for: SignIn, holder: RecordHolder) -> HouseClient:
    """The holder's browser."""
    return client_for(holder.person_id)


def seen_by(client: HouseClient, code: str) -> str:
    """What somebody with this code sees at once."""
    return client.get(client.post("/check", data={"code": code}).location).get_data(as_text=True)


def code_now(story: Story, holder: RecordHolder) -> str:
    """The code that the record has now."""
    with story.reading() as session:
        return session.get_one(RecordHolder, holder.record_id).code


def last_event(story: Story) -> str:
    """What the trail says last; the whole of it must hold."""
    with story.reading() as session:
        assert list(audit.verify(session)) == []
        return session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq.desc())).first() or ""


# -- a yes beforehand --------------------------------------------------------------------------------------------------


def test_a_yes_beforehand_shows_the_record_at_once_until_its_last_day(
    story: Story, client: HouseClient, ffion: HouseClient, holder: RecordHolder, at: Callable[[Any], None]
) -> None:
    assert ffion.post(f"/records/{holder.record_id}/showing", data={"days": "7"}).status_code == 303
    assert last_event(story) == "verification.opened"
    assert "This record is genuine" in seen_by(client, holder.code)
    assert "Somebody asks" not in ffion.get("/records").get_data(as_text=True)
    at(clock.now() + timedelta(days=8))
    assert SAME in seen_by(client, holder.code)


def test_the_holder_ends_it_and_what_was_open_closes(
    story: Story, client: HouseClient, ffion: HouseClient, holder: RecordHolder
) -> None:
    page = f"/records/{holder.record_id}"
    ffion.post(f"{page}/showing", data={"days": "30"})
    address = client.post("/check", data={"code": holder.code}).location
    assert "Ask me each time again" in ffion.get(page).get_data(as_text=True)
    assert ffion.post(f"{page}/showing/end").status_code == 303
    assert last_event(story) == "verification.closed"
    assert "genuine" not in client.get(address).get_data(as_text=True)
    assert ffion.post(f"{page}/showing/end").status_code == 409


def test_how_long_must_be_chosen(ffion: HouseClient, holder: RecordHolder) -> None:
    for days in ("", "365"):
        answer = ffion.post(f"/records/{holder.record_id}/showing", data={"days": days})
        assert answer.status_code == 422
        assert "There is a problem" in answer.get_data(as_text=True)


def test_switching_checking_off_ends_a_yes_beforehand(
    client: HouseClient, ffion: HouseClient, holder: RecordHolder
) -> None:
    page = f"/records/{holder.record_id}"
    ffion.post(f"{page}/showing", data={"days": "30"})
    ffion.post(f"{page}/checking/end")
    assert SAME in seen_by(client, holder.code)
    assert ffion.post(f"{page}/showing", data={"days": "30"}).status_code == 409
    ffion.post(f"{page}/checking")
    assert SAME in seen_by(client, holder.code)


def test_nobody_else_can_say_yes(story: Story, client_for: SignIn, holder: RecordHolder) -> None:
    stranger, _ = story.learner()
    for path in ("showing", "showing/end", "code"):
        assert client_for(stranger).post(f"/records/{holder.record_id}/{path}", data={"days": "7"}).status_code == 404


# -- by telephone ------------------------------------------------------------------------------------------------------


def test_the_centre_asks_by_telephone_and_the_holder_is_told(
    story: Story, client: HouseClient, client_for: SignIn, ffion: HouseClient, admin: Person, holder: RecordHolder
) -> None:
    address, grace = client.post("/check", data={"code": holder.code}).location, client_for(admin)
    page = grace.get(f"/office/records/{holder.record_id}").get_data(as_text=True)
    yes = re.search(r'action="([^"]+/approval)"', page)
    assert yes
    assert grace.post(yes[1]).status_code == 303
    assert last_event(story) == "verification.approved"
    assert "This record is genuine" in client.get(address).get_data(as_text=True)
    mine = ffion.get(f"/records/{holder.record_id}").get_data(as_text=True)
    assert "Grace Bell noted today" in mine
    with story.reading() as session:
        request = session.scalars(select(VerificationRequest)).one()
        entry = session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
        assert (request.answered_by, entry.actor, entry.subject) == (admin.id, str(admin.id), str(holder.person_id))
        keys = session.scalars(select(outbox.Message.key).where(outbox.Message.key.like("record-answered:%"))).all()
    assert keys == [f"record-answered:{request.id}"]
    assert grace.post(yes[1]).status_code == 409


def test_an_admin_answers_for_nobody_elsewhere_and_not_for_themselves(
    story: Story, client: HouseClient, client_for: SignIn, holder: RecordHolder
) -> None:
    client.post("/check", data={"code": holder.code})
    with story.reading() as session:
        request = session.scalars(select(VerificationRequest)).one()
        person = session.get_one(Person, holder.person_id)
    path = f"/office/records/{holder.record_id}/requests/{request.id}"
    stranger = story.staff(Role.ADMIN, centre=story.centre("Elsewhere"))
    assert client_for(stranger).post(f"{path}/approval").status_code == 404
    story.appoint(person, Role.ADMIN)
    refused = client_for(person).post(f"{path}/refusal")
    assert refused.status_code == 409
    assert "This is your own record" in refused.get_data(as_text=True)


# -- a new code --------------------------------------------------------------------------------------------------------


def test_a_new_code_leads_there_and_the_old_one_nowhere(
    story: Story, client: HouseClient, ffion: HouseClient, holder: RecordHolder
) -> None:
    ffion.post(f"/records/{holder.record_id}/showing", data={"days": "7"})
    assert ffion.post(f"/records/{holder.record_id}/code").status_code == 303
    assert last_event(story) == "record.code-changed"
    new = code_now(story, holder)
    assert new != holder.code
    assert SAME in seen_by(client, holder.code)
    assert "This record is genuine" in seen_by(client, new)
    assert new in ffion.get(f"/records/{holder.record_id}").get_data(as_text=True)


def test_codes_change_a_few_times_a_day_at_most(story: Story, ffion: HouseClient, holder: RecordHolder) -> None:
    answers = [ffion.post(f"/records/{holder.record_id}/code").status_code for _ in range(6)]
    assert answers == [303] * 5 + [409]
    with story.reading() as session:
        assert session.scalars(select(CodeChange.number).order_by(CodeChange.number)).all() == [1, 2, 3, 4, 5]


def test_a_revoked_record_is_shown_to_nobody_beforehand(
    story: Story, ffion: HouseClient, admin: Person, holder: RecordHolder
) -> None:
    from course.records import queries, rules

    with story.writing() as session:
        found = queries.record(session, holder.record_id)
        operations.revoke(session, found, "An error.", replace=False, by=actor(story, admin, Role.ADMIN))
    assert ffion.post(f"/records/{holder.record_id}/showing", data={"days": "7"}).status_code == 409
    with pytest.raises(Refusal, match="revoked"):
        rules.show_beforehand(days=7, revoked=True, checked=True)
