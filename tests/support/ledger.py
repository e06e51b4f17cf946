"""What writers sent and what the server acknowledged, noted outside the server; and whether the database agrees.

A write counts as acknowledged once its whole answer has been received. The rules are those of a ledger: what was
acknowledged is there, exactly once; what was not may be there whole or not at all; nothing else is there.
"""

from __future__ import annotations

import http.client
import json
import random
import secrets
import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session, joinedload

from bench.visitor import Page, Unexpected, Visitor
from course import audit, db
from course.enrolment.models import Enrolment
from course.workbook import operations
from course.workbook.content import Content, TextContent
from course.workbook.models import Answer, Draft, TakeBack
from course.workbook.queries import unit_work
from tests.support.house import sign_in
from tests.support.story import Story

SERVER_GONE = (ConnectionError, TimeoutError, http.client.HTTPException)
LONGEST = 6000


Notes = list[tuple[str, bool]]
"""For one box: each text that was sent, in order, and whether it was acknowledged."""


@dataclass
class Ledger:
    """Everything that the writers did. Each writer touches only its own boxes, so their order is known."""

    saves: dict[tuple[UUID, str], Notes] = field(default_factory=lambda: defaultdict(list))
    hand_ins: dict[tuple[UUID, str], Notes] = field(default_factory=lambda: defaultdict(list))
    acknowledged: int = 0
    _wanted: int = 0
    _enough: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, notes: Notes, words: str) -> None:
        """Note what is about to be sent."""
        notes.append((words, False))

    def acknowledge(self, notes: Notes) -> None:
        """Note that the whole answer to the last write has come back."""
        notes[-1] = (notes[-1][0], True)
        with self._lock:
            self.acknowledged += 1
            if self.acknowledged == self._wanted:
                self._enough.set()

    def expect(self, more: int) -> threading.Event:
        """An event that is set once so many more writes are acknowledged."""
        with self._lock:
            self._wanted = self.acknowledged + more
            self._enough.clear()
        return self._enough

    def give_up(self) -> None:
        """Let whoever waits for writes go on: there will be no more."""
        self._enough.set()


