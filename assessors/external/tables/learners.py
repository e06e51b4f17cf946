"""Registrations, inductions, and the records that were issued."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.catalogue.models import InductionVersion
from course.enrolment.models import Cohort, Enrolment, Induction, Registration
from course.evidence import Row, Scope, Table
from course.people.models import Person
from course.records.models import CompletionRecord, RecordHolder, Revocation


def registrations(session: Session, scope: Scope) -> Iterator[Table]:
    """Who is enrolled, and their entry with the awarding organisation."""
    when = words.at_centre(session, scope.centre_id)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Enrolment, Person.name, Cohort.name, Registration)
            .join(Cohort, Cohort.id == Enrolment.cohort_id)
            .outerjoin(Person, Person.id == Enrolment.person_id)
            .outerjoin(Registration, Registration.enrolment_id == Enrolment.id)
            .where(Enrolment.cohort_id.in_(scope.cohort_ids))
            .order_by(Cohort.name, Person.name, Enrolment.id)
        )
        for enrolment, name, cohort, registration in found:
            cells = (
                name or "Name erased", cohort, when(enrolment.enrolled_at), enrolment.ao_learner_number,
                registration.registered_on if registration else "", when(enrolment.withdrawn_at),
            )  # fmt: skip
            refs = (words.ink("enrolment", enrolment.id),)
            yield Row(cells, (*refs, words.ink("registration", registration.id)) if registration else refs)

    yield Table(
        "registrations", "Registrations", "Everybody enrolled, and their entry with the awarding organisation.",
        ("Learner", "Cohort", "Enrolled", "Learner number", "Registered on", "Withdrawn"), rows,
    )  # fmt: skip


def inductions(session: Session, scope: Scope) -> Iterator[Table]:
    """Which version of the induction each learner acknowledged, and when."""
    when, learners = words.at_centre(session, scope.centre_id), words.learner_names(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Induction, InductionVersion.number)
            .join(InductionVersion, InductionVersion.id == Induction.induction_version_id)
            .join(Enrolment, Enrolment.id == Induction.enrolment_id)
            .where(Enrolment.cohort_id.in_(scope.cohort_ids))
            .order_by(Induction.at, Induction.id)
        )
        for one, number in found:
            cells = (learners.get(one.enrolment_id, "Name erased"), number, when(one.at))
            yield Row(cells, (words.ink("induction", one.id),))

    yield Table(
        "inductions", "Inductions", "Which learner acknowledged which version of the induction.",
        ("Learner", "Version", "When"), rows,
    )  # fmt: skip


def records(session: Session, scope: Scope) -> Iterator[Table]:
    """Every record and unit statement that was issued, and those that were revoked."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(CompletionRecord, RecordHolder.name, Revocation)
            .join(Enrolment, Enrolment.id == CompletionRecord.enrolment_id)
            .outerjoin(RecordHolder, RecordHolder.record_id == CompletionRecord.id)
            .outerjoin(Revocation, Revocation.record_id == CompletionRecord.id)
            .where(Enrolment.cohort_id.in_(scope.cohort_ids))
            .order_by(CompletionRecord.number)
        )
        for record, holder, revocation in found:
            cells = (
                record.number, holder or "Name erased", json.loads(record.facts)["title"], record.achieved_on,
                name(record.issued_by), when(record.at), when(revocation.at) if revocation else "",
                revocation.reason if revocation else "",
            )  # fmt: skip
            refs = (words.ink("completion_record", record.id),)
            yield Row(cells, (*refs, words.ink("revocation", revocation.id)) if revocation else refs)

    yield Table(
        "records", "Records", "Unit statements and completion records that the centre issued.",
        ("Number", "Holder", "Of what", "Achieved on", "Issued by", "Issued", "Revoked", "Why"), rows,
    )  # fmt: skip
