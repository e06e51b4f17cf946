"""`python3 start.py bench`: builds two installations, measures them side by side, prints one JSON object a line."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import counting, plans, scenarios, wider
from bench.measuring import Bench, Figure, Slice, cost, speed
from bench.scenarios import People
from bench.site import Site

SMALL, LARGE, LARGEST = 1_000, 100_000, 1_000_000
SHORT_ROUNDS, FULL_ROUNDS = 5, 10
SHORT_SECONDS = 180
"""After so long, the short run repeats no slice for noise any more."""


def main(words: list[str]) -> int:
    """Measure; exit status 1 only when something could not be measured: a goal missed is told, not hidden."""
    parser = argparse.ArgumentParser(prog="start.py bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"ten rounds, and {LARGEST:,} answers")
    parser.add_argument("--answers", type=int, help="answers in the large installation")
    parser.add_argument("--rounds", type=int, help="rounds of slices")
    parser.add_argument(
        "--keep", type=Path, help="a folder to build in and to keep, so that the next run need not build"
    )
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=(), help="these parts alone")
    chosen = parser.parse_args(words)
    if not sys.platform.startswith("linux"):
        print("The benchmark reads the servers' CPU from /proc, so it runs on Linux only.", file=sys.stderr)
        return 1
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="alongside-bench-"))
    deadline = float("inf") if chosen.full else time.monotonic() + SHORT_SECONDS
    bench = Bench(chosen.rounds or (FULL_ROUNDS if chosen.full else SHORT_ROUNDS), deadline=deadline)
    sizes = (SMALL, chosen.answers or (LARGEST if chosen.full else LARGE))
    small, large = (Site(folder / str(answers), answers) for answers in sizes)
    try:
        for figure in measure(bench, small, large, chosen.only):
            figure.print()
    finally:
        for site in (small, large):
            site.stop()
        if not chosen.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{bench.noisy} of {bench.taken} slices were noisy.", file=sys.stderr)
    return 0


def measure(bench: Bench, small: Site, large: Site, only: Sequence[str] = ()) -> Iterator[Figure]:
    """All figures, in the order in which they are printed."""
    yield from build([small, large])
    here, there = People(small).arrive(), People(large).arrive()
    for name, part in PARTS.items():
        if name in only or (not only and (bench.is_full or name not in FULL_ONLY)):
            yield from part(bench, here, there)


def build(sites: list[Site]) -> Iterator[Figure]:
    """Fill the installations side by side, or copy the kept ones: measuring uses them up."""
    kept = {site.answers: site.folder.with_name(f"{site.folder.name}-built") for site in sites}
    missing = [site for site in sites if not kept[site.answers].exists()]
    for site in sites:
        shutil.rmtree(site.folder, ignore_errors=True)
    if missing:
        print(f"Building {' and '.join(f'{site.answers:,}' for site in missing)} answers …", file=sys.stderr)
        with ThreadPoolExecutor() as pool:
            for site, seconds in zip(missing, pool.map(Site.build, missing), strict=True):
                site.folder.rename(kept[site.answers])
                yield Figure(f"demo build of {site.answers:,} answers", seconds, "s", runs=(seconds,))
    for site in sites:
        shutil.copytree(kept[site.answers], site.folder)


def learners(bench: Bench, people: People, _: People) -> Iterator[Figure]:
    """P1 and P3: the unit page and the autosave, on both servers, against hello there."""
    goals = {"waitress": (4.75, 0.22), "gunicorn": (4.0, 0.28)}
    for how, (cost_goal, speed_goal) in goals.items():
        server, floor = people.site.serve(how), people.site.serve(how, "hello")
        where = "waitress, 4 threads" if how == "waitress" else "gunicorn, 2 × 4"
        found = bench.side_by_side([
            scenarios.hello(floor), scenarios.unit_page(people, server), scenarios.autosave(people, server)
        ])  # fmt: skip
        hello = found["hello"]
        yield cost(f"unit page, {where}", found["unit page"], hello, cost_goal)
        yield speed(f"unit page, {where}, requests", found["unit page"], [one.rate for one in hello], speed_goal)
        yield cost(f"autosave, {where}", found["autosave"], hello, 6.0)
        raw = [scenarios.raw_commits(people.site) for _ in found["autosave"]]
        yield speed(f"autosave, {where}, against raw durable commits", found["autosave"], raw, 0.15)


def handing_in(bench: Bench, here: People, there: People) -> Iterator[Figure]:
    """Handing in one answer, against hello and at two sizes."""
    ours = scenarios.hand_in(here, here.site.serve(), "hand-in")
    theirs = scenarios.hand_in(there, there.site.serve(), "hand-in, large")
    found = bench.side_by_side([scenarios.hello(here.site.serve("waitress", "hello")), ours, theirs])
    for scenario in (ours, theirs):
        scenario.prepare()  # takes everything back, so that the boxes are open again
    yield cost("hand-in, waitress, 4 threads", found["hand-in"], found["hello"], None)
    yield _growth("hand-in", found["hand-in, large"], found["hand-in"], there.site, None)


def queues(bench: Bench, here: People, there: People) -> Iterator[Figure]:
    """P5: each page of the queue at two sizes, always with as many rows on it."""
    ours, theirs = scenarios.queue_paths(here), scenarios.queue_paths(there)
    found = bench.side_by_side([
        scenarios.hello(here.site.serve("waitress", "hello")),
        scenarios.queue(here, here.site.serve(), ours["first"], "queue"),
        *(scenarios.queue(there, there.site.serve(), path, f"queue, {which}") for which, path in theirs.items()),
    ])  # fmt: skip
    yield cost("queue, waitress, 4 threads", found["queue"], found["hello"], None)
    for which in theirs:
        yield _growth(f"queue, {which} page", found[f"queue, {which}"], found["queue"], there.site, 1.25)


def decisions(bench: Bench, here: People, there: People) -> Iterator[Figure]:
    """P6: open, decide, return and take the next, at two sizes."""
    most = max(2, here.site.count("waiting") // (bench.rounds * 3 * scenarios.THREADS) - 1)
    found = bench.side_by_side([
        scenarios.hello(here.site.serve("waitress", "hello")),
        scenarios.decision(here, here.site.serve(), most, "decision"),
        scenarios.decision(there, there.site.serve(), most, "decision, large"),
    ])  # fmt: skip
    yield cost("decision, waitress, 4 threads", found["decision"], found["hello"], None)
    yield _growth("decision", found["decision, large"], found["decision"], there.site, 1.2)


def visits(_: Bench, here: People, __: People) -> Iterator[Figure]:
    """P8: bytes and requests of visits."""
    yield from counting.bytes_of_visits(here)


def queries(_: Bench, here: People, there: People) -> Iterator[Figure]:
    """P7: queries a page, at two sizes."""
    yield from counting.query_figures(counting.queries_of_pages(here), counting.queries_of_pages(there))


Part = Callable[[Bench, People, People], Iterator[Figure]]
PARTS: dict[str, Part] = {
    "learners": learners,
    "hand-in": handing_in,
    "queue": queues,
    "sampling": plans.figures,
    "decisions": decisions,
    "visits": visits,
    "queries": queries,
    "writers": wider.writers,
    "memory": wider.memory,
    "cold-start": wider.starting,
    "sign-in": wider.signing_in,
    "content": wider.content,
    "import": wider.import_and_export,
}
"""In the order in which they are printed."""
FULL_ONLY = {"sampling", "writers", "memory", "cold-start", "sign-in", "content", "import"}


def _growth(name: str, large: list[Slice], small: list[Slice], site: Site, goal: float | None) -> Figure:
    return cost(f"{name} at {site.answers:,} answers against {SMALL:,}", large, small, goal)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
