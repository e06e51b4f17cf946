"""Small counts are hidden, and nothing that is shown gives one away."""

from __future__ import annotations

import itertools
import random

import pytest

from assessors.selection.suppression import SMALL, Cells, suppress


def test_a_group_with_a_small_count_is_hidden_and_a_second_one_with_it() -> None:
    found = suppress({"a": (50, 50), "b": (6, 7), "c": (2, 9)}, 2)
    assert found.total == (58, 66)
    assert found.groups == {"a": (50, 50)}
    assert set(found.hidden) == {"b", "c"}


def test_without_a_small_count_everything_is_shown() -> None:
    groups = {"a": (50, 50), "b": (5, 5)}
    assert suppress(groups, 2).groups == groups


def test_a_small_whole_shows_nothing() -> None:
    found = suppress({"a": (4, 50), "b": (0, 50)}, 2)
    assert (found.total, found.groups) == (None, {})


def test_a_column_that_is_empty_for_everybody_hides_nothing() -> None:
    groups = {"a": (50, 0), "b": (8, 0)}
    assert suppress(groups, 2).groups == groups


def test_nobody_at_all_is_no_group() -> None:
    assert suppress({}, 2).groups == {}


@pytest.mark.parametrize("seed", range(300))
def test_no_small_count_can_be_worked_out_by_subtraction(seed: int) -> None:
    """Whatever one subtracts from the total (any set of the groups shown), what is left is never under five."""
    chance = random.Random(seed)
    columns = chance.randint(1, 4)
    groups: dict[str, Cells] = {
        name: tuple(chance.choice((0, 1, 3, 4, 5, 7, 12, 40)) for _ in range(columns))
        for name in "abcdef"[: chance.randint(1, 6)]
    }
    found = suppress(groups, columns)
    if found.total is None:
        assert found.groups == {}
        return
    for cells in found.groups.values():
        assert all(cell >= SMALL or not whole for cell, whole in zip(cells, found.total, strict=True))
    if not found.hidden:
        return
    for size in range(len(found.groups) + 1):
        for taken in itertools.combinations(found.groups.values(), size):
            for at in range(columns):
                left = found.total[at] - sum(cells[at] for cells in taken)
                assert left >= SMALL or not found.total[at]
