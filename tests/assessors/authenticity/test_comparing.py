"""After a hand-in, answers to one question at one centre are compared: a question to the assessor, never a verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from assessors.authenticity.models import Likeness, ToCompare
from assessors.authenticity.operations import compare_due
from course.access import Role
from course.audit import Actor
from course.enrolment.models import Enrolment
from course.workbook import operations as workbook
from course.workbook import queries as work_queries
from course.workbook.models import AccessEntry, Answer, Decision
from tests.assessors.authenticity.test_rules import MINE, OTHERS
from tests.support.house import HouseClient
from tests.support.story import UNIT, Story

QUESTION = "why-goals-are-theirs"


def pairs(story: Story) -> list[tuple[Any, Any, int]]:
    with story.reading() as session:
        return [(one.earlier_id, one.later_id, one.share) for one in session.scalars(select(Likeness))]


def hand_in(story: Story, words: str, *, cohort: Any = None) -> tuple[Enrolment, Answer]:
    _, enrolment = story.learner(cohort=cohort)
    return enrolment, story.hand_in(enrolment, QUESTION, words)


def test_a_pair_is_noted_with_its_share_and_nothing_else(app: Flask, story: Story) -> None:
    (_, first), (_, _), (_, second) = (hand_in(story, words) for words in (MINE, OTHERS, MINE))
    assert compare_due(app) == ["Answers compared: 3."]
    assert pairs(story) == [(first.id, second.id, 100)]
    with story.reading() as session:
        assert session.scalars(select(ToCompare)).all() == []
        assert session.scalars(select(AccessEntry)).all() == []
        assert session.scalars(select(Decision)).all() == []
    assert set(Likeness.__table__.columns.keys()) == {"earlier_id", "later_id", "share", "at"}
    assert compare_due(app) == []


def test_nothing_crosses_a_centres_wall(app: Flask, story: Story) -> None:
    hand_in(story, MINE)
    hand_in(story, MINE, cohort=story.cohort("Theirs", centre=story.centre("Elsewhere")))
    compare_due(app)
    assert pairs(story) == []


def test_a_learner_may_repeat_themselves(app: Flask, story: Story) -> None:
    person, enrolment = story.learner()
    again = story.enrol(person, story.cohort("Spring"))
    story.hand_in(enrolment, QUESTION, MINE)
    story.hand_in(again, QUESTION, MINE)
    compare_due(app)
    assert pairs(story) == []


def test_an_answer_taken_back_is_compared_with_nobody(app: Flask, story: Story) -> None:
    enrolment, _ = hand_in(story, MINE)
    with story.writing() as session:
        work = work_queries.unit_work(session, session.get_one(Enrolment, enrolment.id), UNIT)
        workbook.take_back(session, work, work.question(QUESTION), by=Actor(enrolment.person_id, Role.LEARNER))
    hand_in(story, MINE)
    assert compare_due(app) == ["Answers compared: 2."]
    assert pairs(story) == []


def test_the_jobs_compare(app: Flask, story: Story) -> None:
    hand_in(story, MINE)
    assert "Answers compared: 1." in app.test_cli_runner().invoke(args=["jobs", "run"]).output


@pytest.mark.parametrize(("everywhere", "can_open"), [(True, True), (False, False)])
def test_the_assessor_is_asked_and_opens_only_what_is_in_scope(
    app: Flask, story: Story, client_for: Callable[[Any], HouseClient], everywhere: bool, can_open: bool
) -> None:
    _, other = hand_in(story, MINE, cohort=story.cohort("Spring"))
    _, answer = hand_in(story, MINE)
    compare_due(app)
    scope = {} if everywhere else {"cohort_id": story.cohort().id}
    page = client_for(story.staff(Role.ASSESSOR, **scope)).get(f"/marking/answers/{answer.id}").get_data(as_text=True)
    assert "Nearly all of this wording stands in another answer" in page
    assert "It decides nothing." in page
    assert (f"/marking/answers/{other.id}" in page) is can_open
    assert ("you cannot read it here" in page) is not can_open
