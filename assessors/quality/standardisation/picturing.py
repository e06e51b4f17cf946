"""Agreement by criterion as a picture: from judgements alone, whose words stay sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy.orm import Session

from assessors.quality.standardisation.agreement import Agreement, measure
from assessors.quality.standardisation.queries import meeting
from assessors.quality.standardisation.queries.activities import Standardising
from course import pictures
from course.pictures import Picture, ShareRow

ByCriterion = Sequence[tuple[str, Agreement]]


def by_criterion(session: Session, found: Standardising) -> ByCriterion:
    """How far those who judged every sample agree, criterion by criterion, in the order of the samples."""
    votes: dict[str, dict[tuple[str, str], Counter[str]]] = {}
    for one in meeting.given(session, found):
        sample = (one.judging.question, one.judging.sample)
        for criterion, outcome in one.outcomes.items():
            votes.setdefault(criterion, {}).setdefault(sample, Counter())[outcome] += 1
    in_order = dict.fromkeys(criterion for one in found.samples for criterion in one.sample.decisions)
    return [(one, measure(list(votes[one].values()))) for one in in_order if one in votes]


def picture(found: ByCriterion) -> Picture | None:
    """The least agreement first; None when nobody shared a judgement."""
    shared = sorted(
        (one for one in found if one[1].share is not None), key=lambda one: one[1].share or 0
    )  # fmt: skip
    if not shared:
        return None
    rows = [ShareRow(name, one.share or 0, f"{one.agreeing} of {one.pairs}", one.ac1) for name, one in shared]
    key = ("Pairs of people who agree", "AC1, where 100% stands for 1")
    return pictures.shares("Agreement by point", _finding(shared), rows, key)


def _finding(shared: ByCriterion) -> str:
    """Where people agree least, in a sentence; `shared` is in order."""
    (name, least), (_, most) = shared[0], shared[-1]
    if least.share == 1:
        return f"Everybody said the same about {'every point' if len(shared) > 1 else f'point {name}'}."
    if len(shared) == 1:
        return f"People agree about point {name} in {least.agreeing} of {least.pairs} pairs."
    if _per_cent(least) == _per_cent(most):
        return f"People agree about every point alike: {_per_cent(least)} of pairs."
    said = f"People agree least about {_points(shared, least)}, and most about {_points(shared, most)}."
    left_out = len(shared) > pictures.MOST_ROWS
    return said + left_out * f" The picture shows the {pictures.MOST_ROWS} points with the least agreement."


def _points(shared: ByCriterion, like: Agreement) -> str:
    """The points about which people agree just as much, and how much that is; many are only counted."""
    names = [name for name, one in shared if _per_cent(one) == _per_cent(like)]
    said = f"point {names[0]}" if len(names) == 1 else f"points {' and '.join([', '.join(names[:-1]), names[-1]])}"
    return f"{said if len(names) < 5 else f'{len(names)} points'} ({_per_cent(like)} of pairs)"


def _per_cent(one: Agreement) -> str:
    return f"{one.share or 0:.0%}"


def in_words(found: ByCriterion) -> str:
    """Every number of the picture as a sentence, for a page that has no table of them."""
    said = [
        f"point {name} {one.agreeing} of {one.pairs}" + (f" (AC1 {one.ac1:.2f})" if one.ac1 is not None else "")
        for name, one in found if one.share is not None
    ]  # fmt: skip
    return f"Pairs who agree: {', '.join(said)}."
