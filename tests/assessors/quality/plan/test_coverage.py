"""How far the sample reaches into each unit: every point is in one of four states, drawn and said alike."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

from assessors.quality.plan import coverage, membership, showing
from assessors.quality.plan.coverage import UnitReach
from assessors.quality.plan.models import Plan
from assessors.quality.plan.rules import Cover, Drawn, Need
from course import clock
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT
from tests.support.planned import Marked

SignIn = Callable[[Any], HouseClient]


def drawn(*covers: tuple[str, int, int]) -> Drawn:
    """A draw that found these criteria judged: number, in earlier samples, in this one."""
    return Drawn(9, 9, (), tuple(Cover(Need.CRITERION, f"{FOOD_UNIT}/{one}", 9, *counts) for one, *counts in covers))


def reached(marked: Marked, found: Drawn, reviewed: Collection[str] = ()) -> list[UnitReach]:
    """The small unit as a sample reaches it."""
    with marked.story.reading() as session:
        return coverage.reach(found, reviewed, showing.names_for(session, marked.cohort, ()), [FOOD_UNIT])


def looked_at(marked: Marked, plan: Plan) -> set[str]:
    with marked.story.reading() as session:
        return coverage.looked_at(session, session.get_one(Plan, plan.id))


def test_each_point_is_looked_at_picked_only_marked_or_not_marked(marked: Marked) -> None:
    (unit,) = reached(marked, drawn(("1.1", 0, 1), ("1.2", 1, 0), ("2.1", 0, 0)), [f"{FOOD_UNIT}/1.1"])
    assert (unit.looked_at, unit.picked, unit.marked, unit.unmarked) == (("1.1",), ("1.2",), ("2.1",), ("2.2",))
    looks = [one.attributes["class"] for one in unit.picture.shapes if one.tag == "text"]
    assert looks == ["in-full", "in-half", "in-open", "in-pencil"]


def test_a_unit_out_of_scope_is_not_drawn(marked: Marked) -> None:
    with marked.story.reading() as session:
        names = showing.names_for(session, marked.cohort, ())
    assert coverage.reach(drawn(("1.1", 0, 1)), (), names, []) == []


def test_where_the_policy_asks_for_no_point_none_is_drawn_and_the_page_says_so(
    marked: Marked, client_for: SignIn
) -> None:
    assert reached(marked, drawn()) == []
    page = client_for(marked.iqa).get(f"/quality/plans/{marked.draw().id}").get_data(as_text=True)
    assert "The policy does not ask for every point" in page


def test_a_review_is_a_look_at_its_point(marked: Marked) -> None:
    plan = marked.draw()
    assert looked_at(marked, plan) == set()
    with marked.story.reading() as session:
        ids = membership.of_sample(session, plan.sample_id)
    marked.review(plan.sample_id, next(one for one in marked.answers if one.id in ids))
    found = looked_at(marked, plan)
    assert found
    assert all(one.startswith(f"{FOOD_UNIT}/") for one in found)


def test_a_look_of_more_than_a_year_before_the_plan_no_longer_counts(marked: Marked, at: Any) -> None:
    first = marked.draw()
    with marked.story.reading() as session:
        ids = membership.of_sample(session, first.sample_id)
    marked.review(first.sample_id, next(one for one in marked.answers if one.id in ids))
    at(clock.now() + timedelta(days=400))
    assert looked_at(marked, marked.draw()) == set()


def test_the_finding_names_what_is_missing() -> None:
    assert coverage._finding(("1.1",), ("1.2",), ("2.1", "2.2"), ("3.1",)) == (
        "1 of 5 points looked at, 1 picked. Not picked: 2.1, 2.2. Nothing marked yet: 3.1."
    )
    assert coverage._finding((), (), (), ("1.1", "1.2")) == "Nothing marked yet: 2 points."
