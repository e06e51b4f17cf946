"""Which answers can be judged a second time, by whom, and how many the policy asks for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.quality import queries as quality
from assessors.quality.second import rules
from assessors.quality.second.models import SecondMarking, SecondMarkingEnd
from course import clock
from course.access import HeldAppointment, Role
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.people import conflicts
from course.people.models import Appointment, Person
from course.witnesses import queries as witnesses
from course.workbook import queries as work
from course.workbook.models import AccessEntry
from course.workbook.rules import AnswerFacts


def able(session: Session, cohort: Cohort, answers: Sequence[AnswerFacts]) -> dict[UUID, dict[UUID, str]]:
    """Who can judge each of these answers of a cohort blind, by name. A constant number of queries, witnesses apart.

    They assess its unit today without a countersignature, did not decide on it, do not study in the cohort, are kept
    apart from neither the learner nor who decided, and have not read it since: the access log knows who was shown what.
    """
    assessors = _assessors(session, cohort)
    peers = set(session.scalars(select(Enrolment.person_id).where(Enrolment.cohort_id == cohort.id)))
    learners = _learners(session, answers)
    people = {*learners.values(), *(it.decided_by for one in answers for it in one.decisions)}
    apart = conflicts.of_each(session, people)
    read = _read_since(session, answers)
    asked = _asked_before(session, [one.id for one in answers])
    found: dict[UUID, dict[UUID, str]] = {}
    for answer in answers:
        deciders = {one.decided_by for one in answer.decisions}
        learner = learners[answer.enrolment_id]
        keep_apart = set().union(*(apart.get(one, set()) for one in (learner, *deciders)))
        out = deciders | peers | keep_apart | read.get(answer.id, set()) | asked.get(answer.id, set())
        found[answer.id] = {
            person: name
            for (person, name), units in assessors.items()
            if person not in out
            and (None in units or answer.unit in units)
            and not (
                answer.kind == "witness"
                and witnesses.has_witnessed(session, person, answer.enrolment_id, answer.question)
            )
        }
    return found


def _learners(session: Session, answers: Sequence[AnswerFacts]) -> dict[UUID, UUID]:
    ids = {one.enrolment_id for one in answers}
    rows = session.execute(select(Enrolment.id, Enrolment.person_id).where(Enrolment.id.in_(ids)))
    return {row.id: row.person_id for row in rows}


def _assessors(session: Session, cohort: Cohort) -> dict[tuple[UUID, str], set[str | None]]:
    today = clock.now().date()
    rows = session.execute(
        select(Person.id, Person.name, Appointment.unit)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.centre_id == cohort.centre_id,
            Appointment.role == Role.ASSESSOR,
            Appointment.needs_countersignature.is_(False),
            or_(Appointment.qualification.is_(None), Appointment.qualification == cohort.qualification),
            or_(Appointment.cohort_id.is_(None), Appointment.cohort_id == cohort.id),
            Appointment.from_date <= today,
            or_(Appointment.until_date.is_(None), Appointment.until_date >= today),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.name, Person.id)
    )
    found: dict[tuple[UUID, str], set[str | None]] = {}
    for row in rows:
        found.setdefault((row.id, row.name), set()).add(row.unit)
    return found


def _read_since(session: Session, answers: Sequence[AnswerFacts]) -> dict[UUID, set[UUID]]:
    decided = {one.id: min(it.at for it in one.decisions) for one in answers if one.decisions}
    found: dict[UUID, set[UUID]] = {}
    rows = session.execute(
        select(AccessEntry.answer_id, AccessEntry.person_id, AccessEntry.at).where(AccessEntry.answer_id.in_(decided))
    )
    for row in rows:
        if row.at >= decided[row.answer_id]:
            found.setdefault(row.answer_id, set()).add(row.person_id)
    return found


def _asked_before(session: Session, answer_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for row in session.scalars(select(SecondMarking).where(SecondMarking.answer_id.in_(answer_ids))):
        found.setdefault(row.answer_id, set()).add(row.assessor_id)
    return found


def answer_for(session: Session, answer_id: UUID, held: Collection[HeldAppointment]) -> tuple[AnswerFacts, Cohort]:
    """An answer in the scope of these appointments, with its cohort. Raises NotFound."""
    answer = work.answer_facts(session, answer_id)
    cohort = quality.cohort_for(session, answer.cohort_id, held)
    if answer.is_taken_back or not quality.covers(held, cohort, answer.unit):
        raise NotFound
    return answer, cohort


# -- the share -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    """How many of one assessor's answers in a cohort are judged twice, and how many the policy wants."""

    assessor_id: UUID
    name: str
    decided: int
    asked: int
    wanted: int
    left: tuple[AnswerFacts, ...]
    """The answers that nobody was asked to judge a second time."""

    @property
    def missing(self) -> int:
        """How many are still to be asked for."""
        return max(0, self.wanted - self.asked)


def shares(session: Session, cohort: Cohort, held: Collection[HeldAppointment]) -> list[Share]:
    """The share of each assessor who decided in a cohort."""
    _, policy = enrolments.policy_for(session, cohort)
    answers = [one for one in quality.judged_answers(session, cohort, held) if one.decisions]
    asked = running(session, [one.id for one in answers])
    by_assessor: dict[UUID, list[AnswerFacts]] = {}
    for one in answers:
        for person in {decision.decided_by for decision in one.standing.values()}:
            by_assessor.setdefault(person, []).append(one)
    names = quality.names(session, by_assessor)
    found = []
    for person, theirs in by_assessor.items():
        left = tuple(one for one in theirs if one.id not in asked)
        wanted = rules.wanted(policy.second_marking.percent, len(theirs))
        name = names.get(person, "somebody who has left")
        found.append(Share(person, name, len(theirs), len(theirs) - len(left), wanted, left))
    return sorted(found, key=lambda one: (one.name, one.assessor_id.int))


def running(session: Session, answer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The second assessor of each answer that has one, called off or not judged by them left out."""
    rows = session.execute(
        select(SecondMarking.answer_id, SecondMarking.assessor_id)
        .outerjoin(SecondMarkingEnd, SecondMarkingEnd.second_marking_id == SecondMarking.id)
        .where(SecondMarking.answer_id.in_(answer_ids), SecondMarkingEnd.id.is_(None))
    )
    return {row.answer_id: row.assessor_id for row in rows}
