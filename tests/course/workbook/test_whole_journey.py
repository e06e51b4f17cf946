"""The learner's whole way, page by page: read, write, hand in, hear back, improve, hand in again."""

from __future__ import annotations

import re
from typing import Any

from tests.support.marked import FOOD_UNIT, food_cohort
from tests.support.story import UNIT

KEY = "why-goals-are-theirs"


def address(enrolment: Any, rest: str = "") -> str:
    return f"/learn/{enrolment.id}/{UNIT}{rest}"


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


def test_a_learner_finds_their_course_their_unit_and_a_page_with_questions(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner("Sam Okafor")
    client = client_for(person)
    home = client.get("/learn").get_data(as_text=True)
    assert "Hello Sam" in home
    assert address(enrolment) in home
    start = client.get(address(enrolment)).get_data(as_text=True)
    assert "When privacy ends" in start
    assert "made-up case" in start
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert page.count("<textarea") >= 1
    assert "Not by other learners" in page


def test_the_whole_way_without_a_script(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner("Sam Okafor")
    client = client_for(person)
    saved = client.post(
        address(enrolment, f"/questions/{KEY}/draft"), data={"base": "0", "text": "Because it is theirs."}
    )
    assert saved.status_code == 303
    assert saved.location.endswith(f"#q-{KEY}")
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "Because it is theirs." in page
    assert "Saved today at" in page
    over = client.get(address(enrolment, f"/hand-in?question={KEY}")).get_data(as_text=True)
    fields = {"questions": KEY, f"revision-{KEY}": hidden(over, f"revision-{KEY}"), "question": KEY}
    fields["declaration"] = hidden(over, "declaration")
    unticked = client.post(address(enrolment, "/hand-in"), data=fields)
    assert unticked.status_code == 422
    assert "Confirm that this is your own work" in unticked.get_data(as_text=True)
    handed = client.post(address(enrolment, "/hand-in"), data=fields | {"own": "yes", "helpers": "My sister typed it."})
    assert handed.status_code == 303, handed.get_data(as_text=True)
    locked = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "Take it back" in locked
    late = client.post(
        address(enrolment, f"/questions/{KEY}/draft"), data={"base": "1", "text": "Too late now, but kept."}
    )
    assert late.status_code == 409
    history = client.get(address(enrolment, f"/questions/{KEY}")).get_data(as_text=True)
    assert "First go" in history
    assert "My sister typed it." in history


def test_a_script_saves_and_is_told_the_truth(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    where = address(enrolment, f"/questions/{KEY}/draft")
    headers = {"Accept": "application/json", "X-Save": "n1"}
    first = client.post(where, data={"base": "0", "text": "One"}, headers=headers)
    assert first.status_code == 200, first.get_data(as_text=True)
    assert first.get_json()["nonce"] == "n1"
    assert first.get_json()["revision"] == 1
    assert first.get_json()["saved"].startswith("Saved today at ")
    second = client.post(where, data={"base": "1", "text": "One two"}, headers=headers | {"X-Save": "n2"})
    assert second.get_json()["revision"] == 2


def test_two_tabs_never_overwrite_each_other(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    where = address(enrolment, f"/questions/{KEY}/draft")
    headers = {"Accept": "application/json"}
    client.post(where, data={"base": "0", "text": "From the phone"}, headers=headers | {"X-Save": "a"})
    late = client.post(where, data={"base": "0", "text": "From the library"}, headers=headers | {"X-Save": "b"})
    assert late.status_code == 409
    assert late.get_json()["conflict"] is True
    both = client.get(late.get_json()["address"]).get_data(as_text=True)
    assert "From the phone" in both
    assert "From the library" in both
    plain = client.post(where, data={"base": "0", "text": "From the library, by hand"})
    assert plain.status_code == 409
    assert "From the library, by hand" in plain.get_data(as_text=True)
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "From the phone" in page


def test_a_save_whose_answer_was_lost_is_no_conflict(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    where = address(enrolment, f"/questions/{KEY}/draft")
    headers = {"Accept": "application/json"}
    client.post(where, data={"base": "0", "text": "Heard"}, headers=headers | {"X-Save": "a"})
    again = client.post(
        where, data={"base": "0", "text": "Heard, and more"}, headers=headers | {"X-Save": "b", "X-After": "a"}
    )
    assert again.status_code == 200


def test_an_answer_that_stands_for_another_question_too_is_counted_once(story: Any, client_for: Any) -> None:
    cohort = food_cohort(story)
    person, enrolment = story.learner(cohort=cohort)
    story.hand_in(enrolment, "allergy-at-table-four", unit=FOOD_UNIT)
    assert "One answer is with your assessor." in client_for(person).get("/learn").get_data(as_text=True)


def test_who_used_ai_can_say_so_truthfully(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    story.save(enrolment, KEY, "Because it is theirs.")
    over = client_for(person).get(address(enrolment, f"/hand-in?question={KEY}")).get_data(as_text=True)
    assert "or I say below" in over
