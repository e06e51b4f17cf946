"""What is seen in an application, what is flagged, and who may score, decide and waive. A rule flags; a person decides.

There is no path from a flag to an outcome: every outcome needs a person, and a reason in that person's own words.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from course.audit import Event
from course.enrolment.policy import CompiledPolicy, SelectionCriterion
from course.refusal import Step, require

SCORERS = 2
MET_FROM = 2
"""A score from which a criterion counts as met."""
WIDE = 2
"""A difference between two scores that is a gap even on one side of the line."""
EVIDENCE_KEPT = timedelta(days=30)
"""After a final outcome; see the retention table on /privacy."""
REFERENCE_LASTS = timedelta(days=21)
ANOTHER_SELECTOR = "Ask another selector of your centre."


class Outcome(enum.StrEnum):
    """What people may agree about an application."""

    OFFER = "offer"
    DEFER = "defer"
    WAITLIST = "waitlist"
    DECLINE = "decline"

    @property
    def label(self) -> str:
        """The outcome as selectors read it."""
        return OUTCOMES[self]


OUTCOMES = {
    Outcome.OFFER: "Offer a place",
    Outcome.DEFER: "Offer to look again later",
    Outcome.WAITLIST: "Keep on the waiting list",
    Outcome.DECLINE: "No place this time",
}


class Tie(enum.StrEnum):
    """How a selector may know an applicant."""

    SUPPORT = "support"
    FELLOWSHIP = "fellowship"
    HOUSING = "housing"
    SUPERVISOR = "supervisor"
    CLOSE = "close"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The tie as selectors read it."""
        return TIES[self]


TIES = {
    Tie.SUPPORT: "One of us supports or supported the other, one to one",
    Tie.FELLOWSHIP: "We know each other from meetings or a fellowship",
    Tie.HOUSING: "We live or lived in the same housing",
    Tie.SUPERVISOR: "One of us supervises or supervised the other",
    Tie.CLOSE: "Family, partner or friend",
    Tie.OTHER: "In another way that could sway me",
}
SCORE_WORDS = ("Nothing of it yet", "Some of it", "Enough", "Clearly all of it")


class Result(enum.StrEnum):
    """How one criterion stands for one applicant."""

    MET = "met"
    NOT_MET = "not-met"
    SPLIT = "split"
    WAIVED = "waived"
    NOT_ASKED = "not-asked"


class Standing(enum.StrEnum):
    """Where an application stands. Derived from rows; stored nowhere."""

    DRAFT = "draft"
    SENT = "sent"
    SCORED_ONCE = "scored-once"
    TO_AGREE = "to-agree"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    TURNED_DOWN = "turned-down"
    DEFERRED = "deferred"
    WAITING = "waiting"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


IS_OVER = frozenset({Standing.ACCEPTED, Standing.TURNED_DOWN, Standing.WITHDRAWN})
MAY_APPLY_AGAIN = frozenset({Standing.WITHDRAWN, Standing.TURNED_DOWN, Standing.DECLINED, Standing.DEFERRED})
IS_SCORABLE = frozenset({Standing.SENT, Standing.SCORED_ONCE})
OF_OUTCOME = {
    Outcome.OFFER: Standing.OFFERED,
    Outcome.DEFER: Standing.DEFERRED,
    Outcome.WAITLIST: Standing.WAITING,
    Outcome.DECLINE: Standing.DECLINED,
}


@dataclass(frozen=True)
class Eligible:
    """The day from which somebody may start, and the length that was asked for when they said so."""

    from_date: date
    days: int


@dataclass(frozen=True)
class Evidence:
    """What is known, without opening any words, about one criterion of one application."""

    criterion: SelectionCriterion
    confirmed: bool | None = None
    eligible: Eligible | None = None
    scores: tuple[int | None, ...] = ()
    has_reference: bool = False
    check: str | None = None
    """The last decision on a document of this criterion that has not run out."""
    is_waived: bool = False
    was_asked: bool = True


def result_of(evidence: Evidence, needed_on: date) -> Result:
    """How a criterion stands. `needed_on`: the day on which the place would begin."""
    if evidence.is_waived:
        return Result.WAIVED
    match evidence.criterion.type:
        case "declaration":
            return _yes_or_no(evidence.confirmed)
        case "elapsed-time":
            start = may_start(evidence)
            return _yes_or_no(None if start is None else start <= needed_on)
        case "document-seen":
            return _yes_or_no(None if evidence.check is None else evidence.check == "accepted")
        case _:
            return _of_scores([score for score in evidence.scores if score is not None])


def _yes_or_no(found: bool | None) -> Result:
    return Result.NOT_ASKED if found is None else Result.MET if found else Result.NOT_MET


def _of_scores(scores: Sequence[int]) -> Result:
    if not scores:
        return Result.NOT_ASKED
    above = [score >= MET_FROM for score in scores]
    return Result.MET if all(above) else Result.SPLIT if any(above) else Result.NOT_MET


