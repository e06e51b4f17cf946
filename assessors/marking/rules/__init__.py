"""What an assessor may do with an answer: take it, decide it, return it, raise a concern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from uuid import UUID

from assessors.marking.rules.claims import untested
from course.audit import Event
from course.cases.rules import ON_HOLD, UNTIL
from course.independence import Act, Standing, Tie, must_be_free
from course.refusal import Refusal, Step, require
from course.workbook.models import Outcome
from course.workbook.rules import AnswerFacts

LEASE = timedelta(minutes=30)
"""How long an answer is kept for an assessor after the last key."""
LONGEST_FEEDBACK = 5_000
MOST_COMPARED = 2_500
"""Words of each text; longer ones are shown without the comparison."""
NONE_OF_THESE = "none"
"""What an assessor ticks when no item with points was found."""


class OutOfDate(Refusal):
    """A newer decision exists, the guidance changed, or somebody else has the answer: nothing is decided."""


@dataclass(frozen=True)
class Case:
    """One answer as the rules of marking see it. Peers, other centres and taken-back answers never come this far."""

    answer: AnswerFacts
    learner: UUID
    guidance: str
    """Hash of the guidance in force; empty for a knowledge check."""
    now: datetime
    held_by_other: str = ""
    """Who holds a running lease, and until when, in words ("Priya, until 2:40pm"); empty when nobody else does."""
    is_latest: bool = True
    is_reopened: bool = False
    """Whether an action or appeal asks for a new number although the answer was returned."""
    returns_at_once: bool = True
    is_sampled: bool = False
    """Whether quality assurance has let decisions that wait for it go."""
    is_conflicted: bool = False
    """Whether a conflict of interest keeps the person apart from the learner."""
    is_apart_from_trainee: bool = False
    """Whether one keeps them apart from who made the decisions to be countersigned."""
    is_trainee: bool = False
    """Whether the person acts under an appointment whose decisions need a countersignature."""
    trainees: frozenset[UUID] = frozenset()
    """Who made the decisions that count under such an appointment."""
    is_countersigned: bool = False
    """Whether a qualified assessor agreed with the decisions as they are now."""
    is_sent_back: bool = False
    """Whether one sent them back, and nothing was decided since."""
    waits_for_a_person: bool = False
    """Whether it was handed in after its date, and nobody has let it in yet."""
    is_witness: bool = False
    """Whether the assessor gave the statement that the answer rests on."""
    is_on_hold: bool = False
    """Whether an appeal or a case about it is open."""
    is_appealed: bool = False
    """Whether the assessor decided it before an appeal about it was upheld: somebody else judges it anew."""
    is_blind: bool = False
    """Whether the assessor has still to judge it a second time, without seeing what was decided."""
    agreed: Mapping[str, str] = field(default_factory=dict)
    """By criterion, the outcome that two people came to and that was not decided yet; empty while they differ."""
    is_claim: bool = False
    """Whether it claims prior learning, so that a criterion is achieved only when it stands the five tests."""
    needs_ticks: bool = False
    """Whether the unit has a threshold in points, so that every criterion says what was found."""

    def standing(self, by: UUID) -> Standing:
        """How the person stands to it, from what the desk has read."""
        ties = {
            Tie.OWN: self.learner == by, Tie.APART: self.is_conflicted, Tie.WITNESSED: self.is_witness,
            Tie.APART_FROM_JUDGE: self.is_apart_from_trainee,
            Tie.DECIDED: any(one.decided_by == by for one in self.answer.decisions),
        }  # fmt: skip
        return Standing(frozenset(tie for tie, holds in ties.items() if holds))

    def is_held_by(self, person: UUID) -> bool:
        """Whether this person took the answer last and nobody has taken it since, even if the time has run out."""
        lease = self.answer.lease
        return lease is not None and lease.person_id == person and lease.ended_at is None

    @property
    def is_disputed(self) -> bool:
        """Whether a second person judges it, and there is no one outcome yet."""
        return not all(self.agreed.values())

    @property
    def can_be_decided(self) -> bool:
        """Whether it still waits for decisions, or for another number: until the newest are returned."""
        again = self.is_reopened or self.answer.is_unsettled
        return again or (self.is_latest and not self.answer.is_returned)

    @property
    def needs_countersignature(self) -> bool:
        """Whether decisions of somebody who trains wait for a qualified assessor."""
        return bool(self.trainees) and not self.is_countersigned

    @property
    def is_overtaken(self) -> bool:
        """Whether a newer answer has taken its place. One that is to be decided again is judged all the same."""
        return not self.is_latest and not self.is_reopened and not self.answer.is_unsettled


@dataclass(frozen=True)
class Judged:
    """What an assessor says about one criterion, and which decision (number) they saw when they said it."""

    criterion: str
    outcome: Outcome | None
    feedback: str
    ticks: tuple[str, ...] = ()
    base: int = 0
    keep: bool = False


@dataclass(frozen=True)
class Judgement:
    """Everything posted from one judgement page."""

    criteria: Mapping[str, Judged] = field(default_factory=dict)
    guidance: str = ""


def take(case: Case, *, by: UUID) -> None:
    """Take an answer, or take it again. A lease is pencil: it leaves no audit entry. Raises Refusal."""
    _may_judge(case, by)
    require(not case.is_overtaken, "The learner has handed in a newer answer.", "Open the newer answer from the queue.")
    require(case.can_be_decided, "This answer is returned, so there is nothing to decide.")
    _let_in(case)
    require(not case.held_by_other, f"This answer is with {case.held_by_other}.", "Take another answer from the queue.")


def _let_in(case: Case) -> None:
    require(not case.waits_for_a_person, "This answer was handed in after its date, and waits for a person.",
            "An internal quality assurer looks at why it was late, and lets it in.")  # fmt: skip


def check_current(case: Case, judgement: Judgement, *, by: UUID) -> None:
    """Refuse a page that no longer fits: OutOfDate when a decision, the guidance or the lease changed meanwhile."""
    _may_judge(case, by)
    if case.is_overtaken or case.held_by_other or not case.is_held_by(by):
        raise OutOfDate(_who_has_it(case, judgement, by), "Nothing was decided on this page.")
    require(case.can_be_decided, "This answer is returned already, so nothing was decided.")
    if judgement.guidance != case.guidance:
        raise OutOfDate("The guidance has changed since you opened this page.",
                        "Nothing was decided. Read the new guidance, then decide again.")  # fmt: skip
    open_now = set(case.answer.open_criteria)
    if set(judgement.criteria) != open_now or any(_is_stale(case, judged) for judged in judgement.criteria.values()):
        raise OutOfDate("There is a newer decision on this answer.",
                        "Nothing was decided. Both are shown below.")  # fmt: skip
    chosen = {judged.criterion: str(judged.outcome or "") for judged in judgement.criteria.values()}
    if found := against(case, {criterion: outcome for criterion, outcome in chosen.items() if outcome}):
        raise OutOfDate(f"Two people came to another outcome on {' and '.join(found)}.",
                        "Nothing was decided. Look under “Second marking”, then decide again.")  # fmt: skip


def decide(case: Case, judgement: Judgement, *, by: UUID) -> Step:
    """Decide every open criterion of an answer together. Raises Refusal, or OutOfDate when the page was too old."""
    check_current(case, judgement, by=by)
    for judged in judgement.criteria.values():
        require(judged.outcome is not None, f"Choose “achieved” or “not yet” for {judged.criterion}.")
        require(judged.feedback.strip(), f"Write feedback for {judged.criterion}.")
        if case.is_claim and judged.outcome == Outcome.ACHIEVED:
            left = untested(judged.ticks)
            require(not left, untested_in_words(judged.criterion, left))
    return Step(Event.ANSWER_DECIDED)


def untested_in_words(criterion: str, left: Sequence[str]) -> str:
    """What an assessor is told whose claim of prior learning does not stand every test yet."""
    needed = f"Prior learning is achieved for {criterion} only if it is {', '.join(left)}."
    return f"{needed} Tick what you found, or choose “not yet”."


def against(case: Case, outcomes: Mapping[str, str]) -> list[str]:
    """The criteria on which these outcomes are not what two people came to."""
    agreed = {criterion: outcome for criterion, outcome in case.agreed.items() if outcome}
    return [criterion for criterion, outcome in agreed.items() if outcomes.get(criterion, outcome) != outcome]


def _who_has_it(case: Case, judgement: Judgement, by: UUID) -> str:
    if case.is_overtaken:
        return "The learner has handed in a newer answer."
    if case.held_by_other:
        return f"{case.held_by_other.split(',')[0]} has taken this answer since you opened it."
    newer = [case.answer.standing.get(one.criterion) for one in judgement.criteria.values() if _is_stale(case, one)]
    if newer:
        is_own = all(one is not None and one.decided_by == by for one in newer)
        who = "You have" if is_own else "Somebody has"
        return f"{who} decided on this answer since you opened this page."
    return "You have put this answer back, or somebody else has had it since."


def _is_stale(case: Case, judged: Judged) -> bool:
    standing = case.answer.standing.get(judged.criterion)
    return judged.base != (standing.number if standing else 0)


def next_number(case: Case, criterion: str) -> int:
    """The number of the next decision on a criterion: the highest counts."""
    return max((one.number for one in case.answer.decisions if one.criterion == criterion), default=0) + 1


def confirm_check(case: Case, *, by: UUID) -> Step:
    """Confirm a right knowledge check without opening it. Raises Refusal."""
    _may_judge(case, by)
    require(case.answer.kind in {"choice", "order", "match"}, "Only knowledge checks can be confirmed together.")
    require(
        case.can_be_decided and not case.answer.decisions, "One of these is decided already.", "Look at the list again."
    )
    _let_in(case)
    require(not case.held_by_other, f"One of these is with {case.held_by_other}.", "Look at the list again.")
    return Step(Event.ANSWER_DECIDED)


def return_answer(case: Case, *, by: UUID) -> Step:
    """Show an answer's decisions to the learner. Raises Refusal."""
    must_be_free(case.standing(by), Act.JUDGE)
    require(not case.is_on_hold, ON_HOLD, UNTIL)
    _sees(case)
    require(case.answer.decisions and case.answer.is_decided, "Decide every point before you return this answer.")
    require(_has_unreturned(case), "The learner has these decisions already.")
    require(not case.held_by_other, f"This answer is with {case.held_by_other}.", "Wait until they have finished.")
    require(not case.is_disputed, "A colleague judges this answer a second time, and there is no one outcome yet.",
            "Look under “Second marking”.")  # fmt: skip
    other = " and ".join(against(case, {one.criterion: one.outcome for one in case.answer.standing.values()}))
    require(not other, f"Two people came to another outcome on {other}.", "Decide the answer again first.")
    trains = case.is_trainee and not case.is_countersigned
    require(not trains and not case.needs_countersignature, "These decisions wait for a countersignature.",
            "They stay under “Held” until a qualified colleague has agreed.")  # fmt: skip
    require(case.returns_at_once or case.is_sampled, "Here, decisions are returned after a sample has been checked.",
            "They stay under “Held” until then.")  # fmt: skip
    return Step(Event.ANSWER_RETURNED)


