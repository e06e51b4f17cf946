"""Facts about the induction page: read, ticked, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from course.access import Role
from course.catalogue import queries as catalogue
from course.enrolment import queries
from tests.support.story import Story


def version(story: Story) -> str:
    """The newest induction's id."""
    with story.reading() as session:
        newest = catalogue.latest_induction(session)
        assert newest is not None
        return str(newest.id)


def test_a_learner_reads_the_induction_and_agrees(story: Story, client_for: Callable[[Any], Any]) -> None:
    person, enrolment = story.learner(inducted=False)
    client, address = client_for(person), f"/learn/{enrolment.id}/induction"
    assert "Agree and go on" in client.get(address).text
    answer = client.post(address, data={"version": version(story), "read": "yes"})
    assert (answer.status_code, answer.location) == (303, "/learn")
    with story.reading() as session:
        assert queries.is_inducted(session, enrolment.id)
    assert "You agreed to this today" in client.get(address).text


def test_without_the_tick_nothing_is_agreed(story: Story, client_for: Callable[[Any], Any]) -> None:
    person, enrolment = story.learner(inducted=False)
    answer = client_for(person).post(f"/learn/{enrolment.id}/induction", data={"version": version(story)})
    assert answer.status_code == 422
    assert "Tick the box" in answer.text
    with story.reading() as session:
        assert not queries.is_inducted(session, enrolment.id)


def test_an_induction_that_changed_meanwhile_is_read_again(story: Story, client_for: Callable[[Any], Any]) -> None:
    person, enrolment = story.learner(inducted=False)
    answer = client_for(person).post(f"/learn/{enrolment.id}/induction", data={"version": str(uuid4()), "read": "yes"})
    assert answer.status_code == 409


def test_nobody_reads_or_agrees_for_another_learner(story: Story, client_for: Callable[[Any], Any]) -> None:
    _, enrolment = story.learner(inducted=False)
    other, _ = story.learner()
    address = f"/learn/{enrolment.id}/induction"
    client = client_for(other)
    assert client.get(address).status_code == 404
    assert client.post(address, data={"version": version(story), "read": "yes"}).status_code == 404
    assert client_for(story.staff(Role.ADMIN)).get(address).status_code == 403
