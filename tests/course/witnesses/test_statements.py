"""A learner asks, somebody without an account answers, and only what was confirmed can be handed in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from course import audit, clock, sealing
from course.access import Role
from course.audit import AuditEvent
from course.enrolment.models import Cohort, Enrolment
from course.independence import Tie
from course.outbox import Message
from course.people.models import Person
from course.records import queries as records
from course.sealing import Sealed
from course.witnesses.models import WitnessReply, WitnessRequest, WitnessWithdrawal
from course.witnesses.views import WRONG_AN_HOUR
from course.workbook import content as contents
from course.workbook.content import WitnessContent
from course.workbook.models import Answer
from tests.support.marked import FOOD_UNIT, food_cohort
from tests.support.story import Story

KEY = "seen-keeping-a-guest-safe"
SEEN = "I read the allergen sheet and washed my hands."
WORDS = {
    "witness-seen": SEEN, "witness-dates": "3 November 2026", "witness-place": "The café", "witness-name": "Ana Reid",
    "witness-role": "supervisor", "witness-email": "Ana@Example.net",
}  # fmt: skip
STATEMENT = {
    "outcome": "confirmed", "saw": "They checked the sheet twice.", "name": "Ana Reid", "role": "Head cook",
    "relation": "I supervise them", "true": "y",
}  # fmt: skip


@pytest.fixture
def learner(story: Story) -> tuple[Person, Enrolment]:
    return story.learner("Kit Marsh", cohort=food_cohort(story))


@pytest.fixture
def kit(client_for: Any, learner: tuple[Person, Enrolment]) -> Any:
    return client_for(learner[0])


def address(enrolment: Enrolment, end: str = "") -> str:
    return f"/learn/{enrolment.id}/{FOOD_UNIT}/questions/{KEY}{end}"


def ask(kit: Any, enrolment: Enrolment, **change: str) -> Any:
    """Save the box and send the link."""
    page = kit.get(f"/learn/{enrolment.id}/{FOOD_UNIT}/2").get_data(as_text=True)
    base = page.split(f"{KEY}/draft")[1].split('name="base" value="')[1].split('"')[0]
    kit.post(address(enrolment, "/draft"), data=WORDS | {"base": base} | change)
    return kit.post(address(enrolment, "/witness"))


def link_in(story: Story) -> str:
    """The path in the last letter to a witness."""
    with story.reading() as session:
        query = select(Message.link).where(Message.letter == "statement").order_by(Message.written_at.desc()).limit(1)
        return "/witness/" + str(session.scalar(query)).split("/witness/")[1]


def count(story: Story, model: Any) -> int:
    with story.reading() as session:
        return int(session.scalar(select(func.count()).select_from(model)) or 0)


def events(story: Story) -> list[str]:
    with story.reading() as session:
        rows = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq))
        return [one for one in rows if one.startswith(("witness.", "answer."))]


def hand_in(story: Story, kit: Any, enrolment: Enrolment) -> Any:
    page = kit.get(f"/learn/{enrolment.id}/{FOOD_UNIT}/hand-in?question={KEY}").get_data(as_text=True)
    if f'name="revision-{KEY}"' not in page:
        return None
    revision = page.split(f'name="revision-{KEY}" value="')[1].split('"')[0]
    declaration = page.split('name="declaration" value="')[1].split('"')[0]
    data = {"questions": KEY, f"revision-{KEY}": revision, "declaration": declaration, "own": "yes"}
    return kit.post(f"/learn/{enrolment.id}/{FOOD_UNIT}/hand-in", data=data)


def test_a_statement_goes_from_the_learner_to_the_witness_and_on_to_the_assessor(
    story: Story, learner: Any, kit: Any, client: Any, client_for: Any
) -> None:
    _, enrolment = learner
    kit.post(address(enrolment, "/draft"), data=WORDS | {"base": "0"})
    looked = kit.get(address(enrolment, "/witness")).get_data(as_text=True)
    assert "Ana@Example.net" in looked
    assert SEEN in looked
    assert ask(kit, enrolment).status_code == 303
    with story.reading() as session:
        letter = session.scalars(select(Message).where(Message.letter == "statement")).one()
        assert letter.to_email == "ana@example.net"
        request = session.scalars(select(WitnessRequest)).one()
        assert letter.link.rsplit("/", 1)[1] not in (request.token_hash, str(request.id)), "only a hash is kept"
    assert hand_in(story, kit, enrolment) is None, "asked is not confirmed"

    shown = client.get(link_in(story))
    assert shown.status_code == 200
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    text = shown.get_data(as_text=True)
    assert "Kit Marsh" in text
    assert "Harbour Recovery" in text
    assert "check the allergen sheet" in text
    assert SEEN in text
    assert "Ana@Example.net" not in text
    assert client.post(link_in(story), data=STATEMENT).status_code == 200
    assert client.get(link_in(story)).status_code == 410, "the link works once"
    with story.reading() as session:
        told = session.scalars(select(Message).where(Message.letter == "something-to-read")).one()
        assert told.to_email == learner[0].email

    mine = kit.get(f"/learn/{enrolment.id}/{FOOD_UNIT}/2").get_data(as_text=True)
    assert "They checked the sheet twice." in mine
    assert hand_in(story, kit, enrolment).status_code == 303
    assert events(story) == ["witness.asked", "witness.confirmed", "answer.handed-in"]

    assessor = client_for(story.staff(Role.ASSESSOR))
    with story.reading() as session:
        answer = session.scalar(select(Answer.id))
    marking = assessor.get(f"/marking/answers/{answer}").get_data(as_text=True)
    for words in (SEEN, "Confirmed by Ana Reid, Head cook, on", "They checked the sheet twice.", "I supervise them"):
        assert words in marking
    assert "ana@example.net" not in marking.lower(), "the assessor needs no address"
    with story.reading() as session:
        assert list(audit.verify(session)) == []


def test_the_letter_says_nothing_about_anybody(story: Story, learner: Any, kit: Any) -> None:
    from course.outbox import BODIES, SUBJECTS, Letter

    ask(kit, learner[1])
    words = SUBJECTS[Letter.STATEMENT] + BODIES[Letter.STATEMENT]
    for telling in ("Kit", "Harbour", "Food", "hygiene"):
        assert telling not in words


def test_words_that_are_with_a_witness_do_not_change(story: Story, learner: Any, kit: Any) -> None:
    _, enrolment = learner
    ask(kit, enrolment)
    saved = kit.post(address(enrolment, "/draft"), data=WORDS | {"witness-seen": "Something else", "base": "1"})
    assert saved.status_code == 409
    assert kit.post(address(enrolment, "/witness")).status_code == 409, "one request at a time"
    assert kit.post(address(enrolment, "/witness/end")).status_code == 303
    saved = kit.post(address(enrolment, "/draft"), data=WORDS | {"witness-seen": "Something else", "base": "1"})
    assert saved.status_code == 303
    assert events(story)[-1] == "witness.withdrawn"


def test_every_link_that_does_not_open_says_the_same(
    story: Story, learner: Any, kit: Any, client: Any, at: Any
) -> None:
    _, enrolment = learner
    unknown = client.get("/witness/no-such-link")
    ask(kit, enrolment)
    taken_back = link_in(story)
    kit.post(address(enrolment, "/witness/end"))
    at(clock.now() + timedelta(seconds=5))
    ask(kit, enrolment)
    late = link_in(story)
    assert client.get(late).status_code == 200
    at(clock.now() + timedelta(days=14))
    for link in (taken_back, late):
        answer = client.get(link)
        assert (answer.status_code, answer.data) == (unknown.status_code, unknown.data)
        posted = client.post(link, data=STATEMENT)
        assert posted.status_code == 410
        assert b"They checked the sheet twice." in posted.data, "what was typed is given back"
    assert count(story, WitnessReply) == 0


def test_wrong_links_are_throttled(story: Story, learner: Any, kit: Any, client: Any) -> None:
    ask(kit, learner[1])
    for number in range(WRONG_AN_HOUR):
        assert client.get(f"/witness/wrong-{number}").status_code == 410
    assert client.get("/witness/wrong").status_code == 429
    assert client.get(link_in(story)).status_code == 429, "not even a right guess shows"
    kept = client.post(link_in(story), data=STATEMENT)
    assert kept.status_code == 429
    assert b"They checked the sheet twice." in kept.data


def test_a_witness_may_correct_or_say_no_and_the_learner_may_ask_somebody_else(
    story: Story, learner: Any, kit: Any, client: Any
) -> None:
    _, enrolment = learner
    ask(kit, enrolment)
    assert client.post(link_in(story), data={"outcome": "declined", "saw": "I was away."}).status_code == 200
    page = kit.get(f"/learn/{enrolment.id}/{FOOD_UNIT}/2").get_data(as_text=True)
    assert "did not make the statement" in page
    assert "I was away." in page
    assert hand_in(story, kit, enrolment) is None, "a no cannot be handed in"
    ask(kit, enrolment, **{"witness-name": "Ben Ode", "witness-email": "ben@example.net"})
    client.post(link_in(story), data=STATEMENT | {"outcome": "corrected", "saw": "It was the 4th.", "name": "Ben Ode"})
    assert hand_in(story, kit, enrolment).status_code == 303
    with story.reading() as session:
        words = session.get_one(Sealed, session.scalars(select(Answer.words_id)).one())
        content = contents.loads(sealing.read(session, words))
    assert isinstance(content, WitnessContent)
    assert content.statement is not None
    assert (content.statement.corrected, content.statement.saw) == (True, "It was the 4th.")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": ""}, "Choose what you say."), ({"saw": " "}, "Say in your own words what you saw."),
        ({"true": ""}, "Confirm that this is true"), ({"relation": ""}, "Say how you know the person."),
        ({"saw": "x" * 5_001}, "Shorten this"),
    ],
)  # fmt: skip
def test_an_unfinished_statement_keeps_what_was_typed(
    story: Story, learner: Any, kit: Any, client: Any, change: dict[str, str], message: str
) -> None:
    ask(kit, learner[1])
    answer = client.post(link_in(story), data=STATEMENT | change)
    assert answer.status_code == 422
    assert message in answer.get_data(as_text=True)
    assert "Head cook" in answer.get_data(as_text=True)
    assert count(story, WitnessReply) == 0
    assert client.post(link_in(story), data=STATEMENT).status_code == 200, "the link is not used up"


def test_nobody_is_their_own_witness(story: Story, learner: Any, kit: Any) -> None:
    person, enrolment = learner
    answer = ask(kit, enrolment, **{"witness-email": person.email.upper()})
    assert answer.status_code == 409
    assert count(story, WitnessRequest) == 0
    assert "witness.asked" not in events(story)


def test_a_witness_who_marks_is_named_beforehand_and_decides_nothing(
    story: Story, learner: Any, kit: Any, client: Any, client_for: Any
) -> None:
    _, enrolment = learner
    priya, omar = story.staff(Role.ASSESSOR, "Priya Nair"), story.staff(Role.ASSESSOR, "Omar Aziz")
    kit.post(address(enrolment, "/draft"), data=WORDS | {"witness-email": priya.email, "base": "0"})
    assert "Priya also marks this unit" in kit.get(address(enrolment, "/witness")).get_data(as_text=True)
    kit.post(address(enrolment, "/witness"))
    client.post(link_in(story), data=STATEMENT)
    hand_in(story, kit, enrolment)
    with story.reading() as session:
        answer = session.scalars(select(Answer.id)).one()
    page = client_for(priya).get(f"/marking/answers/{answer}").get_data(as_text=True)
    assert "you do not decide on it" in page
    assert "Take this answer" not in page
    assert client_for(priya).post(f"/marking/answers/{answer}/lease").status_code == 409
    assert client_for(omar).post(f"/marking/answers/{answer}/lease").status_code == 303


def test_an_assurer_who_gave_the_statement_does_not_check_the_answer(
    story: Story, learner: Any, kit: Any, client: Any
) -> None:
    _, enrolment = learner
    ruth, tom = story.staff(Role.IQA, "Ruth Vale"), story.staff(Role.IQA, "Tom Hughes")
    kit.post(address(enrolment, "/draft"), data=WORDS | {"witness-email": ruth.email, "base": "0"})
    kit.post(address(enrolment, "/witness"))
    client.post(link_in(story), data=STATEMENT)
    hand_in(story, kit, enrolment)
    with story.reading() as session:
        answer = session.scalars(select(Answer)).one()
        cohort = session.get_one(Cohort, answer.cohort_id)
        assert Tie.WITNESSED in records.standing(session, ruth.id, cohort, answers=[answer.id]).ties
        assert not records.standing(session, ruth.id, cohort).ties, "the rest of the cohort is open to them"
        assert not records.standing(session, tom.id, cohort, answers=[answer.id]).ties


def test_a_statement_belongs_to_the_attempt_it_was_handed_in_with(
    story: Story, learner: Any, kit: Any, client: Any
) -> None:
    _, enrolment = learner
    ask(kit, enrolment)
    client.post(link_in(story), data=STATEMENT)
    hand_in(story, kit, enrolment)
    assert kit.post(address(enrolment, "/answer/take-back")).status_code == 303
    page = kit.get(f"/learn/{enrolment.id}/{FOOD_UNIT}/2").get_data(as_text=True)
    assert "They checked the sheet twice." in page, "taken back, the statement still stands"
    assert hand_in(story, kit, enrolment).status_code == 303
    kit.post(address(enrolment, "/answer/take-back"))
    kit.post(address(enrolment, "/witness/end"))
    assert hand_in(story, kit, enrolment) is None, "put aside, it does not come back out of the draft"


def test_a_confirmed_statement_may_be_put_aside(story: Story, learner: Any, kit: Any, client: Any) -> None:
    _, enrolment = learner
    ask(kit, enrolment)
    client.post(link_in(story), data=STATEMENT)
    assert kit.post(address(enrolment, "/witness/end")).status_code == 303
    assert hand_in(story, kit, enrolment) is None
    assert count(story, WitnessWithdrawal) == 1
    assert kit.post(address(enrolment, "/witness/end")).status_code == 409


def test_somebody_who_has_left_is_vouched_for_no_more(story: Story, learner: Any, kit: Any, client: Any) -> None:
    _, enrolment = learner
    ask(kit, enrolment)
    with story.writing() as session:
        session.get_one(Enrolment, enrolment.id).withdrawn_at = clock.now()
    assert client.get(link_in(story)).status_code == 410


def test_a_question_of_another_kind_has_no_witness(learner: Any, kit: Any) -> None:
    _, enrolment = learner
    other = f"/learn/{enrolment.id}/{FOOD_UNIT}/questions/when-to-wash/witness"
    assert kit.get(other).status_code == 404
    assert kit.post(other).status_code == 404


def test_the_words_of_a_request_are_sealed(story: Story, learner: Any, kit: Any, client: Any) -> None:
    ask(kit, learner[1])
    client.post(link_in(story), data=STATEMENT)
    with story.reading() as session:
        places = set(session.scalars(select(Sealed.place)))
        ink = {one.ink for one in session.scalars(select(Sealed).where(Sealed.place.like("witness.%")))}
    assert {"witness.request", "witness.reply"} <= places
    assert ink == {True}
