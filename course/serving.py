"""Runs the web server: one process for the sample installation, several that share one socket in production."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from course import jobs, setting_up
from course.setting_up import with_sample_keys
from course.settings import Settings

log = logging.getLogger("alongside.serving")

MEGABYTE = 1024 * 1024
THREADS = 4
LARGEST_BODY = 12 * MEGABYTE
"""A 10 MB file and the rest of its form; anything larger is refused before it is read."""
LONGEST_SILENCE = 60
"""Seconds without a byte after which a client is given up."""
LONGEST_GOODBYE = 10.0
"""Seconds that requests already under way have left when the server is told to stop."""
JOBS_EVERY = 5.0
"""Seconds between two looks for due jobs. A sign-in link is a job, so nobody should wait long."""
STABLE_AFTER = 10.0
"""Seconds a process must have lived for its next death to be replaced at once."""
LONGEST_PAUSE = 30.0
GLANCE = 0.2
STARTED, REFUSED = 0, 1


def main(words: list[str] | None = None) -> int:
    """Serve until stopped. Exit status 1 means that it refused to start, and the reason was printed."""
    parser = argparse.ArgumentParser(prog="course.serving", description=__doc__)
    parser.add_argument("--sample", action="store_true", help="the sample centre, for this machine only")
    chosen = parser.parse_args(words)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    log.setLevel(logging.INFO)
    if chosen.sample:
        os.environ["ALONGSIDE_SAMPLE"] = "1"
    try:
        return serve_sample() if chosen.sample else serve_production()
    except CannotListen as reason:
        print(reason, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return STARTED


def serve_sample() -> int:
    """Set the sample installation up and serve it from this one process, for this machine only."""
    settings = with_sample_keys(Settings.from_environment(sample=True))
    if report(settings.problems()):
        return REFUSED
    listeners = listen(settings.bind, settings.port)  # first, so that a taken port is said before any work is done
    lines = prepare(sample=True)
    app = load_app()
    stopping = stop_when_told()
    jobs = threading.Thread(target=run_jobs, args=(app, stopping), name="jobs", daemon=True)
    jobs.start()
    print(f"\nAlongside is at http://{settings.bind}:{settings.port} (Ctrl-C stops it).", *lines, sep="\n", flush=True)
    answer_requests(app, listeners, settings, stopping)
    jobs.join(LONGEST_GOODBYE)
    print("Alongside has stopped.", flush=True)
    return STARTED


def serve_production() -> int:
    """Check every setting, bring the database up to date, then keep the processes running."""
    settings = Settings.from_environment()
    if report(settings.problems()):
        return REFUSED
    listeners = listen(settings.bind, settings.port)
    if not hasattr(os, "fork"):
        return serve_from_one_process(settings, listeners)
    # In a process of its own: the one that forks must never have opened the database.
    if run_apart(lambda: prepare(sample=False)):
        print("Alongside could not be set up; the message above says why.", file=sys.stderr)
        return REFUSED
    count = process_count()
    log.info("Alongside answers on %s port %s with %s processes.", settings.bind, settings.port, count)
    watch = Watch()
    for number in range(1, count + 1):
        watch.add(f"web {number}", lambda stopping: answer_requests(load_app(), listeners, settings, stopping))
    watch.add("jobs", lambda stopping: run_jobs(load_app(), stopping))
    watch.keep_running()
    return STARTED


def serve_from_one_process(settings: Settings, listeners: list[socket.socket]) -> int:
    """Production where processes cannot share a socket: one of them, with its jobs in a thread."""
    prepare(sample=False)
    app = load_app()
    stopping = stop_when_told()
    threading.Thread(target=run_jobs, args=(app, stopping), name="jobs", daemon=True).start()
    answer_requests(app, listeners, settings, stopping)
    return STARTED


def report(problems: list[str]) -> bool:
    """Print all that is wrong with the settings; True when anything is."""
    for problem in problems:
        print(f"Cannot start: {problem}", file=sys.stderr)
    return bool(problems)


def prepare(*, sample: bool) -> list[str]:
    """Make the installation ready (keys, database, content, sample people); return what to tell the person."""
    return setting_up.prepare(sample=sample)


def load_app() -> Any:
    """The whole application, built in the process that serves it, as any WSGI server would load it."""
    return importlib.import_module("wsgi").app


def process_count() -> int:
    """How many web processes to run: WEB_PROCESSES, else one for each core this process may use."""
    asked = os.environ.get("WEB_PROCESSES", "").strip()
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# Listening


class CannotListen(Exception):
    """The address is taken or not ours; the text says what to do."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Open the sockets that every process shares. On loopback both addresses of `localhost` answer."""
    hosts = ["127.0.0.1", "::1"] if host in {"127.0.0.1", "localhost"} else [host]
    sockets: list[socket.socket] = []
    for address in hosts:
        try:
            sockets.append(_bound(address, port))
        except OSError as error:
            if sockets:
                continue  # a machine without IPv6 still has its localhost
            raise CannotListen(
                f"Port {port} on {address} cannot be used ({error.strerror}). "
                f"Stop the program that holds it, or choose another: PORT={port + 1}"
            ) from error
    return sockets


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address == "::1":
            # 127.0.0.1 has a socket of its own.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


# One process


def stop_when_told() -> threading.Event:
    """An event that is set by Ctrl-C or by a request to end; a second Ctrl-C ends at once."""
    stopping = threading.Event()

    def note(number: int, _: object) -> None:
        if stopping.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stopping.set()

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    return stopping


