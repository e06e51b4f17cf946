"""A unit is achieved when every criterion is, and its threshold if there is one; nothing of it is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from course.catalogue.compiled import CompiledUnit, Criterion, Hours, Outcome
from course.enrolment.policy import CompiledPolicy, CountThreshold, PointsThreshold
from course.workbook import progress
from course.workbook.progress import UnitState
from course.workbook.rules import AnswerFacts, DecisionFact, State
from tests.course.workbook.test_content import question

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WHO = uuid4()


def unit(*questions: Any, numbers: tuple[str, ...] = ("1.1", "1.2")) -> CompiledUnit:
    criteria = tuple(Criterion(number=number, text="…") for number in numbers)
    return CompiledUnit(
        qualification="q", slug="01-u", code="U1", title="Unit", level="2", credit=None, hours=Hours(), status="ready",
        outcomes=(Outcome(number=1, text="…", criteria=criteria),), pages=(), questions=questions,
    )  # fmt: skip


def asked(key: str, *criteria: str, **more: Any) -> Any:
    return question("short", key=key, criteria=criteria, **more)


def answered(
    key: str, outcomes: dict[str, str], *, day: int = 1, returned: bool = True, points: int = 0
) -> AnswerFacts:
    at = NOON + timedelta(days=day)
    decisions = tuple(
        DecisionFact(uuid4(), number, 1, outcome, WHO, at, points, returned_at=at if returned else None)
        for number, outcome in outcomes.items()
    )
    return AnswerFacts(
        id=UUID(int=day), hand_in_id=uuid4(), enrolment_id=WHO, centre_id=WHO, cohort_id=WHO, qualification="q",
        unit="01-u", question=key,
        kind="short", unit_version_id=WHO, words_id=WHO, number=1, at=at, criteria=tuple(outcomes),
        decisions=decisions, attempt=1,
    )  # fmt: skip


def derived(unit_: CompiledUnit, *answers: AnswerFacts, threshold: Any = None, **more: Any) -> Any:
    policy = CompiledPolicy(qualification="q", threshold={"U1": threshold} if threshold else {})
    return progress.derive(WHO, WHO, unit_, policy, answers, **more)


YES, NO = "achieved", "not_yet_achieved"


def test_a_unit_is_achieved_when_every_criterion_is() -> None:
    two = unit(asked("a", "1.1"), asked("b", "1.2"))
    half = derived(two, answered("a", {"1.1": YES}))
    assert half.criteria == {"1.1": State.ACHIEVED, "1.2": State.NOT_STARTED}
    assert not half.achieved
    whole = derived(two, answered("a", {"1.1": YES}), answered("b", {"1.2": YES}, day=3))
    assert whole.achieved
    assert whole.achieved_on == NOON + timedelta(days=3)


def test_a_criterion_needs_each_question_that_names_it() -> None:
    both = unit(asked("a", "1.1"), asked("b", "1.1", "1.2"))
    assert derived(both, answered("b", {"1.1": YES, "1.2": YES})).criteria["1.1"] != State.ACHIEVED


def test_one_of_two_questions_that_stand_for_each_other_is_enough() -> None:
    either = unit(asked("own", "1.1"), asked("made-up", "1.1", instead_of="own"), numbers=("1.1",))
    found = derived(either, answered("made-up", {"1.1": YES}))
    assert found.achieved
    assert found.questions == {"own": State.ACHIEVED, "made-up": State.ACHIEVED}


def test_what_is_decided_but_not_returned_does_not_count() -> None:
    one = unit(asked("a", "1.1"), numbers=("1.1",))
    assert not derived(one, answered("a", {"1.1": YES}, returned=False)).achieved


def test_strengths_never_make_up_for_a_missing_criterion() -> None:
    two = unit(asked("a", "1.1"), asked("b", "1.2"))
    points = PointsThreshold(points=2)
    assert not derived(two, answered("a", {"1.1": YES}, points=9), threshold=points).achieved


@pytest.mark.parametrize(("points", "is_departed", "achieved"), [(3, False, True), (2, False, False), (2, True, True)])
def test_a_points_threshold_is_met_or_departed_from(points: int, is_departed: bool, achieved: bool) -> None:
    one = unit(asked("a", "1.1"), numbers=("1.1",))
    found = derived(
        one, answered("a", {"1.1": YES}, points=points), threshold=PointsThreshold(points=3), is_departed=is_departed
    )
    assert found.achieved is achieved
    assert found.is_below_threshold is not achieved
    assert found.threshold.have == points


def test_only_the_last_attempts_points_count() -> None:
    one = unit(asked("a", "1.1"), numbers=("1.1",))
    found = derived(
        one, answered("a", {"1.1": NO}, points=2), answered("a", {"1.1": YES}, day=2, points=1),
        threshold=PointsThreshold(points=3),
    )  # fmt: skip
    assert found.threshold.have == 1


def test_n_of_m_needs_its_number_and_the_ones_that_must_be_met() -> None:
    three = unit(asked("a", "1.1"), asked("b", "1.2"), asked("c", "1.3"), numbers=("1.1", "1.2", "1.3"))
    rule = CountThreshold(n=2, must_meet=("1.3",))
    without = derived(three, answered("a", {"1.1": YES}), answered("b", {"1.2": YES}, day=2), threshold=rule)
    assert not without.achieved
    enough = derived(three, answered("a", {"1.1": YES}), answered("c", {"1.3": YES}, day=4), threshold=rule)
    assert enough.achieved
    assert enough.achieved_on == NOON + timedelta(days=4)


def test_the_unit_says_what_asks_most_urgently_for_somebody() -> None:
    two = unit(asked("a", "1.1"), asked("b", "1.2"))
    assert derived(two).state == UnitState.NOT_STARTED
    assert derived(two, drafts=frozenset({"a"})).state == UnitState.DRAFT
    assert derived(two, answered("a", {"1.1": NO})).state == UnitState.NOT_YET
    waiting = (answered("a", {"1.1": YES}), answered("b", {"1.2": YES}, day=2, returned=False))
    assert derived(two, *waiting).state == UnitState.BEING_MARKED


def test_a_planned_unit_is_never_achieved() -> None:
    planned = unit(numbers=("1.1",)).model_copy(update={"status": "planned"})
    found = derived(planned)
    assert found.state == UnitState.PLANNED
    assert not found.achieved


def test_a_whole_cohort_costs_as_many_queries_as_one_learner(story: Any, statements: Any) -> None:
    from tests.course.workbook.judging import judge
    from tests.course.workbook.test_whole_journey import KEY
    from tests.support.story import QUALIFICATION, UNIT

    enrolled = [story.learner()[1] for _ in range(4)]
    for enrolment in enrolled[:3]:
        judge(story, story.hand_in(enrolment, KEY), {"1.1": "achieved"})

    def cost(ids: list[UUID]) -> int:
        with story.reading() as session:
            statements.clear()
            found = progress.unit_progress(session, ids, QUALIFICATION)
            assert found[ids[0], UNIT].questions[KEY] == State.ACHIEVED
            return len(statements)

    cost([enrolled[0].id])  # what is published is read once a process
    assert cost([enrolled[0].id]) == cost([one.id for one in enrolled]) == 2
