"""What the pages of quality assurance are told beforehand: why the reader may not do what they offer."""

from __future__ import annotations

from uuid import UUID

from assessors.quality.queries import Candidate
from course import db
from course.enrolment.models import Cohort
from course.people import conflicts
from course.people.accounts import me
from course.records import queries as records
from course.refusal import Refusal


def cannot_assure(cohort: Cohort, *answers: UUID) -> str:
    """Why this person may not assure this cohort, or these answers of it; nothing when they may."""
    try:
        records.must_assure(db.session(), me().person_id, cohort, answers=answers)
    except Refusal as refusal:
        return f"{refusal.sentence} {refusal.next_step}"
    return ""


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
