"""Samples, reviews, actions and the release that rests on them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from assessors.quality import operations as quality
from assessors.quality import overview, queries, returning, rules
from assessors.quality.models import Action, Review, Sample
from assessors.quality.plan import operations as plans
from assessors.quality.plan.rules import Stage
from assessors.quality.rules import Finding, Judged, Reason
from course import audit, clock
from course.access import Role
from course.audit import AuditEvent
from course.independence import Standing
from course.records import operations as records
from course.records.queries import AchievedUnit
from course.refusal import Refusal
from course.workbook import queries as work
from course.workbook.models import AccessEntry, Answer, Outcome
from tests.support.house import HouseClient
from tests.support.marked import (
    FOOD,
    FOOD_UNIT,
    Achieved,
    achieved_unit,
    actor,
    food_cohort,
    give_back,
    hand_in_food,
    held,
    judge,
)
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
TODAY = date(2026, 11, 24)


# -- which answers to look at ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("judged", "reasons"),
    [
        (Judged(1, False, False, TODAY - timedelta(days=400)), ()),
        (Judged(1, False, False, TODAY - timedelta(days=10)), (Reason.NEW_ASSESSOR,)),
        (Judged(1, False, True, None), (Reason.SAFETY_CRITICAL,)),
        (Judged(1, True, False, None), (Reason.NOT_YET,)),
        (Judged(2, False, False, None), (Reason.LATER_ATTEMPT,)),
        (Judged(1, False, False, None, has_departure=True), (Reason.DEPARTURE,)),
    ],
)
def test_the_reasons_to_look_at_an_answer(judged: Judged, reasons: tuple[Reason, ...]) -> None:
    assert rules.suggest(judged, TODAY) == reasons


def test_the_most_telling_answers_come_first(story: Story) -> None:
    cohort = food_cohort(story)
    _, enrolment = story.learner(cohort=cohort)
    assessor = story.staff(Role.ASSESSOR, from_date=clock.now().date() - timedelta(days=400))
    answers = hand_in_food(story, enrolment)
    for answer in answers:
        judge(story, answer, assessor, returned=False, achieved=answer.question != "allergy-at-table-four")
    iqa = story.staff(Role.IQA)
    with story.reading() as session:
        found = queries.candidates(session, cohort, held(story, iqa))
    assert found[0].facts.question == "allergy-at-table-four"
    assert set(found[0].reasons) == {Reason.SAFETY_CRITICAL, Reason.NOT_YET}
    assert not found[0].is_achieved


def test_the_overview_takes_a_constant_number_of_queries(
    story: Story, client_for: SignIn, statements: list[str]
) -> None:
    done = achieved_unit(story)
    client = client_for(done.iqa)
    client.get("/quality")
    statements.clear()
    client.get("/quality")
    one = len(statements)
    achieved_unit(story, "Sam Okafor", cohort=done.cohort)
    statements.clear()
    client.get("/quality")
    assert len(statements) == one


def test_a_sample_needs_answers_and_a_reason(story: Story, client_for: SignIn) -> None:
    done = achieved_unit(story)
    response = client_for(done.iqa).post(f"/quality/cohorts/{done.cohort.id}/samples", data={"rationale": " "})
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "Choose at least one answer." in page
    assert "Write why you chose these answers." in page


def test_an_answer_that_nobody_judged_cannot_be_sampled(story: Story) -> None:
    cohort = food_cohort(story)
    _, enrolment = story.learner(cohort=cohort)
    answer = hand_in_food(story, enrolment)[0]
    iqa = story.staff(Role.IQA)
    with story.writing() as session, pytest.raises(Refusal, match="not ready"):
        quality.open_sample(session, cohort, [answer.id], "All.", held=held(story, iqa), by=actor(story, iqa, Role.IQA))


def test_an_answer_of_another_cohort_cannot_be_sampled(story: Story) -> None:
    done = achieved_unit(story)
    other = story.cohort("Elsewhere", qualification=FOOD)
    with story.writing() as session, pytest.raises(Refusal, match="not ready"):
        quality.open_sample(
            session, other, [done.answers[0].id], "All.", held=held(story, done.iqa),
            by=actor(story, done.iqa, Role.IQA),
        )  # fmt: skip


def test_the_overview_says_how_far_the_last_plan_has_come(story: Story) -> None:
    done = achieved_unit(story)
    with story.reading() as session:
        assert overview.of_cohort(session, done.cohort).gaps == ["No sampling plan has been drawn yet."]
    _, enrolment = story.learner("Sam Okafor", cohort=done.cohort)
    later = hand_in_food(story, enrolment)[0]
    judge(story, later, done.assessor, returned=False)
    by, mine = actor(story, done.iqa, Role.IQA), held(story, done.iqa)
    with story.writing() as session:
        plan = plans.draw(session, done.cohort, Stage.FINAL, held=mine, by=by)
    with story.reading() as session:
        seen = overview.of_cohort(session, done.cohort)
        assert seen.gaps == ["1 answer of plan 1 still to look at."]
        assert seen.sampled == len(done.answers) + 1
    with story.writing() as session:
        sample, facts = session.get_one(Sample, plan.sample_id), work.answer_facts(session, later.id)
        for decision in facts.standing.values():
            quality.review(session, sample, facts, decision, quality.Found(Finding.AGREE), by=by)
    with story.reading() as session:
        assert overview.of_cohort(session, done.cohort).gaps == []


# -- reviews ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def decided(story: Story) -> tuple[Any, Any, list[Answer], Any]:
    """A cohort with decided answers, its assessor, the answers and an assurer."""
    cohort = food_cohort(story)
    _, enrolment = story.learner("Ffion Davies", cohort=cohort)
    assessor = story.staff(Role.ASSESSOR, "Joan Price")
    answers = hand_in_food(story, enrolment)
    for answer in answers:
        judge(story, answer, assessor, returned=False, feedback="You name both steps.")
    return cohort, assessor, answers, story.staff(Role.IQA, "Tom Hughes")


def open_sample(story: Story, cohort: Any, iqa: Any, answers: list[Answer]) -> Sample:
    """A sample of these answers."""
    with story.writing() as session:
        return quality.open_sample(
            session, cohort, [one.id for one in answers], "To see.", held=held(story, iqa),
            by=actor(story, iqa, Role.IQA),
        )  # fmt: skip


def ask_to_act(story: Story, sample: Sample, iqa: Any, answer: Answer) -> Action:
    """The assurer asks the assessor to act on the first decision of an answer."""
    with story.writing() as session:
        facts = work.answer_facts(session, answer.id)
        decision = next(iter(facts.standing.values()))
        found = quality.Found(Finding.ACT, "Ask about the label.", clock.now().date() + timedelta(days=7))
        review = quality.review(session, sample, facts, decision, found, by=actor(story, iqa, Role.IQA))
        session.flush()
        return session.scalars(select(Action).where(Action.review_id == review.id)).one()


def test_the_answer_page_shows_words_feedback_and_the_guidance_of_each_decision(
    story: Story, client_for: SignIn, decided: Any
) -> None:
    cohort, _, answers, iqa = decided
    sample = open_sample(story, cohort, iqa, answers)
    page = client_for(iqa).get(f"/quality/samples/{sample.id}/answers/{answers[1].id}").get_data(as_text=True)
    assert "I tell the chef, and I check the label." in page
    assert "You name both steps." in page
    assert "Guidance on 2.2, version 1" in page
    assert "This is my own work." in page
    with story.reading() as session:
        entry = session.scalars(select(AccessEntry).where(AccessEntry.person_id == iqa.id)).all()
        assert {(one.purpose, one.answer_id) for one in entry} >= {("sampling", answers[1].id)}


def test_an_answer_outside_the_sample_is_not_shown_through_it(story: Story, client_for: SignIn, decided: Any) -> None:
    cohort, _, answers, iqa = decided
    sample = open_sample(story, cohort, iqa, answers[:1])
    assert client_for(iqa).get(f"/quality/samples/{sample.id}/answers/{answers[1].id}").status_code == 404


def test_asking_to_act_needs_words_and_a_day_to_come(story: Story, client_for: SignIn, decided: Any) -> None:
    cohort, _, answers, iqa = decided
    sample = open_sample(story, cohort, iqa, answers)
    client = client_for(iqa)
    page = f"/quality/samples/{sample.id}/answers/{answers[1].id}"
    review = re.findall(r'action="([^"]+/review)"', client.get(page).get_data(as_text=True))[0]
    empty = client.post(review, data={"finding": "act"})
    assert empty.status_code == 422
    assert "Write what the assessor should do." in empty.get_data(as_text=True)
    assert empty.get_data(as_text=True).count("Give the day by which to act.") == 2, "in the summary and at the box"
    nothing = client.post(review, data={"comment": "Words that must not be lost."})
    assert nothing.status_code == 422
    assert "Words that must not be lost." in nothing.get_data(as_text=True)
    past = client.post(review, data={"finding": "act", "comment": "Ask again.", "due_on": "2020-01-01"})
    assert past.status_code == 422
    assert "that is today or later" in past.get_data(as_text=True)
    assert "Ask again." in past.get_data(as_text=True), "nothing typed is lost"
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 0


def test_a_decision_is_reviewed_once_in_a_sample(story: Story, client_for: SignIn, decided: Any) -> None:
    cohort, _, answers, iqa = decided
    sample = open_sample(story, cohort, iqa, answers)
    client = client_for(iqa)
    shown = client.get(f"/quality/samples/{sample.id}/answers/{answers[0].id}").get_data(as_text=True)
    review = re.findall(r'action="([^"]+/review)"', shown)[0]
    assert client.post(review, data={"finding": "agree"}).status_code == 303
    assert client.post(review, data={"finding": "agree"}).status_code == 409


def test_nobody_reviews_their_own_decision(story: Story, decided: Any) -> None:
    cohort, assessor, answers, iqa = decided
    sample = open_sample(story, cohort, iqa, answers)
    story.appoint(assessor, Role.IQA)
    with story.writing() as session:
        facts = work.answer_facts(session, answers[0].id)
        with pytest.raises(Refusal, match="You assessed work"):
            quality.review(
                session, sample, facts, facts.decisions[0], quality.Found(Finding.AGREE),
                by=actor(story, assessor, Role.IQA),
            )  # fmt: skip


# -- actions ---------------------------------------------------------------------------------------------------------


def test_an_action_goes_to_its_assessor_is_answered_and_closed(story: Story, client_for: SignIn, decided: Any) -> None:
    cohort, assessor, answers, iqa = decided
    sample = open_sample(story, cohort, iqa, answers)
    action = ask_to_act(story, sample, iqa, answers[1])
    joan, tom = client_for(assessor), client_for(iqa)
    assert tom.post(f"/quality/actions/{action.id}/closure", data={"wrong": "no"}).status_code == 409
    waiting = tom.get(f"/quality/actions/{action.id}/closure").get_data(as_text=True)
    assert "You can close it when they have." in waiting
    assert "Ask about the label." in joan.get("/quality/actions").get_data(as_text=True)
    assert joan.post(f"/quality/actions/{action.id}/response", data={"words": " "}).status_code == 422
    said = joan.post(f"/quality/actions/{action.id}/response", data={"words": "I asked her, and she knew."})
    assert said.status_code == 303
    page = f"/quality/samples/{sample.id}/answers/{answers[1].id}"
    assert "I asked her, and she knew." in tom.get(page).get_data(as_text=True)
    assert tom.post(f"/quality/actions/{action.id}/closure", data={"wrong": "no"}).status_code == 303
    assert tom.post(f"/quality/actions/{action.id}/closure", data={"wrong": "no"}).status_code == 409
    assert "Your decision stands as it is now." in joan.get("/quality/actions").get_data(as_text=True)
    assert joan.post(f"/quality/actions/{action.id}/response", data={"words": "One more."}).status_code == 409
    with story.reading() as session:
        happened = list(session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("action.%"))))
        assert sorted(happened) == ["action.answered", "action.asked", "action.closed"]
        assert list(audit.verify(session)) == []


def test_an_action_of_somebody_else_does_not_exist_for_an_assessor(
    story: Story, client_for: SignIn, decided: Any
) -> None:
    cohort, _, answers, iqa = decided
    action = ask_to_act(story, open_sample(story, cohort, iqa, answers), iqa, answers[0])
    other = client_for(story.staff(Role.ASSESSOR, "Priya Shah"))
    assert "Ask about the label." not in other.get("/quality/actions").get_data(as_text=True)
    assert other.post(f"/quality/actions/{action.id}/response", data={"words": "Done."}).status_code == 404


def test_an_action_lets_a_returned_answer_be_decided_again(story: Story) -> None:
    done = achieved_unit(story)
    answer = done.answers[0]
    sample = open_sample(story, done.cohort, done.iqa, [answer])
    ask_to_act(story, sample, done.iqa, answer)
    judge(story, answer, done.assessor, outcomes={"1.1": Outcome.NOT_YET_ACHIEVED}, returned=False)
    with story.reading() as session:
        facts = work.answer_facts(session, answer.id)
        assert facts.standing["1.1"].number == 2
        assert returning.has_open_action(session, answer.id)


def test_an_action_of_an_assessor_who_left_can_be_closed_without_an_answer() -> None:
    assert rules.close_action(Standing(), has_left=True, answered=False, closed=False)
    with pytest.raises(Refusal, match="not answered"):
        rules.close_action(Standing(), has_left=False, answered=False, closed=False)


# -- returning after sampling, and releasing -------------------------------------------------------------------------


def test_what_a_finished_sample_looked_at_or_passed_by_may_go_back(story: Story, decided: Any) -> None:
    cohort, assessor, answers, iqa = decided
    sample = open_sample(story, cohort, iqa, answers[:1])
    with story.reading() as session:
        assert not returning.is_released_for_return(session, answers[0].id)
        assert not returning.is_released_for_return(session, answers[1].id)
    with story.writing() as session:
        facts = work.answer_facts(session, answers[0].id)
        for decision in facts.standing.values():
            by = actor(story, iqa, Role.IQA)
            quality.review(session, sample, facts, decision, quality.Found(Finding.AGREE), by=by)
    for answer in answers:
        give_back(story, answer, assessor)
    with story.reading() as session:
        assert all(one.is_returned for one in work.answers_facts(session, [one.id for one in answers]).values())


def test_what_was_decided_after_the_sample_waits_for_the_next(story: Story) -> None:
    done = achieved_unit(story)
    _, enrolment = story.learner("Sam Okafor", cohort=done.cohort)
    later = hand_in_food(story, enrolment)[0]
    judge(story, later, done.assessor, returned=False)
    with story.reading() as session:
        assert not returning.is_released_for_return(session, later.id)


def make_batch(story: Story, done: Achieved) -> Any:
    """A batch of the achieved unit."""
    with story.writing() as session:
        return records.make_batch(session, done.cohort, [done.unit], by=actor(story, done.iqa, Role.IQA))


def test_a_batch_waits_for_every_open_action_in_it(story: Story, client_for: SignIn) -> None:
    done = achieved_unit(story)
    batch = make_batch(story, done)
    sample = open_sample(story, done.cohort, done.iqa, done.answers)
    action = ask_to_act(story, sample, done.iqa, done.answers[1])
    client = client_for(done.iqa)
    page = f"/quality/batches/{batch.id}"
    refused = client.post(f"{page}/release", data={"rationale": "It is fine."})
    assert refused.status_code == 409
    assert "An action on work in this batch is still open" in refused.get_data(as_text=True)
    words = {"words": "I spoke to her."}
    assert client_for(done.assessor).post(f"/quality/actions/{action.id}/response", data=words).status_code == 303
    assert client.post(f"/quality/actions/{action.id}/closure", data={"wrong": "no"}).status_code == 303
    assert client.post(f"{page}/release", data={"rationale": "It is fine."}).status_code == 303
    assert client.post(f"{page}/release", data={"rationale": "It is fine."}).status_code == 409


def test_a_batch_says_why_nobody_looked_at_an_assessor(story: Story) -> None:
    cohort = food_cohort(story)
    _, enrolment = story.learner("Ffion Davies", cohort=cohort)
    joan, priya = story.staff(Role.ASSESSOR, "Joan Price"), story.staff(Role.ASSESSOR, "Priya Shah")
    answers, iqa = hand_in_food(story, enrolment), story.staff(Role.IQA)
    for answer, assessor in zip(answers, (joan, joan, priya), strict=True):
        judge(story, answer, assessor, returned=False)
    sample = open_sample(story, cohort, iqa, answers[:1])
    by = actor(story, iqa, Role.IQA)
    with story.writing() as session:
        facts = work.answer_facts(session, answers[0].id)
        for decision in facts.standing.values():
            quality.review(session, sample, facts, decision, quality.Found(Finding.AGREE), by=by)
    for answer, assessor in zip(answers, (joan, joan, priya), strict=True):
        give_back(story, answer, assessor)
    with story.writing() as session:
        batch = records.make_batch(session, cohort, [AchievedUnit(enrolment.id, FOOD_UNIT)], by=by)
        session.flush()
        with pytest.raises(Refusal, match="Nothing of Priya Shah"):
            quality.release(session, batch, "It is fine.", "", by=by)
        released = quality.release(session, batch, "It is fine.", "Only one knowledge check.", by=by)
    assert released.rationale == "It is fine. Not sampled: Priya Shah. Only one knowledge check."


def test_a_unit_is_batched_once_and_only_when_achieved(story: Story) -> None:
    done = achieved_unit(story)
    make_batch(story, done)
    with pytest.raises(Refusal, match="in a batch already"):
        make_batch(story, done)
    _, enrolment = story.learner("Sam Okafor", cohort=done.cohort)
    unit, by = AchievedUnit(enrolment.id, FOOD_UNIT), actor(story, done.iqa, Role.IQA)
    with story.writing() as session, pytest.raises(Refusal, match="not achieved"):
        records.make_batch(session, done.cohort, [unit], by=by)


# -- the external quality assurer ------------------------------------------------------------------------------------


def test_an_external_assurer_sees_numbers_and_nobody(story: Story, client_for: SignIn) -> None:
    done = achieved_unit(story)
    make_batch(story, done)
    page = client_for(story.staff(Role.EQA)).get("/external").get_data(as_text=True)
    assert "Not released" in page
    assert "Ffion" not in page
