"""How a sampling plan is drawn: pure, seeded and explained. The same seed and facts give the same plan.

The draw has two steps. First it takes what the policy wants in every sample (each assessor, unit, criterion, kind and
sort of work), always the answer that meets most of what is still missing. Then it fills each assessor's share by lot.
An answer's lot is the SHA-256 of the seed and its id, so that anybody can work it out again, in any language.
"""

from __future__ import annotations

import enum
import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, cached_property
from uuid import UUID

from course.enrolment.policy import Sampling

A_YEAR = timedelta(days=365)
"""How long a sample counts towards the cover of units and criteria, and a disagreement towards a closer look."""
ENOUGH = 10
"""Decisions on either side before one pass rate is compared with another's."""
STANDS_OUT = 2.0
"""Standard errors between an assessor's pass rate and the others': by chance alone, about one in twenty."""
NEAR = 1
"""Points between a unit's sum and its threshold that make it borderline."""


class Stage(enum.StrEnum):
    """When a plan is drawn: while work is under way, or when units are finished and about to be released."""

    INTERIM = "interim"
    FINAL = "final"


class Need(enum.StrEnum):
    """What a sample must hold over the year: one of each of these, or of each assessor one of each sort of work."""

    ASSESSOR = "every-assessor"
    UNIT = "every-unit"
    CRITERION = "every-criterion"
    KIND = "every-kind"
    SAFETY = "safety-critical"
    NOT_YET = "not-yet-achieved"
    LATER = "later-attempts"
    BORDERLINE = "borderline"
    DEPARTURE = "departures"
    ADJUSTED = "adjustments"
    PRIOR = "prior-learning"


class Because(enum.StrEnum):
    """Why an assessor has the share that they have."""

    USUAL = "usual"
    NEW = "new"
    DISAGREED = "disagreed"
    OUTLYING = "outlying"


TELLING = (
    Need.SAFETY, Need.DEPARTURE, Need.ADJUSTED, Need.PRIOR, Need.BORDERLINE, Need.NOT_YET, Need.LATER, Need.ASSESSOR,
    Need.CRITERION, Need.UNIT, Need.KIND,
)  # fmt: skip
"""Needs, the one first that says most about why an answer is worth a look."""

Missing = tuple[Need, str]
"""One thing a sample must hold: the need, and of what, for example ("every-criterion", "04-…/2.2")."""


@dataclass(frozen=True)
class Decided:
    """One decision that counts."""

    assessor: UUID
    criterion: str
    achieved: bool


@dataclass(frozen=True)
class Item:
    """One judged answer in the pool. `sorts`: the sorts of work it is. `is_sampled`: a sample of the year has it."""

    id: UUID
    unit: str
    kind: str
    decisions: tuple[Decided, ...]
    sorts: frozenset[Need] = frozenset()
    is_sampled: bool = False

    @cached_property
    def assessors(self) -> frozenset[UUID]:
        """Everybody whose decisions count here."""
        return frozenset(one.assessor for one in self.decisions)

    def decided_by(self, assessor: UUID) -> int:
        """How many of its decisions somebody made."""
        return sum(one.assessor == assessor for one in self.decisions)


@dataclass(frozen=True)
class Evidence:
    """What is known about an assessor beside the pool: first appointed when, and asked to act how often in a year."""

    since: date | None = None
    disagreements: int = 0


