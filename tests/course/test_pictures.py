"""Pictures tell the truth: lengths are as the numbers, words keep their size, and nothing rests on colour."""

from __future__ import annotations

import re

import pytest
from flask import Flask, render_template_string

from course import pictures
from course.pictures import Cell, Column, Picture, Shape, ShareRow, Span


def looking(drawn: Picture, look: str) -> list[Shape]:
    return [one for one in drawn.shapes if one.attributes.get("class") == look]


def size(shape: Shape, name: str) -> float:
    return float(re.sub(r"em|%", "", shape.attributes[name]))


def edges(drawn: Picture) -> list[float]:
    """Every place across, in per cent."""
    across = ("x", "x1", "x2", "cx")
    return [size(one, name) for one in drawn.shapes for name in across if one.attributes.get(name, "").endswith("%")]


def shares(*rows: ShareRow) -> Picture:
    return pictures.shares("Agreement", "A finding.", rows, ("Agree", "AC1"))


def test_a_share_twice_as_large_is_a_bar_twice_as_long() -> None:
    half, whole = looking(shares(ShareRow("1.1", 0.5, "1 of 2"), ShareRow("1.2", 1, "2 of 2")), "full")
    assert size(whole, "width") == 2 * size(half, "width")


def test_a_share_of_nothing_has_no_length_and_a_whole_one_ends_at_the_last_line() -> None:
    drawn = shares(ShareRow("1.1", 0, "0 of 2"), ShareRow("1.2", 1, "2 of 2"))
    none, whole = looking(drawn, "full")
    assert size(none, "width") == 0
    assert size(whole, "x") + size(whole, "width") == max(size(one, "x1") for one in looking(drawn, "grid-line"))


def test_a_second_measure_is_a_ring_on_the_same_scale_and_below_nought_it_is_marked() -> None:
    drawn = shares(ShareRow("1.1", 0.5, "1 of 2", 0.5), ShareRow("1.2", 0.2, "1 of 5", -0.4))
    bar, ring = looking(drawn, "full")[0], looking(drawn, "ring")[0]
    assert size(ring, "cx") == size(bar, "x") + size(bar, "width")
    assert size(looking(drawn, "ring")[1], "cx") == pictures.LEFT
    assert len(looking(drawn, "through")) == 1


def test_a_key_names_only_what_is_drawn() -> None:
    assert shares(ShareRow("1.1", 0.5, "1 of 2")).key == (("full", "Agree"),)
    assert shares(ShareRow("1.1", 0.5, "1 of 2", 0.1)).key == (("full", "Agree"), ("ring", "AC1"))


@pytest.mark.parametrize(("rows", "shown"), [(0, 0), (1, 1), (1000, pictures.MOST_ROWS)])
def test_a_picture_of_none_of_one_and_of_a_thousand_rows(rows: int, shown: int) -> None:
    drawn = shares(*[ShareRow(str(number), number / 1000, "") for number in range(rows)])
    assert len(looking(drawn, "full")) == shown
    assert all(0 <= one <= 100 for one in edges(drawn))
    assert drawn.tall < 100


STEPS = {0: [0, 1], 1: [0, 1], 3: [0, 1, 2, 3], 6: [0, 2, 4, 6], 11: [0, 5, 10, 15], 100: [0, 20, 40, 60, 80, 100]}


@pytest.mark.parametrize(("most", "marks"), STEPS.items())
def test_a_scale_has_few_whole_numbers_and_holds_the_most(most: int, marks: list[int]) -> None:
    assert pictures.steps(most) == marks


@pytest.mark.parametrize("most", [7, 12, 49, 51, 999, 1_000_000])
def test_a_scale_of_any_size_has_at_most_six_marks(most: int) -> None:
    marks = pictures.steps(most)
    assert marks[-1] >= most
    assert len(marks) <= 6


def test_parts_of_a_column_stand_on_each_other_and_are_as_tall_as_their_numbers() -> None:
    drawn = pictures.columns("Outcomes", "A finding.", [Column("Jan", (6, 2)), Column("Feb", (0, 0))], ("Yes", "No"))
    (below,), (above,) = looking(drawn, "full"), looking(drawn, "open")
    assert size(below, "height") == pytest.approx(3 * size(above, "height"), abs=0.01)
    assert size(above, "y") + size(above, "height") == pytest.approx(size(below, "y"), abs=0.01)


@pytest.mark.parametrize("count", [0, 1, 12, 1000])
def test_columns_stay_inside_the_picture(count: int) -> None:
    drawn = pictures.columns("Outcomes", "A finding.", [Column("Jan", (number,)) for number in range(count)], ("Yes",))
    assert all(0 <= one <= 100 for one in edges(drawn))
    assert all(size(one, "x") + size(one, "width") <= 100 for one in looking(drawn, "full"))


def test_a_span_runs_from_the_middle_up_and_the_promise_lies_at_its_number() -> None:
    found = [Span("7 Sep", 2, 8), Span("14 Sep", None, None)]
    drawn = pictures.spans("Days", "A finding.", found, ("Half", "Nine of ten", "Promise"), 5)
    (disc,), (ring,), (limit,) = (looking(drawn, look) for look in ("disc", "ring", "limit"))
    assert size(limit, "y1") == pytest.approx((size(disc, "cy") + size(ring, "cy")) / 2, abs=0.01)
    assert size(limit, "y1") == size(limit, "y2")


def test_without_one_promise_no_line_is_drawn_and_none_is_in_the_key() -> None:
    drawn = pictures.spans("Days", "A finding.", [Span("7 Sep", 2, 8)], ("Half", "Nine of ten", "Promise"))
    assert not looking(drawn, "limit")
    assert [look for look, _ in drawn.key] == ["disc", "ring"]


def test_cells_stand_seven_a_line_each_with_its_name() -> None:
    drawn = pictures.cells("Unit", "A finding.", [Cell(str(number), "open") for number in range(8)])
    first, last = looking(drawn, "open")[0], looking(drawn, "open")[7]
    assert size(last, "x") == size(first, "x")
    assert size(last, "y") - size(first, "y") == pictures.CELL
    assert [one.words for one in drawn.shapes if one.tag == "text"] == [str(number) for number in range(8)]


def test_a_half_full_cell_is_a_box_with_a_bar_in_it() -> None:
    assert [one.attributes["class"] for one in pictures.cells("Unit", "", [Cell("1.1", "half")]).shapes] == [
        "half", "full", "in-half",
    ]  # fmt: skip


def test_a_picture_is_an_image_with_a_name_and_a_finding_and_no_style(app: Flask) -> None:
    drawn = shares(ShareRow("<1.1>", 0.5, "1 of 2"))
    source = '{% import "components.html" as ui with context %}{{ ui.picture("one", drawn) }}'
    with app.test_request_context("/"):
        html = render_template_string(source, drawn=drawn)
    assert '<svg role="img" aria-labelledby="one-title" aria-describedby="one-finding"' in html
    assert '<title id="one-title">Agreement</title>' in html
    assert '<figcaption id="one-finding">A finding.</figcaption>' in html
    assert "&lt;1.1&gt;" in html
    assert "style=" not in html
    assert "viewBox" not in html, "words would shrink with the picture"