def may_start(evidence: Evidence) -> date | None:
    """The day from which they may start under this criterion: the day given, moved by what its length has changed."""
    if evidence.eligible is None:
        return None
    changed = (evidence.criterion.days or 0) - evidence.eligible.days
    return evidence.eligible.from_date + timedelta(days=changed)


def is_gap(evidence: Evidence) -> bool:
    """Whether two people see a criterion differently enough to talk about it; not once they set it aside."""
    known = [score for score in evidence.scores if score is not None]
    if evidence.is_waived or len(known) < SCORERS:
        return False
    return max(known) - min(known) >= WIDE or _of_scores(known) is Result.SPLIT


def flagged(evidence: Iterable[Evidence], needed_on: date) -> tuple[Evidence, ...]:
    """The criteria that a person should look at: neither met nor waived. A flag is a question, never an answer."""
    fine = {Result.MET, Result.WAIVED}
    return tuple(one for one in evidence if one.was_asked and result_of(one, needed_on) not in fine)


def standing_of(
    *, is_sent: bool, scorings: int, outcome: Outcome | None, accepted: bool | None, withdrawn: bool
) -> Standing:
    """Where an application stands; `accepted` is the answer to the latest offer, if there is one."""
    if withdrawn:
        return Standing.WITHDRAWN
    if not is_sent:
        return Standing.DRAFT
    if outcome is Outcome.OFFER and accepted is not None:
        return Standing.ACCEPTED if accepted else Standing.TURNED_DOWN
    if outcome is not None:
        return OF_OUTCOME[outcome]
    return (Standing.SENT, Standing.SCORED_ONCE, Standing.TO_AGREE)[min(scorings, SCORERS)]


@dataclass(frozen=True)
class Case:
    """An application as the rules need it, for one person who acts."""

    applicant: UUID
    standing: Standing
    scored_by: tuple[UUID, ...] = ()
    conflicts: frozenset[UUID] = frozenset()
    unmet: tuple[str, ...] = field(default=())
    """The texts of required criteria that are neither met nor waived."""
    decided: int = 0
    """How many times people have agreed on an outcome."""
    is_replaced: bool = False
    """Whether the same person has sent a later application for the same cohort."""


def may_see_scores(case: Case, *, by: UUID) -> bool:
    """Blind until saved: nobody sees a score before their own is saved, or before both are."""
    return by in case.scored_by or len(case.scored_by) >= SCORERS


def may_read(case: Case, *, by: UUID) -> None:
    """Whoever knows the applicant does not read, score or decide."""
    require(case.applicant != by, "This is your own application.", ANOTHER_SELECTOR)
    require(by not in case.conflicts, "You said that you know this person.", ANOTHER_SELECTOR)
    require(case.standing is not Standing.DRAFT, "This application has not been sent yet.", "Wait until it is.")


# -- the applicant ---------------------------------------------------------------------------------------------------


def save(case: Case, *, by: UUID) -> None:
    """Only the applicant writes, and only until it is sent."""
    require(case.applicant == by, "You can only write your own application.")
    require(case.standing is Standing.DRAFT, "You have sent this application.", "Ask your centre to add something.")


def send(case: Case, *, by: UUID, noticed: bool, before: Standing | None = None) -> Step:
    """The applicant sends it. No answer is needed: what is missing is a question for a person, not a refusal.

    `before`: how their last application for the same cohort stands; people may have agreed on it since this one began.
    """
    save(case, by=by)
    is_free = before is None or before in MAY_APPLY_AGAIN
    require(is_free, "There is news about your earlier application.", "Read it under “My applications” first.")
    require(noticed, "Confirm that you have read who sees what.")
    return Step(Event.APPLICATION_SENT)


def withdraw(case: Case, *, by: UUID) -> Step:
    """The applicant may stop at any time, for no reason."""
    require(case.applicant == by, "You can only withdraw your own application.")
    require(case.standing not in IS_OVER, "This application is over already.", "There is nothing more to do.")
    return Step(Event.APPLICATION_WITHDRAWN)


def answer_offer(case: Case, *, by: UUID) -> Step:
    """Only the applicant says yes or no, once, while the offer is the latest word."""
    require(case.applicant == by, "You can only answer your own offer.")
    require(case.standing is Standing.OFFERED, "There is no offer to answer.", "Read your latest letter.")
    return Step(Event.OFFER_ANSWERED)


# -- the selectors ---------------------------------------------------------------------------------------------------


def _goes_on(case: Case) -> None:
    """Nothing is done any more with an application that is over, or that a later one has taken the place of."""
    require(case.standing not in IS_OVER, "This application is over.", "There is nothing more to do.")
    require(not case.is_replaced, "They have sent a newer application.", "Look at that one.")


def declare_conflict(case: Case, *, by: UUID) -> Step:
    """A selector who knows the applicant says so, once."""
    require(case.applicant != by, "This is your own application.", ANOTHER_SELECTOR)
    require(by not in case.conflicts, "You have said so already.", ANOTHER_SELECTOR)
    return Step(Event.SELECTOR_CONFLICT_DECLARED)


