"""What surrounds the pages: several writing processes, memory, cold start, sign-in, publishing, import, export."""

from __future__ import annotations

import csv
import io
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from bench.counting import _application, _InProcess
from bench.measuring import THREADS, Bench, Figure, within
from bench.scenarios import People, unit_page
from bench.site import PASSWORD, ROOT, SEED, Server, Site, inherited
from bench.visitor import Page, Unexpected, Visitor

LEARNERS_IMPORTED = 10_000


def writers(bench: Bench, here: People, _: People) -> Iterator[Figure]:
    """P4: two processes with four writers each, on one SQLite file."""
    seconds = 30 if bench.is_full else 6
    words = [sys.executable, "-m", "bench.writers", str(here.site.folder), "4", str(seconds)]
    running = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    each = [json.loads(line) for one in running for line in one.communicate()[0].splitlines()]
    faults = [one for one in each if isinstance(one, str)]
    if faults or len(each) != 8:
        raise Unexpected(f"writers gave up: {faults or each}")
    took = sorted(value for one in each for value in one)
    middle, late = statistics.median(took), took[int(len(took) * 0.99)]
    goal = 5.0
    yield Figure("8 writers in 2 processes, p99 against p50", late, "ms", middle, late / middle, goal,
                 late / middle <= goal, (late / middle,))  # fmt: skip
    yield within("8 writers in 2 processes, longest wait", took[-1], "ms", 100)
    fair = min(map(len, each)) / max(map(len, each))
    yield Figure("8 writers in 2 processes, slowest against fastest", min(map(len, each)), "commits",
                 max(map(len, each)), fair, 0.5, fair >= 0.5, (fair,))  # fmt: skip


def memory(bench: Bench, here: People, _: People) -> Iterator[Figure]:
    """P9: memory of gunicorn's two processes after load, and its growth over many requests."""
    server = here.site.serve("gunicorn")
    read = unit_page(here, server)
    _again(read.act, 1500)
    before = server.memory()
    yield within("memory after load, gunicorn, 2 × 4", before, "MB", 155)
    requests = 100_000 if bench.is_full else 3_000
    _again(read.act, requests)
    growth = server.memory() / before
    yield Figure(f"memory after {requests:,} more requests", before * growth, "MB", before, growth, 1.05,
                 growth <= 1.05, (growth,))  # fmt: skip


def _again(act: Callable[[int], Any], times: int) -> None:
    def work(at: int) -> None:
        for _ in range(times // THREADS):
            act(at)

    running = [threading.Thread(target=work, args=(at,)) for at in range(THREADS)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def starting(bench: Bench, here: People, _: People) -> Iterator[Figure]:
    """P10: CPU from nothing to the first answer, migrations checked; and two that start together on nothing."""
    ours, floor = [], []
    for _round in range(bench.rounds):
        ours.append(_cold(here.site, "app"))
        floor.append(_cold(here.site, "hello"))
    runs = [one / least for one, least in zip(ours, floor, strict=True)]
    ratio = statistics.median(runs)
    yield Figure(
        "cold start", statistics.median(ours), "s CPU", statistics.median(floor), ratio, 4.0, ratio <= 4.0, runs
    )
    empty = Site(here.site.folder / "empty", 0)
    empty.folder.mkdir(exist_ok=True)
    code = f"import wsgi; from course import migrating; {UPGRADE}"
    together = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**inherited(), **empty.environment},
                         stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]  # fmt: skip
    failed = sum(one.wait() != 0 for one in together)
    yield within("failures of two that start together on an empty database", failed, "failures", 0)


UPGRADE = "migrating.upgrade(wsgi.app.extensions['database'])"


def _cold(site: Site, what: str) -> float:
    server = site.start("waitress", what)
    spent = server.cpu(server.pids())
    server.stop()
    return spent


