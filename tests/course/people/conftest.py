"""People with passwords, and the sign-in page as they use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from course.audit import INSTALLER
from course.people import operations, passwords
from course.people.models import Person
from tests.support.story import PASSWORD, Story

HASHED = passwords.hash_of(PASSWORD)


@pytest.fixture
def with_password(story: Story) -> Callable[[Person], Person]:
    """Give a person the password of all stories."""

    def give(person: Person) -> Person:
        with story.writing() as session:
            operations.set_password(session, session.get_one(Person, person.id), HASHED, by=INSTALLER)
        return person

    return give


@pytest.fixture
def enter() -> Callable[..., Any]:
    """Sign in on the sign-in page: `enter(client, person)`."""

    def enter(client: Any, person: Person, password: str = PASSWORD, **more: str) -> Any:
        return client.post("/sign-in", data={"email": person.email, "password": password, "device": "shared", **more})

    return enter
