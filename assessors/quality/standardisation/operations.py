"""Everything that changes a standardisation, each with its audit entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from assessors.guidance import queries as guidances
from assessors.quality.standardisation import rules
from assessors.quality.standardisation.models import (
    Attendance,
    GuidanceProposal,
    Minutes,
    SampleJudging,
    SampleOutcome,
    Standardisation,
    StandardisationMeeting,
)
from assessors.quality.standardisation.queries import activities
from assessors.quality.standardisation.queries.activities import Numbered, Standardising
from assessors.quality.standardisation.queries.choosing import Choice
from course import audit, clock, outbox, sealing
from course.access import Role
from course.audit import Actor
from course.db import new_id
from course.sealing import Purpose, Sealed
from course.workbook.models import Outcome


def open_activity(
    session: Session, choice: Choice, *, centre_id: UUID, judge_by: date, today: date, by: Actor
) -> Standardisation:
    """Ask every assessor of the unit at a centre to judge its samples by a day. Raises Refusal."""
    step = rules.open_activity(samples=choice.samples, judge_by=judge_by, today=today)
    version = choice.version
    guidance, _ = guidances.in_force(session, version.qualification, version.unit, None)
    row = Standardisation(
        id=new_id(), centre_id=centre_id, qualification=version.qualification, unit=version.unit,
        question=choice.question, sample_version_id=version.id, guidance=guidance.hash, judge_by=judge_by,
        opened_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by)
    for person_id in activities.colleagues(session, row, Role.ASSESSOR):
        link = f"/quality/standardisation/{row.id}"
        key = f"standardisation:{row.id}:{person_id}"
        outbox.queue(session, person_id, outbox.Letter.SOMETHING_TO_READ, key=key, link=link)
    return row


def judge(
    session: Session, found: Standardising, numbered: Numbered, outcomes: Mapping[str, Outcome], why: str, *, by: Actor
) -> SampleJudging:
    """Judge one sample, for good: nobody has seen anybody else's yet. Raises Refusal."""
    title = (numbered.question.key, numbered.sample.title)
    step = rules.judge(
        found.activity, judged_before=title in found.judged_by(by.person_id), criteria=numbered.criteria,
        outcomes=outcomes, why=why,
    )  # fmt: skip
    box = _seal(session, found.row, "standardisation.why", why)
    row = SampleJudging(
        id=new_id(), standardisation_id=found.row.id, question=title[0], sample=title[1], why_id=box.id,
        judged_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    for criterion, outcome in outcomes.items():
        session.add(SampleOutcome(judging_id=row.id, criterion=criterion, outcome=outcome))
    audit.record(session, step.event, row, by=by, subject=found.row.centre_id)
    return row


def _seal(session: Session, row: Standardisation, place: str, words: str) -> Sealed:
    """Colleagues' words about each other's judgement belong to their centre, under a key of its own."""
    key = sealing.ensure_key(session, row.centre_id, Purpose.MEETING)
    session.flush()
    box = sealing.seal(session, key, place, words, about=row.id)
    session.flush()
    return box


def begin(session: Session, found: Standardising, *, by: Actor) -> StandardisationMeeting:
    """Begin the meeting: everybody sees what the others said, and nobody judges any more. Raises Refusal."""
    step = rules.begin(found.activity)
    row = StandardisationMeeting(
        id=new_id(), standardisation_id=found.row.id, begun_by=by.person_id, appointment_id=by.appointment_id,
        at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by)
    return row


def propose(
    session: Session, found: Standardising, place: str, wording: str, why: str, *, by: Actor
) -> GuidanceProposal:
    """Keep wording that the meeting agreed, for an author. Published guidance stays as it is. Raises Refusal."""
    known = found.places.get(place)
    step = rules.propose(found.activity, is_known_place=known is not None, wording=wording, why=why)
    assert known is not None  # the rule asks for it
    question, item, level, criterion = known
    row = GuidanceProposal(
        id=new_id(), standardisation_id=found.row.id, question=question, criterion=criterion, level=level,
        item=item.id if item else None, wording=wording, why=why, proposed_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by)
    return row


@dataclass(frozen=True)
class Met:
    """What is written down about a meeting."""

    held_on: date
    lasted: int
    present: Collection[UUID]
    minutes: str


def record(session: Session, found: Standardising, met: Met, *, today: date, by: Actor) -> Minutes:
    """Keep the minutes and who was there; again, under the next number, to correct them. Raises Refusal."""
    known = activities.may_attend(session, found)
    present = [one for one in dict.fromkeys(met.present) if one in known]
    step = rules.record(
        found.activity, present=present, held_on=met.held_on, lasted=met.lasted, minutes=met.minutes, today=today
    )
    box = _seal(session, found.row, "standardisation.minutes", met.minutes)
    row = Minutes(
        id=new_id(), standardisation_id=found.row.id, number=len(found.minutes) + 1, held_on=met.held_on,
        lasted=met.lasted, minutes_id=box.id, written_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(Attendance(minutes_id=row.id, person_id=one) for one in present)
    audit.record(session, step.event, row, by=by, subject=found.row.centre_id)
    return row
