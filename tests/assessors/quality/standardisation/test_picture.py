"""The picture of agreement: the least first, said in a sentence with its numbers."""

from __future__ import annotations

from assessors.quality.standardisation import showing
from assessors.quality.standardisation.agreement import measure
from assessors.quality.standardisation.showing import Measured, Opinions
from course.pictures import MOST_ROWS, Picture

ALL, SPLIT = {True: 3}, {True: 2, False: 1}


def opinions(**votes: list[dict[bool, int]]) -> Opinions:
    """A meeting's judgements, by criterion ("p1" is point 1)."""
    measured = tuple(Measured(name[1:], measure(said), 3, 0, 0) for name, said in votes.items())
    return Opinions((), (), (), measured, measured[0])


def drawn(**votes: list[dict[bool, int]]) -> Picture:
    found = showing.picture(opinions(**votes))
    assert found is not None
    return found


def test_the_least_agreement_stands_first_and_is_said_in_pairs() -> None:
    found = drawn(p1=[ALL, ALL], p2=[SPLIT, ALL], p3=[SPLIT, SPLIT])
    assert found.finding == "People agree least about point 3 (2 of 6 pairs), and most about point 1 (6 of 6 pairs)."
    names = [one.words for one in found.shapes if one.attributes.get("class") == "name"]
    assert names == ["3", "2", "1"]


def test_agreement_about_everything_is_said_so() -> None:
    assert drawn(p1=[ALL], p2=[ALL]).finding == "Everybody said the same about every point."
    assert drawn(p1=[ALL]).finding == "Everybody said the same about point 1."


def test_the_same_agreement_everywhere_names_no_point() -> None:
    assert drawn(p1=[SPLIT], p2=[SPLIT]).finding == "People agree about every point alike: 33% of pairs."


def test_one_point_is_said_alone() -> None:
    assert drawn(p1=[SPLIT]).finding == "People agree about point 1 in 1 of 3 pairs."


def test_without_a_shared_judgement_there_is_no_picture() -> None:
    assert showing.picture(opinions(p1=[{True: 1}])) is None


def test_more_points_than_a_picture_holds_are_left_to_the_table_and_it_says_so() -> None:
    found = drawn(p0=[SPLIT], **{f"p{number}": [ALL] for number in range(1, 1000)})
    assert found.finding.endswith(f"The picture shows the {MOST_ROWS} points with the least agreement.")
