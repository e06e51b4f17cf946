"""How a person stands to work and its cohort at the moment of an act: every tie in one query, and who else is free."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from course import clock
from course.access import ROLE_LABELS, Role
from course.enrolment.models import Cohort, Enrolment
from course.independence import FORBIDS, Act, Standing, Tie, must_be_free, stopped_by
from course.people import conflicts
from course.people.models import Appointment, Person
from course.records.models import BatchRemoval, BatchUnit, Release
from course.witnesses import queries as witnesses
from course.witnesses.models import WitnessRequest
from course.workbook.models import Answer, Countersignature, Decision, Departure, Reopening

second_judgements: list[Callable[[Any, ColumnElement[bool]], ColumnElement[bool]]] = []
"""The marking side says who judged answers a second time: a person, and a condition on `Answer`."""
reviews: list[Callable[[Any, ColumnElement[bool]], ColumnElement[bool]]] = []
"""And who reviewed a decision on them."""

ASSURERS = (Role.IQA, Role.LEAD_IQA)
DOES: dict[Act, tuple[Role, ...]] = {
    Act.JUDGE: (Role.ASSESSOR,),
    Act.COUNTERSIGN: (Role.ASSESSOR,),
    Act.ANSWER: (Role.ASSESSOR,),
    Act.ISSUE: (Role.ADMIN,),
    Act.ARRANGE: (),
    Act.OPEN: (),
}
"""Who could do an act instead; whoever assures quality where nothing is said, and anybody in the office for ()."""
MOST_NAMED = 3


class _Work:
    """What an act is about, as conditions: answers one by one, whole units, or all of an enrolment."""

    def __init__(
        self, answers: Collection[UUID], units: Collection[tuple[UUID, str]], enrolments: Collection[UUID]
    ) -> None:
        wanted: list[ColumnElement[bool]] = []
        if answers:
            wanted.append(Answer.id.in_(answers))
        if units:
            wanted.append(tuple_(Answer.enrolment_id, Answer.unit).in_(units))
        if enrolments:
            wanted.append(Answer.enrolment_id.in_(enrolments))
        self.answers = or_(false(), *wanted)
        """The condition on `Answer`."""
        ids = {*enrolments, *(enrolment for enrolment, _ in units)}
        of_answers = select(Answer.enrolment_id).where(Answer.id.in_(answers))
        self.enrolments = or_(Enrolment.id.in_(ids), Enrolment.id.in_(of_answers) if answers else false())
        """The condition on `Enrolment`."""
        batched = tuple_(BatchUnit.enrolment_id, BatchUnit.unit).in_(units) if units else false()
        self.releases = and_(batched, Release.batch_id == BatchUnit.batch_id)
        """The condition on `BatchUnit` and `Release`."""


def _ties(person: Any, cohort: Cohort, work: _Work, about: Collection[UUID]) -> dict[Tie, ColumnElement[bool]]:
    """Each tie as a condition on a person: an id, or a column of a query about many."""
    decided = and_(Decision.decided_by == person, Decision.answer_id == Answer.id)
    signed = and_(Countersignature.countersigned_by == person, Countersignature.answer_id == Answer.id)
    here = Answer.cohort_id == cohort.id
    judges = (Decision.answer_id == Answer.id, conflicts.between(person, Decision.decided_by))
    signers = (Countersignature.answer_id == Answer.id, conflicts.between(person, Countersignature.countersigned_by))
    learners = conflicts.between(person, Enrolment.person_id)
    return {
        Tie.OWN: exists().where(Enrolment.person_id == person, work.enrolments),
        Tie.APART: exists().where(work.enrolments, learners),
        Tie.APART_FROM_JUDGE: or_(
            exists().where(work.answers, *judges), exists().where(work.answers, *signers),
            conflicts.with_one_of(person, about),
        ),
        Tie.WITNESSED: exists().where(
            work.answers, WitnessRequest.enrolment_id == Answer.enrolment_id,
            WitnessRequest.question == Answer.question, *witnesses.vouched_by(person),
        ),
        Tie.DECIDED: or_(
            exists().where(work.answers, decided),
            exists().where(
                work.answers, Departure.decided_by == person, Departure.enrolment_id == Answer.enrolment_id,
                Departure.unit == Answer.unit,
            ),
        ),
        Tie.COUNTERSIGNED: exists().where(work.answers, signed),
        Tie.JUDGED_SECOND: or_(false(), *(judged(person, work.answers) for judged in second_judgements)),
        Tie.REVIEWED: or_(false(), *(reviewed(person, work.answers) for reviewed in reviews)),
        Tie.SENT_BACK: exists().where(
            work.answers, Reopening.answer_id == Answer.id, Reopening.reopened_by == person
        ),
        Tie.RELEASED: exists().where(
            work.releases, Release.released_by == person, ~exists().where(BatchRemoval.batch_unit_id == BatchUnit.id)
        ),
        Tie.STUDIES: exists().where(Enrolment.person_id == person, Enrolment.cohort_id == cohort.id),
        Tie.TAUGHT: _taught(person, cohort),
        Tie.ASSESSED: or_(
            exists().where(here, decided), exists().where(here, signed),
            exists().where(
                Departure.decided_by == person, Departure.enrolment_id == Enrolment.id,
                Enrolment.cohort_id == cohort.id,
            ),
            *(judged(person, here) for judged in second_judgements),
        ),
    }  # fmt: skip


def _taught(person: Any, cohort: Cohort) -> ColumnElement[bool]:
    """Whether they were ever this cohort's tutor; no date is asked."""
    return exists().where(
        Appointment.person_id == person,
        Appointment.role == Role.TUTOR,
        Appointment.centre_id == cohort.centre_id,
        or_(Appointment.cohort_id.is_(None), Appointment.cohort_id == cohort.id),
        or_(Appointment.qualification.is_(None), Appointment.qualification == cohort.qualification),
    )


