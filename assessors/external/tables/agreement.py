"""How assessors come to judge alike: standardisation, what it proposed, and second marking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session, joinedload

from assessors.external.tables import words
from assessors.quality.second.models import SecondJudging, SecondMarking, SecondOutcome, SecondView
from assessors.quality.standardisation import picturing
from assessors.quality.standardisation.models import (
    Attendance,
    GuidanceProposal,
    Minutes,
    SampleJudging,
    Standardisation,
    StandardisationMeeting,
)
from assessors.quality.standardisation.queries import activities
from assessors.quality.standardisation.queries.choosing import Units
from course import sealing
from course.evidence import Row, Scope, Table
from course.pictures import Picture
from course.sealing import CannotOpen
from course.workbook.models import Answer


def standardisation(session: Session, scope: Scope) -> Iterator[Table]:
    """Each standardisation of this qualification at the centre, and the wording that its meeting proposed."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    unit = words.units(session, scope)
    here = (Standardisation.centre_id == scope.centre_id, Standardisation.qualification == scope.qualification)

    def rows() -> Iterator[Row]:
        judged = select(func.count(distinct(SampleJudging.judged_by))).where(
            SampleJudging.standardisation_id == Standardisation.id
        )
        found = session.execute(
            select(Standardisation, StandardisationMeeting, judged.scalar_subquery())
            .outerjoin(StandardisationMeeting, StandardisationMeeting.standardisation_id == Standardisation.id)
            .where(*here)
            .order_by(Standardisation.at)
        ).all()
        for one, meeting, people in found:
            minutes = _minutes(session, one)
            attended = session.scalars(select(Attendance.person_id).where(Attendance.minutes_id == minutes.id)) if (
                minutes
            ) else ()  # fmt: skip
            cells = (
                unit(one.unit), one.question or "Every question", when(one.at), name(one.opened_by), one.judge_by,
                people, minutes.held_on if minutes else "", minutes.lasted if minutes else "",
                ", ".join(sorted(name(person) for person in attended)), _text(session, minutes),
            )  # fmt: skip
            refs = [words.ink("standardisation", one.id)]
            refs += [words.ink("standardisation_meeting", meeting.id)] if meeting else []
            refs += [words.ink("meeting_minutes", minutes.id)] if minutes else []
            yield Row(cells, tuple(refs))

    def proposals() -> Iterator[Row]:
        found = session.execute(
            select(GuidanceProposal, Standardisation.unit)
            .join(Standardisation, Standardisation.id == GuidanceProposal.standardisation_id)
            .where(*here)
            .order_by(GuidanceProposal.at)
        )
        for one, slug in found:
            cells = (
                unit(slug), one.question, one.criterion, one.level, one.item or "A new item", one.wording, one.why,
                name(one.proposed_by), when(one.at),
            )  # fmt: skip
            yield Row(cells, (words.ink("guidance_proposal", one.id),))

    yield Table(
        "standardisation", "Standardisation", "Sample answers judged by several people beforehand, and their meeting.",
        ("Unit", "Question", "Opened", "By", "Judge by", "People who judged", "Met on", "Minutes it took",
         "Who was there", "What was said"), rows, lambda: agreed(session, scope),
    )  # fmt: skip
    yield Table(
        "guidance-proposals", "Proposed guidance", "Wording that a standardisation meeting agreed to propose.",
        ("Unit", "Question", "Criterion", "Level", "Item", "Wording", "Why", "By", "When"), proposals,
    )  # fmt: skip


def agreed(session: Session, scope: Scope) -> Iterator[tuple[str, Picture]]:
    """How far people agreed at each meeting; of a unit that is published no more, nothing can be drawn."""
    unit, when = words.units(session, scope), words.at_centre(session, scope.centre_id)
    found = session.execute(
        select(Standardisation, StandardisationMeeting.at)
        .join(StandardisationMeeting, StandardisationMeeting.standardisation_id == Standardisation.id)
        .where(Standardisation.centre_id == scope.centre_id, Standardisation.qualification == scope.qualification)
        .order_by(StandardisationMeeting.at)
    ).all()
    known = Units(session)
    for row, met in found:
        if known.of(row.qualification, row.unit) is None:
            continue
        measured = picturing.by_criterion(session, activities.standardising(session, row, known))
        drawn = picturing.picture(measured)
        if drawn is not None:
            said = f"{drawn.finding} {picturing.in_words(measured)}"
            yield f"{unit(row.unit)}, {when(met)[:10]}", replace(drawn, finding=said)


def _minutes(session: Session, one: Standardisation) -> Minutes | None:
    return session.scalar(
        select(Minutes)
        .options(joinedload(Minutes.minutes))
        .where(Minutes.standardisation_id == one.id)
        .order_by(Minutes.number.desc())
        .limit(1)
    )


def _text(session: Session, minutes: Minutes | None) -> str:
    """The words of a meeting are its assessors' own: about sample answers, not about a learner's work."""
    try:
        return sealing.read(session, minutes.minutes) if minutes else ""
    except CannotOpen:
        return "These words are no longer kept."


def second_marking(session: Session, scope: Scope) -> Iterator[Table]:
    """Each answer that somebody judged a second time without seeing the first judgement."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(SecondMarking, SecondJudging, Answer)
            .join(Answer, Answer.id == SecondMarking.answer_id)
            .outerjoin(SecondJudging, SecondJudging.second_marking_id == SecondMarking.id)
            .where(Answer.cohort_id.in_(scope.cohort_ids))
            .order_by(SecondMarking.at)
        ).all()
        for one, judging, answer in found:
            judging_id = judging.id if judging else one.id  # of no judging: finds nothing
            outcomes = session.scalars(select(SecondOutcome).where(SecondOutcome.judging_id == judging_id))
            views = session.scalars(select(SecondView).where(SecondView.second_marking_id == one.id)).all()
            cells = (
                learners.get(answer.enrolment_id, "Name erased"), unit(answer.unit), answer.question, answer.number,
                name(one.assessor_id), one.why, when(one.at), when(judging.at) if judging else "",
                _said((row.criterion, row.outcome) for row in outcomes),
                _said((f"{row.criterion} ({name(row.said_by)})", row.outcome) for row in views),
            )  # fmt: skip
            refs = [words.ink("second_marking", one.id), *(words.ink("second_view", row.id) for row in views)]
            refs += [words.ink("second_judging", judging.id)] if judging else []
            yield Row(cells, tuple(refs))

    yield Table(
        "second-marking", "Second marking", "Answers judged a second time, blind, and what came of it.",
        ("Learner", "Unit", "Question", "Answer", "Second assessor", "Why this one", "Asked", "Judged",
         "Second judgement", "Then said"), rows,
    )  # fmt: skip


def _said(outcomes: Iterator[tuple[str, str]]) -> str:
    return "; ".join(f"{what}: {outcome.replace('_', ' ')}" for what, outcome in outcomes)
