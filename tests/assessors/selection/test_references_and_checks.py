"""References through a link that works once, and the checks tracker: what is noted, what is never kept, what is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from assessors.selection.models import CheckSeen, Reference, ReferenceRequest
from assessors.selection.operations import deciding
from assessors.selection.words import Referee, ReferenceWords
from course import audit, clock
from course.audit import Event
from course.outbox import BODIES, SUBJECTS, Letter, Message
from course.refusal import Refusal
from course.special_log import SpecialOpening
from tests.support.applicants import Selecting, whole_words
from tests.support.story import Story

REFERENCE = {"knows": "As a keyworker, two years", "words": "Others rely on her every week."}


def ask(choosing: Selecting, story: Story, client_for: Any, application: Any) -> str:
    """A selector asks for the reference; the path of the link in the letter."""
    asked = client_for(choosing.first).post(f"/selection/applications/{application.id}/references/keyworker-view")
    assert asked.status_code == 303
    with story.reading() as session:
        letter = session.scalars(
            select(Message).where(Message.letter == Letter.REFERENCE).order_by(Message.written_at.desc())
        ).first()
    assert letter is not None
    assert letter.to_email == "kay@example.org"
    return "/references/" + letter.link.rsplit("/", 1)[1]


def test_a_referee_answers_once_without_an_account(
    choosing: Selecting, story: Story, client_for: Any, client: Any
) -> None:
    application = choosing.applied("Ann Lee")
    path = ask(choosing, story, client_for, application)
    assert "Ann Lee" in client.get(path).get_data(as_text=True)
    wrong = client.post(path, data={"words": "Kept words about her."})
    assert wrong.status_code == 422
    assert "Kept words about her." in wrong.get_data(as_text=True)
    assert client.post(path, data=REFERENCE).status_code == 200
    assert client.get(path).status_code == 410
    assert client.post(path, data=REFERENCE).status_code == 410
    with story.reading() as session:
        assert len(session.scalars(select(Reference)).all()) == 1
        assert list(audit.verify(session)) == []
    assert (choosing.entries(Event.REFERENCE_ASKED), choosing.entries(Event.REFERENCE_GIVEN)) == (1, 1)
    page = client_for(choosing.first).get(f"/selection/applications/{application.id}").get_data(as_text=True)
    assert "Others rely on her every week." in page
    again = client_for(choosing.first).post(f"/selection/applications/{application.id}/references/keyworker-view")
    assert again.status_code == 409


def test_a_reference_is_sealed_and_its_letter_says_nothing(
    choosing: Selecting, story: Story, client_for: Any, client: Any
) -> None:
    application = choosing.applied("Ann Lee")
    path = ask(choosing, story, client_for, application)
    client.post(path, data=REFERENCE)
    words = (SUBJECTS[Letter.REFERENCE] + BODIES[Letter.REFERENCE]).lower()
    for telling in ("apply", "application", "course", "recovery", "mentor", "ann"):
        assert telling not in words.split(), telling
    with story.reading() as session:
        request = session.scalars(select(ReferenceRequest)).one()
        assert path.rsplit("/", 1)[1] not in request.token_hash
        for box in session.execute(text("SELECT box FROM sealed")).scalars():
            assert b"rely on her" not in bytes(box)


def test_a_link_ends_by_itself_and_with_the_application(
    choosing: Selecting, story: Story, client_for: Any, client: Any, at: Any
) -> None:
    application = choosing.applied("Ann Lee")
    path = ask(choosing, story, client_for, application)
    assert client.get("/references/no-such-link").status_code == 410
    client_for(application.person_id).post(f"/applications/{application.id}/withdrawal")
    over = client.get(path)
    assert over.status_code == 410
    assert "Ann" not in over.get_data(as_text=True), "nobody who stopped is named any more"
    assert client.post(path, data=REFERENCE).status_code == 410
    assert choosing.entries(Event.REFERENCE_GIVEN) == 0
    with choosing.acting(application) as (session, found), pytest.raises(Refusal):
        deciding.give_reference(session, found, found.requests[0], ReferenceWords(knows="Kay", words="Good."))
    other = choosing.applied("Bo Dean")
    path = ask(choosing, story, client_for, other)
    at(clock.now() + timedelta(days=22))
    assert client.get(path).status_code == 410


def test_without_an_address_there_is_nobody_to_write_to(choosing: Selecting, client_for: Any) -> None:
    application = choosing.applied("Ann Lee", whole_words(referees={"keyworker-view": Referee(name="Kay")}))
    client = client_for(choosing.first)
    assert client.post(f"/selection/applications/{application.id}/references/keyworker-view").status_code == 409
    assert client.post(f"/selection/applications/{application.id}/references/why-mentor").status_code == 404


# -- checks ----------------------------------------------------------------------------------------------------------


def note(choosing: Selecting, client: Any, person_id: Any, **more: str) -> Any:
    today = clock.now().date()
    data = {"criterion": "dbs", "decision": "accepted", "seen_on": today.isoformat(), "number": "001234567890",
            "level": "Enhanced", "issued_on": (today - timedelta(days=9)).isoformat(), **more}  # fmt: skip
    return client.post(f"/selection/cohorts/{choosing.cohort.id}/people/{person_id}/checks", data=data)


def test_a_check_keeps_number_level_date_and_decision_sealed(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.applied("Ann Lee")
    client = client_for(choosing.first)
    assert note(choosing, client, application.person_id).status_code == 303
    with story.reading() as session:
        row = session.scalars(select(CheckSeen)).one()
        assert (row.seen_by, row.decision, row.criterion) == (choosing.first.id, "accepted", "dbs")
        dump = " ".join(str(one) for one in session.execute(select(CheckSeen.__table__)).one())
        assert "001234567890" not in dump
        assert list(audit.verify(session)) == []
    assert choosing.entries(Event.CHECK_NOTED) == 1
    page = client.get(f"/selection/cohorts/{choosing.cohort.id}/people/{application.person_id}/checks")
    for words in ("001234567890", "Enhanced", "Seen by Fay Hope"):
        assert words in page.get_data(as_text=True)


def test_no_page_of_selection_takes_a_file(choosing: Selecting, client_for: Any) -> None:
    application = choosing.applied("Ann Lee")
    client, cohort = client_for(choosing.first), choosing.cohort.id
    for path in (f"cohorts/{cohort}/people/{application.person_id}/checks", f"applications/{application.id}"):
        assert 'type="file"' not in client.get(f"/selection/{path}").get_data(as_text=True)


def test_each_opening_of_a_persons_checks_is_audited(choosing: Selecting, story: Story, client_for: Any) -> None:
    application = choosing.applied("Ann Lee")
    client = client_for(choosing.first)
    note(choosing, client, application.person_id)
    client.get(f"/selection/cohorts/{choosing.cohort.id}/checks")
    assert choosing.entries(Event.EVIDENCE_OPENED) == 0, "the list of what is due opens nothing"
    client.get(f"/selection/cohorts/{choosing.cohort.id}/people/{application.person_id}/checks")
    with story.reading() as session:
        row = session.scalars(select(SpecialOpening)).one()
    assert row.owner_id == application.person_id
    assert choosing.entries(Event.EVIDENCE_OPENED) == 1


@pytest.mark.parametrize(
    ("decision", "expires_in", "said"),
    [
        ("accepted", None, "All seen"), ("accepted", 400, "All seen"), ("accepted", 20, "1 to see to"),
        ("to-discuss", None, "1 to see to"), ("not-accepted", None, "1 to see to"),
    ],
)  # fmt: skip
def test_what_is_due_is_listed(
    choosing: Selecting, client_for: Any, story: Story, decision: str, expires_in: int | None, said: str
) -> None:
    learner, _ = story.learner("Lena Hart", cohort=choosing.cohort)
    client = client_for(choosing.first)
    address = f"/selection/cohorts/{choosing.cohort.id}/checks"
    assert "2 to see to" in client.get(address).get_data(as_text=True)
    assert note(choosing, client, learner.id, criterion="identity").status_code == 303
    until = {"expires_on": (clock.now().date() + timedelta(days=expires_in)).isoformat()} if expires_in else {}
    assert note(choosing, client, learner.id, decision=decision, note="We talk.", **until).status_code == 303
    assert said in client.get(address).get_data(as_text=True)


def test_a_check_that_has_run_out_is_seen_as_such_and_flags(choosing: Selecting, client_for: Any, at: Any) -> None:
    application = choosing.applied("Ann Lee")
    client = client_for(choosing.first)
    soon = (clock.now().date() + timedelta(days=2)).isoformat()
    note(choosing, client, application.person_id, criterion="identity", expires_on=soon)
    assert "identity" not in {one.criterion.key for one in choosing.found(application).flags}
    at(clock.now() + timedelta(days=5))
    assert "identity" in {one.criterion.key for one in choosing.found(application).flags}
    listed = client_for(choosing.first).get(f"/selection/cohorts/{choosing.cohort.id}/checks")
    assert "run out" in listed.get_data(as_text=True)


def test_anything_but_yes_needs_a_reason_and_a_known_criterion(choosing: Selecting, client_for: Any) -> None:
    application = choosing.applied("Ann Lee")
    client = client_for(choosing.first)
    wrong = note(choosing, client, application.person_id, decision="not-accepted")
    assert wrong.status_code == 422
    assert "001234567890" in wrong.get_data(as_text=True)
    assert note(choosing, client, application.person_id, criterion="no-such").status_code == 422
    assert note(choosing, client, application.person_id, seen_on="2099-01-01").status_code == 409
    assert note(choosing, client, choosing.first.id).status_code == 404


def test_nobody_notes_a_check_on_themselves(choosing: Selecting, client_for: Any) -> None:
    choosing.applied(person=choosing.first)
    assert note(choosing, client_for(choosing.first), choosing.first.id).status_code == 409