def signing_in(bench: Bench, here: People, _: People) -> Iterator[Figure]:
    """P12: signing in against its Argon2id alone; and how long a unit page takes while others sign in."""
    from course.people.passwords import hasher

    stored, server = hasher.hash(PASSWORD), here.site.serve()
    _forget_tries(here.site)
    ours, floor = [], []
    for number in range(1, 3 * bench.rounds + 1):
        ours.append(_sign_in(server, number))
        began = time.process_time()
        hasher.verify(stored, PASSWORD)
        floor.append(time.process_time() - began)
    runs = [one / least for one, least in zip(ours, floor, strict=True)]
    ratio = statistics.median(runs)
    yield Figure("sign-in", statistics.median(ours) * 1000, "ms CPU", statistics.median(floor) * 1000, ratio, 1.15,
                 ratio <= 1.15, runs)  # fmt: skip
    _forget_tries(here.site)
    calm = _late(here, server, lambda: None)
    storm = _late(here, server, lambda: [_sign_in(server, number) for number in range(1, 25)])
    _forget_tries(here.site)
    yield Figure("unit page while others sign in, p99", storm, "ms", calm, storm / calm, 3.0, storm <= 3 * calm,
                 (storm / calm,))  # fmt: skip


def _sign_in(server: Server, number: int) -> float:
    """CPU of the server for one sign-in; the form that comes before it is not counted."""
    visitor, pids = Visitor(server.port), server.pids()
    visitor.token = Page(visitor.get("/sign-in").text).form("/sign-in").fields["csrf_token"]
    before = server.cpu(pids)
    visitor.post("/sign-in", {"email": f"demo-{SEED}-{number}@example.org", "password": PASSWORD}).must_be(303)
    return server.cpu(pids) - before


def _forget_tries(site: Site) -> None:
    """All sign-ins of a benchmark come from one address, which the throttle would stop."""
    with closing(sqlite3.connect(site.folder / "alongside.sqlite", timeout=10)) as connection:
        connection.execute("DELETE FROM hit")
        connection.commit()


def _late(people: People, server: Server, meanwhile: Callable[[], Any]) -> float:
    """The 99th percentile of a unit page, in milliseconds, while something else goes on."""
    read, took = unit_page(people, server), []
    other = threading.Thread(target=meanwhile)
    other.start()
    until = time.monotonic() + 2
    while time.monotonic() < until:
        began = time.monotonic()
        read.act(0)
        took.append((time.monotonic() - began) * 1000)
    other.join()
    return sorted(took)[int(len(took) * 0.99)]


def content(_: Bench, here: People, __: People) -> Iterator[Figure]:
    """P2 and P13: the first view of a page, publishing everything, checking it, and a record as PDF."""
    yield _first_view(here)
    fresh = Site(here.site.folder / "fresh", 0)
    fresh.folder.mkdir(exist_ok=True)
    code = f"import time, wsgi; from course import migrating, setting_up; {UPGRADE}\n"
    code += "began = time.monotonic()\nwith wsgi.app.app_context(): setting_up.publish(wsgi.app)\n"
    code += "print(time.monotonic() - began)"
    yield within("publishing a whole qualification", float(fresh.run(["-c", code]).split()[-1]), "s", 5)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    fresh.run(["-m", "flask", "--app", "wsgi", "modules", "check"])
    yield within("modules check", resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, "s CPU", 2)
    yield within("a record as PDF, warm", statistics.median(_pdf(here.site)) * 1000, "ms CPU", 50)


def _first_view(people: People) -> Figure:
    """The first view of a page in a process, against later ones: what is kept is made then."""
    client = _InProcess(_application(people.site))
    client.sign_in(f"demo-{SEED}-1@example.org")
    workbook = people.workbooks[0]
    client.get(workbook.page_path, workbook.marker)  # templates and statements are compiled now
    other = workbook.page_path.rsplit("/", 1)[0] + ("/1" if workbook.page != 1 else "/2")
    took = []
    for _ in range(21):
        began = time.process_time()
        client.get(other, "<h1>")
        took.append(time.process_time() - began)
    warm = statistics.median(took[1:])
    return Figure("first view of a page in a process", took[0] * 1000, "ms CPU", warm * 1000, took[0] / warm, 1.2,
                  took[0] <= 1.2 * warm, (took[0] / warm,))  # fmt: skip


