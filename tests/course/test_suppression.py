"""Small counts are hidden, and nobody who sees what is shown, and knows how it is hidden, can work one out."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.suppression import SMALL, Cells, Counts, suppress

Groups = dict[str, Cells]
two_columns = st.tuples(st.integers(0, 12), st.integers(0, 12))
some: st.SearchStrategy[Groups] = st.dictionaries(st.sampled_from("ABCDEF"), two_columns, max_size=6)
both = pytest.mark.parametrize("apart", [False, True])


def is_small(count: int) -> bool:
    return 0 < count < SMALL


def shown(found: Counts) -> Iterator[Cells]:
    yield from found.shown.values()
    if found.total is not None:
        yield found.total


@both
@given(groups=some)
def test_no_small_count_is_shown(groups: Groups, apart: bool) -> None:
    for cells in shown(suppress(groups, apart=apart)):
        assert not any(is_small(cell) for cell in (*cells, sum(cells)))


@both
@given(groups=some)
def test_nothing_is_changed_only_hidden(groups: Groups, apart: bool) -> None:
    found = suppress(groups, apart=apart)
    assert set(found.rows) <= set(groups)
    assert all(cells == groups[name] for name, cells in found.shown.items())
    assert apart or list(found.rows) == list(groups)


@both
@given(groups=some)
def test_what_is_left_of_the_total_belongs_to_two_groups_or_more_and_is_not_small(groups: Groups, apart: bool) -> None:
    """Whatever set of the groups shown somebody takes off the total."""
    found = suppress(groups, apart=apart)
    if found.total is None or len(found.shown) == len(groups):
        return
    assert len(groups) - len(found.shown) >= 2
    for size in range(len(found.shown) + 1):
        for taken in itertools.combinations(found.shown.values(), size):
            left = [whole - sum(cells[at] for cells in taken) for at, whole in enumerate(found.total)]
            assert not any(is_small(cell) for cell in (*left, sum(left)))


@given(groups=some)
def test_of_groups_apart_nobody_who_is_named_in_a_part_is_known_to_be_in_one_or_in_none(groups: Groups) -> None:
    """A page may name those in a part. All of one group, or none of a group shown, would tell each one's group."""
    found = suppress(groups, apart=True)
    if not found.shown:
        assert found.rows == {}, "not even the names of the groups"
        return
    assert found.total is not None
    for at, whole in enumerate(found.total):
        if whole:
            beside = whole - sum(cells[at] for cells in found.shown.values())
            assert all(cells[at] >= SMALL for cells in found.shown.values())
            assert beside == 0 or beside >= SMALL
            assert len(found.shown) > 1 or beside >= SMALL


def published(found: Counts) -> tuple[object, ...]:
    return (tuple(sorted(found.rows.items(), key=str)), found.total)


def together(found: Counts) -> Cells:
    """What the hidden groups make together: anybody can work it out."""
    return tuple(whole - sum(cells[at] for cells in found.shown.values()) for at, whole in enumerate(found.total or ()))


@pytest.mark.parametrize(("groups", "columns", "most"), [(3, 1, 20), (4, 1, 9), (2, 2, 10), (3, 2, 5)])
@both
def test_who_knows_the_method_cannot_work_out_a_hidden_small_count(
    groups: int, columns: int, most: int, apart: bool
) -> None:
    """Every table up to a size is made: to what is shown of one belongs another, with another count in that place."""
    alike: dict[tuple[object, ...], list[tuple[Cells, ...]]] = defaultdict(list)
    for table in itertools.product(itertools.product(range(most + 1), repeat=columns), repeat=groups):
        found = suppress(dict(zip("ABCD", table, strict=False)), apart=apart)
        if max(together(found), default=0) <= most:  # else another table could lie outside those that are made
            alike[published(found)].append(table)
    for tables in alike.values():
        for group, column in itertools.product(range(groups), range(columns)):
            possible = {table[group][column] for table in tables}
            assert len(possible) > 1 or not is_small(possible.pop())


def test_a_single_small_group_takes_another_with_it() -> None:
    found = suppress({"Autumn": (2, 10), "Spring": (7, 10), "Summer": (20, 20)})
    assert found.rows == {"Autumn": None, "Spring": None, "Summer": (20, 20)}
    assert found.hidden == ("Autumn", "Spring")
    assert found.total == (29, 40)


def test_two_groups_of_four_would_be_known_to_be_two_of_four_so_a_third_hides_with_them() -> None:
    found = suppress({"Autumn": (4,), "Spring": (4,), "Summer": (9,), "Winter": (20,)})
    assert found.hidden == ("Autumn", "Spring", "Summer")


def test_where_the_hidden_ones_together_are_few_the_total_goes_too() -> None:
    found = suppress({"Autumn": (2, 10), "Spring": (0, 9)})
    assert found.total is None
    assert found.shown == {}


def test_large_counts_and_noughts_are_shown_unless_the_groups_are_kept_apart_from_names() -> None:
    groups = {"Autumn": (0, 10), "Spring": (5, 9)}
    assert suppress(groups).rows == groups
    assert suppress(groups).total == (5, 19)
    assert suppress(groups, apart=True).shown == {}, "the five who are named would all be of one group"


def test_groups_apart_that_are_large_in_every_part_are_shown() -> None:
    groups = {"Woman": (50, 50, 0), "Man": (5, 5, 0)}
    assert suppress(groups, apart=True).rows == groups, "a part that is empty for everybody hides nothing"


def test_one_group_apart_alone_is_not_shown_at_all() -> None:
    assert suppress({"Woman": (50, 50)}, apart=True) == Counts({}, None)
    assert suppress({"Everybody": (50, 50)}).total == (50, 50)


def test_where_groups_overlap_there_is_no_total_to_subtract_from() -> None:
    found = suppress({"Joan": (2, 10), "Priya": (6, 9)}, adds_up=False)
    assert found.rows == {"Joan": None, "Priya": (6, 9)}
    assert found.total is None


def test_nobody_at_all_is_no_group() -> None:
    assert suppress({}) == Counts({}, None)
