"""Learners' questions about whose attempts somebody has to decide, and one of them in full."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.attempts.rules import LEAD, Case
from assessors.quality import queries as quality
from course.access import HeldAppointment, Role
from course.catalogue.compiled import Question
from course.enrolment.models import Cohort, Enrolment
from course.enrolment.policy import CompiledPolicy
from course.independence import Act, Standing
from course.records import queries as records
from course.workbook import deadlines
from course.workbook import queries as work
from course.workbook.models import Answer, Extension, FurtherAttempt, LateHandIn, PanelOutcome, Referral
from course.workbook.progress import UnitProgress, unit_progress
from course.workbook.queries import UnitWork
from course.workbook.rules import AnswerFacts, State, live

ASSURERS = (Role.IQA, Role.LEAD_IQA)


@dataclass(frozen=True)
class OpenQuestion:
    """One learner's question on the list."""

    enrolment_id: UUID
    unit: str
    question: str
    learner: str
    cohort: str
    title: str
    what: str


def open_questions(session: Session, held: Collection[HeldAppointment]) -> list[OpenQuestion]:
    """Late answers that wait, questions at which no go is left, and those that may need a later date."""
    cohorts = {one.id: one for one in records.cohorts_of(session, held)}
    enrolled = {one.id: one for one in session.scalars(select(Enrolment).where(Enrolment.cohort_id.in_(cohorts)))}
    learners = quality.learners(session, enrolled)
    late = set(session.scalars(select(Answer.id).where(Answer.cohort_id.in_(cohorts), deadlines.waits_for_a_person())))
    referred = _open_referrals(session, enrolled)
    found = []
    for slug in {one.qualification for one in enrolled.values()}:
        ids = [one.id for one in enrolled.values() if one.qualification == slug and one.withdrawn_at is None]
        for (enrolment_id, unit), progress in unit_progress(session, ids, slug).items():
            cohort = cohorts[enrolled[enrolment_id].cohort_id]
            if not quality.covers(held, cohort, unit):
                continue
            for question, what in _asking(progress, late, referred):
                found.append(
                    OpenQuestion(
                        enrolment_id, unit, question.key, learners.get(enrolment_id, "Name erased"), cohort.name,
                        f"{progress.title}: {question.name}", what,
                    )
                )  # fmt: skip
    return sorted(found, key=lambda one: (ORDER.index(one.what), one.cohort, one.learner, one.title))


LATE, PANEL, USED, AGAIN = "late", "panel", "used", "again"
ORDER = (LATE, PANEL, USED, AGAIN)


def _asking(
    progress: UnitProgress, late: Collection[UUID], referred: Collection[tuple[UUID, str]]
) -> list[tuple[Question, str]]:
    found = []
    for key, state in progress.questions.items():
        mine = [one for one in live(progress.answers) if one.question == key]
        if not mine:
            continue
        question = progress.compiled.question(key)
        if mine[-1].id in late:
            found.append((question, LATE))
        elif state == State.ATTEMPTS_USED:
            found.append((question, PANEL if (progress.enrolment_id, key) in referred else USED))
        elif state == State.NOT_YET:
            found.append((question, AGAIN))
    return found


def _open_referrals(session: Session, enrolment_ids: Collection[UUID]) -> set[tuple[UUID, str]]:
    rows = session.execute(
        select(Referral.enrolment_id, Referral.question).where(
            Referral.enrolment_id.in_(enrolment_ids), ~exists().where(PanelOutcome.referral_id == Referral.id)
        )
    )
    return {(row.enrolment_id, row.question) for row in rows}


@dataclass(frozen=True)
class AttemptsOf:
    """One learner's question in full: how often it was handed in, what is left, and what can be decided."""

    enrolment: Enrolment
    cohort: Cohort
    learner: str
    work: UnitWork
    question: Question
    answers: tuple[AnswerFacts, ...]
    left: int | None
    policy: CompiledPolicy
    case: Case
    referral: Referral | None
    past: tuple[str, ...]
    """What was decided about it before, as sentences."""
    extends: str
    """The question (of those that share goes) at which a later day is written down: the one whose day counts now."""

    @property
    def late_answer(self) -> UUID:
        """The answer that waits for a person."""
        return self.answers[-1].id


