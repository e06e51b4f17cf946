"""A returned answer is sent back by the right role, with a reason; achievement, release and the learner follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from assessors.changes.operations.reopening import reopen
from assessors.changes.queries import reopening as reopened
from course import audit
from course.access import Role
from course.audit import AuditEvent
from course.outbox import Message
from course.records import operations as records
from course.refusal import Refusal
from course.workbook import projections
from course.workbook import queries as work
from course.workbook.models import Reopening, Waiting, WaitingCount
from course.workbook.progress import unit_progress
from tests.assessors.changes.conftest import WASH, change_policy, put
from tests.support.house import HouseClient
from tests.support.marked import FOOD, FOOD_UNIT, achieved_unit, actor, food_cohort, judge, released_unit
from tests.support.story import Story
from tests.support.walking import asked, pages_of

SignIn = Callable[[Any], HouseClient]
REASON = "It took gel for soap."


def send_back(story: Story, answer: Any, person: Any, role: Role = Role.LEAD_IQA, reason: str = REASON) -> None:
    with story.writing() as session:
        reopen(session, answer.id, reason, by=actor(story, person, role))


@pytest.fixture
def returned(story: Story, cohort: Any, joan: Any) -> Any:
    """One learner's answer, achieved and returned."""
    _, enrolment = story.learner("Ann Ash", cohort=cohort)
    answer = story.hand_in(enrolment, WASH, unit=FOOD_UNIT)
    judge(story, answer, joan)
    return answer


def test_an_answer_sent_back_joins_the_queue_and_leaves_it_with_the_new_decision(
    story: Story, returned: Any, joan: Any, lead: Any
) -> None:
    send_back(story, returned, lead)
    with story.reading() as session:
        facts = work.answer_facts(session, returned.id)
        assert facts.is_reopened
        assert facts.returned["1.1"].is_achieved, "what was returned counts until something newer is"
        assert session.scalars(select(Waiting.answer_id)).all() == [returned.id]
        assert session.scalar(select(func.sum(WaitingCount.waiting))) == 1
        assert projections.differences(session) == []
        entry = session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(1)).one()
        assert (entry.action, entry.role) == ("answer.reopened", "lead-iqa")
    with story.writing() as session:
        projections.rebuild(session)
    judge(story, returned, joan, achieved=False, returned=False)
    with story.reading() as session:
        facts = work.answer_facts(session, returned.id)
        assert not facts.is_reopened
        assert facts.is_unsettled, "the new decision is not returned yet"
        assert facts.returned["1.1"].is_achieved
        assert session.scalar(select(func.count()).select_from(Waiting)) == 0
        assert projections.differences(session) == []
        assert list(audit.verify(session)) == []


def test_it_can_be_sent_back_again_once_it_was_decided_anew(story: Story, returned: Any, joan: Any, lead: Any) -> None:
    send_back(story, returned, lead)
    with pytest.raises(Refusal, match="already"):
        send_back(story, returned, lead)
    judge(story, returned, joan, achieved=False)
    send_back(story, returned, lead)
    judge(story, returned, joan)
    with story.reading() as session:
        assert [one.number for one in work.answer_facts(session, returned.id).decisions] == [1, 2, 3]
        assert session.scalar(select(func.count()).select_from(Reopening)) == 2


def test_a_unit_is_neither_batched_nor_released_while_an_answer_of_it_is_decided_again(story: Story, lead: Any) -> None:
    done = achieved_unit(story)
    with story.writing() as session:
        batch = records.make_batch(session, done.cohort, [done.unit], by=actor(story, done.iqa, Role.IQA))
    send_back(story, done.answers[0], lead)
    by = actor(story, lead, Role.LEAD_IQA)
    with story.writing() as session, pytest.raises(Refusal, match="being decided again"):
        records.release(session, batch, "Now.", by=by)
    second = achieved_unit(story, "Gwen Hart", cohort=done.cohort)
    send_back(story, second.answers[0], lead)
    with story.writing() as session, pytest.raises(Refusal, match="being decided again"):
        records.make_batch(session, done.cohort, [second.unit], by=by)
    with story.reading() as session:
        progress = unit_progress(session, [second.enrolment.id], FOOD)[second.enrolment.id, FOOD_UNIT]
        assert progress.achieved
        assert progress.is_unsettled


def test_a_released_or_recorded_unit_is_not_sent_back_and_the_refusal_says_what_to_do(
    story: Story, lead: Any, client_for: SignIn
) -> None:
    done = released_unit(story)
    with pytest.raises(Refusal, match="released for claim") as refused:
        send_back(story, done.answers[0], lead)
    assert "withdraw the result" in refused.value.next_step
    admin = story.staff(Role.ADMIN)
    with story.writing() as session:
        records.issue_unit_statement(session, done.enrolment, FOOD_UNIT, by=actor(story, admin, Role.ADMIN))
    client, address = client_for(lead), f"/quality/answers/{done.answers[0].id}/reopening"
    assert "/quality/batch-units/" in client.get(address).get_data(as_text=True), "the way on is a link"
    assert client.post(address, data={"reason": "Try."}).status_code == 409


