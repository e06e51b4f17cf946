"""The states × verbs of an application, and what is flagged: this table is the specification."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from assessors.selection import rules
from assessors.selection.rules import Case, Eligible, Evidence, Outcome, Result, Standing
from course.enrolment.policy import SelectionCriterion
from course.refusal import Refusal

APPLICANT, FIRST, SECOND, THIRD = (uuid4() for _ in range(4))
TODAY = date(2026, 11, 25)
SCORED_BY = {Standing.DRAFT: (), Standing.SENT: (), Standing.SCORED_ONCE: (FIRST,), Standing.WITHDRAWN: ()}


def case(standing: Standing, **more: Any) -> Case:
    return Case(APPLICANT, standing, **({"scored_by": SCORED_BY.get(standing, (FIRST, SECOND))} | more))


def score(found: Case, by: UUID) -> object:
    return rules.score(found, by=by, missing=())


def decide(found: Case, by: UUID, outcome: Outcome = Outcome.OFFER, reason: str = "Why.") -> object:
    return rules.decide(found, by=by, outcome=outcome, reason=reason, until=TODAY + timedelta(days=9), today=TODAY)


def agree(found: Case, by: UUID) -> object:
    return rules.agree_waiver(found, asked_by=FIRST, by=by, already=False)


VERBS: dict[str, tuple[Callable[[Case, UUID], object], UUID]] = {
    "save": (lambda found, by: rules.save(found, by=by), APPLICANT),
    "send": (lambda found, by: rules.send(found, by=by, noticed=True), APPLICANT),
    "withdraw": (lambda found, by: rules.withdraw(found, by=by), APPLICANT),
    "answer": (lambda found, by: rules.answer_offer(found, by=by), APPLICANT),
    "score": (score, SECOND),
    "note a day": (lambda found, by: rules.note_date(found, by=by), SECOND),
    "ask a waiver": (lambda found, by: rules.ask_waiver(found, by=by, reason="Why."), SECOND),
    "agree to it": (agree, SECOND),
    "ask a reference": (lambda found, by: rules.ask_reference(found, by=by, has_address=True, is_here=False), SECOND),
    "decide": (decide, SECOND),
}
BEFORE_SCORES = {"withdraw", "score", "note a day", "ask a waiver", "agree to it", "ask a reference"}
OPEN = {"withdraw", "note a day", "ask a waiver", "agree to it", "ask a reference", "decide"}
MAY: dict[Standing, set[str]] = {
    Standing.DRAFT: {"save", "send", "withdraw"},
    Standing.SENT: BEFORE_SCORES,
    Standing.SCORED_ONCE: BEFORE_SCORES,
    Standing.TO_AGREE: OPEN,
    Standing.OFFERED: OPEN | {"answer"},
    Standing.DEFERRED: OPEN,
    Standing.WAITING: OPEN,
    Standing.DECLINED: OPEN,
    Standing.ACCEPTED: {"agree to it"},
    Standing.TURNED_DOWN: {"agree to it"},
    Standing.WITHDRAWN: {"agree to it"},
}


@pytest.mark.parametrize(("standing", "verb"), list(itertools.product(Standing, VERBS)))
def test_what_may_be_done_in_each_state(standing: Standing, verb: str) -> None:
    do, by = VERBS[verb]
    if verb in MAY[standing]:
        do(case(standing), by)
    else:
        with pytest.raises(Refusal) as refused:
            do(case(standing), by)
        assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize("verb", [verb for verb, (_, by) in VERBS.items() if by != APPLICANT])
def test_nobody_acts_on_their_own_application_or_on_somebody_they_know(verb: str) -> None:
    do, _ = VERBS[verb]
    for standing in Standing:
        with pytest.raises(Refusal):
            do(case(standing), APPLICANT)
        with pytest.raises(Refusal):
            do(case(standing, conflicts=frozenset({SECOND})), SECOND)


@pytest.mark.parametrize("verb", ["save", "send", "withdraw", "answer"])
def test_nobody_acts_for_the_applicant(verb: str) -> None:
    do, _ = VERBS[verb]
    for standing in Standing:
        with pytest.raises(Refusal):
            do(case(standing), FIRST)


def test_nobody_scores_twice_and_nobody_after_two() -> None:
    with pytest.raises(Refusal, match="You have scored"):
        score(case(Standing.SCORED_ONCE), FIRST)
    with pytest.raises(Refusal, match="Two people have scored"):
        score(case(Standing.TO_AGREE), THIRD)
    with pytest.raises(Refusal, match="each question"):
        rules.score(case(Standing.SENT), by=FIRST, missing=["why"])


def test_a_score_is_blind_until_ones_own_is_saved() -> None:
    once = case(Standing.SCORED_ONCE)
    assert rules.may_see_scores(once, by=FIRST)
    assert not rules.may_see_scores(once, by=SECOND)
    assert rules.may_see_scores(case(Standing.TO_AGREE), by=THIRD)


def test_a_second_person_agrees_to_a_waiver_and_only_once() -> None:
    with pytest.raises(Refusal, match="second person"):
        agree(case(Standing.SENT), FIRST)
    with pytest.raises(Refusal, match="already"):
        rules.agree_waiver(case(Standing.SENT), asked_by=FIRST, by=SECOND, already=True)
    with pytest.raises(Refusal, match="Write why"):
        rules.ask_waiver(case(Standing.SENT), by=FIRST, reason="  ")


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_needs_two_scores_and_a_reason(outcome: Outcome) -> None:
    with pytest.raises(Refusal, match="Two people"):
        decide(case(Standing.SCORED_ONCE), FIRST, outcome)
    with pytest.raises(Refusal, match="in your own words"):
        decide(case(Standing.TO_AGREE), FIRST, outcome, reason=" \n ")
    decide(case(Standing.TO_AGREE), FIRST, outcome)


def test_looking_again_needs_a_day_to_come() -> None:
    for until in (None, TODAY, TODAY - timedelta(days=1)):
        with pytest.raises(Refusal, match="after today"):
            rules.decide(
                case(Standing.TO_AGREE), by=FIRST, outcome=Outcome.DEFER, reason="Why.", until=until, today=TODAY
            )


# -- no rule ever refuses by itself ----------------------------------------------------------------------------------


def criterion(kind: Any, **more: Any) -> SelectionCriterion:
    return SelectionCriterion(key="one", text="One thing", type=kind, **more)


EVERY_EVIDENCE = [
    Evidence(criterion("declaration"), confirmed=confirmed, is_waived=waived)
    for confirmed, waived in itertools.product((None, False, True), (False, True))
] + [
    Evidence(criterion("elapsed-time", days=90), eligible=eligible)
    for eligible in (None, Eligible(TODAY, 90), Eligible(TODAY + timedelta(days=900), 90))
] + [
    Evidence(criterion("document-seen"), check=check) for check in (None, "accepted", "to-discuss", "not-accepted")
] + [
    Evidence(criterion(kind), scores=scores)
    for kind in ("reference", "interview", "experience")
    for scores in ((), (0,), (0, 0), (0, 3), (3, 3), (None, None))
]  # fmt: skip


@pytest.mark.parametrize("evidence", EVERY_EVIDENCE)
def test_whatever_is_flagged_only_a_person_decides_and_every_outcome_stays_open(evidence: Evidence) -> None:
    """No evidence makes an outcome: the standing depends on a decision that a person wrote, and on nothing else."""
    flags = rules.flagged([evidence], TODAY)
    unmet = tuple(one.criterion.text for one in flags if one.criterion.required)
    for scorings in (0, 1, 2):
        standing = rules.standing_of(is_sent=True, scorings=scorings, outcome=None, accepted=None, withdrawn=False)
        assert standing in {Standing.SENT, Standing.SCORED_ONCE, Standing.TO_AGREE}
    for outcome in Outcome:
        decide(case(Standing.TO_AGREE, unmet=unmet), FIRST, outcome)


def test_what_is_required_keeps_an_offer_waiting_and_refuses_nobody() -> None:
    waiting = case(Standing.TO_AGREE, unmet=("Proof of name",))
    with pytest.raises(Refusal, match="Proof of name") as refused:
        decide(waiting, FIRST, Outcome.OFFER)
    assert "waiver" in refused.value.next_step
    for outcome in set(Outcome) - {Outcome.OFFER}:
        decide(waiting, FIRST, outcome)


# -- results, gaps, days ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "result", "gap"),
    [
        ((), Result.NOT_ASKED, False), ((None, None), Result.NOT_ASKED, False), ((2,), Result.MET, False),
        ((1,), Result.NOT_MET, False), ((2, 2), Result.MET, False), ((2, 3), Result.MET, False),
        ((1, 2), Result.SPLIT, True), ((0, 3), Result.SPLIT, True), ((0, 1), Result.NOT_MET, False),
        ((3, None), Result.MET, False),
    ],
)  # fmt: skip
def test_two_scores_meet_differ_or_do_not(scores: tuple[int | None, ...], result: Result, gap: bool) -> None:
    found = Evidence(criterion("experience"), scores=scores)
    assert rules.result_of(found, TODAY) is result
    assert rules.is_gap(found) is gap
    assert not rules.is_gap(replace(found, is_waived=True)), "what was set aside is nothing to talk about"


def test_a_day_is_tried_under_another_length_without_knowing_what_it_is_counted_from() -> None:
    given = Eligible(TODAY, 30)
    longer = Evidence(criterion("elapsed-time", days=90), eligible=given)
    shorter = Evidence(criterion("elapsed-time", days=10), eligible=given)
    assert rules.may_start(longer) == TODAY + timedelta(days=60)
    assert rules.may_start(shorter) == TODAY - timedelta(days=20)
    assert rules.result_of(longer, TODAY) is Result.NOT_MET
    assert rules.result_of(shorter, TODAY) is Result.MET


def test_nobody_notes_a_check_on_themselves_or_in_the_future() -> None:
    day = timedelta(days=1)
    rules.note_check(person=APPLICANT, by=FIRST, knows=False, seen_on=TODAY, expires_on=TODAY + day, today=TODAY)
    for wrong in (
        {"by": APPLICANT}, {"knows": True}, {"seen_on": TODAY + day}, {"expires_on": TODAY},
        {"expires_on": TODAY - day},
    ):  # fmt: skip
        given: dict[str, Any] = {
            "person": APPLICANT,
            "by": FIRST,
            "knows": False,
            "seen_on": TODAY,
            "expires_on": None,
            "today": TODAY,
        }
        with pytest.raises(Refusal):
            rules.note_check(**(given | wrong))


NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
STARTS = date(2027, 1, 11)


@pytest.mark.parametrize(
    ("standing", "ends"),
    [
        (Standing.DRAFT, None), (Standing.SENT, None), (Standing.SCORED_ONCE, None), (Standing.TO_AGREE, None),
        (Standing.OFFERED, date(2026, 12, 25)), (Standing.ACCEPTED, date(2026, 12, 25)),
        (Standing.DECLINED, date(2026, 12, 25)), (Standing.WITHDRAWN, date(2026, 12, 25)),
        (Standing.TURNED_DOWN, date(2026, 12, 25)), (Standing.WAITING, date(2027, 2, 10)),
        (Standing.DEFERRED, date(2027, 3, 31)),
    ],
)  # fmt: skip
def test_evidence_stays_thirty_days_after_the_outcome(standing: Standing, ends: date | None) -> None:
    assert rules.evidence_ends(standing, since=NOW, until=date(2027, 3, 1), starts_on=STARTS) == ends