def standing(
    session: Session, person_id: UUID, cohort: Cohort, *, act: Act = Act.CHECK, answers: Collection[UUID] = (),
    units: Collection[tuple[UUID, str]] = (), enrolments: Collection[UUID] = (), about: Iterable[UUID] = (),
    roles: tuple[Role, ...] | None = None,
) -> Standing:  # fmt: skip
    """How a person stands to a cohort, and to these answers, units (enrolment and unit) and enrolments of it.

    `about`: further people whose judgement it is about. One query; a second names who else could do the act (in one of
    these roles, or those that usually do it), and only when this person may not.
    """
    work, others = _Work(answers, units, enrolments), frozenset(about)
    conditions = _ties(literal(person_id), cohort, work, others)
    row = session.execute(select(*conditions.values())).one()
    found = Standing(frozenset(tie for tie, holds in zip(conditions, row, strict=True) if holds))
    if stopped_by(found, act) is None:
        return found
    wanted = DOES.get(act, ASSURERS) if roles is None else roles
    return Standing(found.ties, _ask(session, cohort, act, wanted, work, others) if wanted else "")


def free(
    session: Session, cohort: Cohort, act: Act, roles: tuple[Role, ...], *, answers: Collection[UUID] = (),
    units: Collection[tuple[UUID, str]] = (),
) -> dict[UUID, str]:  # fmt: skip
    """Everybody now appointed to one of these roles over this cohort whom nothing keeps from an act, by name."""
    return _free(session, cohort, act, roles, _Work(answers, units, ()), ())


def _free(
    session: Session, cohort: Cohort, act: Act, roles: tuple[Role, ...], work: _Work, about: Collection[UUID]
) -> dict[UUID, str]:
    who, today = aliased(Appointment), clock.now().date()
    conditions = _ties(who.person_id, cohort, work, about)
    rows = session.execute(
        select(Person.id, Person.name)
        .where(
            Person.id == who.person_id, Person.disabled_at.is_(None), who.role.in_(roles),
            who.centre_id == cohort.centre_id,
            or_(who.cohort_id.is_(None), who.cohort_id == cohort.id),
            or_(who.qualification.is_(None), who.qualification == cohort.qualification),
            who.from_date <= today, or_(who.until_date.is_(None), who.until_date >= today),
            *(~conditions[tie] for tie in FORBIDS[act] if tie in conditions),
        )
        .order_by(Person.name, Person.id)
    )  # fmt: skip
    return {row.id: row.name for row in rows}


def _ask(
    session: Session, cohort: Cohort, act: Act, roles: tuple[Role, ...], work: _Work, about: Collection[UUID]
) -> str:
    """Who could do it instead, in words; or, where nobody can, how a small centre comes by somebody."""
    names = list(_free(session, cohort, act, roles, work, about).values())[:MOST_NAMED]
    if names:
        return f"Ask {' or '.join(names)}."
    return (
        f"Nobody else at your centre is free to. Ask an admin to appoint {_one(roles[-1])} of another centre here, "
        "for as long as it takes."
    )


def _one(role: Role) -> str:
    label = ROLE_LABELS[role].lower()
    return f"an {label}" if label[0] in "aeiou" else f"a {label}"


def must_assure(session: Session, person_id: UUID, cohort: Cohort, *, answers: Collection[UUID] = ()) -> None:
    """Raise Refusal unless this person may assure the quality of the cohort, and of these answers."""
    must_be_free(standing(session, person_id, cohort, answers=answers), Act.CHECK)
