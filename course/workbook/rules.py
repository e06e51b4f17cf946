"""The life of an answer, decided: what state a question is in, and what its learner may do next."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from course.audit import Event
from course.cases.rules import ON_HOLD, UNTIL
from course.refusal import Step, require
from course.workbook.models import Outcome

EARLIER_EVERY_SECONDS = 600
"""An earlier draft is set aside at most this often."""
EARLIER_KEPT = 20
LONGEST_TEXT = 50_000
"""Characters in one box."""


class State(enum.StrEnum):
    """Where one question stands for one learner. Derived from rows; stored nowhere."""

    NOT_STARTED = "not_started"
    DRAFT = "draft"
    HANDED_IN = "handed_in"
    BEING_MARKED = "being_marked"
    DECIDED = "decided"
    ACHIEVED = "achieved"
    NOT_YET = "not_yet"
    ATTEMPTS_USED = "attempts_used"
    ON_HOLD = "on_hold"

    @property
    def shown(self) -> State:
        """The state as a learner sees it: a decision shows only once it is returned."""
        return {State.DECIDED: State.BEING_MARKED, State.ATTEMPTS_USED: State.NOT_YET}.get(self, self)


LOOKED_AT_AGAIN = "Your assessor is looking at your last answer again."
DRAFT_IS_KEPT = "Wait for the reply. Your draft is kept."
CAN_CHANGE = frozenset({State.NOT_STARTED, State.DRAFT, State.NOT_YET})
"""States in which the learner may write and hand in."""
WITH_ASSESSOR = frozenset({State.HANDED_IN, State.BEING_MARKED, State.DECIDED})


@dataclass(frozen=True)
class DecisionFact:
    """One decision, without its words."""

    id: UUID
    criterion: str
    number: int
    outcome: str
    decided_by: UUID
    at: datetime
    points: int | None = None
    feedback_id: UUID | None = None
    guidance: str = ""
    returned_at: datetime | None = None

    @property
    def is_achieved(self) -> bool:
        """Whether it says achieved."""
        return self.outcome == Outcome.ACHIEVED


@dataclass(frozen=True)
class LeaseFact:
    """The last lease of an answer; it stays, ended, until the return."""

    person_id: UUID
    appointment_id: UUID
    taken_at: datetime
    until: datetime
    ended_at: datetime | None

    def is_running(self, at: datetime) -> bool:
        """Whether somebody holds the answer at this moment."""
        return self.ended_at is None and self.until > at


@dataclass(frozen=True)
class AnswerFacts:
    """One answer and what has happened to it, without its words.

    `attempt` counts answers of the question (and those it stands instead of) that were not taken back; 0 when this
    one was. `passed_before` are the criteria that an earlier attempt has achieved and a return has shown.
    """

    id: UUID
    hand_in_id: UUID
    enrolment_id: UUID
    centre_id: UUID
    cohort_id: UUID
    qualification: str
    unit: str
    question: str
    kind: str
    unit_version_id: UUID
    words_id: UUID
    number: int
    at: datetime
    criteria: tuple[str, ...]
    is_taken_back: bool = False
    lease: LeaseFact | None = None
    decisions: tuple[DecisionFact, ...] = ()
    attempt: int = 0
    passed_before: frozenset[str] = frozenset()
    is_reopened: bool = False
    """Whether it was returned and waits to be decided again."""

    @property
    def standing(self) -> dict[str, DecisionFact]:
        """The decision that counts for each criterion: the highest number, returned or not."""
        return {decision.criterion: decision for decision in sorted(self.decisions, key=lambda one: one.number)}

    @property
    def returned(self) -> dict[str, DecisionFact]:
        """The decisions that the learner has been shown: the highest returned number of each criterion."""
        shown = [decision for decision in self.decisions if decision.returned_at]
        return {decision.criterion: decision for decision in sorted(shown, key=lambda one: one.number)}

    @property
    def returned_at(self) -> datetime | None:
        """When its decisions were last shown to the learner."""
        return max((one.returned_at for one in self.decisions if one.returned_at), default=None)

    @property
    def is_returned(self) -> bool:
        """Whether the learner has been shown its decisions."""
        return self.returned_at is not None

    @property
    def is_unsettled(self) -> bool:
        """Whether it was returned and is being decided again, or has a new decision that is not returned yet."""
        newer = any(decision.returned_at is None for decision in self.standing.values())
        return self.is_reopened or (self.is_returned and newer)

    @property
    def is_leased(self) -> bool:
        """Whether somebody has opened it to mark; from then on it cannot be taken back."""
        return self.lease is not None or bool(self.decisions)

    @property
    def open_criteria(self) -> tuple[str, ...]:
        """The criteria to decide: all but those that an earlier attempt achieved."""
        return tuple(criterion for criterion in self.criteria if criterion not in self.passed_before)

    @property
    def is_decided(self) -> bool:
        """Whether every open criterion has a decision."""
        return all(criterion in self.standing for criterion in self.open_criteria)


def live(answers: Iterable[AnswerFacts]) -> list[AnswerFacts]:
    """The answers that count: those not taken back, oldest first."""
    return sorted((one for one in answers if not one.is_taken_back), key=lambda one: (one.at, one.id.int))


def passed(criterion: str, answers: Iterable[AnswerFacts]) -> DecisionFact | None:
    """The first returned decision by which some attempt achieves the criterion; None when none does."""
    shown = (one.returned.get(criterion) for one in live(answers))
    return next((decision for decision in shown if decision and decision.is_achieved), None)


def attempts_left(answers: Sequence[AnswerFacts], limit: int | None, further: int) -> int | None:
    """How many more times the question may be handed in; None when there is no limit."""
    return None if limit is None else max(0, limit + further - len(live(answers)))


def state_of(answers: Sequence[AnswerFacts], *, has_draft: bool, left: int | None) -> State:
    """Derive a question's state from its answers (of all questions that stand for each other) and its draft."""
    attempts = live(answers)
    if not attempts:
        return State.DRAFT if has_draft else State.NOT_STARTED
    last = attempts[-1]
    if not last.is_returned:
        return _with_assessor(last)
    if all(passed(criterion, attempts) for criterion in last.criteria):
        return State.ACHIEVED
    return State.ATTEMPTS_USED if left == 0 else State.NOT_YET


