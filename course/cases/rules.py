"""Appeals and cases, decided: where one stands, who may answer it and by when, and what being on hold forbids."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from course.audit import Event
from course.cases.models import Outcome, Stage
from course.independence import Act, Standing, must_be_free
from course.refusal import Step, require

LONGEST = 6_000
"""Characters in one box."""
STAGES = tuple(Stage)
ADMITS = {
    Stage.ASSESSOR: frozenset({"assessor"}),
    Stage.IQA: frozenset({"iqa", "lead-iqa"}),
    Stage.INDEPENDENT: frozenset({"iqa", "lead-iqa"}),
    Stage.AWARDING_ORGANISATION: frozenset({"lead-iqa"}),
}
"""In which role a person answers each stage; of the last, who notes what was heard."""
HEARS = {
    Stage.ASSESSOR: Act.ANSWER,
    Stage.IQA: Act.REHEAR,
    Stage.INDEPENDENT: Act.REHEAR,
    Stage.AWARDING_ORGANISATION: Act.NOTE,
}
"""Which sort of act each stage is."""
WHO = {
    Stage.ASSESSOR: "another assessor",
    Stage.IQA: "an internal quality assurer",
    Stage.INDEPENDENT: "somebody who had no part in it",
    Stage.AWARDING_ORGANISATION: "the awarding organisation",
}


class State(enum.StrEnum):
    """Where an appeal stands. Derived from rows; stored nowhere."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Found:
    """What one stage found."""

    number: int
    stage: Stage
    outcome: Outcome
    decided_by: UUID
    at: datetime
    reason_id: UUID


@dataclass(frozen=True)
class AppealFacts:
    """One appeal without its words. `begun`: when each stage began; `go_on_by`: the last day to take it further."""

    id: UUID
    answer_id: UUID
    enrolment_id: UUID
    cohort_id: UUID
    unit: str
    question: str
    learner: UUID
    begun: tuple[datetime, ...]
    found: tuple[Found, ...] = ()
    sent_on: date | None = None
    reference: str = ""
    withdrawn_at: datetime | None = None
    due_on: date | None = None
    """By when the learner hears, while it is open."""
    go_on_by: date | None = None
    today: date = date.max

    @property
    def stage(self) -> Stage:
        """The stage that looks at it, or looked last."""
        if self.sent_on is not None:
            return Stage.AWARDING_ORGANISATION
        return STAGES[len(self.begun) - 1]

    @property
    def state(self) -> State:
        """Where it stands on this day."""
        if self.withdrawn_at is not None:
            return State.WITHDRAWN
        if not self.found or self.found[-1].number < len(self.begun):
            return State.OPEN  # a stage that ran out has no answer: the last beginning is the one that counts
        last = self.found[-1]
        if last.outcome == Outcome.UPHELD:
            return State.UPHELD
        is_last = last.stage == Stage.AWARDING_ORGANISATION
        in_time = self.go_on_by is not None and self.today <= self.go_on_by
        return State.ANSWERED if in_time and not is_last else State.CLOSED

    @property
    def is_open(self) -> bool:
        """Whether somebody is looking at it: the question is on hold."""
        return self.state == State.OPEN

    @property
    def is_late(self) -> bool:
        """Whether the learner should have heard."""
        return self.is_open and self.due_on is not None and self.due_on < self.today

    @property
    def may_go_on(self) -> bool:
        """Whether the learner may take it to the next stage: it was not upheld, or the days of this stage ran out."""
        ran_out = self.is_late and self.stage != Stage.AWARDING_ORGANISATION
        return ran_out or self.state == State.ANSWERED

    @property
    def following(self) -> Stage | None:
        """Who would look next, if the learner takes it further now."""
        return STAGES[min(len(self.begun), len(STAGES) - 1)] if self.may_go_on else None


@dataclass(frozen=True)
class Appealed:
    """The answer that somebody wants to appeal about."""

    learner: UUID
    is_latest: bool
    is_returned: bool
    has_not_yet: bool
    is_reopened: bool
    is_held: bool
    answered: State | None = None
    """How an earlier appeal about the same decisions stands, once it was answered."""
    is_enrolled: bool = True
    appeal_by: date | None = None
    today: date = date.max