def _has_unreturned(case: Case) -> bool:
    return any(decision.returned_at is None for decision in case.answer.standing.values())


def may_return(case: Case, *, by: UUID) -> bool:
    """Whether a decision made now could be returned at once by this person."""
    held = case.is_trainee or case.is_disputed
    return case.learner != by and not held and (case.returns_at_once or case.is_sampled)


AGREE, SEND_BACK = "agree", "send-back"


def countersign(case: Case, *, by: UUID, finding: str, comment: str) -> Step:
    """Agree with a trainee's decisions, or send them back. Never one's own, never as a trainee. Raises Refusal."""
    must_be_free(case.standing(by), Act.COUNTERSIGN)
    require(not case.is_trainee, "You train yourself, so you cannot countersign.", "A qualified colleague does it.")
    require(case.answer.decisions and case.answer.is_decided and _has_unreturned(case), "Nothing waits here for a "
            "countersignature.", "Look at the list again.")  # fmt: skip
    require(case.needs_countersignature and not case.is_sent_back, "Nothing waits here for a countersignature.",
            "Look at the list again.")  # fmt: skip
    require(not case.held_by_other, f"This answer is with {case.held_by_other}.", "Wait until they have finished.")
    require(finding == AGREE or comment.strip(), "Write what should be decided otherwise, and why.")
    return Step(Event.DECISIONS_COUNTERSIGNED if finding == AGREE else Event.DECISIONS_SENT_BACK)