def _with_assessor(answer: AnswerFacts) -> State:
    if not answer.is_leased:
        return State.HANDED_IN
    return State.DECIDED if answer.decisions and answer.is_decided else State.BEING_MARKED


@dataclass(frozen=True)
class Work:
    """What the rules need to know about one question of one learner."""

    learner: UUID
    state: State
    is_evidence: bool = True
    is_enrolled: bool = True
    is_inducted: bool = True
    attempts_left: int | None = None
    missing: str | None = None
    """What still has to be there before it can be handed in, as a sentence; None when it is ready."""
    is_here: bool = True
    """Whether the latest answer is to this very question, not to one that it stands instead of."""
    is_reopened: bool = False
    """Whether an answer to it is being looked at again."""
    is_with_witness: bool = False
    """Whether a witness has the words, or has confirmed them: they must not change underneath the statement."""

    @property
    def is_on_hold(self) -> bool:
        """Whether an appeal or a case is open about it: its learner reads and replies, and nothing else happens."""
        return self.is_evidence and self.state == State.ON_HOLD

    @property
    def can_appeal(self) -> bool:
        """Whether the last answer came back, is not yet achieved, and nobody is looking at it again."""
        return self.is_evidence and self.state in {State.NOT_YET, State.ATTEMPTS_USED} and not self.is_reopened

    @property
    def is_open(self) -> bool:
        """Whether the question still takes an answer."""
        return self.is_enrolled and (not self.is_evidence or self.state in CAN_CHANGE)

    @property
    def can_write(self) -> bool:
        """Whether the box is open."""
        return self.is_open and not self.is_with_witness

    @property
    def why_not_ready(self) -> str | None:
        """What keeps it from being handed in, as a sentence; None when nothing does."""
        return f"{LOOKED_AT_AGAIN} {DRAFT_IS_KEPT}" if self.is_reopened else self.missing

    @property
    def is_used_up(self) -> bool:
        """Whether every go is used and it is still not achieved."""
        return self.state == State.ATTEMPTS_USED

    @property
    def can_take_back(self) -> bool:
        """Whether the answer can become a draft again."""
        return self.is_here and self.state == State.HANDED_IN

    @property
    def is_ready(self) -> bool:
        """Whether it can be handed in now."""
        may = self.is_evidence and self.is_open and not self.is_reopened
        return may and self.missing is None and self.attempts_left != 0


