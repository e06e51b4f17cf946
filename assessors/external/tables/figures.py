"""How far people agree, in figures: at each standardisation meeting, and between first and second marking."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.external.tables import words
from assessors.quality.second.queries import pairs
from assessors.quality.standardisation.agreement import measure
from assessors.quality.standardisation.models import Standardisation, StandardisationMeeting
from assessors.quality.standardisation.queries import activities, meeting
from course.evidence import Row, Scope, Table

ByCriterion = Mapping[str, Sequence[Counter[str]]]
"""By criterion, for each thing that was judged how many people gave each outcome."""
ALL = "All together"


def agreement(session: Session, scope: Scope) -> Iterator[Table]:
    """Percentage, AC1 and kappa by criterion. A meeting that has not begun is left out: people still judge blind."""
    when, unit = words.at_centre(session, scope.centre_id), words.units(session, scope)

    def rows() -> Iterator[Row]:
        held = session.execute(
            select(Standardisation, StandardisationMeeting)
            .join(StandardisationMeeting, StandardisationMeeting.standardisation_id == Standardisation.id)
            .where(Standardisation.centre_id == scope.centre_id, Standardisation.qualification == scope.qualification)
            .order_by(StandardisationMeeting.at, Standardisation.id)
        ).all()
        for row, met in held:
            source = f"Standardisation, meeting of {when(met.at)}"
            ink = (words.ink("standardisation", row.id), words.ink("standardisation_meeting", met.id))
            try:
                yield from _figures(source, unit(row.unit), _standardised(session, row), ink)
            except NotFound:
                yield Row((source, unit(row.unit), "This unit is published no more"), ink)
        for slug, votes in sorted(_marked_twice(session, scope).items()):
            yield from _figures("Second marking, blind", unit(slug), votes, ())

    yield Table(
        "agreement", "Agreement in figures",
        "How far people agreed before they saw each other's judgement: the share of pairs that said the same, and how "
        "far this is beyond chance (Gwet's AC1 and Fleiss' kappa; kappa falls when nearly all say the same).",
        ("Where", "Unit", "Criterion", "Judged by two or more (n)", "Pairs that agreed", "Pairs", "Agreement", "AC1",
         "Kappa"), rows,
    )  # fmt: skip


def _standardised(session: Session, row: Standardisation) -> ByCriterion:
    """Of those who judged every sample, as at the meeting itself. Their reasons stay closed."""
    votes: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for one in meeting.given(session, activities.standardising(session, row)):
        for criterion, outcome in one.outcomes.items():
            votes[criterion, one.judging.question, one.judging.sample][outcome] += 1
    found: dict[str, list[Counter[str]]] = defaultdict(list)
    for (criterion, *_), counted in votes.items():
        found[criterion].append(counted)
    return found


def _marked_twice(session: Session, scope: Scope) -> dict[str, ByCriterion]:
    """By unit: the decision that counted when the second judgement was saved, and the second judgement."""
    found: dict[str, dict[str, list[Counter[str]]]] = defaultdict(lambda: defaultdict(list))
    for one in pairs.judged_twice(session, scope.cohort_ids):
        for criterion, outcome in one.outcomes.items():
            if criterion in one.first:
                found[one.answer.unit][criterion].append(Counter([one.first[criterion].outcome, outcome]))
    return {unit: dict(votes) for unit, votes in found.items()}


def _figures(source: str, unit: str, votes: ByCriterion, ink: tuple[str, ...]) -> Iterator[Row]:
    lines = sorted(votes.items(), key=lambda one: [int(part) for part in one[0].split(".")])
    if len(lines) > 1:
        lines.append((ALL, [counted for each in votes.values() for counted in each]))
    for criterion, things in lines:
        found = measure(things)
        cells = (
            source, unit, criterion, found.things, found.agreeing, found.pairs,
            "" if found.share is None else f"{found.share:.0%}", _coefficient(found.ac1), _coefficient(found.kappa),
        )  # fmt: skip
        yield Row(cells, ink)


def _coefficient(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}"
