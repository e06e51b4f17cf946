"""Every route × every role: who is admitted, who is refused, and that a stranger of the right role finds nothing."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from course import access, audit
from course.access import PUBLIC, SIGNED_IN, Role
from course.catalogue import queries as catalogue
from course.enrolment import queries as enrolments
from course.workbook import access_log, overview
from tests.support.applicants import selecting
from tests.support.house import sign_in
from tests.support.story import QUALIFICATION, UNIT, Story

VALUES = {"qualification": QUALIFICATION, "unit": UNIT, "slug": QUALIFICATION, "key": "no-such-question",
          "token": "no-such-token", "question": "no-such-question", "name": "no-such-name"}  # fmt: skip
STAFF = [role for role in Role if role is not Role.LEARNER]
FOUND = {200, 303, 422}
"""Answers to somebody who is admitted and whose object is there."""
ADMITTED = FOUND | {404, 409, 410, 429}
"""Answers to somebody who is admitted: the object may be missing, the form empty, the rule against it."""


def filled(path: str) -> str:
    """A route's address with an id that nobody has."""

    def value(found: re.Match[str]) -> str:
        converter, _, name = found[1].rpartition(":")
        if converter == "uuid":
            return str(uuid4())
        return "1" if converter == "int" else VALUES.get(name, "no-such-thing")

    return re.sub(r"<([^>]+)>", value, path)


def routes(app: Any) -> list[dict[str, Any]]:
    return [route for route in access.routes(app) if route["endpoint"] not in {"people.sign_out"}]


def fetch(client: Any, route: dict[str, Any], **more: Any) -> Any:
    path = filled(route["path"])
    return client.post(path, **more) if route["method"] == "POST" else client.get(path, **more)


def test_every_route_says_who_may_use_it(app: Any) -> None:
    known = {*Role, *PUBLIC, *SIGNED_IN}
    for route in access.routes(app):
        assert route["allow"], route
        assert set(route["allow"]) <= known, route


def test_a_route_without_an_audience_cannot_be_declared() -> None:
    bp = access.Blueprint("x", __name__)
    for allow in (None, set(), {"assesor"}, {"public", Role.ADMIN}):
        with pytest.raises(TypeError, match="Say who may use"):
            bp.add_url_rule("/x", view_func=lambda: "", allow=allow)


def test_addresses_are_kebab_case_nouns(app: Any) -> None:
    for route in access.routes(app):
        plain = re.sub(r"<[^>]+>", "x", route["path"])
        assert re.fullmatch(r"(/[a-z0-9-]*)+(\.(csv|pdf|json))?", plain), route["path"]


def test_a_visitor_is_led_to_the_sign_in_page_and_nowhere_else(app: Any, client: Any) -> None:
    for route in routes(app):
        if set(route["allow"]) == PUBLIC:
            continue
        answer = fetch(client, route)
        assert answer.status_code == 303, route
        assert answer.headers["Location"].startswith("/sign-in"), route
        if route["method"] == "POST":
            answer = fetch(client, route, data={"words": "Some words that were typed"})
            assert answer.status_code == 401, route
        script = fetch(client, route, headers={"Accept": "application/json"})
        assert script.status_code == 401, route


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_its_own_routes_and_no_others(role: Role, app: Any, story: Story) -> None:
    person = story.learner()[0] if role is Role.LEARNER else story.staff(role)
    client = sign_in(app, person.id)
    for route in routes(app):
        allow = set(route["allow"])
        if allow in (PUBLIC, SIGNED_IN):
            continue
        status = fetch(client, route).status_code
        if role in allow:
            assert status in ADMITTED, (route, status)
        else:
            assert status == 403, (route, status)


@pytest.mark.parametrize("role", list(Role))
def test_an_id_that_is_not_in_a_persons_scope_is_not_found(role: Role, app: Any, story: Story) -> None:
    """A stranger of the right role: the route admits them, the object does not exist for them."""
    person = story.learner()[0] if role is Role.LEARNER else story.staff(role)
    client = sign_in(app, person.id)
    for route in routes(app):
        if role in route["allow"] and "<uuid:" in route["path"] and route["method"] == "GET":
            assert fetch(client, route).status_code == 404, route


@pytest.mark.parametrize("role", list(Role))
def test_nothing_crosses_a_centres_wall(role: Role, app: Any, story: Story) -> None:
    """The ids are real, the role is right, the centre is another: a stranger reads nothing and moves nothing."""
    with story.reading() as session:
        unit = catalogue.unit(session, catalogue.latest_unit(session, QUALIFICATION, UNIT).id)
    key = next(one.key for one in unit.questions if one.kind == "extended")
    _, enrolment = story.learner()
    answer = story.hand_in(enrolment, key)
    appointment = story.appoint(story.person(), Role.ADMIN)
    choosing = selecting(story)
    application = choosing.applied("My own words")
    with story.reading() as session:
        version = enrolments.policy_for(session, choosing.cohort)[0]
    real = {"answer_id": answer.id, "enrolment_id": enrolment.id, "cohort_id": enrolment.cohort_id,
            "person_id": enrolment.person_id, "appointment_id": appointment.id,
            "application_id": application.id, "version_id": version.id}  # fmt: skip
    there = story.centre("Hill House")
    if role is Role.LEARNER:
        stranger, _ = story.learner(cohort=story.cohort("Hill cohort", centre=there))
    else:
        stranger = story.staff(role, centre=there)
    client = sign_in(app, stranger.id)
    with story.reading() as session:
        before = audit.size(session)
    for route in routes(app):
        if role not in route["allow"] or "<uuid:" not in route["path"]:
            continue
        path = route["path"].replace("<key>", key).replace("<question>", key)
        for name, real_id in real.items():
            path = path.replace(f"<uuid:{name}>", str(real_id))
        answered = fetch(client, route | {"path": path})
        assert answered.status_code == 404 or (route["method"] == "POST" and answered.status_code == 422), route
        assert b"My own words" not in answered.data, route
    with story.reading() as session:
        assert audit.size(session) == before


def test_the_command_lists_every_route(app: Any) -> None:
    listed = app.test_cli_runner().invoke(args=["access", "--json"])
    assert listed.exit_code == 0
    found = json.loads(listed.output)
    assert {(one["method"], one["path"], one["endpoint"]) for one in found} == {
        (one["method"], one["path"], one["endpoint"]) for one in access.routes(app)
    }
    assert all(set(one) == {"method", "path", "endpoint", "allow"} for one in found)


def test_somebody_without_any_role_reaches_their_account_and_nothing_else(app: Any, story: Story) -> None:
    client = sign_in(app, story.person().id)
    for route in routes(app):
        if set(route["allow"]) not in (PUBLIC, SIGNED_IN):
            assert fetch(client, route).status_code == 403, route
    assert client.get("/account").status_code == 200


def test_a_learner_reads_in_words_why_somebody_looked(app: Flask) -> None:
    named = {getattr(view, "purpose", "") for view in app.view_functions.values()} - {""}
    assert named | set(access_log.PURPOSES.values()) <= set(overview.WHY)