def answer_requests(app: Any, listeners: list[socket.socket], settings: Settings, stopping: threading.Event) -> None:
    """Answer requests until told to stop, then finish those already under way."""
    from waitress import wasyncore
    from waitress.server import create_server

    channels: dict[int, Any] = {}
    polls = hasattr(select, "poll")
    server = create_server(
        app,
        map=channels,
        sockets=listeners,
        threads=THREADS,
        ident="Alongside",
        connection_limit=1000,
        channel_timeout=LONGEST_SILENCE,
        cleanup_interval=10,
        max_request_body_size=LARGEST_BODY,
        max_request_header_size=32 * 1024,
        # Behind a counted proxy the application itself reads these headers; otherwise nobody may set them.
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
    )
    while not stopping.is_set():
        wasyncore.loop(timeout=GLANCE, use_poll=polls, map=channels, count=1)
    for part in channels.values():
        if getattr(part, "accepting", False):
            part.accepting = False
    give_up = time.monotonic() + LONGEST_GOODBYE
    while time.monotonic() < give_up and any(_is_busy(part) for part in list(channels.values())):
        wasyncore.loop(timeout=GLANCE, use_poll=polls, map=channels, count=1)
    server.task_dispatcher.shutdown(timeout=1)


def _is_busy(channel: Any) -> bool:
    """Whether a connection is sending a request, waiting for its answer, or still reading it."""
    return bool(
        getattr(channel, "requests", None)
        or getattr(channel, "request", None)
        or getattr(channel, "total_outbufs_len", 0)
    )


def run_jobs(app: Any, stopping: threading.Event) -> None:
    """Run what is due, again and again; one failed round is logged and does not end the next."""
    while not stopping.is_set():
        try:
            jobs.run_due(app)
        except Exception:
            log.exception("The due jobs could not be run; they are tried again in %s seconds.", JOBS_EVERY)
        stopping.wait(JOBS_EVERY)


# Several processes


def run_apart(work: Callable[[], object]) -> int:
    """Run something in a process of its own and wait for it; return its exit status."""
    pid = os.fork()
    if pid == 0:
        _leave_after(work)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@dataclass
class Member:
    """One process that should always be running."""

    name: str
    work: Callable[[threading.Event], None]
    pid: int = 0
    started: float = 0.0
    due: float = 0.0
    early_deaths: int = 0


@dataclass
class Watch:
    """Keeps its members running, and takes them along when it ends, even if it is killed."""

    members: list[Member] = field(default_factory=list)
    lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def add(self, name: str, work: Callable[[threading.Event], None]) -> None:
        """Name one more process to keep running. `work` gets an event and must return soon after it is set."""
        self.members.append(Member(name, work))

    def keep_running(self) -> None:
        """Start every member, replace each that dies, and stop them all when told to stop."""
        stopping = stop_when_told()
        while not stopping.is_set():
            now = time.monotonic()
            for member in self.members:
                if not member.pid and member.due <= now:
                    self._start(member)
            time.sleep(GLANCE)
            self._notice_deaths()
        self._stop()

    def _start(self, member: Member) -> None:
        # A signal between the fork and the child's own handlers would be answered by the parent's.
        signals = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        member.started = time.monotonic()
        member.pid = os.fork()
        if member.pid == 0:
            stopping = stop_when_told()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
            os.close(self.lifeline[1])
            threading.Thread(target=self._follow_the_parent, args=(stopping,), daemon=True).start()
            _leave_after(lambda: member.work(stopping))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)

    def _follow_the_parent(self, stopping: threading.Event) -> None:
        # Nobody writes to the pipe: reading ends only when the parent is gone, however it went.
        os.read(self.lifeline[0], 1)
        stopping.set()

    def _notice_deaths(self) -> None:
        for member in self.members:
            if not member.pid:
                continue
            pid, status = os.waitpid(member.pid, os.WNOHANG)
            if not pid:
                continue
            lived = time.monotonic() - member.started
            member.early_deaths = 0 if lived >= STABLE_AFTER else member.early_deaths + 1
            pause = min(LONGEST_PAUSE, 2.0 ** (member.early_deaths - 1)) if member.early_deaths > 1 else 0.0
            member.pid, member.due = 0, time.monotonic() + pause
            code = os.waitstatus_to_exitcode(status)
            log.warning("Process %s ended (%s) and is replaced in %.0f s.", member.name, code, pause)

    def _stop(self) -> None:
        running = [member for member in self.members if member.pid]
        for member in running:
            with suppress(ProcessLookupError):
                os.kill(member.pid, signal.SIGTERM)
        give_up = time.monotonic() + LONGEST_GOODBYE + 5
        while running and time.monotonic() < give_up:
            time.sleep(GLANCE / 4)
            running = [member for member in running if os.waitpid(member.pid, os.WNOHANG)[0] == 0]
        for member in running:
            os.kill(member.pid, signal.SIGKILL)
            os.waitpid(member.pid, 0)


def _leave_after(work: Callable[[], object]) -> NoReturn:
    """End this forked process with the status of its work, without running what its parent left to clean up."""
    status = REFUSED
    try:
        work()
        status = STARTED
    except KeyboardInterrupt:
        status = STARTED
    except Exception:
        log.exception("A process ended because of an error.")
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
