"""An application as selectors read it: each criterion with what is known, its words, its scores once they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.selection import rules
from assessors.selection.queries import opened
from assessors.selection.queries.found import AskedReference, AskedWaiver, Found
from assessors.selection.rules import SCORE_WORDS, Evidence, Result, Standing
from assessors.selection.words import ApplicationWords, Referee, ReferenceWords, ScoringWords
from course.enrolment.policy import SelectionCriterion
from course.pages import date_in_words
from course.people import queries as people

STANDINGS: Mapping[Standing, tuple[str, str]] = {
    Standing.DRAFT: ("draft", "Being written"),
    Standing.SENT: ("handed_in", "To score"),
    Standing.SCORED_ONCE: ("being_marked", "One has scored"),
    Standing.TO_AGREE: ("being_marked", "To agree"),
    Standing.OFFERED: ("being_marked", "Offered, no answer yet"),
    Standing.ACCEPTED: ("achieved", "Place taken"),
    Standing.TURNED_DOWN: ("none", "Said no to the place"),
    Standing.DEFERRED: ("planned", "Look again later"),
    Standing.WAITING: ("planned", "Waiting list"),
    Standing.DECLINED: ("not_yet", "No place this time"),
    Standing.WITHDRAWN: ("none", "Withdrawn"),
}
"""How a standing is drawn, and its words for selectors."""
RESULTS = {
    Result.MET: ("achieved", "Met"),
    Result.NOT_MET: ("not_yet", "Not met"),
    Result.SPLIT: ("being_marked", "They differ"),
    Result.WAIVED: ("achieved", "Waived"),
    Result.NOT_ASKED: ("none", "Not known"),
}
MEDICINE = "Medicine that was prescribed to you never counts."


@dataclass(frozen=True)
class Given:
    """One person's score of one criterion."""

    by: str
    score: str
    note: str


@dataclass(frozen=True)
class Line:
    """One criterion of one application."""

    evidence: Evidence
    result: tuple[str, str] | None
    """How it is drawn, and in words; None while a score must not be seen."""
    said: str
    """What is known, in a sentence."""
    answer: str
    referee: Referee | None
    references: tuple[ReferenceWords, ...]
    requests: tuple[AskedReference, ...]
    given: tuple[Given, ...]
    is_gap: bool
    waivers: tuple[tuple[AskedWaiver, str, str], ...]
    """Each with who asked, and why."""

    @property
    def criterion(self) -> SelectionCriterion:
        """The criterion."""
        return self.evidence.criterion


@dataclass(frozen=True)
class Shown:
    """An application, open for somebody who may read it."""

    found: Found
    lines: tuple[Line, ...]
    support: str
    is_gone: bool
    sees_scores: bool
    has_scored: bool
    reasons: tuple[tuple[str, str, str], ...]
    """Each decision: what was agreed, who and when in one phrase, and why."""
    can_score: bool
    can_decide: bool


def show(session: Session, found: Found, *, me: UUID) -> Shown:
    """Open an application for a selector. Raises Refusal for somebody who knows the applicant."""
    case = found.case
    rules.may_read(case, by=me)
    sees = rules.may_see_scores(case, by=me)
    assert found.sent is not None  # only what was sent is found
    words = opened.words(session, ApplicationWords, found.sent.words_id)
    people_here = {one.row.scored_by for one in found.scorings} | {one.decided_by for one in found.decisions}
    names = {key: one.name for key, one in people.names(session, people_here | _askers(found)).items()}
    notes = {
        one.row.id: opened.words(session, ScoringWords, one.row.words_id) or ScoringWords()
        for one in found.scorings
        if sees
    }
    lines = tuple(_line(session, found, one, words or ApplicationWords(), names, notes, sees) for one in found.evidence)
    goes_on = found.standing not in rules.IS_OVER and not found.is_replaced
    return Shown(
        found, lines, words.support if words else "", words is None, sees,
        has_scored=me in case.scored_by,
        reasons=_reasons(session, found, names),
        can_score=me not in case.scored_by and found.standing in rules.IS_SCORABLE,
        can_decide=len(case.scored_by) >= rules.SCORERS and goes_on,
    )  # fmt: skip


def _askers(found: Found) -> set[UUID]:
    agreed = {one.agreement.agreed_by for one in found.waivers if one.agreement}
    return {one.row.asked_by for one in found.waivers} | agreed


