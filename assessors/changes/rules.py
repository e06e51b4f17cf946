"""What changing guidance or a policy would do to decisions, and who may change them or send a decision back."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from uuid import UUID

from assessors.guidance.compiled import Item
from assessors.marking.rules import Tickable, proposal
from course.audit import Event
from course.cases.rules import ON_HOLD, UNTIL
from course.enrolment.policy import CompiledPolicy, CountThreshold, PointsThreshold, Threshold
from course.independence import Act, Standing, must_be_free
from course.refusal import Refusal, Step, require
from course.workbook.models import Outcome

ALIKE = 0.5
"""From this share of common letters on, an item counts as the same one reworded."""


class Effect(enum.StrEnum):
    """What a change would do to one decision or one learner's unit."""

    LOSES = "loses"
    GAINS = "gains"
    UNKNOWN = "unknown"
    STAYS = "stays"


# -- two versions of guidance ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ItemChange:
    """One item of guidance that is new, gone or reworded. Items that only moved are no change."""

    level: str
    criterion: str | None
    old: Item | None
    new: Item | None


def changes(old: Sequence[Item], new: Sequence[Item]) -> list[ItemChange]:
    """What changed between the items of two versions of the guidance on one question, in the new order.

    Items have no name that lasts: those with the same words are the same; of the rest, the most alike are one reworded.
    """
    kept = {was: now for was, now in same_items(old, new).items() if _points(old, was) == _points(new, now)}
    before = [item for item in old if item.id not in kept]
    after = [item for item in new if item.id not in kept.values()]
    paired = _reworded(before, after)
    gone = [item for item in before if item.id not in {was.id for was in paired.values()}]
    found = [ItemChange(item.level, item.criterion, paired.get(item.id), item) for item in after]
    return found + [ItemChange(item.level, item.criterion, item, None) for item in gone]


def _points(items: Sequence[Item], id: str) -> int | None:
    return next(item.points for item in items if item.id == id)


def same_items(old: Sequence[Item], new: Sequence[Item]) -> dict[str, str]:
    """The items that are in both versions word for word: old id to new id."""
    left: dict[tuple[str, str | None, str], list[str]] = {}
    for item in new:
        left.setdefault((item.level, item.criterion, item.text), []).append(item.id)
    found = {}
    for item in old:
        same = left.get((item.level, item.criterion, item.text))
        if same:
            found[item.id] = same.pop(0)
    return found


def _reworded(before: Sequence[Item], after: Sequence[Item]) -> dict[str, Item]:
    """For each new item the old one of the same level and criterion that it rewords, the most alike first."""
    likeness = sorted(
        (
            (-SequenceMatcher(None, was.text, now.text, autojunk=False).ratio(), at, of, was, now)
            for at, was in enumerate(before)
            for of, now in enumerate(after)
            if (was.level, was.criterion) == (now.level, now.criterion)
        ),
        key=lambda one: one[:3],
    )
    found: dict[str, Item] = {}
    taken: set[str] = set()
    for share, _, _, was, now in likeness:
        if -share >= ALIKE and was.id not in taken and now.id not in found:
            found[now.id] = was
            taken.add(was.id)
    return found


class Why(enum.StrEnum):
    """Why a decision is named in a preview; each reads as the end of a sentence."""

    UNTOUCHED = "rests on nothing that changed"
    MUST_UNMET = "nobody has looked for a “must” that is new or reworded"
    NOT_YET_ITEM = "nobody has looked for a “not yet” that is new or reworded"
    NOW_MET = "every “must” that is left was ticked"
    NOTHING_TICKED = "no box was ticked, so nothing says what it rests on"
    OTHERWISE = "the assessor decided otherwise than the ticks say"
    STILL_UNMET = "a “must” that has not changed was not ticked"
    REWORDED = "the “must” that was not ticked is new or reworded"


def what_follows(old: Sequence[Item], new: Sequence[Item], ticks: Iterable[str], outcome: str) -> tuple[Effect, Why]:
    """What new guidance on one criterion would do to a decision made under the old: the proposal of the desk, again.

    Ticks carry over to items that kept their words. The assessor's own judgement cannot be computed: where it went
    against the ticks, or nothing was ticked, the answer is that nobody knows without looking.
    """
    ticked = set(ticks)
    kept = same_items(old, new)
    touched = {one.level for one in changes(old, new)}
    if not touched & {"must", "not-yet"}:
        return Effect.STAYS, Why.UNTOUCHED
    if not ticked:
        return Effect.UNKNOWN, Why.NOTHING_TICKED
    then = proposal(_tickable(old), ticked)
    now = proposal(_tickable(new), {kept[tick] for tick in ticked if tick in kept})
    if outcome == Outcome.ACHIEVED:
        return _of_achieved(then, now, touched)
    return _of_not_yet(then, now, old, kept, ticked)


