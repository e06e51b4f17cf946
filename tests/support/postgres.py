"""A PostgreSQL server for one test run: made in a temporary folder, never the machine's own, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

DEBIAN = Path("/usr/lib/postgresql")
OWNER = "postgres"
FOR_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
LAST_WORD = 30


def programs() -> Path | None:
    """The folder with initdb and postgres, the newest version first; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    if DEBIAN.is_dir():
        versions = [folder for folder in DEBIAN.iterdir() if folder.name.isdigit()]
        folders += [folder / "bin" for folder in sorted(versions, key=lambda folder: -int(folder.name))]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


@dataclass(frozen=True)
class Cluster:
    """A running server, reached through a socket in its own folder."""

    folder: Path

    def url(self, database: str) -> str:
        """The DATABASE_URL of one of its databases."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Make a database, as a copy of another that nobody is connected to; return its address."""
        self._run(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, together with the connections that are still open."""
        self._run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a server (about a second), and stop it at the end, even when this process is killed."""
    folder = programs()
    if folder is None:
        raise RuntimeError("PostgreSQL is not installed.")
    # A short path: the name of a socket may hold 107 characters.
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    log = home / "log"
    try:
        if os.geteuid() == 0:
            account = pwd.getpwnam(OWNER)
            os.chown(home, account.pw_uid, account.pw_gid)
        data = home / "data"
        made = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={OWNER}"]
        subprocess.run(
            [*_as_owner(), folder / "initdb", *made, "-D", data], check=True, capture_output=True, timeout=60, cwd=home
        )
        settings = [*FOR_SPEED, "listen_addresses=", f"unix_socket_directories={home}", "max_connections=100"]
        words = [word for setting in settings for word in ("-c", setting)]
        with log.open("wb") as messages:
            server = subprocess.Popen(
                [*_as_owner("--pdeathsig", "INT"), folder / "postgres", "-D", data, *words],
                stdout=messages,
                stderr=messages,
                cwd=home,
            )
        try:
            _wait_until_ready(folder, home, server, log)
            yield Cluster(home)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(LAST_WORD)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _as_owner(*more: str) -> list[str]:
    # PostgreSQL refuses to run as root.
    if shutil.which("setpriv") is None:
        return []
    owner = [f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *owner, *more, "--"] if owner or more else []


def _wait_until_ready(folder: Path, home: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until the server answers; pg_isready itself waits no time, so each round costs some milliseconds."""
    for _ in range(2000):
        if server.poll() is not None:
            break
        asked = subprocess.run([folder / "pg_isready", "-q", "-h", home], check=False)
        if asked.returncode == 0:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text('utf-8', 'replace')}")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One server for the whole run; a test that asks for it is a `postgres` test."""
    with cluster() as running:
        yield running
