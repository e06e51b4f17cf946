"""What an admin may issue now: released units without a record, and qualifications complete without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from course.access import HeldAppointment
from course.catalogue import queries as catalogue
from course.enrolment.models import Cohort, Enrolment
from course.people.models import Person
from course.records import queries
from course.records.models import CompletionRecord, Revocation
from course.records.queries import AchievedUnit, RecordInFull
from course.workbook import progress


@dataclass(frozen=True)
class Ready:
    """A record that could be issued: of one unit or, with no unit, of the whole qualification."""

    enrolment_id: UUID
    unit: str
    name: str
    title: str
    cohort: str

    @property
    def key(self) -> str:
        """What the form sends."""
        return f"{self.enrolment_id}/{self.unit}"

    @property
    def label(self) -> str:
        """How the form names it."""
        return f"{self.name}: {self.title} ({self.cohort})"


def read_key(key: str) -> tuple[UUID, str]:
    """The enrolment and unit that a form's value names. Raises BadRequest."""
    enrolment_id, _, unit = key.partition("/")
    try:
        return UUID(enrolment_id), unit
    except ValueError as error:
        raise BadRequest from error


def at(session: Session, held: Iterable[HeldAppointment]) -> list[Ready]:
    """Everything ready to issue in the scope of these appointments, by learner. A constant number of queries
    for each qualification."""
    by_qualification: dict[str, list[Cohort]] = defaultdict(list)
    for cohort in queries.cohorts_of(session, held):
        by_qualification[cohort.qualification].append(cohort)
    found = [one for slug, cohorts in by_qualification.items() for one in _of_qualification(session, slug, cohorts)]
    return sorted(found, key=lambda one: (one.name, one.enrolment_id, one.unit))


def _of_qualification(session: Session, slug: str, cohorts: list[Cohort]) -> Iterator[Ready]:
    qualification = catalogue.qualification(session, slug)
    titles = {row.unit: row.title for row in catalogue.latest_units(session, slug)} | {"": qualification.title}
    people = _learners(session, cohorts)
    released = set(queries.releases_of(session, people))
    done = progress.unit_progress(session, list({one.enrolment_id for one in released}), slug)
    have = _with_record(session, people)
    achieved = {AchievedUnit(*key) for key, unit in done.items() if unit.achieved}
    counting = released & achieved
    for enrolment_id in {one.enrolment_id for one in counting}:
        units = frozenset(one.unit for one in counting if one.enrolment_id == enrolment_id)
        if queries.is_complete(qualification, units):
            counting.add(AchievedUnit(enrolment_id, ""))
    for one in counting - have:
        name, cohort = people[one.enrolment_id]
        yield Ready(one.enrolment_id, one.unit, name, titles.get(one.unit, one.unit), cohort)


def _learners(session: Session, cohorts: list[Cohort]) -> dict[UUID, tuple[str, str]]:
    names = {cohort.id: cohort.name for cohort in cohorts}
    rows = session.execute(
        select(Enrolment.id, Person.name, Enrolment.cohort_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id.in_(names))
    )
    return {row[0]: (row[1], names[row[2]]) for row in rows}


def _with_record(session: Session, enrolment_ids: Iterable[UUID]) -> set[AchievedUnit]:
    revoked = exists().where(Revocation.record_id == CompletionRecord.id)
    rows = session.execute(
        select(CompletionRecord.enrolment_id, CompletionRecord.unit).where(
            CompletionRecord.enrolment_id.in_(list(enrolment_ids)), ~revoked
        )
    )
    return {AchievedUnit(*row) for row in rows}


def people_of(found: RecordInFull) -> set[UUID]:
    """Everybody whom an admin's page of a record names."""
    return {found.row.issued_by} | ({found.revocation.revoked_by} if found.revocation else set())
