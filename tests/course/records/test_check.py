"""The public check: the same answer for every code, and details only once the holder has said yes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from course import clock, outbox
from course.access import Role
from course.audit import AuditEvent
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.records import operations, queries, rules
from course.records.models import RecordHolder, VerificationRequest
from course.refusal import Refusal
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, actor, released_unit
from tests.support.story import Story

SAME = "If this code belongs to a record, its holder has been asked. Come back to this address within two days."


@pytest.fixture
def holder(story: Story) -> RecordHolder:
    """Somebody with a record."""
    done, admin = released_unit(story), story.staff(Role.ADMIN)
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, done.enrolment.id)
        record = operations.issue_unit_statement(session, enrolment, FOOD_UNIT, by=actor(story, admin, Role.ADMIN))
        return session.get_one(RecordHolder, record.id)


def person_of(story: Story, holder: RecordHolder) -> Person:
    """Who holds it."""
    with story.reading() as session:
        return session.get_one(Person, holder.person_id)


def ask(client: HouseClient, code: str) -> str:
    """Somebody types a code; the address to come back to."""
    response = client.post("/check", data={"code": code})
    assert response.status_code == 303
    return response.location


def without_token(response: Any) -> str:
    """A page's text, without what differs by nature."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", response.get_data(as_text=True))


def test_every_well_formed_code_gets_the_same_answer(client: HouseClient, holder: RecordHolder) -> None:
    known, unknown = ask(client, holder.code), ask(client, "0000-0000-0000")
    pages = [client.get(address) for address in (known, unknown, f"/check/{uuid4()}")]
    assert {page.status_code for page in pages} == {200}
    assert len({without_token(page) for page in pages}) == 1
    assert SAME in pages[0].get_data(as_text=True)
    assert len(known) == len(unknown)
    assert holder.code not in known


def test_a_known_and_an_unknown_code_cost_the_same_writes(story: Story, holder: RecordHolder) -> None:
    for code in (holder.code, "0000-0000-0000"):
        with story.writing() as session:
            operations.ask_to_check(session, code)
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(VerificationRequest)) == 2


@pytest.mark.parametrize(
    "typed", ["", "abc", "7K2M-94QX", "7K2M-94QX-HB3D-9", "<script>alert(1)</script>", "ŵŵŵŵ-ŵŵŵŵ-ŵŵŵŵ"]
)
def test_what_cannot_be_a_code_is_answered_with_an_instruction(client: HouseClient, typed: str) -> None:
    response = client.post("/check", data={"code": typed})
    assert response.status_code == 422
    page = response.get_data(as_text=True)
    assert "Enter the code as it stands on the record" in page
    assert "<title>Error: " in page
    assert "<script>alert" not in page


def test_a_code_may_be_typed_as_people_type(client: HouseClient, story: Story, holder: RecordHolder) -> None:
    ask(client, f"  {holder.code.lower().replace('-', ' ')} ")
    with story.reading() as session:
        assert session.scalars(select(VerificationRequest)).one().record_id == holder.record_id


def test_details_show_only_after_the_holder_says_yes(
    client: HouseClient, client_for: Callable[[Any], HouseClient], story: Story, holder: RecordHolder
) -> None:
    address = ask(client, holder.code)
    assert "Ffion" not in client.get(address).get_data(as_text=True)
    ffion = client_for(person_of(story, holder))
    action = re.search(r'action="(/records/requests/[^"]+/approval)"', ffion.get("/records").get_data(as_text=True))
    assert action
    assert ffion.post(action.group(1)).status_code == 303
    seen = client.get(address).get_data(as_text=True)
    assert "This record is genuine" in seen
    assert "Ffion Davies" in seen
    assert "Food hygiene at work" in seen
    assert "Harbour" not in seen
    with story.reading() as session:
        assert session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc())) == "verification.approved"
    assert ffion.post(action.group(1)).status_code == 409


def test_a_refusal_looks_like_silence(
    client: HouseClient, client_for: Callable[[Any], HouseClient], story: Story, holder: RecordHolder
) -> None:
    address = ask(client, holder.code)
    before = without_token(client.get(address))
    ffion = client_for(person_of(story, holder))
    action = re.search(r'action="(/records/requests/[^"]+/refusal)"', ffion.get("/records").get_data(as_text=True))
    assert action
    ffion.post(action.group(1))
    assert without_token(client.get(address)) == before
    with story.reading() as session:
        assert session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc())) == "verification.refused"


