"""Plans as an assurer meets them: drawn, read, changed by hand, checked; each step with its audit entry."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from assessors.quality import returning
from assessors.quality.models import Sample
from assessors.quality.plan import facts, membership, pool, queries, rules
from assessors.quality.plan.models import Plan, PlanChange, PlanLine
from assessors.quality.plan.rules import Because, Need, Stage
from course import audit, clock
from course.access import Role
from course.audit import AuditEvent
from course.enrolment import queries as enrolments
from course.refusal import Refusal
from course.workbook.models import PriorLearning
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, held
from tests.support.planned import Marked, marked_cohort
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]


def cell(plan: Plan, marked: Marked, learner: str) -> str:
    """Where one learner's unit of a plan is."""
    return f"/quality/plans/{plan.id}/learners/{marked.learners[learner].id}/units/{FOOD_UNIT}"


def test_a_plan_is_drawn_with_its_sample_its_lines_and_its_entries(marked: Marked, client_for: SignIn) -> None:
    client = client_for(marked.iqa)
    page = f"/quality/cohorts/{marked.cohort.id}/plans"
    assert "No plan has been drawn yet" in client.get(page).get_data(as_text=True)
    assert client.post(page).status_code == 422
    drawn = client.post(page, data={"stage": "final"})
    assert drawn.status_code == 303
    shown = client.get(drawn.headers["Location"]).get_data(as_text=True)
    assert "Compliant" in shown
    assert "By lot" in shown
    with marked.story.reading() as session:
        plan = session.scalars(select(Plan)).one()
        lines = session.scalar(select(func.count()).select_from(PlanLine))
        assert plan.seed == int(f"{clock.now():%Y%m%d}01")
        assert lines == len(membership.of_sample(session, plan.sample_id)) > 0
        happened = set(session.scalars(select(AuditEvent.action)))
        assert {"sample.opened", "plan.drawn"} <= happened
        assert list(audit.verify(session)) == []


def test_anybody_can_repeat_a_draw_from_its_seed(marked: Marked) -> None:
    plan = marked.draw(Stage.INTERIM)
    with marked.story.reading() as session:
        _, policy = enrolments.policy_for(session, marked.cohort)
        items = [
            replace(one, is_sampled=False)
            for one in pool.load(session, marked.cohort, policy, held(marked.story, marked.iqa))
        ]
        again = rules.draw(
            items, policy.sampling, Stage.INTERIM, seed=plan.seed, by=marked.iqa.id,
            evidence=pool.evidence(session, marked.cohort), today=clock.now().date(),
        )  # fmt: skip
        assert facts.dumps(again) == plan.facts
        assert [one.id for one in again.lines] == membership.of_sample(session, plan.sample_id)


def test_the_pool_knows_each_sort_of_work(marked: Marked) -> None:
    with marked.story.reading() as session:
        _, policy = enrolments.policy_for(session, marked.cohort)
        items = pool.load(session, marked.cohort, policy, held(marked.story, marked.iqa))
    assert len(items) == len(marked.answers)
    sorts = {one.id: one.sorts for one in items}
    allergy, failed = marked.answers[1], marked.answers[-2]
    assert sorts[allergy.id] == {Need.SAFETY}
    assert sorts[failed.id] == {Need.SAFETY, Need.NOT_YET}


def test_a_claim_of_prior_learning_is_always_in_the_sample(marked: Marked) -> None:
    claim = marked.answers[2]
    with marked.story.writing() as session:
        session.add(PriorLearning(answer_id=claim.id))
    plan = marked.draw(Stage.INTERIM)
    with marked.story.reading() as session:
        _, policy = enrolments.policy_for(session, marked.cohort)
        items = pool.load(session, marked.cohort, policy, held(marked.story, marked.iqa))
        assert [one.id for one in items if Need.PRIOR in one.sorts] == [claim.id]
        assert claim.id in membership.of_sample(session, plan.sample_id)