def appeal(answer: Appealed, *, by: UUID, words: str) -> Step:
    """A learner appeals about a returned decision, within the days of the policy. Raises Refusal."""
    require(answer.learner == by, "You can only appeal about your own work.")
    require(answer.is_enrolled, "You have left this course.", "Ask your centre about it.")
    require(answer.is_returned, "You can appeal once you have heard about this answer.", "Wait for the reply first.")
    require(not answer.is_held, "This question is on hold already.", "You hear as soon as somebody has looked.")
    require(not answer.is_reopened, "Your assessor is looking at this answer again.", "Wait for the reply first.")
    require(answer.is_latest, "You have handed in a newer answer to this question.", "An appeal is about the last one.")
    require(answer.has_not_yet, "Everything in this answer is achieved, so there is nothing to appeal about.",
            "To complain about something else, use “Make a complaint” at the foot of the page.")  # fmt: skip
    require(answer.answered != State.ANSWERED, "Your appeal about this answer was not upheld.",
            "To go on, take that appeal to the next stage.")  # fmt: skip
    require(answer.answered is None, "Your appeal about this answer has ended.", "Ask your centre about it.")
    require(answer.appeal_by is None or answer.today <= answer.appeal_by,
            "The days to appeal about this answer are over.",
            "Ask your centre. You can still hand in again.")  # fmt: skip
    require(words.strip(), "Write what you think is wrong with the decision.")
    return Step(Event.APPEAL_MADE)


def withdraw(facts: AppealFacts, *, by: UUID) -> Step:
    """A learner takes an appeal back while somebody looks at it, or before taking it further. Raises Refusal."""
    _own(facts, by)
    require(facts.state in {State.OPEN, State.ANSWERED}, "This appeal has ended, so there is nothing to take back.")
    return Step(Event.APPEAL_WITHDRAWN)


def reply(facts: AppealFacts, *, by: UUID, words: str) -> Step:
    """A learner adds something while somebody looks at it. Raises Refusal."""
    _own(facts, by)
    require(facts.is_open, "Nobody is looking at this appeal just now.", "To go on, take it to the next stage.")
    require(words.strip(), "Write what you want to add.")
    return Step(Event.APPEAL_REPLIED)


def go_on(facts: AppealFacts, *, by: UUID, is_latest: bool, words: str) -> Step:
    """A learner takes an appeal to the next stage: it was not upheld, or nobody answered in time. Raises Refusal."""
    _own(facts, by)
    require(facts.may_go_on or not facts.is_open, "Somebody is looking at it now.", _wait(facts))
    require(facts.may_go_on, "This appeal has ended.", "Ask your centre about it.")
    require(is_latest, "You have handed in a newer answer to this question.", "An appeal is about the last one.")
    require(words.strip(), "Write what you still think is wrong.")
    return Step(Event.APPEAL_TAKEN_FURTHER)


def _wait(facts: AppealFacts) -> str:
    if facts.stage == Stage.AWARDING_ORGANISATION:
        return "There is no stage after this one."
    return "If you have heard nothing when its days are over, you can take it further."


def _own(facts: AppealFacts, by: UUID) -> None:
    require(facts.learner == by, "This is not your appeal.")


# -- who answers -------------------------------------------------------------------------------------------------------


def uninvolved(standing: Standing, stage: Stage) -> None:
    """Only somebody without a part in it answers a stage. Raises Refusal.

    The assessor's stage is answered inside the team that marks the cohort; the stages after it outside of that team
    (domain.md 2: never the original decider; 9.14: always somebody uninvolved). Noting what the awarding organisation
    said decides nothing.
    """
    must_be_free(standing, HEARS[stage])


def decide(
    facts: AppealFacts, standing: Standing, *, role: str, reason: str, before: str = "", begun: int | None = None
) -> Step:
    """Answer the stage that an appeal is at, with a reason that the learner reads. Raises Refusal.

    `before`: the name of who answered last, for somebody who answers too late; `begun`: how many stages had begun when
    they read the appeal.
    """
    is_other = begun is not None and begun != len(facts.begun)
    is_late = facts.state != State.WITHDRAWN and before and (is_other or not facts.is_open)
    require(not is_late, f"{before} has answered this appeal already.",
            "Load the page again to read the answer.")  # fmt: skip
    require(not is_other, "The learner has taken this appeal further.", "Load the page again to see who answers now.")
    require(facts.is_open, "Nobody is asked to answer this appeal now.")
    require(role in ADMITS[facts.stage], f"Now {WHO[facts.stage]} answers this appeal.", "You can read it.")
    uninvolved(standing, facts.stage)
    require(facts.stage != Stage.AWARDING_ORGANISATION or facts.sent_on is not None,
            "This appeal has not been sent to the awarding organisation yet.", "Send it, and note when.")  # fmt: skip
    require(reason.strip(), "Write the reason. The learner reads it.")
    return Step(Event.APPEAL_DECIDED)


def send(facts: AppealFacts, standing: Standing, *, role: str, sent_on: date, reference: str) -> Step:
    """Note that an appeal went to the awarding organisation, at the last stage or when nobody uninvolved is left.

    Raises Refusal.
    """
    require(facts.is_open, "Nobody is asked to answer this appeal now.")
    require(facts.stage in {Stage.INDEPENDENT, Stage.AWARDING_ORGANISATION},
            "An appeal goes to the awarding organisation after the stages at the centre.")  # fmt: skip
    require(facts.sent_on is None, "This appeal has been sent already.")
    require(role == "lead-iqa", "The lead internal quality assurer sends an appeal to the awarding organisation.")
    must_be_free(standing, Act.NOTE)
    require(sent_on <= facts.today, "Give the day on which you sent it, today or before.")
    require(reference.strip(), "Write the reference, or how you sent it.")
    return Step(Event.APPEAL_SENT)


