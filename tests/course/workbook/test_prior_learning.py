"""What was learned before the course is claimed point by point, and handed in like any other answer."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import select

from course import audit
from course.workbook.models import Answer, PriorLearning
from tests.course.workbook.test_files import photo
from tests.course.workbook.test_whole_journey import KEY, address, hidden

CLAIM = f"/questions/{KEY}/prior-learning"
PRACTICE = "goal-you-would-not-choose"


def said(client: Any, enrolment: Any, **more: str) -> dict[str, str]:
    """A whole claim, with an own answer to each point that the question asks for."""
    page = client.get(address(enrolment, CLAIM)).get_data(as_text=True)
    points = {part.split('"')[0] for part in page.split('name="shows-')[1:]}
    assert points
    shows = {f"shows-{point}": "I asked each member what they wanted." for point in points}
    return {"base": "0", "what": "I ran a gym group.", "where": "Leeds, for the council", "when": "2023"} | shows | more


def hand_over(client: Any, enrolment: Any) -> str:
    """Look it over and hand it in; returns the page that was looked over."""
    over: str = client.get(address(enrolment, f"/hand-in?question={KEY}")).get_data(as_text=True)
    fields = {"questions": KEY, f"revision-{KEY}": "1", "own": "yes", "declaration": hidden(over, "declaration")}
    assert client.post(address(enrolment, "/hand-in"), data=fields).status_code == 303
    return over


def test_a_claim_is_kept_with_the_draft_and_handed_in_with_it(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner("Sam Okafor")
    client = client_for(person)
    assert "I learned this before this course" in client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert client.post(address(enrolment, CLAIM), data=said(client, enrolment)).status_code == 303
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "You say that you learned this before this course." in page
    over = hand_over(client, enrolment)
    assert "Learned before this course" in over
    assert "I asked each member what they wanted." in over
    with story.reading() as session:
        answer = session.scalars(select(Answer)).one()
        assert session.scalars(select(PriorLearning.answer_id)).all() == [answer.id]
        assert list(audit.verify(session)) == []


def test_an_ordinary_answer_is_no_claim(story: Any) -> None:
    _, enrolment = story.learner()
    story.hand_in(enrolment, KEY)
    with story.reading() as session:
        assert session.scalars(select(PriorLearning)).all() == []


def test_saving_the_box_afterwards_keeps_the_claim(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    client.post(address(enrolment, CLAIM), data=said(client, enrolment))
    box = address(enrolment, f"/questions/{KEY}/draft")
    assert client.post(box, data={"base": "1", "text": "More about it."}).status_code == 303
    page = client.get(address(enrolment, CLAIM)).get_data(as_text=True)
    assert "I ran a gym group." in page
    assert 'value="Leeds, for the council"' in page


def test_a_claim_says_what_when_where_and_how_for_each_point(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    whole = said(client, enrolment)
    for name in (name for name in whole if name not in ("base", "confirms")):
        refused = client.post(address(enrolment, CLAIM), data=whole | {name: " "})
        assert refused.status_code == 422, name
        kept = refused.get_data(as_text=True)
        assert "There is a problem" in kept
        assert kept.count("I asked each member") + kept.count("I ran a gym group.") >= 1


def test_a_claim_is_taken_out_and_the_words_stay(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    story.save(enrolment, KEY, "My own words.")
    client.post(address(enrolment, CLAIM), data=said(client, enrolment, base="1"))
    assert client.post(address(enrolment, f"{CLAIM}/end"), data={"base": "2"}).status_code == 303
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "My own words." in page
    assert "You say that you learned this before" not in page


def test_two_pages_of_one_claim_lose_nothing(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    whole = said(client, enrolment)
    client.post(address(enrolment, CLAIM), data=whole)
    second = client.post(address(enrolment, CLAIM), data=whole | {"what": "I ran another group."})
    assert second.status_code == 303
    both = client.get(second.location).get_data(as_text=True)
    assert "I ran a gym group." in both
    assert "I ran another group." in both


def test_a_certificate_can_be_added_to_a_claim_only(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    where = address(enrolment, f"/questions/{KEY}/files")
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    assert client.post(where, data={"file": (io.BytesIO(pdf), "certificate.pdf")}).status_code == 422
    client.post(address(enrolment, CLAIM), data=said(client, enrolment))
    assert client.post(where, data={"file": (io.BytesIO(photo()), "certificate.jpg")}).status_code == 303
    assert client.post(where, data={"file": (io.BytesIO(pdf), "certificate.pdf")}).status_code == 303
    assert "certificate.pdf" in client.get(address(enrolment, "/1")).get_data(as_text=True)


def test_practice_takes_no_claim_and_what_is_handed_in_is_locked(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    assert client.get(address(enrolment, f"/questions/{PRACTICE}/prior-learning")).status_code == 404
    whole = said(client, enrolment)
    story.hand_in(enrolment, KEY)
    assert "cannot be changed now" in client.get(address(enrolment, CLAIM)).get_data(as_text=True)
    assert client.post(address(enrolment, CLAIM), data=whole).status_code == 409


def test_a_claim_taken_back_is_a_draft_with_its_claim(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    client.post(address(enrolment, CLAIM), data=said(client, enrolment))
    hand_over(client, enrolment)
    assert client.post(address(enrolment, f"/questions/{KEY}/answer/take-back")).status_code == 303
    assert "I ran a gym group." in client.get(address(enrolment, CLAIM)).get_data(as_text=True)
