"""Who is kept from what by their own part in it: every tie, every sort of act, and the one table that crosses them.

A tie is asked at the moment of the act, and what is over counts all the same: yesterday's learner, tutor or assessor is
today's internal quality assurer (domain.md 9.30). No role is exempt, an admin's neither (9.2). What is true of a person
is found by `course.records.queries.standing`; where a page has read it already, the rule builds the `Standing` itself.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from course.refusal import Refusal


class Tie(enum.StrEnum):
    """What part somebody has, or once had, in a piece of work or in its cohort."""

    OWN = "own"
    APART = "apart"
    """A conflict of interest with the learner is declared, by either of the two, of any kind (9.24)."""
    APART_FROM_JUDGE = "apart-from-judge"
    """The same with somebody who judged the work."""
    WITNESSED = "witnessed"
    DECIDED = "decided"
    COUNTERSIGNED = "countersigned"
    JUDGED_SECOND = "judged-second"
    REVIEWED = "reviewed"
    SENT_BACK = "sent-back"
    RELEASED = "released"
    BEGAN = "began"
    """They answered an earlier stage of it, opened it, referred it, or allowed something in it before."""
    STUDIES = "studies"
    TAUGHT = "taught"
    ASSESSED = "assessed"
    """They decided, countersigned or judged anything in the cohort."""


class Act(enum.StrEnum):
    """The sorts of act that ask for independence. What follows "so you" in the refusal is in SO."""

    JUDGE = "judge"
    """Take, decide, confirm, return an answer; agree on one judged twice; hold a unit achieved below its threshold."""
    COUNTERSIGN = "countersign"
    JUDGE_AGAIN = "judge-again"
    """The blind second judgement."""
    CHECK = "check"
    """All that an internal quality assurer does: sample, review, close, uphold, settle, send back, batch, release."""
    ANSWER = "answer"
    """The first stage of an appeal, inside the team that marks the cohort."""
    REHEAR = "rehear"
    """The later stages: by somebody uninvolved (domain.md 9.14)."""
    LOOK_INTO = "look-into"
    """Close a case about the work, or read what it is compared with."""
    OPEN = "open"
    """Open a case."""
    AUTHORISE = "authorise"
    """Give a later date, let a late answer in, allow one more attempt, refer to a panel."""
    SIT = "sit"
    """Sit on the panel: each of the two."""
    NOTE = "note"
    """Note what the awarding organisation was sent, or said: it decides nothing."""
    ISSUE = "issue"
    """Issue a record."""
    ARRANGE = "arrange"
    """What an office or a tutor settles for a learner: adjustments, revoking a record, telling the awarding body."""
    SET = "set"
    """Put guidance or a policy in force for a cohort."""


_JUDGE = (Tie.OWN, Tie.APART, Tie.STUDIES, Tie.WITNESSED)
_JUDGED = (Tie.DECIDED, Tie.COUNTERSIGNED, Tie.JUDGED_SECOND)
_ANSWER = (
    Tie.OWN, Tie.APART, Tie.APART_FROM_JUDGE, *_JUDGED, Tie.REVIEWED, Tie.SENT_BACK, Tie.WITNESSED, Tie.BEGAN,
    Tie.STUDIES,
)  # fmt: skip
FORBIDS: dict[Act, tuple[Tie, ...]] = {
    Act.JUDGE: _JUDGE,
    Act.COUNTERSIGN: (*_JUDGE, Tie.APART_FROM_JUDGE, Tie.DECIDED),
    Act.JUDGE_AGAIN: (*_JUDGE, Tie.APART_FROM_JUDGE, Tie.DECIDED, Tie.COUNTERSIGNED, Tie.REVIEWED),
    Act.CHECK: (
        Tie.APART, Tie.APART_FROM_JUDGE, Tie.WITNESSED, Tie.STUDIES, Tie.OWN, Tie.TAUGHT, Tie.ASSESSED, *_JUDGED,
    ),
    Act.ANSWER: _ANSWER,
    Act.REHEAR: (*_ANSWER, Tie.TAUGHT, Tie.ASSESSED),
    Act.LOOK_INTO: (*_ANSWER, Tie.TAUGHT, Tie.ASSESSED),
    Act.OPEN: (Tie.OWN, Tie.APART),
    Act.NOTE: (Tie.OWN,),
    Act.AUTHORISE: (*_JUDGE, *_JUDGED),
    Act.SIT: (*_JUDGE, *_JUDGED, Tie.BEGAN),
    Act.ISSUE: (Tie.OWN, Tie.APART, *_JUDGED, Tie.RELEASED),
    Act.ARRANGE: (Tie.OWN, Tie.APART),
    Act.SET: (Tie.STUDIES,),
}  # fmt: skip
"""The specification, act by act, in the order in which the reasons are given. What is not here is allowed."""

WHY = {
    Tie.OWN: "This is your own work",
    Tie.APART: "A conflict of interest is declared between you and the learner",
    Tie.APART_FROM_JUDGE: "A conflict of interest is declared between you and somebody who judged this",
    Tie.WITNESSED: "You gave the statement in this",
    Tie.DECIDED: "You decided this",
    Tie.COUNTERSIGNED: "You countersigned this",
    Tie.JUDGED_SECOND: "You judged this a second time",
    Tie.REVIEWED: "You reviewed this",
    Tie.SENT_BACK: "You sent this back before",
    Tie.RELEASED: "You released this",
    Tie.BEGAN: "You had a part in this before",
    Tie.STUDIES: "You are, or were, a learner in this cohort",
    Tie.TAUGHT: "You taught this cohort",
    Tie.ASSESSED: "You assessed work in this cohort",
}
SO = {
    Act.JUDGE: "do not decide on it",
    Act.COUNTERSIGN: "do not countersign it",
    Act.JUDGE_AGAIN: "do not judge it a second time",
    Act.CHECK: "cannot check its quality",
    Act.ANSWER: "do not answer the appeal",
    Act.REHEAR: "do not answer the appeal",
    Act.LOOK_INTO: "do not look into this case",
    Act.OPEN: "do not open a case about it",
    Act.NOTE: "do not note this",
    Act.AUTHORISE: "do not decide this",
    Act.SIT: "do not sit on the panel",
    Act.ISSUE: "cannot issue its record",
    Act.ARRANGE: "do not settle this",
    Act.SET: "do not change its rules",
}
NEXT = {
    Act.JUDGE: "Leave it for another assessor.",
    Act.COUNTERSIGN: "Leave it for another assessor.",
    Act.JUDGE_AGAIN: "Tell the internal quality assurer who asked you.",
    Act.CHECK: "Ask another internal quality assurer at your centre.",
    Act.ANSWER: "Leave it for somebody who had no part in this.",
    Act.REHEAR: "Leave it for somebody who had no part in this.",
    Act.LOOK_INTO: "Leave it for somebody who had no part in this.",
    Act.OPEN: "Tell a colleague what you saw. They can open one.",
    Act.NOTE: "Ask a colleague at your centre.",
    Act.AUTHORISE: "Ask another internal quality assurer at your centre.",
    Act.SIT: "Ask two people who were not involved.",
    Act.ISSUE: "Ask another admin at your centre.",
    Act.ARRANGE: "Ask a colleague at your centre.",
    Act.SET: "Ask another internal quality assurer at your centre.",
}


@dataclass(frozen=True)
class Standing:
    """How one person stands to one piece of work and its cohort, at one moment."""

    ties: frozenset[Tie] = frozenset()
    ask: str = ""
    """Who could do it instead, once somebody has looked; empty for the usual next step."""

    def plus(self, *ties: Tie | None) -> Standing:
        """The same with further ties; None is nothing."""
        return replace(self, ties=self.ties | {one for one in ties if one is not None})


def stopped_by(standing: Standing, act: Act) -> Tie | None:
    """The first tie that keeps somebody from an act; None when nothing does."""
    return next((tie for tie in FORBIDS[act] if tie in standing.ties), None)


def must_be_free(standing: Standing, act: Act) -> None:
    """Refuse an act to whoever has a part in the work that forbids it. Raises Refusal."""
    tie = stopped_by(standing, act)
    if tie is not None:
        raise Refusal(f"{WHY[tie]}, so you {SO[act]}.", standing.ask or NEXT[act])


def why_not(standing: Standing, act: Act) -> str:
    """The same for a page, in words and beforehand; empty when nothing keeps them from it."""
    tie = stopped_by(standing, act)
    return f"{WHY[tie]}, so you {SO[act]}. {standing.ask or NEXT[act]}" if tie is not None else ""