def test_a_new_assessor_and_one_who_was_asked_to_act_get_a_closer_look(marked: Marked) -> None:
    plan = marked.draw()
    with marked.story.reading() as session:
        first = membership.of_sample(session, plan.sample_id)
    joans = next(one for one in marked.answers[:6] if one.id in first)
    marked.review(plan.sample_id, joans, act="Ask again.")
    nia = marked.story.staff(Role.ASSESSOR, "Nia Rees")
    marked.mark("Bram Kent", nia)
    second = facts.loads(marked.draw().facts)
    because = {one.assessor: one.because for one in second.shares}
    assert because[marked.joan.id] == (Because.DISAGREED,)
    assert because[nia.id] == (Because.NEW,)
    share = next(one for one in second.shares if one.assessor == nia.id)
    assert share.drawn == share.decisions


def test_a_second_plan_draws_only_what_is_still_asked_for(marked: Marked) -> None:
    marked.draw()
    with pytest.raises(Refusal, match="nothing to draw"):
        marked.draw()
    marked.mark("Bram Kent", marked.joan)
    again = marked.draw()
    assert again.number == 2
    with marked.story.reading() as session:
        first = session.scalars(select(Plan).where(Plan.number == 1)).one()
        both = [set(membership.of_sample(session, one.sample_id)) for one in (first, again)]
    assert not both[0] & both[1]


def test_every_line_says_why_it_was_chosen(marked: Marked, client_for: SignIn) -> None:
    plan = marked.draw()
    page = client_for(marked.iqa).get(f"/quality/plans/{plan.id}/answers").get_data(as_text=True)
    assert "Brings" in page
    assert re.search("Brings a point about safety[^.]*, marked by Priya Shah", page)
    with marked.story.reading() as session:
        for text in session.scalars(select(PlanLine.reasons)):
            said = json.loads(text)
            assert said["brings"] or said["fills"]


def test_a_long_plan_is_read_page_by_page(marked: Marked, client_for: SignIn, monkeypatch: Any) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    plan = marked.draw()
    with marked.story.reading() as session:
        everything = membership.of_sample(session, plan.sample_id)
    client, seen, address = client_for(marked.iqa), [], f"/quality/plans/{plan.id}/answers"
    while address:
        page = client.get(address).get_data(as_text=True)
        seen += re.findall(r"/answers/([0-9a-f-]{36})", page)
        address = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), "").replace("&amp;", "&")
    assert seen == [str(one) for one in everything]


# -- the grid ----------------------------------------------------------------------------------------------------------


def test_the_grid_shows_planned_sampled_and_open_actions(marked: Marked, client_for: SignIn) -> None:
    plan = marked.draw()
    client = client_for(marked.iqa)
    before = client.get(f"/quality/plans/{plan.id}/grid").get_data(as_text=True)
    assert "Lewis T., unit 1: 3 marked" in before
    with marked.story.reading() as session:
        ids = set(membership.of_sample(session, plan.sample_id))
    first, *rest = [one for one in marked.answers if one.id in ids]
    marked.review(plan.sample_id, first, act="Look again.")
    for one in rest:
        marked.review(plan.sample_id, one)
    after = client.get(f"/quality/plans/{plan.id}/grid").get_data(as_text=True)
    assert "1 action open" in after or "actions open" in after
    assert "sampled" in after
    shown = client.get(f"/quality/plans/{plan.id}").get_data(as_text=True)
    assert f"{len(ids)} of {len(ids)}" in shown


def test_the_grid_goes_on_by_learner(marked: Marked, client_for: SignIn, monkeypatch: Any) -> None:
    monkeypatch.setattr(queries, "LEARNERS", 2)
    plan = marked.draw()
    client = client_for(marked.iqa)
    first = client.get(f"/quality/plans/{plan.id}/grid").get_data(as_text=True)
    address = re.findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")
    second = client.get(address).get_data(as_text=True)
    assert "Ffion D., unit 1" in first
    assert "Sam O., unit 1" in first
    assert "Dee M., unit 1" in second
    assert "Lewis T., unit 1" in second
    assert "Sam O., unit 1" not in second
    assert 'rel="next"' not in second
    one = client.get(f"/quality/plans/{plan.id}/grid?name=lewis").get_data(as_text=True)
    assert "Lewis T., unit 1" in one
    assert "Dee M." not in one
    assert "Nobody found" in client.get(f"/quality/plans/{plan.id}/grid?name=%25").get_data(as_text=True)