# -- cases -----------------------------------------------------------------------------------------------------------

CLOSES = frozenset({"iqa", "lead-iqa"})
"""In which role a person closes a case."""


@dataclass(frozen=True)
class CaseFacts:
    """One case without its words."""

    id: UUID
    kind: str
    enrolment_id: UUID
    cohort_id: UUID
    answer_id: UUID | None
    unit: str | None
    question: str | None
    learner: UUID
    opened_by: UUID
    at: datetime
    due_on: date
    words_id: UUID
    told_id: UUID
    finding: str = ""
    today: date = date.max

    @property
    def is_open(self) -> bool:
        """Whether it has no outcome yet: what it is about is on hold."""
        return not self.finding

    @property
    def is_late(self) -> bool:
        """Whether the learner should have heard."""
        return self.is_open and self.due_on < self.today


def open_case(standing: Standing, *, is_open: bool, is_handed_in: bool, words: str, told: str) -> Step:
    """Open a case about an answer that was handed in, or about an enrolment. It finds nothing yet. Raises Refusal."""
    must_be_free(standing, Act.OPEN)
    require(is_handed_in, "This answer was taken back, so nobody reads it.")
    require(not is_open, "A case about this is open already.", "Add what you know to that one: tell who looks into it.")
    require(words.strip(), "Write what you saw. Say no more than that.")
    require(told.strip(), "Write what the learner is told.")
    return Step(Event.CASE_OPENED)


def reply_to_case(case: CaseFacts, *, by: UUID, words: str) -> Step:
    """The learner says something about a case that is open. Raises Refusal."""
    require(case.learner == by, "This is not about your work.")
    require(case.is_open, "This is closed.", "If you do not agree with the outcome, make a complaint.")
    require(words.strip(), "Write what you want to say.")
    return Step(Event.CASE_REPLIED)


def look_at_other_half(case: CaseFacts, standing: Standing, *, role: str) -> None:
    """Read another learner's answer because its wording stands in this one: who may close the case. Raises Refusal."""
    require(case.is_open, "This case is closed, so the other answer is no part of it any more.")
    require(role in CLOSES, "An internal quality assurer reads the other answer.")
    must_be_free(standing, Act.LOOK_INTO)


def close_case(case: CaseFacts, standing: Standing, *, role: str, reason: str, told: str) -> Step:
    """Close a case with its outcome, by somebody who had no part in the work or in opening it. Raises Refusal."""
    require(case.is_open, "This case is closed already.")
    require(role in CLOSES, "An internal quality assurer closes a case.", "You can read it.")
    must_be_free(standing, Act.LOOK_INTO)
    require(reason.strip(), "Write the reason.")
    require(told.strip(), "Write what the learner is told.")
    return Step(Event.CASE_CLOSED)


# -- on hold -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hold:
    """Something open about a learner's work, that nothing may overtake. No question: the whole unit; no unit: all."""

    kind: str
    """"appeal" or "case"."""
    id: UUID
    enrolment_id: UUID
    unit: str | None
    question: str | None

    def covers(self, unit: str) -> bool:
        """Whether anything of this unit is on hold."""
        return self.unit in (None, unit)


@dataclass(frozen=True)
class Change:
    """Something about a learner's work began to be looked at, or stopped being so."""

    about: UUID
    """The appeal or the case."""
    question: str | None
    opens: bool
    at: datetime


@dataclass(frozen=True)
class Period:
    """A time on hold. No question: everything of the unit; no end: it is on hold now."""

    question: str | None
    began: datetime
    ended: datetime | None


def periods(changes: Iterable[Change]) -> list[Period]:
    """The times on hold. An appeal has one for each stage; the days between two stages are the learner's own.

    A stage that begins while the one before it ran out without an answer goes on with the same time.
    """
    found: list[Period] = []
    open_: dict[UUID, Change] = {}
    for one in sorted(changes, key=lambda change: change.at):
        if one.opens:
            open_.setdefault(one.about, one)
        elif began := open_.pop(one.about, None):
            found.append(Period(began.question, began.at, one.at))
    return found + [Period(one.question, one.at, None) for one in open_.values()]


ON_HOLD = "Something about this work is being looked at, so it is on hold."
UNTIL = "You can go on when that is closed."


def not_on_hold(holds: Collection[Hold]) -> None:
    """Nothing but reading and replying while something is open about it (design 2a). Raises Refusal."""
    require(not holds, ON_HOLD, UNTIL)
