"""The picture of agreement: the least first, said in a sentence with its numbers."""

from __future__ import annotations

from assessors.quality.standardisation import picturing
from assessors.quality.standardisation.agreement import Agreement, measure
from course.pictures import MOST_ROWS, Picture

ALL, SPLIT = {True: 3}, {True: 2, False: 1}


def measured(**votes: list[dict[bool, int]]) -> list[tuple[str, Agreement]]:
    """A meeting's judgements, by criterion ("p1" is point 1)."""
    return [(name[1:], measure(said)) for name, said in votes.items()]


def drawn(**votes: list[dict[bool, int]]) -> Picture:
    found = picturing.picture(measured(**votes))
    assert found is not None
    return found


def test_the_least_agreement_stands_first_and_is_said() -> None:
    found = drawn(p1=[ALL, ALL], p2=[SPLIT, ALL], p3=[SPLIT, SPLIT])
    assert found.finding == "People agree least about point 3 (33% of pairs), and most about point 1 (100% of pairs)."
    names = [one.words for one in found.shapes if one.attributes.get("class") == "name"]
    assert names == ["3", "2", "1"]


def test_points_with_the_same_agreement_are_named_together_and_many_are_counted() -> None:
    few = drawn(p1=[ALL], p2=[SPLIT], p3=[SPLIT])
    assert few.finding.startswith("People agree least about points 2 and 3 (33% of pairs), and most about point 1 ")
    many = drawn(p0=[SPLIT], **{f"p{number}": [ALL] for number in range(1, 6)})
    assert many.finding.endswith("most about 5 points (100% of pairs).")


def test_agreement_about_everything_is_said_so() -> None:
    assert drawn(p1=[ALL], p2=[ALL]).finding == "Everybody said the same about every point."
    assert drawn(p1=[ALL]).finding == "Everybody said the same about point 1."


def test_the_same_agreement_everywhere_names_no_point() -> None:
    assert drawn(p1=[SPLIT], p2=[SPLIT]).finding == "People agree about every point alike: 33% of pairs."


def test_one_point_is_said_alone() -> None:
    assert drawn(p1=[SPLIT]).finding == "People agree about point 1 in 1 of 3 pairs."


def test_without_a_shared_judgement_there_is_no_picture() -> None:
    assert picturing.picture(measured(p1=[{True: 1}])) is None


def test_more_points_than_a_picture_holds_are_left_to_the_table_and_it_says_so() -> None:
    found = drawn(p0=[SPLIT], **{f"p{number}": [ALL] for number in range(1, 1000)})
    assert found.finding.endswith(f"The picture shows the {MOST_ROWS} points with the least agreement.")


def test_where_there_is_no_table_every_number_is_said() -> None:
    found = measured(p1=[ALL, ALL], p2=[SPLIT], p3=[{True: 1}])
    assert picturing.in_words(found) == "Pairs who agree: point 1 6 of 6 (AC1 1.00), point 2 1 of 3 (AC1 -0.20)."
