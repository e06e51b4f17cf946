"""Through the web: checks explain themselves, files are what they seem, nothing typed is lost when it is refused."""

from __future__ import annotations

import io
from typing import Any

import pytest

from course.workbook import files
from course.workbook.models import StoredFile
from tests.course.workbook.test_files import M4A, photo
from tests.course.workbook.test_whole_journey import KEY, address

CHOICE, MATCH = "goal-you-would-not-choose", "set-by-whom"


def test_a_check_explains_every_option_only_after_a_try(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    before = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "have begun with what matters to him" not in before
    wrong = client.post(address(enrolment, f"/questions/{CHOICE}/try"), data={"base": "0", "chosen": "1"})
    assert wrong.status_code == 303
    after = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "Not quite yet" in after
    assert "have begun with what matters to him" in after
    assert "He may feel judged and stop talking." in after
    client.post(address(enrolment, f"/questions/{CHOICE}/try"), data={"base": "1", "chosen": ["0", "3"]})
    assert "That is right" in client.get(address(enrolment, "/1")).get_data(as_text=True)


def test_a_try_without_an_answer_asks_for_one(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    response = client_for(person).post(
        address(enrolment, f"/questions/{MATCH}/try"), data={"base": "0", "right-0": "1"}
    )
    assert response.status_code == 422


def test_practice_is_never_handed_in(story: Any, client_for: Any) -> None:
    from course.workbook import rules

    person, enrolment = story.learner()
    client = client_for(person)
    client.post(address(enrolment, f"/questions/{CHOICE}/try"), data={"base": "0", "chosen": ["0", "3"]})
    assert "Nothing is ready" in client.get(address(enrolment, "/hand-in")).get_data(as_text=True)
    fields = {"questions": CHOICE, f"revision-{CHOICE}": "1", "own": "yes", "declaration": rules.declaration(["none"])}
    assert client.post(address(enrolment, "/hand-in"), data=fields).status_code == 409


def test_a_very_long_paste_is_refused_and_given_back(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    where = address(enrolment, f"/questions/{KEY}/draft")
    plain = client.post(where, data={"base": "0", "text": "z" * 60_000})
    assert plain.status_code == 422
    assert "z" * 60_000 in plain.get_data(as_text=True)
    assert "60,000 characters" in plain.get_data(as_text=True)
    script = client.post(where, data={"base": "0", "text": "z" * 60_000}, headers={"Accept": "application/json"})
    assert script.status_code == 422
    assert "60,000 characters" in script.get_json()["problem"]


def test_ten_megabytes_are_refused_in_words_and_given_back_whole(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    book = "word " * (2 * 1024 * 1024)
    answer = client_for(person).post(address(enrolment, f"/questions/{KEY}/draft"), data={"base": "0", "text": book})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "10,485,760 characters" in page
    assert book.strip() in page


def test_a_script_is_told_why_a_locked_answer_is_not_saved(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    story.hand_in(enrolment, KEY)
    late = client_for(person).post(
        address(enrolment, f"/questions/{KEY}/draft"),
        data={"base": "0", "text": "late"},
        headers={"Accept": "application/json"},
    )
    assert late.status_code == 409
    assert "handed in" in late.get_json()["problem"]


def upload(client: Any, enrolment: Any, content: bytes, name: str) -> Any:
    return client.post(
        address(enrolment, f"/questions/{KEY}/files"),
        data={"file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def test_a_photo_of_paper_goes_along_and_comes_back_harmless(story: Any, client_for: Any, app: Any) -> None:
    from sqlalchemy import select

    person, enrolment = story.learner()
    client = client_for(person)
    added = upload(client, enrolment, photo(), "../my page.html")
    assert added.status_code == 303, added.get_data(as_text=True)
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "my page.jpg" in page
    with story.reading() as session:
        stored = session.scalars(select(StoredFile)).one()
    got = client.get(f"/learn/{enrolment.id}/files/{stored.id}")
    assert got.headers["Content-Disposition"] == 'attachment; filename="my page.jpg"'
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.content_type == "image/jpeg"
    with app.app_context():
        box = files.storage().get(stored.id.hex)
    assert not box.startswith(b"\xff\xd8"), "sealed at rest"
    other, _ = story.learner()
    assert client_for(other).get(f"/learn/{enrolment.id}/files/{stored.id}").status_code == 404


@pytest.mark.parametrize("content", [b"<html>", b"%PDF-1.7\n%%EOF", b""])
def test_a_file_that_lies_is_refused_on_the_page_itself(story: Any, client_for: Any, content: bytes) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    response = upload(client, enrolment, content, "holiday.jpg")
    assert response.status_code == 422
    assert "There is a problem" in response.get_data(as_text=True)


def test_a_file_can_be_removed_until_it_is_handed_in(story: Any, client_for: Any, app: Any) -> None:
    from sqlalchemy import func, select

    person, enrolment = story.learner()
    client = client_for(person)
    upload(client, enrolment, M4A, "spoken.m4a")
    with story.reading() as session:
        stored = session.scalars(select(StoredFile)).one()
    gone = client.post(address(enrolment, f"/questions/{KEY}/files/{stored.id}/remove"))
    assert gone.status_code == 303
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0
    with app.app_context():
        assert list(files.storage().names()) == []


def test_what_a_learner_types_is_shown_as_typed_never_as_markup(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    words = "<script>alert(1)</script> **not bold** \u202e 👋\x00 é"
    client.post(address(enrolment, f"/questions/{KEY}/draft"), data={"base": "0", "text": words})
    over = client.get(address(enrolment, "/hand-in")).get_data(as_text=True)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **not bold** \u202e 👋 é" in over


def test_looking_over_too_early_says_what_is_missing(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    page = client_for(person).get(address(enrolment, f"/hand-in?question={KEY}")).get_data(as_text=True)
    assert "There is nothing here to hand in yet." in page
    assert "Back to the question" in page
