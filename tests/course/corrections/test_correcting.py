"""A wrong result is taken out of its batch, or withdrawn, judged anew, and released and recorded again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from assessors.changes.operations.reopening import reopen
from assessors.quality import operations as quality
from course import audit, working_days
from course.access import Role
from course.audit import AuditEvent
from course.clock import now
from course.corrections import operations
from course.corrections import queries as corrections
from course.corrections.due import What, due
from course.enrolment.models import Enrolment
from course.outbox import Message
from course.people.models import Person
from course.records import operations as records
from course.records import queries as record_queries
from course.records.models import Batch, CompletionRecord, Revocation
from course.refusal import Refusal
from tests.support.house import HouseClient
from tests.support.marked import (
    FOOD_UNIT,
    Achieved,
    achieved_unit,
    actor,
    agree,
    food_cohort,
    give_back,
    held,
    judge,
    released_unit,
)
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
WRONG = "The wrong answer was read."


def line_of(story: Story, done: Achieved) -> str:
    """Where the page of the unit's line is."""
    with story.reading() as session:
        return f"/quality/batch-units/{corrections.standing_line(session, done.enrolment.id, FOOD_UNIT)}"


def batch(story: Story, *all_done: Achieved) -> Batch:
    """Units put together, not released."""
    by = actor(story, all_done[0].iqa, Role.IQA)
    with story.writing() as session:
        return records.make_batch(session, all_done[0].cohort, [one.unit for one in all_done], by=by)


def issue(story: Story, done: Achieved, admin: Person) -> CompletionRecord:
    """The record of the unit."""
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, done.enrolment.id)
        return records.issue_unit_statement(session, enrolment, FOOD_UNIT, by=actor(story, admin, Role.ADMIN))


def events(story: Story) -> list[str]:
    """What the trail says, in order."""
    with story.reading() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


@pytest.fixture
def lead(story: Story) -> Person:
    """The lead internal quality assurer."""
    return story.staff(Role.LEAD_IQA, "Ruth Adeyemi")


def withdraw(story: Story, done: Achieved, lead: Person, client_for: SignIn, claimed: str = "no") -> str:
    """The lead asks, a second person confirms; returns the line's page."""
    page, second = line_of(story, done), story.staff(Role.IQA, "Owen Pike")
    asked = client_for(lead).post(f"{page}/withdrawal", data={"reason": WRONG, "claimed": claimed})
    assert asked.status_code == 303
    confirmed = client_for(second).post(
        f"{page}/withdrawal/answer", data={"outcome": "withdraw", "why": "I read it too."}
    )
    assert confirmed.status_code == 303
    return page


def test_one_unit_that_is_no_longer_achieved_does_not_hold_up_its_batch(
    story: Story, lead: Person, client_for: SignIn
) -> None:
    cohort = food_cohort(story)
    first, second = achieved_unit(story, cohort=cohort), achieved_unit(story, "Bilal Khan", cohort=cohort)
    made = batch(story, first, second)
    with story.writing() as session:
        reopen(session, first.answers[0].id, WRONG, by=actor(story, lead, Role.LEAD_IQA))
    judge(story, first.answers[0], first.assessor, achieved=False, returned=False)
    agree(story, cohort, first.iqa, [first.answers[0]])
    give_back(story, first.answers[0], first.assessor)
    tom, page = client_for(first.iqa), line_of(story, first)
    shown = tom.get(f"/quality/batches/{made.id}").get_data(as_text=True)
    assert "No longer achieved" in shown
    assert page in shown
    stuck = tom.post(f"/quality/batches/{made.id}/release", data={"rationale": "All of it."})
    assert stuck.status_code == 409
    assert "take that unit out" in stuck.get_data(as_text=True)
    assert "Take it out" in tom.get(page).get_data(as_text=True)
    assert tom.post(f"{page}/removal", data={"reason": ""}).status_code == 422
    assert tom.post(f"{page}/removal", data={"reason": "It is not achieved."}).status_code == 303
    assert "Taken out" in tom.get(page).get_data(as_text=True)
    assert tom.post(f"{page}/removal", data={"reason": "Again."}).status_code == 409
    released = tom.post(f"/quality/batches/{made.id}/release", data={"rationale": "All of it."})
    assert released.status_code == 303
    with story.reading() as session:
        assert set(record_queries.releases_of(session, [first.enrolment.id, second.enrolment.id])) == {second.unit}
        assert list(audit.verify(session)) == []
    assert "batch-unit.taken-out" in events(story)


