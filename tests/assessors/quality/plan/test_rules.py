"""The draw: reproducible, never of one's own decisions, as much as the policy asks, and explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessors.quality.plan import facts, rules
from assessors.quality.plan.rules import Because, Change, Choice, Decided, Evidence, Item, Need, Stage
from course.enrolment.policy import Sampling
from course.independence import Standing, Tie
from course.refusal import Refusal

TODAY = date(2026, 11, 25)
ASSESSORS = tuple(UUID(int=number) for number in range(1, 5))
IQA = UUID(int=99)
FREE = Standing()
ALWAYS = tuple(need.value for need in Need)
SORTS = (Need.SAFETY, Need.NOT_YET, Need.LATER, Need.BORDERLINE, Need.DEPARTURE)


@st.composite
def pools(draw: st.DrawFn, people: tuple[UUID, ...] = (*ASSESSORS, IQA)) -> list[Item]:
    """Judged answers of a cohort: who decided which criteria how."""
    criteria = st.sampled_from(["1.1", "1.2", "2.1", "2.2", "U2:1.1"])
    decided = st.builds(Decided, st.sampled_from(people), criteria, st.booleans())
    shapes = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["01-a", "02-b"]), st.sampled_from(["short", "choice"]),
                st.lists(decided, min_size=1, max_size=3, unique_by=lambda one: one.criterion),
                st.frozensets(st.sampled_from(SORTS), max_size=2), st.booleans(),
            ),
            max_size=40,
        )
    )  # fmt: skip
    return [
        Item(UUID(int=1000 + number), unit, kind, tuple(made), sorts, is_sampled)
        for number, (unit, kind, made, sorts, is_sampled) in enumerate(shapes)
    ]


policies = st.builds(
    lambda percent, interim, more, always: Sampling(
        percent=percent, interim=interim, final=100 - interim, new_assessor=max(percent, more),
        raised=max(percent, more), always=tuple(always),
    ),
    st.integers(0, 100), st.integers(0, 100), st.integers(0, 100), st.lists(st.sampled_from(ALWAYS), unique=True),
)  # fmt: skip
known = st.dictionaries(
    st.sampled_from(ASSESSORS),
    st.builds(
        Evidence,
        st.one_of(st.none(), st.integers(0, 400).map(lambda days: TODAY - timedelta(days=days))),
        st.integers(0, 3),
    ),
)


def drawn(pool: list[Item], policy: Sampling, stage: Stage = Stage.FINAL, seed: int = 7, **more: object) -> rules.Drawn:
    """A draw by the IQA of these tests."""
    evidence = more.get("evidence", {})
    return rules.draw(pool, policy, stage, seed=seed, by=IQA, evidence=evidence, today=TODAY)  # type: ignore[arg-type]


@given(pools(), policies, known, st.sampled_from(Stage), st.integers(0, 2**31), st.randoms())
def test_the_same_seed_and_facts_give_the_same_plan(pool, policy, evidence, stage, seed, rng) -> None:
    shuffled = list(pool)
    rng.shuffle(shuffled)
    first = drawn(pool, policy, stage, seed, evidence=evidence)
    second = drawn(shuffled, policy, stage, seed, evidence=evidence)
    assert first.lines == second.lines
    assert facts.dumps(first) == facts.dumps(second)


@given(pools(), policies, known, st.sampled_from(Stage))
def test_nobody_samples_their_own_decisions(pool, policy, evidence, stage) -> None:
    own = {one.id for one in pool if IQA in one.assessors}
    found = drawn(pool, policy, stage, evidence=evidence)
    assert not own & {one.id for one in found.lines}
    assert IQA not in {one.assessor for one in found.shares}


@given(pools(), policies, known, st.sampled_from(Stage))
def test_a_draw_always_holds_what_the_policy_asks(pool, policy, evidence, stage) -> None:
    found = drawn(pool, policy, stage, evidence=evidence)
    assert found.is_compliant
    chosen = {one.id for one in found.lines} | {one.id for one in pool if one.is_sampled}
    for assessor in ASSESSORS:
        mine = [one for one in pool if IQA not in one.assessors]
        made = sum(one.decided_by(assessor) for one in mine)
        looked_at = sum(one.decided_by(assessor) for one in mine if one.id in chosen)
        share = policy.percent * (policy.interim if stage is Stage.INTERIM else 100) / 10_000
        assert looked_at >= made * share - 1e-9


@given(pools(), policies, known, st.sampled_from(Stage))
def test_every_line_says_why_and_none_was_sampled_before(pool, policy, evidence, stage) -> None:
    by_id = {one.id: one for one in pool}
    for line in drawn(pool, policy, stage, evidence=evidence).lines:
        assert line.brings or line.fills
        assert not by_id[line.id].is_sampled
        assert set(line.brings) <= rules.needs_of(by_id[line.id], policy)
        assert {who for _, who in line.fills} <= by_id[line.id].assessors
        assert facts.line_loads(line.id, facts.line_dumps(line)) == line


@given(pools(), policies, known)
def test_what_a_plan_keeps_reads_back_the_same(pool, policy, evidence) -> None:
    found = drawn(pool, policy, evidence=evidence)
    read = facts.loads(facts.dumps(found))
    assert read == found
    assert sum(count for *_, count in read.reasons) == len(found.lines)


@given(pools(people=ASSESSORS), policies, st.data())
def test_dropping_and_adding_again_changes_nothing(pool, policy, data) -> None:
    found = drawn(pool, policy)
    if not found.lines:
        return
    by_id = {one.id: one for one in pool}
    one = rules.weigh(by_id[data.draw(st.sampled_from(found.lines)).id], policy)
    without = rules.changed(found, added=[], dropped=[one])
    assert rules.changed(without, added=[one], dropped=[]) == found
    kept = facts.change_loads(facts.change_dumps(added=one, dropped=None))
    assert kept == {"added": one}


# -- by example --------------------------------------------------------------------------------------------------------


def answers(assessor: UUID, count: int, *, achieved: int | None = None, start: int = 0) -> list[Item]:
    """So many answers of one criterion by one assessor; the first `achieved` of them achieved."""
    outcomes = [achieved is None or number < achieved for number in range(count)]
    return [
        Item(UUID(int=start + number), "01-a", "short", (Decided(assessor, "1.1", outcome),))
        for number, outcome in enumerate(outcomes, 1)
    ]


JOAN, PRIYA = ASSESSORS[:2]


@pytest.mark.parametrize(
    ("stage", "evidence", "wanted", "because"),
    [
        (Stage.FINAL, Evidence(), 20, (Because.USUAL,)),
        (Stage.INTERIM, Evidence(), 10, (Because.USUAL,)),
        (Stage.INTERIM, Evidence(since=TODAY - timedelta(days=89)), 100, (Because.NEW,)),
        (Stage.INTERIM, Evidence(since=TODAY - timedelta(days=90)), 10, (Because.USUAL,)),
        (Stage.INTERIM, Evidence(disagreements=1), 40, (Because.DISAGREED,)),
        (Stage.FINAL, Evidence(since=TODAY, disagreements=2), 100, (Because.NEW, Because.DISAGREED)),
    ],
)
def test_an_assessors_share_comes_from_what_is_known_of_them(stage, evidence, wanted, because) -> None:
    found = drawn(answers(JOAN, 100), Sampling(), stage, evidence={JOAN: evidence})
    [share] = found.shares
    assert (share.wanted, share.because, len(found.lines)) == (wanted, because, wanted)


def test_a_pass_rate_that_stands_out_asks_for_a_closer_look() -> None:
    pool = answers(JOAN, 40, achieved=40, start=100) + answers(PRIYA, 40, achieved=20, start=200)
    assert {one.because for one in drawn(pool, Sampling()).shares} == {(Because.OUTLYING,)}
    alike = answers(JOAN, 40, achieved=22, start=100) + answers(PRIYA, 40, achieved=20, start=200)
    assert {one.because for one in drawn(alike, Sampling()).shares} == {(Because.USUAL,)}


@pytest.mark.parametrize(
    ("own", "others", "stands_out"),
    [((9, 9), (0, 100), False), ((10, 10), (50, 100), True), ((10, 10), (100, 100), False), ((0, 50), (0, 50), False)],
)
def test_few_decisions_never_stand_out(own, others, stands_out) -> None:
    assert rules.is_outlying(own, others) is stands_out


def test_what_only_one_answer_can_bring_is_always_drawn() -> None:
    pool = answers(JOAN, 50)
    rare = replace(pool[31], sorts=frozenset({Need.DEPARTURE}), kind="log", unit="02-b")
    pool[31] = rare
    found = drawn(pool, Sampling(percent=2, always=ALWAYS))
    line = next(one for one in found.lines if one.id == rare.id)
    assert {need for need, _ in line.brings} >= {Need.DEPARTURE, Need.KIND, Need.UNIT}
    assert line.headline == ("departures", "")


def test_a_later_plan_tops_up_what_earlier_samples_hold() -> None:
    pool = [replace(one, is_sampled=number < 10) for number, one in enumerate(answers(JOAN, 100))]
    assert len(drawn(pool, Sampling(), Stage.FINAL).lines) == 10
    assert drawn(pool, Sampling(), Stage.INTERIM).lines == ()


def test_a_plan_from_which_something_is_dropped_is_no_longer_compliant() -> None:
    pool = answers(JOAN, 10)
    found = drawn(pool, Sampling(always=("every-assessor",)))
    gone = [one for one in pool if one.id in {line.id for line in found.lines}]
    policy = Sampling(always=("every-assessor",))
    after = rules.changed(found, added=[], dropped=[rules.weigh(one, policy) for one in gone])
    assert not after.is_compliant
    assert [one.assessor for one in after.short] == [JOAN]
    assert [(one.need, one.of) for one in after.gaps] == [(Need.ASSESSOR, str(JOAN))]


def test_the_last_change_of_an_answer_counts() -> None:
    a, b = ASSESSORS[:2]
    assert rules.after([Change(added=a), Change(added=b, dropped=a)]) == ({b}, {a})
    assert rules.after([Change(dropped=a), Change(added=a)]) == ({a}, frozenset())


# -- who may: role in the cohort × verb --------------------------------------------------------------------------------

PARTS = {
    "none": FREE,
    "taught": Standing(frozenset({Tie.TAUGHT})),
    "assessed": Standing(frozenset({Tie.ASSESSED})),
    "studies": Standing(frozenset({Tie.STUDIES})),
}
IN, OUT = Choice(is_in_plan=True), Choice(is_in_plan=False)


def draws(standing: Standing) -> None:
    rules.open_plan(standing, drawn(answers(JOAN, 10), Sampling()))


def adds(standing: Standing) -> None:
    rules.change(standing, add=OUT, drop=None, reason="She asked.")


def drops(standing: Standing) -> None:
    rules.change(standing, add=None, drop=IN, reason="She is ill.")


def swaps(standing: Standing) -> None:
    rules.change(standing, add=OUT, drop=IN, reason="Nearer the point.")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("verb", [draws, adds, drops, swaps])
def test_only_somebody_with_no_part_in_the_cohort_plans(verb, part) -> None:
    if part == "none":
        verb(PARTS[part])
        return
    with pytest.raises(Refusal, match="so you cannot check its quality"):
        verb(PARTS[part])


@pytest.mark.parametrize(
    ("add", "drop", "reason", "sentence"),
    [
        (None, None, "Why not.", "Choose an answer"),
        (IN, None, "Why not.", "in the plan already"),
        (replace(OUT, is_judged=False), None, "Why not.", "not ready"),
        (None, OUT, "Why not.", "not in the plan"),
        (None, replace(IN, is_reviewed=True), "Why not.", "stays in the plan"),
        (OUT, None, "  ", "Say why"),
    ],
)
def test_a_change_by_hand_needs_a_reason_and_a_free_answer(add, drop, reason, sentence) -> None:
    with pytest.raises(Refusal, match=sentence):
        rules.change(FREE, add=add, drop=drop, reason=reason)


def test_an_empty_draw_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refusal, match="nothing to sample"):
        rules.open_plan(FREE, drawn([], Sampling()))
    sampled = [replace(one, is_sampled=True) for one in answers(JOAN, 5)]
    with pytest.raises(Refusal, match="nothing to draw"):
        rules.open_plan(FREE, drawn(sampled, Sampling()))