def score(case: Case, *, by: UUID, missing: Sequence[str]) -> Step:
    """Two people score, each once, each on every criterion. `missing`: criteria without a choice."""
    may_read(case, by=by)
    require(by not in case.scored_by, "You have scored this application.", "Your scores stay as they were saved.")
    require(case.standing in IS_SCORABLE, "Two people have scored this application already.", "Read what they found.")
    require(not missing, "Choose a score for each question.")
    return Step(Event.APPLICATION_SCORED)


def note_date(case: Case, *, by: UUID) -> Step:
    """A selector may note the day from which somebody may start: the day alone."""
    may_read(case, by=by)
    _goes_on(case)
    return Step(Event.ELIGIBLE_DATE_NOTED)


def ask_waiver(case: Case, *, by: UUID, reason: str) -> Step:
    """One person asks, for a reason."""
    may_read(case, by=by)
    _goes_on(case)
    require(reason.strip(), "Write why this should be waived.")
    return Step(Event.WAIVER_ASKED)


def agree_waiver(case: Case, *, asked_by: UUID, by: UUID, already: bool) -> Step:
    """A second person agrees."""
    may_read(case, by=by)
    require(asked_by != by, "You asked for this yourself, so a second person has to agree.", ANOTHER_SELECTOR)
    require(not already, "Somebody has agreed to this already.", "There is nothing more to do.")
    return Step(Event.WAIVER_AGREED)


def may_decide(case: Case, *, by: UUID) -> None:
    """People agree on an outcome once two have scored, and while there is something to agree on."""
    may_read(case, by=by)
    _goes_on(case)
    enough = len(case.scored_by) >= SCORERS
    require(enough, "Two people have to score this application first.", "Ask a second selector to score it.")


def look_again(until: date | None, *, today: date) -> None:
    """Somebody is told a day that is still to come."""
    require(until is not None and until > today, "Give the day on which you look again, after today.")


def offer(case: Case) -> None:
    """What is required is met or waived before a place is offered."""
    first = case.unmet[0].rstrip(".") if case.unmet else ""
    require(
        not case.unmet,
        f"This is required and not met yet: {first}.",
        "See to it, or ask for a waiver: a second person has to agree. You can also choose another outcome.",
    )


def decide(
    case: Case, *, by: UUID, outcome: Outcome, reason: str, until: date | None, today: date, seen: int | None = None
) -> Step:
    """People agree on an outcome for a reason; a flag never decides.

    `seen`: how many outcomes whoever decides had read. A letter that says the opposite of one that they do not know of
    is not written.
    """
    may_decide(case, by=by)
    require(seen in (None, case.decided), "Somebody decided this while you had the page open.", "Read it first.")
    require(reason.strip(), "Write why, in your own words. The applicant reads it.")
    if outcome is Outcome.DEFER:
        look_again(until, today=today)
    if outcome is Outcome.OFFER:
        offer(case)
    return Step(Event.PLACE_DECIDED)


def ask_reference(case: Case, *, by: UUID, has_address: bool, is_here: bool) -> Step:
    """A reference is asked of whom the applicant named."""
    may_read(case, by=by)
    _goes_on(case)
    require(has_address, "The applicant gave no email address to write to.", "Talk to the applicant.")
    require(not is_here, "The reference is here already.", "Read it.")
    return Step(Event.REFERENCE_ASKED)


def may_see_checks(*, person: UUID, by: UUID, knows: bool) -> None:
    """Nobody sees to their own checks, or to those of somebody they know."""
    require(person != by, "These are your own checks.", ANOTHER_SELECTOR)
    require(not knows, "You said that you know this person.", ANOTHER_SELECTOR)


def note_check(*, person: UUID, by: UUID, knows: bool, seen_on: date, expires_on: date | None, today: date) -> Step:
    """Somebody else saw it, not in the future."""
    may_see_checks(person=person, by=by, knows=knows)
    require(seen_on <= today, "The day on which you saw it is in the future.", "Give the day on which you saw it.")
    require(expires_on is None or expires_on > seen_on, "It runs out before it was seen.", "Change one of the days.")
    return Step(Event.CHECK_NOTED)


def changes_selection_alone(before: CompiledPolicy, after: CompiledPolicy) -> bool:
    """Whether two policies differ in who is chosen and in nothing that reaches marking."""
    return before.model_copy(update={"selection": ()}) == after.model_copy(update={"selection": ()})


# -- how long evidence stays -----------------------------------------------------------------------------------------


def evidence_ends(standing: Standing, *, since: datetime, until: date | None, starts_on: date) -> date | None:
    """The day on which the evidence is destroyed: 30 days after the outcome; None while nobody has decided.

    Somebody deferred or waiting has no final outcome yet: theirs counts from the day of looking again, or from the
    first day of the cohort. `since`: when the application came to stand as it does.
    """
    match standing:
        case Standing.DEFERRED if until is not None:
            return until + EVIDENCE_KEPT
        case Standing.WAITING:
            return max(since.date(), starts_on) + EVIDENCE_KEPT
        case Standing.OFFERED | Standing.ACCEPTED | Standing.TURNED_DOWN | Standing.DECLINED | Standing.WITHDRAWN:
            return since.date() + EVIDENCE_KEPT
        case _:
            return None
