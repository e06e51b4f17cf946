"""What the pages of quality assurance are told beforehand: why the reader may not do what they offer."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from assessors.quality.queries import Candidate
from course import db
from course.enrolment.models import Cohort
from course.independence import Act, why_not
from course.people import conflicts
from course.people.accounts import me
from course.records import queries as records
from course.records.queries import AchievedUnit
from course.workbook.models import Answer, Decision


def cannot_assure(cohort: Cohort, *answers: UUID, units: Collection[AchievedUnit] = ()) -> str:
    """Why this person may not assure this cohort, or these answers or units of it; nothing when they may."""
    pairs = [(one.enrolment_id, one.unit) for one in units]
    return why_not(records.standing(db.session(), me().person_id, cohort, answers=answers, units=pairs), Act.CHECK)


def open_to_me(found: list[Candidate]) -> list[Candidate]:
    """The answers that no conflict of interest keeps this person from."""
    session = db.session()
    apart = conflicts.kept_apart_from(session, me().person_id)
    if not apart:
        return found
    theirs = records.enrolments_of(session, apart)
    return [
        one for one in found
        if one.facts.enrolment_id not in theirs and apart.isdisjoint(made.decided_by for made in one.facts.decisions)
    ]  # fmt: skip


def units_open_to_me(found: Collection[AchievedUnit]) -> list[AchievedUnit]:
    """The units that no conflict of interest keeps this person from: with the learner, or with who decided in them."""
    session = db.session()
    apart = conflicts.kept_apart_from(session, me().person_id)
    if not apart:
        return list(found)
    theirs = records.enrolments_of(session, apart)
    rows = session.execute(
        select(Answer.enrolment_id, Answer.unit)
        .join(Decision, Decision.answer_id == Answer.id)
        .where(Decision.decided_by.in_(apart), Answer.enrolment_id.in_({one.enrolment_id for one in found}))
        .distinct()
    )
    judged = {AchievedUnit(*row) for row in rows}
    return [one for one in found if one.enrolment_id not in theirs and one not in judged]
