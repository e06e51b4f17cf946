"""What a table of states × verbs × roles needs: one person in each role, and a verb tried on them and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from course import access
from course.access import Role
from course.audit import Actor
from course.people.models import Person
from course.refusal import Refusal
from tests.support.marked import actor
from tests.support.story import Story, learner_actor

STAFF = tuple(role for role in Role if role != Role.LEARNER)
Act = Callable[[Session, Actor], object]


class _UndoneError(Exception):
    """The verb worked; nothing of it is kept."""


def one_of_each(story: Story, learner: Person) -> dict[Role, Actor]:
    """Somebody in every role, none of whom has had a part in anything; the learner is the one whom it is about."""
    found = {role: actor(story, story.staff(role), role) for role in STAFF}
    return found | {Role.LEARNER: learner_actor(learner)}


def admitted(story: Story, endpoint: str) -> set[Role]:
    """The roles that a route lets in."""
    return {Role(role) for route in access.routes(story.app) if route["endpoint"] == endpoint
            for role in route["allow"] if route["method"] == "POST"}  # fmt: skip


def tried(story: Story, act: Act, by: Actor) -> tuple[str, ...]:
    """The events that an operation would write, in order; none when it is refused. Nothing is kept."""
    happened: tuple[Any, ...] = ()
    try:
        with story.writing() as session:
            act(session, by)
            session.flush()
            happened = tuple(str(entry.event.value) for entry in session.info.get("audit", []))
            raise _UndoneError
    except _UndoneError:
        assert happened, "an operation without an audit entry"
    except Refusal:
        return ()
    return happened


def who_may(story: Story, endpoint: str, act: Act, people: dict[Role, Actor]) -> dict[Role, tuple[str, ...]]:
    """By role that the route lets in and the operation does not refuse: the events written."""
    doors = admitted(story, endpoint)
    assert doors, endpoint
    found = {role: tried(story, act, by) for role, by in people.items() if role in doors}
    return {role: events for role, events in found.items() if events}
