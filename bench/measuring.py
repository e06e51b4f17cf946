"""One-second slices of scenarios, side by side with their floor, in turned order, so that noise hits both alike."""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.site import Server

THREADS = 4
SECONDS = 1.0
NOISE = 0.2
"""Cores used by others above which a slice is repeated."""


@dataclass
class Scenario:
    """Something that is done again and again: `act(thread)` once a call; False when there is no more to do."""

    name: str
    server: Server
    act: Callable[[int], bool]
    prepare: Callable[[], None] = lambda: None
    check: Callable[[int], None] = lambda count: None


@dataclass(frozen=True)
class Slice:
    """What one second of a scenario has cost."""

    count: int
    cpu: float
    wall: float
    noise: float

    @property
    def each(self) -> float:
        """CPU seconds of the server for one act."""
        return self.cpu / self.count

    @property
    def rate(self) -> float:
        """Acts a second."""
        return self.count / self.wall


@dataclass
class Bench:
    """Takes slices and prints figures."""

    rounds: int
    seconds: float = SECONDS
    deadline: float = float("inf")
    """No slice is repeated for noise after this moment."""
    noisy: int = 0
    taken: int = 0
    failures: list[BaseException] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether there is time for everything."""
        return self.deadline == float("inf")

    def side_by_side(self, scenarios: Sequence[Scenario]) -> dict[str, list[Slice]]:
        """All rounds: every scenario once a round, the order turned each time."""
        found: dict[str, list[Slice]] = {one.name: [] for one in scenarios}
        for number in range(self.rounds):
            for scenario in scenarios if number % 2 == 0 else reversed(scenarios):
                found[scenario.name].append(self._quiet_slice(scenario))
        return found

    def _quiet_slice(self, scenario: Scenario) -> Slice:
        """A slice, repeated at most twice while others use the machine, then kept and marked."""
        for repeats_left in (2, 1, 0):
            one = self._slice(scenario)
            if one.noise <= NOISE or not repeats_left or time.monotonic() > self.deadline:
                break
        self.taken += 1
        self.noisy += one.noise > NOISE
        mark = f"  noisy: others used {one.noise:.2f} cores" if one.noise > NOISE else ""
        print(f"  {scenario.name}: {one.each * 1000:.2f} ms CPU, {one.rate:.0f}/s{mark}", file=sys.stderr)
        return one

    def _slice(self, scenario: Scenario) -> Slice:
        scenario.prepare()
        pids = scenario.server.pids()
        counts = [0] * THREADS
        threads = [threading.Thread(target=self._work, args=(scenario, counts, at)) for at in range(THREADS)]
        busy, own, server = _machine(), time.process_time(), scenario.server.cpu(pids)
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall = time.monotonic() - began
        used = scenario.server.cpu(pids) - server
        others = _machine() - busy - used - (time.process_time() - own)
        if self.failures:
            raise self.failures[0]
        if not sum(counts):
            raise AssertionError(f"{scenario.name}: nothing could be done.")
        scenario.check(sum(counts))
        return Slice(sum(counts), used, wall, max(0.0, others) / wall)

    def _work(self, scenario: Scenario, counts: list[int], at: int) -> None:
        end = time.monotonic() + self.seconds
        try:
            while time.monotonic() < end and scenario.act(at):
                counts[at] += 1
        except BaseException as failure:  # reported by the main thread
            self.failures.append(failure)


def _machine() -> float:
    """Seconds of CPU used by everything on this machine."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _wait, irq, soft = map(int, fields[:7])
    return (user + nice + system + irq + soft) / 100


@dataclass(frozen=True)
class Figure:
    """One line of the report: a value, the limit measured with it, their ratio and the goal for it."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    goal: float | None = None
    met: bool | None = None
    runs: Sequence[float] = ()

    def print(self) -> None:
        """Print it as one JSON object."""
        found = {**self.__dict__, "runs": [_short(run) for run in self.runs]}
        for name in ("value", "limit", "ratio"):
            found[name] = _short(found[name])
        print(json.dumps(found, ensure_ascii=False), flush=True)


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3 if value < 100 else 1)


def cost(name: str, of: list[Slice], floor: list[Slice], goal: float | None) -> Figure:
    """CPU of the server for one act, against the floor's: the median of the rounds' own ratios."""
    runs = [one.each / least.each for one, least in zip(of, floor, strict=True)]
    ratio = statistics.median(runs)
    value, limit = (statistics.median(one.each * 1000 for one in slices) for slices in (of, floor))
    return Figure(name, value, "ms CPU", limit, ratio, goal, None if goal is None else ratio <= goal, runs)


def speed(name: str, of: list[Slice], floor: list[float], goal: float | None) -> Figure:
    """Acts a second, against the floor's. Told, never gated on alone: the client shares the machine."""
    runs = [one.rate / most for one, most in zip(of, floor, strict=True)]
    ratio = statistics.median(runs)
    value = statistics.median(one.rate for one in of)
    met = None if goal is None else ratio >= goal
    return Figure(name, value, "a second", statistics.median(floor), ratio, goal, met, runs)


def within(name: str, value: float, unit: str, goal: float) -> Figure:
    """A count that must not be more than its goal."""
    return Figure(name, value, unit, None, None, goal, value <= goal, (value,))
