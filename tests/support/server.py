"""The application as people meet it: a real server on a free port, in a process that can be killed, or in a thread."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
SAMPLE = ("-m", "course.serving", "--sample")
PRODUCTION = ("-m", "course.serving")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A server process with data of its own. It may be killed and started again in the middle of a story."""

    data_dir: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = SAMPLE
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything it has printed since it was first started: messages of the outbox too."""
        path = self.data_dir / "server.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def start(self) -> None:
        """Start it with its own data and wait until /health answers."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
        own = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        with (self.data_dir / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                cwd=ROOT,
                env={**inherited, **own, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for_health(self.url, still_running=lambda: self.process is not None and self.process.poll() is None)
        except RuntimeError as problem:
            raise RuntimeError(f"{problem}\n{self.log}") from problem

    def kill(self) -> None:
        """End it and every process it has started, at once and without a word."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
            self.process = None

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C does; return its exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.process = None
        return status


def wait_for_health(url: str, *, still_running: Callable[[], bool]) -> None:
    """Return when the server says it is well; say what is wrong when it does not within a minute."""
    give_up = time.monotonic() + PATIENCE
    pause = threading.Event()
    while time.monotonic() < give_up:
        if not still_running():
            raise RuntimeError("The server ended while it was starting; its log:")
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=PATIENCE) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pause.wait(0.05)
    raise RuntimeError(f"{url}/health did not answer 200 within {PATIENCE:.0f} seconds. Its log:")


@contextmanager
def running(
    data_dir: Path, environment: Mapping[str, str] | None = None, *, command: tuple[str, ...] = SAMPLE
) -> Iterator[Server]:
    """A server process on data of its own, stopped at the end. `environment` holds DATABASE_URL and the like."""
    server = Server(data_dir, environment or {}, command)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def in_thread(app: Any, *, threads: int = 4) -> Iterator[str]:
    """Serve an application that the test built itself; yields its address. Tests may reach into the same process."""
    from waitress import wasyncore
    from waitress.server import create_server

    channels: dict[int, Any] = {}
    server = create_server(app, map=channels, host="127.0.0.1", port=0, threads=threads, ident="Alongside")
    stopping = threading.Event()

    def answer() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=channels, count=1)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stopping.set()
        thread.join(10)
        server.task_dispatcher.shutdown()
        for channel in list(channels.values()):
            # A long paste whose sender has gone waits in a file of the parser, which nobody else closes.
            if (unfinished := getattr(channel, "request", None)) is not None:
                unfinished.close()
        wasyncore.close_all(channels)
