"""Facts about signing in and out: who gets in, for how long, and what nobody can find out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from course import clock
from course.access import Role
from course.audit import INSTALLER
from course.people import operations, passwords, rules
from course.people.models import Appointment, Person, SignIn
from course.turn import Turn, TurnTimeout
from tests.support.story import PASSWORD


def test_somebody_with_the_right_password_gets_in_whatever_the_capitals_of_their_address(
    client: Any, story: Any, with_password: Any
) -> None:
    person = with_password(story.learner()[0])
    answer = client.post("/sign-in", data={"email": f" {person.email.upper()} ", "password": PASSWORD})
    assert answer.status_code == 303
    assert client.get("/account").status_code == 200


def test_a_wrong_password_an_unknown_address_and_a_closed_account_are_answered_alike(
    client: Any, story: Any, with_password: Any, enter: Any
) -> None:
    known, closed = with_password(story.learner()[0]), with_password(story.learner()[0])
    with story.writing() as session:
        operations.close_account(session, session.get_one(Person, closed.id), by=INSTALLER)
    answers = [
        enter(client, known, "not the password"),
        client.post("/sign-in", data={"email": "nobody@example.org", "password": "not the password"}),
        enter(client, closed),
    ]
    pages = [answer.get_data(as_text=True) for answer in answers]
    addresses = [known.email, "nobody@example.org", closed.email]
    plain = {_without_tokens(page.replace(email, "")) for page, email in zip(pages, addresses, strict=True)}
    assert {answer.status_code for answer in answers} == {422}
    assert len(plain) == 1


def _without_tokens(page: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)


def test_asking_for_a_link_says_the_same_whether_or_not_there_is_an_account(client: Any, story: Any) -> None:
    person = story.person()
    for address in ("/sign-in/link", "/forgotten-password"):
        known = client.post(address, data={"email": person.email})
        unknown = client.post(address, data={"email": "nobody@example.org"})
        assert (known.status_code, known.data) == (unknown.status_code, unknown.data)


def test_after_too_many_tries_even_the_right_password_must_wait(
    client: Any, story: Any, with_password: Any, enter: Any, at: Any
) -> None:
    person = with_password(story.learner()[0])
    for _ in range(rules.SIGN_IN_TRIES):
        assert enter(client, person, "wrong").status_code == 422
    assert enter(client, person).status_code == 429
    at(clock.now() + rules.SIGN_IN_WINDOW + timedelta(seconds=1))
    assert enter(client, person).status_code == 303


def test_an_unknown_address_is_throttled_like_a_known_one(client: Any) -> None:
    tries = [
        client.post("/sign-in", data={"email": "nobody@example.org", "password": "x"}).status_code
        for _ in range(rules.SIGN_IN_TRIES + 1)
    ]
    assert tries[-2:] == [422, 429]


def test_a_stranger_elsewhere_cannot_lock_a_person_out(client: Any, story: Any, with_password: Any, enter: Any) -> None:
    person = with_password(story.learner()[0])
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    for _ in range(rules.ADDRESS_TRIES + 5):
        client.post("/sign-in", data={"email": person.email, "password": "x"}, environ_base=elsewhere)
    assert enter(client, person).status_code == 303


def test_one_network_cannot_try_address_after_address(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "NETWORK_TRIES", 3)
    tries = [
        client.post("/sign-in", data={"email": f"n{number}@example.org", "password": "x"}).status_code
        for number in range(4)
    ]
    assert tries == [422, 422, 422, 429]


def test_asking_for_letters_too_often_must_wait(client: Any, story: Any) -> None:
    person = story.person()
    answers = [client.post("/sign-in/link", data={"email": person.email}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


@pytest.mark.parametrize(
    ("kind", "idle", "absolute"),
    [
        ("a learner at a shared device", timedelta(minutes=60), timedelta(hours=12)),
        ("a learner at their own device", timedelta(hours=12), timedelta(days=30)),
        ("staff, even at their own device", timedelta(minutes=30), timedelta(hours=10)),
    ],
)
def test_a_session_ends_without_use_and_ends_in_any_case(
    kind: str, idle: timedelta, absolute: timedelta, client: Any, story: Any, with_password: Any, enter: Any, at: Any
) -> None:
    person = with_password(story.staff(Role.ASSESSOR) if "staff" in kind else story.learner()[0])
    began = clock.now()
    at(began)
    enter(client, person, device="mine" if "own" in kind else "shared")
    step, now = idle - timedelta(minutes=1), began
    while now + step < began + absolute:
        now += step
        at(now)
        assert client.get("/account").status_code == 200, f"{now - began} after signing in, in use"
    at(began + absolute)
    assert client.get("/account").status_code == 303
    enter(client, person, device="mine" if "own" in kind else "shared")
    at(began + absolute + idle)
    assert client.get("/account").status_code == 303


def test_a_copied_cookie_is_dead_after_signing_out(
    client: Any, app: Any, story: Any, with_password: Any, enter: Any
) -> None:
    enter(client, with_password(story.learner()[0]))
    copied = client.get_cookie("session").value
    thief = app.test_client()
    thief.set_cookie("session", copied)
    assert thief.get("/account").status_code == 200
    assert client.post("/sign-out").headers["Clear-Site-Data"]
    assert thief.get("/account").status_code == 303


def test_signing_in_makes_a_new_id_and_ends_the_one_before(
    client: Any, story: Any, with_password: Any, enter: Any
) -> None:
    person = with_password(story.learner()[0])
    ids = []
    for _ in range(2):
        enter(client, person)
        with client.session_transaction() as browser:
            ids.append(browser["_user_id"])
    assert ids[0] != ids[1]
    with story.reading() as session:
        open_ones = session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).all()
    assert len(open_ones) == 1


def test_nothing_of_the_visitor_before_is_kept_but_the_colours(
    client: Any, story: Any, with_password: Any, enter: Any
) -> None:
    with client.session_transaction() as browser:
        browser["planted"], browser["theme"] = "by somebody else", "dark"
    enter(client, with_password(story.learner()[0]))
    with client.session_transaction() as browser:
        assert "planted" not in browser
        assert browser["theme"] == "dark"


@pytest.mark.parametrize(
    "then", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "\\\\evil.example",
             "/ok\r\nSet-Cookie: a=b", "javascript:alert(1)", "evil", "///evil.example"],
)  # fmt: skip
def test_signing_in_never_leads_to_another_host(
    then: str, client: Any, story: Any, with_password: Any, enter: Any
) -> None:
    answer = enter(client, with_password(story.learner()[0]), then=then)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(
    client: Any, story: Any, with_password: Any, enter: Any
) -> None:
    asked = client.get("/account?tab=1")
    assert asked.headers["Location"] == "/sign-in?then=/account?tab%3D1"
    assert 'value="/account?tab=1"' in client.get(asked.headers["Location"]).get_data(as_text=True)
    answer = enter(client, with_password(story.learner()[0]), then="/account?tab=1")
    assert answer.headers["Location"] == "/account?tab=1"


def test_a_closed_account_is_out_at_once(client_for: Any, story: Any) -> None:
    person = story.learner()[0]
    client = client_for(person)
    assert client.get("/account").status_code == 200
    with story.writing() as session:
        operations.close_account(session, session.get_one(Person, person.id), by=INSTALLER)
    assert client.get("/account").status_code == 303


def test_no_session_opens_a_closed_account(client_for: Any, story: Any) -> None:
    person = story.learner()[0]
    client = client_for(person)
    with story.writing() as session:
        session.execute(update(Person).where(Person.id == person.id).values(disabled_at=clock.now()))
    assert client.get("/account").status_code == 303


def test_an_ended_appointment_bites_on_the_next_request(client_for: Any, story: Any) -> None:
    story.staff(Role.ADMIN)
    person = story.staff(Role.ADMIN)
    client = client_for(person)
    assert client.get("/office/people").status_code == 200
    with story.writing() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.person_id == person.id)).one()
        yesterday = clock.now().date() - timedelta(days=1)
        operations.end_appointment(session, appointment, on=yesterday, by=INSTALLER)
    assert client.get("/office/people").status_code == 403


def test_signing_out_everywhere_else_leaves_this_device_alone(client_for: Any, story: Any) -> None:
    person = story.learner()[0]
    here, there = client_for(person), client_for(person)
    assert here.post("/account/devices/end").status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303


def test_nobody_ends_another_persons_session(client_for: Any, story: Any) -> None:
    mine, theirs = story.learner()[0], story.learner()[0]
    client, other = client_for(mine), client_for(theirs)
    with story.reading() as session:
        hashed = session.scalars(select(SignIn.id_hash).where(SignIn.person_id == theirs.id)).one()
    client.post("/account/devices/end", data={"device": hashed})
    assert other.get("/account").status_code == 200


def test_reading_goes_on_when_last_seen_cannot_be_noted(
    client_for: Any, story: Any, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_for(story.learner()[0])

    def busy(_self: Any) -> None:
        raise TurnTimeout

    monkeypatch.setattr(Turn, "take", busy)
    at(clock.now() + timedelta(minutes=10))
    assert client.get("/account").status_code == 200


def test_a_password_made_with_weaker_settings_is_hashed_anew(
    client: Any, story: Any, with_password: Any, enter: Any
) -> None:
    person = with_password(story.learner()[0])
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with story.writing() as session:
        session.execute(update(Person).where(Person.id == person.id).values(password_hash=weak))
    assert enter(client, person).status_code == 303
    with story.reading() as session:
        stored = session.get_one(Person, person.id).password_hash
    assert stored != weak
    assert passwords.matches(PASSWORD, stored)