# -- changes by hand ---------------------------------------------------------------------------------------------------


def free_and_planned(marked: Marked, plan: Plan) -> tuple[Any, Any]:
    """An answer that the plan passed by, and one that it holds."""
    with marked.story.reading() as session:
        ids = set(membership.of_sample(session, plan.sample_id))
    return (
        next(one for one in marked.answers if one.id not in ids),
        next(one for one in marked.answers if one.id in ids),
    )


def learner_of(marked: Marked, answer: Any) -> str:
    """Whose answer it is."""
    return next(name for name, one in marked.learners.items() if one.id == answer.enrolment_id)


def test_an_answer_is_added_swapped_and_dropped_with_a_reason(marked: Marked, client_for: SignIn) -> None:
    plan = marked.draw()
    free, planned = free_and_planned(marked, plan)
    client = client_for(marked.iqa)
    address = cell(plan, marked, learner_of(marked, free))
    refused = client.post(f"{address}/change", data={"add": str(free.id), "drop": "", "reason": " "})
    assert refused.status_code == 422
    assert "Write why you change the plan." in refused.get_data(as_text=True)
    assert client.post(f"{address}/change", data={"reason": "Nothing chosen."}).status_code == 422
    swap = {"add": str(free.id), "drop": str(planned.id), "reason": "This one is nearer the point."}
    assert client.post(f"{address}/change", data=swap).status_code == 303
    with marked.story.reading() as session:
        ids = membership.of_sample(session, plan.sample_id)
        assert free.id in ids
        assert planned.id not in ids
        row = session.scalars(select(PlanChange)).one()
        assert (row.added_id, row.dropped_id, row.changed_by) == (free.id, planned.id, marked.iqa.id)
        assert "plan.changed" in set(session.scalars(select(AuditEvent.action)))
        assert list(audit.verify(session)) == []
    shown = client.get(f"/quality/plans/{plan.id}").get_data(as_text=True)
    assert "This one is nearer the point." in shown
    sample = f"/quality/samples/{plan.sample_id}/answers"
    assert client.get(f"{sample}/{free.id}").status_code == 200
    assert client.get(f"{sample}/{planned.id}").status_code == 404
    assert "Added by hand." in client.get(f"/quality/plans/{plan.id}/answers").get_data(as_text=True)


def test_dropping_what_the_policy_wants_shows_a_gap(marked: Marked, client_for: SignIn) -> None:
    plan = marked.draw()
    client = client_for(marked.iqa)
    assert "Not compliant" not in client.get(f"/quality/plans/{plan.id}").get_data(as_text=True)
    with marked.story.reading() as session:
        ids = membership.of_sample(session, plan.sample_id)
    for answer in [one for one in marked.answers if one.id in ids]:
        address = cell(plan, marked, learner_of(marked, answer))
        data = {"add": "", "drop": str(answer.id), "reason": "A trial."}
        assert client.post(f"{address}/change", data=data).status_code == 303
    shown = client.get(f"/quality/plans/{plan.id}").get_data(as_text=True)
    assert "Not compliant yet" in shown
    assert "Too little of Joan Price: 0 decisions" in shown
    assert "Nothing sampled: a point about safety, marked by Joan Price." in shown


def test_what_was_reviewed_stays_in_the_plan(marked: Marked, client_for: SignIn) -> None:
    plan = marked.draw()
    _, planned = free_and_planned(marked, plan)
    marked.review(plan.sample_id, planned)
    address = cell(plan, marked, learner_of(marked, planned))
    data = {"add": "", "drop": str(planned.id), "reason": "Away with it."}
    assert client_for(marked.iqa).post(f"{address}/change", data=data).status_code == 422  # it is not offered


