"""Reads about units that leave a batch or whose result is withdrawn: always for someone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course.access import HeldAppointment
from course.catalogue import queries as catalogue
from course.corrections import rules
from course.enrolment.models import Cohort, Enrolment
from course.independence import Act, Standing
from course.people.models import Person
from course.records import queries as records
from course.records.models import (
    Batch,
    BatchRemoval,
    BatchUnit,
    CompletionRecord,
    Release,
    Revocation,
    Withdrawal,
    WithdrawalAnswer,
    WithdrawalNotice,
)
from course.workbook import progress
from course.workbook.models import Answer, TakeBack


@dataclass(frozen=True)
class Line:
    """One learner's unit in a batch, and what became of it."""

    row: BatchUnit
    batch: Batch
    cohort: Cohort
    person_id: UUID
    learner: str
    unit_title: str
    release: Release | None
    removal: BatchRemoval | None
    withdrawal: Withdrawal | None
    """The latest that was asked for."""
    answer: WithdrawalAnswer | None
    notice: WithdrawalNotice | None

    @property
    def is_withdrawn(self) -> bool:
        """Whether a second person confirmed that the result is withdrawn."""
        return self.answer is not None and self.answer.is_confirmed

    @property
    def is_asked(self) -> bool:
        """Whether a second person still has to answer."""
        return self.withdrawal is not None and self.answer is None

    @property
    def is_to_tell(self) -> bool:
        """Whether the awarding organisation still has to be told."""
        return self.answer is not None and self.answer.notify_by is not None and self.notice is None

    @property
    def facts(self) -> rules.Line:
        """As the rules see it."""
        asked = self.withdrawal.asked_by if self.withdrawal and self.is_asked else None
        return rules.Line(self.release is not None, self.removal is not None, self.is_withdrawn, asked)

    @property
    def people(self) -> set[UUID]:
        """Everybody who acted on it."""
        by = {self.batch.made_by} | ({self.release.released_by} if self.release else set())
        by |= {self.removal.removed_by} if self.removal else set()
        by |= {self.withdrawal.asked_by} if self.withdrawal else set()
        by |= {self.answer.answered_by} if self.answer else set()
        return by | ({self.notice.noted_by} if self.notice else set())

    @property
    def unit(self) -> records.AchievedUnit:
        """As a batch names it."""
        return records.AchievedUnit(self.row.enrolment_id, self.row.unit)


def _select() -> Any:
    return (
        select(BatchUnit, Batch, Cohort, Enrolment.person_id, Person.name, Release, BatchRemoval)
        .join(Batch, Batch.id == BatchUnit.batch_id)
        .join(Cohort, Cohort.id == Batch.cohort_id)
        .join(Enrolment, Enrolment.id == BatchUnit.enrolment_id)
        .outerjoin(Person, Person.id == Enrolment.person_id)
        .outerjoin(Release, Release.batch_id == Batch.id)
        .outerjoin(BatchRemoval, BatchRemoval.batch_unit_id == BatchUnit.id)
        .order_by(Batch.at.desc(), BatchUnit.id)
    )


def _lines(session: Session, *where: Any) -> list[Line]:
    """Lines with what became of them, newest batch first. A constant number of queries for each qualification."""
    rows = session.execute(_select().where(*where)).all()
    asked = _asked(session, [row[0].id for row in rows])
    titles = {
        (slug, one.unit): one.title
        for slug in {row[2].qualification for row in rows}
        for one in catalogue.latest_units(session, slug)
    }
    return [
        Line(unit, batch, cohort, person_id, name or "Name erased",
             titles.get((cohort.qualification, unit.unit), unit.unit), release, removal,
             *asked.get(unit.id, (None, None, None)))
        for unit, batch, cohort, person_id, name, release, removal in rows
    ]  # fmt: skip


Asked = tuple[Withdrawal, WithdrawalAnswer | None, WithdrawalNotice | None]


def _asked(session: Session, ids: Sequence[UUID]) -> dict[UUID, Asked]:
    rows = session.execute(
        select(Withdrawal, WithdrawalAnswer, WithdrawalNotice)
        .outerjoin(WithdrawalAnswer, WithdrawalAnswer.withdrawal_id == Withdrawal.id)
        .outerjoin(WithdrawalNotice, WithdrawalNotice.withdrawal_id == Withdrawal.id)
        .where(Withdrawal.batch_unit_id.in_(ids))
        .order_by(Withdrawal.at, Withdrawal.id)
    )
    return {row[0].batch_unit_id: (row[0], row[1], row[2]) for row in rows}  # the latest of each is what is left