@dataclass
class Writer:
    """A learner's browser: writes in two boxes without a pause, and hands in and takes back a third."""

    visitor: Visitor
    ledger: Ledger
    enrolment: UUID
    unit: str
    pages: dict[str, int]
    """Each box it may use, with the page it stands on; the last one is the one that is handed in."""
    dice: random.Random
    problems: list[BaseException] = field(default_factory=list)

    def work(self, stop: threading.Event) -> None:
        """Write until told to stop or until the server is gone."""
        *boxes, handed = self.pages
        try:
            while not stop.is_set():
                for key in boxes:
                    self.save(key, times=4)
                self.hand_in_and_take_back(handed)
        except SERVER_GONE:
            return
        except BaseException as problem:
            self.problems.append(problem)
            self.ledger.give_up()
        finally:
            self.visitor.leave()

    def save(self, key: str, *, times: int) -> str:
        """Autosave a box some times, as the script of the page does; return the last text."""
        revision = int(self._form(key).fields["base"])
        words = ""
        for _ in range(times):
            words, nonce = self._words(), secrets.token_hex(8)
            notes = self.ledger.saves[self.enrolment, key]
            self.ledger.send(notes, words)
            fields = {"base": str(revision), "page": nonce, "text": words}
            reply = self.visitor.post(f"{self._at(key)}/draft", fields, Accept="application/json", X_Save=nonce)
            said = json.loads(reply.must_be(200, "Saved").text)
            if said["nonce"] != nonce:
                raise Unexpected(f"another save was acknowledged: {said}")
            self.ledger.acknowledge(notes)
            revision = said["revision"]
        return words

    def hand_in_and_take_back(self, key: str) -> None:
        """Hand one answer in, then take it back: each is ink, and neither may be lost or done twice."""
        page = self._page(self.pages[key])
        if not any(one.action.endswith(f"{key}/draft") for one in page.forms):
            self.visitor.post(f"{self._at(key)}/answer/take-back", {}).must_be(303)
        words = self.save(key, times=1)
        path = f"/learn/{self.enrolment}/{self.unit}/hand-in"
        form = Page(self.visitor.get(f"{path}?question={key}").must_be(200).text).form("/hand-in")
        notes = self.ledger.hand_ins[self.enrolment, key]
        self.ledger.send(notes, words)
        self.visitor.post(path, {**form.fields, "questions": key, "own": "y"}).must_be(303)
        self.ledger.acknowledge(notes)
        self.visitor.post(f"{self._at(key)}/answer/take-back", {}).must_be(303)

    def _form(self, key: str) -> Any:
        return self._page(self.pages[key]).form(f"/{key}/draft")

    def _page(self, number: int) -> Page:
        page = Page(self.visitor.get(f"/learn/{self.enrolment}/{self.unit}/{number}").must_be(200).text)
        self.visitor.token = next(one.fields["csrf_token"] for one in page.forms if "csrf_token" in one.fields)
        return page

    def _at(self, key: str) -> str:
        return f"/learn/{self.enrolment}/{self.unit}/questions/{key}"

    def _words(self) -> str:
        return f"{secrets.token_hex(8)} " + "word " * self.dice.randrange(2, LONGEST // 5)


def writers(story: Story, ledger: Ledger, *, count: int, port: int, seed: int, unit: str) -> list[Writer]:
    """Make learners and sit each of them down before a browser."""
    made = []
    for number in range(count):
        person, enrolment = story.learner()
        with story.reading() as session:
            work = unit_work(session, session.get_one(Enrolment, enrolment.id), unit)
            boxes = [one for one in work.unit.questions if one.kind in {"short", "extended"} and not one.instead_of]
        cookie = sign_in(story.app, person.id).get_cookie("session")
        assert cookie is not None
        pages = {one.key: one.page for one in boxes[:3]}
        visitor = Visitor(port, {"session": cookie.value})
        made.append(Writer(visitor, ledger, enrolment.id, unit, pages, random.Random(seed + number)))
    return made


def faults(app: Flask, ledger: Ledger) -> list[str]:
    """Hold the database against the ledger. Returns a sentence for each thing that is not as it must be."""
    found: list[str] = []
    with app.app_context(), db.database().reader() as session:
        if db.database().is_sqlite:
            for pragma, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
                said = [tuple(row) for row in session.execute(text(f"PRAGMA {pragma}"))]
                found += [] if said == good else [f"{pragma}: {said}"]
        found += list(audit.verify(session))
        for (enrolment, key), notes in ledger.saves.items():
            found += _save_faults(f"{enrolment} {key}", notes, _in_the_box(session, enrolment, key))
        for (enrolment, key), notes in ledger.hand_ins.items():
            answers = _answers(session, enrolment, key)
            texts = [_text(operations.open_answer(session, one.words_id)) for one in answers]
            found += _hand_in_faults(f"{enrolment} {key}", notes, texts, [one.number for one in answers])
            back = session.scalars(select(TakeBack).where(TakeBack.answer_id.in_([one.id for one in answers]))).all()
            if len(answers) - len(back) not in (0, 1):
                found.append(f"{enrolment} {key}: {len(answers)} answers, but {len(back)} were taken back")
    return found


def _answers(session: Session, enrolment: UUID, key: str) -> Sequence[Answer]:
    mine = select(Answer).where(Answer.enrolment_id == enrolment, Answer.question == key)
    return session.scalars(mine.order_by(Answer.number)).all()


def _in_the_box(session: Session, enrolment: UUID, key: str) -> str:
    """The draft; when it was handed in, the answer that it became."""
    mine = select(Draft).where(Draft.enrolment_id == enrolment, Draft.question == key)
    draft = session.scalar(mine.options(joinedload(Draft.words)))
    if draft is not None:
        return _text(operations.open_draft(session, draft).content)
    answers = _answers(session, enrolment, key)
    return _text(operations.open_answer(session, answers[-1].words_id)) if answers else ""


def _text(content: Content) -> str:
    assert isinstance(content, TextContent)
    return content.text


def _save_faults(what: str, notes: Notes, stored: str) -> list[str]:
    """The box holds the last text that was acknowledged, or one that was sent after it."""
    last = max((at for at, (_, done) in enumerate(notes) if done), default=-1)
    allowed = {words.strip() for words, _ in notes[max(last, 0) :]} | ({""} if last < 0 else set())
    return [] if stored.strip() in allowed else [f"{what}: an acknowledged save is lost ({stored[:16]!r} is there)"]


def _hand_in_faults(what: str, notes: Notes, stored: list[str], numbers: list[int]) -> list[str]:
    """Each acknowledged hand-in is there once, none twice, none that nobody sent, and the numbers have no gap."""
    there, sent = Counter(words.strip() for words in stored), {words.strip() for words, _ in notes}
    found = [f"{what}: a hand-in is lost" for words, done in notes if done and not there[words.strip()]]
    found += [f"{what}: a hand-in is there {times} times" for times in there.values() if times > 1]
    found += [f"{what}: an answer that nobody sent" for words in there if words not in sent]
    return found + ([] if numbers == list(range(1, len(numbers) + 1)) else [f"{what}: numbered {numbers}"])
