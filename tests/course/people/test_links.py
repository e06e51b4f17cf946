"""Facts about letters with links: each works once, for a while, for its purpose, and only for its person."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from course import clock, outbox
from course.audit import INSTALLER
from course.people import operations, rules
from course.people.models import Person
from tests.support.story import PASSWORD, Story

NEW = "a green kettle on the hill"


def path_of(story: Story, person: Person, purpose: str) -> str:
    with story.writing() as session:
        return operations.send_link(session, session.get_one(Person, person.id), purpose)


def test_a_sign_in_link_signs_in_once(client: Any, story: Any) -> None:
    path = path_of(story, story.learner()[0], "sign-in")
    assert client.get(path).status_code == 200
    assert client.get("/account").status_code == 303, "a mail scanner that opens the link uses nothing up"
    assert client.post(path, data={"device": "shared"}).status_code == 303
    assert client.get("/account").status_code == 200
    client.post("/sign-out")
    assert client.get(path).status_code == 410
    assert client.post(path, data={"device": "shared"}).status_code == 410


@pytest.mark.parametrize("purpose", sorted(rules.LINK_LASTS))
def test_a_link_is_over_after_its_time(purpose: str, client: Any, story: Any, at: Any) -> None:
    path = path_of(story, story.person(), purpose)
    at(clock.now() + rules.LINK_LASTS[purpose] - timedelta(seconds=1))
    assert client.get(path).status_code == 200
    at(clock.now() + timedelta(seconds=2))
    assert client.get(path).status_code == 410
    assert client.post(path, data={"device": "shared", "password": NEW}).status_code == 410


def test_a_link_serves_no_other_purpose(client: Any, story: Any) -> None:
    sign_in = path_of(story, story.person(), "sign-in").rsplit("/", 1)[1]
    reset = path_of(story, story.person(), "reset").rsplit("/", 1)[1]
    assert client.get(f"/choose-password/{sign_in}").status_code == 410
    assert client.post(f"/choose-password/{sign_in}", data={"password": NEW}).status_code == 410
    assert client.post(f"/sign-in/link/{reset}", data={"device": "shared"}).status_code == 410


def test_two_who_press_the_same_link_at_once_do_not_both_get_in(story: Any) -> None:
    token = path_of(story, story.person(), "sign-in").rsplit("/", 1)[1]
    start, found = threading.Barrier(2), []

    def press() -> None:
        start.wait()
        with story.writing() as session:
            person = operations.use_link(session, token, "sign-in")
        found.append(person is not None)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False, True]


def test_an_invitation_ends_in_a_password_and_a_session(client: Any, story: Any, enter: Any) -> None:
    person = story.person()
    path = path_of(story, person, "invitation")
    assert client.post(path, data={"password": "short"}).status_code == 422
    assert client.post(path, data={"password": NEW}).status_code == 303
    assert client.get("/account").status_code == 200
    client.post("/sign-out")
    assert enter(client, person, NEW).status_code == 303


def test_a_new_password_ends_every_session_and_every_link_under_way(client: Any, client_for: Any, story: Any) -> None:
    person = story.learner()[0]
    elsewhere = client_for(person)
    waiting, path = path_of(story, person, "sign-in"), path_of(story, person, "reset")
    assert client.post(path, data={"password": NEW}).status_code == 303
    assert elsewhere.get("/account").status_code == 303
    assert client.get(waiting).status_code == 410


@pytest.mark.parametrize(
    "poor", ["elevenchars", "aaaaaaaaaaaaaaaa", "passwordpassword1", "person.number1@example", "x" * 201]
)
def test_a_poor_password_is_answered_with_advice(poor: str, client: Any, story: Any) -> None:
    path = path_of(story, story.person(), "invitation")
    answer = client.post(path, data={"password": poor})
    assert answer.status_code == 422
    assert poor not in answer.get_data(as_text=True), "a password is never sent back"


def test_a_letter_holds_a_link_and_no_name(app: Any, story: Any) -> None:
    person = story.person("Marisol Quinn")
    path = path_of(story, person, "reset")
    with story.reading() as session:
        letter = session.scalars(select(outbox.Message).where(outbox.Message.letter == "reset")).one()
    with app.app_context():
        mail = outbox._compose(app, letter)
    assert path in mail.get_content()
    assert "Marisol" not in str(mail)
    assert "Quinn" not in str(mail)


def test_a_closed_account_gets_no_letter_and_its_links_are_dead(client: Any, story: Any) -> None:
    person = story.person()
    path = path_of(story, person, "sign-in")
    with story.writing() as session:
        operations.close_account(session, session.get_one(Person, person.id), by=INSTALLER)
    assert client.get(path).status_code == 410
    client.post("/forgotten-password", data={"email": person.email})
    with story.reading() as session:
        assert not session.scalars(select(outbox.Message).where(outbox.Message.letter == "reset")).all()


def test_the_same_password_from_another_keyboard_is_the_same(client: Any, story: Any, enter: Any) -> None:
    person = story.person()
    client.post(path_of(story, person, "invitation"), data={"password": "cafe\u0301 lantern water"})
    client.post("/sign-out")
    assert enter(client, person, "caf\u00e9 lantern water").status_code == 303


def test_the_story_password_passes_the_advice() -> None:
    from course.people.passwords import advice

    assert advice(PASSWORD, "Ana Silva", "ana@example.org") is None
