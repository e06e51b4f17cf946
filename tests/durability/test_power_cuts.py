"""Nothing that was acknowledged is lost when the power goes: our schema, our statements, our pragmas on a failing disk.

The statements are recorded from the running application, then run again through SQLite on a disk in memory that loses
any of the writes it has not synced. The commits that were acknowledged must be there, whole, and at most one more.
"""

from __future__ import annotations

import hashlib
import os
import random
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from course.db import SQLITE_PRAGMAS
from tests.support.house import HouseClient
from tests.support.power import Statement, run_until_the_power_goes, write_out
from tests.support.story import UNIT, Story

pytestmark = pytest.mark.sqlite
SHORT, LONG = 40, 2000
QUESTION = "why-goals-are-theirs"
SMALL_LOG = ("wal_autocheckpoint=20",)
"""So that every run goes through checkpoints, too."""


@contextmanager
def recording(app: Flask) -> Iterator[list[Statement]]:
    """What the application's writing engine is told, with its commits."""
    said: list[Statement] = []
    engine = app.extensions["database"].writing

    def statement(_connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        said.append((sql, [tuple(one) for one in values] if many else tuple(values)))

    def commit(_connection: Any) -> None:
        said.append(("COMMIT", ()))

    def roll_back(_connection: Any) -> None:
        said.append(("ROLLBACK", ()))

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    event.listen(engine, "rollback", roll_back)
    yield said
    event.remove(engine, "before_cursor_execute", statement)
    event.remove(engine, "commit", commit)
    event.remove(engine, "rollback", roll_back)


@pytest.fixture
def recorded(app: Flask, story: Story, client_for: Callable[[Any], HouseClient]) -> tuple[bytes, list[Statement]]:
    """A database as it was before, and everything that saving, handing in and taking back told it."""
    person, enrolment = story.learner()
    client, at = client_for(person), f"/learn/{enrolment.id}/{UNIT}"
    database = app.extensions["database"]
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    before = database.path.read_bytes()
    with recording(app) as said:
        for number in range(4):
            words = {"base": str(number), "text": f"Version {number}. " + "words " * 400 * number}
            assert client.post(f"{at}/questions/{QUESTION}/draft", data=words).status_code == 303
        form = {"questions": QUESTION, f"revision-{QUESTION}": "4", "own": "yes"}
        over = client.get(f"{at}/hand-in?question={QUESTION}").get_data(as_text=True)
        form["declaration"] = over.split('name="declaration" value="')[1].split('"')[0]
        assert client.post(f"{at}/hand-in", data=form).status_code == 303
        assert client.post(f"{at}/questions/{QUESTION}/answer/take-back").status_code == 303
    return before, said


def state_of(path: Path) -> str:
    """Everything in a database, as one hash; it must be sound."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        digest = hashlib.sha256()
        for line in connection.iterdump():
            digest.update(line.encode())
    return digest.hexdigest()


def states_after_each_commit(start: bytes, statements: list[Statement], folder: Path) -> list[str]:
    """What the database must be after no commit, one commit, two …, without any power cut."""
    path = folder / "whole"
    path.write_bytes(start)
    states = [state_of(path)]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for sql, values in statements:
            (connection.executemany if isinstance(values, list) else connection.execute)(sql, values)
            if sql == "COMMIT":
                states.append(state_of(path))
    return states


def losses(
    recorded: tuple[bytes, list[Statement]], folder: Path, *, cuts: int, seed: int, pragmas: tuple[str, ...]
) -> list[str]:
    """Cut the power so many times; a sentence for each cut after which the database is not what it must be."""
    start, statements = recorded
    states = states_after_each_commit(start, statements, folder)
    found = []
    for number in range(cuts):
        dice = random.Random(f"{seed} {number}")
        kept, left = run_until_the_power_goes(
            start, statements, (*pragmas, *SMALL_LOG), operations=dice.randrange(1, 400), dice=dice
        )
        place = folder / str(number)
        place.mkdir()
        try:
            state = states.index(state_of(write_out(left, place)))
        except (sqlite3.DatabaseError, AssertionError, ValueError) as fault:
            found.append(f"seed {seed} {number}: after {kept} commits the database is broken ({fault!r})")
            continue
        if state not in (kept, kept + 1):
            found.append(f"seed {seed} {number}: {kept} commits were acknowledged, {state} are there")
    return found


@pytest.mark.all_only
def test_power_cuts_lose_nothing_that_was_acknowledged(recorded: tuple[bytes, list[Statement]], tmp_path: Path) -> None:
    assert losses(recorded, tmp_path, cuts=SHORT, seed=secrets.randbits(32), pragmas=SQLITE_PRAGMAS) == []


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_thousands_of_power_cuts_lose_nothing(recorded: tuple[bytes, list[Statement]], tmp_path: Path) -> None:
    cuts = int(os.environ.get("CUTS", LONG))
    assert losses(recorded, tmp_path, cuts=cuts, seed=secrets.randbits(32), pragmas=SQLITE_PRAGMAS) == []


@pytest.mark.all_only
@pytest.mark.parametrize("weaker", ["NORMAL", "OFF"])
def test_the_failing_disk_catches_a_weaker_setting(
    recorded: tuple[bytes, list[Statement]], tmp_path: Path, weaker: str
) -> None:
    """The proof that the tests above can fail."""
    pragmas = (*SQLITE_PRAGMAS, f"synchronous={weaker}")
    assert losses(recorded, tmp_path, cuts=SHORT, seed=1, pragmas=pragmas)
