"""How little the learner's two commonest steps ask of the database: exact numbers, whatever was written before."""

from __future__ import annotations

from typing import Any

import pytest

from course.workbook import queries
from tests.conftest import wants_postgresql
from tests.course.workbook.judging import judge
from tests.course.workbook.test_whole_journey import KEY, address, hidden
from tests.support.story import UNIT

PAGE = 3  # who asks, what is fixed about the unit with the drafts, the answers with their words
AUTOSAVE = 4  # who asks, the unit with the draft, the draft's row, its box
LOCK = 1 if wants_postgresql() else 0  # SQLite's turn to write costs no query


def cost_of_page(client: Any, enrolment: Any, statements: list[str]) -> int:
    client.get(address(enrolment, "/1"))
    statements.clear()
    assert client.get(address(enrolment, "/1")).status_code == 200
    return len(statements)


def autosave(client: Any, enrolment: Any, text: str) -> Any:
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    data = {"base": hidden(page.split(f'id="q-{KEY}"')[1], "base"), "page": "one", "text": text}
    return client.post(address(enrolment, f"/questions/{KEY}/draft"), data=data, headers={"Accept": "application/json"})


def test_a_unit_page_asks_three_queries_however_much_was_written(
    story: Any, client_for: Any, statements: list[str]
) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    # Before anything is handed in, nothing is asked about answers.
    assert cost_of_page(client, enrolment, statements) == PAGE - 1
    story.save(enrolment, KEY, "A first draft.")
    assert cost_of_page(client, enrolment, statements) == PAGE - 1
    for go in range(2):
        judge(story, story.hand_in(enrolment, KEY, f"Go {go}."), {"1.1": "not_yet_achieved"})
        assert cost_of_page(client, enrolment, statements) == PAGE
    for _ in range(5):
        story.hand_in(story.learner()[1], KEY)
    assert cost_of_page(client, enrolment, statements) == PAGE


def test_an_autosave_asks_four_queries_at_the_first_and_the_last(
    story: Any, client_for: Any, statements: list[str]
) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    autosave(client, enrolment, "It begins.")
    for number in range(3):
        for _ in range(2):
            story.hand_in(story.learner()[1], KEY)
        page = client.get(address(enrolment, "/1")).get_data(as_text=True)
        base = hidden(page.split(f'id="q-{KEY}"')[1], "base")
        statements.clear()
        saved = client.post(
            address(enrolment, f"/questions/{KEY}/draft"),
            data={"base": base, "page": "one", "text": f"It begins, {number} times."},
            headers={"Accept": "application/json"},
        )
        assert saved.get_json()["revision"] == number + 2
        assert len(statements) == AUTOSAVE + LOCK, statements


def test_a_second_go_asks_once_more_about_the_first(story: Any, client_for: Any, statements: list[str]) -> None:
    person, enrolment = story.learner()
    judge(story, story.hand_in(enrolment, KEY, "First."), {"1.1": "not_yet_achieved"})
    story.save(enrolment, KEY, "Second, begun.")
    client = client_for(person)
    autosave(client, enrolment, "Second, begun again.")
    statements.clear()
    data = {"base": "2", "page": "one", "text": "Second, nearly there."}
    client.post(address(enrolment, f"/questions/{KEY}/draft"), data=data, headers={"Accept": "application/json"})
    assert len(statements) == AUTOSAVE + 1 + LOCK, statements


def test_what_was_not_asked_for_is_not_mistaken_for_nothing(story: Any) -> None:
    person, enrolment = story.learner()
    with story.reading() as session:
        work = queries.question_work(session, person.id, enrolment.id, UNIT, KEY)
        assert work.group(KEY) == []
        other = next(one.key for one in work.unit.questions if one.key not in work.unit.group(KEY))
        with pytest.raises(LookupError):
            work.group(other)


def test_nobody_else_reaches_a_page_through_the_fast_path(story: Any, client_for: Any) -> None:
    _, enrolment = story.learner()
    story.save(enrolment, KEY, "Mine alone.")
    stranger, _ = story.learner()
    client = client_for(stranger)
    assert client.get(address(enrolment, "/1")).status_code == 404
    assert client.post(address(enrolment, f"/questions/{KEY}/draft"), data={"text": "Not mine."}).status_code == 404
