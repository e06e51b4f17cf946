"""What changing guidance does to a decision, and who may send an answer back: the tables are the specification."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessors.changes import rules
from assessors.changes.rules import Effect, Signed, UnitFacts, Why
from assessors.guidance.compiled import Item, Level
from course.audit import Event
from course.enrolment.policy import Attempts, CompiledPolicy, CountThreshold, PointsThreshold
from course.independence import Standing, Tie
from course.refusal import Refusal
from course.workbook.models import Outcome

YES, NOT_YET = Outcome.ACHIEVED, Outcome.NOT_YET_ACHIEVED


def items(*texts: str, level: Level = "must") -> list[Item]:
    return [Item(id=f"{level}-{at}", level=level, criterion="1.1", text=text) for at, text in enumerate(texts, 1)]


SOAP, TIMES, HAIR = "Mentions soap and warm water.", "Names three times to wash hands.", "Ties long hair back."

# -- two versions ------------------------------------------------------------------------------------------------------


def test_items_that_only_moved_are_no_change() -> None:
    assert rules.changes(items(SOAP, TIMES), items(TIMES, SOAP)) == []
    assert rules.same_items(items(SOAP, TIMES), items(TIMES, SOAP)) == {"must-1": "must-2", "must-2": "must-1"}


def test_marks_that_an_item_gained_are_a_change_and_a_tick_on_it_stays() -> None:
    old = items(SOAP, level="should")
    new = [old[0].model_copy(update={"points": 2})]
    assert [(one.old, one.new) for one in rules.changes(old, new)] == [(old[0], new[0])]
    assert rules.same_items(old, new) == {"should-1": "should-1"}


def test_new_gone_and_reworded_items_are_told_apart() -> None:
    found = rules.changes(items(SOAP, TIMES), items("Names four times to wash hands.", HAIR))
    assert [(one.old.text if one.old else None, one.new.text if one.new else None) for one in found] == [
        (TIMES, "Names four times to wash hands."), (None, HAIR), (SOAP, None),
    ]  # fmt: skip


def test_a_should_that_becomes_a_must_is_a_new_must() -> None:
    found = rules.changes(items(SOAP, level="should"), items(SOAP))
    assert {(one.level, one.old is None) for one in found} == {("must", True), ("should", False)}


BOTH = {"must-1", "must-2"}
FOLLOWS = {
    # name: (old items, new items, ticked, outcome): (effect, why)
    "nothing changed": ((SOAP, TIMES), (TIMES, SOAP), BOTH, YES, Effect.STAYS, Why.UNTOUCHED),
    "a must was added to an achieved one": ((SOAP,), (SOAP, HAIR), {"must-1"}, YES, Effect.LOSES, Why.MUST_UNMET),
    "a must was reworded under one": ((SOAP,), (SOAP[:-1] + " twice.",), {"must-1"}, YES, Effect.LOSES, Why.MUST_UNMET),
    "a must went from an achieved one": ((SOAP, TIMES), (SOAP,), BOTH, YES, Effect.STAYS, Why.UNTOUCHED),
    "the must that was not ticked went": ((SOAP, TIMES), (SOAP,), {"must-1"}, NOT_YET, Effect.GAINS, Why.NOW_MET),
    "another must is still not ticked": ((SOAP, TIMES), (SOAP, TIMES, HAIR), {"must-1"}, NOT_YET, Effect.STAYS,
                                         Why.STILL_UNMET),
    "the one not ticked was reworded": ((SOAP, TIMES), (SOAP, TIMES + " Or four."), {"must-1"}, NOT_YET,
                                        Effect.UNKNOWN, Why.REWORDED),
    "nothing was ticked": ((SOAP,), (SOAP, HAIR), set(), YES, Effect.UNKNOWN, Why.NOTHING_TICKED),
    "achieved against the ticks": ((SOAP, TIMES), (SOAP, HAIR), {"must-1"}, YES, Effect.UNKNOWN, Why.OTHERWISE),
    "not yet against the ticks": ((SOAP,), (SOAP, HAIR), {"must-1"}, NOT_YET, Effect.UNKNOWN, Why.OTHERWISE),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLLOWS)
def test_what_follows_for_a_decision(name: str) -> None:
    old, new, ticks, outcome, effect, why = FOLLOWS[name]
    assert rules.what_follows(items(*old), items(*new), ticks, outcome) == (effect, why)


def test_a_new_not_yet_item_leaves_an_achieved_decision_unknown() -> None:
    new = [*items(SOAP), *items("Says gloves replace washing.", level="not-yet")]
    assert rules.what_follows(items(SOAP), new, {"must-1"}, YES) == (Effect.UNKNOWN, Why.NOT_YET_ITEM)


def test_a_should_changes_no_decision() -> None:
    new = [*items(SOAP), *items(HAIR, level="should")]
    assert rules.what_follows(items(SOAP), new, {"must-1"}, YES) == (Effect.STAYS, Why.UNTOUCHED)


words = st.lists(st.sampled_from([SOAP, TIMES, HAIR, "Dries them.", "Before food.", "After food."]), max_size=5)


@given(words, words, st.sets(st.integers(1, 5)), st.sampled_from([YES, NOT_YET]))
def test_the_same_words_never_change_a_decision(
    old: list[str], other: list[str], ticked: set[int], outcome: Outcome
) -> None:
    ticks = {f"must-{number}" for number in ticked if number <= len(old)}
    same = rules.what_follows(items(*old), items(*reversed(old)), ticks, outcome)
    assert same == (Effect.STAYS, Why.UNTOUCHED)
    # Every item of both versions is kept, new, gone or reworded, and each exactly once.
    found, kept = rules.changes(items(*old), items(*other)), rules.same_items(items(*old), items(*other))
    assert len(kept) + sum(one.old is not None for one in found) == len(old)
    assert len(kept) + sum(one.new is not None for one in found) == len(other)


# -- two policies ------------------------------------------------------------------------------------------------------

POLICIES = {
    # now, then: effect and how its reason begins
    "achieved under both": (UnitFacts(True), UnitFacts(True), Effect.STAYS, ""),
    "too few marks": (UnitFacts(True), UnitFacts(False, needed=6, have=3, counts_points=True), Effect.LOSES,
                      "3 of the 6 marks"),
    "marks were never counted": (
        UnitFacts(True), UnitFacts(False, needed=6, counts_points=True, has_uncounted=True), Effect.UNKNOWN,
        "Some of it was decided before"),
    "too few points": (UnitFacts(True), UnitFacts(False, needed=4, have=3), Effect.LOSES, "3 of the 4 points"),
    "every point again": (UnitFacts(True), UnitFacts(False), Effect.LOSES, "Not every point"),
    "enough now": (UnitFacts(False), UnitFacts(True, needed=3, have=3), Effect.GAINS, "Enough for the new"),
    "no go left": (UnitFacts(False), UnitFacts(False, frozenset({"when-to-wash"})), Effect.LOSES,
                   "No go left at “when to wash”"),
    "one more go": (UnitFacts(False, frozenset({"a"})), UnitFacts(False), Effect.GAINS, "One more go at “a”"),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_what_a_policy_does_to_a_unit(name: str) -> None:
    now, then, effect, begins = POLICIES[name]
    found, why = rules.under_policy(now, then)
    assert found == effect
    assert why.startswith(begins)


BASE = CompiledPolicy(qualification="food-hygiene")
BOUNDS = {"U1": (4, ("2.2",), 6)}
OWN = {
    "marks within reach": ({"threshold": {"U1": PointsThreshold(points=6)}}, True, None),
    "more marks than there are": ({"threshold": {"U1": PointsThreshold(points=7)}}, True, "gives 6 marks in all"),
    "no marks at all": ({"threshold": {"U1": PointsThreshold(points=0)}}, True, "gives 6 marks in all"),
    "a count where credit is given": ({"threshold": {"U1": CountThreshold(n=3, must_meet=("2.2",))}}, True, "credit"),
    "a count without safety": ({"threshold": {"U1": CountThreshold(n=3)}}, False, "safety"),
    "a count": ({"threshold": {"U1": CountThreshold(n=3, must_meet=("2.2",))}}, False, None),
    "a count too high": ({"threshold": {"U1": CountThreshold(n=5, must_meet=("2.2",))}}, False, "has 4 points"),
    "a unit that is not there": ({"threshold": {"U9": PointsThreshold(points=1)}}, True, "no unit 9"),
    "what the qualification keeps": ({"attempts": Attempts(limit=1)}, True, "does not let a centre"),
    "its own freedom": ({"centre_may_change": ("attempts",)}, True, "does not let a centre"),
    "nothing": ({}, True, "that you began with"),
}


@pytest.mark.parametrize("name", OWN)
def test_a_centre_changes_only_what_it_may_and_asks_for_nothing_out_of_reach(name: str) -> None:
    changed, gives_credit, refused = OWN[name]

    def make(role: str = "lead-iqa") -> None:
        rules.make_own_policy(
            BASE, BASE.model_copy(update=changed), may_change=("threshold",), role=role, bounds=BOUNDS,
            gives_credit=gives_credit,
        )  # fmt: skip

    if refused is None:
        make()
        with pytest.raises(Refusal, match="Only the lead"):
            make("iqa")
    else:
        with pytest.raises(Refusal, match=refused):
            make()


# -- sending back: state x who -----------------------------------------------------------------------------------------

LEARNER, LEAD = uuid4(), uuid4()
RETURNED = Signed(learner=LEARNER)
APART = Standing()
STATES = {
    "returned": (RETURNED, None),
    "decided, not returned": (replace(RETURNED, is_returned=False), "can still decide it again"),
    "sent back already": (replace(RETURNED, is_reopened=True), "sent back already"),
    "newer answer waits": (replace(RETURNED, has_newer_waiting=True), "newer answer"),
    "released": (replace(RETURNED, is_released=True), "released for claim"),
    "recorded": (replace(RETURNED, has_record=True), "record of this unit stands"),
    "own work": (replace(RETURNED, learner=LEAD), "your own work"),
}
WHO = {
    # role, what the policy says, how they stand to the cohort: who may
    "lead": ("lead-iqa", "lead-iqa", APART, None),
    "IQA where the lead must": ("iqa", "lead-iqa", APART, "only the lead"),
    "IQA where the policy says": ("iqa", "iqa", APART, None),
    "lead where an IQA may": ("lead-iqa", "iqa", APART, None),
    "assessor": ("assessor", "iqa", APART, "only the lead"),
    "admin": ("admin", "iqa", APART, "only the lead"),
    "lead who assessed": ("lead-iqa", "lead-iqa", Standing(frozenset({Tie.ASSESSED})), "You assessed"),
    "lead who taught": ("lead-iqa", "lead-iqa", Standing(frozenset({Tie.TAUGHT})), "You taught"),
    "lead who studies": ("lead-iqa", "lead-iqa", Standing(frozenset({Tie.STUDIES})), "You are, or were, a learner"),
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("state", STATES)
def test_who_may_send_back_what(state: str, who: str) -> None:
    signed, wrong_state = STATES[state]
    role, may, standing, wrong_person = WHO[who]

    def send() -> object:
        return rules.reopen(signed, standing, by=LEAD, role=role, may=may, reason="The guidance misled.").event

    if wrong_state or wrong_person:
        with pytest.raises(Refusal, match=f"{wrong_person or wrong_state}") as refused:
            send()
        assert refused.value.next_step
    else:
        assert send() == Event.ANSWER_REOPENED


def test_sending_back_needs_a_reason() -> None:
    with pytest.raises(Refusal, match="Write why"):
        rules.reopen(RETURNED, APART, by=LEAD, role="lead-iqa", may="lead-iqa", reason=" ")


def test_what_would_change_must_be_what_was_seen() -> None:
    rules.put_in_force(reaches=True, seen="a", now="a", reason="Agreed.")
    for wrong in ({"seen": "b"}, {"reason": " "}, {"reaches": False}):
        with pytest.raises(Refusal):
            rules.put_in_force(**({"reaches": True, "seen": "a", "now": "a", "reason": "Agreed."} | wrong))
