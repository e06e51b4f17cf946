"""An installation to measure: built in a folder of its own, served, looked into, and removed."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "violet lantern over water"
SEED = 1
FEWEST_LEARNERS, ANSWERS_EACH = 40, 25
"""As many answers a learner on every installation, however much content there is to answer."""
PATIENCE = 60.0
KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH"}


def inherited() -> dict[str, str]:
    """What a program started here sees of this one's environment."""
    return {name: value for name, value in os.environ.items() if name in KEPT}


@dataclass
class Server:
    """A running server process; `cpu()` is what it and its children have used."""

    process: subprocess.Popen[bytes]
    port: int

    def pids(self) -> list[int]:
        """The process and its children."""
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True)
        return [self.process.pid, *map(int, found.stdout.split())]

    def cpu(self, pids: list[int]) -> float:
        """Seconds of CPU used so far by all threads of these processes."""
        total = 0
        for pid in pids:
            for task in Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def memory(self) -> float:
        """Proportional memory of all its processes, in MB."""
        lines = [
            line
            for pid in self.pids()
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            if line.startswith("Pss:")
        ]
        return sum(int(line.split()[1]) for line in lines) / 1024

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(words: list[str], environment: dict[str, str], *, path: str, log: Path) -> Server:
    """Start a server on a free port (`{port}` in its words) and wait until it answers."""
    port = _free_port()
    command = [sys.executable, *(word.format(port=port) for word in words)]
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**inherited(), **environment, "PORT": str(port)}, stdout=out, stderr=out
        )
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and process.poll() is None:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
            return Server(process, port)
        time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"A server did not start: {command}\n{log.read_text('utf-8', 'replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


WAITRESS = ["-m", "bench.server", "{what}", "{{port}}"]
GUNICORN = ["-m", "gunicorn", "-w", "2", "--threads", "4", "--keep-alive", "30", "-b", "127.0.0.1:{{port}}", "{what}"]
MODULES = {"app": "wsgi:app", "hello": "bench.hello:app"}


@dataclass
class Site:
    """One installation with so many answers."""

    folder: Path
    answers: int
    servers: dict[str, Server] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its commands and servers need."""
        return {"DATA_DIR": str(self.folder), "ALONGSIDE_SAMPLE": "1", "DEMO_PASSWORD": PASSWORD}

    def build(self) -> float:
        """Migrate, publish, and fill it. Returns the seconds it took."""
        began = time.monotonic()
        self.folder.mkdir(parents=True, exist_ok=True)
        code = "from course import setting_up; setting_up.with_sample_keys; import wsgi; from course import migrating\n"
        code += "migrating.upgrade(wsgi.app.extensions['database'])\n"
        code += "with wsgi.app.app_context(): print('\\n'.join(setting_up.publish(wsgi.app)))"
        self.run(["-c", code])
        learners = max(FEWEST_LEARNERS, self.answers // ANSWERS_EACH)
        words = ["demo", "build", "--answers", str(self.answers), "--learners", str(learners), "--seed", str(SEED)]
        self.run(["-m", "flask", "--app", "wsgi", *words])
        return time.monotonic() - began

    def run(self, words: list[str]) -> str:
        """Run Python with the site's environment. Returns what it printed."""
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env={**inherited(), **self.environment}, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words[:6])} failed:\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
        return done.stdout

    def serve(self, how: str = "waitress", what: str = "app") -> Server:
        """Start a server for it once; later calls find the same."""
        name = f"{how} {what}"
        if name not in self.servers:
            self.servers[name] = self.start(how, what)
        return self.servers[name]

    def start(self, how: str, what: str) -> Server:
        """Start a server for it, which the caller stops."""
        template = WAITRESS if how == "waitress" else GUNICORN
        words = [word.format(what=what if how == "waitress" else MODULES[what]) for word in template]
        path = "/health" if what == "app" else "/"
        return start(words, self.environment, path=path, log=self.folder / f"{how}-{what}.log")

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database."""
        with closing(sqlite3.connect(f"file:{self.folder / 'alongside.sqlite'}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.query(f"SELECT count(*) FROM {table}")[0][0])

    def stop(self) -> None:
        """End every server."""
        for server in self.servers.values():
            server.stop()
        self.servers.clear()
