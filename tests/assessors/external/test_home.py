"""The external quality assurer's home: numbers that the database counts, however much there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assessors.quality import overview
from course.access import Role
from tests.assessors.external.conftest import Visited, set_up
from tests.support.house import HouseClient
from tests.support.marked import achieved_unit, food_cohort, held, released_unit
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]


def test_a_cohort_is_told_in_numbers_and_days(visited: Visited, story: Story, client_for: SignIn) -> None:
    released_unit(story, "Nia Rees", cohort=visited.done.cohort)
    with story.reading() as session:
        (found,) = overview.numbers(session, held(story, visited.eqa))
    assert (found.cohort.name, found.sampled, found.open_actions) == ("Kitchen", 9, 0)
    assert [(one.units, one.released_at is not None) for one in found.batches] == [(1, True)]
    page = client_for(visited.eqa).get("/external").get_data(as_text=True)
    assert "Released" in page
    for name in ("Ffion", "Gwen", "Nia"):
        assert name not in page


def test_the_home_asks_as_often_for_many_cohorts_and_visits_as_for_one(
    visited: Visited, story: Story, client_for: SignIn, statements: list[str]
) -> None:
    helen = client_for(visited.eqa)
    helen.get("/external")
    statements.clear()
    helen.get("/external")
    few = len(statements)
    for name in ("Second kitchen", "Third kitchen"):
        released_unit(story, cohort=food_cohort(story, name))
        achieved_unit(story, cohort=food_cohort(story, name))
    again = set_up(story, visited.lead, email=visited.eqa.email)
    page = helen.get("/external").get_data(as_text=True)
    assert all(words in page for words in ("Second kitchen", "Third kitchen", str(again.id)))
    statements.clear()
    helen.get("/external")
    assert len(statements) <= few


def test_who_was_let_in_without_a_visit_sees_numbers_only(visited: Visited, story: Story, client_for: SignIn) -> None:
    other = client_for(story.staff(Role.EQA))
    assert "Kitchen" in other.get("/external").get_data(as_text=True)
    assert other.get(f"/external/visits/{visited.visit.id}").status_code == 404
