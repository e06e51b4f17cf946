"""A visit: set up by the centre, limited to its sample and its days, every look written down, requests and actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from assessors.external import operations, queries
from assessors.external.models import RequestRefusal, SampleRequest, Showing, Visit, VisitAction, VisitActionDone
from assessors.external.rules import LearnersUnit
from course import audit, clock
from course.access import Role
from course.audit import AuditEvent
from course.outbox import Message
from course.people.models import Appointment, Person
from course.refusal import Refusal
from course.workbook.models import AccessEntry
from tests.assessors.external.conftest import Visited, set_up
from tests.support.house import HouseClient
from tests.support.marked import FOOD, FOOD_UNIT, actor, food_cohort, hand_in_food
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]


def actions(story: Story) -> list[str]:
    with story.reading() as session:
        assert list(audit.verify(session)) == []
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def in_days(days: int) -> str:
    return (clock.now().date() + timedelta(days=days)).isoformat()


def form(**more: str) -> dict[str, str]:
    return {
        "name": "Helen Voss", "email": "helen.voss@example.org", "scope": FOOD, "from_date": in_days(0),
        "until_date": in_days(14), "purpose": "The yearly visit.",
    } | more  # fmt: skip


# -- setting up --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ADMIN, Role.LEAD_IQA])
def test_a_few_clicks_let_an_external_quality_assurer_in_until_a_day(
    role: Role, story: Story, client_for: SignIn
) -> None:
    food_cohort(story)
    client = client_for(story.staff(role))
    assert "The way in closes by itself" not in client.get("/visits").get_data(as_text=True)
    assert client.get("/visits/new").status_code == 200
    answer = client.post("/visits/new", data=form())
    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 200
    with story.reading() as session:
        visit = session.scalars(select(Visit)).one()
        appointment = session.get_one(Appointment, visit.eqa_appointment_id)
        eqa = session.get_one(Person, visit.eqa_id)
        assert (eqa.name, appointment.role, appointment.qualification) == ("Helen Voss", Role.EQA, FOOD)
        assert appointment.until_date == clock.now().date() + timedelta(days=14)
        assert session.scalars(select(Message).where(Message.to_email == eqa.email)).one()
    assert actions(story)[-3:] == ["person.invited", "appointment.made", "visit.set-up"]


def test_a_visit_needs_its_days_and_nobody_from_within(story: Story, client_for: SignIn) -> None:
    food_cohort(story)
    admin, assessor = story.staff(Role.ADMIN), story.staff(Role.ASSESSOR, "Joan Price")
    client = client_for(admin)
    wrong = client.post("/visits/new", data=form(until_date=""))
    assert wrong.status_code == 422
    assert "The yearly visit." in wrong.get_data(as_text=True)
    for data, sentence in (
        (form(until_date=in_days(100)), "three months at most"),
        (form(until_date=in_days(-1)), "The last day is before the first"),
        (form(email=assessor.email), "works or studies at this centre"),
        (form(email=admin.email), "works or studies at this centre"),
    ):
        refused = client.post("/visits/new", data=data)
        assert (refused.status_code, sentence in refused.get_data(as_text=True)) == (409, True), sentence
    with story.reading() as session:
        assert session.scalars(select(Visit)).all() == []


def test_a_lead_with_one_cohort_cannot_open_the_others(story: Story, client_for: SignIn) -> None:
    mine, other = food_cohort(story), food_cohort(story, "Other kitchen")
    client = client_for(story.staff(Role.LEAD_IQA, cohort_id=mine.id))
    assert "Other kitchen" not in client.get("/visits/new").get_data(as_text=True)
    assert client.post("/visits/new", data=form()).status_code == 404
    assert client.post("/visits/new", data=form(scope=f"{FOOD}/{other.id}")).status_code == 422
    assert client.post("/visits/new", data=form(scope=f"{FOOD}/{mine.id}")).status_code == 303
    with story.reading() as session:
        assert [one.cohort_id for one in session.scalars(select(Visit))] == [mine.id]
        assert len(session.scalars(select(Person).where(Person.name == "Helen Voss")).all()) == 1


# -- what may be seen --------------------------------------------------------------------------------------------------


def test_the_sample_is_seen_in_full_and_the_learner_sees_who_looked(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    helen = client_for(visited.eqa)
    assert f"/external/visits/{visited.visit.id}" in helen.get("/external").get_data(as_text=True)
    assert "Ffion D." in helen.get(f"/external/visits/{visited.visit.id}").get_data(as_text=True)
    address = f"/external/visits/{visited.visit.id}/answers/{visited.done.answers[0].id}"
    page = helen.get(address).get_data(as_text=True)
    for words in ("Before I touch food.", "You show this well.", "Tom Hughes agreed", "Guidance on", "version 1"):
        assert words in page, words
    with story.reading() as session:
        looks = session.scalars(select(AccessEntry).where(AccessEntry.person_id == visited.eqa.id)).all()
        assert {(one.answer_id, one.purpose, one.role) for one in looks} == {
            (visited.done.answers[0].id, "external checking", Role.EQA)
        }
    seen = client_for(visited.done.learner).get("/learn/access-log").get_data(as_text=True)
    assert "Helen" in seen
    assert "To check the centre" in seen


def test_nothing_but_the_sample_exists(visited: Visited, story: Story, client_for: SignIn) -> None:
    helen, base = client_for(visited.eqa), f"/external/visits/{visited.visit.id}/answers"
    assert helen.get(f"{base}/{visited.other.answers[0].id}").status_code == 404
    late = story.learner("Nia Rees", cohort=visited.done.cohort)[1]
    for answer in hand_in_food(story, late):
        assert helen.get(f"{base}/{answer.id}").status_code == 404
    for address in (f"/quality/cohorts/{visited.done.cohort.id}", "/marking", "/office", "/quality",
                    f"/visits/{visited.visit.id}", f"/office/cohorts/{visited.done.cohort.id}"):  # fmt: skip
        assert helen.get(address).status_code == 403, address
    with story.reading() as session:
        assert not session.scalars(
            select(AccessEntry).where(AccessEntry.enrolment_id != visited.done.enrolment.id)
        ).all()


def test_an_answer_handed_in_again_is_unseen_until_it_is_returned(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    """Only what the learner has been shown is in the sample: a decision on the way stays between those who make it."""
    with story.reading() as session:
        seen = {one.id for one in queries.sampled_answers(session, visited.visit.id)}
    assert seen == {one.id for one in visited.done.answers}


def test_another_visits_sample_is_another_matter(visited: Visited, story: Story, client_for: SignIn) -> None:
    mine = set_up(story, visited.lead, email="second@example.org")
    with story.reading() as session:
        second = client_for(session.get_one(Person, mine.eqa_id))
    assert second.get(f"/external/visits/{visited.visit.id}").status_code == 404
    assert second.get(f"/external/visits/{mine.id}/answers/{visited.done.answers[0].id}").status_code == 404
    assert second.post(f"/visits/{visited.visit.id}/pack").status_code == 404


def test_the_way_in_closes_by_itself(visited: Visited, client_for: SignIn, at: Callable[[Any], None]) -> None:
    address = f"/external/visits/{visited.visit.id}"
    answer = f"{address}/answers/{visited.done.answers[0].id}"
    later = clock.now() + timedelta(days=15)
    at(later)
    helen = client_for(visited.eqa)
    for path in ("/external", address, answer):
        assert helen.get(path).status_code == 403, path
    page = client_for(visited.lead).get(f"/visits/{visited.visit.id}").get_data(as_text=True)
    assert "over" in page
    assert "Choose what may be seen" not in page


def test_the_centre_can_make_today_the_last_day(visited: Visited, story: Story, client_for: SignIn) -> None:
    assert client_for(visited.admin).post(f"/visits/{visited.visit.id}/end").status_code == 303
    with story.reading() as session:
        assert session.get_one(Appointment, visited.visit.eqa_appointment_id).until_date == clock.now().date()
    assert actions(story)[-1] == "appointment.ended"


# -- the sample, chosen and asked for ----------------------------------------------------------------------------------


def unit_of(visited: Visited) -> str:
    return f"{visited.other.enrolment.id}/{FOOD_UNIT}"


def test_the_centre_adds_to_the_sample_with_a_reason(visited: Visited, story: Story, client_for: SignIn) -> None:
    client, address = client_for(visited.admin), f"/visits/{visited.visit.id}/sample"
    assert client.post(address, data={"units": unit_of(visited)}).status_code == 422
    assert client.post(address, data={"units": "nonsense", "rationale": "Why not"}).status_code == 422
    assert client.post(address, data={"units": unit_of(visited), "rationale": "The other assessor."}).status_code == 303
    with story.reading() as session:
        assert len(queries.shown_units(session, visited.visit.id)) == 2
        assert session.scalars(select(Showing).order_by(Showing.at.desc())).first().rationale == "The other assessor."
    assert actions(story)[-1] == "visit-sample.shown"
    page = f"/external/visits/{visited.visit.id}/answers/{visited.other.answers[0].id}"
    assert client_for(visited.eqa).get(page).status_code == 200


def test_the_external_quality_assurer_asks_and_the_centre_grants(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    helen, ruth = client_for(visited.eqa), client_for(visited.lead)
    base = f"/external/visits/{visited.visit.id}"
    assert "Gwen H." in helen.get(base).get_data(as_text=True)
    assert helen.post(f"{base}/requests", data={"units": unit_of(visited)}).status_code == 422
    asked = helen.post(f"{base}/requests", data={"units": unit_of(visited), "reason": "A second learner."})
    assert asked.status_code == 303
    assert actions(story)[-1] == "visit-sample.asked"
    assert helen.get(f"{base}/answers/{visited.other.answers[0].id}").status_code == 404
    with story.reading() as session:
        request_id = session.scalars(select(SampleRequest.id)).one()
    assert "A second learner." in ruth.get(f"/visits/{visited.visit.id}").get_data(as_text=True)
    grant = f"/visits/{visited.visit.id}/requests/{request_id}/grant"
    assert ruth.post(grant).status_code == 303
    assert actions(story)[-1] == "visit-sample.shown"
    assert helen.get(f"{base}/answers/{visited.other.answers[0].id}").status_code == 200
    assert ruth.post(grant).status_code == 409
    assert "The centre agreed" in helen.get(base).get_data(as_text=True)


def test_a_request_is_refused_with_a_reason(visited: Visited, story: Story, client_for: SignIn) -> None:
    helen, ruth = client_for(visited.eqa), client_for(visited.lead)
    base = f"/external/visits/{visited.visit.id}"
    helen.post(f"{base}/requests", data={"units": unit_of(visited), "reason": "A second learner."})
    with story.reading() as session:
        request_id = session.scalars(select(SampleRequest.id)).one()
    refuse = f"/visits/{visited.visit.id}/requests/{request_id}/refusal"
    assert ruth.post(refuse, data={"reason": " "}).status_code == 422
    assert ruth.post(refuse, data={"reason": "An appeal is open."}).status_code == 303
    assert ruth.post(refuse, data={"reason": "Again."}).status_code == 409
    assert actions(story)[-1] == "visit-sample.refused"
    assert "An appeal is open." in helen.get(base).get_data(as_text=True)
    with story.reading() as session:
        assert session.scalars(select(RequestRefusal)).one().refused_by == visited.lead.id
    assert helen.get(f"{base}/answers/{visited.other.answers[0].id}").status_code == 404


def test_nothing_is_shown_that_was_not_returned_or_is_of_another_cohort(visited: Visited, story: Story) -> None:
    fresh = story.learner("Nia Rees", cohort=visited.done.cohort)[1]
    hand_in_food(story, fresh)
    by = actor(story, visited.lead, Role.LEAD_IQA)
    for key in (LearnersUnit(fresh.id, FOOD_UNIT), LearnersUnit(UUID(int=1), FOOD_UNIT),
                LearnersUnit(visited.done.enrolment.id, FOOD_UNIT)):  # fmt: skip
        with story.reading() as session:
            visit = session.get_one(Visit, visited.visit.id)
            with pytest.raises(Refusal, match="cannot be shown"):
                operations.show(session, visit, [key], "Why.", by=by)


# -- actions -----------------------------------------------------------------------------------------------------------


def test_actions_are_noted_with_their_day_and_what_was_done(visited: Visited, story: Story, client_for: SignIn) -> None:
    ruth, base = client_for(visited.lead), f"/visits/{visited.visit.id}"
    assert ruth.post(f"{base}/actions", data={"words": "Update the policy."}).status_code == 422
    noted = {"words": "Update the policy.", "due_on": in_days(-1)}
    assert ruth.post(f"{base}/actions", data=noted).status_code == 303
    with story.reading() as session:
        action = session.scalars(select(VisitAction)).one()
    assert "Overdue" in ruth.get(base).get_data(as_text=True)
    done = f"{base}/actions/{action.id}/done"
    assert ruth.post(done, data={"words": "", "done_on": in_days(0)}).status_code == 422
    assert ruth.post(done, data={"words": "Done.", "done_on": in_days(2)}).status_code == 409
    assert ruth.post(done, data={"words": "A new one is in force.", "done_on": in_days(0)}).status_code == 303
    assert ruth.post(done, data={"words": "Twice.", "done_on": in_days(0)}).status_code == 409
    with story.reading() as session:
        assert session.scalars(select(VisitActionDone)).one().outcome == "A new one is in force."
    assert actions(story)[-2:] == ["visit-action.noted", "visit-action.done"]
    page = client_for(visited.eqa).get(f"/external/visits/{visited.visit.id}").get_data(as_text=True)
    assert "A new one is in force." in page


def test_another_centre_finds_no_visit(visited: Visited, story: Story, client_for: SignIn) -> None:
    there = story.centre("Hill House")
    food_cohort(story)
    for role in (Role.ADMIN, Role.LEAD_IQA):
        stranger, base = client_for(story.staff(role, centre=there)), f"/visits/{visited.visit.id}"
        assert stranger.get(base).status_code == 404
        assert "Helen Voss" not in stranger.get("/visits").get_data(as_text=True)
        for path in ("sample", "actions", "end", f"requests/{UUID(int=1)}/grant", f"actions/{UUID(int=1)}/done"):
            assert stranger.post(f"{base}/{path}").status_code == 404, path
    helen = client_for(story.staff(Role.EQA, centre=there))
    assert helen.get(f"/external/visits/{visited.visit.id}").status_code == 404


def test_what_is_asked_for_is_not_asked_for_twice(visited: Visited, story: Story, client_for: SignIn) -> None:
    helen, base = client_for(visited.eqa), f"/external/visits/{visited.visit.id}"
    asked = {"units": unit_of(visited), "reason": "A second learner."}
    assert helen.post(f"{base}/requests", data=asked).status_code == 303
    assert helen.post(f"{base}/requests", data=asked).status_code == 422
    with story.reading() as session:
        assert len(session.scalars(select(SampleRequest)).all()) == 1
