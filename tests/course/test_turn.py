"""Facts about writers' turns: first come, first served, inside a process and between processes, never for ever."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from course import db
from course.people.models import Person
from course.turn import Turn, TurnTimeout
from tests.support.house import sign_in
from tests.support.story import Story

ROOT = Path(__file__).parents[2]
OTHER_PROCESS = """
import sys
from pathlib import Path
from course.turn import Turn

turn = Turn(Path(sys.argv[1]))
turn.take()
print("taken", flush=True)
sys.stdin.readline()
turn.give_back()
print("given back", flush=True)
turn.close()
"""


@pytest.fixture
def other_process(tmp_path: Path) -> Any:
    """Another process that has the turn until it is told to give it back."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(tmp_path / "db")],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "taken\n"
    with process:
        yield process


def test_threads_get_the_turn_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    turn, order, queued = Turn(tmp_path / "db"), [], threading.Barrier(2)
    turn.take()

    def write(number: int) -> None:
        queued.wait()
        turn.take()
        order.append(number)
        turn.give_back()

    threads: list[threading.Thread] = []
    for number in range(8):
        threads.append(threading.Thread(target=write, args=(number,)))
        threads[-1].start()
        queued.wait()
        while len(turn._queue) < number + 2:  # the next comes only when this one stands in the queue
            threading.Event().wait(0.001)
    turn.give_back()
    for thread in threads:
        thread.join()
    turn.close()
    assert order == list(range(8))


def test_a_writer_waits_for_another_process(tmp_path: Path, other_process: Any) -> None:
    turn, got_it = Turn(tmp_path / "db"), threading.Event()

    def write() -> None:
        turn.take()
        got_it.set()
        turn.give_back()

    thread = threading.Thread(target=write)
    thread.start()
    assert not got_it.wait(0.05)
    other_process.stdin.write("\n")
    other_process.stdin.flush()
    assert got_it.wait(5)
    thread.join()
    turn.close()


def test_who_waits_too_long_is_told_and_the_next_is_not_blocked(tmp_path: Path, other_process: Any) -> None:
    turn = Turn(tmp_path / "db", longest_wait=0.02)
    for _ in range(2):
        with pytest.raises(TurnTimeout):
            turn.take()
    other_process.stdin.write("\n")
    other_process.stdin.flush()
    assert other_process.stdout.readline() == "given back\n"
    turn.take()
    turn.give_back()
    turn.close()


def test_a_waiting_thread_that_gives_up_leaves_the_queue(tmp_path: Path) -> None:
    turn = Turn(tmp_path / "db", longest_wait=0.02)
    turn.take()
    told: list[bool] = []

    def write() -> None:
        try:
            turn.take()
        except TurnTimeout:
            told.append(True)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    turn.give_back()
    turn.take()
    turn.give_back()
    turn.close()
    assert told == [True]


def test_a_thread_that_would_wait_for_itself_is_stopped_at_once(tmp_path: Path) -> None:
    turn = Turn(tmp_path / "db")
    turn.take()
    with pytest.raises(RuntimeError, match="writing already"):
        turn.take()
    turn.give_back()
    turn.close()


@pytest.mark.sqlite
def test_a_person_who_cannot_save_gets_their_words_back(
    app: Any, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, _ = story.learner()
    client = sign_in(app, person.id)

    def too_long(_self: Turn) -> None:
        raise TurnTimeout

    monkeypatch.setattr(Turn, "take", too_long)
    words = "A long name that somebody typed with care"
    answer = client.post("/account/names", data={"name": words, "known_as": "Ana"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert words in answer.get_data(as_text=True)
    script = client.post("/account/names", data={"name": words}, headers={"Accept": "application/json"})
    assert (script.status_code, script.json) == (503, {"not_saved": True})


@pytest.mark.sqlite
def test_the_turn_is_given_back_whatever_happens(story: Story) -> None:
    person = story.person()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), story.writing() as session:  # noqa: PT012  fails in the middle
            session.get_one(Person, person.id).known_as = "Changed"
            session.flush()
            raise ZeroDivisionError
    with story.writing() as session:
        assert session.get_one(Person, person.id).known_as == person.known_as
    with story.app.app_context():
        assert db.database()._turn is not None
        assert not db.database()._turn._queue
