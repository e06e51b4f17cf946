"""The coverage matrix, both ways, from the published version: every row is met, and every criterion meets one.

While a unit is planned its criteria wait for questions; once all are ready, nothing is left out.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit
from tests.support.story import QUALIFICATION, Story

ROWS = 68
CRITERIA = 76


@pytest.fixture
def units(story: Story) -> list[CompiledUnit]:
    with story.reading() as session:
        return [catalogue.unit_of(row) for row in catalogue.latest_units(session, QUALIFICATION)]


def test_every_row_is_met_by_criteria_and_every_criterion_meets_a_row(units: list[CompiledUnit]) -> None:
    criteria = [(unit.code, criterion) for unit in units for criterion in unit.criteria]
    assert len(criteria) == CRITERIA
    assert [f"{code}:{one.number}" for code, one in criteria if not one.topics] == []
    rows = {topic for _, one in criteria for topic in one.topics}
    assert rows == set(range(1, ROWS + 1))


def test_every_row_is_assessed_by_a_question_that_counts(units: list[CompiledUnit]) -> None:
    """A row is met once each criterion that carries it has a question; it may wait for planned units only."""
    carried: dict[int, list[tuple[CompiledUnit, str]]] = defaultdict(list)
    for unit in units:
        for criterion in unit.criteria:
            for topic in criterion.topics:
                carried[topic].append((unit, criterion.number))
    unmet = {
        topic: [f"{unit.code}:{number}" for unit, number in where if not unit.evidence_questions(number)]
        for topic, where in carried.items()
    }
    planned = {unit.code for unit in units if not unit.is_ready}
    left = {topic: [one for one in where if one.split(":")[0] not in planned] for topic, where in unmet.items()}
    assert {topic: where for topic, where in left.items() if where} == {}
    if not planned:
        assert {topic for topic, where in unmet.items() if not where} == set(range(1, ROWS + 1))


def test_every_question_that_counts_names_a_criterion_that_meets_a_row(units: list[CompiledUnit]) -> None:
    for unit in units:
        for question in unit.questions:
            if question.evidence:
                assert any(unit.criterion(number).topics for number in question.criteria), (unit.code, question.key)


def test_every_row_is_taught_where_it_is_assessed(units: list[CompiledUnit]) -> None:
    """A page with a question that counts has reading of its own: nothing is asked that was not taught beside it."""
    for unit in units:
        for page in unit.pages:
            if any(unit.question(key).evidence for key in page.question_keys):
                assert any(part.type == "html" for part in page.parts), (unit.code, page.number)