def raise_concern(case: Case, *, by: UUID, is_raised: bool) -> Step:
    """Send a reference to the safeguarding lead, never the text. It pauses nothing. Raises Refusal."""
    must_be_free(case.standing(by), Act.NOTE)
    require(not is_raised, "You have raised this already.", "The safeguarding lead has it on their list.")
    return Step(Event.CONCERN_RAISED)


def acknowledge(*, raised_by: UUID, by: UUID, is_acknowledged: bool) -> Step:
    """Note that the safeguarding lead has seen a concern. Raises Refusal."""
    require(raised_by != by, "You raised this yourself, so another safeguarding lead looks at it.")
    require(not is_acknowledged, "This is acknowledged already.")
    return Step(Event.CONCERN_ACKNOWLEDGED)


def depart(standing: Standing, *, is_below: bool, all_criteria: bool, reason: str) -> Step:
    """Hold a unit achieved although its threshold is not met. Raises Refusal."""
    must_be_free(standing, Act.JUDGE)
    require(all_criteria, "Every point must be achieved first.", "A departure stands in for marks, never for a point.")
    require(is_below, "This unit meets its threshold, so there is nothing to depart from.")
    require(reason.strip(), "Write why this unit is achieved all the same.")
    return Step(Event.UNIT_DEPARTED)


