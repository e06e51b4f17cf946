"""What people do, as requests whose pages and stored rows are checked: read, save, hand in, queue, decide."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from bench.measuring import THREADS, Scenario
from bench.site import SEED, Server, Site
from bench.visitor import Page, Unexpected, Visitor

LEARNERS = 36
ASSESSORS = THREADS
SENTENCE = "I would listen first, say what I can and cannot keep to myself, and plan the next step with them. "
TEXT = SENTENCE * 8
FEEDBACK = "You say clearly what you would do, and why. Your example shows it well."


@dataclass
class Workbook:
    """A signed-in learner at one page of a unit, with one question in it that is open to them."""

    visitor: Visitor
    enrolment: UUID
    unit: str
    page: int
    question: str
    locked: int
    """Answers on that page which are handed in: each is sealed words to open."""
    marker: str
    revision: int = 0

    @property
    def page_path(self) -> str:
        """The page."""
        return f"/learn/{self.enrolment}/{self.unit}/{self.page}"

    @property
    def question_path(self) -> str:
        """The question."""
        return f"/learn/{self.enrolment}/{self.unit}/questions/{self.question}"

    @property
    def hand_in_path(self) -> str:
        """Where the unit is handed in."""
        return f"/learn/{self.enrolment}/{self.unit}/hand-in"

    def save(self, text: str) -> int:
        """Autosave, as the script does it. Returns the bytes both ways."""
        nonce = f"{time.monotonic_ns():x}"
        fields = {"base": str(self.revision), "page": "bench", "text": text}
        reply = self.visitor.post(f"{self.question_path}/draft", fields, Accept="application/json", X_Save=nonce)
        saved = json.loads(reply.must_be(200, "Saved").text)
        if saved["nonce"] != nonce or saved["revision"] <= self.revision:
            raise Unexpected(f"saved {saved}, sent {nonce} on {self.revision}")
        self.revision = saved["revision"]
        return reply.bytes_in + reply.bytes_out


@dataclass
class People:
    """The people of one installation, signed in on its servers."""

    site: Site
    workbooks: list[Workbook] = field(default_factory=list)
    assessors: list[Visitor] = field(default_factory=list)
    desks: dict[int, str] = field(default_factory=dict)

    def arrive(self) -> People:
        """Sign everybody in, and let each learner write one draft."""
        port = self.site.serve().port
        units = _units(self.site)
        for number in range(1, LEARNERS + 1):
            email = f"demo-{SEED}-{number}@example.org"
            workbook = _open_workbook(self.site, units, Visitor(port).sign_in(email), email, number)
            if workbook is not None:
                workbook.save(f"{workbook.marker} {TEXT}")
                self.workbooks.append(workbook)
        if len(self.workbooks) < 32:
            raise Unexpected(f"only {len(self.workbooks)} learners have a question left to answer")
        for number in range(1, ASSESSORS + 1):
            self.assessors.append(Visitor(port).sign_in(f"demo-{SEED}-assessor-{number}@example.org"))
        return self

    def on(self, server: Server) -> list[tuple[Visitor, Workbook]]:
        """Each learner's browser on one of the servers."""
        return [(one.visitor.at(server.port), one) for one in self.workbooks]


def _units(site: Site) -> dict[str, Any]:
    rows = site.query("SELECT unit, compiled FROM unit_version WHERE status = 'ready' ORDER BY number")
    return {unit: json.loads(compiled) for unit, compiled in rows}


