"""What a meeting has before it, what it agreed, and who was there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session, joinedload

from assessors.quality.standardisation.models import (
    Attendance,
    GuidanceProposal,
    Minutes,
    SampleJudging,
    SampleOutcome,
    Standardisation,
)
from assessors.quality.standardisation.queries.activities import Standardising, title_of
from assessors.quality.standardisation.queries.choosing import Units
from course.access import HeldAppointment
from course.development.queries import Done


@dataclass(frozen=True)
class Given:
    """One person's judgement of one sample, with the box that holds the reason."""

    judging: SampleJudging
    outcomes: dict[str, str]


def given(session: Session, found: Standardising) -> list[Given]:
    """Every judgement of those who judged every sample: half a set would tilt the numbers. Only for the meeting."""
    rows = list(
        session.scalars(
            select(SampleJudging)
            .options(joinedload(SampleJudging.why))
            .where(SampleJudging.standardisation_id == found.row.id, SampleJudging.judged_by.in_(found.complete))
            .order_by(SampleJudging.at)
        )
    )
    outcomes: dict[UUID, dict[str, str]] = {}
    for one in session.scalars(select(SampleOutcome).where(SampleOutcome.judging_id.in_([row.id for row in rows]))):
        outcomes.setdefault(one.judging_id, {})[one.criterion] = one.outcome
    return [Given(row, outcomes.get(row.id, {})) for row in rows]


def attendees(session: Session, minutes_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Who was there, by these minutes."""
    found: dict[UUID, list[UUID]] = {one: [] for one in minutes_ids}
    for row in session.scalars(select(Attendance).where(Attendance.minutes_id.in_(minutes_ids))):
        found[row.minutes_id].append(row.person_id)
    return found


def proposals(session: Session, standardisation_id: UUID) -> list[GuidanceProposal]:
    """The wording that a meeting agreed, oldest first."""
    return list(
        session.scalars(
            select(GuidanceProposal)
            .where(GuidanceProposal.standardisation_id == standardisation_id)
            .order_by(GuidanceProposal.at, GuidanceProposal.id)
        )
    )


def minutes_with_words(session: Session, standardisation_id: UUID) -> list[Minutes]:
    """The minutes of a meeting with their boxes, oldest first."""
    return list(
        session.scalars(
            select(Minutes)
            .options(joinedload(Minutes.minutes))
            .where(Minutes.standardisation_id == standardisation_id)
            .order_by(Minutes.number)
        )
    )


def own_judgement(session: Session, found: Standardising, number: int, person_id: UUID) -> Given | None:
    """What somebody said themselves about one sample; None when they have not judged it."""
    numbered = found.sample(number)
    row = session.scalar(
        select(SampleJudging)
        .options(joinedload(SampleJudging.why))
        .where(
            SampleJudging.standardisation_id == found.row.id, SampleJudging.judged_by == person_id,
            SampleJudging.question == numbered.question.key, SampleJudging.sample == numbered.sample.title,
        )
    )  # fmt: skip
    if row is None:
        return None
    rows = session.scalars(select(SampleOutcome).where(SampleOutcome.judging_id == row.id))
    return Given(row, {one.criterion: one.outcome for one in rows})


def _counting() -> Subquery:
    """The newest minutes of each standardisation: those that count."""
    number = func.max(Minutes.number).label("number")
    return select(Minutes.standardisation_id, number).group_by(Minutes.standardisation_id).subquery()


def development(session: Session, person_ids: Collection[UUID]) -> list[Done]:
    """The meetings at which these people were, as professional development, by the minutes that count."""
    newest = _counting()
    rows = session.execute(
        select(Standardisation, Minutes, Attendance.person_id)
        .join(Minutes, Minutes.standardisation_id == Standardisation.id)
        .join(newest, (newest.c.standardisation_id == Minutes.standardisation_id) & (newest.c.number == Minutes.number))
        .join(Attendance, Attendance.minutes_id == Minutes.id)
        .where(Attendance.person_id.in_(person_ids))
    )
    units = Units(session)
    return [
        Done(
            minutes.id, "meeting_minutes", person_id,
            f"Standardisation, {title_of(units.of(row.qualification, row.unit), row)}", minutes.held_on, minutes.lasted,
        )
        for row, minutes, person_id in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class Attended:
    """One line of somebody's professional development."""

    standardisation_id: UUID
    title: str
    held_on: date
    lasted: int


def attended(session: Session, person_id: UUID, held: Collection[HeldAppointment]) -> list[Attended]:
    """The meetings at which somebody was, newest first, by the minutes that count."""
    newest = _counting()
    rows = session.execute(
        select(Standardisation, Minutes)
        .join(Minutes, Minutes.standardisation_id == Standardisation.id)
        .join(newest, (newest.c.standardisation_id == Minutes.standardisation_id) & (newest.c.number == Minutes.number))
        .join(Attendance, Attendance.minutes_id == Minutes.id)
        .where(Attendance.person_id == person_id, Standardisation.centre_id.in_({one.centre_id for one in held}))
        .order_by(Minutes.held_on.desc(), Minutes.id.desc())
    )
    units = Units(session)
    return [
        Attended(row.id, title_of(units.of(row.qualification, row.unit), row), minutes.held_on, minutes.lasted)
        for row, minutes in rows
    ]