def _line(
    session: Session, found: Found, evidence: Evidence, words: ApplicationWords, names: Mapping[UUID, str],
    notes: Mapping[UUID, ScoringWords], sees: bool,
) -> Line:  # fmt: skip
    key = evidence.criterion.key
    requests = tuple(one for one in found.requests if one.row.criterion == key)
    came = [opened.words(session, ReferenceWords, one.given.words_id) for one in requests if one.given]
    given = tuple(
        Given(_name(names, one.row.scored_by), score_words(one.scores.get(key)), notes[one.row.id].notes.get(key, ""))
        for one in found.scorings
        if sees and evidence.criterion.is_scored
    )
    waivers = tuple(
        (one, _name(names, one.row.asked_by), opened.text_of(session, one.row.reason_id) or "")
        for one in found.waivers
        if one.row.criterion == key
    )
    is_open = sees or not evidence.criterion.is_scored
    return Line(
        evidence, RESULTS[rules.result_of(evidence, found.needed_on)] if is_open else None,
        sentence(evidence, found.needed_on, sees_scores=sees), words.answers.get(key, ""), words.referees.get(key),
        tuple(one for one in came if one is not None), requests, given,
        is_gap=sees and rules.is_gap(evidence), waivers=waivers,
    )  # fmt: skip


def _name(names: Mapping[UUID, str], person_id: UUID) -> str:
    return names.get(person_id, "Somebody who has left")


def score_words(score: int | None) -> str:
    """A score as people read it."""
    return "Not asked" if score is None else f"{score} of 3: {SCORE_WORDS[score].lower()}"


def sentence(evidence: Evidence, needed_on: date, *, sees_scores: bool) -> str:
    """What is known about a criterion, in a sentence without anybody's words."""
    if evidence.is_waived:
        return "Two people agreed to set this aside."
    match evidence.criterion.type:
        case "declaration":
            return "They confirmed it." if evidence.confirmed else "They did not confirm it."
        case "elapsed-time":
            start = rules.may_start(evidence)
            if start is None:
                return "They gave no day from which they can start."
            late = f", after {date_in_words(needed_on)}" if start > needed_on else ""
            return f"May start from {date_in_words(start)}{late}."
        case "document-seen":
            return {"accepted": "Seen and accepted.", "to-discuss": "Seen, to talk about first."}.get(
                evidence.check or "", "Seen, not accepted." if evidence.check else "Not seen yet."
            )
        case "reference" if not evidence.has_reference:
            return "The reference is not here yet."
        case _:
            return _of_scores(evidence) if sees_scores else ""


def _of_scores(evidence: Evidence) -> str:
    known = [str(score) for score in evidence.scores if score is not None]
    return f"Scored {' and '.join(known)} of 3." if known else "Not asked."


def _reasons(session: Session, found: Found, names: Mapping[UUID, str]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (
            rules.Outcome(one.outcome).label + (f" ({date_in_words(one.until_date)})" if one.until_date else ""),
            f"{_name(names, one.decided_by)}, {date_in_words(one.at)}",
            opened.text_of(session, one.reason_id) or "",
        )
        for one in found.decisions
    )


# -- the list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One application in the list, as far as this selector may see it."""

    found: Found
    flags: tuple[str, ...]
    gaps: int | None
    points: str
    is_mine_to_score: bool
    is_conflict: bool

    @property
    def is_to_agree(self) -> bool:
        """Whether both have scored, and nobody has agreed on an outcome, or they said they would look again today."""
        return (self.found.standing is Standing.TO_AGREE or self.is_due_again) and not self.is_conflict

    @property
    def is_due_again(self) -> bool:
        """Whether the day has come on which they said they would look again."""
        decision = self.found.decision
        until = decision.until_date if decision else None
        return self.found.standing is Standing.DEFERRED and until is not None and until <= self.found.today

    @property
    def tag(self) -> tuple[str, str]:
        """How its standing is drawn, and in words."""
        drawn, words = STANDINGS[self.found.standing]
        decision = self.found.decision
        if self.found.standing is Standing.DEFERRED and decision is not None and decision.until_date is not None:
            words = "Look again now" if self.is_due_again else f"Look again on {date_in_words(decision.until_date)}"
        return drawn, words


def rows(found: list[Found], *, me: UUID) -> list[Row]:
    """The list that makes choosing quick: what I have to score, then what to agree on (most points first), the rest."""
    shown = [_row(one, me) for one in found]
    order = {Standing.TO_AGREE: 1, Standing.SCORED_ONCE: 2, Standing.SENT: 2}
    return sorted(
        shown,
        key=lambda row: (
            0 if row.is_mine_to_score else 1 if row.is_due_again else order.get(row.found.standing, 3),
            -row.found.total if row.points else 0,
            row.found.name,
        ),
    )


def _row(found: Found, me: UUID) -> Row:
    case = found.case
    sees = rules.may_see_scores(case, by=me)
    flags = tuple(one.criterion.text.rstrip(".") for one in found.flags if sees or not one.criterion.is_scored)
    barred = me in case.conflicts or me == case.applicant
    can = me not in case.scored_by and found.standing in rules.IS_SCORABLE and not barred
    points = f"{found.total} of {found.most}" if sees and found.most else ""
    return Row(found, flags, len(found.gaps) if sees and len(found.scorings) > 1 else None, points, can, barred)