def _open_workbook(site: Site, units: dict[str, Any], visitor: Visitor, email: str, number: int) -> Workbook | None:
    rows = site.query("SELECT e.id FROM enrolment e JOIN person p ON p.id = e.person_id WHERE p.email = ?", email)
    enrolment = UUID(rows[0][0])
    touched = {row[0] for row in site.query("SELECT question FROM answer WHERE enrolment_id = ?", enrolment.hex)}
    locked_keys = set(touched)
    touched |= {row[0] for row in site.query("SELECT question FROM draft WHERE enrolment_id = ?", enrolment.hex)}
    best: Workbook | None = None
    for slug, unit in units.items():
        groups = {one["key"]: one["instead_of"] or one["key"] for one in unit["questions"]}
        used = {groups[key] for key in touched if key in groups}
        for one in unit["questions"]:
            is_open = one["evidence"] and one["kind"] in {"short", "extended"} and groups[one["key"]] not in used
            locked = sum(other["key"] in locked_keys for other in unit["questions"] if other["page"] == one["page"])
            if is_open and (best is None or locked > best.locked):
                marker = f"Marker {number} of {SEED}."
                best = Workbook(visitor, enrolment, slug, one["page"], one["key"], locked, marker)
    return best


def _in_turn(items: list[Any]) -> list[Iterator[Any]]:
    """Items dealt to the threads, each dealt round and round: no two threads are ever the same person."""
    return [iter(_cycle(items[at::THREADS])) for at in range(THREADS)]


def _cycle(items: list[Any]) -> Iterator[Any]:
    for number in count():
        yield items[number % len(items)]


# -- the floor ---------------------------------------------------------------------------------------------------------


def hello(server: Server) -> Scenario:
    """A bare Flask application on the same server."""
    visitors = [Visitor(server.port) for _ in range(THREADS)]

    def act(at: int) -> bool:
        visitors[at].get("/").must_be(200, "Hello")
        return True

    return Scenario("hello", server, act)


def raw_commits(site: Site, seconds: float = 1.0) -> float:
    """Durable commits a second that SQLite alone reaches here: one row of a kilobyte each."""
    path = site.folder / "raw.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, box BLOB)")
        began, done = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO row (box) VALUES (randomblob(1000))")
            connection.execute("COMMIT")
            done += 1
        return done / (time.monotonic() - began)


# -- learners ----------------------------------------------------------------------------------------------------------


def unit_page(people: People, server: Server, name: str = "unit page") -> Scenario:
    """A page of a unit, with the learner's own sealed words on it."""
    turns = _in_turn(people.on(server))

    def act(at: int) -> bool:
        visitor, workbook = next(turns[at])
        visitor.get(workbook.page_path, Accept_Encoding="gzip").must_be(
            200, "<h1>", workbook.marker, f'id="q-{workbook.question}"'
        )
        return True

    return Scenario(name, server, act)


def autosave(people: People, server: Server, name: str = "autosave") -> Scenario:
    """A draft saved by the script, acknowledged after the durable commit."""
    browsers = people.on(server)
    for visitor, workbook in browsers:
        workbook.visitor = visitor
    turns, numbers = _in_turn(people.workbooks), count()

    def act(at: int) -> bool:
        workbook = next(turns[at])
        workbook.save(f"{workbook.marker} {TEXT} {next(numbers)}")
        return True

    def check(_: int) -> None:
        sql = "SELECT revision FROM draft WHERE enrolment_id = ? AND question = ?"
        for workbook in people.workbooks:
            stored = people.site.query(sql, workbook.enrolment.hex, workbook.question)[0][0]
            if stored != workbook.revision:
                raise Unexpected(f"revision {stored} is stored, {workbook.revision} was acknowledged")

    return Scenario(name, server, act, check=check)


def hand_in(people: People, server: Server, name: str = "hand-in") -> Scenario:
    """One answer handed in under the declaration; afterwards it is taken back, which is not measured."""
    browsers = people.on(server)
    ready: list[deque[tuple[Visitor, Workbook, dict[str, str]]]] = [deque() for _ in range(THREADS)]
    handed: set[UUID] = set()
    before = 0

    def prepare() -> None:
        nonlocal before
        for queue in ready:
            queue.clear()
        for number, (visitor, workbook) in enumerate(browsers):
            if workbook.enrolment in handed:
                visitor.post(f"{workbook.question_path}/answer/take-back", {}).must_be(303)
            address = f"{workbook.hand_in_path}?{urlencode({'question': workbook.question})}"
            form = Page(visitor.get(address).must_be(200, workbook.marker).text).form("/hand-in")
            workbook.revision = int(form.fields[f"revision-{workbook.question}"])
            ready[number % THREADS].append((visitor, workbook, {**form.fields, "own": "y", "helpers": ""}))
        handed.clear()
        before = people.site.count("answer")

    def act(at: int) -> bool:
        if not ready[at]:
            return False
        visitor, workbook, fields = ready[at].popleft()
        visitor.post(workbook.hand_in_path, fields).must_be(303)
        handed.add(workbook.enrolment)
        return True

    def check(done: int) -> None:
        stored = people.site.count("answer") - before
        if stored != done:
            raise Unexpected(f"{done} were handed in, {stored} are stored")
        visitor, workbook = next(one for one in browsers if one[1].enrolment in handed)
        visitor.get(workbook.page_path).must_be(200, workbook.marker, "Take it back")

    return Scenario(name, server, act, prepare, check)


