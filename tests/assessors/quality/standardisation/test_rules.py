"""The full table of states and verbs of standardisation; whatever it does not allow raises Refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessors.quality.standardisation import rules
from assessors.quality.standardisation.rules import Activity
from course.audit import Event
from course.refusal import Refusal, Step

TODAY = date(2026, 11, 25)
ANN, BOB = UUID(int=1), UUID(int=2)

STATES = {
    "nobody has finished": Activity(),
    "one has finished": Activity(complete=1),
    "two have finished": Activity(complete=2),
    "at the meeting": Activity(has_begun=True, complete=2),
}
VERBS: dict[str, Callable[[Activity], Step]] = {
    "judge": lambda at: rules.judge(
        at, judged_before=False, criteria=["2.2"], outcomes={"2.2": "achieved"}, why="She is believed."
    ),
    "begin": rules.begin,
    "propose": lambda at: rules.propose(at, is_known_place=True, wording="Says who is told.", why="Sample 2."),
    "record": lambda at: rules.record(
        at, present=[ANN, BOB], held_on=TODAY, lasted=60, minutes="We agreed.", today=TODAY
    ),
}
ALLOWED = {
    ("nobody has finished", "judge"): Event.SAMPLE_JUDGED,
    ("one has finished", "judge"): Event.SAMPLE_JUDGED,
    ("two have finished", "judge"): Event.SAMPLE_JUDGED,
    ("two have finished", "begin"): Event.MEETING_BEGUN,
    ("at the meeting", "propose"): Event.GUIDANCE_PROPOSED,
    ("at the meeting", "record"): Event.MINUTES_RECORDED,
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", VERBS)
def test_the_table_of_states_and_verbs(state: str, verb: str) -> None:
    event = ALLOWED.get((state, verb))
    if event is None:
        with pytest.raises(Refusal):
            VERBS[verb](STATES[state])
    else:
        assert VERBS[verb](STATES[state]).event == event


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"judge_by": TODAY - timedelta(days=1)}])
def test_there_must_be_something_to_judge_and_time_to_do_it(wrong: dict[str, object]) -> None:
    right = {"samples": 3, "judge_by": TODAY, "today": TODAY}
    assert rules.open_activity(**right).event == Event.STANDARDISATION_OPENED
    with pytest.raises(Refusal):
        rules.open_activity(**right | wrong)


@pytest.mark.parametrize(
    "wrong", [{"judged_before": True}, {"outcomes": {}}, {"outcomes": {"2.2": "achieved", "9.9": "achieved"}},
              {"why": " "}]
)  # fmt: skip
def test_a_sample_is_judged_once_whole_and_with_a_reason(wrong: dict[str, object]) -> None:
    right = {"judged_before": False, "criteria": ["2.2"], "outcomes": {"2.2": "achieved"}, "why": "Because."}
    with pytest.raises(Refusal):
        rules.judge(Activity(), **right | wrong)


@pytest.mark.parametrize(
    "wrong", [{"present": [ANN]}, {"present": [ANN, ANN]}, {"held_on": TODAY + timedelta(days=1)}, {"lasted": 0},
              {"lasted": 601}, {"minutes": " "}]
)  # fmt: skip
def test_minutes_say_who_when_how_long_and_what(wrong: dict[str, object]) -> None:
    right = {"present": [ANN, BOB], "held_on": TODAY, "lasted": 60, "minutes": "We agreed.", "today": TODAY}
    with pytest.raises(Refusal):
        rules.record(Activity(has_begun=True, complete=2), **right | wrong)


@pytest.mark.parametrize("wrong", [{"is_known_place": False}, {"wording": " "}, {"why": ""}])
def test_wording_says_where_what_and_why(wrong: dict[str, object]) -> None:
    right = {"is_known_place": True, "wording": "Says who is told.", "why": "Sample 2."}
    with pytest.raises(Refusal):
        rules.propose(Activity(has_begun=True), **right | wrong)


TITLES = ["Clearly achieved", "Borderline", "Borderline 2", "Not yet"]


@given(st.text(), st.permutations(TITLES))
def test_the_order_of_samples_is_fixed_and_does_not_hang_on_how_they_are_written(seed: str, titles: list[str]) -> None:
    assert rules.mixed(seed, titles) == rules.mixed(seed, TITLES)
    assert sorted(rules.mixed(seed, titles)) == sorted(TITLES)


def test_the_order_of_samples_differs_from_meeting_to_meeting() -> None:
    assert len({tuple(rules.mixed(str(number), TITLES)) for number in range(50)}) > 5
