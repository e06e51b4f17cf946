"""New guidance waits until an assurer has seen who would change and says why; old decisions keep their version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from assessors.guidance import operations as guidance_operations
from assessors.guidance import queries as guidance
from assessors.guidance import table
from assessors.guidance.models import GuidanceInForce
from course.access import Role
from course.audit import INSTALLER, AuditEvent
from course.workbook import projections
from course.workbook import queries as work
from course.workbook.models import AccessEntry, Decision, Reopening, Waiting
from course.workbook.progress import unit_progress
from tests.assessors.changes.conftest import MUSTS, WASH, publish_guidance, seen_on, with_must, without_must
from tests.support.house import HouseClient
from tests.support.marked import FOOD, FOOD_UNIT, achieved_unit, food_cohort, hand_in_food, judge, released_unit
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
NEW = "Says why hands are dried."


def hand_in(story: Story, name: str, cohort: Any) -> Any:
    _, enrolment = story.learner(name, cohort=cohort)
    return story.hand_in(enrolment, WASH, "Before food, after the bin, after the toilet.", unit=FOOD_UNIT)


def test_new_guidance_waits_until_an_assurer_puts_it_in_force_for_their_cohort(
    story: Story, client_for: SignIn
) -> None:
    cohort = food_cohort(story)
    _, enrolment = story.learner(cohort=cohort)
    hand_in_food(story, enrolment)
    elsewhere = story.cohort("Away", centre=story.centre("Another centre"), qualification=FOOD)
    second = publish_guidance(story, with_must(NEW))
    client = client_for(story.staff(Role.IQA))
    page = client.get("/quality/guidance").get_data(as_text=True)
    assert "Version 2 waits" in page
    assert '<td class="num">3' in page
    look, address = f"/quality/guidance/{second.id}/preview", f"/quality/guidance/{second.id}/in-force"
    assert client.get(f"{look}?cohort={elsewhere.id}").status_code == 404
    assert client.get(f"{look}?cohort=").status_code == 404
    seen = seen_on(client.get(f"{look}?cohort={cohort.id}"))
    data = {"cohort": str(cohort.id), "seen": seen, "old": "keep"}
    refused = client.post(address, data=data | {"reason": ""})
    assert refused.status_code == 422
    assert client.post(address, data=data | {"cohort": str(elsewhere.id), "reason": "Mine."}).status_code == 404
    assert client.post(address, data=data | {"reason": "Unseen.", "seen": "0" * 32}).status_code == 409
    assert client.post(address, data=data | {"reason": "Agreed at the meeting."}).status_code == 303
    with story.reading() as session:
        assert guidance.in_force(session, FOOD, FOOD_UNIT, cohort.id)[0].number == 2
        assert guidance.in_force(session, FOOD, FOOD_UNIT, elsewhere.id)[0].number == 1
        row = session.scalars(select(GuidanceInForce).where(GuidanceInForce.cohort_id == cohort.id)).one()
        assert row.reason == "Agreed at the meeting."
        happened = session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()))
        assert happened == "guidance.put-in-force"
    page = client.get("/quality/guidance").get_data(as_text=True)
    assert "The newest is in force" in page
    assert "Version 2" in page
    assert " waits" not in page.partition("The newest is in force")[0].partition("<h2")[2]


def test_the_preview_says_which_decisions_rest_on_what_changed_and_shows_nobodys_words(
    story: Story, cohort: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    ticked, unticked, waiting = (hand_in(story, name, cohort) for name in ("Ann Ash", "Bea Birch", "Cy Cedar"))
    judge(story, ticked, joan, ticks={"1.1": MUSTS}, feedback="Secret praise.")
    judge(story, unticked, joan)
    second = publish_guidance(story, with_must(NEW))
    client = client_for(lead)
    page = client.get(f"/quality/guidance/{second.id}/preview?cohort={cohort.id}").get_data(as_text=True)
    assert f"<ins>{NEW}</ins>" in page
    assert "Would be “not yet” (1)" in page
    assert "Ann A.: When do you wash?, 1.1" in page
    assert "Cannot be computed (1)" in page
    assert "no box was ticked" in page
    assert "Cy C." not in page
    assert "Secret praise" not in page
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(AccessEntry)) == 0
        assert guidance.in_force(session, FOOD, FOOD_UNIT, cohort.id)[0].number == 1
    assert waiting.id != ticked.id


def test_a_reworded_must_is_shown_word_by_word_and_one_that_goes_lets_somebody_in(
    story: Story, cohort: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    answer = hand_in(story, "Ann Ash", cohort)
    judge(story, answer, joan, achieved=False, ticks={"1.1": ("must-1",)})
    second = publish_guidance(story, without_must(2))
    client = client_for(lead)
    page = client.get(f"/quality/guidance/{second.id}/preview?cohort={cohort.id}").get_data(as_text=True)
    assert "<del>One of them is before touching food.</del>" in page
    assert "Would be achieved (1)" in page
    third = publish_guidance(
        story, lambda items: [one.model_copy(update={"text": one.text.replace("three", "two")}) for one in items]
    )
    page = client.get(f"/quality/guidance/{third.id}/preview?cohort={cohort.id}").get_data(as_text=True)
    assert "<del>three</del>" in page
    assert "<ins>two</ins>" in page


def test_a_unit_that_would_fall_is_named_by_the_same_derivation(
    story: Story, cohort: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    _, enrolment = story.learner("Ann Ash", cohort=cohort)
    for answer in hand_in_food(story, enrolment):
        judge(story, answer, joan, ticks={"1.1": ("must-1", "must-2"), "2.2": ("must-1", "must-2")})
    second = publish_guidance(story, with_must(NEW))
    with story.reading() as session:
        assert unit_progress(session, [enrolment.id], FOOD)[enrolment.id, FOOD_UNIT].achieved
    page = client_for(lead).get(f"/quality/guidance/{second.id}/preview?cohort=all").get_data(as_text=True)
    assert "Ann A. (Kitchen): the whole unit would be achieved no more." in page


def test_answers_sent_back_are_decided_again_under_the_new_version_and_the_old_decision_stays(
    story: Story, cohort: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    ann, bea = hand_in(story, "Ann Ash", cohort), hand_in(story, "Bea Birch", cohort)
    for answer in (ann, bea):
        judge(story, answer, joan, ticks={"1.1": MUSTS})
    second = publish_guidance(story, with_must(NEW))
    client = client_for(lead)
    seen = seen_on(client.get(f"/quality/guidance/{second.id}/preview?cohort={cohort.id}"))
    data = {"cohort": str(cohort.id), "seen": seen, "reason": "The first was wrong about drying.", "old": "send-back"}
    address = f"/quality/guidance/{second.id}/in-force"
    assert client.post(address, data=data).status_code == 422
    assert client.post(address, data=data | {"answers": [str(ann.id)]}).status_code == 303
    with story.reading() as session:
        assert set(session.scalars(select(Waiting.answer_id))) == {ann.id}
        assert projections.differences(session) == []
        row = session.scalars(select(Reopening)).one()
        assert (row.answer_id, row.cause, row.decisions_before) == (ann.id, "guidance", 1)
        actions = list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(2)))
        assert set(actions) == {"answer.reopened", "guidance.put-in-force"}
    desk = client_for(joan)
    assert "Sent back, to be decided again" in desk.get("/marking").get_data(as_text=True)
    desk.post(f"/marking/answers/{ann.id}/lease")
    page = desk.get(f"/marking/answers/{ann.id}").get_data(as_text=True)
    assert "The first was wrong about drying." in page
    assert "under version 1 of the guidance" in page
    assert NEW in page
    judge(story, ann, joan, achieved=False, ticks={"1.1": ("must-2", "must-3")})
    with story.reading() as session:
        decisions = session.scalars(
            select(Decision).where(Decision.answer_id == ann.id).order_by(Decision.number)
        ).all()
        assert [one.number for one in decisions] == [1, 2]
        assert [guidance.by_hash(session, one.guidance)[0].number for one in decisions] == [1, 2]
        facts = work.answers_facts(session, [ann.id, bea.id])
        assert not facts[ann.id].returned["1.1"].is_achieved
        assert facts[bea.id].returned["1.1"].is_achieved
        assert not facts[ann.id].is_reopened
        assert session.scalar(select(func.count()).select_from(Waiting)) == 0
        assert projections.differences(session) == []
    page = desk.get(f"/marking/answers/{ann.id}").get_data(as_text=True)
    assert "Decision 2, made under version 2 of the guidance." in page
    page = desk.get(f"/marking/answers/{bea.id}").get_data(as_text=True)
    assert "Decision 1, made under version 1 of the guidance." in page


def test_what_is_released_is_named_but_cannot_be_sent_back(story: Story, client_for: SignIn, lead: Any) -> None:
    done = released_unit(story)
    second = publish_guidance(story, with_must(NEW))
    client = client_for(lead)
    page = client.get(f"/quality/guidance/{second.id}/preview?cohort={done.cohort.id}")
    text = page.get_data(as_text=True)
    assert "This unit is released for claim" in text
    assert "Answers to decide again" not in text
    data = {"cohort": str(done.cohort.id), "seen": seen_on(page), "reason": "Wrong.", "old": "send-back"}
    answers = [str(one.id) for one in done.answers]
    assert client.post(f"/quality/guidance/{second.id}/in-force", data=data | {"answers": answers}).status_code == 422


def test_who_changes_between_looking_and_deciding_is_looked_at_again(
    story: Story, cohort: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    second = publish_guidance(story, with_must(NEW))
    client = client_for(lead)
    seen = seen_on(client.get(f"/quality/guidance/{second.id}/preview?cohort={cohort.id}"))
    judge(story, hand_in(story, "Ann Ash", cohort), joan, ticks={"1.1": MUSTS})
    data = {"cohort": str(cohort.id), "seen": seen, "reason": "Agreed.", "old": "keep"}
    refused = client.post(f"/quality/guidance/{second.id}/in-force", data=data)
    assert refused.status_code == 409
    assert "not what you were shown" in refused.get_data(as_text=True)


def test_an_assurer_who_may_not_send_back_can_still_put_it_in_force(
    story: Story, cohort: Any, joan: Any, client_for: SignIn
) -> None:
    ann = hand_in(story, "Ann Ash", cohort)
    judge(story, ann, joan, ticks={"1.1": MUSTS})
    second = publish_guidance(story, with_must(NEW))
    client = client_for(story.staff(Role.IQA))
    seen = seen_on(client.get(f"/quality/guidance/{second.id}/preview?cohort={cohort.id}"))
    data = {"cohort": str(cohort.id), "seen": seen, "reason": "Agreed.", "answers": [str(ann.id)]}
    address = f"/quality/guidance/{second.id}/in-force"
    refused = client.post(address, data=data | {"old": "send-back"})
    assert refused.status_code == 409
    assert "only the lead" in refused.get_data(as_text=True)
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Reopening)) == 0
        assert guidance.in_force(session, FOOD, FOOD_UNIT, cohort.id)[0].number == 1
    assert client.post(address, data=data | {"old": "keep"}).status_code == 303


def test_counts_by_group_hide_small_ones(story: Story, cohort: Any, joan: Any, lead: Any, client_for: SignIn) -> None:
    for number in range(10):
        judge(
            story, hand_in(story, f"Learner Number{number}", cohort), joan, ticks={"1.1": MUSTS if number > 5 else ()}
        )
    second = publish_guidance(story, with_must(NEW))
    page = client_for(lead).get(f"/quality/guidance/{second.id}/preview?cohort=all").get_data(as_text=True)
    assert "Learners by cohort" in page
    assert page.count(">Hidden<") == 3, "four would be “not yet”: cohort, unit and assessor hide it"


def test_a_review_shows_the_guidance_of_its_time_not_todays(story: Story, client_for: SignIn) -> None:
    done = achieved_unit(story)
    second = publish_guidance(story, with_must(NEW))
    with story.writing() as session:
        guidance_operations.put_in_force(session, second, cohort_id=done.cohort.id, reason="New.", by=INSTALLER)
    address = f"/quality/samples/{done.sample_id}/answers/{done.answers[1].id}"
    page = client_for(done.iqa).get(address).get_data(as_text=True)
    assert "version 1" in page
    assert "version 2" not in page


def test_an_assurer_takes_the_newest_guidance_away_as_a_table(story: Story, client_for: SignIn) -> None:
    food_cohort(story)
    client = client_for(story.staff(Role.IQA, "Tom Hughes"))
    page = client.get("/quality/guidance").get_data(as_text=True)
    address = page.split('table.csv"')[0].rsplit('"', 1)[1] + "table.csv"
    read = client.get(address.removesuffix("/table.csv")).get_data(as_text=True)
    assert "Learners never see this." in read
    assert "Mentions soap, or drying the hands." in read
    sheet = client.get(address)
    assert sheet.headers["Content-Disposition"].startswith('attachment; filename="guidance-01-food-hygiene-at-work')
    rubric, problems = table.markdown("guidance.csv", sheet.get_data(as_text=True))
    assert problems == []
    assert "## when-to-wash" in rubric
    elsewhere = story.staff(Role.IQA, "Ann Bell", centre=story.centre("Another centre"))
    assert client_for(elsewhere).get(address).status_code == 404
    assert client_for(story.staff(Role.ASSESSOR, "Joan Price")).get(address).status_code == 403


def test_units_under_the_newest_guidance_are_one_line_each_and_cohort_by_cohort_in_a_fold(
    story: Story, client_for: SignIn
) -> None:
    cohorts = [food_cohort(story), story.cohort("Kitchen two", qualification=FOOD)]
    for cohort in cohorts:
        hand_in(story, f"Learner of {cohort.name}", cohort)
    page = client_for(story.staff(Role.IQA)).get("/quality/guidance").get_data(as_text=True)
    settled, fold, by_cohort = page.partition("The newest is in force")[2].partition("Each cohort by itself")
    assert fold
    assert "Version 1 in all 2 cohorts" in settled
    assert '<td class="num">2' in settled
    assert "Kitchen two" not in settled
    assert by_cohort.count('<td class="num">1') == 2
