"""Applying: by invitation or at an open address, in pencil until it is sent, and never a question too early."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from assessors.selection import notice
from assessors.selection.models import Application, ApplicationSent, Declared, EligibleDate, MonitoringAnswer
from assessors.selection.operations import applying
from assessors.selection.operations.applying import Save, applicant
from assessors.selection.rules import Outcome
from assessors.selection.words import Referee
from course.access import Role
from course.audit import Event
from course.enrolment.models import Enrolment
from course.outbox import BODIES, SUBJECTS, Letter, Message
from course.pages import date_in_words
from course.people.models import Person
from course.refusal import Refusal
from tests.support.applicants import WORDS, Selecting, whole_words
from tests.support.story import Story


def open_intake(choosing: Selecting, client_for: Any) -> None:
    """A selector opens the cohort's address."""
    answer = client_for(choosing.first).post(f"/selection/cohorts/{choosing.cohort.id}/intake")
    assert answer.status_code == 303


def count(story: Story, table: Any) -> int:
    with story.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


# -- off by default --------------------------------------------------------------------------------------------------


def test_selection_is_off_until_a_policy_asks_for_it(story: Story, client_for: Any, client: Any) -> None:
    cohort, selector = story.cohort(), story.staff(Role.SELECTOR)
    page = client_for(selector).get("/selection").get_data(as_text=True)
    assert "Selection is off" in page
    refused = client_for(selector).post(f"/selection/cohorts/{cohort.id}/intake")
    assert refused.status_code == 409
    assert client.get(f"/apply/{cohort.id}").status_code == 404
    invited = client_for(selector).post(
        f"/selection/cohorts/{cohort.id}/invitations", data={"name": "Ann Lee", "email": "ann@example.org"}
    )
    assert invited.status_code == 409
    assert count(story, Application) == 0


def test_an_address_is_open_only_between_opening_and_closing_it(
    choosing: Selecting, client_for: Any, client: Any
) -> None:
    address = f"/apply/{choosing.cohort.id}"
    assert client.get(address).status_code == 404
    open_intake(choosing, client_for)
    assert client.get(address).status_code == 200
    closed = client_for(choosing.first).post(f"/selection/cohorts/{choosing.cohort.id}/intake/end")
    assert closed.status_code == 303
    said = client.get(address)
    assert said.status_code == 410
    assert "Applications are closed" in said.get_data(as_text=True)
    for visitor in (client, client_for(choosing.story.person("Bo Dean"))):
        late = visitor.post(address, data={"name": "Ann", "email": "ann@example.org"})
        assert late.status_code == 410
    with choosing.story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Application)) == 0
    assert (choosing.entries(Event.INTAKE_OPENED), choosing.entries(Event.INTAKE_CLOSED)) == (1, 1)


# -- asking ----------------------------------------------------------------------------------------------------------


def test_an_enquiry_asks_how_to_reach_somebody_and_nothing_else(
    choosing: Selecting, client_for: Any, client: Any
) -> None:
    open_intake(choosing, client_for)
    page = client.get(f"/apply/{choosing.cohort.id}").get_data(as_text=True)
    asked = set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page)) - {"csrf_token"}
    assert asked == {"name", "known_as", "email"}
    assert notice.VERSION in page


def test_the_same_is_said_to_somebody_known_and_unknown(
    choosing: Selecting, story: Story, client_for: Any, client: Any
) -> None:
    open_intake(choosing, client_for)
    known = story.person("Kim Known")
    answers = [
        client.post(f"/apply/{choosing.cohort.id}", data={"name": "Kim", "email": address})
        for address in (known.email, "nobody.yet@example.org")
    ]
    assert len({re.sub(r'name="csrf_token" value="[^"]+"', "", one.get_data(as_text=True)) for one in answers}) == 1
    assert count(story, Application) == 2
    with story.reading() as session:
        letters = set(session.scalars(select(Message.letter)))
        assert session.scalar(select(Person.name).where(Person.email == known.email)) == "Kim Known"
    assert letters >= {Letter.INVITATION, Letter.SOMETHING_TO_READ}


def test_an_enquiry_without_an_address_keeps_what_was_typed(choosing: Selecting, client_for: Any, client: Any) -> None:
    open_intake(choosing, client_for)
    wrong = client.post(f"/apply/{choosing.cohort.id}", data={"name": "Ann Lee", "email": "ann"})
    assert wrong.status_code == 422
    assert "Ann Lee" in wrong.get_data(as_text=True)


