"""The fair turn that SQLite writers take: first come, first served, inside a process and between processes.

SQLite's own busy handler lets a lucky writer in and starves the others for seconds. A queue inside the process,
and two file locks between processes (a door, then the room), keep the worst wait near the longest transaction.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO

LONGEST_WAIT = 5.0  # seconds; a writer who waits longer is told that nothing was saved
POLL = 0.001

if os.name == "posix":
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
else:  # pragma: no cover - Windows runs one process

    def _try_lock(file: IO[bytes]) -> bool:
        return True

    def _unlock(file: IO[bytes]) -> None:
        return None


class TurnTimeout(Exception):
    """The turn did not come in time; nothing was written."""


class Turn:
    """A writer's place in the queue for one SQLite file."""

    def __init__(self, path: Path, longest_wait: float = LONGEST_WAIT) -> None:
        self._path = path
        self._longest_wait = longest_wait
        self._queue: deque[threading.Event] = deque()
        self._mutex = threading.Lock()
        self._files: tuple[IO[bytes], IO[bytes]] | None = None
        self._owner_pid = 0
        self._holder: int | None = None

    def take(self) -> None:
        """Wait for the turn. Raises TurnTimeout after the longest wait (seconds).

        Raises RuntimeError for a thread that has the turn already: it would wait for itself.
        """
        if self._holder == threading.get_ident():
            raise RuntimeError("This thread is writing already; a second write transaction would wait for the first.")
        deadline = time.monotonic() + self._longest_wait
        mine = threading.Event()
        with self._mutex:
            self._queue.append(mine)
            if self._queue[0] is mine:
                mine.set()
        if not mine.wait(self._longest_wait):
            self._leave(mine)
            raise TurnTimeout
        try:
            self._take_between_processes(deadline)
        except BaseException:
            self._leave(mine)
            raise
        self._holder = threading.get_ident()

    def give_back(self) -> None:
        """Let the next writer in."""
        self._holder = None
        if self._files is not None:
            _unlock(self._files[1])
        with self._mutex:
            first = self._queue[0] if self._queue else None
        if first is not None:
            self._leave(first)

    def close(self) -> None:
        """Close the lock files."""
        files, self._files = self._files, None
        for file in files or ():
            file.close()

    def _leave(self, mine: threading.Event) -> None:
        with self._mutex, contextlib.suppress(ValueError):
            self._queue.remove(mine)
            if self._queue:
                self._queue[0].set()

    def _take_between_processes(self, deadline: float) -> None:
        door, room = self._open_files()
        _wait_for(door, deadline)
        try:
            _wait_for(room, deadline)
        finally:
            _unlock(door)

    def _open_files(self) -> tuple[IO[bytes], IO[bytes]]:
        # Opened after the fork: a lock on an inherited file description would be shared by parent and child.
        if self._files is None or self._owner_pid != os.getpid():
            door, room = (Path(f"{self._path}.{name}").open("ab") for name in ("door", "turn"))  # noqa: SIM115
            self._files = (door, room)
            self._owner_pid = os.getpid()
        return self._files


def _wait_for(file: IO[bytes], deadline: float) -> None:
    while not _try_lock(file):
        if time.monotonic() > deadline:
            raise TurnTimeout
        time.sleep(POLL)