def _pdf(site: Site) -> list[float]:
    from course import db
    from course.catalogue import queries as catalogue
    from course.records import facts, pdf

    with _application(site).app_context(), db.database().reader() as session:
        slug = site.query("SELECT qualification FROM cohort LIMIT 1")[0][0]
        unit = next(one for row in catalogue.latest_units(session, slug) if (one := catalogue.unit_of(row)).is_ready)
        centre: Any = SimpleNamespace(name="Demo centre 1")
        today, achieved = datetime.now(UTC).date(), [one.number for one in unit.criteria]
        said = facts.of_unit(centre, catalogue.qualification(session, slug), unit, achieved=achieved,
                             achieved_on=today, issued_on=today)  # fmt: skip
    row = SimpleNamespace(number="A-0001", id=UUID(int=1))
    found: Any = SimpleNamespace(row=row, facts=said, holder=None, is_revoked=False)
    took = []
    for _ in range(6):
        began = time.process_time()
        pdf.render(found, "http://127.0.0.1/check")
        took.append(time.process_time() - began)
    return took[1:]


def import_and_export(_: Bench, here: People, __: People) -> Iterator[Figure]:
    """P11: a list of learners taken in, validated and audited; the tracker of all of them as a spreadsheet."""
    from course import db
    from course.audit import INSTALLER
    from course.enrolment.models import Cohort
    from course.office import operations, roster

    app = _application(here.site)
    cohort_id = UUID(here.site.query("SELECT id FROM cohort ORDER BY name LIMIT 1")[0][0])
    lines = [f"Learner Number{at},learner{at}@import.example.org" for at in range(LEARNERS_IMPORTED)]
    sent = ("name,email\n" + "\n".join(lines)).encode()
    began, done, step = time.process_time(), 0, roster.MOST_ROWS
    read = [roster.read(b"name,email\n" + b"\n".join(sent.splitlines()[1:][at : at + step]))
            for at in range(0, LEARNERS_IMPORTED, step)]  # fmt: skip
    with app.app_context(), db.database().transaction() as session:
        for one in read:
            done += operations.import_roster(session, session.get_one(Cohort, cohort_id), one.rows, by=INSTALLER)
    spent = time.process_time() - began
    if done != LEARNERS_IMPORTED:
        raise Unexpected(f"{done} learners were imported")
    raw = _raw_insert(here.site.folder / "raw-import.sqlite", lines)
    yield Figure(f"import of {LEARNERS_IMPORTED:,} learners", spent, "s CPU", raw, spent / raw, 20.0, spent <= 20 * raw,
                 (spent / raw,))  # fmt: skip
    yield from _export(app, cohort_id)


def _raw_insert(path: Path, lines: list[str]) -> float:
    began = time.process_time()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE learner (name TEXT, email TEXT UNIQUE)")
        connection.executemany("INSERT INTO learner VALUES (?, ?)", [line.split(",") for line in lines])
        connection.commit()
    return time.process_time() - began


def _export(app: Any, cohort_id: UUID) -> Iterator[Figure]:
    client = _InProcess(app)
    client.sign_in(f"demo-{SEED}-tutor@example.org")
    began = time.process_time()
    sent = client.get(f"/office/cohorts/{cohort_id}/tracker.csv", "Learner")
    spent = time.process_time() - began
    rows = list(csv.reader(io.StringIO(sent.lstrip("\ufeff"))))
    began = time.process_time()
    csv.writer(io.StringIO()).writerows(rows)
    raw = time.process_time() - began
    yield Figure(f"export of {len(rows) - 1:,} tracker rows", spent, "s CPU", raw, spent / raw, 1.5, spent <= 1.5 * raw,
                 (spent / raw,))  # fmt: skip
