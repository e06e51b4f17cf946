"""What a published policy looks like when read back: threshold, attempts, return, selection, sampling."""

from typing import Literal

from course.catalogue.compiled import Frozen

SelectionType = Literal["declaration", "elapsed-time", "document-seen", "reference", "interview", "experience"]

DocumentKind = Literal["dbs", "identity", "other"]
SCORED: frozenset[str] = frozenset({"reference", "interview", "experience"})
"""Kinds of criterion that two people score; the others are a fact that is there or not."""

AlwaysSampled = Literal[
    "every-assessor",
    "every-criterion",
    "every-kind",
    "every-unit",
    "safety-critical",
    "not-yet-achieved",
    "later-attempts",
    "borderline",
    "departures",
    "adjustments",
    "prior-learning",
]


class PointsThreshold(Frozen):
    """At least this many points from ticked *should* and *could* items, on top of every criterion."""

    points: int
    shown: bool = False
    type: Literal["points"] = "points"


class CountThreshold(Frozen):
    """At least `n` criteria instead of every one, those of `must_meet` always among them; only where no credit."""

    n: int
    must_meet: tuple[str, ...] = ()
    type: Literal["n-of-m"] = "n-of-m"


Threshold = PointsThreshold | CountThreshold


Condition = Literal["in-time", "own-work", "no-more-help"]
"""What somebody who authorises a further attempt confirms (BTEC asks for all three: domain.md 3)."""

Changeable = Literal["threshold", "attempts", "return", "turnaround", "reopening", "sampling"]
"""What a qualification may let each centre decide for itself."""

Assurer = Literal["lead-iqa", "iqa"]


class Attempts(Frozen):
    """How many attempts at each question, within how many working days of a return, and who may authorise one more.

    `limit` None means no limit; `window` None means no date. `further` is how many more one person may authorise
    before only a panel can.
    """

    limit: int | None = None
    window: int | None = None
    authorised_by: Assurer = "lead-iqa"
    further: int = 1
    conditions: tuple[Condition, ...] = ()


class SelectionCriterion(Frozen):
    """One thing looked at before a place is offered, or before a placement begins; it can flag, never refuse.

    `ask` is what the applicant reads and answers; `guidance` is what those who score hold it against.
    """

    key: str
    text: str
    type: SelectionType
    stage: Literal["application", "placement"] = "application"
    required: bool = False
    days: int | None = None
    document: DocumentKind | None = None
    ask: str = ""
    guidance: tuple[str, ...] = ()

    @property
    def is_scored(self) -> bool:
        """Whether two people score it."""
        return self.type in SCORED

    @property
    def question(self) -> str:
        """What the applicant is asked."""
        return self.ask or self.text


class Sampling(Frozen):
    """How much of each assessor's marking an IQA opens, in per cent, and what a sample must always hold.

    `interim` and `final` divide `percent`: what is looked at while work is under way, and what when it is finished.
    A new assessor's share, and the raised one, are looked at whole from the start. `new_for` is in days.
    """

    percent: int = 20
    interim: int = 50
    final: int = 50
    new_assessor: int = 100
    new_for: int = 90
    raised: int | None = None
    always: tuple[AlwaysSampled, ...] = ()

    @property
    def raised_percent(self) -> int:
        """The share of an assessor whose marking asks for a closer look: twice the usual, unless the policy says."""
        return min(100, 2 * self.percent) if self.raised is None else self.raised


class Appeals(Frozen):
    """In working days: how long a learner may appeal, each stage may take, and a learner may take it further."""

    within: int = 20
    assessor: int = 5
    iqa: int = 10
    independent: int = 10
    send: int = 5
    """Until the centre has sent it to the awarding organisation; the answer from there has no clock of ours."""
    onward: int = 10


class SecondMarking(Frozen):
    """How many of each assessor's answers are judged a second time, blind, in per cent; whether names are hidden."""

    percent: int = 0
    names: Literal["hidden", "shown"] = "hidden"


class CompiledPolicy(Frozen):
    """One published policy version of a qualification; `threshold` by unit code, a unit not named has none."""

    qualification: str
    threshold: dict[str, Threshold] = {}
    attempts: Attempts = Attempts()
    return_: Literal["at-once", "after-sampling"] = "at-once"
    selection: tuple[SelectionCriterion, ...] = ()
    sampling: Sampling = Sampling()
    second_marking: SecondMarking = SecondMarking()
    turnaround: int = 10
    """Working days from hand-in to return: by then a learner should hear."""
    reopened_by: Assurer = "lead-iqa"
    appeals: Appeals = Appeals()
    cases: int = 20
    """Working days until a case about how work was done has its outcome."""
    centre_may_change: tuple[Changeable, ...] = ()

    def threshold_for(self, unit_code: str) -> Threshold | None:
        """The threshold of the unit called "U4", or None when every criterion is all it needs."""
        return self.threshold.get(unit_code)

    def selection_at(self, stage: Literal["application", "placement"]) -> tuple[SelectionCriterion, ...]:
        """The criteria looked at in one stage; none at all where selection is off."""
        return tuple(criterion for criterion in self.selection if criterion.stage == stage)
