"""What an assessor tests a claim of prior learning for, criterion by criterion, before it can be achieved.

Valid, authentic, current, sufficient, reliable: the five tests of evidence of the field (domain.md 2, VACSR). They are
ticked beside the guidance, and kept with the decision as its other ticks are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

LEVEL = "claim"


@dataclass(frozen=True)
class Test:
    """One test, ticked and shown as an item of guidance is."""

    id: str
    text: str
    level: str = LEVEL


TESTS = tuple(
    Test(f"claim-{name}", text)
    for name, text in (
        ("valid", "Valid: it shows what this point asks for"),
        ("authentic", "Authentic: it is the learner’s own"),
        ("current", "Current: it still holds today"),
        ("sufficient", "Sufficient: it covers the whole point"),
        ("reliable", "Reliable: another assessor would find the same"),
    )
)


def untested(ticks: Collection[str]) -> list[str]:
    """The tests that are not ticked, by the word that they begin with."""
    return [test.text.split(":")[0].lower() for test in TESTS if test.id not in ticks]


def ticked(ticks: Collection[str]) -> tuple[tuple[Test, bool], ...]:
    """Each test and whether it was ticked, for whoever reads the decision; nothing where none was."""
    found = tuple((test, test.id in ticks) for test in TESTS)
    return found if any(was for _, was in found) else ()