def test_a_unit_taken_out_may_be_in_a_later_batch(story: Story, client_for: SignIn) -> None:
    done = achieved_unit(story)
    emptied = batch(story, done)
    with pytest.raises(Refusal, match="in a batch already"):
        batch(story, done)
    assert client_for(done.iqa).post(f"{line_of(story, done)}/removal", data={"reason": "Too soon."}).status_code == 303
    tom, address = client_for(done.iqa), f"/quality/batches/{emptied.id}"
    shown = tom.get(address).get_data(as_text=True)
    assert "Emptied" in shown
    assert "Release this batch" not in shown
    assert tom.post(f"{address}/release", data={"rationale": "All of it."}).status_code == 409
    assert batch(story, done)


def test_a_recorded_unit_found_wrong_is_withdrawn_judged_anew_released_and_recorded_again(
    story: Story, lead: Person, client_for: SignIn
) -> None:
    done, admin = released_unit(story), story.staff(Role.ADMIN, "Grace Bell")
    old = issue(story, done, admin)
    page = withdraw(story, done, lead, client_for, claimed="yes")

    # The result is no longer released, its record is revoked, and its holder reads why and what comes next.
    with story.reading() as session:
        assert record_queries.releases_of(session, [done.enrolment.id]) == {}
        assert session.scalars(select(Revocation.record_id)).all() == [old.id]
        keys = session.scalars(select(Message.key)).all()
        assert len([one for one in keys if one.startswith("withdrawn:")]) == 1, "one letter tells of the whole event"
        assert not [one for one in keys if one.startswith("record-revoked:")]
    mine = client_for(done.learner).get("/records").get_data(as_text=True)
    assert WRONG in mine
    assert "appeal" in mine

    # The admin tells the awarding organisation; until then it stands on the office's first page.
    grace = client_for(admin)
    assert "to tell the awarding organisation of: 1" in grace.get("/office").get_data(as_text=True)
    address = re.search(r'href="(/office/corrections/[^"]+)"', grace.get("/office/corrections").get_data(as_text=True))
    assert address
    assert "They have been told" in grace.get(address[1]).get_data(as_text=True)
    assert grace.post(address[1], data={"told_on": "tomorrow", "reference": ""}).status_code == 422
    with story.reading() as session:
        today = record_queries.today_at(session, done.cohort.centre_id)
        line = corrections.of_batch(session, session.scalars(select(Batch.id)).one())[0]
        assert line.answer
        assert line.answer.notify_by == working_days.after(today, 5)
    told = {"told_on": today.isoformat(), "reference": "AO-17"}
    assert grace.post(address[1], data=told).status_code == 303
    assert grace.post(address[1], data=told).status_code == 409
    assert "Tell the awarding organisation: " not in grace.get("/office").get_data(as_text=True)
    ruth = client_for(lead)
    shown = ruth.get(page).get_data(as_text=True)
    assert "AO-17" in shown

    # Nothing may be batched by the old decisions; the answer is sent back, decided anew, and released again.
    with pytest.raises(Refusal, match="not achieved"):
        batch(story, done)
    back = f"/quality/answers/{done.answers[0].id}/reopening"
    assert back in shown
    assert ruth.post(back, data={"reason": WRONG}).status_code == 303
    judge(story, done.answers[0], done.assessor, returned=False)
    agree(story, done.cohort, done.iqa, [done.answers[0]])
    give_back(story, done.answers[0], done.assessor)
    again = batch(story, done)
    with story.writing() as session:
        quality.release(session, session.get_one(Batch, again.id), "Put right.", "",
                        by=actor(story, done.iqa, Role.IQA))  # fmt: skip
    new = issue(story, done, admin)
    assert (new.replaces_id, new.issue) == (old.id, 2)
    happened = events(story)
    assert {"withdrawal.asked", "withdrawal.confirmed", "record.revoked", "withdrawal.notified"} <= set(happened)
    with story.reading() as session:
        assert list(audit.verify(session)) == []


