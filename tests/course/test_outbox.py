"""Facts about letters: written with what causes them, sent once, tried again, and silent about people."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from course import clock, outbox
from course.outbox import BODIES, SUBJECTS, Letter, Message
from tests.support.story import Story


@pytest.fixture
def post(app: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A mail server that keeps what it is given."""
    sent: list[Any] = []
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url="smtp://localhost")
    monkeypatch.setattr(outbox, "_send_by_smtp", lambda _url, mail: sent.append(mail))
    return sent


def write(story: Story, key: str = "once", letter: Letter = Letter.SOMETHING_TO_READ) -> None:
    person = story.person()
    with story.writing() as session:
        outbox.queue(session, person.id, letter, key=key, link="/learn")


def test_a_letter_is_sent_once_and_forgets_its_link(app: Any, story: Story, post: list[Any]) -> None:
    write(story)
    assert (outbox.send_due(app), outbox.send_due(app), len(post)) == (1, 0, 1)
    with story.reading() as session:
        row = session.scalars(select(Message)).one()
    assert row.sent_at
    assert row.link == ""


def test_the_same_letter_is_written_once(story: Story) -> None:
    person = story.person()
    with story.writing() as session:
        for _ in range(3):
            outbox.queue(session, person.id, Letter.SOMETHING_TO_READ, key="the same")
    with story.reading() as session:
        assert len(session.scalars(select(Message)).all()) == 1


def test_a_letter_of_an_undone_step_is_never_written(story: Story) -> None:
    person = story.person()
    with pytest.raises(RuntimeError), story.writing() as session:  # noqa: PT012  the block is what is undone
        outbox.queue(session, person.id, Letter.SOMETHING_TO_READ, key="undone")
        raise RuntimeError
    with story.reading() as session:
        assert not session.scalars(select(Message)).all()


def test_a_letter_that_cannot_be_sent_is_tried_again_later_and_stops_nobody_elses(
    app: Any, story: Story, post: list[Any], monkeypatch: pytest.MonkeyPatch, at: Any
) -> None:
    write(story, "first")
    write(story, "second")
    kept = outbox._send_by_smtp

    def fails_for_the_first(url: str, mail: Any) -> None:
        if "number1" in mail["To"]:
            raise smtplib.SMTPServerDisconnected
        kept(url, mail)

    monkeypatch.setattr(outbox, "_send_by_smtp", fails_for_the_first)
    assert outbox.send_due(app) == 1
    assert outbox.send_due(app) == 0
    monkeypatch.setattr(outbox, "_send_by_smtp", kept)
    at(clock.now() + outbox.LEASE + timedelta(seconds=1))
    assert outbox.send_due(app) == 1
    assert len(post) == 2


def test_letters_are_given_up_after_some_tries(
    app: Any, story: Story, monkeypatch: pytest.MonkeyPatch, at: Any
) -> None:
    write(story)
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_url="smtp://localhost")

    def fails(_url: str, _mail: Any) -> None:
        raise OSError

    monkeypatch.setattr(outbox, "_send_by_smtp", fails)
    for number in range(outbox.MOST_TRIES + 3):
        at(clock.now() + timedelta(hours=number + 1))
        outbox.send_due(app)
    with story.reading() as session:
        assert session.scalars(select(Message.tries)).one() == outbox.MOST_TRIES


def test_every_letter_has_a_neutral_subject_and_a_body() -> None:
    for letter in Letter:
        words = (SUBJECTS[letter] + BODIES[letter]).lower()
        for telling in ("drug", "recovery", "mentor", "treatment", "course", "assessor"):
            assert telling not in words


def test_a_link_never_travels_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    class Server:
        def __init__(self, *_args: Any, **_options: Any) -> None: ...
        def __enter__(self) -> Server:
            return self

        def __exit__(self, *_args: Any) -> None: ...
        def starttls(self, **_options: Any) -> None:
            raise smtplib.SMTPNotSupportedError

        def login(self, *_args: Any) -> None:
            steps.append("login")

        def send_message(self, _mail: Any) -> None:
            steps.append("sent")

    monkeypatch.setattr(smtplib, "SMTP", Server)
    with pytest.raises(smtplib.SMTPNotSupportedError):
        outbox._send_by_smtp("smtp://u:p@mail.example.org", None)  # type: ignore[arg-type]
    assert steps == []
