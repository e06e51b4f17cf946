"""Separation of duties: who taught, assessed or studies in a cohort never assures its quality."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from assessors.quality import operations as quality
from assessors.quality.models import Sample
from course import clock
from course.access import Role
from course.records import operations as records
from course.records import queries
from course.records.models import Batch, Release
from course.refusal import Refusal
from tests.support.house import HouseClient
from tests.support.marked import FOOD, achieved_unit, actor, food_cohort, give_back, hand_in_food, judge
from tests.support.story import Story

ASSURERS = (Role.IQA, Role.LEAD_IQA)
PARTS = {
    "taught the cohort": "You taught this cohort",
    "taught every cohort of the centre": "You taught this cohort",
    "taught it once, long ago": "You taught this cohort",
    "assessed in the cohort": "You assessed work in this cohort",
    "studies in the cohort": "You are, or were, a learner in this cohort",
}


def give_part(story: Story, part: str, done: Any, assurer: Role) -> Any:
    """Somebody with this part in the cohort who is an assurer of it, too."""
    if part == "studies in the cohort":
        person = done.learner
    elif part == "assessed in the cohort":
        person = done.assessor
    else:
        person = story.person()
        scope: dict[str, Any] = {"cohort_id": done.cohort.id} if part == "taught the cohort" else {}
        if "long ago" in part:
            years = timedelta(days=365)
            scope = {"from_date": clock.now().date() - 2 * years, "until_date": clock.now().date() - years}
        story.appoint(person, Role.TUTOR, **scope)
    story.appoint(person, assurer)
    return person


@pytest.mark.parametrize("assurer", ASSURERS)
@pytest.mark.parametrize("part", PARTS)
def test_nobody_releases_what_they_had_a_part_in(story: Story, client_for: Any, part: str, assurer: Role) -> None:
    done = achieved_unit(story)
    person = give_part(story, part, done, assurer)
    by = actor(story, person, assurer)
    with story.writing() as session:
        batch = records.make_batch(session, done.cohort, [done.unit], by=actor(story, done.iqa, Role.IQA))
    with story.writing() as session, pytest.raises(Refusal) as refused:
        quality.release(session, session.get_one(Batch, batch.id), "All is well.", "", by=by)
    assert refused.value.sentence == f"{PARTS[part]}, so you cannot check its quality."
    page = client_for(person).post(f"/quality/batches/{batch.id}/release", data={"rationale": "All is well."})
    assert page.status_code == 409
    assert PARTS[part] in page.get_data(as_text=True)
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Release)) == 0


@pytest.mark.parametrize("part", PARTS)
def test_nobody_samples_or_batches_what_they_had_a_part_in(story: Story, client_for: Any, part: str) -> None:
    done = achieved_unit(story)
    person = give_part(story, part, done, Role.IQA)
    client: HouseClient = client_for(person)
    page = f"/quality/cohorts/{done.cohort.id}"
    assert PARTS[part] in client.get(page).get_data(as_text=True)
    chosen = {"answers": str(done.answers[0].id), "rationale": "One of them."}
    assert client.post(f"{page}/samples", data=chosen).status_code == 409
    unit = f"{done.enrolment.id}/{done.unit.unit}"
    assert client.post(f"{page}/batches", data={"units": unit}).status_code == 409
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Sample)) == 1
        assert session.scalar(select(func.count()).select_from(Batch)) == 0


OTHERS = [role for role in Role if role not in {Role.LEARNER, *ASSURERS}]


@pytest.mark.parametrize("other", [role for role in OTHERS if role is not Role.EQA])  # never at one's own centre
def test_another_role_elsewhere_does_not_keep_anybody_from_releasing(story: Story, other: Role) -> None:
    done = achieved_unit(story)
    elsewhere = story.cohort("Elsewhere", qualification=FOOD)
    story.appoint(done.iqa, other, cohort_id=elsewhere.id)
    by = actor(story, done.iqa, Role.IQA)
    with story.writing() as session:
        batch = records.make_batch(session, done.cohort, [done.unit], by=by)
        session.flush()
        quality.release(session, batch, "All of it was looked at.", "", by=by)
    with story.reading() as session:
        assert queries.batch_in_full(session, batch.id).release is not None


def test_a_learner_of_another_cohort_may_assure_this_one(story: Story) -> None:
    done = achieved_unit(story)
    story.enrol(done.iqa, story.cohort("Elsewhere", qualification=FOOD))
    with story.reading() as session:
        found = queries.standing(session, done.iqa.id, done.cohort)
    assert found.ties == frozenset()


def test_only_an_assurer_reaches_the_pages(story: Story, client_for: Callable[[Any], HouseClient]) -> None:
    for role in OTHERS:
        assert client_for(story.staff(role)).get("/quality").status_code == 403
    learner, _ = story.learner()
    assert client_for(learner).get("/quality").status_code == 403


def test_an_assurer_of_another_centre_or_cohort_finds_nothing(story: Story, client_for: Any) -> None:
    done = achieved_unit(story)
    with story.writing() as session:
        batch = records.make_batch(session, done.cohort, [done.unit], by=actor(story, done.iqa, Role.IQA))
    other = story.cohort("Elsewhere", qualification=FOOD)
    strangers = [
        story.staff(Role.IQA, centre=story.centre("Another centre")),
        story.staff(Role.LEAD_IQA, cohort_id=other.id),
    ]
    for stranger in strangers:
        client = client_for(stranger)
        for path in (
            f"/quality/cohorts/{done.cohort.id}",
            f"/quality/samples/{done.sample_id}",
            f"/quality/samples/{done.sample_id}/answers/{done.answers[0].id}",
            f"/quality/batches/{batch.id}",
        ):
            assert client.get(path).status_code == 404
        assert client.post(f"/quality/batches/{batch.id}/release", data={"rationale": "Mine."}).status_code == 404


def test_work_waits_for_its_sample_where_the_policy_says_so(story: Story) -> None:
    cohort = food_cohort(story)
    _, enrolment = story.learner(cohort=cohort)
    assessor = story.staff(Role.ASSESSOR)
    answer = hand_in_food(story, enrolment)[0]
    judge(story, answer, assessor, returned=False)
    with pytest.raises(Refusal, match="after a sample"):
        give_back(story, answer, assessor)