def test_enquiries_from_one_place_are_limited(choosing: Selecting, client_for: Any, client: Any) -> None:
    open_intake(choosing, client_for)
    data = {"name": "Ann", "email": "ann@example.org"}
    answers = [client.post(f"/apply/{choosing.cohort.id}", data=data).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_somebody_signed_in_begins_at_once(choosing: Selecting, story: Story, client_for: Any) -> None:
    open_intake(choosing, client_for)
    visitor = client_for(story.person("Ann Lee"))
    begun = visitor.post(f"/apply/{choosing.cohort.id}")
    assert begun.status_code == 303
    assert "Your application" in visitor.get(begun.headers["Location"]).get_data(as_text=True)
    assert visitor.get("/").headers["Location"] == "/applications"
    assert "Not sent yet" in visitor.get("/applications").get_data(as_text=True)


def test_an_admin_invites_and_reads_nobodys_application(choosing: Selecting, story: Story, client_for: Any) -> None:
    admin = client_for(story.staff(Role.ADMIN))
    data = {"name": "Ann Lee", "email": "ann.lee@example.org"}
    assert admin.post(f"/selection/cohorts/{choosing.cohort.id}/invitations", data=data).status_code == 303
    assert count(story, Application) == 1
    sent = choosing.applied("Bo Dean")
    assert admin.get(f"/selection/applications/{sent.id}").status_code == 403
    assert admin.get(f"/selection/cohorts/{choosing.cohort.id}").status_code == 403


# -- writing ---------------------------------------------------------------------------------------------------------


def fields(base: int = 0, **more: str) -> dict[str, str]:
    return {"base": str(base), "answer-why-mentor": WORDS, "confirm-agree-to-supervision": "yes",
            "from-steady-time": "2026-11-01", "name-keyworker-view": "Kay Worker",
            "email-keyworker-view": "kay@example.org", "knows_me-keyworker-view": "My keyworker",
            "support": "Large print", **more}  # fmt: skip


def test_words_are_kept_as_one_goes_with_and_without_a_script(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.draft("Ann Lee")
    client = client_for(application.person_id)
    address = f"/applications/{application.id}"
    headers = {"Accept": "application/json", "X-Save": "one"}
    saved = client.post(f"{address}/draft", data=fields(), headers=headers)
    assert saved.json["saved"].startswith("Saved today at")
    assert (saved.json["nonce"], saved.json["revision"]) == ("one", 1)
    plain = client.post(f"{address}/draft", data=fields(1, support="A quiet room"))
    assert plain.status_code == 303
    page = client.get(address).get_data(as_text=True)
    assert WORDS in page
    assert "A quiet room" in page
    assert 'value="2026-11-01"' in page
    day = f"You can start from {date_in_words(date(2026, 11, 1))}."
    assert day in client.get(f"{address}/sending").get_data(as_text=True)
    assert choosing.entries(Event.APPLICATION_SENT) == 0, "pencil writes no audit entry"


def test_what_is_no_address_is_saved_and_said_in_the_form_before_sending(choosing: Selecting, client_for: Any) -> None:
    application = choosing.draft("Ann Lee")
    client, address = client_for(application.person_id), f"/applications/{application.id}"
    wrong = {"email-keyworker-view": "not an address"}
    assert client.post(f"{address}/draft", data=fields(**wrong)).status_code == 303, "half typed is saved all the same"
    looked = client.post(f"{address}/draft", data=fields(1, look="yes", support="A quiet room", **wrong))
    sent = client.post(f"{address}/sending", data={"noticed": "yes"})
    for answer in (looked, sent):
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert 'href="#email-keyworker-view"' in page
        assert "Enter an email address with an @ in it." in page
        assert "A quiet room" in page
    assert 'name="base" value="2"' in looked.get_data(as_text=True), "the page builds on what it just saved"
    assert choosing.entries(Event.APPLICATION_SENT) == 0
    words = whole_words(referees={"keyworker-view": Referee(email="not an address")})
    with choosing.acting(application) as (session, found), pytest.raises(Refusal, match="is not one"):
        applying.send(session, found, words, notice="x", noticed=True, by=applicant(application.person_id))
    none = fields(2, look="yes", **{"email-keyworker-view": ""})
    assert client.post(f"{address}/draft", data=none).status_code == 303, "to name nobody is no mistake"
    assert client.post(f"{address}/sending", data={"noticed": "yes"}).status_code == 303


def test_a_draft_is_the_writers_alone(choosing: Selecting, client_for: Any, story: Story) -> None:
    application = choosing.draft("Ann Lee")
    client_for(application.person_id).post(f"/applications/{application.id}/draft", data=fields())
    stranger = client_for(story.person())
    for path in ("", "/sending", "/about-you"):
        assert stranger.get(f"/applications/{application.id}{path}").status_code == 404
    for path in ("draft", "sending", "withdrawal", "reply", "about-you"):
        assert stranger.post(f"/applications/{application.id}/{path}", data=fields()).status_code == 404
    selector = client_for(choosing.first)
    assert selector.get(f"/selection/applications/{application.id}").status_code == 404
    assert "Ann Lee" not in selector.get(f"/selection/cohorts/{choosing.cohort.id}").get_data(as_text=True)


def test_two_pages_never_overwrite_each_other_silently(choosing: Selecting, client_for: Any) -> None:
    application = choosing.draft("Ann Lee")
    client = client_for(application.person_id)
    address = f"/applications/{application.id}/draft"
    client.post(address, data=fields())
    clash = client.post(address, data=fields(support="Words from the other page"))
    assert clash.status_code == 409
    assert "Words from the other page" in clash.get_data(as_text=True)
    again = client.post(address, data=fields())
    assert again.status_code == 303, "the same words twice are no clash"


def test_a_save_whose_answer_was_lost_is_no_clash(choosing: Selecting) -> None:
    application = choosing.draft("Ann Lee")
    by = applicant(application.person_id)
    with choosing.acting(application) as (session, found):
        applying.save_draft(session, found, whole_words(), Save(0, "lost"), by=by)
    with choosing.acting(application) as (session, found):
        row = applying.save_draft(session, found, whole_words(support="More"), Save(0, "next", ["lost"]), by=by)
        assert row.revision == 2


def test_too_much_is_refused_with_what_was_typed(choosing: Selecting, client_for: Any) -> None:
    application = choosing.draft("Ann Lee")
    client = client_for(application.person_id)
    long = client.post(f"/applications/{application.id}/draft", data=fields(support="x " * 4000))
    assert long.status_code == 422
    assert "Shorten this" in long.get_data(as_text=True)
    script = client.post(
        f"/applications/{application.id}/draft", data=fields(support="x " * 4000),
        headers={"Accept": "application/json"},
    )  # fmt: skip
    assert script.status_code == 422
    assert "Shorten" in script.json["problem"]


# -- sending ---------------------------------------------------------------------------------------------------------


def test_sending_makes_ink_under_the_criteria_and_notice_shown(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.draft("Ann Lee")
    client = client_for(application.person_id)
    look = client.post(f"/applications/{application.id}/draft", data=fields(look="yes"))
    assert look.headers["Location"].endswith("/sending")
    assert WORDS in client.get(look.headers["Location"]).get_data(as_text=True)
    assert client.post(look.headers["Location"]).status_code == 422, "the notice has to be confirmed"
    assert client.post(look.headers["Location"], data={"noticed": "yes"}).status_code == 303
    with story.reading() as session:
        sent = session.scalars(select(ApplicationSent)).one()
        assert sent.notice == notice.VERSION
        assert session.scalars(select(Declared.is_confirmed)).all() == [True]
        assert [one.isoformat() for one in session.scalars(select(EligibleDate.from_date))] == ["2026-11-01"]
        assert session.get_one(Application, application.id).words_id is None
    assert choosing.entries(Event.APPLICATION_SENT) == 1
    again = client.post(f"/applications/{application.id}/draft", data=fields(1))
    assert again.status_code == 409


def test_an_empty_application_is_no_refusal(choosing: Selecting) -> None:
    """Low literacy is no gate: whatever is left empty is a question for a person."""
    application = choosing.applied("Ann Lee", whole_words().__class__())
    found = choosing.found(application)
    assert found.standing == "sent"
    assert {one.criterion.key for one in found.flags} == {
        "agree-to-supervision", "steady-time", "why-mentor", "conversation", "keyworker-view", "identity",
    }  # fmt: skip


def test_no_health_fact_is_stored_only_a_day(choosing: Selecting, story: Story) -> None:
    columns = {column.name for column in EligibleDate.__table__.columns}
    assert columns == {"id", "application_id", "criterion", "from_date", "days", "noted_by", "appointment_id", "at"}


def test_the_form_says_that_prescribed_medicine_never_counts(choosing: Selecting, client_for: Any) -> None:
    application = choosing.draft("Ann Lee")
    page = client_for(application.person_id).get(f"/applications/{application.id}").get_data(as_text=True)
    assert "Medicine that was prescribed to you never counts." in page


# -- after sending ---------------------------------------------------------------------------------------------------


def test_letters_say_only_that_there_is_something_to_read(choosing: Selecting, story: Story) -> None:
    application = choosing.scored("Ann Lee")
    choosing.decide(application, Outcome.DECLINE, reason="Not this time, because places are few.")
    with story.reading() as session:
        letter = session.scalars(select(Message).where(Message.key.startswith("selection:"))).one()
    assert letter.letter == Letter.SOMETHING_TO_READ
    assert letter.link.endswith(f"/applications/{application.id}")
    for text in (SUBJECTS[Letter.SOMETHING_TO_READ], BODIES[Letter.SOMETHING_TO_READ]):
        assert not re.search(r"apply|application|place|offer|course|mentor", text, re.IGNORECASE)


LETTERS = {
    Outcome.OFFER: "There is a place for you",
    Outcome.DEFER: "We would like to look again later",
    Outcome.WAITLIST: "You are on the waiting list",
    Outcome.DECLINE: "There is no place for you this time",
}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_applicant_reads_the_outcome_and_the_reason(
    choosing: Selecting, client_for: Any, outcome: Outcome, story: Story
) -> None:
    application = choosing.scored("Ann Lee")
    from course import clock  # the day is read when the test runs

    until = clock.now().date().replace(year=clock.now().year + 1) if outcome is Outcome.DEFER else None
    choosing.decide(application, outcome, reason="You wrote with care about listening.", until=until)
    page = client_for(application.person_id).get(f"/applications/{application.id}").get_data(as_text=True)
    assert LETTERS[outcome] in page
    assert "You wrote with care about listening." in page


def test_a_yes_to_an_offer_enrols_through_the_usual_operation(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.scored("Ann Lee")
    choosing.decide(application)
    client = client_for(application.person_id)
    address = f"/applications/{application.id}"
    assert client.post(f"{address}/reply").status_code == 422
    assert client.post(f"{address}/reply", data={"answer": "yes"}).status_code == 303
    assert client.post(f"{address}/reply", data={"answer": "no"}).status_code == 409
    with story.reading() as session:
        enrolment = session.scalars(select(Enrolment)).one()
    assert (enrolment.person_id, enrolment.cohort_id) == (application.person_id, choosing.cohort.id)
    assert (choosing.entries(Event.OFFER_ANSWERED), choosing.entries(Event.LEARNER_ENROLLED)) == (1, 1)
    assert client.get("/learn").status_code == 200


def test_a_no_to_an_offer_enrols_nobody(choosing: Selecting, story: Story, client_for: Any) -> None:
    application = choosing.scored("Ann Lee")
    choosing.decide(application)
    answer = client_for(application.person_id).post(f"/applications/{application.id}/reply", data={"answer": "no"})
    assert answer.status_code == 303
    assert count(story, Enrolment) == 0
    assert choosing.found(application).standing == "turned-down"


def test_an_applicant_stops_without_a_reason(choosing: Selecting, client_for: Any) -> None:
    application = choosing.applied("Ann Lee")
    client = client_for(application.person_id)
    assert client.post(f"/applications/{application.id}/withdrawal").status_code == 303
    assert client.post(f"/applications/{application.id}/withdrawal").status_code == 409
    assert choosing.entries(Event.APPLICATION_WITHDRAWN) == 1
    with choosing.acting(application) as (session, found), pytest.raises(Refusal):
        applying.send(session, found, whole_words(), notice="x", noticed=True, by=applicant(application.person_id))


def test_answers_about_oneself_are_optional_changed_and_forgotten(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.applied("Ann Lee")
    client = client_for(application.person_id)
    address = f"/applications/{application.id}/about-you"
    assert client.post(address, data={"gender": "woman", "age": "prefer-not"}).status_code == 303
    assert re.search(r'name="gender" value="woman" checked', client.get(address).get_data(as_text=True))
    assert count(story, MonitoringAnswer) == 1
    assert client.post(address).status_code == 303
    assert count(story, MonitoringAnswer) == 0
    selector = client_for(choosing.first).get(f"/selection/applications/{application.id}").get_data(as_text=True)
    assert "Prefer not" not in selector


def test_a_learner_finds_the_way_to_take_back_what_they_told_when_they_applied(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.scored("Ann Lee")
    choosing.decide(application)
    choosing.tell(application, gender="woman")
    client, address = client_for(application.person_id), f"/applications/{application.id}"
    client.post(f"{address}/reply", data={"answer": "yes"})
    for page, link in (("/account", "/applications"), ("/applications", address), (address, f"{address}/about-you")):
        assert f'href="{link}"' in client.get(page).get_data(as_text=True)
    asked = client.get(f"{address}/about-you").get_data(as_text=True)
    assert "or how work is judged, it sees whether one group would lose by it" in asked
    assert client.post(f"{address}/about-you").status_code == 303
    assert count(story, MonitoringAnswer) == 0
