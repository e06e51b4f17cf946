"""Who answers what, how often, and what still waits: drawn from the seed, exact in number."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from course.demo.ground import DAY, Ready

MOST_ATTEMPTS = 3
AGAIN = 1.3
"""Attempts a question, on average, where there is room for it."""
TOGETHER = 3
"""Answers in one hand-in, at most."""


@dataclass
class Group:
    """Questions of one unit that one learner hands in together, each time."""

    questions: list[Ready]
    attempts: int
    waits: bool
    last_at: datetime
    passed: dict[str, set[str]] = field(default_factory=dict)

    def at(self, attempt: int) -> datetime:
        """When this attempt (1, 2 …) was handed in: twelve days after the one before."""
        return self.last_at - (self.attempts - attempt) * 12 * DAY


def plan(
    rng: random.Random, every: list[Ready], share: int, wait: int, midnight: datetime
) -> tuple[list[Group], list[Ready]]:
    """Choose which questions one learner has answered (`share` answers in all), and which `wait` of them still do.

    Returns the groups handed in together, and the questions left unanswered.
    """
    questions = rng.sample(every, len(every))
    attempts = _attempts(rng, questions, share, wait)
    alike: dict[tuple[str, int, bool], list[Ready]] = {}
    for place, ready in enumerate(questions[: len(attempts)]):
        alike.setdefault((ready.unit.slug, attempts[place], place < wait), []).append(ready)
    groups = []
    for (_, count, waits), members in alike.items():
        for start in range(0, len(members), TOGETHER):
            days = rng.uniform(0.1, 14) if waits else rng.uniform(16, 120)
            at = midnight - timedelta(seconds=round(days * 86400))
            groups.append(Group(members[start : start + TOGETHER], count, waits, at))
    return groups, questions[len(attempts) :]


def _attempts(rng: random.Random, questions: list[Ready], share: int, wait: int) -> list[int]:
    """How often each of the first questions was handed in; together `share` times."""
    attempts = [1] * min(len(questions), share, max(round(share / AGAIN), wait, 1))
    for _ in range(share - len(attempts)):
        again = [
            place for place, count in enumerate(attempts) if count < MOST_ATTEMPTS and not questions[place].is_check
        ]
        if again:
            attempts[rng.choice(again)] += 1
        else:
            attempts.append(1)
    return attempts
