"""What follows from an upheld appeal: others are looked at, and a released result is withdrawn before it is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from assessors.quality.affected import rules
from assessors.quality.affected.models import ErrorOfAppeal, UpheldError
from assessors.quality.affected.rules import Upheld
from course import audit
from course.access import Role
from course.audit import AuditEvent, Event
from course.cases.models import AppealOutcome, Outcome
from course.enrolment.models import Cohort, Enrolment
from course.independence import Standing, Tie
from course.outbox import Message
from course.records import operations as records
from course.records.models import CompletionRecord
from course.refusal import Refusal
from course.workbook.models import Decision, Reopening
from tests.support.appealed import Disputed
from tests.support.house import HouseClient
from tests.support.marked import (
    FOOD_UNIT,
    Achieved,
    actor,
    agree,
    give_back,
    judge,
    released_unit,
)
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
LOOK_FOR = "The second line was not read."


def wrong_of(story: Story, disputed: Disputed) -> UUID:
    """The decision that the appeal is about."""
    with story.reading() as session:
        return session.scalars(select(Decision.id).where(Decision.answer_id == disputed.answer.id)).one()


def other_answer(story: Story, disputed: Disputed) -> None:
    """Another learner's answer to the same question, decided by the same assessor."""
    _, enrolment = story.learner("Bilal Khan", cohort=disputed.cohort)
    answer = story.hand_in(enrolment, "when-to-wash", "Before and after.", unit=FOOD_UNIT)
    judge(story, answer, disputed.assessor, achieved=False, feedback="Say when.")


def test_an_upheld_appeal_opens_who_else_is_affected_and_keeps_a_pointer_to_it(
    story: Story, disputed: Disputed, client_for: SignIn
) -> None:
    other_answer(story, disputed)
    appeal_id, bea = disputed.appeal(), story.staff(Role.ASSESSOR, "Bea Long")
    ruth = story.staff(Role.LEAD_IQA, "Ruth Adeyemi")
    assert "Appeals to be answered: 1" in client_for(ruth).get("/quality").get_data(as_text=True)
    page, said = f"/quality/appeals/{appeal_id}", {"decision": str(wrong_of(story, disputed)), "look_for": LOOK_FOR}
    early = client_for(bea).post(f"{page}/error", data=said)
    assert early.status_code == 409
    assert "has not been upheld" in early.get_data(as_text=True)
    disputed.decide(appeal_id, bea, Role.ASSESSOR, Outcome.UPHELD)
    assert "Find the others" in client_for(bea).get(page).get_data(as_text=True)
    assert client_for(bea).post(f"{page}/error", data={"look_for": " "}).status_code == 422
    assert client_for(bea).post(f"{page}/error", data=said).status_code == 303
    assert "An internal quality assurer looks at them" in client_for(bea).get(page).get_data(as_text=True)
    assert client_for(bea).post(f"{page}/error", data=said).status_code == 409
    with story.reading() as session:
        error = session.scalars(select(UpheldError)).one()
        pointer = session.get_one(ErrorOfAppeal, error.id)
        assert session.get_one(AppealOutcome, pointer.outcome_id).appeal_id == appeal_id
        assert (error.action_id, error.upheld_by, error.look_for) == (None, bea.id, LOOK_FOR)
        entry = session.scalars(select(AuditEvent).where(AuditEvent.action == Event.ERROR_UPHELD)).one()
        assert entry.subject == str(disputed.assessor.id)
        told = session.scalars(select(Message.link).where(Message.to_email == ruth.email)).all()
        assert any(link.endswith(f"/quality/errors/{error.id}") for link in told)
        assert list(audit.verify(session)) == []
    lead = client_for(ruth)
    shown = lead.get(f"/quality/errors/{error.id}").get_data(as_text=True)
    assert page in shown
    assert "an appeal was upheld" in shown
    assert "Bilal" in shown
    assert f"/quality/errors/{error.id}" in lead.get(page).get_data(as_text=True)
    assert LOOK_FOR in lead.get("/quality/errors").get_data(as_text=True)


def test_the_lead_says_what_to_look_for_when_whoever_upheld_it_did_not(
    story: Story, disputed: Disputed, client_for: SignIn
) -> None:
    appeal_id = disputed.appeal()
    disputed.decide(appeal_id, story.staff(Role.ASSESSOR, "Bea Long"), Role.ASSESSOR, Outcome.UPHELD)
    page, said = f"/quality/appeals/{appeal_id}/error", {"look_for": LOOK_FOR}
    for other in (story.staff(Role.IQA, "Una Vale"), story.staff(Role.ASSESSOR, "Cy Moss"), disputed.assessor):
        assert client_for(other).post(page, data=said).status_code == 409
    taught = story.staff(Role.LEAD_IQA, "Tess Moor")
    story.appoint(taught, Role.TUTOR, cohort_id=disputed.cohort.id)
    refused = client_for(taught).post(page, data=said)
    assert refused.status_code == 409
    assert "You taught this cohort" in refused.get_data(as_text=True)
    stranger = story.staff(Role.LEAD_IQA, centre=story.centre("Another centre"))
    assert client_for(stranger).post(page, data=said).status_code == 404
    assert client_for(story.staff(Role.LEAD_IQA, "Ruth Adeyemi")).post(page, data=said).status_code == 303


