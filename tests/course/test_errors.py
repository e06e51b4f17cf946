"""Facts about refusals and faults: each has its status, its page, and the words that somebody typed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import request
from sqlalchemy.exc import IntegrityError, OperationalError

import assessors
import course
from course import db, errors
from course.access import PUBLIC, Blueprint
from course.db import Database
from course.logs import JsonLines
from course.refusal import Refusal
from tests.support.house import HouseClient, sign_in
from tests.support.story import Story

WORDS = "First I would thank Jo. <b>Then</b> I would listen."


class FullDisk(OSError):
    """No space left on device."""


FAULTS = {
    "refused": Refusal("You have used every attempt.", "Ask your assessor what happens next."),
    "locked": OperationalError("INSERT", {"words": WORDS}, Exception("database is locked")),
    "full": FullDisk(28, "No space left on device"),
    "twice": IntegrityError("INSERT", {"words": WORDS}, Exception("UNIQUE constraint failed")),
    "broken": ZeroDivisionError(f"while reading {WORDS}"),
}


@pytest.fixture
def own_app(app: Any) -> Iterator[Any]:
    """An application of the test's own on the same database: it may be given routes, and be broken."""
    made = course.create_app(app.config["SETTINGS"], extensions=[assessors])
    made.test_client_class = HouseClient
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def failing(own_app: Any) -> HouseClient:
    """A client of an application in which each kind of fault has an address: /fault/<kind>."""
    bp = Blueprint("faults", __name__)

    @bp.route("/fault/<kind>", methods=["GET", "POST"], allow=PUBLIC)
    def fault(kind: str) -> str:
        request.form.get("words")
        raise FAULTS[kind]

    own_app.register_blueprint(bp)
    return own_app.test_client()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("kind", "status"), [("refused", 409), ("locked", 503), ("full", 503), ("twice", 409), ("broken", 500)]
)
def test_each_fault_has_its_status(kind: str, status: int, failing: Any) -> None:
    answer = failing.post(f"/fault/{kind}", data={"words": WORDS})
    assert answer.status_code == status
    assert failing.get(f"/fault/{kind}").status_code == status
    script = failing.post(f"/fault/{kind}", data={"words": WORDS}, headers={"Accept": "application/json"})
    assert script.status_code == status
    assert script.is_json


@pytest.mark.parametrize("kind", ["refused", "locked", "full", "twice"])
def test_words_that_were_not_saved_are_given_back_escaped(kind: str, failing: Any) -> None:
    page = failing.post(f"/fault/{kind}", data={"words": WORDS}).get_data(as_text=True)
    assert "First I would thank Jo. &lt;b&gt;Then&lt;/b&gt; I would listen." in page


def test_a_refusal_says_its_sentence_and_what_to_do(failing: Any) -> None:
    page = failing.post("/fault/refused").get_data(as_text=True)
    assert "You have used every attempt" in page
    assert "Ask your assessor what happens next." in page


def test_a_refusal_leads_back_to_the_page_but_never_to_another_site(failing: Any) -> None:
    back = failing.post("/fault/refused", headers={"Referer": "http://localhost/quality/plans?x=1"})
    assert 'href="/quality/plans?x=1"' in back.get_data(as_text=True)
    away = failing.post("/fault/refused", headers={"Referer": "https://elsewhere.example/quality"})
    assert "Back to the page" not in away.get_data(as_text=True)
    assert "Back to the page" not in failing.post("/fault/refused").get_data(as_text=True)


def test_the_log_of_a_fault_names_lines_and_never_words(failing: Any) -> None:
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(JsonLines().format(record))

    keep = Keep()
    logging.getLogger("alongside").addHandler(keep)
    try:
        for kind in FAULTS:
            failing.post(f"/fault/{kind}", data={"words": WORDS})
    finally:
        logging.getLogger("alongside").removeHandler(keep)
    assert any("ZeroDivisionError" in line for line in lines)
    assert all(json.loads(line)["at"] for line in lines)
    assert not [line for line in lines if "thank Jo" in line]


@pytest.mark.sqlite
def test_without_a_database_every_page_still_answers(own_app: Any, story: Story) -> None:
    signed_in, visitor = sign_in(own_app, story.learner()[0].id), own_app.test_client()
    own_app.extensions["database"].dispose()
    own_app.extensions["database"] = Database("sqlite:////nowhere/at/all.sqlite")
    own_app.extensions["database"]._sqlite = _away
    health = visitor.get("/health")
    assert (health.status_code, health.json["status"]) == (503, "database does not answer")
    for client in (signed_in, visitor):
        assert client.get("/about").status_code == 200
        assert client.get("/no-such-page").status_code == 404
    answer = signed_in.post("/account/names", data={"name": WORDS, "known_as": "Ana"})
    assert answer.status_code == 503
    assert "First I would thank Jo." in answer.get_data(as_text=True)
    assert signed_in.get("/account").status_code == 503


def _away(_kind: str) -> Any:
    raise OperationalError("", {}, Exception("unable to open database file"))


def test_a_page_that_is_not_there_is_404_and_a_wrong_method_405(client: Any) -> None:
    assert client.get("/no-such-page").status_code == 404
    assert client.get("/sign-out").status_code == 405


def test_more_than_the_server_takes_is_413(client: Any) -> None:
    answer = client.post("/look", data={"theme": "x" * (12 * 1024 * 1024)})
    assert answer.status_code == 413


def test_ids_and_choices_are_no_words() -> None:
    for plain in ("", "7", "on", "2.2", "shared", "0193a5b1-7c2e-7d1e-8f3a-1b2c3d4e5f60", "a" * 64):
        assert not errors.is_words(plain), plain
    for typed in (
        "Ana Silva",
        "one\ntwo",
        "Donaudampfschifffahrtsgesellschaft",
        "请写下你的故事请写下你的故事请写下你的故事",
    ):
        assert errors.is_words(typed), typed


def test_a_refused_step_leaves_nothing_behind(own_app: Any, story: Story) -> None:
    person, bp = story.person(), Blueprint("half", __name__)

    @bp.post("/half", allow=PUBLIC)
    def half() -> str:
        db.session().get_one(type(person), person.id).known_as = "Half"
        db.session().flush()
        raise Refusal("Not like this.")

    own_app.register_blueprint(bp)
    assert own_app.test_client().post("/half").status_code == 409
    with story.reading() as session:
        assert session.get_one(type(person), person.id).known_as == person.known_as
