"""A test client that checks every page it fetches against the house style."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from course.csrf import token_for

VISITOR = "a visitor whom the tests know"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class HouseClient(FlaskClient):
    """Adds the CSRF token to every POST, and judges every HTML answer."""

    def post(self, *args: Any, **kwargs: Any) -> TestResponse:
        """POST with a valid token, unless `token=False`."""
        if kwargs.pop("token", True) and not kwargs.get("json"):
            data = dict(kwargs.get("data") or {})
            data.setdefault("csrf_token", csrf(self))
            kwargs["data"] = data
        return super().post(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Fetch, and check the page against the house style."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code != 303 and response.data:
            packed = response.headers.get("Content-Encoding") == "gzip"
            content = gzip.decompress(response.data) if packed else response.data
            problems = page_problems(content.decode())
            assert not problems, f"{args}: {problems}"
        return response


def csrf(client: FlaskClient) -> str:
    """A token that the client's session accepts."""
    with client.session_transaction() as session:
        owner = session.get("_user_id") or session.setdefault("visitor", VISITOR)
    return token_for(owner, client.application.config["SECRET_KEY"])


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.h1: list[str] = []
        self.title = ""
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[dict[str, str | None]] = []
        self.problems: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "h1":
            self.h1.append("")
        if tag == "label":
            self.labelled.add(str(found.get("for")))
        if tag in {"input", "textarea", "select"} and found.get("type") not in {"hidden", "submit"}:
            self.controls.append(found)
        if "style" in found or any(name.startswith("on") for name in found):
            self.problems.append(f"inline style or script on <{tag}>")
        if tag == "script" and not found.get("src"):
            self.problems.append("inline script")
        for name in ("src", "action"):
            if re.match(r"https?://|//", found.get(name) or ""):
                self.problems.append(f"another host in {name}: {found[name]}")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "title" in self._open and "svg" not in self._open:
            self.title += data
        if "h1" in self._open and self.h1:
            self.h1[-1] += data


def page_problems(html: str) -> list[str]:
    """What a page does against the house style."""
    page = _Page()
    page.feed(html)
    problems = list(page.problems)
    heads = [" ".join(text.split()) for text in page.h1]
    title = " ".join(page.title.split()).removeprefix("Error: ")
    if len(heads) != 1:
        problems.append(f"{len(heads)} h1")
    elif not title.startswith(heads[0].rstrip(".")):
        problems.append(f"the title {title!r} does not begin with the h1 {heads[0]!r}")
    twice = {name for name in page.ids if page.ids.count(name) > 1}
    if twice:
        problems.append(f"ids used twice: {sorted(twice)}")
    return problems + [f"no label for {one.get('name')}" for one in page.controls if not _is_named(one, page.labelled)]


def _is_named(control: dict[str, str | None], labelled: set[str]) -> bool:
    """A control is named by its label, or by the words that it points to."""
    return control.get("id") in labelled or bool(control.get("aria-label") or control.get("aria-labelledby"))


def sign_in(app: Flask, person_id: Any) -> HouseClient:
    """A client signed in as a person, as a browser would be after the sign-in page."""
    from course import db
    from course.people import operations
    from course.people.models import Person

    app.test_client_class = HouseClient
    client: HouseClient = app.test_client()  # type: ignore[assignment]
    with app.app_context(), db.database().transaction() as session:
        token = operations.begin_session(session, session.get_one(Person, person_id), own_device=False)
    with client.session_transaction() as browser:
        browser["_user_id"], browser["_fresh"] = token, True
    return client