def test_whoever_asked_cannot_confirm_and_a_second_person_may_let_the_result_stand(
    story: Story, lead: Person, client_for: SignIn
) -> None:
    done = released_unit(story)
    page, ruth = line_of(story, done), client_for(lead)
    assert "Only the lead" in client_for(done.iqa).get(page).get_data(as_text=True)
    empty = ruth.post(f"{page}/withdrawal", data={"reason": WRONG})
    assert empty.status_code == 422
    assert WRONG in empty.get_data(as_text=True)
    assert ruth.post(f"{page}/withdrawal", data={"reason": WRONG, "claimed": "no"}).status_code == 303
    said = {"outcome": "withdraw", "why": "I am sure."}
    assert "a second person must answer" in ruth.get(page).get_data(as_text=True)
    assert ruth.post(f"{page}/withdrawal/answer", data=said).status_code == 409
    admin = client_for(story.staff(Role.ADMIN, "Grace Bell"))
    assert "Withdrawals that need a second person: 1" in admin.get("/office").get_data(as_text=True)
    assert page in admin.get("/office/corrections").get_data(as_text=True)
    assert "Save your answer" in admin.get(page).get_data(as_text=True)
    stands = {"outcome": "stand", "why": "The answer that counts was read."}
    assert admin.post(f"{page}/withdrawal/answer", data=stands).status_code == 303
    with story.reading() as session:
        assert set(record_queries.releases_of(session, [done.enrolment.id])) == {done.unit}
    assert events(story)[-1] == "withdrawal.refused"
    assert ruth.post(f"{page}/withdrawal", data={"reason": WRONG, "claimed": "no"}).status_code == 303, "asked anew"


def test_a_result_that_nobody_outside_knew_of_leaves_nobody_to_tell(
    story: Story, lead: Person, client_for: SignIn
) -> None:
    done = released_unit(story)
    withdraw(story, done, lead, client_for)
    admin = client_for(story.staff(Role.ADMIN))
    assert "Nobody to tell" in admin.get("/office/corrections").get_data(as_text=True)


def test_an_assessor_of_the_cohort_cannot_confirm(story: Story, lead: Person, client_for: SignIn) -> None:
    done = released_unit(story)
    story.appoint(done.assessor, Role.ADMIN)
    page = line_of(story, done)
    assert client_for(lead).post(f"{page}/withdrawal", data={"reason": WRONG, "claimed": "no"}).status_code == 303
    joan = actor(story, done.assessor, Role.ADMIN)
    with story.writing() as session:
        line = corrections.of_batch(session, session.scalars(select(Batch.id)).one())[0]
        with pytest.raises(Refusal, match="assessed work"):
            operations.answer(session, line, "Fine.", is_confirmed=True, by=joan)


def test_the_first_pages_say_what_is_to_be_put_right_and_by_when_the_late_first(
    story: Story, lead: Person, client_for: SignIn
) -> None:
    done, admin = released_unit(story), story.staff(Role.ADMIN, "Grace Bell")
    issue(story, done, admin)
    page = line_of(story, done)
    office, quality_ = client_for(admin), client_for(lead)
    assert "To be put right" not in quality_.get("/quality").get_data(as_text=True)
    asked = client_for(lead).post(f"{page}/withdrawal", data={"reason": WRONG, "claimed": "yes"})
    assert asked.status_code == 303
    second = client_for(story.staff(Role.IQA, "Owen Pike"))
    assert "Withdrawals that need a second person: 1" in second.get("/quality").get_data(as_text=True)
    assert page in second.get("/quality/corrections").get_data(as_text=True)
    assert "Withdrawals that need a second person: 1" in office.get("/office").get_data(as_text=True)
    second.post(f"{page}/withdrawal/answer", data={"outcome": "withdraw", "why": "I read it too."})
    told = "Withdrawn results to tell the awarding organisation of: 1"
    for client, home in ((office, "/office"), (second, "/quality")):
        shown = client.get(home).get_data(as_text=True)
        assert told in shown
        assert "The next is due" in shown
    with story.reading() as session:
        held_ = held(story, admin)
        late = due(session, held_, admin.id, working_days.day_of(now() + timedelta(days=30)))
    assert [(one.what, one.count, one.late) for one in late] == [(What.NOTICES, 1, 1)]
    elsewhere = story.staff(Role.LEAD_IQA, centre=story.centre("Another centre"))
    assert "To be put right" not in client_for(elsewhere).get("/quality").get_data(as_text=True)