def line_for(session: Session, line_id: UUID, held: Iterable[HeldAppointment]) -> Line:
    """One line within the scope of these appointments. Raises NotFound."""
    found = _lines(session, BatchUnit.id == line_id)
    if not found or not _covers(held, found[0]):
        raise NotFound
    return found[0]


def _covers(held: Iterable[HeldAppointment], line: Line) -> bool:
    cohort = line.cohort
    return any(
        one.covers(
            centre_id=cohort.centre_id, cohort_id=cohort.id, qualification=cohort.qualification, unit=line.row.unit
        )
        for one in held
    )  # fmt: skip


def of_batch(session: Session, batch_id: UUID) -> list[Line]:
    """Every line that a batch was made with, for a caller that has checked whose it is."""
    return _lines(session, Batch.id == batch_id)


def standing_line(session: Session, enrolment_id: UUID, unit: str) -> UUID | None:
    """The line in which one learner's unit stands now, released or not."""
    return session.scalar(
        select(BatchUnit.id).where(
            BatchUnit.enrolment_id == enrolment_id, BatchUnit.unit == unit, records.stands()
        )
    )  # fmt: skip


def to_answer(session: Session, held: Iterable[HeldAppointment]) -> list[Line]:
    """Withdrawals asked for, in the scope of these appointments, that a second person must answer."""
    unanswered = ~exists().where(WithdrawalAnswer.withdrawal_id == Withdrawal.id)
    return _covered(session, held, select(Withdrawal.batch_unit_id).where(unanswered))


def to_tell(session: Session, held: Iterable[HeldAppointment]) -> list[Line]:
    """Withdrawn results of which the awarding organisation has still to be told, the most urgent first."""
    told = exists().where(WithdrawalNotice.withdrawal_id == Withdrawal.id)
    due = (
        select(Withdrawal.batch_unit_id)
        .join(WithdrawalAnswer, WithdrawalAnswer.withdrawal_id == Withdrawal.id)
        .where(WithdrawalAnswer.notify_by.is_not(None), ~told)
    )
    return sorted(_covered(session, held, due), key=_due)


def _due(line: Line) -> date:
    assert line.answer is not None
    assert line.answer.notify_by is not None  # only those were asked for
    return line.answer.notify_by


def _covered(session: Session, held: Iterable[HeldAppointment], ids: Select[Any]) -> list[Line]:
    held = list(held)
    centres = {one.centre_id for one in held}
    found = _lines(session, BatchUnit.id.in_(ids), Batch.centre_id.in_(centres))
    return [line for line in found if _covers(held, line)]


def records_on(session: Session, line: Line) -> list[UUID]:
    """The records that stand and rest on this unit: its own, and that of the whole qualification if it counts there."""
    revoked = exists().where(Revocation.record_id == CompletionRecord.id)
    code = catalogue.qualification(session, line.cohort.qualification).unit_code(line.row.unit)
    rows = session.scalars(
        select(CompletionRecord).where(
            CompletionRecord.enrolment_id == line.row.enrolment_id, ~revoked,
            CompletionRecord.unit.in_([line.row.unit, ""]),
        )
    )  # fmt: skip
    return [row.id for row in rows if row.unit or code in {one["code"] for one in json.loads(row.facts)["units"]}]


def answers_in(session: Session, line: Line) -> list[tuple[UUID, str]]:
    """The answers that count in this unit, each with its question's name, for whoever sends one back."""
    taken_back = exists().where(TakeBack.answer_id == Answer.id)
    rows = session.scalars(
        select(Answer)
        .where(Answer.enrolment_id == line.row.enrolment_id, Answer.unit == line.row.unit, ~taken_back)
        .order_by(Answer.number)
    )
    latest = {row.question: row for row in rows}
    return [
        (row.id, catalogue.unit(session, row.unit_version_id).question(row.question).name) for row in latest.values()
    ]


def changed(session: Session, full: records.BatchInFull) -> set[records.AchievedUnit]:
    """The units of a batch not yet released that are achieved no longer, or are being decided again."""
    if full.release or not full.units:
        return set()
    qualification = session.get_one(Cohort, full.batch.cohort_id).qualification
    found = progress.unit_progress(session, {one.enrolment_id for one in full.units}, qualification)
    now = {one: found.get((one.enrolment_id, one.unit)) for one in full.units}
    return {one for one, unit in now.items() if unit is None or not unit.achieved or unit.is_unsettled}


def standing(session: Session, line: Line, person_id: UUID, act: Act = Act.CHECK) -> Standing:
    """How somebody stands to one unit in a batch."""
    units = [(line.row.enrolment_id, line.row.unit)]
    return records.standing(session, person_id, line.cohort, act=act, units=units)
