"""The way of using AI that a task allows is said beside it, and declared when it is handed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from course.catalogue import queries as catalogue
from course.workbook import rules
from tests.support.house import HouseClient
from tests.support.story import QUALIFICATION, UNIT, Story


def test_every_task_that_counts_says_whether_ai_may_help(
    story: Story, client_for: Callable[[Any], HouseClient]
) -> None:
    person, enrolment = story.learner()
    with story.reading() as session:
        rows = {row.unit: row for row in catalogue.latest_units(session, QUALIFICATION)}
        unit = catalogue.unit_of(rows[UNIT])
    client = client_for(person)
    for page in unit.pages:
        html = client.get(f"/learn/{enrolment.id}/{UNIT}/{page.number}").get_data(as_text=True)
        for level, words in rules.AI_RULES.items():
            asked = [unit.question(key) for key in page.question_keys]
            assert html.count(words) == sum(one.ai == level and one.evidence and one.is_written for one in asked)


@pytest.mark.parametrize("level", list(rules.AI_RULES))
def test_what_stands_beside_a_task_is_what_is_declared(level: str) -> None:
    assert set(rules.AI_RULES) == set(rules.BY_LEVEL) == set(rules.MIXED)
    assert rules.BY_LEVEL[level] in rules.declaration([level])
