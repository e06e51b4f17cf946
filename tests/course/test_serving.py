"""Facts about the server: a dead process is replaced, a request under way is finished, nothing is left behind."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from course import serving
from tests.support.server import free_port

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="several processes share a socket only where fork is")

ROOT = Path(serving.__file__).parents[1]
PROGRAM = """
import os, sys, time
from course import serving

def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/slow":
        print("slow began", flush=True)
        time.sleep(1)
    body = f"{os.getpid()} {environ.get('HTTP_X_FORWARDED_FOR')}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

serving.load_app = lambda: app
serving.prepare = lambda *, sample: print("prepared by", os.getpid(), flush=True)
serving.run_jobs = lambda app, stopping: stopping.wait()
serving.STABLE_AFTER = 0.0
sys.exit(serving.main([]))
"""


class Production:
    """The production server with a tiny application in it."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.port = free_port()
        for name in ("master.key", "record.key"):
            (data / name).write_text("5a" * 32)
            (data / name).chmod(0o600)
        settings = {"PORT": str(self.port), "DATA_DIR": str(data), "SECRET_KEY": "s" * 40, "WEB_PROCESSES": "2"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **settings, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, pattern: str) -> re.Match[str]:
        """Read what it prints up to a line that matches; the test's own time limit ends a vain wait."""
        assert self.process.stdout
        for line in self.process.stdout:
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"It ended without saying {pattern!r}.")

    def get(self, path: str = "/", headers: dict[str, str] | None = None) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer, body


@contextmanager
def started(data: Path) -> Iterator[Production]:
    server = Production(data)
    server.read_until("answers on 127.0.0.1")
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.terminate()
        server.process.communicate(timeout=20)


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    """A server that its tests leave running."""
    with started(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture
def doomed(tmp_path):
    """A server of the test's own, which may end it."""
    with started(tmp_path) as server:
        yield server


def test_a_web_process_that_dies_is_replaced(production):
    _, first = production.get()
    os.kill(int(first.split()[0]), signal.SIGKILL)
    said = production.read_until(r"Process (web \d) ended \((-9)\) and is replaced")
    assert said[2] == "-9"
    answer, _ = production.get()
    assert answer.status == 200


def test_a_request_under_way_is_answered_before_the_server_stops(doomed):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(doomed.get("/slow")[0].status))
    asking.start()
    doomed.read_until("slow began")
    doomed.process.terminate()
    asking.join(20)
    assert answers == [200]
    assert doomed.process.wait(20) == 0


def test_web_processes_go_when_their_parent_is_killed(doomed):
    assert doomed.get()[0].status == 200
    doomed.process.kill()
    # The pipe ends when the last process that holds it has gone; until then this waits, and in the end raises.
    doomed.process.communicate(timeout=20)
    with pytest.raises(ConnectionRefusedError):
        doomed.get()


def test_the_server_header_names_no_version_and_nobody_else_may_name_the_client(production):
    answer, body = production.get(headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.getheader("Server") == "Alongside"
    assert body.endswith(" None")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(production):
    with socket.create_connection(("127.0.0.1", production.port), timeout=20) as client:
        length = serving.LARGEST_BODY + 1
        client.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_it_refuses_to_start_while_a_setting_is_wrong(tmp_path):
    server = Production(tmp_path, SECRET_KEY="short", BASE_URL="ftp://example.org")
    said, _ = server.process.communicate(timeout=20)
    assert server.process.returncode == 1
    assert said.count("Cannot start: ") >= 2
    assert "prepared" not in said


def test_the_process_that_forks_never_prepares_the_database(tmp_path):
    server = Production(tmp_path)
    assert int(server.read_until(r"prepared by (\d+)")[1]) != server.process.pid
    server.process.terminate()
    server.process.communicate(timeout=20)


def test_a_taken_port_is_answered_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(serving.CannotListen, match=f"PORT={port + 1}"):
            serving.listen("127.0.0.1", port)


def test_sample_people_are_refused_on_an_address_that_others_reach(monkeypatch, capsys):
    monkeypatch.setenv("BIND", "0.0.0.0")
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    monkeypatch.setenv("ALONGSIDE_SAMPLE", "0")
    assert serving.main(["--sample"]) == 1
    assert "The sample people may exist only when BIND is 127.0.0.1." in capsys.readouterr().err