def test_a_held_answer_that_was_swapped_in_goes_back_when_the_plan_is_done(marked: Marked, client_for: SignIn) -> None:
    plan = marked.draw()
    late = marked.mark("Bram Kent", marked.joan)[0]
    address = cell(plan, marked, "Bram Kent")
    data = {"add": str(late.id), "drop": "", "reason": "She leaves on Friday."}
    assert client_for(marked.iqa).post(f"{address}/change", data=data).status_code == 303
    with marked.story.reading() as session:
        ids = membership.of_sample(session, plan.sample_id)
        assert not returning.is_released_for_return(session, late.id)
    for answer in [one for one in marked.answers if one.id in ids]:
        marked.review(plan.sample_id, answer)
    with marked.story.reading() as session:
        assert returning.is_released_for_return(session, late.id)


# -- speed and scope ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "/grid", "/answers"])
def test_a_plan_takes_eleven_queries_at_most_however_much_there_is(
    marked: Marked, client_for: SignIn, statements: list[str], page: str
) -> None:
    client = client_for(marked.iqa)
    plan = marked.draw()
    client.get(f"/quality/plans/{plan.id}{page}")
    statements.clear()
    client.get(f"/quality/plans/{plan.id}{page}")
    few = list(statements)
    for name in ("Bram Kent", "Nadia Roy", "Yusuf Ali"):
        marked.mark(name, marked.joan)
    again = marked.draw()
    statements.clear()
    client.get(f"/quality/plans/{again.id}{page}")
    assert len(statements) <= len(few)
    assert len(few) <= 10, "\n".join(few)


def test_a_plan_of_another_centre_or_cohort_is_not_found(marked: Marked, client_for: SignIn) -> None:
    plan = marked.draw()
    free, _ = free_and_planned(marked, plan)
    address = cell(plan, marked, learner_of(marked, free))
    other = story_cohort(marked.story)
    strangers = (
        marked.story.staff(Role.IQA, centre=marked.story.centre("Another centre")),
        marked.story.staff(Role.LEAD_IQA, cohort_id=other.cohort.id),
    )
    for stranger in strangers:
        client = client_for(stranger)
        for path in (f"/quality/plans/{plan.id}", f"/quality/plans/{plan.id}/grid", f"/quality/plans/{plan.id}/answers",
                     address, f"/quality/cohorts/{marked.cohort.id}/plans"):  # fmt: skip
            assert client.get(path).status_code == 404, path
        data = {"add": str(free.id), "drop": "", "reason": "Mine."}
        assert client.post(f"{address}/change", data=data).status_code == 404
        drawn = client.post(f"/quality/cohorts/{marked.cohort.id}/plans", data={"stage": "final"})
        assert drawn.status_code == 404


def story_cohort(story: Story) -> Marked:
    """A second marked cohort."""
    return marked_cohort(story, "Elsewhere")


def test_a_cohort_that_nobody_sampled_is_named(marked: Marked, client_for: SignIn) -> None:
    story_cohort(marked.story)
    plan = marked.draw()
    page = client_for(marked.iqa).get(f"/quality/plans/{plan.id}").get_data(as_text=True)
    assert "Cohorts with marked work and no sample in a year: Elsewhere." in page


def test_yesterdays_assessor_is_no_assurer_of_this_cohort_today(marked: Marked, client_for: SignIn, at: Any) -> None:
    """Checked at the moment of action: the appointment ended, the decisions stay."""
    today = clock.now().date()
    gone = marked.story.staff(Role.ASSESSOR, "Una Vale", from_date=today - timedelta(days=30), until_date=today)
    marked.mark("Bram Kent", gone)
    marked.story.appoint(gone, Role.IQA, from_date=today)
    at(clock.now() + timedelta(days=1))
    client = client_for(gone)
    page = f"/quality/cohorts/{marked.cohort.id}/plans"
    assert "You assessed work in this cohort" in client.get(page).get_data(as_text=True)
    assert client.post(page, data={"stage": "final"}).status_code == 409
    with marked.story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Sample)) == 0
