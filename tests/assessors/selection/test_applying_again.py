"""Applying again: after a stop, a no or a not yet, a new application with the next number; the old one stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from assessors.selection.models import Application, ReferenceRequest
from assessors.selection.operations import applying
from assessors.selection.operations.applying import applicant
from assessors.selection.queries import applications as queries
from assessors.selection.queries import opened
from assessors.selection.rules import MAY_APPLY_AGAIN, Outcome, Standing
from assessors.selection.words import ApplicationWords
from course import clock, jobs
from course.audit import Event
from course.outbox import Message
from course.people.models import Person
from course.refusal import Refusal
from tests.support.applicants import WORDS, Selecting, whole_words
from tests.support.story import Story


def open_intake(choosing: Selecting, client_for: Any) -> None:
    assert client_for(choosing.first).post(f"/selection/cohorts/{choosing.cohort.id}/intake").status_code == 303


def bring_to(choosing: Selecting, standing: Standing) -> Application:
    """Ann Lee's application, brought to stand so."""
    if standing is Standing.DRAFT:
        return choosing.draft("Ann Lee")
    if standing in (Standing.SENT, Standing.WITHDRAWN):
        sent = choosing.applied("Ann Lee")
        if standing is Standing.WITHDRAWN:
            stop(choosing, sent)
        return sent
    application = choosing.scored("Ann Lee")
    outcomes = {
        Standing.DECLINED: Outcome.DECLINE, Standing.DEFERRED: Outcome.DEFER, Standing.WAITING: Outcome.WAITLIST,
        Standing.OFFERED: Outcome.OFFER, Standing.TURNED_DOWN: Outcome.OFFER, Standing.ACCEPTED: Outcome.OFFER,
    }  # fmt: skip
    if standing in outcomes:
        until = clock.now().date() + timedelta(days=40) if standing is Standing.DEFERRED else None
        choosing.decide(application, outcomes[standing], until=until)
    if standing in (Standing.TURNED_DOWN, Standing.ACCEPTED):
        with choosing.acting(application) as (session, found):
            accept = standing is Standing.ACCEPTED
            applying.answer_offer(session, found, accept=accept, by=applicant(application.person_id))
    return application


def stop(choosing: Selecting, application: Application) -> None:
    with choosing.acting(application) as (session, found):
        applying.withdraw(session, found, by=applicant(application.person_id))


def again(choosing: Selecting, story: Story, application: Application) -> Application:
    """The same person begins and sends one more."""
    with story.reading() as session:
        person = session.get_one(Person, application.person_id)
    return choosing.applied(person=person)


TABLE = {standing: standing in MAY_APPLY_AGAIN for standing in Standing if standing is not Standing.SCORED_ONCE}


@pytest.mark.parametrize(("standing", "is_new"), TABLE.items())
def test_who_may_apply_again(
    choosing: Selecting, story: Story, client_for: Any, standing: Standing, is_new: bool
) -> None:
    assert {key for key, new in TABLE.items() if new} == {"withdrawn", "turned-down", "declined", "deferred"}
    first = bring_to(choosing, standing)
    assert choosing.found(first).standing is standing
    open_intake(choosing, client_for)
    client = client_for(first.person_id)
    assert ("Apply again" in client.get(f"/applications/{first.id}").get_data(as_text=True)) is is_new
    begun = client.post(f"/apply/{choosing.cohort.id}")
    twice = client.post(f"/apply/{choosing.cohort.id}")
    assert begun.status_code == 303
    assert begun.headers["Location"] == twice.headers["Location"], "a double press begins one application"
    assert begun.headers["Location"].endswith(f"/applications/{first.id}") is not is_new
    with story.reading() as session:
        assert sorted(session.scalars(select(Application.number))) == ([1, 2] if is_new else [1])
    assert choosing.found(first).standing is standing, "the old row stays as it was"
    if is_new:
        assert "You have applied again since." in client.get(f"/applications/{first.id}").get_data(as_text=True)


