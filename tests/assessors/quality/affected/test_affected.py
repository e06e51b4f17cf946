"""An error that is upheld: who else may be affected, looked through line by line, everything in ink."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from assessors.quality import returning
from assessors.quality.affected import queries, rules
from assessors.quality.affected.models import AffectedLook, UpheldError
from assessors.quality.affected.rules import Likeness
from assessors.quality.models import Action, Review
from assessors.quality.plan import membership
from course import audit, clock
from course.access import Role
from course.audit import AuditEvent
from course.independence import Standing, Tie
from course.refusal import Refusal
from course.workbook.models import AccessEntry, Answer, Decision
from tests.support.house import HouseClient
from tests.support.marked import held
from tests.support.planned import Marked, marked_cohort
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
WRONG = {"wrong": "yes", "look_for": "Nobody was told, and it was still achieved."}


@pytest.fixture
def marked(story: Story) -> Marked:
    """Two assessors, four learners, twelve marked answers, and an assurer with no part in it."""
    return marked_cohort(story)


def asked_action(marked: Marked) -> Action:
    """Joan was asked to act on her first answer of the plan, and has answered."""
    plan = marked.draw()
    with marked.story.reading() as session:
        ids = set(membership.of_sample(session, plan.sample_id))
    joans = next(one for one in marked.answers[:6] if one.id in ids)
    marked.review(plan.sample_id, joans, act="Is anybody told?")
    with marked.story.reading() as session:
        return session.scalars(select(Action).order_by(Action.id)).first()  # type: ignore[return-value]


@pytest.fixture
def upheld(marked: Marked, client_for: SignIn) -> tuple[Marked, str]:
    """An error that the assurer upheld, and the address of its page."""
    action = asked_action(marked)
    joan, tom = client_for(marked.joan), client_for(marked.iqa)
    assert joan.post(f"/quality/actions/{action.id}/response", data={"words": "No. I was wrong."}).status_code == 303
    closed = tom.post(f"/quality/actions/{action.id}/closure", data=WRONG)
    assert closed.status_code == 303
    return marked, closed.headers["Location"]


def links(page: str) -> list[str]:
    """The decisions that the list leads to."""
    return re.findall(r'href="(/quality/errors/[0-9a-f-]+/decisions/[0-9a-f-]+)"', page)


def test_closing_asks_whether_the_decision_was_wrong(marked: Marked, client_for: SignIn) -> None:
    action = asked_action(marked)
    client = client_for(marked.iqa)
    address = f"/quality/actions/{action.id}/closure"
    assert "Is anybody told?" in client.get(address).get_data(as_text=True)
    assert client.post(address).status_code == 422
    without = client.post(address, data={"wrong": "yes", "look_for": " "})
    assert without.status_code == 422
    assert "Write what to look for in other decisions." in without.get_data(as_text=True)
    assert client.post(address, data=WRONG).status_code == 409  # the assessor has not answered
    with marked.story.reading() as session:
        assert session.scalar(select(func.count()).select_from(UpheldError)) == 0


def test_a_decision_that_stands_opens_no_search(marked: Marked, client_for: SignIn) -> None:
    action = asked_action(marked)
    assert (
        client_for(marked.joan)
        .post(f"/quality/actions/{action.id}/response", data={"words": "I stand by it."})
        .status_code
        == 303
    )
    tom = client_for(marked.iqa)
    assert tom.post(f"/quality/actions/{action.id}/closure", data={"wrong": "no"}).status_code == 303
    assert "No error" in tom.get("/quality/errors").get_data(as_text=True)


def test_everybody_who_shares_assessor_question_or_guidance_is_listed(
    upheld: tuple[Marked, str], client_for: SignIn
) -> None:
    marked, address = upheld
    page = client_for(marked.iqa).get(address).get_data(as_text=True)
    assert WRONG["look_for"] in page
    with marked.story.reading() as session:
        error = session.scalars(select(UpheldError)).one()
        wrong = session.get_one(Decision, error.decision_id)
        answer = session.get_one(Answer, wrong.answer_id)
        rows = session.execute(
            select(Decision.id, Decision.decided_by, Decision.guidance, Answer.question)
            .join(Answer, Answer.id == Decision.answer_id)
            .where(Decision.id != wrong.id)
        ).all()
        like = {
            row.id
            for row in rows
            if row.decided_by == wrong.decided_by
            or row.question == answer.question
            or (wrong.guidance and row.guidance == wrong.guidance)
        }
        found = queries.error_for(session, error.id, held(marked.story, marked.iqa))
        listed = queries.affected(session, found, held(marked.story, marked.iqa), looked_at=False)
        assert {one.decision.id for one in listed} == like
        assert all(one.like for one in listed)
        weights = [Likeness.QUESTION in one.like for one in listed]
        assert weights == sorted(weights, reverse=True)
        assert queries.counts(session, found, held(marked.story, marked.iqa)) == (len(like), 0)
    assert len(set(links(page))) == len(like)


def test_other_cohorts_in_scope_are_looked_through_too(story: Story, client_for: SignIn) -> None:
    marked = marked_cohort(story)
    other = marked_cohort(story, "Elsewhere")
    action = asked_action(marked)
    client_for(marked.joan).post(f"/quality/actions/{action.id}/response", data={"words": "I was wrong."})
    address = client_for(marked.iqa).post(f"/quality/actions/{action.id}/closure", data=WRONG).headers["Location"]
    assert "Elsewhere" in client_for(marked.iqa).get(address).get_data(as_text=True)
    narrow = story.staff(Role.IQA, "Una Vale", cohort_id=marked.cohort.id)
    assert "Elsewhere" not in client_for(narrow).get(address).get_data(as_text=True)
    outside = story.staff(Role.IQA, "Ivor Rees", cohort_id=other.cohort.id)
    assert client_for(outside).get(address).status_code == 404
    stranger = story.staff(Role.IQA, centre=story.centre("Another centre"))
    assert client_for(stranger).get(address).status_code == 404


def test_each_line_is_looked_at_once_and_leads_to_the_next(upheld: tuple[Marked, str], client_for: SignIn) -> None:
    marked, address = upheld
    client = client_for(marked.iqa)
    first, second = links(client.get(address).get_data(as_text=True))[:2]
    shown = client.get(first).get_data(as_text=True)
    assert WRONG["look_for"] in shown
    assert "You show this well." in shown
    assert client.post(f"{first}/look").status_code == 422
    noted = client.post(f"{first}/look", data={"verdict": "unaffected"})
    assert noted.headers["Location"] == second
    assert client.post(f"{first}/look", data={"verdict": "unaffected"}).status_code == 409
    done = client.get(f"{address}?show=done").get_data(as_text=True)
    assert "Not affected" in done
    assert links(done) == [first]
    with marked.story.reading() as session:
        look = session.scalars(select(AffectedLook)).one()
        assert (look.verdict, look.sample_id, look.looked_by) == ("unaffected", None, marked.iqa.id)
        happened = set(session.scalars(select(AuditEvent.action)))
        assert {"error.upheld", "affected.looked-at"} <= happened
        opened = session.scalars(select(AccessEntry).where(AccessEntry.person_id == marked.iqa.id)).all()
        assert "sampling" in {one.purpose for one in opened}
        assert list(audit.verify(session)) == []


def test_an_affected_decision_is_asked_of_its_assessor_like_any_other(
    upheld: tuple[Marked, str], client_for: SignIn
) -> None:
    marked, address = upheld
    client = client_for(marked.iqa)
    with marked.story.reading() as session:
        # An answer with one decision: once that is dealt with, the sample of this answer is finished.
        alone = select(Decision.answer_id).group_by(Decision.answer_id).having(func.count() == 1)
        single = {str(one) for one in session.scalars(select(Decision.id).where(Decision.answer_id.in_(alone)))}
    listed = links(client.get(address).get_data(as_text=True))
    first = next(one for one in listed if one.rsplit("/", 1)[1] in single)
    assert client.post(f"{first}/look", data={"verdict": "act"}).status_code == 422
    day = (clock.now().date() + timedelta(days=7)).isoformat()
    words = {"verdict": "act", "comment": "The same here: who is told?", "due_on": day}
    assert client.post(f"{first}/look", data=words).status_code == 303
    decision_id = first.rsplit("/", 1)[1]
    with marked.story.reading() as session:
        look = session.scalars(select(AffectedLook)).one()
        review = session.scalars(select(Review).where(Review.sample_id == look.sample_id)).one()
        assert str(review.decision_id) == decision_id
        decision = session.get_one(Decision, review.decision_id)
        assert returning.has_open_action(session, decision.answer_id)
        action = session.scalars(select(Action).where(Action.review_id == review.id)).one()
    assessor = client_for(marked.joan if decision.decided_by == marked.joan.id else marked.priya)
    assert "The same here: who is told?" in assessor.get("/quality/actions").get_data(as_text=True)
    assert "To act" in client.get(f"{address}?show=done").get_data(as_text=True)
    said = {"words": "Mrs Hall is told. I asked."}
    assert assessor.post(f"/quality/actions/{action.id}/response", data=said).status_code == 303
    assert client.post(f"/quality/actions/{action.id}/closure", data={"wrong": "no"}).status_code == 303
    with marked.story.reading() as session:
        # A look at one answer is no sample of the cohort: what else is held waits for its own.
        others = [one for one in marked.answers if one.id != decision.answer_id]
        assert not any(returning.is_released_for_return(session, one.id) for one in others)


def test_an_assurer_of_no_part_in_one_cohort_may_have_one_in_another(story: Story, client_for: SignIn) -> None:
    """The line of a cohort that the assurer taught can be read, and is left to somebody else."""
    marked, other = marked_cohort(story), marked_cohort(story, "Elsewhere")
    story.appoint(marked.iqa, Role.TUTOR, cohort_id=other.cohort.id)
    action = asked_action(marked)
    client_for(marked.joan).post(f"/quality/actions/{action.id}/response", data={"words": "I was wrong."})
    client = client_for(marked.iqa)
    address = client.post(f"/quality/actions/{action.id}/closure", data=WRONG).headers["Location"]
    with story.reading() as session:
        error = session.scalars(select(UpheldError)).one()
        mine = held(story, marked.iqa)
        found = queries.error_for(session, error.id, mine)
        lines = queries.affected(session, found, mine, looked_at=False)
    there = next(one for one in lines if one.answer.cohort_id == other.cohort.id)
    line = f"{address}/decisions/{there.decision.id}"
    assert "You taught this cohort" in client.get(line).get_data(as_text=True)
    refused = client.post(f"{line}/look", data={"verdict": "unaffected"})
    assert refused.status_code == 409
    assert "You taught this cohort" in refused.get_data(as_text=True)


# -- the tables: state × verb ------------------------------------------------------------------------------------------

PARTS = {
    "none": Standing(),
    "taught": Standing(frozenset({Tie.TAUGHT})),
    "assessed": Standing(frozenset({Tie.ASSESSED})),
    "decided": Standing(frozenset({Tie.DECIDED})),
    "studies": Standing(frozenset({Tie.STUDIES})),
}
LOOKS = {
    # (still affected, looked at): allowed
    (True, False): True,
    (False, False): False,
    (True, True): False,
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("state", LOOKS)
def test_who_may_look_at_what(part: str, state: tuple[bool, bool]) -> None:
    is_affected, looked_at = state
    if LOOKS[state] and part == "none":
        assert rules.look(PARTS[part], is_affected=is_affected, looked_at=looked_at)
        return
    with pytest.raises(Refusal):
        rules.look(PARTS[part], is_affected=is_affected, looked_at=looked_at)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("words", "may"), [("Look.", True), (" ", False)])
def test_who_may_uphold_an_error(part: str, words: str, may: bool) -> None:
    if may and part == "none":
        assert rules.uphold(PARTS[part], look_for=words)
        return
    with pytest.raises(Refusal):
        rules.uphold(PARTS[part], look_for=words)