def write(work: Work, *, by: UUID) -> None:
    """Save, try, restore or attach something. Raises Refusal when the box is closed."""
    take_an_answer(work, by=by)
    require(not work.is_with_witness, "Your witness has these words, so they cannot be changed.",
            "Take the request back first. Then you can change them and ask again.")  # fmt: skip


def take_an_answer(work: Work, *, by: UUID) -> None:
    """Whether the question still takes anything from this person. Raises Refusal."""
    require(work.learner == by, "You can only write in your own workbook.")
    require(work.is_enrolled, "You have left this course, so nothing new can be saved.", "Ask your centre about it.")
    if work.is_evidence:
        require(not work.is_on_hold, ON_HOLD, UNTIL)
        require(work.state not in WITH_ASSESSOR, "This answer is handed in, so it cannot be changed.",
                "Take it back if nobody has opened it yet, or wait for the reply.")  # fmt: skip
        require(work.state != State.ACHIEVED, "This answer is achieved. You do not need to change it.")
        require(work.state != State.ATTEMPTS_USED, "You have used every go at this question.",
                "Ask your assessor what happens next.")  # fmt: skip


def hand_in(work: Work, *, by: UUID, declared: bool) -> Step:
    """Hand in one question. Raises Refusal."""
    require(work.learner == by, "You can only hand in your own work.")
    require(work.is_evidence, "This question is practice. It is never handed in.")
    require(work.is_inducted, "Read how this course works before you hand anything in.",
            "Open “How this course works” from your course page.")  # fmt: skip
    require(work.attempts_left != 0 or work.state not in CAN_CHANGE, "You have used every go at this question.",
            "Ask your assessor what happens next.")  # fmt: skip
    require(not work.is_reopened, LOOKED_AT_AGAIN, DRAFT_IS_KEPT)
    take_an_answer(work, by=by)
    require(work.missing is None, work.missing or "")
    require(declared, "Confirm that this is your own work before you hand it in.")
    return Step(Event.ANSWER_HANDED_IN)


def take_back(work: Work, *, by: UUID) -> Step:
    """Make a handed-in answer a draft again. Raises Refusal once somebody has opened it to mark."""
    require(work.learner == by, "You can only take back your own work.")
    require(not work.is_on_hold, ON_HOLD, UNTIL)
    require(work.is_here and work.state in WITH_ASSESSOR, "There is no answer here to take back.")
    require(work.state == State.HANDED_IN, "Your assessor has opened this answer, so it cannot be taken back.",
            "Wait for the reply. If it says “not yet”, you can change your words then.")  # fmt: skip
    return Step(Event.ANSWER_TAKEN_BACK)


AI_RULES = {
    "none": "Write this without AI tools, such as a chatbot.",
    "spelling": "A tool may help you with spelling, or to put your own words into English. It must not write for you.",
    "declared": "You may use AI tools. When you hand in, you say what for.",
}
"""What stands beside a question, for each way of using AI that it allows; the declaration at hand-in matches it."""
OWN = "This is my own work. If somebody or something helped me, I have said so below."
BY_LEVEL = {
    "none": "I did not use AI to write it, or I say below what I used it for.",
    "spelling": "I used software only for spelling, or to put my own words into English, or I say below what else.",
    "declared": "If I used AI, I have said below what I used it for.",
}
MIXED = {
    "none": "Where a question allows no AI, I used none, or I say so below.",
    "spelling": "Where it allows help with spelling or translation, I used no other, or I say so below.",
    "declared": "Where it allows AI, I have said below what I used it for.",
}


def declaration(levels: Iterable[str]) -> str:
    """The words a learner confirms, for the ways of using AI that the questions allow."""
    asked = set(levels)
    named = [level for level in BY_LEVEL if level in asked]
    wording = MIXED if len(named) > 1 else BY_LEVEL
    return " ".join([OWN, *(wording[level] for level in named)])


def is_declaration(words: str, levels: Iterable[str]) -> bool:
    """Whether these words are a declaration of ours that covers all these levels."""
    need = set(levels)
    sets = [{level for bit, level in enumerate(BY_LEVEL) if number >> bit & 1} for number in range(8)]
    return any(need <= levels_ and declaration(levels_) == words for levels_ in sets)