def test_an_invitation_after_a_stop_leads_to_a_new_application(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    first = bring_to(choosing, Standing.WITHDRAWN)
    with story.reading() as session:
        email = session.get_one(Person, first.person_id).email
    data = {"name": "Ann Lee", "email": email}
    sent = client_for(choosing.first).post(f"/selection/cohorts/{choosing.cohort.id}/invitations", data=data)
    assert sent.status_code == 303
    with story.reading() as session:
        letter = session.scalars(select(Message).where(Message.key.startswith("apply:"))).one()
        new = session.scalars(select(Application).where(Application.number == 2)).one()
    assert letter.link.endswith(f"/applications/{new.id}")
    assert "Your application" in client_for(first.person_id).get(f"/applications/{new.id}").get_data(as_text=True)


def test_earlier_words_are_offered_copied_once_and_confirmed_anew(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    first = bring_to(choosing, Standing.DECLINED)
    with story.reading() as session:
        new = choosing.draft(person=session.get_one(Person, first.person_id))
    client, address = client_for(first.person_id), f"/applications/{new.id}"
    assert "Start from what I wrote" in client.get(address).get_data(as_text=True)
    assert client_for(story.person("Bo Dean")).post(f"{address}/earlier-words").status_code == 404
    assert client.post(f"{address}/earlier-words").status_code == 303
    with choosing.acting(new) as (session, found):
        copied = opened.written(session, found)
    assert copied == whole_words().model_copy(update={"confirmed": ()})
    page = client.get(address).get_data(as_text=True)
    assert WORDS in page
    assert "Start from what I wrote" not in page
    other = ApplicationWords(support="Other words")
    assert client.post(f"{address}/earlier-words").status_code == 303, "a double press is harmless"
    with choosing.acting(new) as (session, found), pytest.raises(Refusal, match="written here already"):
        applying.write_again(session, found, other, by=applicant(new.person_id))
    first_one = f"/applications/{first.id}/earlier-words"
    assert client.post(first_one).status_code == 404, "there was none before the first"


def test_earlier_words_that_were_destroyed_are_not_offered(
    choosing: Selecting, story: Story, client_for: Any, at: Any
) -> None:
    first = bring_to(choosing, Standing.DECLINED)
    at(clock.now() + timedelta(days=31))
    jobs.run_due(story.app)
    with story.reading() as session:
        new = choosing.draft(person=session.get_one(Person, first.person_id))
    client, address = client_for(first.person_id), f"/applications/{new.id}"
    assert "Start from what I wrote" not in client.get(address).get_data(as_text=True)
    assert client.post(f"{address}/earlier-words").status_code == 409


def test_selectors_see_the_latest_that_was_sent_and_the_way_to_the_earlier(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    first = bring_to(choosing, Standing.DEFERRED)
    client, listed = client_for(choosing.first), f"/selection/cohorts/{choosing.cohort.id}"
    with story.reading() as session:
        choosing.draft(person=session.get_one(Person, first.person_id))
    assert f"/selection/applications/{first.id}" in client.get(listed).get_data(as_text=True), "until the next is sent"
    second = again(choosing, story, first)
    page = client.get(listed).get_data(as_text=True)
    assert f"/selection/applications/{second.id}" in page
    assert f"/selection/applications/{first.id}" not in page
    new = client.get(f"/selection/applications/{second.id}").get_data(as_text=True)
    assert "They applied before" in new
    assert "Look again later" in new
    old = client.get(f"/selection/applications/{first.id}").get_data(as_text=True)
    assert f'href="/selection/applications/{second.id}">Go to the newer one' in old
    assert "Agree on something else" not in old
    assert choosing.entries(Event.APPLICATION_SENT) == 2
    with story.reading() as session:
        assert [one.id for one in queries.of_cohort(session, choosing.cohort)] == [second.id]


def test_nothing_is_done_with_an_application_that_a_newer_one_took_the_place_of(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    first = bring_to(choosing, Standing.DEFERRED)
    again(choosing, story, first)
    address, client = f"/selection/applications/{first.id}", client_for(choosing.first)
    offer = {"outcome": "offer", "reason": "You know how to listen.", "seen": "1"}
    waiver = {"waiver-criterion": "agree-to-supervision", "waiver-reason": "We talked."}
    for verb, data in (("decision", offer), ("waivers", waiver), ("references/keyworker-view", {})):
        assert client.post(f"{address}/{verb}", data=data).status_code in (409, 422), verb
    assert choosing.found(first).standing is Standing.DEFERRED
    assert choosing.entries(Event.WAIVER_ASKED) == 0
    with story.reading() as session:
        assert session.scalar(select(ReferenceRequest.id)) is None


def test_a_new_application_waits_while_there_is_news_about_the_earlier(choosing: Selecting, story: Story) -> None:
    first = bring_to(choosing, Standing.DEFERRED)
    with story.reading() as session:
        new = choosing.draft(person=session.get_one(Person, first.person_id))
    choosing.decide(first, Outcome.OFFER)
    with choosing.acting(new) as (session, found), pytest.raises(Refusal, match="news about your earlier"):
        applying.send(session, found, whole_words(), notice="x", noticed=True, by=applicant(new.person_id))
    with choosing.acting(first) as (session, found):
        applying.answer_offer(session, found, accept=False, by=applicant(first.person_id))
    assert choosing.entries(Event.APPLICATION_SENT) == 1
    with choosing.acting(new) as (session, found):
        applying.send(session, found, whole_words(), notice="x", noticed=True, by=applicant(new.person_id))
    assert choosing.entries(Event.APPLICATION_SENT) == 2