def test_the_policy_says_whether_an_assurer_who_is_not_the_lead_may(story: Story, joan: Any, lead: Any) -> None:
    iqa = story.staff(Role.IQA)
    first = food_cohort(story, "First")
    put(story, change_policy(story, return_="at-once"))
    _, enrolment = story.learner("Ann Ash", cohort=first)
    answer = story.hand_in(enrolment, WASH, unit=FOOD_UNIT)
    judge(story, answer, joan)
    with pytest.raises(Refusal, match="only the lead"):
        send_back(story, answer, iqa, Role.IQA)
    put(story, change_policy(story, return_="at-once", reopened_by="iqa"))
    with pytest.raises(Refusal, match="only the lead"):
        send_back(story, answer, iqa, Role.IQA)  # its unit keeps the policy that it began under
    _, enrolment = story.learner("Bea Birch", cohort=first)
    later = story.hand_in(enrolment, WASH, unit=FOOD_UNIT)
    judge(story, later, joan)
    send_back(story, later, iqa, Role.IQA)


def test_the_learner_is_told_in_plain_words_and_cannot_hand_in_meanwhile(
    story: Story, cohort: Any, joan: Any, lead: Any, client_for: SignIn
) -> None:
    learner, enrolment = story.learner("Ann Ash", cohort=cohort)
    answer = story.hand_in(enrolment, WASH, unit=FOOD_UNIT)
    judge(story, answer, joan, achieved=False)
    send_back(story, answer, lead)
    with story.reading() as session:
        assert session.scalar(select(Message.letter).where(Message.key.like("reopening:%"))) == "something-to-read"
    page = client_for(learner).get(f"/learn/{enrolment.id}/{FOOD_UNIT}/1").get_data(as_text=True)
    assert "Your assessor is looking at your answer again." in page
    assert f"hand-in?question={WASH}" not in page
    assert REASON not in page
    home = client_for(learner).get("/learn").get_data(as_text=True)
    assert "One answer is with your assessor." in home
    assert "There is something to add." not in home
    story.save(enrolment, WASH, "Better words.", unit=FOOD_UNIT)
    over = client_for(learner).get(f"/learn/{enrolment.id}/{FOOD_UNIT}/hand-in?question={WASH}").get_data(as_text=True)
    assert "Your assessor is looking at your last answer again. Wait for the reply. Your draft is kept." in over
    with pytest.raises(Refusal, match="looking at your last answer again"):
        story.hand_in(enrolment, WASH, "Better words still.", unit=FOOD_UNIT)
    judge(story, answer, joan, achieved=False)
    story.hand_in(enrolment, WASH, "Better words than ever.", unit=FOOD_UNIT)
    with pytest.raises(Refusal, match="newer answer"):
        send_back(story, answer, lead)


def test_an_earlier_attempt_can_be_put_right_after_a_later_one_was_returned(
    story: Story, cohort: Any, joan: Any, lead: Any
) -> None:
    _, enrolment = story.learner("Ann Ash", cohort=cohort)
    first = story.hand_in(enrolment, WASH, unit=FOOD_UNIT)
    judge(story, first, joan, achieved=False)
    second = story.hand_in(enrolment, WASH, "Again.", unit=FOOD_UNIT)
    judge(story, second, joan, achieved=False)
    send_back(story, first, lead)
    judge(story, first, joan)
    with story.reading() as session:
        progress = unit_progress(session, [enrolment.id], FOOD)[enrolment.id, FOOD_UNIT]
        assert progress.questions[WASH] == "achieved"


def test_the_page_sends_back_and_lists_what_was_sent(
    story: Story, returned: Any, lead: Any, client_for: SignIn
) -> None:
    client, address = client_for(lead), f"/quality/answers/{returned.id}/reopening"
    page = client.get(address).get_data(as_text=True)
    assert "guidance version 1" in page
    assert client.post(address, data={"reason": "  "}).status_code == 422
    assert client.post(address, data={"reason": REASON}).status_code == 303
    listed = client.get("/quality/reopenings").get_data(as_text=True)
    assert REASON in listed
    assert "Waits" in listed
    assert "sent back already" in client.get(address).get_data(as_text=True)


def test_a_stranger_finds_no_answer_to_send_back(story: Story, returned: Any, client_for: SignIn) -> None:
    strangers = [
        story.staff(Role.LEAD_IQA, centre=story.centre("Another centre")),
        story.staff(Role.LEAD_IQA, cohort_id=story.cohort("Elsewhere", qualification=FOOD).id),
    ]
    for stranger in strangers:
        client = client_for(stranger)
        assert client.get(f"/quality/answers/{returned.id}/reopening").status_code == 404
        assert client.post(f"/quality/answers/{returned.id}/reopening", data={"reason": "Mine."}).status_code == 404
        assert "Nothing was sent back" in client.get("/quality/reopenings").get_data(as_text=True)


def test_everything_that_was_sent_back_is_found_page_by_page_in_as_many_queries(
    story: Story, cohort: Any, joan: Any, lead: Any, client_for: SignIn, statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client, counts = client_for(lead), []
    for name in ("Ann Ash", "Bo Birch", "Cy Cole"):
        _, enrolment = story.learner(name, cohort=cohort)
        answer = story.hand_in(enrolment, WASH, unit=FOOD_UNIT)
        judge(story, answer, joan)
        send_back(story, answer, lead)
        counts.append(asked(client, "/quality/reopenings", statements))
    assert len(set(counts)) == 1, counts
    monkeypatch.setattr(reopened, "PAGE", 1)
    pages = pages_of(client, "/quality/reopenings")
    assert [sum(name in page for name in ("Ann A.", "Bo B.", "Cy C.")) for page in pages] == [1, 1, 1]
    assert ["Cy C." in pages[0], "Bo B." in pages[1], "Ann A." in pages[2]] == [True, True, True]