def _of_achieved(then: Outcome | None, now: Outcome | None, touched: set[str]) -> tuple[Effect, Why]:
    if then != Outcome.ACHIEVED:
        return Effect.UNKNOWN, Why.OTHERWISE
    if now != Outcome.ACHIEVED:
        return Effect.LOSES, Why.MUST_UNMET
    return (Effect.UNKNOWN, Why.NOT_YET_ITEM) if "not-yet" in touched else (Effect.STAYS, Why.UNTOUCHED)


def _of_not_yet(
    then: Outcome | None, now: Outcome | None, old: Sequence[Item], kept: Mapping[str, str], ticked: set[str]
) -> tuple[Effect, Why]:
    if then == Outcome.ACHIEVED:
        return Effect.UNKNOWN, Why.OTHERWISE
    if now == Outcome.ACHIEVED:
        return Effect.GAINS, Why.NOW_MET
    unmet = any(item.level == "must" and item.id in kept and item.id not in ticked for item in old)
    blocked = any(item.level == "not-yet" and item.id in kept and item.id in ticked for item in old)
    return (Effect.STAYS, Why.STILL_UNMET) if unmet or blocked else (Effect.UNKNOWN, Why.REWORDED)


def _tickable(items: Sequence[Item]) -> list[Tickable]:
    return [Tickable(item.id, item.level, item.points) for item in items if item.level != "misconceptions"]


# -- two policies ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitFacts:
    """One learner's unit under one policy, as far as a change can touch it."""

    is_achieved: bool
    used_up: frozenset[str] = frozenset()
    """Questions at which no go is left."""
    needed: int | None = None
    """What the threshold asks for, and what there is of it; None without one."""
    have: int = 0
    counts_points: bool = False
    has_uncounted: bool = False
    """Whether a decision that counts was made without counting points."""
    has_every_criterion: bool = True


def under_policy(now: UnitFacts, then: UnitFacts) -> tuple[Effect, str]:
    """What a policy would do to one learner's unit, and why, as a sentence. Both come from the same derivation."""
    wants_every = then.needed is None or then.counts_points
    short = then.needed is not None and then.have < then.needed and (then.has_every_criterion or not wants_every)
    if now.is_achieved and not then.is_achieved and short and then.counts_points and then.has_uncounted:
        return Effect.UNKNOWN, "Some of it was decided before marks were counted."
    if now.is_achieved and not then.is_achieved:
        what = "marks" if then.counts_points else "points"
        return Effect.LOSES, f"{then.have} of the {then.needed} {what} it would need." if short else "Not every point."
    if then.used_up - now.used_up:
        return Effect.LOSES, f"No go left at {_questions(then.used_up - now.used_up)}."
    if then.is_achieved and not now.is_achieved:
        return Effect.GAINS, "Enough for the new threshold."
    if now.used_up - then.used_up:
        return Effect.GAINS, f"One more go at {_questions(now.used_up - then.used_up)}."
    return Effect.STAYS, ""


def _questions(keys: Iterable[str]) -> str:
    return ", ".join(f"“{key.replace('-', ' ')}”" for key in sorted(keys))


# -- who may -----------------------------------------------------------------------------------------------------------


LOOK_AGAIN = "Look at who would change, then decide again."


def put_in_force(*, reaches: bool, seen: str, now: str, reason: str) -> None:
    """Put a version in force after looking at who would change. Raises Refusal when the picture has changed since."""
    must_reach(reaches=reaches)
    require(seen == now, "What would change is not what you were shown.", LOOK_AGAIN)
    require(reason.strip(), "Write why.")


def must_reach(*, reaches: bool) -> None:
    """Refuse a version that every cohort is under already: somebody put it in force meanwhile."""
    require(reaches, "Every cohort of yours is under this version already.", "There is nothing more to do.")


def can_be_met(unreachable: Sequence[str]) -> None:
    """Refuse a policy that asks for more marks than anybody could earn. `unreachable`: units by number."""
    units = f"unit{'s' if len(unreachable) > 1 else ''} {' and '.join(unreachable)}"
    require(not unreachable, f"The guidance in force does not give enough marks for {units}, so nobody could pass.",
            "Put guidance with marks in force first.")  # fmt: skip


PARTS = {
    "threshold": ("threshold",), "attempts": ("attempts",), "return": ("return_",), "turnaround": ("turnaround",),
    "reopening": ("reopened_by",), "sampling": ("sampling", "second_marking"),
}  # fmt: skip
"""The fields of a policy that each part which a centre may change stands for."""