PARTS = {
    "none": Standing(),
    "taught": Standing(frozenset({Tie.TAUGHT})),
    "assessed": Standing(frozenset({Tie.ASSESSED})),
    "studies": Standing(frozenset({Tie.STUDIES})),
    "conflicted": Standing(frozenset({Tie.APART})),
}
STATES = {  # state of the appeal: may the error be found
    "upheld": (Upheld(), True),
    "not upheld": (Upheld(is_upheld=False), False),
    "found already": (Upheld(has_error=True), False),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("state", STATES)
def test_who_may_say_that_a_decision_was_wrong(state: str, answered: bool, role: str, part: str) -> None:
    facts, allowed = STATES[state]
    appeal = Upheld(facts.is_upheld, facts.has_error, answered, role)
    me, other = uuid4(), uuid4()
    ask = {"by": me, "look_for": LOOK_FOR}
    may = allowed and (answered or (role == Role.LEAD_IQA and part == "none"))
    if may:
        assert rules.uphold_for_appeal(appeal, PARTS[part], decided_by=other, **ask).event == Event.ERROR_UPHELD
    else:
        with pytest.raises(Refusal):
            rules.uphold_for_appeal(appeal, PARTS[part], decided_by=other, **ask)
    for wrong in (me, None):  # one's own decision, and none chosen
        with pytest.raises(Refusal):
            rules.uphold_for_appeal(appeal, PARTS[part], decided_by=wrong, **ask)


# -- a released unit ---------------------------------------------------------------------------------------------------


def released(story: Story) -> tuple[Achieved, Disputed]:
    """A released and recorded unit, three of whose four criteria are achieved; the fourth is appealed about."""
    done = released_unit(story, first=False)
    admin = story.staff(Role.ADMIN, "Ann Lee")
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, done.enrolment.id)
        records.issue_unit_statement(session, enrolment, FOOD_UNIT, by=actor(story, admin, Role.ADMIN))
    return done, Disputed(story, done.learner, done.enrolment, done.cohort, done.assessor, done.answers[0])


def test_an_upheld_appeal_about_a_released_unit_leads_through_its_withdrawal_to_a_record_in_its_place(
    story: Story, client_for: SignIn
) -> None:
    done, disputed = released(story)
    ruth, owen = story.staff(Role.LEAD_IQA, "Ruth Adeyemi"), story.staff(Role.IQA, "Owen Pike")
    appeal_id, bea = disputed.appeal(), story.staff(Role.ASSESSOR, "Bea Long")
    page = f"/quality/appeals/{appeal_id}"
    upheld = client_for(bea).post(f"{page}/outcome", data={"outcome": "upheld", "reason": "It does say when."})
    assert upheld.status_code == 303
    lead = client_for(ruth)
    shown = lead.get(page).get_data(as_text=True)
    assert "Withdraw the result first" in shown
    line = shown.split('href="/quality/batch-units/')[1].split('"')[0]
    line = f"/quality/batch-units/{line}"
    with story.reading() as session:
        assert session.scalars(select(Reopening)).all() == []
        told = session.scalars(select(Message.link).where(Message.to_email == ruth.email)).all()
        assert any(link.endswith(page) for link in told)
    assert "Upheld appeals whose answer is not sent back yet: 1" in lead.get("/quality").get_data(as_text=True)
    asked = lead.post(f"{line}/withdrawal", data={"reason": "An appeal was upheld.", "claimed": "no"})
    assert asked.status_code == 303
    assert "a second person must answer" in lead.get(page).get_data(as_text=True)
    answer = {"outcome": "withdraw", "why": "I read the appeal."}
    assert client_for(owen).post(f"{line}/withdrawal/answer", data=answer).status_code == 303
    assert "Send the answer back" in lead.get(page).get_data(as_text=True)
    back = lead.post(f"/quality/answers/{disputed.answer.id}/reopening", data={"reason": "An appeal was upheld."})
    assert back.status_code == 303
    assert "The answer went back to the queue" in lead.get(page).get_data(as_text=True)
    with pytest.raises(Refusal, match="somebody else judges this"):
        judge(story, disputed.answer, disputed.assessor, returned=False)
    judge(story, disputed.answer, bea, returned=False)
    agree(story, done.cohort, done.iqa, [disputed.answer])
    give_back(story, disputed.answer, bea)
    release_and_record_again(story, done, client_for)


def release_and_record_again(story: Story, done: Achieved, client_for: SignIn) -> None:
    """The unit is put in a batch again, released, and its record names the one it takes the place of."""
    with story.writing() as session:
        made = records.make_batch(session, done.cohort, [done.unit], by=actor(story, done.iqa, Role.IQA))
        batch_id = made.id
    tom = client_for(done.iqa)
    assert tom.post(f"/quality/batches/{batch_id}/release", data={"rationale": "Judged again."}).status_code == 303
    admin = story.staff(Role.ADMIN, "Gil Orme")
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, done.enrolment.id)
        records.issue_unit_statement(session, enrolment, FOOD_UNIT, by=actor(story, admin, Role.ADMIN))
    with story.reading() as session:
        first, second = session.scalars(select(CompletionRecord).order_by(CompletionRecord.issue)).all()
        assert second.replaces_id == first.id
        assert list(audit.verify(session)) == []


def test_a_record_of_the_whole_that_does_not_count_a_unit_leaves_its_answers_free(
    story: Story, cohort: Cohort, disputed: Disputed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assessors.changes.queries import reopening
    from course.workbook import queries as work

    whole = {(disputed.enrolment.id, ""): {"U7"}}
    monkeypatch.setattr(reopening, "_recorded", lambda session, ids: whole)
    with story.reading() as session:
        answer = work.answer_facts(session, disputed.answer.id)
        assert not reopening.signed(session, [answer])[answer.id].has_record
        whole[disputed.enrolment.id, ""].add("U1")
        assert reopening.signed(session, [answer])[answer.id].has_record
