"""A second assessor judges blind; both are then shown; what they agree reaches the learner as a new number."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from assessors.marking.rules import OutOfDate
from assessors.quality.second.models import SecondJudging, SecondMarking, SecondOutcome, SecondView
from assessors.quality.second.queries import pairs
from course import audit
from course.access import Role
from course.audit import AuditEvent
from course.outbox import Message
from course.workbook.models import AccessEntry, JudgementDraft, Outcome
from tests.assessors.quality.second.conftest import HOME, QUESTION, WORDS, Desk, SignIn
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, achieved_unit, food_cohort, hand_in_food, judge
from tests.support.story import Story
from tests.support.walking import pages_of


def last_event(story: Story) -> str:
    with story.reading() as session:
        return str(session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(1)))


def test_asking_leaves_an_entry_and_a_letter(desk: Desk, client_for: SignIn) -> None:
    marking = desk.ask(client_for(desk.tom))
    assert last_event(desk.story) == "second-marking.asked"
    with desk.story.reading() as session:
        row = session.get_one(SecondMarking, marking)
        assert (row.answer_id, row.assessor_id, row.cause) == (desk.answer.id, desk.bob.id, "hand")
        told = session.scalars(select(Message.to_email).where(Message.key.startswith("second-marking:"))).all()
        assert told == [desk.bob.email]


def test_the_second_assessor_sees_no_decision_and_no_name_anywhere(desk: Desk, client_for: SignIn) -> None:
    marking, bob = desk.ask(client_for(desk.tom)), client_for(desk.bob)
    assert bob.get(f"{HOME}/{marking}").status_code == 303  # to the blind desk, never to the first judgement
    for address in (f"{HOME}/{marking}/judgement", HOME, f"/marking/answers/{desk.answer.id}"):
        page = bob.get(address).get_data(as_text=True)
        assert "feedback: you show this well" not in page, address
        assert "Ann" not in page, address
        assert "Sam O" not in page, address
    assert "belongs to Sam" in bob.get(f"{HOME}/{marking}/judgement").get_data(as_text=True)
    taken = bob.post(f"/marking/answers/{desk.answer.id}/lease")
    assert taken.status_code == 409
    assert "judge this answer a second time" in taken.get_data(as_text=True)


def test_an_answer_sent_back_tells_who_judges_it_blind_neither_name_nor_reason(desk: Desk, client_for: SignIn) -> None:
    tom, bob, reason = client_for(desk.tom), client_for(desk.bob), "The must-meet point was read too hard."
    marking = desk.ask(tom)
    assert tom.post(f"/quality/answers/{desk.answer.id}/reopening", data={"reason": reason}).status_code == 303
    for address in ("/marking", f"/marking/answers/{desk.answer.id}", f"{HOME}/{marking}/judgement"):
        page = bob.get(address).get_data(as_text=True)
        assert "Sam O" not in page, address
        assert reason not in page, address
        assert "Sent back" not in page, address
    assert "Yours to judge a second time" in bob.get("/marking").get_data(as_text=True)
    read = bob.get(f"/marking/answers/{desk.answer.id}").get_data(as_text=True)
    assert re.findall(r'<a class="btn[^"]*" href="([^"]+)">Judge it a second time', read) == [HOME]
    assert f"{HOME}/{marking}" in bob.get(HOME).get_data(as_text=True)
    assert bob.post("/marking/next").headers["Location"].endswith("/marking")  # never handed out as the next one
    assert "Sam O" in client_for(desk.ann).get("/marking").get_data(as_text=True)


def test_reading_blind_is_in_the_learners_log_of_who_read(desk: Desk, client_for: SignIn) -> None:
    marking = desk.ask(client_for(desk.tom))
    client_for(desk.bob).get(f"{HOME}/{marking}/judgement")
    with desk.story.reading() as session:
        entry = session.scalars(select(AccessEntry).where(AccessEntry.person_id == desk.bob.id)).one()
        assert (entry.answer_id, entry.purpose) == (desk.answer.id, "second marking")


def test_holding_another_role_opens_no_other_door(desk: Desk, client_for: SignIn, story: Story) -> None:
    """Bob is an internal quality assurer as well: the sampled answer stays shut until he has judged."""
    story.appoint(desk.bob, Role.IQA)
    lead = client_for(desk.tom)
    sampled = lead.post(f"/quality/cohorts/{desk.enrolment.cohort_id}/samples",
                        data={"answers": str(desk.answer.id), "rationale": "All."})  # fmt: skip
    address = f"{sampled.headers['Location']}/answers/{desk.answer.id}"
    marking, bob = desk.ask(lead), client_for(desk.bob)
    assert bob.get(address).status_code == 409
    assert bob.get(f"/quality/answers/{desk.answer.id}/reopening").status_code == 409
    assert bob.get(f"{HOME}/{marking}").status_code == 303
    desk.judge(bob, marking, Outcome.ACHIEVED)
    assert bob.get(address).status_code == 200


def test_the_second_judgement_is_saved_before_the_first_is_shown_and_has_no_number(
    desk: Desk, client_for: SignIn
) -> None:
    marking, bob = desk.ask(client_for(desk.tom)), client_for(desk.bob)
    assert desk.judge(bob, marking, Outcome.NOT_YET_ACHIEVED).status_code == 303
    assert last_event(desk.story) == "second-marking.judged"
    assert desk.decisions() == [(1, "achieved")]  # nothing is decided by it
    with desk.story.reading() as session:
        assert session.scalar(select(func.count(SecondJudging.id))) == 1
        assert {one.outcome for one in session.scalars(select(SecondOutcome))} == {"not_yet_achieved"}
        assert list(audit.verify(session)) == []
    page = bob.get(f"{HOME}/{marking}").get_data(as_text=True)
    assert "feedback: you show this well" in page
    assert "feedback: why is not said" in page
    assert "You differ" in page
    assert desk.judge(bob, marking, Outcome.ACHIEVED).status_code == 404  # once


def test_the_learner_sees_nothing_of_a_second_judgement(desk: Desk, client_for: SignIn) -> None:
    marking = desk.ask(client_for(desk.tom))
    desk.judge(client_for(desk.bob), marking, Outcome.NOT_YET_ACHIEVED)
    sam = client_for(desk.learner)
    pages = sam.get("/learn").get_data(as_text=True)
    assert "why is not said" not in pages
    assert sam.get(f"{HOME}/{marking}").status_code == 403


def test_what_is_typed_is_kept_and_a_form_that_lacks_something_comes_back(desk: Desk, client_for: SignIn) -> None:
    marking, bob = desk.ask(client_for(desk.tom)), client_for(desk.bob)
    criterion = desk.criteria[0]
    saved = bob.post(f"{HOME}/{marking}/draft", data={"base": "0", f"feedback-{criterion}": "Half a thought"})
    assert saved.status_code == 303
    assert "Half a thought" in bob.get(f"{HOME}/{marking}/judgement").get_data(as_text=True)
    lacking = desk.judge(bob, marking, Outcome.ACHIEVED, **{f"feedback-{criterion}": ""})
    assert lacking.status_code == 422
    assert "Write feedback for" in lacking.get_data(as_text=True)
    desk.judge(bob, marking, Outcome.ACHIEVED)
    with desk.story.reading() as session:
        assert session.scalar(select(func.count(JudgementDraft.id))) == 0


def test_guidance_that_changed_meanwhile_is_read_again_first(desk: Desk, client_for: SignIn) -> None:
    marking, bob = desk.ask(client_for(desk.tom)), client_for(desk.bob)
    refused = desk.judge(bob, marking, Outcome.ACHIEVED, guidance="0" * 64)
    assert refused.status_code == 409
    assert "why is not said" in refused.get_data(as_text=True)
    with desk.story.reading() as session:
        assert session.scalar(select(func.count(SecondJudging.id))) == 0


def test_two_who_say_the_same_are_done(desk: Desk, client_for: SignIn) -> None:
    marking = desk.ask(client_for(desk.tom))
    desk.judge(client_for(desk.bob), marking, Outcome.ACHIEVED)
    page = client_for(desk.ann).get(f"{HOME}/{marking}").get_data(as_text=True)
    assert "This is the one outcome." in page
    assert "You differ" not in page
    with desk.story.reading() as session:
        assert pairs.agreed(session, desk.answer.id) == {}


def come_round(desk: Desk, client: HouseClient, marking: UUID, outcome: Outcome) -> Any:
    """Somebody comes round on the first point."""
    data = {"outcome": str(outcome), "reason": "Having talked it over."}
    return client.post(f"{HOME}/{marking}/points/{desk.criteria[0]}/view", data=data)


def test_an_agreed_other_outcome_is_a_new_number_of_an_answer_sent_back(desk: Desk, client_for: SignIn) -> None:
    tom = client_for(desk.tom)
    marking = desk.ask(tom)
    desk.judge(client_for(desk.bob), marking, Outcome.NOT_YET_ACHIEVED)
    ann = client_for(desk.ann)
    assert come_round(desk, ann, marking, Outcome.NOT_YET_ACHIEVED).status_code == 303
    assert last_event(desk.story) == "second-marking.reconsidered"
    assert desk.decisions() == [(1, "achieved")]
    back = f"/quality/answers/{desk.answer.id}/reopening"
    assert back in tom.get(f"{HOME}/{marking}").get_data(as_text=True)
    assert tom.post(back, data={"reason": "Two people came to another outcome."}).status_code == 303
    assert "decide it again" in ann.get(f"{HOME}/{marking}").get_data(as_text=True)
    with pytest.raises(OutOfDate, match="Two people came to another outcome"):
        judge(desk.story, desk.answer, desk.ann, achieved=True)
    judge(desk.story, desk.answer, desk.ann, achieved=False, feedback="We looked again, and why is not said yet.")
    assert desk.decisions() == [(1, "achieved"), (2, "not_yet_achieved")]
    assert "nobody has decided so yet" not in ann.get(f"{HOME}/{marking}").get_data(as_text=True)
    with desk.story.reading() as session:
        assert pairs.agreed(session, desk.answer.id) == {}
        assert list(audit.verify(session)) == []


def test_the_second_can_come_round_as_well(desk: Desk, client_for: SignIn) -> None:
    marking, bob = desk.ask(client_for(desk.tom)), client_for(desk.bob)
    desk.judge(bob, marking, Outcome.NOT_YET_ACHIEVED)
    assert come_round(desk, bob, marking, Outcome.NOT_YET_ACHIEVED).status_code == 409
    assert come_round(desk, bob, marking, Outcome.ACHIEVED).status_code == 303
    with desk.story.reading() as session:
        view = session.scalars(select(SecondView)).one()
        assert (view.side, view.outcome, view.said_by) == ("second", "achieved", desk.bob.id)
        assert pairs.agreed(session, desk.answer.id) == {}


def test_the_lead_settles_what_the_two_do_not(desk: Desk, client_for: SignIn) -> None:
    tom = client_for(desk.tom)
    marking = desk.ask(tom)
    desk.judge(client_for(desk.bob), marking, Outcome.NOT_YET_ACHIEVED)
    address = f"{HOME}/{marking}/points/{desk.criteria[0]}/settlement"
    assert tom.post(address, data={"outcome": "achieved", "reason": ""}).status_code == 422
    assert client_for(desk.ann).post(address, data={"outcome": "achieved", "reason": "Mine."}).status_code == 403
    assert tom.post(address, data={"outcome": "achieved", "reason": "The must is met."}).status_code == 303
    assert last_event(desk.story) == "second-marking.settled"
    assert tom.post(address, data={"outcome": "achieved", "reason": "Again."}).status_code == 409
    assert "Tom Hughes settled it: achieved" in client_for(desk.ann).get(f"{HOME}/{marking}").get_data(as_text=True)


def test_an_answer_that_waits_for_a_second_judgement_is_not_returned(story: Story, client_for: SignIn) -> None:
    cohort = food_cohort(story)
    _, enrolment = story.learner(cohort=cohort)
    answer = hand_in_food(story, enrolment)[1]
    ann, bob = story.staff(Role.ASSESSOR, "Ann Bell"), story.staff(Role.ASSESSOR, "Bob Cole")
    judge(story, answer, ann, returned=False)
    desk = Desk(story, ann, bob, story.staff(Role.LEAD_IQA, "Tom Hughes"), ann, enrolment, answer)
    marking = desk.ask(client_for(desk.tom))
    refused = client_for(ann).post(f"/marking/answers/{answer.id}/return")
    assert refused.status_code == 409
    assert "second time" in refused.get_data(as_text=True)
    desk.judge(client_for(bob), marking, Outcome.ACHIEVED)
    refused = client_for(ann).post(f"/marking/answers/{answer.id}/return")
    assert "after a sample" in refused.get_data(as_text=True)  # what this qualification waits for anyway


def test_a_batch_is_not_released_while_work_in_it_is_judged_a_second_time(story: Story, client_for: SignIn) -> None:
    done = achieved_unit(story)
    bob, tom = story.staff(Role.ASSESSOR, "Bob Cole"), story.staff(Role.LEAD_IQA, "Tess Lead")
    desk = Desk(story, done.assessor, bob, tom, done.learner, done.enrolment, done.answers[1])
    lead = client_for(tom)
    marking = desk.ask(lead)
    made = lead.post(f"/quality/cohorts/{done.cohort.id}/batches", data={"units": f"{done.enrolment.id}/{FOOD_UNIT}"})
    address = f"{made.headers['Location']}/release"
    refused = lead.post(address, data={"rationale": "All is well.", "why_unsampled": ""})
    assert refused.status_code == 409
    assert "judged a second time" in refused.get_data(as_text=True)
    desk.judge(client_for(bob), marking, Outcome.ACHIEVED)
    assert lead.post(address, data={"rationale": "All is well.", "why_unsampled": ""}).status_code == 303


def test_a_second_marking_can_be_called_off_while_nobody_has_judged(desk: Desk, client_for: SignIn) -> None:
    tom = client_for(desk.tom)
    marking = desk.ask(tom)
    assert tom.post(f"{HOME}/{marking}/end", data={"why": ""}).status_code == 422
    assert tom.post(f"{HOME}/{marking}/end", data={"why": "Bob is away."}).status_code == 303
    assert last_event(desk.story) == "second-marking.called-off"
    bob = client_for(desk.bob)
    assert bob.get(f"{HOME}/{marking}/judgement").location.endswith(f"{HOME}/{marking}"), "an old letter leads on"
    assert "Bob is away." in bob.get(f"{HOME}/{marking}").get_data(as_text=True)
    cy = desk.story.staff(Role.ASSESSOR, "Cy Dunn")
    judged = desk.ask(tom, cy)  # and somebody else can be asked
    desk.judge(client_for(cy), judged, Outcome.ACHIEVED)
    assert tom.post(f"{HOME}/{judged}/end", data={"why": "Too late."}).status_code == 409


def able(desk: Desk, client: HouseClient) -> set[str]:
    """The names among which Tom can choose."""
    page = client.get(f"/quality/answers/{desk.answer.id}/second-marking").get_data(as_text=True)
    return set(re.findall(r'<option value="[0-9a-f-]{36}">([^<]+)</option>', page))


def test_only_who_can_judge_it_blind_can_be_asked(desk: Desk, client_for: SignIn, story: Story) -> None:
    tom = client_for(desk.tom)
    story.staff(Role.ASSESSOR, "Una Wells", unit="02-building-a-helping-relationship")
    story.staff(Role.ASSESSOR, "Ed Far", centre=story.centre("Hill House"))
    peer = story.staff(Role.ASSESSOR, "Pia Peer")
    story.enrol(peer, story.cohort())
    story.staff(Role.ASSESSOR, "Tia Trainee", needs_countersignature=True)
    friend = story.staff(Role.ASSESSOR, "Fay Friend")
    apart = {"person": str(friend.id), "other": str(desk.learner.id), "kind": "family", "detail": ""}
    assert client_for(friend).post("/office/conflicts", data=apart).status_code == 303
    reader = story.staff(Role.ASSESSOR, "Rae Reader")
    assert able(desk, tom) == {"Bob Cole", "Rae Reader"}
    client_for(reader).get(f"/marking/answers/{desk.answer.id}")
    assert able(desk, tom) == {"Bob Cole"}
    forged = {"assessor": str(desk.ann.id), "why": "Why not."}
    assert tom.post(f"/quality/answers/{desk.answer.id}/second-marking", data=forged).status_code == 422


def test_who_judged_a_second_time_has_assessed_in_the_cohort(desk: Desk, client_for: SignIn, story: Story) -> None:
    story.appoint(desk.bob, Role.IQA)
    marking, bob = desk.ask(client_for(desk.tom)), client_for(desk.bob)
    desk.judge(bob, marking, Outcome.ACHIEVED)
    data = {"answers": str(desk.answer.id), "rationale": "All."}
    refused = bob.post(f"/quality/cohorts/{desk.enrolment.cohort_id}/samples", data=data)
    assert refused.status_code == 409
    assert "You assessed work in this cohort" in refused.get_data(as_text=True)


def test_the_policys_share_is_drawn_and_given_out_once(desk: Desk, client_for: SignIn) -> None:
    tom = client_for(desk.tom)
    address = f"/quality/cohorts/{desk.enrolment.cohort_id}/second-marking"
    assert "5 in 100" in tom.get(address).get_data(as_text=True)
    assert tom.post(address).status_code == 303
    with desk.story.reading() as session:
        row = session.scalars(select(SecondMarking)).one()
        assert (row.answer_id, row.assessor_id, row.cause) == (desk.answer.id, desk.bob.id, "share")
    assert "The share is reached." in tom.get(address).get_data(as_text=True)
    assert tom.post(address).status_code == 409


def test_a_second_marking_does_not_exist_for_others(desk: Desk, client_for: SignIn, story: Story) -> None:
    marking = desk.ask(client_for(desk.tom))
    elsewhere = story.centre("Hill House")
    for who in (story.staff(Role.ASSESSOR, "Cy Dunn"), story.staff(Role.ASSESSOR, centre=elsewhere),
                story.staff(Role.LEAD_IQA, centre=elsewhere)):  # fmt: skip
        client = client_for(who)
        assert client.get(f"{HOME}/{marking}").status_code == 404
        assert str(marking) not in client.get(HOME).get_data(as_text=True)
    stranger = client_for(story.staff(Role.LEAD_IQA, centre=elsewhere))
    assert stranger.get(f"/quality/answers/{desk.answer.id}/second-marking").status_code == 404
    assert stranger.post(f"{HOME}/{marking}/end", data={"why": "Mine."}).status_code == 404
    assert client_for(story.staff(Role.IQA)).get(f"/quality/answers/{desk.answer.id}/second-marking").status_code == 403


def test_the_list_takes_the_same_queries_however_long_it_is(
    desk: Desk, client_for: SignIn, story: Story, statements: list[str]
) -> None:
    tom = client_for(desk.tom)
    desk.ask(tom)
    tom.get(HOME)
    statements.clear()
    tom.get(HOME)
    few = len(statements)
    for _ in range(4):
        _, enrolment = story.learner()
        answer = story.hand_in(enrolment, QUESTION, WORDS)
        judge(story, answer, desk.ann)
        Desk(story, desk.ann, desk.bob, desk.tom, desk.learner, enrolment, answer).ask(tom)
    tom.get(HOME)
    statements.clear()
    tom.get(HOME)
    assert len(statements) == few


def test_every_second_marking_is_found_page_by_page(
    desk: Desk, client_for: SignIn, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    tom, ids = client_for(desk.tom), []
    for _ in range(3):
        _, enrolment = story.learner()
        answer = story.hand_in(enrolment, QUESTION, WORDS)
        judge(story, answer, desk.ann)
        ids.append(Desk(story, desk.ann, desk.bob, desk.tom, desk.learner, enrolment, answer).ask(tom))
    monkeypatch.setattr(pairs, "LATEST", 2)
    for who in (tom, client_for(desk.bob)):
        pages = pages_of(who, HOME)
        assert [[one for one in ids if str(one) in page] for page in pages] == [ids[1:], ids[:1]]
