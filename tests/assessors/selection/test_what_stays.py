"""What stays of an application and what goes: the trail is whole, words end after thirty days, outcomes do not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from assessors.selection.models import CriterionScore
from assessors.selection.operations import applying, deciding
from assessors.selection.operations.checks import dispose_due
from assessors.selection.rules import Outcome
from course import audit, clock
from course.audit import Event
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.refusal import Refusal
from tests.support.applicants import SCORED, WORDS, Selecting, selecting
from tests.support.story import Story


def page_of(client: Any, application: Any) -> str:
    answer = client.get(f"/selection/applications/{application.id}")
    assert answer.status_code == 200, answer.status_code
    return str(answer.get_data(as_text=True))


def test_the_trail_is_whole_after_everything(choosing: Selecting, story: Story) -> None:
    application = choosing.scored("Ann Lee")
    choosing.decide(application)
    with choosing.acting(application) as (session, found):
        applying.answer_offer(session, found, accept=True, by=applying.applicant(application.person_id))
    with story.reading() as session:
        assert list(audit.verify(session)) == []
        assert session.scalar(select(func.count()).select_from(Enrolment)) == 1


def test_a_changed_score_is_found_by_the_trail(choosing: Selecting, story: Story) -> None:
    choosing.scored("Ann Lee")
    with story.writing() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        else:
            connection.exec_driver_sql("DROP TRIGGER criterion_score_no_update")
        session.execute(update(CriterionScore).values(score=1))
    with story.reading() as session:
        faults = list(audit.verify(session))
    assert any("scoring:" in fault for fault in faults)


def test_evidence_ends_thirty_days_after_the_outcome_and_the_outcome_stays(
    choosing: Selecting, story: Story, client_for: Any, at: Any
) -> None:
    application = choosing.scored("Ann Lee")
    choosing.decide(application, Outcome.DECLINE, reason="Places are few, and you were close.")
    decided = clock.now()
    at(decided + timedelta(days=29))
    assert dispose_due(story.app) == []
    at(decided + timedelta(days=31))
    assert dispose_due(story.app) == ["Applications whose evidence was destroyed: 1."]
    assert dispose_due(story.app) == []
    found = choosing.found(application)
    assert found.disposal is not None
    assert [one.scores["why-mentor"] for one in found.scorings] == [3, 3]
    assert choosing.entries(Event.KEY_DESTROYED) == 1
    page = page_of(client_for(choosing.first), application)
    assert WORDS not in page
    assert "A secret note." not in page
    assert "Places are few, and you were close." in page
    own = client_for(application.person_id).get(f"/applications/{application.id}").get_data(as_text=True)
    assert "What you wrote was destroyed" in own
    assert "Places are few, and you were close." in own
    with story.reading() as session:
        assert list(audit.verify(session)) == []


@pytest.mark.sqlite
def test_no_byte_of_a_destroyed_key_stays_in_the_database(choosing: Selecting, story: Story, at: Any) -> None:
    from course import sealing
    from course.sealing import DataKey, Purpose

    application = choosing.scored("Ann Lee")
    choosing.decide(application, Outcome.DECLINE)
    with story.reading() as session:
        key = sealing.key_of(session, application.id, Purpose.SPECIAL)
        assert isinstance(key, DataKey)
        wrapped = bytes(key.wrapped)
    database = story.app.extensions["database"]
    at(clock.now() + timedelta(days=31))
    assert dispose_due(story.app)
    for path in database.path.parent.glob(database.path.name + "*"):
        assert wrapped not in path.read_bytes(), path.name


def test_one_persons_evidence_ends_without_anybody_elses(choosing: Selecting, story: Story, at: Any) -> None:
    first, second = choosing.scored("Ann Lee"), choosing.scored("Bo Dean")
    choosing.decide(first, Outcome.DECLINE)
    at(clock.now() + timedelta(days=31))
    dispose_due(story.app)
    assert choosing.found(first).disposal is not None
    assert choosing.found(second).disposal is None


def test_a_second_application_elsewhere_keeps_its_own_key(choosing: Selecting, story: Story, at: Any) -> None:
    other = selecting(story, centre=story.centre("Hill House"), name="Hill cohort")
    here = choosing.scored("Ann Lee")
    with story.reading() as session:
        person = session.get_one(Person, here.person_id)
    there = other.applied(person=person)
    choosing.decide(here, Outcome.DECLINE)
    at(clock.now() + timedelta(days=31))
    dispose_due(story.app)
    with other.acting(there) as (session, found):
        deciding.score(session, found, deciding.Scores(dict.fromkeys(SCORED, 2), {}), by=other.by(other.first))
    assert other.found(there).standing == "scored-once"


def test_nothing_can_be_decided_after_the_place_is_taken(choosing: Selecting) -> None:
    application = choosing.scored("Ann Lee")
    choosing.decide(application)
    with choosing.acting(application) as (session, found):
        applying.answer_offer(session, found, accept=True, by=applying.applicant(application.person_id))
    with pytest.raises(Refusal, match="over"):
        choosing.decide(application, Outcome.DECLINE)