# -- assessors ---------------------------------------------------------------------------------------------------------


def queue_paths(people: People) -> dict[str, str]:
    """The queue's first page, its second, one near its end, and one filtered by cohort, unit and question."""
    site, visitor = people.site, people.assessors[0]
    links = Page(visitor.get("/marking").must_be(200).text).links
    further = next((href for _, href in links if "after=" in href), "/marking")
    sql = "SELECT cohort_id, unit, question FROM waiting_count ORDER BY waiting DESC, question LIMIT 1"
    cohort, unit, question = site.query(sql)[0]
    where = urlencode({"cohort": str(UUID(cohort)), "unit": unit, "question": question})
    late = site.query("SELECT at, answer_id FROM waiting ORDER BY at DESC, answer_id DESC LIMIT 1 OFFSET 60")
    at, answer = late[0] if late else site.query("SELECT at, answer_id FROM waiting ORDER BY at LIMIT 1")[0]
    last = urlencode({"after": f"{at.replace(' ', 'T')}+00:00", "answer": str(UUID(answer))})
    return {"first": "/marking", "next": further, "last": f"/marking?{last}", "filtered": f"/marking?{where}"}


def queue(people: People, server: Server, path: str, name: str) -> Scenario:
    """One page of the marking queue, with true counts."""
    visitors = [one.at(server.port) for one in people.assessors]
    total = people.site.count("waiting")

    def act(at: int) -> bool:
        visitors[at].get(path).must_be(200, "<h1>Marking</h1>", f"<dd>{total}</dd>", "/marking/answers/")
        return True

    return Scenario(name, server, act)


def decision(people: People, server: Server, most: int, name: str) -> Scenario:
    """Open the answer with its guidance, decide, return, and take the next; at most so many a thread and slice."""
    visitors = [one.at(server.port) for one in people.assessors]
    left = [0] * THREADS
    before = 0

    def prepare() -> None:
        nonlocal before
        for at in range(THREADS):
            left[at] = most
            if not people.desks.get(at, "").startswith("/marking/answers/"):
                people.desks[at] = visitors[at].post("/marking/next", {}).must_be(303).location
        before = people.site.count("answer_return")

    def act(at: int) -> bool:
        if not left[at] or not people.desks[at].startswith("/marking/answers/"):
            return False
        left[at] -= 1
        form = Page(visitors[at].get(people.desks[at]).must_be(200, "Your decision").text).form("/decision")
        people.desks[at] = visitors[at].post(form.action, judged(form.fields)).must_be(303).location
        return True

    def check(done: int) -> None:
        stored = people.site.count("answer_return") - before
        if stored != done:
            raise Unexpected(f"{done} were decided, {stored} returns are stored")

    return Scenario(name, server, act, prepare, check)


def judged(fields: dict[str, str]) -> dict[str, str]:
    """The form as an assessor leaves it: every criterion achieved, with feedback, and on to the next."""
    criteria = [name.removeprefix("feedback-") for name in fields if name.startswith("feedback-")]
    outcomes = {f"outcome-{criterion}": "achieved" for criterion in criteria}
    return {**fields, **outcomes, **{f"feedback-{criterion}": FEEDBACK for criterion in criteria}, "then": "next"}