def _may_judge(case: Case, by: UUID) -> None:
    must_be_free(case.standing(by), Act.JUDGE)
    _sees(case)
    require(not case.is_on_hold, ON_HOLD, UNTIL)
    require(not case.is_appealed, "The learner’s appeal about your decision was upheld, so somebody else judges this.",
            "Leave it for another assessor.")  # fmt: skip


def _sees(case: Case) -> None:
    require(not case.is_blind, "You have still to judge this answer a second time, without seeing what was decided.",
            "Open it under “Second marking”.")  # fmt: skip


# -- what the page is told ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tickable:
    """One thing to look for, as far as counting needs it."""

    id: str
    level: str
    points: int | None


def points_of(items: Iterable[Tickable], ticks: Iterable[str]) -> int:
    """The points of ticked *should* and *could* items."""
    ticked = set(ticks)
    return sum(item.points or 0 for item in items if item.id in ticked and item.level in {"should", "could"})


def proposal(items: Sequence[Tickable], ticks: Iterable[str]) -> Outcome | None:
    """What the ticks point to: every *must* is there, or a *not yet* is. The assessor chooses."""
    ticked = set(ticks)
    if any(item.id in ticked and item.level == "not-yet" for item in items):
        return Outcome.NOT_YET_ACHIEVED
    musts = {item.id for item in items if item.level == "must"}
    return Outcome.ACHIEVED if musts and musts <= ticked else None


Run = tuple[str, str]
"""("same" | "ins" | "del", words)."""


def what_changed(before: str, after: str) -> tuple[list[Run], list[Run]] | None:
    """The two texts word by word: what was taken out of the first, what is new in the second. None when too long."""
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    if len(old) > 2 * MOST_COMPARED or len(new) > 2 * MOST_COMPARED:
        return None
    left: list[Run] = []
    right: list[Run] = []
    for op, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if b > a:
            left.append(("same" if op == "equal" else "del", "".join(old[a:b])))
        if d > c:
            right.append(("same" if op == "equal" else "ins", "".join(new[c:d])))
    return left, right


def without_names(words: str, names: Iterable[str]) -> str:
    """A comment fit for the next learner: this learner's names are taken out."""
    for name in sorted({part for whole in names for part in whole.split() if len(part) > 1}, key=len, reverse=True):
        words = re.sub(rf"\b{re.escape(name)}\b", "…", words, flags=re.IGNORECASE)
    return words
