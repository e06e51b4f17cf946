"""Counts of people under five are hidden, and no subtraction from what is shown brings them back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assessors.changes.rules import hide_small, is_small

Groups = dict[str, tuple[int, int]]
some = st.dictionaries(st.sampled_from("ABCDE"), st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=5)


@given(some)
def test_no_small_count_is_shown(groups: Groups) -> None:
    found = hide_small(groups)
    shown = [parts for parts in [*found.rows.values(), found.total] if parts is not None]
    assert not [parts for parts in shown if is_small(sum(parts)) or any(is_small(part) for part in parts)]


@given(some)
def test_nothing_is_changed_only_hidden(groups: Groups) -> None:
    found = hide_small(groups)
    assert list(found.rows) == list(groups)
    assert all(parts is None or parts == groups[name] for name, parts in found.rows.items())


@given(some)
def test_what_is_hidden_cannot_be_worked_out_by_subtraction(groups: Groups) -> None:
    """What is left of the total when all that is shown is taken off belongs to two groups or more, and is not few."""
    found = hide_small(groups)
    hidden = [name for name, parts in found.rows.items() if parts is None]
    if not hidden or found.total is None:
        return
    shown = [parts for parts in found.rows.values() if parts is not None]
    left = [all_of - sum(parts[column] for parts in shown) for column, all_of in enumerate(found.total)]
    assert len(hidden) >= 2
    assert not is_small(sum(left))
    assert not any(is_small(part) for part in left)


def test_a_single_small_group_takes_another_with_it() -> None:
    found = hide_small({"Autumn": (2, 10), "Spring": (6, 9), "Summer": (20, 20)})
    assert found.rows == {"Autumn": None, "Spring": None, "Summer": (20, 20)}
    assert found.total == (28, 39)


def test_where_the_hidden_ones_together_are_few_the_total_goes_too() -> None:
    found = hide_small({"Autumn": (2, 10), "Spring": (0, 9)})
    assert found.total is None
    assert found.hides


def test_large_counts_and_noughts_are_shown() -> None:
    found = hide_small({"Autumn": (0, 10), "Spring": (5, 9)})
    assert found.rows == {"Autumn": (0, 10), "Spring": (5, 9)}
    assert found.total == (5, 19)
    assert not found.hides


def test_where_groups_overlap_there_is_no_total_to_subtract_from() -> None:
    found = hide_small({"Joan": (2, 10), "Priya": (6, 9)}, adds_up=False)
    assert found.rows == {"Joan": None, "Priya": (6, 9)}
    assert found.total is None