@dataclass(frozen=True)
class Share:
    """How much of one assessor's decisions a plan asks for, why, and how much it has."""

    assessor: UUID
    decisions: int
    achieved: int
    before: int
    """Decisions in samples opened before."""
    hundredths: int
    """Hundredths of a per cent: 1000 is 10%."""
    because: tuple[Because, ...]
    drawn: int = 0

    @property
    def wanted(self) -> int:
        """Decisions to look at, rounded up."""
        return -(-self.decisions * self.hundredths // 10_000)

    @property
    def sampled(self) -> int:
        """Decisions in a sample, earlier ones included."""
        return self.before + self.drawn

    @property
    def is_met(self) -> bool:
        """Whether that is enough."""
        return self.sampled >= self.wanted


@dataclass(frozen=True)
class Cover:
    """One thing that a sample must hold: answers that have it in the pool, in earlier samples and in this plan."""

    need: Need
    of: str
    pool: int
    before: int
    drawn: int = 0

    @property
    def is_met(self) -> bool:
        """Whether at least one is sampled."""
        return self.before + self.drawn > 0


@dataclass(frozen=True)
class Line:
    """One answer that was drawn, and why: what it was the first to bring, or whose share it fills."""

    id: UUID
    brings: tuple[Missing, ...] = ()
    fills: tuple[tuple[Because, UUID], ...] = ()

    @property
    def headline(self) -> tuple[str, str]:
        """The most telling reason: the need it meets, or why an assessor's share is what it is, and whose."""
        if self.brings:
            need, of = min(self.brings, key=lambda one: (TELLING.index(one[0]), one[1]))
            return (need.value, of if need is Need.ASSESSOR else "")
        because, assessor = self.fills[0]
        return (because.value, "" if because is Because.USUAL else str(assessor))


@dataclass(frozen=True)
class Drawn:
    """A draw, counted: enough to say later, without reading the pool again, what was asked and what was reached."""

    answers: int
    decisions: int
    shares: tuple[Share, ...]
    covers: tuple[Cover, ...]
    lines: tuple[Line, ...] = field(default=(), compare=False)
    reasons: tuple[tuple[str, str, int], ...] = ()
    """How many lines have each headline."""

    @property
    def gaps(self) -> tuple[Cover, ...]:
        """What the year's samples do not hold, although there is some."""
        return tuple(one for one in self.covers if not one.is_met)

    @property
    def short(self) -> tuple[Share, ...]:
        """The assessors of whom too little is sampled."""
        return tuple(one for one in self.shares if not one.is_met)

    @property
    def is_compliant(self) -> bool:
        """Whether the plan holds what the policy asks. Worked out, never ticked."""
        return not self.gaps and not self.short


# -- the draw ----------------------------------------------------------------------------------------------------------


def lot(seed: int, item: UUID) -> str:
    """Where chance puts an answer: the smallest is drawn first."""
    return hashlib.sha256(f"{seed}|{item}".encode()).hexdigest()


def draw(
    pool: Iterable[Item], policy: Sampling, stage: Stage, *, seed: int, by: UUID, evidence: Mapping[UUID, Evidence],
    today: date,
) -> Drawn:  # fmt: skip
    """Draw a plan. What `by` decided is no part of it: nobody samples their own decisions."""
    items = sorted((one for one in pool if by not in one.assessors), key=lambda one: lot(seed, one.id))
    shares = shares_of(items, policy, stage, evidence, today)
    meets = {one.id: needs_of(one, policy) for one in items}
    free = [one for one in items if not one.is_sampled]
    done = {need for one in items if one.is_sampled for need in meets[one.id]}
    lines = _cover(free, meets, done)
    _fill(free, lines, shares)
    chosen = set(lines)
    drawn = Counter(made.assessor for one in items if one.id in chosen for made in one.decisions)
    headlines = Counter(one.headline for one in lines.values())
    return Drawn(
        len(items), sum(len(one.decisions) for one in items),
        tuple(replace(share, drawn=drawn[share.assessor]) for share in shares.values()),
        _covers(items, meets, chosen), tuple(lines.values()),
        tuple((why, of, count) for (why, of), count in sorted(headlines.items())),
    )  # fmt: skip


def shares_of(
    items: Collection[Item], policy: Sampling, stage: Stage, evidence: Mapping[UUID, Evidence], today: date
) -> dict[UUID, Share]:
    """What is asked of each assessor, from their experience, past disagreements and pass rate."""
    made: Counter[UUID] = Counter()
    achieved: Counter[UUID] = Counter()
    before: Counter[UUID] = Counter()
    for item in items:
        for one in item.decisions:
            made[one.assessor] += 1
            achieved[one.assessor] += one.achieved
            before[one.assessor] += item.is_sampled
    everybody = (sum(achieved.values()), sum(made.values()))
    found = {}
    for assessor in sorted(made):
        own = (achieved[assessor], made[assessor])
        others = (everybody[0] - own[0], everybody[1] - own[1])
        because = _because(evidence.get(assessor, Evidence()), policy, own, others, today)
        found[assessor] = Share(
            assessor, own[1], own[0], before[assessor], _hundredths(because, policy, stage), because
        )
    return found


def _because(
    known: Evidence, policy: Sampling, own: tuple[int, int], others: tuple[int, int], today: date
) -> tuple[Because, ...]:
    asked = (
        (Because.NEW, known.since is not None and today - known.since < timedelta(days=policy.new_for)),
        (Because.DISAGREED, known.disagreements > 0),
        (Because.OUTLYING, is_outlying(own, others)),
    )
    return tuple(one for one, applies in asked if applies) or (Because.USUAL,)


def _hundredths(because: Collection[Because], policy: Sampling, stage: Stage) -> int:
    usual = policy.percent * (policy.interim if stage is Stage.INTERIM else 100)
    new = policy.new_assessor * 100 if Because.NEW in because else 0
    raised = policy.raised_percent * 100 if {Because.DISAGREED, Because.OUTLYING} & set(because) else 0
    return max(usual, new, raised)


def is_outlying(own: tuple[int, int], others: tuple[int, int]) -> bool:
    """Whether one pass rate stands out: two proportions (achieved, of how many), pooled standard error."""
    (achieved, made), (others_achieved, others_made) = own, others
    if made < ENOUGH or others_made < ENOUGH:
        return False
    pooled = (achieved + others_achieved) / (made + others_made)
    error = math.sqrt(pooled * (1 - pooled) * (1 / made + 1 / others_made))
    return error > 0 and abs(achieved / made - others_achieved / others_made) / error >= STANDS_OUT


def needs_of(item: Item, policy: Sampling) -> frozenset[Missing]:
    """Everything that this answer brings to a sample, as far as the policy asks for it."""
    asked = _asked(tuple(policy.always))
    assessors = [str(one) for one in item.assessors]
    found: set[Missing] = set()
    if Need.UNIT in asked:
        found.add((Need.UNIT, item.unit))
    if Need.KIND in asked:
        found.add((Need.KIND, item.kind))
    if Need.CRITERION in asked:
        found.update((Need.CRITERION, f"{item.unit}/{one.criterion}") for one in item.decisions)
    sorts = item.sorts & asked if Need.ASSESSOR not in asked else (item.sorts & asked) | {Need.ASSESSOR}
    found.update((sort, one) for sort in sorts for one in assessors)
    return frozenset(found)


@cache
def _asked(always: tuple[str, ...]) -> frozenset[Need]:
    return frozenset(Need(one) for one in always)


def _cover(free: list[Item], meets: Mapping[UUID, frozenset[Missing]], done: set[Missing]) -> dict[UUID, Line]:
    """Take the answer that brings most of what is missing, until nothing more can be brought. `free` is in lot order.

    Answers that bring the same stand in one group, the first by lot in front: a group is weighed once, not each answer.
    """
    first: dict[frozenset[Missing], Item] = {}
    for item in free:
        first.setdefault(meets[item.id], item)
    missing = {need for needs in first for need in needs} - done
    lines: dict[UUID, Line] = {}
    while missing:
        best = max(first, key=lambda needs: len(needs & missing))  # the earliest lot wins a tie: first keeps its order
        item = first.pop(best)
        lines[item.id] = Line(item.id, brings=tuple(sorted(best & missing)))
        missing -= best
    return lines


def _fill(free: list[Item], lines: dict[UUID, Line], shares: Mapping[UUID, Share]) -> None:
    """Add answers by lot until each assessor's share is reached."""
    left = {one.assessor: one.wanted - one.before for one in shares.values()}
    for item in free:
        if item.id in lines:
            for one in item.decisions:
                left[one.assessor] -= 1
    for item in free:
        wanting = [one for one in sorted(item.assessors) if left[one] > 0]
        if item.id in lines or not wanting:
            continue
        lines[item.id] = Line(item.id, fills=tuple((shares[one].because[0], one) for one in wanting))
        for made in item.decisions:
            left[made.assessor] -= 1


def _covers(
    items: Iterable[Item], meets: Mapping[UUID, frozenset[Missing]], chosen: Collection[UUID]
) -> tuple[Cover, ...]:
    counts: dict[Missing, list[int]] = defaultdict(lambda: [0, 0, 0])
    for item in items:
        for need in meets[item.id]:
            counts[need][0] += 1
            counts[need][1] += item.is_sampled
            counts[need][2] += item.id in chosen
    return tuple(Cover(*need, *numbers) for need, numbers in sorted(counts.items()))
