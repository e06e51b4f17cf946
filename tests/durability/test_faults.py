"""A write either happens whole or not at all: the database is made to fail at each statement of each step in turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from course import audit
from course.access import Role
from course.db import metadata
from course.workbook.models import Answer
from tests.assessors.marking.conftest import judgement
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, food_cohort, give_back, hand_in_food, judge
from tests.support.story import Story

SEEN_MEANWHILE = {"sign_in", "access_entry", "hit"}
"""Written in transactions of their own, whatever becomes of the request."""
MOST_STATEMENTS = 400
QUESTION = "when-to-wash"
SignIn = Callable[[Any], HouseClient]
Send = Callable[[], Any]


@contextmanager
def breaking_at(app: Flask, number: int) -> Iterator[None]:
    """Let the writing engine fail as a disk does, at the statement of this number; the commit counts as one too."""
    engine, left = app.extensions["database"].writing, [number]
    commit = engine.dialect.do_commit

    def count(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OperationalError("a statement", {}, Exception("disk I/O error"))

    def commit_in_turn(connection: Any) -> None:
        try:
            count()
        except OperationalError:
            if engine.dialect.name == "postgresql":
                connection.rollback()  # the server ends a transaction that it cannot commit; SQLite leaves it open
            raise
        commit(connection)

    event.listen(engine, "before_cursor_execute", count)
    engine.dialect.do_commit = commit_in_turn  # as the driver fails: the framework must still give the connection back
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)
        del engine.dialect.do_commit


def everything(story: Story) -> dict[str, list[str]]:
    """Every row of every table that a request's own transaction may write."""
    with story.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table))))
            for table in metadata.sorted_tables
            if table.name not in SEEN_MEANWHILE
        }


def happens_whole_or_not_at_all(story: Story, send: Send) -> Any:
    """Send it again and again, each time with the next statement broken, until it goes through."""
    before = everything(story)
    for number in range(1, MOST_STATEMENTS):
        with breaking_at(story.app, number):
            answer = send()
        if answer.status_code < 400:
            assert everything(story) != before, "it changed nothing"
            with story.reading() as session:
                assert list(audit.verify(session)) == []
            return answer
        assert answer.status_code == 503, f"statement {number}: {answer.status_code}"
        assert answer.headers["Retry-After"]
        assert everything(story) == before, f"statement {number} left something half written"
    raise AssertionError("it never went through")


@pytest.fixture
def learner(story: Story, client_for: SignIn) -> tuple[HouseClient, str]:
    """A learner's client and the address of their unit."""
    person, enrolment = story.learner("Ffion Davies", cohort=food_cohort(story))
    return client_for(person), f"/learn/{enrolment.id}/{FOOD_UNIT}"


def hidden(client: HouseClient, address: str) -> dict[str, str]:
    """The hidden fields of a page, as a browser would send them back."""
    text = client.get(address).get_data(as_text=True)
    return dict(re.findall(r'<input type="hidden" name="((?!csrf)[^"]+)" value="([^"]*)">', text))


def test_saving_handing_in_and_taking_back(story: Story, learner: tuple[HouseClient, str]) -> None:
    client, unit = learner
    question = f"{unit}/questions/{QUESTION}"
    words = {"base": "0", "text": "Before I touch food."}
    happens_whole_or_not_at_all(story, lambda: client.post(f"{question}/draft", data=words))
    again = {"base": "1", "text": "Before I touch food, and after the bins."}
    happens_whole_or_not_at_all(story, lambda: client.post(f"{question}/draft", data=again))
    form = hidden(client, f"{unit}/hand-in?question={QUESTION}") | {"questions": QUESTION, "own": "yes"}
    happens_whole_or_not_at_all(story, lambda: client.post(f"{unit}/hand-in", data=form))
    happens_whole_or_not_at_all(story, lambda: client.post(f"{question}/answer/take-back"))


def test_taking_deciding_and_returning(story: Story, client_for: SignIn) -> None:
    _, enrolment = story.learner("Ffion Davies", cohort=food_cohort(story))
    answer = story.hand_in(enrolment, QUESTION, "Before I touch food.", unit=FOOD_UNIT)
    client, page = client_for(story.staff(Role.ASSESSOR, "Joan Price")), f"/marking/answers/{answer.id}"
    happens_whole_or_not_at_all(story, lambda: client.post(f"{page}/lease"))
    decided = judgement(client.get(page), then="return")
    happens_whole_or_not_at_all(story, lambda: client.post(f"{page}/decision", data=decided))


def test_sampling_reviewing_releasing_and_issuing(story: Story, client_for: SignIn) -> None:
    cohort = food_cohort(story)
    _, enrolment = story.learner("Ffion Davies", cohort=cohort)
    assessor, tom = story.staff(Role.ASSESSOR, "Joan Price"), client_for(story.staff(Role.IQA, "Tom Hughes"))
    answers = hand_in_food(story, enrolment)
    for answer in answers:
        judge(story, answer, assessor, returned=False)
    page, chosen = f"/quality/cohorts/{cohort.id}", {"answers": [str(one.id) for one in answers], "rationale": "All."}
    sample = happens_whole_or_not_at_all(story, lambda: tom.post(f"{page}/samples", data=chosen)).location
    for review in reviews(tom, sample, answers):
        happens_whole_or_not_at_all(story, lambda at=review: tom.post(at, data={"finding": "agree"}))
    for answer in answers:
        give_back(story, answer, assessor)
    unit = re.search(r'name="units" value="([^"]+)"', tom.get(f"{page}/batches").get_data(as_text=True))
    assert unit is not None
    batch = happens_whole_or_not_at_all(story, lambda: tom.post(f"{page}/batches", data={"units": unit[1]})).location
    happens_whole_or_not_at_all(story, lambda: tom.post(f"{batch}/release", data={"rationale": "I saw all of it."}))
    grace = client_for(story.staff(Role.ADMIN, "Grace Bell"))
    ready = set(re.findall(r'name="ready" value="([^"]+)"', grace.get("/office/records").get_data(as_text=True)))
    happens_whole_or_not_at_all(story, lambda: grace.post("/office/records", data={"ready": sorted(ready)}))


def reviews(client: HouseClient, sample: str, answers: list[Answer]) -> list[str]:
    """The address of each review that the sample asks for."""
    pages = [client.get(f"{sample}/answers/{one.id}").get_data(as_text=True) for one in answers]
    return [found for page in pages for found in re.findall(r'action="(/quality/samples/[^"]+/review)"', page)]
