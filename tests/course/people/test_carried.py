"""Facts about sessions that end while somebody types: nothing is done in their name, and no word is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from course import clock
from course.people.models import Person
from tests.support.house import sign_in
from tests.support.story import PASSWORD

WORDS = "First I would thank Jo.\nThen I would say what I must share."


class Page:
    """The one form of a page, as a browser would send it."""

    def __init__(self, answer: Any) -> None:
        html = answer.get_data(as_text=True).split("<main", 1)[1].split("</main>", 1)[0]
        self.action = unescape(re.search(r'action="([^"]*)"', html)[1])  # type: ignore[index]
        self.fields: dict[str, list[str]] = {}
        for control in re.finditer(r"<input([^>]*)>|<textarea([^>]*)>\n?(.*?)</textarea>", html, re.S):
            attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', control[1] or control[2]))
            if attributes.get("type") in {"radio", "checkbox"}:
                continue
            value = control[3] if control[3] is not None else attributes.get("value", "")
            self.fields.setdefault(attributes["name"], []).append(unescape(value))
        self.html = html


@pytest.fixture
def writer(app: Any, story: Any, with_password: Any) -> Any:
    """A learner with a password, signed in, whose session then ends."""
    person, _ = story.learner()
    return with_password(person)


def names_sent(client: Any, **more: Any) -> Any:
    """A form with a text and a short field, sent by a page of ours."""
    return client.post("/account/names", data={"name": WORDS, "known_as": "Ana", **more})


def test_an_expired_session_shows_the_words_and_changes_nothing(app: Any, story: Any, writer: Any, at: Any) -> None:
    client = sign_in(app, writer.id)
    at(clock.now() + timedelta(hours=2))
    answer = names_sent(client)
    page = Page(answer)
    assert answer.status_code == 401
    assert page.fields["carried_text"] == [WORDS, "Ana"]
    assert page.fields["carried_name"] == ["name", "known_as"]
    assert page.action == "/sign-in"


def test_after_signing_in_one_press_saves_the_words(app: Any, story: Any, writer: Any, at: Any) -> None:
    client = sign_in(app, writer.id)
    at(clock.now() + timedelta(hours=2))
    page = Page(names_sent(client))
    page.fields |= {"email": [writer.email], "password": ["a wrong one"]}
    again = client.post(page.action, data=page.fields)
    assert again.status_code == 422
    page = Page(again)
    assert page.fields["carried_text"] == [WORDS, "Ana"], "a wrong password costs no words"
    page.fields |= {"email": [writer.email], "password": [PASSWORD]}
    signed_in = client.post(page.action, data=page.fields)
    assert signed_in.status_code == 200
    assert "Save these words" in signed_in.get_data(as_text=True)
    page = Page(signed_in)
    assert page.action == "/account/names"
    saved = client.post(page.action, data={name: values[0] for name, values in page.fields.items()}, token=False)
    assert saved.status_code == 303
    with story.reading() as session:
        assert session.get_one(Person, writer.id).known_as == "Ana"


def test_a_browser_without_its_cookie_keeps_the_words_too(client: Any, writer: Any) -> None:
    answer = client.post("/account/names", data={"name": WORDS, "csrf_token": "stale"}, token=False)
    assert answer.status_code == 401
    assert Page(answer).fields["carried_text"] == [WORDS]


def test_another_person_cannot_save_the_words_as_their_own(
    app: Any, story: Any, writer: Any, with_password: Any, at: Any
) -> None:
    other = with_password(story.learner()[0])
    client = sign_in(app, writer.id)
    at(clock.now() + timedelta(hours=2))
    page = Page(names_sent(client))
    page.fields |= {"email": [other.email], "password": [PASSWORD]}
    answer = client.post(page.action, data=page.fields).get_data(as_text=True)
    assert "from another account" in answer
    assert "Then I would say what I must share." in answer
    assert "Save these words" not in answer


def test_a_place_to_save_that_we_did_not_write_is_ignored(client: Any, writer: Any, enter: Any) -> None:
    answer = enter(client, writer, carried_seal="made up", carried_name="words", carried_text=WORDS)
    assert answer.status_code == 303


def test_scripts_are_told_where_to_sign_in(client: Any) -> None:
    for token in (True, False):
        answer = client.post(
            "/account/names", data={"name": WORDS}, headers={"Accept": "application/json"}, token=token
        )
        assert (answer.status_code, answer.json) == (401, {"sign_in": "/sign-in"})


def test_a_press_without_words_leads_to_signing_in_and_back(client: Any) -> None:
    answer = client.post("/account/devices/end", headers={"Referer": "http://localhost/account"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?then=/account"


def test_a_stale_token_while_signed_in_offers_to_send_it_again(app: Any, story: Any, writer: Any) -> None:
    client = sign_in(app, writer.id)
    answer = names_sent(client, csrf_token="stale")
    page = Page(answer)
    assert answer.status_code == 400
    assert (page.action, page.fields["name"], page.fields["known_as"]) == ("/account/names", [WORDS], ["Ana"])
    data = {name: values[0] for name, values in page.fields.items()}
    assert client.post(page.action, data=data, token=False).status_code == 303


def test_no_password_is_ever_given_back(app: Any, story: Any, writer: Any, client: Any) -> None:
    secret = "a secret of many words in a row"
    data = {"password-current_password": secret, "password-password": secret, "csrf_token": "stale"}
    stale = sign_in(app, writer.id).post("/account/password", data=data)
    signed_out = client.post("/account/password", data=data)
    for answer in (stale, signed_out):
        assert secret not in answer.get_data(as_text=True)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_a_form_prepared_by_another_site_is_not_offered_again(
    headers: dict[str, str], app: Any, writer: Any, client: Any
) -> None:
    for visitor in (sign_in(app, writer.id), client):
        answer = visitor.post("/account/names", data={"name": WORDS}, headers=headers, token=False)
        assert answer.status_code == 400
        assert WORDS not in unescape(answer.get_data(as_text=True))


def test_a_sign_in_page_open_for_long_asks_once_more(client: Any, writer: Any) -> None:
    data = {"email": writer.email, "password": "whatever it was", "csrf_token": "stale"}
    answer = client.post("/sign-in", data=data, token=False)
    assert answer.status_code == 400
    assert "open for a while" in answer.get_data(as_text=True)
