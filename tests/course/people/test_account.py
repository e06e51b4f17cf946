"""Facts about one's own account: names, address, password, and the role one acts in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from course.access import Role
from course.audit import AuditEvent, Event
from course.outbox import Message
from course.people import operations, rules
from course.people.models import OneTimeLink, Person
from tests.support.house import sign_in
from tests.support.story import PASSWORD

NEW = "a green kettle on the hill"


def changes(story: Any, person: Person) -> list[str]:
    with story.reading() as session:
        found = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == str(person.id)))
        return [action for action in found if action == Event.PERSON_CHANGED]


def test_a_changed_address_is_told_to_the_old_one(app: Any, story: Any, with_password: Any) -> None:
    person = with_password(story.learner()[0])
    before = len(changes(story, person))
    client = sign_in(app, person.id)
    data = {"email-email": "New.Address@Example.org", "email-current_password": PASSWORD}
    assert client.post("/account/email", data=data).status_code == 303
    with story.reading() as session:
        told = session.scalars(select(Message).where(Message.letter == "email-changed")).one()
        assert told.to_email == person.email
        assert session.get_one(Person, person.id).email == "new.address@example.org"
    assert len(changes(story, person)) == before + 1


def test_links_on_their_way_to_the_old_address_die(app: Any, story: Any, with_password: Any) -> None:
    person = with_password(story.learner()[0])
    with story.writing() as session:
        operations.send_link(session, session.get_one(Person, person.id), "reset")
    data = {"email-email": "new@example.org", "email-current_password": PASSWORD}
    sign_in(app, person.id).post("/account/email", data=data)
    with story.reading() as session:
        assert not session.scalars(select(OneTimeLink).where(OneTimeLink.used_at.is_(None))).all()


def test_an_address_that_somebody_has_is_refused(app: Any, story: Any, with_password: Any) -> None:
    person, other = with_password(story.learner()[0]), story.person()
    data = {"email-email": other.email, "email-current_password": PASSWORD}
    answer = sign_in(app, person.id).post("/account/email", data=data)
    assert answer.status_code == 409


def test_password_and_address_ask_for_the_current_password(app: Any, story: Any, with_password: Any) -> None:
    client = sign_in(app, with_password(story.learner()[0]).id)
    wrong = {"password-current_password": "wrong", "password-password": NEW}
    assert client.post("/account/password", data=wrong).status_code == 422
    wrong = {"email-current_password": "wrong", "email-email": "new@example.org"}
    assert client.post("/account/email", data=wrong).status_code == 422


def test_guessing_the_current_password_must_wait(app: Any, story: Any, with_password: Any) -> None:
    client = sign_in(app, with_password(story.learner()[0]).id)
    wrong = {"password-current_password": "wrong", "password-password": NEW}
    tries = [client.post("/account/password", data=wrong).status_code for _ in range(rules.CURRENT_TRIES + 1)]
    assert tries == [422] * rules.CURRENT_TRIES + [429]


def test_a_changed_password_signs_every_other_device_out(app: Any, story: Any, with_password: Any) -> None:
    person = with_password(story.learner()[0])
    here, there = sign_in(app, person.id), sign_in(app, person.id)
    data = {"password-current_password": PASSWORD, "password-password": NEW}
    assert here.post("/account/password", data=data).status_code == 303
    assert "Every other device is signed out" in here.get("/account").get_data(as_text=True)
    assert there.get("/account").status_code == 303


def test_names_are_changed_without_spaces_or_control_signs(client_for: Any, story: Any) -> None:
    person = story.learner()[0]
    client = client_for(person)
    client.post("/account/names", data={"name": "  Ana\x00 Sil\u202eva ", "known_as": " Ana "})
    with story.reading() as session:
        stored = session.get_one(Person, person.id)
    assert (stored.name, stored.known_as) == ("Ana Silva", "Ana")
    assert client.post("/account/names", data={"name": "   ", "known_as": "Ana"}).status_code == 422


def test_a_person_acts_only_under_an_appointment_of_their_own(client_for: Any, story: Any) -> None:
    person = story.staff(Role.ASSESSOR)
    own = story.appoint(person, Role.TUTOR)
    client = client_for(person)
    other = story.appoint(story.person(), Role.ADMIN)
    assert client.post("/account/appointment", data={"appointment": str(other.id)}).status_code == 404
    assert client.post("/account/appointment", data={"appointment": str(own.id)}).status_code == 303
    assert "tutor" in client.get("/account").get_data(as_text=True)


def test_colours_are_kept_with_and_without_an_account(client: Any, client_for: Any, story: Any) -> None:
    assert client.post("/look", data={"theme": "dark"}).status_code == 303
    assert 'data-theme="dark"' in client.get("/look").get_data(as_text=True)
    person = story.learner()[0]
    client_for(person).post("/look", data={"theme": "cream"})
    assert 'data-theme="cream"' in client_for(person).get("/account").get_data(as_text=True)
    assert client.post("/look", data={"theme": '"><script>'}).status_code == 303
    assert "data-theme" not in client.get("/look").get_data(as_text=True)