def test_a_yes_ends_after_a_fortnight_and_an_answer_after_two_days(
    story: Story, holder: RecordHolder, at: Callable[[Any], None]
) -> None:
    start = clock.now()
    by = rules_actor(holder)
    with story.writing() as session:
        answered, late = operations.ask_to_check(session, holder.code), operations.ask_to_check(session, holder.code)
        session.flush()
        operations.answer_request(session, answered, approve=True, by=by)
    with story.reading() as session:
        assert queries.approved(session, answered.id, now=start + timedelta(days=13)) is not None
        assert queries.approved(session, answered.id, now=start + timedelta(days=15)) is None
    at(start + timedelta(days=2, minutes=1))
    with story.writing() as session, pytest.raises(Refusal, match="two days"):
        operations.answer_request(session, session.merge(late), approve=True, by=by)


def rules_actor(holder: RecordHolder) -> Any:
    """The holder acting for themselves."""
    from course.audit import Actor

    return Actor(holder.person_id, Role.LEARNER)


def test_the_holder_may_switch_checking_off(
    client: HouseClient, client_for: Callable[[Any], HouseClient], story: Story, holder: RecordHolder
) -> None:
    ffion = client_for(person_of(story, holder))
    assert ffion.post(f"/records/{holder.record_id}/checking/end").status_code == 303
    address = ask(client, holder.code)
    assert SAME in client.get(address).get_data(as_text=True)
    assert "Somebody asks" not in ffion.get("/records").get_data(as_text=True)
    assert "Turn checking on" in ffion.get(f"/records/{holder.record_id}").get_data(as_text=True)
    assert ffion.post(f"/records/{holder.record_id}/checking").status_code == 303
    ask(client, holder.code)
    assert "Somebody asks" in ffion.get("/records").get_data(as_text=True)


def test_the_holder_sees_how_often_by_day_and_nothing_about_who(
    client: HouseClient, client_for: Callable[[Any], HouseClient], story: Story, holder: RecordHolder
) -> None:
    for _ in range(2):
        ask(client, holder.code)
    page = client_for(person_of(story, holder)).get(f"/records/{holder.record_id}").get_data(as_text=True)
    assert "2 times" in page
    assert set(VerificationRequest.__table__.columns.keys()) == {
        "id", "record_id", "asked_at", "answered_at", "approved", "answered_by", "open_until"
    }  # fmt: skip


def test_the_letter_to_the_holder_says_nothing_and_comes_once_a_day(
    client: HouseClient, story: Story, holder: RecordHolder
) -> None:
    for _ in range(3):
        ask(client, holder.code)
    with story.reading() as session:
        letters = list(session.scalars(select(outbox.Message).where(outbox.Message.key.like("record-asked:%"))))
    assert [(one.letter, one.link.endswith("/records")) for one in letters] == [("something-to-read", True)]


def test_nobody_can_flood_a_holder(story: Story, holder: RecordHolder) -> None:
    with story.writing() as session:
        for _ in range(rules.ASKING_AT_ONCE + 3):
            operations.ask_to_check(session, holder.code)
            session.flush()
        kept = session.scalar(select(func.count()).where(VerificationRequest.record_id == holder.record_id))
    assert kept == rules.ASKING_AT_ONCE


def test_asking_too_often_is_refused(client: HouseClient) -> None:
    statuses = [client.post("/check", data={"code": "0000-0000-0000"}).status_code for _ in range(21)]
    assert statuses == [303] * 20 + [429]


def test_a_revoked_record_says_so(client: HouseClient, story: Story, holder: RecordHolder) -> None:
    address = ask(client, holder.code)
    admin = story.staff(Role.ADMIN)
    with story.writing() as session:
        request = session.scalars(select(VerificationRequest)).one()
        operations.answer_request(session, request, approve=True, by=rules_actor(holder))
        found = queries.record(session, holder.record_id)
        operations.revoke(session, found, "A private reason.", replace=False, by=actor(story, admin, Role.ADMIN))
    seen = client.get(address).get_data(as_text=True)
    assert "This record was revoked" in seen
    assert "A private reason" not in seen
    assert "genuine" not in seen


@pytest.mark.parametrize("path", ["/check", "/check/0198a2c0-0000-7000-8000-000000000000"])
def test_the_address_travels_nowhere(client: HouseClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_a_page_that_sends_no_referrer_can_still_be_posted_over_https(client: HouseClient) -> None:
    response = client.post("/check", data={"code": "0000-0000-0000"}, base_url="https://localhost")
    assert response.status_code == 303
