"""Actions: left by the external quality assurer or noted by the centre, answered there, closed by whoever looked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from assessors.external import rules
from assessors.external.models import VisitAction, VisitActionClosure
from course import audit, clock
from course.access import Role
from course.audit import AuditEvent, Event
from course.outbox import Message
from course.people.models import Person
from course.refusal import Refusal
from tests.assessors.external.conftest import Visited
from tests.support.house import HouseClient
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
TODAY = date(2026, 11, 25)
CENTRE, COLLEAGUE = uuid4(), uuid4()

CLOSING = {
    # whoever noted what was done, closed, the visitor closes, the visit is over, who closes: why not
    "nothing done, by the visitor": (None, False, True, False, COLLEAGUE, "Nothing is noted yet"),
    "nothing done, by the centre": (None, False, False, True, COLLEAGUE, "Nothing is noted yet"),
    "done, by the visitor": (CENTRE, False, True, False, COLLEAGUE, ""),
    "done, by a colleague, while the visit lasts": (CENTRE, False, False, False, COLLEAGUE, "while their visit lasts"),
    "done, by a colleague, after the visit": (CENTRE, False, False, True, COLLEAGUE, ""),
    "done, by who noted it, after the visit": (CENTRE, False, False, True, CENTRE, "You noted what was done"),
    "closed, by the visitor": (CENTRE, True, True, False, COLLEAGUE, "closed already"),
    "closed, by a colleague": (CENTRE, True, False, True, COLLEAGUE, "closed already"),
}


@pytest.mark.parametrize("state", CLOSING)
def test_when_and_by_whom_an_action_is_closed(state: str) -> None:
    done_by, closed, is_own, is_over, by, sentence = CLOSING[state]
    facts = {"done_by": done_by, "closed": closed, "is_own": is_own, "is_over": is_over, "by": by}
    if sentence:
        with pytest.raises(Refusal, match=sentence):
            rules.close_action(**facts)
    else:
        assert rules.close_action(**facts).event is Event.VISIT_ACTION_CLOSED


def test_the_visitor_gives_the_centre_time_and_the_centre_may_note_what_is_late() -> None:
    yesterday = TODAY - timedelta(days=1)
    with pytest.raises(Refusal, match="This day has passed"):
        rules.note_action(words="Update it.", due_on=yesterday, today=TODAY, is_own=True)
    assert rules.note_action(words="Update it.", due_on=TODAY, today=TODAY, is_own=True)
    assert rules.note_action(words="Update it.", due_on=yesterday, today=TODAY, is_own=False)


def events(story: Story, most: int = 1) -> list[tuple[str, str]]:
    with story.reading() as session:
        assert list(audit.verify(session)) == []
        rows = session.execute(select(AuditEvent.action, AuditEvent.role).order_by(AuditEvent.seq.desc()).limit(most))
        return [(row.action, row.role) for row in rows]


def letters_to(story: Story, person_id: UUID) -> list[str]:
    with story.reading() as session:
        address = session.get_one(Person, person_id).email
        links = session.scalars(select(Message.link).where(Message.to_email == address).order_by(Message.id))
        return [urlsplit(one).path for one in links]


def left(visited: Visited, story: Story, client_for: SignIn, *, days: int = 10) -> VisitAction:
    """Helen leaves an action."""
    data = {"words": "Say in the policy who sits on a panel.", "due_on": clock.now().date() + timedelta(days=days)}
    answer = client_for(visited.eqa).post(f"/external/visits/{visited.visit.id}/actions", data=data)
    assert answer.status_code == 303
    with story.reading() as session:
        return session.scalars(select(VisitAction)).one()


def test_an_action_is_left_answered_and_closed(visited: Visited, story: Story, client_for: SignIn) -> None:
    helen, ruth = client_for(visited.eqa), client_for(visited.lead)
    theirs, ours = f"/external/visits/{visited.visit.id}", f"/visits/{visited.visit.id}"
    wrong = helen.post(f"{theirs}/actions", data={"words": "Say who sits on a panel."})
    assert wrong.status_code == 422
    assert "Say who sits on a panel." in wrong.get_data(as_text=True)
    assert "<title>Error:" in wrong.get_data(as_text=True)
    assert helen.post(f"{theirs}/actions", data={"words": "Now.", "due_on": "2020-01-01"}).status_code == 409
    action = left(visited, story, client_for)
    assert events(story) == [("visit-action.noted", Role.EQA)]
    assert letters_to(story, visited.visit.set_up_by) == [ours]
    closing = f"{theirs}/actions/{action.id}/closure"
    assert helen.post(closing).status_code == 409
    assert "1 action to answer." in ruth.get("/visits").get_data(as_text=True)
    page = ruth.get(ours).get_data(as_text=True)
    assert "Say in the policy who sits on a panel." in page
    assert "Left by" in page
    done = {"words": "It says so now.", "done_on": clock.now().date()}
    assert ruth.post(f"{ours}/actions/{action.id}/done", data=done).status_code == 303
    assert events(story) == [("visit-action.done", Role.LEAD_IQA)]
    assert "/external" in letters_to(story, visited.eqa.id)
    assert ruth.post(f"{ours}/actions/{action.id}/closure").status_code == 409
    assert "to answer" not in ruth.get("/visits").get_data(as_text=True)
    assert "It says so now." in helen.get(theirs).get_data(as_text=True)
    assert helen.post(closing).status_code == 303
    assert events(story) == [("visit-action.closed", Role.EQA)]
    assert helen.post(closing).status_code == 409
    with story.reading() as session:
        assert session.scalars(select(VisitActionClosure)).one().closed_by == visited.eqa.id
    assert "This is enough" not in helen.get(theirs).get_data(as_text=True)
    assert "Closed" in ruth.get(ours).get_data(as_text=True)


def test_the_centre_closes_what_was_left_open_when_the_visit_ended(
    visited: Visited, story: Story, client_for: SignIn, at: Callable[[Any], None]
) -> None:
    action, ours = left(visited, story, client_for), f"/visits/{visited.visit.id}"
    at(clock.now() + timedelta(days=20))
    ruth, moira = client_for(visited.lead), client_for(visited.admin)
    done = {"words": "It says so now.", "done_on": clock.now().date()}
    assert ruth.post(f"{ours}/actions/{action.id}/done", data=done).status_code == 303
    assert "/external" not in letters_to(story, visited.eqa.id)[1:]
    closing = f"/external/visits/{visited.visit.id}/actions/{action.id}/closure"
    assert client_for(visited.eqa).post(closing).status_code == 403
    assert ruth.post(f"{ours}/actions/{action.id}/closure").status_code == 409
    assert moira.post(f"{ours}/actions/{action.id}/closure").status_code == 303
    assert events(story) == [("visit-action.closed", Role.ADMIN)]


def test_an_action_of_another_visit_does_not_exist(visited: Visited, story: Story, client_for: SignIn) -> None:
    action = left(visited, story, client_for)
    other = client_for(story.staff(Role.EQA))
    base = f"/external/visits/{visited.visit.id}/actions"
    assert other.post(base, data={"words": "x", "due_on": "2030-01-01"}).status_code == 404
    assert other.post(f"{base}/{action.id}/closure").status_code == 404
    assert client_for(visited.eqa).post(f"{base}/{uuid4()}/closure").status_code == 404
    stranger = client_for(story.staff(Role.LEAD_IQA, centre=story.centre("Hill House")))
    assert stranger.post(f"/visits/{visited.visit.id}/actions/{action.id}/closure").status_code == 404
