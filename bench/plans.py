"""Sampling plans: a plan's page and its grid, at two sizes, always with as many rows on them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from bench import scenarios
from bench.measuring import THREADS, Bench, Figure, Scenario, cost
from bench.scenarios import People
from bench.site import SEED, Server
from bench.visitor import Visitor

ROWS = 2
"""Learners on the page of the grid: the small installation has no more in a cohort."""


def figures(bench: Bench, here: People, there: People) -> Iterator[Figure]:
    """A plan drawn in each installation, then its page and the last page of its grid side by side."""
    pages = [(people, _draw(people)) for people in (here, there)]
    (ours, our_plan), (theirs, their_plan) = pages
    found = bench.side_by_side([
        scenarios.hello(here.site.serve("waitress", "hello")),
        _page(ours, our_plan, "Why these", "plan"),
        _page(theirs, their_plan, "Why these", "plan, large"),
        _page(ours, _last_of_grid(ours, our_plan), "Who and what", "grid"),
        _page(theirs, _last_of_grid(theirs, their_plan), "Who and what", "grid, large"),
    ])  # fmt: skip
    for name, goal in (("plan", 1.25), ("grid", 1.25)):
        yield cost(f"sampling {name}, waitress, 4 threads", found[name], found["hello"], None)
        sizes = f"at {theirs.site.answers:,} answers against {ours.site.answers:,}"
        yield cost(f"sampling {name} {sizes}", found[f"{name}, large"], found[name], goal)


def _assurer(server: Server) -> Visitor:
    return Visitor(server.port).sign_in(f"demo-{SEED}-iqa@example.org")


def _cohort(people: People) -> UUID:
    return UUID(people.site.query("SELECT id FROM cohort ORDER BY name LIMIT 1")[0][0])


def _draw(people: People) -> str:
    """Draw an interim plan for the first cohort; returns where it is."""
    address = f"/quality/cohorts/{_cohort(people)}/plans"
    return _assurer(people.site.serve()).post(address, {"stage": "interim"}).must_be(303).location


def _last_of_grid(people: People, plan: str) -> str:
    """The page of the grid that holds the last learners of the cohort."""
    sql = "SELECT id FROM enrolment WHERE cohort_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?"
    return f"{plan}/grid?after={UUID(people.site.query(sql, _cohort(people).hex, ROWS)[0][0])}"


def _page(people: People, path: str, heading: str, name: str) -> Scenario:
    server = people.site.serve()
    visitors = [_assurer(server) for _ in range(THREADS)]

    def act(at: int) -> bool:
        visitors[at].get(path).must_be(200, "<h1>", heading)
        return True

    return Scenario(name, server, act)
