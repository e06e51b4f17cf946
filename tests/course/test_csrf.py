"""A form is taken only with a token of its own session, which no other session, guess or stale page can have."""

from __future__ import annotations

from typing import Any

import pytest

from course import csrf

SECRET = "s" * 40


def test_a_token_is_masked_anew_each_time_and_good_each_time() -> None:
    tokens = {csrf.token_for("a session", SECRET) for _ in range(5)}
    assert len(tokens) == 5
    assert all(csrf.is_token_for("a session", SECRET, one) for one in tokens)


@pytest.mark.parametrize("sent", ["", "x", "é", "A" * 43, "A" * 200, "====", csrf.token_for("another", SECRET)])
def test_nothing_else_is_taken_for_a_token(sent: str) -> None:
    assert not csrf.is_token_for("a session", SECRET, sent)


def test_a_token_of_another_installation_is_none() -> None:
    assert not csrf.is_token_for("a session", SECRET, csrf.token_for("a session", "t" * 40))


def test_a_form_without_a_token_changes_nothing(story: Any, client_for: Any) -> None:
    client = client_for(story.learner()[0])
    assert client.post("/look", data={"theme": "dark"}, token=False).status_code == 400
    assert client.post("/look", data={"theme": "dark", "csrf_token": "A" * 43}, token=False).status_code == 400


def test_a_token_of_somebody_else_changes_nothing(story: Any, client_for: Any) -> None:
    from tests.support.house import csrf as token_of

    mine, theirs = client_for(story.learner()[0]), client_for(story.learner()[0])
    taken = token_of(theirs)
    assert mine.post("/look", data={"theme": "dark", "csrf_token": taken}, token=False).status_code == 400


def test_a_token_from_before_signing_in_is_worth_nothing_after_it(story: Any, client_for: Any, client: Any) -> None:
    from tests.support.house import csrf as token_of

    before = token_of(client)
    signed_in = client_for(story.learner()[0])
    assert signed_in.post("/look", data={"theme": "dark", "csrf_token": before}, token=False).status_code == 400
