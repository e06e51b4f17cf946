"""Two assessors, two versions, missing words: nothing is decided by mistake, and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from assessors.guidance import operations as guidance
from assessors.guidance import queries as guidances
from course import clock
from course.access import Role
from course.audit import INSTALLER, AuditEvent
from course.catalogue import queries as catalogue
from course.workbook.models import AccessEntry, Decision, JudgementDraft, Lease
from tests.assessors.marking.conftest import QUESTION, Marking, judgement
from tests.support.story import QUALIFICATION, UNIT


@pytest.fixture
def client(marking: Marking, client_for):
    """Priya, who has taken the answer."""
    client = client_for(marking.assessor)
    assert client.post(f"{marking.address}/lease").status_code == 303
    return client


def decisions(marking: Marking) -> list[Decision]:
    with marking.story.reading() as session:
        return list(session.scalars(select(Decision).order_by(Decision.criterion, Decision.number)))


def test_an_answer_that_somebody_holds_cannot_be_taken(marking, client, client_for):
    other = client_for(marking.story.staff(Role.ASSESSOR, "Tom Hughes"))
    refused = other.post(f"{marking.address}/lease")
    assert refused.status_code == 409
    assert "with Priya, until" in refused.get_data(as_text=True)
    read = other.get(marking.address).get_data(as_text=True)
    assert "This answer is with Priya" in read
    assert "Take this answer" not in read


def test_an_answer_put_back_can_be_taken_by_somebody_else(marking, client, client_for):
    assert client.post(f"{marking.address}/lease/end").status_code == 303
    other = client_for(marking.story.staff(Role.ASSESSOR, "Tom Hughes"))
    assert other.post(f"{marking.address}/lease").status_code == 303
    with marking.story.reading() as session:
        lease = session.scalars(select(Lease)).one()
        assert lease.person_id != marking.assessor.id
        assert lease.ended_at is None


def test_a_lapsed_lease_still_decides_if_nobody_took_the_answer(marking, client, at):
    page = client.get(marking.address)
    at(clock.now() + timedelta(minutes=28))
    client.post(f"{marking.address}/judgement", data=judgement(page, base="0"))  # a key renews the half hour
    later = clock.now() + timedelta(minutes=25)
    at(later)
    assert client.get(marking.address).status_code == 200
    at(later + timedelta(minutes=20))
    assert client.post(f"{marking.address}/decision", data=judgement(page, then="hold")).status_code == 303
    assert len(decisions(marking)) >= 1


def test_two_assessors_never_decide_over_each_other(marking, client, client_for, at):
    page = client.get(marking.address)
    at(clock.now() + timedelta(minutes=31))
    other = client_for(marking.story.staff(Role.ASSESSOR, "Tom Hughes"))
    assert other.post(f"{marking.address}/lease").status_code == 303

    refused = client_for(marking.assessor).post(
        f"{marking.address}/decision", data=judgement(page, feedback="Priya typed this.", then="return")
    )
    text = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "Tom has taken this answer" in text
    assert "Priya typed this." in text
    assert decisions(marking) == []

    page = other.get(marking.address)
    assert other.post(f"{marking.address}/decision", data=judgement(page, then="hold")).status_code == 303
    refused = client_for(marking.assessor).post(f"{marking.address}/decision", data=judgement(page, then="hold"))
    assert refused.status_code == 409
    assert {one.number for one in decisions(marking)} == {1}


def test_a_decision_on_a_superseded_number_decides_nothing(marking, client):
    old = client.get(marking.address)
    client.post(f"{marking.address}/decision", data=judgement(old, feedback="The first judgement.", then="hold"))
    client.post(f"{marking.address}/lease")
    refused = client.post(
        f"{marking.address}/decision", data=judgement(old, "not_yet_achieved", "From an old tab.", then="return")
    )
    text = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "The first judgement." in text
    assert "From an old tab." in text
    assert {one.number for one in decisions(marking)} == {1}
    again = client.get(marking.address)
    assert "From an old tab." in again.get_data(as_text=True)  # what was typed waits in the draft
    assert client.post(f"{marking.address}/decision", data=judgement(again, then="hold")).status_code == 303
    assert {one.number for one in decisions(marking)} == {1, 2}


def test_a_decision_under_guidance_that_changed_decides_nothing(marking, client):
    page = client.get(marking.address)
    with marking.story.writing() as session:
        _, now = guidances.in_force(session, QUALIFICATION, UNIT, None)
        question = now.questions[QUESTION]
        item = question.items[0].model_copy(update={"text": "Says something quite new."})
        questions = now.questions | {QUESTION: question.model_copy(update={"items": (item, *question.items[1:])})}
        version = guidance.publish(session, now.model_copy(update={"questions": questions}), by=INSTALLER)
        assert version is not None
        guidance.put_in_force(session, version, cohort_id=None, reason="Clearer words.", by=INSTALLER)
    refused = client.post(f"{marking.address}/decision", data=judgement(page, feedback="Typed before.", then="return"))
    text = refused.get_data(as_text=True)
    assert refused.status_code == 409
    assert "The guidance has changed" in text
    assert "Says something quite new." in text
    assert "Typed before." in text
    assert decisions(marking) == []
    again = client.get(marking.address)
    assert "Typed before." in again.get_data(as_text=True)
    assert client.post(f"{marking.address}/decision", data=judgement(again, then="hold")).status_code == 303
    assert {one.guidance for one in decisions(marking)} == {version.hash}


def test_without_feedback_nothing_is_decided_and_everything_typed_is_there(marking, client):
    page = client.get(marking.address)
    sent = judgement(page, "not_yet_achieved", "Kept words.", then="return")
    criteria = [name.removeprefix("outcome-") for name in sent if name.startswith("outcome-")]
    sent[f"feedback-{criteria[0]}"] = "   "
    refused = client.post(f"{marking.address}/decision", data=sent)
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "There is a problem" in text
    assert f"Write feedback for {criteria[0]}" in text
    assert 'value="not_yet_achieved" checked' in text
    assert decisions(marking) == []


def test_without_an_outcome_the_feedback_stays(marking, client):
    page = client.get(marking.address)
    sent = {
        name: value
        for name, value in judgement(page, feedback="Kept words.").items()
        if not name.startswith("outcome-")
    }
    refused = client.post(f"{marking.address}/decision", data=sent)
    assert refused.status_code == 422
    assert "Kept words." in refused.get_data(as_text=True)
    assert "Choose “achieved” or “not yet”" in refused.get_data(as_text=True)


def test_a_judgement_draft_survives_and_two_tabs_never_overwrite_each_other(marking, client):
    page = client.get(marking.address)
    headers = {"Accept": "application/json", "X-Save": "one"}
    first = client.post(
        f"{marking.address}/judgement", data=judgement(page, feedback="From this tab."), headers=headers
    )
    assert first.status_code == 200
    assert first.json["saved"].startswith("Saved today at")
    assert (first.json["nonce"], first.json["revision"]) == ("one", 1)
    lost = client.post(
        f"{marking.address}/judgement", data=judgement(page, feedback="From another tab."),
        headers=headers | {"X-Save": "two"},
    )  # fmt: skip
    assert lost.status_code == 409
    assert lost.json["conflict"] is True
    own = client.post(
        f"{marking.address}/judgement", data=judgement(page, feedback="The next words here."),
        headers=headers | {"X-Save": "three", "X-After": "one"},
    )  # fmt: skip
    assert own.status_code == 200
    assert "The next words here." in client.get(marking.address).get_data(as_text=True)


def test_a_save_without_a_script_says_that_nothing_is_decided(marking, client):
    page = client.get(marking.address)
    saved = client.post(f"{marking.address}/judgement", data=judgement(page, feedback="Half a thought."))
    assert saved.status_code == 303
    again = client.get(marking.address).get_data(as_text=True)
    assert "Half a thought." in again
    assert "Nothing is decided yet" in again


def test_a_save_never_lands_on_another_learners_answer(marking, client):
    _, enrolment = marking.story.learner("Dee Morgan")
    other = marking.story.hand_in(enrolment, QUESTION, "Dee's words.")
    page = client.get(marking.address)
    refused = client.post(f"/marking/answers/{other.id}/decision", data=judgement(page, feedback="Meant for Sam."))
    assert refused.status_code == 409
    assert decisions(marking) == []


def test_a_held_decision_is_shown_to_the_learner_only_by_a_return(marking, client, client_for):
    page = client.get(marking.address)
    client.post(f"{marking.address}/decision", data=judgement(page, then="hold"))
    held = client.get("/marking/held").get_data(as_text=True)
    assert "Sam O." in held
    assert "Return it to Sam" in client.get(marking.address).get_data(as_text=True)
    assert client.post(f"{marking.address}/return").status_code == 303
    assert "Nothing is held" in client.get("/marking/held").get_data(as_text=True)
    assert client.post(f"{marking.address}/return").status_code == 409


def test_deciding_a_held_answer_again_begins_with_what_was_decided(marking, client, client_for):
    page = client.get(marking.address)
    text, fields = page.get_data(as_text=True), judgement(page, "not_yet_achieved", then="hold")
    tick = re.search(r'name="(tick-[^"]*)" value="([^"]*)"', text)
    assert tick is not None
    assert client.post(f"{marking.address}/decision", data=fields | {tick[1]: tick[2]}).status_code == 303
    client.post(f"{marking.address}/lease")
    again = client.get(marking.address).get_data(as_text=True)
    assert "What you decided before is filled in." in again
    assert "You say why it is theirs.</textarea>" in again
    assert re.search(r'value="not_yet_achieved"[^>]*checked', again)
    assert re.search(rf'value="{re.escape(tick[2])}"[^>]*checked', again)
    colleague = client_for(marking.story.staff(Role.ASSESSOR))
    client.post(f"{marking.address}/lease/end")
    colleague.post(f"{marking.address}/lease")
    assert "filled in" not in colleague.get(marking.address).get_data(as_text=True), "a colleague begins afresh"


def test_who_decided_on_another_page_is_told_so(marking, client):
    page = client.get(marking.address)
    assert client.post(f"{marking.address}/decision", data=judgement(page, then="hold")).status_code == 303
    late = client.post(f"{marking.address}/decision", data=judgement(page, feedback="Typed in a second tab."))
    text = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "You have decided on this answer since you opened this page." in text
    assert "put this answer back" not in text
    assert text.count("What you typed is kept") == 1
    assert "Typed in a second tab." in text
    assert len(decisions(marking)) == len([one for one in decisions(marking) if one.number == 1])


def test_everything_held_of_a_unit_is_returned_at_once(marking, client):
    page = client.get(marking.address)
    client.post(f"{marking.address}/decision", data=judgement(page, then="hold"))
    sent = client.post("/marking/held/return", data={"cohort": marking.answer.cohort_id, "unit": UNIT})
    assert sent.status_code == 303
    assert "Nothing is held" in client.get("/marking/held").get_data(as_text=True)


def test_the_next_like_this_is_the_same_question_of_another_learner(marking, client):
    _, enrolment = marking.story.learner("Dee Morgan")
    other = marking.story.hand_in(enrolment, QUESTION, "Dee's words.")
    marking.story.hand_in(enrolment, "morags-hope", "Something else.")
    page = client.get(marking.address)
    sent = client.post(f"{marking.address}/decision", data=judgement(page, then="next"))
    assert sent.headers["Location"].endswith(f"/marking/answers/{other.id}")
    assert "Dee M., first go" in client.get(sent.headers["Location"]).get_data(as_text=True)
    last = client.get(f"/marking/answers/{other.id}")
    sent = client.post(f"/marking/answers/{other.id}/decision", data=judgement(last, then="next"))
    assert sent.headers["Location"].endswith("/marking")


def test_a_second_go_shows_what_changed_and_asks_only_for_what_is_open(marking, client):
    page = client.get(marking.address)
    fields = judgement(page, "not_yet_achieved", "Say more about why.", then="return")
    client.post(f"{marking.address}/decision", data=fields)
    second = marking.story.hand_in(marking.enrolment, QUESTION, "Sam’s goal belongs to Sam, because Sam lives with it.")
    client.post(f"/marking/answers/{second.id}/lease")
    text = client.get(f"/marking/answers/{second.id}").get_data(as_text=True)
    assert "Sam O., second go" in text
    assert "<ins>" in text
    assert "<del>" in text
    assert "Say more about why." in text


def test_every_look_at_an_answer_is_logged_for_its_learner(marking, client):
    client.get(marking.address)
    with marking.story.reading() as session:
        entry = session.scalars(select(AccessEntry)).one()
        assert (entry.person_id, entry.answer_id, entry.purpose) == (marking.assessor.id, marking.answer.id, "marking")


def test_drafts_and_leases_leave_no_audit_entry(marking, client):
    with marking.story.reading() as session:
        before = session.scalar(select(AuditEvent.seq).order_by(AuditEvent.seq.desc()).limit(1))
    page = client.get(marking.address)
    client.post(f"{marking.address}/judgement", data=judgement(page))
    client.post(f"{marking.address}/lease/end")
    with marking.story.reading() as session:
        assert session.scalar(select(AuditEvent.seq).order_by(AuditEvent.seq.desc()).limit(1)) == before
        assert session.scalars(select(JudgementDraft)).one()


def test_a_comment_is_kept_suggested_and_removed(marking, client):
    page = client.get(marking.address)
    fields = judgement(page, feedback="Sam, you show whose goal it is.", then="return")
    criterion = next(name.removeprefix("base-") for name in fields if name.startswith("base-"))
    client.post(f"{marking.address}/decision", data=fields | {f"keep-{criterion}": "yes"})
    _, enrolment = marking.story.learner("Dee Morgan")
    other = marking.story.hand_in(enrolment, QUESTION, "Dee's words.")
    client.post(f"/marking/answers/{other.id}/lease")
    text = client.get(f"/marking/answers/{other.id}").get_data(as_text=True)
    assert "…, you show whose goal it is." in text
    listed = client.get("/marking/comments").get_data(as_text=True)
    assert "you show whose goal it is" in listed
    address = listed.split('action="/marking/comments/')[1].split('"')[0]
    assert client.post(f"/marking/comments/{address}").status_code == 303
    assert "No comments yet" in client.get("/marking/comments").get_data(as_text=True)


def test_a_criterion_of_another_unit_is_read_in_full_where_it_is_decided(marking, client_for):
    answer = marking.story.hand_in(
        marking.enrolment, "kay-and-her-children", "I can hear how it hurts.", unit="03-sharing-your-own-story"
    )
    client = client_for(marking.assessor)
    client.post(f"/marking/answers/{answer.id}/lease")
    page = client.get(f"/marking/answers/{answer.id}").get_data(as_text=True)
    assert "Your decision on U2:2.1" in page
    with marking.story.reading() as session:
        asked = catalogue.criterion_text(session, QUALIFICATION, "U2", "2.1")
    assert f"{asked} This is further evidence for unit 2." in page
