"""Asking a witness and answering as one: where a request stands, who may be asked, and what a statement needs."""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from course.audit import Event
from course.people.rules import EMAIL_ADDRESS
from course.refusal import Step, require
from course.witnesses.models import Outcome

LINK_LASTS = timedelta(days=14)
MOST_A_DAY = 5
"""Letters that one learner may cause in a day: the address is whatever they type."""
LONGEST = 5_000
"""Characters in each box of the witness's page."""
ROLES = {"supervisor": "supervisor", "staff": "member of staff"}


class State(enum.StrEnum):
    """Where one request stands. Derived; stored nowhere."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Asked:
    """What is asked: the learner's own words, and whom they name."""

    name: str
    role: str
    email: str
    dates: str
    place: str
    seen: str

    def dumps(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def loads(cls, text: str) -> Asked:
        """Read it back."""
        return cls(**json.loads(text))


@dataclass(frozen=True)
class Vouched:
    """What a witness says, in their own words."""

    name: str = ""
    role: str = ""
    relation: str = ""
    saw: str = ""

    def dumps(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def loads(cls, text: str) -> Vouched:
        """Read it back."""
        return cls(**json.loads(text))


@dataclass(frozen=True)
class RequestFacts:
    """One request and what became of it, without its words."""

    id: UUID
    question: str
    at: datetime
    expires_at: datetime
    words_id: UUID
    account_id: UUID | None = None
    outcome: str | None = None
    reply_words_id: UUID | None = None
    replied_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """Where it stands at this moment."""
        if self.withdrawn_at is not None:
            return State.WITHDRAWN
        if self.outcome is not None:
            return State.DECLINED if self.outcome == Outcome.DECLINED else State.CONFIRMED
        return State.ASKED if now < self.expires_at else State.EXPIRED


def standing(requests: Sequence[RequestFacts], since: datetime | None) -> RequestFacts | None:
    """The request that counts now: the latest that was not taken back, asked after the last answer to the question.

    A statement that was handed in belongs to that attempt; another attempt asks again.
    """
    counting = [one for one in requests if one.withdrawn_at is None and (since is None or one.at > since)]
    return max(counting, key=lambda one: (one.at, one.id.int), default=None)


def holds(state: State | None) -> bool:
    """Whether the words are with a witness, or confirmed by one: they must not change underneath a statement."""
    return state in (State.ASKED, State.CONFIRMED)


def ask(asked: Asked, *, standing_state: State | None, own_email: str, asked_today: int) -> Step:
    """Ask one person for a statement. Raises Refusal."""
    require(not holds(standing_state), "You have asked somebody already.",
            "Take the request back first. Then you can ask again, or ask somebody else.")  # fmt: skip
    require(asked.dates and asked.place and asked.seen, "Say when and where it was, and what was seen.",
            "Go back to the question, fill in what is missing, then ask.")  # fmt: skip
    require(asked.name and asked.role in ROLES and asked.email, "Say who saw it, their role and their email address.",
            "Go back to the question, fill in what is missing, then ask.")  # fmt: skip
    require(EMAIL_ADDRESS.fullmatch(asked.email), "The email address does not look right.",
            "Go back to the question and check it.")  # fmt: skip
    require(asked.email != own_email, "You cannot be your own witness.",
            "Name your supervisor, or a member of staff who saw it.")  # fmt: skip
    require(asked_today < MOST_A_DAY, f"You have asked {MOST_A_DAY} times today.", "Ask again tomorrow.")
    return Step(Event.WITNESS_ASKED)


def withdraw(state: State | None) -> Step:
    """Take a request back, or put a statement aside that is not handed in. Raises Refusal."""
    require(holds(state), "There is nothing to take back here.", "You can write and ask.")
    return Step(Event.WITNESS_WITHDRAWN)


def reply(outcome: Outcome, said: Vouched) -> Step:
    """Answer a request. Raises Refusal. A statement says what was seen, by whom, and how they know the learner."""
    if outcome is Outcome.DECLINED:
        return Step(Event.WITNESS_DECLINED)
    require(said.name and said.role and said.relation, "Say who you are, your role and how you know the person.")
    require(said.saw, "Say in your own words what you saw.")
    return Step(Event.WITNESS_CONFIRMED)