def attempts_of(
    session: Session, enrolment_id: UUID, unit: str, key: str, held: Collection[HeldAppointment], *, lock: bool = False
) -> AttemptsOf:
    """One learner's question in the scope of these appointments. Raises NotFound."""
    query = select(Enrolment).where(Enrolment.id == enrolment_id)
    enrolment = session.scalar(query.with_for_update() if lock else query)
    cohort = session.get(Cohort, enrolment.cohort_id) if enrolment else None
    if enrolment is None or cohort is None or not quality.covers(held, cohort, unit):
        raise NotFound
    found = work.unit_work(session, enrolment, unit)
    question = found.question(key)
    answers = tuple(live(found.group(key)))
    if not answers or not question.evidence:
        raise NotFound
    keys = {key, *(other.key for other in found.unit.alternatives_to(key))}
    referral = session.scalars(
        select(Referral).where(
            Referral.enrolment_id == enrolment.id, Referral.question.in_(keys),
            ~exists().where(PanelOutcome.referral_id == Referral.id),
        )
    ).first()  # fmt: skip
    further = session.scalars(
        select(FurtherAttempt).where(FurtherAttempt.enrolment_id == enrolment.id, FurtherAttempt.question.in_(keys))
    ).all()
    attempts = found.policy.attempts
    extended = _extended(session, enrolment.id, keys)
    case = Case(
        learner=enrolment.person_id,
        state=found.state(key),
        authorised_by=attempts.authorised_by,
        **_days(found, key, extended),
        ends_on=cohort.ends_on,
        is_late_waiting=deadlines.is_waiting(session, answers[-1].id),
        last_was_late=session.get(LateHandIn, answers[-1].id) is not None,
        further=attempts.further,
        further_given=len(further),
        conditions=attempts.conditions,
        has_referral=referral is not None,
        had_a_part=frozenset({one.authorised_by for one in further} | ({referral.referred_by} if referral else set())),
    )
    return AttemptsOf(
        enrolment, cohort, quality.learners(session, {enrolment.id}).get(enrolment.id, "Name erased"), found, question,
        answers, found.attempts_left(key), found.policy, case, referral, _past(session, further, extended),
        extended[-1].question if extended and extended[-1].until == case.hand_in_by else key,
    )  # fmt: skip


def _extended(session: Session, enrolment_id: UUID, keys: Collection[str]) -> list[Extension]:
    """The later days that were given, oldest first."""
    given = select(Extension).where(Extension.enrolment_id == enrolment_id, Extension.question.in_(keys))
    return list(session.scalars(given.order_by(Extension.at, Extension.id)))


def _days(found: UnitWork, key: str, extended: Collection[Extension]) -> dict[str, Any]:
    """The day that counts, the policy's own, and whether the first was given today, for the rules."""
    dates, today = deadlines.dates_of(found), deadlines.today(found)
    by = deadlines.hand_in_by(found, dates, key)
    usual = deadlines.usual(found, dates, key)
    # Days on hold may have moved the day that was given, so it is the last one that counts.
    given = [dates.calendar.day(one.at) for one in extended]
    return {"hand_in_by": by, "usual": usual, "given_today": by != usual and today in given[-1:], "today": today}


def _past(session: Session, further: Collection[FurtherAttempt], extended: Collection[Extension]) -> tuple[str, ...]:
    names = quality.names(session, {one.authorised_by for one in further} | {one.extended_by for one in extended})
    steps = [(one.at, f"{names.get(one.authorised_by, 'Somebody')} allowed one more go") for one in further]
    steps += [
        (one.at, f"{names.get(one.extended_by, 'Somebody')} gave time until {_day(one.until)}") for one in extended
    ]
    return tuple(words for _, words in sorted(steps))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def standing(session: Session, found: AttemptsOf, person_id: UUID, act: Act = Act.AUTHORISE) -> Standing:
    """How somebody stands to a learner's unit, about whose attempts they decide."""
    roles = (Role.LEAD_IQA,) if found.case.authorised_by == LEAD else ASSURERS
    units = [(found.enrolment.id, found.work.unit.slug)]
    return records.standing(session, person_id, found.cohort, act=act, units=units, roles=roles)


def panel(session: Session, found: AttemptsOf, *, but: UUID) -> dict[UUID, str]:
    """Staff of the centre who could sit on a panel beside somebody: they had no part in it."""
    roles, units = (*ASSURERS, Role.ASSESSOR, Role.TUTOR, Role.ADMIN), [(found.enrolment.id, found.work.unit.slug)]
    free = records.free(session, found.cohort, Act.SIT, roles, units=units)
    return {person_id: name for person_id, name in free.items() if person_id not in found.case.had_a_part | {but}}
