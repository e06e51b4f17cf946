"""What may be agreed, when, and by whom: the table of kinds and days is the rules' specification."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from course.adjustments import rules
from course.adjustments.models import Kind
from course.adjustments.rules import AdjustmentFact, Agreement
from course.audit import Event
from course.independence import Standing, Tie
from course.refusal import Refusal

TODAY = date(2026, 11, 25)
YESTERDAY, TOMORROW, LATER = TODAY - timedelta(days=1), TODAY + timedelta(days=1), TODAY + timedelta(days=60)
LEARNER, STAFF = uuid4(), uuid4()
FREE, OWN, APART = Standing(), Standing(frozenset({Tie.OWN})), Standing(frozenset({Tie.APART}))
EXTRA_TIME = Agreement(Kind.ADJUSTMENT, "Half as long again.", "Ffion", "nothing", TODAY, None, LATER)
BAD_NIGHT = Agreement(
    Kind.CONSIDERATION, "The fire alarm rang.", "Ffion", "nothing", YESTERDAY, units=frozenset({"u1"})
)


def agree(wanted: Agreement, *, standing: Standing = FREE, is_enrolled: bool = True) -> Event:
    step = rules.agree(wanted, standing, is_enrolled=is_enrolled, known={"u1", "u2"},  # type: ignore[arg-type]
                       handed_in={"u1"}, today=TODAY)  # fmt: skip
    return step.event


TABLE = [
    (EXTRA_TIME, Event.ADJUSTMENT_AGREED),
    (replace(EXTRA_TIME, from_on=TOMORROW), Event.ADJUSTMENT_AGREED),
    (replace(EXTRA_TIME, units=frozenset({"u2"})), Event.ADJUSTMENT_AGREED),
    (replace(EXTRA_TIME, from_on=YESTERDAY), "before the work"),
    (replace(EXTRA_TIME, review_on=None), "whether it still fits"),
    (replace(EXTRA_TIME, review_on=TODAY), "whether it still fits"),
    (replace(EXTRA_TIME, until_on=YESTERDAY), "before the first"),
    (replace(EXTRA_TIME, units=frozenset({"u9"})), "not part of the course"),
    (replace(EXTRA_TIME, what="  "), "what is agreed"),
    (replace(EXTRA_TIME, agreed_with=""), "who agreed it"),
    (BAD_NIGHT, Event.CONSIDERATION_AGREED),
    (replace(BAD_NIGHT, from_on=TODAY), Event.CONSIDERATION_AGREED),
    (replace(BAD_NIGHT, from_on=TOMORROW), "has happened"),
    (replace(BAD_NIGHT, units=frozenset()), "Choose the unit"),
    (replace(BAD_NIGHT, units=frozenset({"u2"})), "Nothing of this unit is handed in"),
]


@pytest.mark.parametrize(("wanted", "expected"), TABLE)
def test_an_adjustment_comes_before_the_work_and_consideration_after(wanted: Agreement, expected: Event | str) -> None:
    if isinstance(expected, Event):
        assert agree(wanted) == expected
    else:
        with pytest.raises(Refusal, match=expected):
            agree(wanted)


def test_nobody_agrees_for_themselves_or_for_somebody_who_has_left() -> None:
    with pytest.raises(Refusal, match="your own work"):
        agree(EXTRA_TIME, standing=OWN)
    with pytest.raises(Refusal, match="has left"):
        agree(EXTRA_TIME, is_enrolled=False)


FACT = AdjustmentFact(uuid4(), uuid4(), "adjustment", "nothing", TODAY, None, LATER, uuid4(), STAFF)
DAYS = [
    (FACT, YESTERDAY, False), (FACT, TODAY, True), (FACT, LATER, True),
    (replace(FACT, until_on=TOMORROW), TOMORROW, True), (replace(FACT, until_on=TOMORROW), LATER, False),
    (replace(FACT, until_on=LATER, last_on=TODAY), TODAY, True),
    (replace(FACT, until_on=LATER, last_on=TODAY), TOMORROW, False),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "day", "holds"), DAYS)
def test_it_holds_from_the_first_day_to_the_last_and_ending_it_counts(
    fact: AdjustmentFact, day: date, holds: bool
) -> None:
    assert fact.holds_on(day) is holds


def test_no_unit_named_means_every_unit() -> None:
    assert FACT.covers("u1")
    assert FACT.covers("u2")
    assert not replace(FACT, units=frozenset({"u1"})).covers("u2")


def test_ending_never_reaches_back() -> None:
    def end(
        fact: AdjustmentFact, last_on: date, standing: Standing = FREE, reason: str = "It no longer fits."
    ) -> Event:
        step = rules.end(fact, standing, last_on=last_on, today=TODAY, reason=reason)  # type: ignore[arg-type]
        return step.event

    assert end(FACT, TODAY) == Event.ADJUSTMENT_ENDED
    for fact, last_on, sentence in (
        (FACT, YESTERDAY, "today or later"),
        (replace(FACT, last_on=TODAY), TODAY, "ended already"),
        (replace(FACT, from_on=YESTERDAY, until_on=YESTERDAY), TODAY, "ended already"),
        (replace(FACT, until_on=TOMORROW), LATER, "before that day"),
    ):
        with pytest.raises(Refusal, match=sentence):
            end(fact, last_on)
    with pytest.raises(Refusal, match="Write why"):
        end(FACT, TODAY, reason=" ")
    with pytest.raises(Refusal, match="your own work"):
        end(FACT, TODAY, standing=OWN)


def test_a_learner_asks_for_themselves_and_not_without_end() -> None:
    asked = {"learner": LEARNER, "by": LEARNER, "is_enrolled": True, "waiting": 0, "words": "More time, please."}
    assert rules.ask(**asked).event == Event.ADJUSTMENT_ASKED  # type: ignore[arg-type]
    for change, sentence in (
        ({"by": STAFF}, "for yourself"), ({"is_enrolled": False}, "left"), ({"waiting": 5}, "has not answered"),
        ({"words": " "}, "what would help"),
    ):  # fmt: skip
        with pytest.raises(Refusal, match=sentence):
            rules.ask(**(asked | change))  # type: ignore[arg-type]


def test_a_request_is_answered_once_and_not_by_who_asked() -> None:
    reply = {"standing": FREE, "is_answered": False, "words": "Yes."}
    assert rules.reply(**reply).event == Event.ADJUSTMENT_ANSWERED  # type: ignore[arg-type]
    for change in ({"standing": OWN}, {"standing": APART}, {"is_answered": True}, {"words": ""}):
        with pytest.raises(Refusal):
            rules.reply(**(reply | change))  # type: ignore[arg-type]


def test_a_request_is_settled_once_with_a_reason_where_it_is_not_agreed() -> None:
    assert rules.settle(is_settled=False).event == Event.ADJUSTMENT_ANSWERED
    with pytest.raises(Refusal, match="settled this request already"):
        rules.settle(is_settled=True)
    said = {"standing": FREE, "is_settled": False, "words": "The course has no timed work."}
    assert rules.decline(**said).event == Event.ADJUSTMENT_DECLINED  # type: ignore[arg-type]
    for change in ({"standing": OWN}, {"standing": APART}, {"is_settled": True}, {"words": " "}):
        with pytest.raises(Refusal):
            rules.decline(**(said | change))  # type: ignore[arg-type]
