"""Which tests this machine can run: what needs Chromium or PostgreSQL is left out loudly, or must be there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import browser, postgres


@dataclass(frozen=True)
class Need:
    """Something outside Python that some tests cannot do without."""

    marker: str
    fixture: str
    present: bool
    switch: str
    missing: str


NEEDS = (
    Need(
        marker="journey",
        fixture="chromium",
        present=browser.chromium_program() is not None,
        switch="REQUIRE_BROWSER",
        missing="no Chromium on this machine (Debian: apt-get install chromium). THE BROWSER JOURNEYS WERE LEFT OUT.",
    ),
    Need(
        marker="postgres",
        fixture="postgres_cluster",
        present=postgres.programs() is not None,
        switch="REQUIRE_POSTGRES",
        missing="no PostgreSQL on this machine (Debian: apt-get install postgresql). ITS TESTS WERE LEFT OUT.",
    ),
)
OUTCOME = pytest.StashKey[bool]()
"""Whether the body of a test failed; the browser keeps a picture then."""


def wants_postgresql() -> bool:
    """Whether this run puts every database test on PostgreSQL (the second half of `test --all`)."""
    return os.environ.get("TEST_DATABASE", "sqlite") == "postgresql"


def pytest_configure() -> None:
    for need in NEEDS:
        if not need.present and os.environ.get(need.switch) == "1":
            raise pytest.UsageError(f"{need.switch}=1, but there is {need.missing}")
    if wants_postgresql() and postgres.programs() is None:
        pytest.exit(f"LEFT OUT: {NEEDS[1].missing}", returncode=0)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = []
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        for need in NEEDS:
            # On PostgreSQL every database test needs the cluster; the marker means tests about PostgreSQL itself.
            if need.fixture in fixtures and not (need.marker == "postgres" and wants_postgresql()):
                item.add_marker(need.marker)
            if not need.present and item.get_closest_marker(need.marker) and item not in left_out:
                left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = (yield).get_result()
    if call.when == "call":
        item.stash[OUTCOME] = report.failed


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for need in NEEDS:
        if not need.present:
            terminalreporter.write_line(f"LEFT OUT: {need.missing}", yellow=True, bold=True)
