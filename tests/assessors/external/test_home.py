"""The external quality assurer's home: numbers that the database counts, however much there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assessors.external import operations
from assessors.external.models import Visit
from assessors.external.rules import LearnersUnit
from assessors.quality import overview
from course.access import Role
from tests.assessors.external.conftest import Visited, set_up
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, achieved_unit, actor, food_cohort, held, released_unit
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


def test_the_pages_of_a_visit_ask_as_often_for_a_large_sample_as_for_a_small_one(
    visited: Visited, story: Story, client_for: SignIn, statements: list[str]
) -> None:
    helen, ruth, visit_id = client_for(visited.eqa), client_for(visited.lead), visited.visit.id
    pages = [(helen, f"/external/visits/{visit_id}"), (ruth, f"/visits/{visit_id}"),
             (ruth, f"/visits/{visit_id}/looks"),
             (helen, f"/external/visits/{visit_id}/answers/{visited.done.answers[0].id}")]  # fmt: skip

    def costs() -> list[int]:
        found = []
        for client, address in pages:
            assert client.get(address).status_code == 200
            statements.clear()
            client.get(address)
            found.append(len(statements))
        return found

    for answer in visited.done.answers:
        helen.get(f"/external/visits/{visit_id}/answers/{answer.id}")
    few = costs()
    others = [achieved_unit(story, name, cohort=visited.done.cohort) for name in ("Nia Rees", "Ann Ash")]
    with story.writing() as session:
        chosen = [LearnersUnit(one.enrolment.id, FOOD_UNIT) for one in (visited.other, *others)]
        by = actor(story, visited.lead, Role.LEAD_IQA)
        operations.show(session, session.get_one(Visit, visit_id), chosen, "Three more.", by=by)
    for one in others:
        helen.get(f"/external/visits/{visit_id}/answers/{one.answers[0].id}")
    assert costs() == few
