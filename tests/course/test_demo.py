"""Scale data is in legal states: the chain is whole, the queue's index agrees, every answer has a state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from course import audit, db
from course.demo.building import build
from course.demo.ground import CannotBuild
from course.workbook import projections
from course.workbook.models import Answer, Decision, HandIn, Waiting

ANSWERS = 60


@pytest.fixture
def filled(app: Flask) -> Iterator[Any]:
    """A session on an installation with a little scale data."""
    with app.app_context():
        assert sum(build(answers=ANSWERS, learners=32, seed=7, password="violet lantern over water")) == ANSWERS
        with db.database().reader() as session:
            yield session


def test_as_many_answers_and_as_many_waiting_as_asked_for(filled: Any) -> None:
    assert filled.scalar(select(func.count()).select_from(Answer)) == ANSWERS
    assert filled.scalar(select(func.count()).select_from(Waiting)) == ANSWERS * 3 // 10
    assert projections.differences(filled) == []


def test_the_chain_of_scale_data_is_whole(filled: Any) -> None:
    assert list(audit.verify(filled)) == []


def test_every_hand_in_has_its_entry(filled: Any) -> None:
    entry = audit.AuditEvent.object_ref.like("hand_in:%")
    known = filled.scalar(select(func.count()).select_from(audit.AuditEvent).where(entry))
    assert known == filled.scalar(select(func.count()).select_from(HandIn))


def test_every_decided_answer_was_decided_on_every_open_criterion(filled: Any) -> None:
    from course.workbook import queries

    facts = queries.facts_where(filled, Answer.number > 0)
    decided = [one for one in facts if one.decisions]
    assert decided
    assert all(one.is_decided and one.is_returned for one in decided)
    assert all(
        decision.guidance or one.kind in {"choice", "order", "match"} for one in decided for decision in one.decisions
    )
    assert filled.scalar(select(func.count()).select_from(Decision)) >= len(decided)


def test_the_same_seed_is_refused_twice_and_numbers_that_cannot_fit_too(app: Flask) -> None:
    with app.app_context():
        list(build(answers=5, learners=2, seed=8, password="violet lantern over water"))
        with pytest.raises(CannotBuild, match="built already"):
            list(build(answers=5, learners=2, seed=8, password="violet lantern over water"))
        with pytest.raises(CannotBuild, match="more learners"):
            list(build(answers=5000, learners=1, seed=9, password="violet lantern over water"))
