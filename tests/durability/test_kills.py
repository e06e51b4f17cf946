"""Nothing that was acknowledged is lost when every process of the server is killed in the middle of its work."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import assessors
import course
from tests.conftest import make_settings, wants_postgresql
from tests.support.ledger import Ledger, faults, writers
from tests.support.server import PRODUCTION, Server
from tests.support.story import UNIT, Story

WRITERS = 4
SHORT, LONG = 4, 250
FEWEST, MOST = 5, 40
"""How many acknowledged writes lie between two kills."""


@pytest.fixture
def installation(published: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An installation with data, keys and a database of its own, which a server process can share with the test."""
    words, url = published
    for name in ("modules", "assessors"):
        (tmp_path / name).symlink_to(words / name)
    cluster, name = None, f"kills_{secrets.token_hex(4)}"
    if wants_postgresql():
        cluster = request.getfixturevalue("postgres_cluster")
        url = cluster.create(name, template="published")
    else:
        shutil.copy(words / "published.sqlite", tmp_path / "alongside.sqlite")
        url = f"sqlite:///{tmp_path / 'alongside.sqlite'}"
    made = course.create_app(make_settings(tmp_path, url), extensions=[assessors])
    yield made
    made.extensions["database"].dispose()
    if cluster is not None:
        cluster.drop(name)


@contextmanager
def server_of(app: Flask, command: tuple[str, ...] = PRODUCTION) -> Iterator[Server]:
    """A production server of two processes on this installation."""
    settings = app.config["SETTINGS"]
    environment = {
        "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key, "WEB_PROCESSES": "2",
        "MODULES_DIR": str(settings.modules_dir), "ASSESSORS_DIR": str(settings.assessors_dir),
    }  # fmt: skip
    server = Server(settings.data_dir, environment, command)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def write_and_kill(app: Flask, server: Server, *, rounds: int, seed: int) -> tuple[Ledger, list[str]]:
    """Let learners write, kill the server after as many writes as the seed says, start it again, and hold the books."""
    dice, ledger = random.Random(seed), Ledger()
    sitting = writers(Story(app), ledger, count=WRITERS, port=server.port, seed=seed, unit=UNIT)
    found: list[str] = []
    for _ in range(rounds):
        stop, enough = threading.Event(), ledger.expect(dice.randrange(FEWEST, MOST))
        threads = [threading.Thread(target=one.work, args=(stop,)) for one in sitting]
        for thread in threads:
            thread.start()
        assert enough.wait(60), [one.problems for one in sitting]
        server.kill()
        stop.set()
        for thread in threads:
            thread.join(30)
        found += [repr(problem) for one in sitting for problem in one.problems] + faults(app, ledger)
        if found:
            break
        server.start()
    return ledger, found


@pytest.mark.all_only
def test_a_killed_server_has_lost_nothing_it_acknowledged(installation: Flask) -> None:
    seed = secrets.randbits(32)
    with server_of(installation) as server:
        ledger, found = write_and_kill(installation, server, rounds=SHORT, seed=seed)
    assert found == [], f"seed {seed}"
    assert ledger.acknowledged >= SHORT * FEWEST


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_night_of_kills_loses_nothing(installation: Flask) -> None:
    seed = secrets.randbits(32)
    rounds = int(os.environ.get("ROUNDS", LONG))
    with server_of(installation) as server:
        ledger, found = write_and_kill(installation, server, rounds=rounds, seed=seed)
    assert found == [], f"seed {seed}"
    assert ledger.acknowledged >= rounds * FEWEST


LYING_SERVER = """
import sys, threading
from flask import g
from course import db, serving

def commit_later():
    session = g.pop("db_session", None)
    if session is not None:
        threading.Timer(0.2, lambda: (session.commit(), session.close())).start()

db.commit = commit_later
sys.exit(serving.main([]))
"""


@pytest.mark.all_only
def test_these_books_notice_a_server_that_lies(installation: Flask) -> None:
    """The proof that the test above can fail: a server that says "saved" first and commits afterwards is caught."""
    with server_of(installation, ("-c", LYING_SERVER)) as server:
        _, found = write_and_kill(installation, server, rounds=SHORT, seed=1)
    assert any("lost" in sentence for sentence in found), found
