"""Agreement is measured as the literature does: its worked examples, and what must hold whatever people chose."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessors.quality.standardisation.agreement import measure

GWET = "1 1 - 1/2 2 3 2/3 3 3 3/3 3 3 3/2 2 2 2/1 2 3 4/4 4 4 4/1 1 2 1/2 2 2 2/- 5 5 5/- - 1 1/- - 3 -"
"""Twelve things, four people, five categories, some missing: `cac.raw4raters` of Gwet's own package irrCAC 1.0."""
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
"""A hundred patients, two people, three categories: `cont3x3abstractors` of irrCAC 1.0."""
PARADOX = [[118, 5], [2, 0]]
"""A hundred and twenty-five things on which two people nearly always agree (Gwet, "Kappa statistic is not
satisfactory for assessing the extent of agreement between raters", 2002)."""
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
"""Ten things, fourteen people, five categories: the example of the article on Fleiss' kappa in Wikipedia."""


def by_two(table: list[list[int]]) -> list[Counter[int]]:
    """The votes behind a table of what one person chose against what another did."""
    return [Counter([i, j]) for i, row in enumerate(table) for j, times in enumerate(row) for _ in range(times)]


def test_four_people_and_missing_judgements_as_in_gwets_own_package() -> None:
    found = measure([Counter(one for one in row.split() if one != "-") for row in GWET.split("/")], categories=5)
    assert found.things == 11  # one thing was judged by one person only
    assert found.share == pytest.approx(0.8181818, abs=1e-6)
    assert found.ac1 == pytest.approx(0.77544, abs=1e-5)
    assert found.kappa == pytest.approx(0.76117, abs=1e-5)


def test_two_people_as_in_gwets_own_package() -> None:
    found = measure(by_two(ABSTRACTORS), categories=3)
    assert found.share == pytest.approx(0.89)
    assert found.ac1 == pytest.approx(0.8493305, abs=1e-7)
    assert found.kappa == pytest.approx(0.7962397, abs=1e-7)  # for two people it is Scott's pi


def test_fourteen_people_as_in_the_example_of_fleiss_kappa() -> None:
    found = measure([dict(enumerate(row)) for row in FLEISS], categories=5)
    assert found.share == pytest.approx(0.378, abs=5e-4)
    assert found.kappa == pytest.approx(0.210, abs=5e-4)


def test_kappa_falls_below_nought_where_people_nearly_always_agree_and_ac1_does_not() -> None:
    found = measure(by_two(PARADOX))
    assert found.share == pytest.approx(0.944)
    assert found.ac1 == pytest.approx(0.9408, abs=1e-4)
    assert found.kappa is not None
    assert found.kappa < 0


def test_by_hand_three_people_and_two_samples() -> None:
    # First sample 3:0, second 2:1. Seen: (1 + 1/3) / 2 = 2/3. Achieved: (1 + 2/3) / 2 = 5/6, not yet 1/6.
    # Luck: Gwet 2 * 5/36 = 10/36; Fleiss 26/36. AC1: (24 - 10) / (36 - 10) = 7/13; kappa: (24 - 26) / (36 - 26) = -1/5.
    found = measure([{True: 3}, {True: 2, False: 1}])
    assert (found.agreeing, found.pairs, found.things) == (4, 6, 2)
    assert found.ac1 == pytest.approx(7 / 13)
    assert found.kappa == pytest.approx(-1 / 5)


def test_one_category_only_is_full_agreement_and_leaves_kappa_undefined() -> None:
    found = measure([{True: 3}, {True: 3}])
    assert (found.share, found.ac1, found.kappa) == (1.0, 1.0, None)


def test_nobody_shared_anything() -> None:
    found = measure([{True: 1}, {}])
    assert (found.things, found.pairs, found.share, found.ac1, found.kappa) == (0, 0, None, None, None)


VOTES = st.lists(
    st.fixed_dictionaries({True: st.integers(0, 6), False: st.integers(0, 6)}), min_size=1, max_size=12
).filter(lambda votes: any(sum(one.values()) > 1 for one in votes))


@given(VOTES)
def test_every_figure_keeps_within_its_range(votes: list[dict[bool, int]]) -> None:
    found = measure(votes)
    assert found.share is not None
    assert found.ac1 is not None
    assert 0 <= found.share <= 1
    assert -1 <= found.ac1 <= found.share + 1e-9 or found.share == pytest.approx(1)
    assert found.kappa is None or found.kappa <= 1 + 1e-9
    assert 0 <= found.agreeing <= found.pairs


@given(st.integers(2, 6).flatmap(lambda people: st.tuples(
    st.just(people), st.lists(st.integers(0, people), min_size=1, max_size=12)
)))  # fmt: skip
def test_where_everybody_judges_everything_no_figure_leaves_minus_one_to_one(judged: tuple[int, list[int]]) -> None:
    people, achieved = judged
    found = measure([{True: one, False: people - one} for one in achieved])
    assert found.pairs == len(achieved) * people * (people - 1) // 2
    assert found.kappa is None or -1 - 1e-9 <= found.kappa <= 1 + 1e-9
    assert found.ac1 is not None
    assert -1 - 1e-9 <= found.ac1 <= 1 + 1e-9


@given(st.lists(st.tuples(st.booleans(), st.integers(2, 6)), min_size=1, max_size=12))
def test_who_always_agree_agree_fully(chosen: list[tuple[bool, int]]) -> None:
    found = measure([{outcome: people} for outcome, people in chosen])
    assert found.share == 1
    assert found.ac1 == pytest.approx(1)
    assert found.kappa is None if len({outcome for outcome, _ in chosen}) == 1 else found.kappa == pytest.approx(1)


@given(VOTES)
def test_it_makes_no_difference_what_the_outcomes_are_called(votes: list[dict[bool, int]]) -> None:
    turned = measure([{not outcome: people for outcome, people in one.items()} for one in votes])
    found = measure(votes)
    assert turned.ac1 == pytest.approx(found.ac1)
    assert (turned.kappa is None) == (found.kappa is None)
