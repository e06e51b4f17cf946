"""A policy or threshold is put in force after a preview of whom it would shut out, and reaches only untouched units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from assessors.changes.queries.policies import what_differs
from course import audit, clock
from course.access import Role
from course.audit import AuditEvent
from course.catalogue import queries as catalogue
from course.enrolment import queries as policies
from course.enrolment.models import PolicyInForce, PolicyVersion
from course.enrolment.policy import (
    Attempts,
    CompiledPolicy,
    CountThreshold,
    PointsThreshold,
    Sampling,
    SelectionCriterion,
)
from course.workbook import content as contents
from course.workbook.progress import unit_progress
from tests.assessors.changes.conftest import WASH, change_policy, put, seen_on
from tests.support.house import HouseClient
from tests.support.marked import FOOD, FOOD_UNIT, food_cohort, hand_in_food, judge
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
FOUR = {"threshold": {"U1": CountThreshold(n=4, must_meet=("2.2",))}, "return_": "at-once"}
OWN = ("threshold", "attempts", "return", "turnaround", "reopening", "sampling")


@pytest.fixture
def ann(story: Story, cohort: Any, joan: Any) -> Any:
    """Ann has achieved the unit with three of its four points."""
    _, enrolment = story.learner("Ann Ash", cohort=cohort)
    for answer in hand_in_food(story, enrolment):
        judge(story, answer, joan)
    return enrolment


def test_the_preview_names_whom_a_threshold_would_have_shut_out_in_this_cohort_and_past_ones(
    story: Story, ann: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    past = food_cohort(story, "Last year")
    _, enrolment = story.learner("Bea Birch", cohort=past)
    for answer in hand_in_food(story, enrolment):
        judge(story, answer, joan)
    story.learner("Cy Cedar", cohort=food_cohort(story))
    version = change_policy(story, **FOUR)
    client = client_for(lead)
    assert "See who would change" in client.get("/quality/policies").get_data(as_text=True)
    page = client.get(f"/quality/policies/{version.id}/preview?cohort={ann.cohort_id}").get_data(as_text=True)
    assert "Ann A.: Food hygiene at work" in page
    assert "3 of the 4 points it would need." in page
    assert "In other cohorts, past ones too" in page
    assert "Bea B.: Food hygiene at work" in page
    assert "It would reach 1 of their units" in page
    assert "1 keeps the policy that it began under" in page
    assert "2 learners would have lost by this policy" in page


def test_a_threshold_reaches_only_units_without_a_hand_in(
    story: Story, ann: Any, lead: Any, client_for: SignIn
) -> None:
    version = change_policy(story, **FOUR)
    client, address = client_for(lead), f"/quality/policies/{version.id}"
    seen = seen_on(client.get(f"{address}/preview?cohort={ann.cohort_id}"))
    data = {"cohort": str(ann.cohort_id), "seen": seen}
    assert client.post(f"{address}/in-force", data=data | {"reason": ""}).status_code == 422
    assert client.post(f"{address}/in-force", data=data | {"reason": "A trial.", "seen": "0"}).status_code == 409
    assert client.post(f"{address}/in-force", data=data | {"reason": "Agreed with the EQA."}).status_code == 303
    with story.reading() as session:
        happened = session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(1))
        assert happened == "policy.put-in-force"
    _, later = story.learner("Bea Birch", cohort=food_cohort(story))
    with story.reading() as session:
        found = unit_progress(session, [ann.id, later.id], FOOD)
        assert found[ann.id, FOOD_UNIT].achieved
        assert found[ann.id, FOOD_UNIT].threshold.needed == 3
        assert found[later.id, FOOD_UNIT].threshold.needed == 4
        row = session.scalars(select(PolicyInForce).order_by(PolicyInForce.at.desc()).limit(1)).one()
        assert (row.cohort_id, row.reason) == (ann.cohort_id, "Agreed with the EQA.")
    assert "Agreed with the EQA." in client.get("/quality/policies").get_data(as_text=True)


def test_marks_that_were_never_counted_are_said_not_to_be_computable(
    story: Story, ann: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    _, enrolment = story.learner("Bea Birch", cohort=food_cohort(story))
    with story.reading() as session:
        unit = catalogue.unit_of(catalogue.latest_unit(session, FOOD, FOOD_UNIT))
    order = unit.question("store-a-delivery")
    check = contents.tried(contents.OrderContent(order=order.items), order, clock.now())
    answers = hand_in_food(story, enrolment)
    for answer in [*answers, story.hand_in(enrolment, "store-a-delivery", check, unit=FOOD_UNIT)]:
        judge(story, answer, joan)
    version = change_policy(story, threshold={"U1": PointsThreshold(points=2)}, return_="at-once")
    page = client_for(lead).get(f"/quality/policies/{version.id}/preview?cohort={ann.cohort_id}")
    text = page.get_data(as_text=True)
    assert "Not every point." in text, "Ann has three of four"
    assert "Some of it was decided before marks were counted." in text, "Bea has all four"


def test_a_lower_limit_says_who_would_have_no_go_left(
    story: Story, cohort: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    _, enrolment = story.learner("Ann Ash", cohort=cohort)
    judge(story, story.hand_in(enrolment, WASH, unit=FOOD_UNIT), joan, achieved=False)
    version = change_policy(story, attempts=Attempts(limit=1), return_="at-once")
    page = client_for(lead).get(f"/quality/policies/{version.id}/preview?cohort=all").get_data(as_text=True)
    assert "No go left at “when to wash”." in page
    assert "Goes at each question" in page


def test_a_change_of_selection_is_said_before_it_is_in_force() -> None:
    asks = SelectionCriterion(key="ready", text="Ready for supervision.", type="declaration", required=True)
    found = what_differs(CompiledPolicy(qualification=FOOD), CompiledPolicy(qualification=FOOD, selection=(asks,)))
    assert found == [
        (
            "Selection",
            "Off. Nobody is asked for anything beforehand.",
            "Ready for supervision (required, at application)",
        )
    ]


def test_a_threshold_that_nobody_could_meet_is_not_put_in_force(
    story: Story, cohort: Any, lead: Any, client_for: SignIn
) -> None:
    version = change_policy(story, threshold={"U1": PointsThreshold(points=9)}, return_="at-once")
    client = client_for(lead)
    page = client.get(f"/quality/policies/{version.id}/preview?cohort=all")
    assert "does not give enough marks for unit 1" in page.get_data(as_text=True)
    sent = {"cohort": "all", "seen": "0" * 64, "reason": "A pass mark."}
    refused = client.post(f"/quality/policies/{version.id}/in-force", data=sent)
    assert refused.status_code == 409
    with story.reading() as session:
        assert policies.policy_for(session, cohort)[0].id != version.id


def test_a_second_tab_is_told_that_it_is_in_force_already(
    story: Story, cohort: Any, lead: Any, client_for: SignIn
) -> None:
    version = change_policy(story, **FOUR)
    put(story, version, cohort)
    late = client_for(lead).get(f"/quality/policies/{version.id}/preview?cohort=all")
    assert late.status_code == 409
    assert "Every cohort of yours is under this version already" in late.get_data(as_text=True)


def test_a_term_that_one_of_two_policies_lacks_is_a_difference() -> None:
    with_it = CompiledPolicy(qualification=FOOD, sampling=Sampling(always=("departures",)))
    without = CompiledPolicy(qualification=FOOD)
    assert what_differs(with_it, without) == [("Sampled: always in the sample", "departures", "Nothing")]
    assert what_differs(without, with_it) == [("Sampled: always in the sample", "Nothing", "departures")]


def test_a_stranger_sees_no_other_centres_policies_and_changes_none(story: Story, ann: Any, client_for: SignIn) -> None:
    version = change_policy(story, **FOUR)
    there = story.centre("Another centre")
    food = story.cohort("Away", centre=there, qualification=FOOD)
    client = client_for(story.staff(Role.LEAD_IQA, centre=there))
    assert "Kitchen" not in client.get("/quality/policies").get_data(as_text=True)
    assert client.get(f"/quality/policies/{version.id}/preview?cohort={ann.cohort_id}").status_code == 404
    page = client.get(f"/quality/policies/{version.id}/preview?cohort={food.id}").get_data(as_text=True)
    assert "Ann A." not in page


# -- a centre's own ----------------------------------------------------------------------------------------------------

TYPED = {
    "limit": "3", "window": "5", "further": "1", "authorised_by": "iqa", "return_": "at-once", "turnaround": "5",
    "reopened_by": "iqa", "percent": "50", "interim": "40", "new_assessor": "100", "new_for": "60", "raised": "",
    "always": ["departures", "adjustments"], "second": "10", "sort_U1": "n-of-m", "needed_U1": "4",
}  # fmt: skip


@pytest.fixture
def free(story: Story, ann: Any) -> Any:
    """The qualification lets centres change everything."""
    return put(story, change_policy(story, return_="at-once", centre_may_change=OWN))


def test_a_centre_makes_its_own_version_and_sees_who_would_change_before_it_is_in_force(
    story: Story, free: Any, ann: Any, lead: Any, client_for: SignIn
) -> None:
    client, address = client_for(lead), f"/quality/policies/{FOOD}/own"
    assert client.get(address).status_code == 200
    sent = client.post(address, data=TYPED)
    assert sent.status_code == 303
    assert "3 of the 4 points it would need." in client.get(sent.location).get_data(as_text=True)
    with story.reading() as session:
        own = session.scalars(select(PolicyVersion).where(PolicyVersion.own.has())).one()
        compiled = policies.compiled(own)
        assert own.centre_id == ann.centre_id
        assert list(audit.verify(session)) == []
        assert compiled.threshold == {"U1": CountThreshold(n=4, must_meet=("2.2",))}
        assert (compiled.attempts.limit, compiled.turnaround, compiled.reopened_by) == (3, 5, "iqa")
        assert (compiled.sampling.interim, compiled.sampling.final, compiled.sampling.raised) == (40, 60, None)
        assert set(compiled.sampling.always) == {"departures", "adjustments"}
        assert (compiled.sampling.new_for, compiled.second_marking.percent) == (60, 10)
        assert policies.latest_policy(session, FOOD).id == free.id
        assert policies.policy_for(session, food_cohort(story))[0].id == free.id
        happened = session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(1))
        assert happened == "policy.published"
    there = story.centre("Another centre")
    story.cohort("Away", centre=there, qualification=FOOD)
    stranger = client_for(story.staff(Role.LEAD_IQA, centre=there))
    assert stranger.get(f"/quality/policies/{own.id}/preview?cohort=all").status_code == 404


def test_a_centre_asks_for_nothing_that_nobody_can_reach(
    story: Story, free: Any, lead: Any, client_for: SignIn
) -> None:
    client, address = client_for(lead), f"/quality/policies/{FOOD}/own"
    assert client.post(address, data=TYPED | {"needed_U1": "5"}).status_code == 409
    assert client.post(address, data=TYPED | {"sort_U1": "points", "needed_U1": "2"}).status_code == 409
    wrong = client.post(address, data=TYPED | {"turnaround": "soon"})
    assert wrong.status_code == 422
    assert client_for(story.staff(Role.IQA)).get(address).status_code == 403


def test_only_what_the_qualification_leaves_to_centres_is_on_the_form(
    story: Story, ann: Any, lead: Any, client_for: SignIn
) -> None:
    client, address = client_for(lead), f"/quality/policies/{FOOD}/own"
    assert client.get(address).status_code == 404
    put(story, change_policy(story, return_="at-once", centre_may_change=("turnaround",)))
    page = client.get(address).get_data(as_text=True)
    assert "Working days until they should hear" in page
    assert "Goes at each question" not in page
    assert client.post(address, data={"turnaround": "7", "limit": "99"}).status_code == 303
    with story.reading() as session:
        own = session.scalars(select(PolicyVersion).where(PolicyVersion.own.has())).one()
        assert (policies.compiled(own).turnaround, policies.compiled(own).attempts.limit) == (7, 2)
