"""Second marking: who is asked, judging blind, and how two people come to one outcome, or a third settles it."""

from __future__ import annotations

import enum
import hashlib
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from course.audit import Event
from course.independence import Act, Standing, must_be_free
from course.refusal import Step, require
from course.workbook.models import Outcome


class Side(enum.StrEnum):
    """Whose view it is."""

    FIRST = "first"
    SECOND = "second"
    LEAD = "lead"


class Stage(enum.StrEnum):
    """How far a second marking has come; derived, never stored."""

    TO_JUDGE = "to judge"
    TO_AGREE = "to agree"
    TO_DECIDE_AGAIN = "to decide again"
    SETTLED = "settled"
    CALLED_OFF = "called off"


@dataclass(frozen=True)
class Both:
    """Where the two stand on one criterion now, and what the lead said, if anything."""

    first: str
    second: str
    decided_by: UUID
    """Who made the first decision."""
    ruled: str = ""

    @property
    def agreed(self) -> str:
        """The outcome that both hold, or that the lead settled; empty while they differ."""
        return self.ruled or (self.first if self.first == self.second else "")


@dataclass(frozen=True)
class Pair:
    """One answer that is judged by two people, as the rules see it."""

    learner: UUID
    second: UUID
    deciders: frozenset[UUID]
    """Everybody who has decided on the answer."""
    is_judged: bool = False
    is_called_off: bool = False
    both: Mapping[str, Both] = field(default_factory=dict)
    decided: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By criterion, the outcomes of the first decision and of those after it."""

    @property
    def to_decide_again(self) -> tuple[str, ...]:
        """The criteria on which nobody has decided yet what was agreed. What comes after that is another story."""
        return tuple(
            key for key, one in self.both.items() if one.agreed and one.agreed not in self.decided.get(key, ())
        )

    @property
    def stage(self) -> Stage:
        """How far it has come."""
        if self.is_called_off:
            return Stage.CALLED_OFF
        if not self.is_judged:
            return Stage.TO_JUDGE
        if not all(one.agreed for one in self.both.values()):
            return Stage.TO_AGREE
        return Stage.TO_DECIDE_AGAIN if self.to_decide_again else Stage.SETTLED


def ask(
    standing: Standing, *, by: UUID, is_decided: bool, is_running: bool, chosen: UUID, able: Collection[UUID], why: str
) -> Step:
    """Ask an assessor for a blind second judgement. `able`: who may judge it and has not seen what was decided."""
    must_be_free(standing, Act.CHECK)
    require(is_decided, "Nobody has decided this answer yet, so there is nothing to judge a second time.")
    require(not is_running, "A colleague is judging this answer a second time already.")
    require(chosen in able, "They cannot judge this answer blind.",
            "Choose an assessor of this unit who has not decided, taught or read it.")  # fmt: skip
    require(chosen != by, "You cannot ask yourself.", "Choose another assessor.")
    require(why.strip(), "Write why this answer is judged a second time.")
    return Step(Event.SECOND_MARKING_ASKED)


def judge(
    standing: Standing, pair: Pair, *, by: UUID, criteria: Collection[str], outcomes: Mapping[str, Outcome | None],
    feedback: Mapping[str, str], guidance_is_current: bool,
) -> Step:  # fmt: skip
    """Judge a second time, every criterion together, once, before the first decision is shown."""
    require(pair.second == by, "Another assessor was asked.")
    must_be_free(standing, Act.JUDGE_AGAIN)
    require(not pair.is_called_off, "This second marking was called off.")
    require(not pair.is_judged, "You have judged this answer already.")
    require(guidance_is_current, "The guidance has changed since you opened this page.",
            "Nothing was kept but your draft. Read the new guidance, then judge.")  # fmt: skip
    for criterion in criteria:
        require(outcomes.get(criterion), f"Choose “achieved” or “not yet” for {criterion}.")
        require(feedback.get(criterion, "").strip(), f"Write feedback for {criterion}.")
    require(set(outcomes) == set(criteria), "This answer has other points.", "Open it again.")
    return Step(Event.SECOND_MARKING_JUDGED)


def reconsider(
    standing: Standing, pair: Pair, *, by: UUID, criterion: str, outcome: str, reason: str
) -> tuple[Step, Side]:
    """One of the two comes round to another outcome. That is how they agree. Not with a conflict declared since."""
    one = _open(pair, criterion)
    side = Side.SECOND if by == pair.second else Side.FIRST
    require(by in (pair.second, one.decided_by), "Only the two who judged this point can agree on it.")
    must_be_free(standing, Act.JUDGE)
    held = one.second if side is Side.SECOND else one.first
    require(outcome != held, "This is what you said before, so nothing changes.",
            "Talk it over, or ask the lead internal quality assurer to settle it.")  # fmt: skip
    require(reason.strip(), "Write why you come to this outcome.")
    return Step(Event.SECOND_MARKING_RECONSIDERED), side


def settle(standing: Standing, pair: Pair, *, criterion: str, reason: str) -> Step:
    """The lead internal quality assurer settles what the two do not agree on. Neither of them ever does."""
    must_be_free(standing, Act.CHECK)
    _open(pair, criterion)
    require(reason.strip(), "Write why you settle it so.")
    return Step(Event.SECOND_MARKING_SETTLED)


def _open(pair: Pair, criterion: str) -> Both:
    require(pair.is_judged and not pair.is_called_off, "The second judgement is not there yet.")
    require(criterion in pair.both, "This point was not judged twice.")
    one = pair.both[criterion]
    require(not one.agreed, "There is one outcome on this point already.")
    return one


def call_off(standing: Standing, pair: Pair, *, why: str) -> Step:
    """Take back the asking while nobody has judged."""
    must_be_free(standing, Act.CHECK)
    require(not pair.is_called_off, "This second marking was called off already.")
    require(not pair.is_judged, "It has been judged, so it can no longer be called off.",
            "Let the two agree, or settle it.")  # fmt: skip
    require(why.strip(), "Write why it is called off.")
    return Step(Event.SECOND_MARKING_CALLED_OFF)


def release(*, unsettled: int) -> None:
    """What second marking asks before a batch is released."""
    require(not unsettled, "Work in this batch is judged a second time, and what comes of it is not decided yet.",
            "Look under “Second marking”.")  # fmt: skip


# -- the share that the policy asks for --------------------------------------------------------------------------------


def wanted(percent: int, decided: int) -> int:
    """How many of an assessor's decided answers the policy wants judged twice: rounded up, so that few still count."""
    return math.ceil(decided * percent / 100)


def drawn(answers: Iterable[UUID], count: int) -> list[UUID]:
    """Draw answers by a hash of their ids: nobody picks, and anybody can draw them again."""
    in_order = sorted(answers, key=lambda one: hashlib.sha256(b"second marking|" + one.bytes).digest())
    return in_order[: max(0, count)]