def make_own_policy(
    base: CompiledPolicy, wanted: CompiledPolicy, *, may_change: Collection[str], role: str,
    bounds: Mapping[str, tuple[int, tuple[str, ...], int]], gives_credit: bool,
) -> None:  # fmt: skip
    """A centre's own policy changes what the qualification allows, and asks for nothing that nobody can reach.

    `bounds`: by unit code the number of criteria, the safety-critical ones among them, and the most points.
    """
    require(role == LEAD, "Only the lead internal quality assurer changes the centre’s policy.", "Ask them.")
    free = {name for part in may_change for name in PARTS[part]}
    fixed = [name for name in CompiledPolicy.model_fields if getattr(base, name) != getattr(wanted, name)]
    require(fixed, "This is the policy that you began with.", "Change something, then save it.")
    require(set(fixed) <= free, "The qualification does not let a centre change this.")
    for code, threshold in wanted.threshold.items():
        if base.threshold.get(code) != threshold:
            _within(code, threshold, bounds, gives_credit)


def _within(
    code: str, threshold: Threshold, bounds: Mapping[str, tuple[int, tuple[str, ...], int]], gives_credit: bool
) -> None:
    unit = f"unit {code.removeprefix('U')}"
    require(code in bounds, f"There is no {unit} to study.")
    criteria, critical, most = bounds[code]
    match threshold:
        case PointsThreshold(points=points):
            require(most, f"The guidance of {unit} gives no marks, so nobody could earn any.", "Put guidance with "
                    "marks in force first.")  # fmt: skip
            require(0 < points <= most, f"The guidance of {unit} gives {most} marks in all.", "Ask for fewer.")
        case CountThreshold(n=n, must_meet=must):
            require(not gives_credit, "Where a qualification gives credit, every point is needed.", "Use marks.")
            require(0 < n <= criteria, f"Unit {code.removeprefix('U')} has {criteria} points.", "Ask for fewer.")
            require(set(critical) <= set(must), "Nothing makes up for a point about safety.")
            require(len(must) <= n, f"{len(must)} points of {unit} are about safety.", "Ask for at least as many.")


@dataclass(frozen=True)
class Signed:
    """A returned answer as the rules of reopening see it."""

    learner: UUID
    is_returned: bool = True
    is_reopened: bool = False
    has_newer_waiting: bool = False
    """Whether a later answer to the same question is with the assessor."""
    is_released: bool = False
    has_record: bool = False
    is_on_hold: bool = False
    """Whether an appeal or a case about it is open."""


LEAD = "lead-iqa"


def reopen(signed: Signed, standing: Standing, *, by: UUID, role: str, may: str, reason: str) -> Step:
    """Send a returned answer back, to be decided again under a new number. `may`: the role that the policy names."""
    must_reopen(role=role, may=may)
    must_be_free(standing, Act.CHECK)
    _can_go_back(signed, by)
    require(reason.strip(), "Write why this answer is to be decided again.")
    return Step(Event.ANSWER_REOPENED)


def reopen_for_appeal(signed: Signed, *, by: UUID, reason: str) -> Step:
    """Send an answer back because an appeal about it was upheld, whoever upheld it."""
    _can_go_back(signed, by)
    require(reason.strip(), "Write why this answer is to be decided again.")
    return Step(Event.ANSWER_REOPENED)


def must_reopen(*, role: str, may: str) -> None:
    """Only the lead internal quality assurer sends answers back, or also the others where the policy says so."""
    require(role in {LEAD, may}, "Here, only the lead internal quality assurer sends an answer back.",
            "Ask them, with your reason.")  # fmt: skip


def cannot_go_back(signed: Signed, *, by: UUID) -> str:
    """Why an answer cannot be sent back, whoever asks; empty when it can."""
    try:
        _can_go_back(signed, by)
    except Refusal as refusal:
        return f"{refusal.sentence} {refusal.next_step}"
    return ""


def _can_go_back(signed: Signed, by: UUID) -> None:
    require(signed.learner != by, "This is your own work, so you cannot send it back.", "Ask your assessor about it.")
    require(signed.is_returned, "This answer has not been returned, so an assessor can still decide it again.",
            "Ask the assessor to look at it before they return it.")  # fmt: skip
    require(not signed.is_on_hold, ON_HOLD, UNTIL)
    require(not signed.is_reopened, "This answer is sent back already.", "It waits in the assessors’ queue.")
    require(not signed.has_newer_waiting, "The learner has handed in a newer answer, which is not returned yet.",
            "Wait until it is, then look at this one again.")  # fmt: skip
    require(not signed.is_released, "This unit is released for claim, so its decisions cannot be changed.",
            "Ask the lead internal quality assurer to withdraw the result first.")  # fmt: skip
    require(not signed.has_record, "A record of this unit stands, so its decisions cannot be changed.",
            "Ask an admin to revoke the record with the reason.")  # fmt: skip
