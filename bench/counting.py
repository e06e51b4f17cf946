"""What does not depend on the machine: queries a page, and bytes that a visit transfers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import event

from bench.measuring import Figure, within
from bench.scenarios import TEXT, People, Workbook, judged
from bench.site import PASSWORD, SEED, Site
from bench.visitor import Page, Reply, Unexpected, Visitor

GOALS = {"unit page": 3, "autosave": 4, "queue": 6, "decide and next": 8, "cohort tracker": 6, "sampling plan": 10}


def bytes_of_visits(people: People) -> Iterator[Figure]:
    """First and second visit to a unit page, first visit to a marking page, one autosave."""
    workbook = people.workbooks[0]
    first, asked = _visit(workbook.visitor, workbook.page_path, {})
    yield within("first visit to a unit page", first / 1000, "KB", 40)
    yield within("first visit to a unit page, requests", asked, "requests", 6)
    again = workbook.visitor.get(workbook.page_path, Accept_Encoding="gzip")
    yield within("second visit to a unit page", again.bytes_in / 1000, "KB", 12)
    text = f"{workbook.marker} {TEXT}"
    yield within("one autosave beyond its text", (workbook.save(text) - len(text)) / 1000, "KB", 2)
    assessor = people.assessors[0]
    desk = people.desks.get(0) or assessor.post("/marking/next", {}).must_be(303).location
    people.desks[0] = desk
    yield within("first visit to a marking page", _visit(assessor, desk, {})[0] / 1000, "KB", 60)


def _visit(visitor: Visitor, path: str, seen: dict[str, Reply]) -> tuple[int, int]:
    page = visitor.get(path, Accept_Encoding="gzip").must_be(200)
    for file in Page(page.text).files:
        if file not in seen:
            seen[file] = visitor.get(file, Accept_Encoding="gzip").must_be(200)
    return page.bytes_in + sum(one.bytes_in for one in seen.values()), 1 + len(seen)


def queries_of_pages(people: People) -> dict[str, int]:
    """How many queries each page asks, on a warm application inside this process."""
    app = _application(people.site)
    client = _InProcess(app)
    found: dict[str, int] = {}
    workbook = people.workbooks[0]
    client.sign_in(f"demo-{SEED}-1@example.org")
    with _statements(app) as seen:
        found["unit page"] = _count(seen, lambda: client.get(workbook.page_path, workbook.marker))
        found["autosave"] = _count(seen, lambda: _save(client, workbook))
    client.sign_in(f"demo-{SEED}-assessor-6@example.org")
    with _statements(app) as seen:
        found["queue"] = _count(seen, lambda: client.get("/marking", "<h1>Marking</h1>"))
        form = Page(client.get(client.post("/marking/next", {}, 303).headers["Location"], "Your decision")).form(
            "/decision"
        )
        for _ in range(2):
            seen.clear()
            where = client.post(form.action, judged(form.fields), 303).headers["Location"]
            found["decide and next"] = len(seen)
            if "/answers/" in where:
                form = Page(client.get(where, "Your decision")).form("/decision")
    cohort = UUID(people.site.query("SELECT id FROM cohort ORDER BY name LIMIT 1")[0][0])
    client.sign_in(f"demo-{SEED}-tutor@example.org")
    with _statements(app) as seen:
        found["cohort tracker"] = _count(seen, lambda: client.get(f"/office/cohorts/{cohort}/tracker", "<h1"))
    client.sign_in(f"demo-{SEED}-iqa@example.org")
    plan = client.post(f"/quality/cohorts/{cohort}/plans", {"stage": "interim"}, 303).headers["Location"]
    with _statements(app) as seen:
        found["sampling plan"] = _count(seen, lambda: client.get(plan, "Why these"))
    app.extensions["database"].dispose()
    return found


def query_figures(small: dict[str, int], large: dict[str, int]) -> Iterator[Figure]:
    """Each page's queries on the large installation; met when within the goal and the same as on the small one."""
    for name, goal in GOALS.items():
        met = large[name] <= goal and large[name] == small[name]
        yield Figure(f"queries, {name}", large[name], "queries", small[name], large[name] / small[name], goal, met,
                     (small[name], large[name]))  # fmt: skip


def _application(site: Site) -> Any:
    import assessors
    import course
    from course.setting_up import with_sample_keys
    from course.settings import Settings

    settings = with_sample_keys(Settings.from_environment(site.environment))
    return course.create_app(settings, extensions=[assessors])


class _InProcess:
    """A test client that signs in like anybody else."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._client = app.test_client()
        self.token = ""

    def sign_in(self, email: str) -> None:
        self._client = self._app.test_client()
        page = Page(self.get("/sign-in", "Sign in"))
        self.token = page.form("/sign-in").fields["csrf_token"]
        self.post("/sign-in", {"email": email, "password": PASSWORD}, 303)
        page = Page(self.get("/account", email))
        self.token = next(one.fields["csrf_token"] for one in page.forms if "csrf_token" in one.fields)

    def get(self, path: str, contained: str) -> str:
        reply = self._client.get(path, base_url="http://127.0.0.1")
        text = str(reply.get_data(as_text=True))
        if reply.status_code != 200 or contained not in text:
            raise Unexpected(f"{path}: {reply.status_code}, without {contained!r}: {text[-800:]}")
        return text

    def post(self, path: str, fields: dict[str, str], status: int, **headers: str) -> Any:
        data = {"csrf_token": self.token, **fields}
        reply = self._client.post(path, data=data, base_url="http://127.0.0.1", headers=headers)
        if reply.status_code != status:
            raise Unexpected(f"{path}: {reply.status_code}: {reply.get_data(as_text=True)[-800:]}")
        return reply


def _save(client: _InProcess, workbook: Workbook) -> None:
    fields = {"base": str(workbook.revision), "page": "bench", "text": f"{workbook.marker} {TEXT} {workbook.revision}"}
    reply = client.post(f"{workbook.question_path}/draft", fields, 200, Accept="application/json")
    workbook.revision = reply.get_json()["revision"]


@contextmanager
def _statements(app: Any) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    engines = [app.extensions["database"].reading, app.extensions["database"].writing]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def _count(seen: list[str], act: Callable[[], Any]) -> int:
    """Statements of a second call: the first one warms what is read once a process."""
    act()
    seen.clear()
    act()
    return len(seen)
