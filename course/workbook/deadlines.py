"""By when a question may be handed in again, and by when its learner should hear: in the centre's own working days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from course import clock, working_days
from course.enrolment.policy import CompiledPolicy
from course.people.models import Centre
from course.workbook import rules
from course.workbook.models import Answer, LateAcceptance, LateHandIn
from course.workbook.queries import UnitWork
from course.workbook.rules import AnswerFacts


@dataclass(frozen=True)
class Calendar:
    """A centre's working days."""

    zone: str = working_days.LONDON
    nation: str = working_days.ENGLAND

    def day(self, moment: datetime) -> date:
        """The calendar day of a moment, where the centre is."""
        return working_days.day_of(moment, self.zone)

    def after(self, moment: datetime, count: int) -> date:
        """The day that is this many working days after the day of a moment."""
        return working_days.after(self.day(moment), count, self.nation)


def calendar_of(session: Session, centre_id: UUID) -> Calendar:
    """The working days of a centre."""
    centre = session.get_one(Centre, centre_id)
    return Calendar(centre.time_zone, centre.nation)


@dataclass(frozen=True)
class Dates:
    """What a learner's unit needs to tell dates: the calendar, and the later dates that were given, by question."""

    calendar: Calendar
    extended: dict[str, date] = field(default_factory=dict)

    def hand_in_by(self, answers: Iterable[AnswerFacts], policy: CompiledPolicy, keys: Iterable[str]) -> date | None:
        """The last day for handing in again; None before a return, or where the policy sets no date.

        `answers`: all of the group that share attempts; `keys`: their questions. A later date given before counts.
        """
        usual = self.usual(answers, policy)
        return usual and max([usual, *(self.extended[key] for key in keys if key in self.extended)])

    def usual(self, answers: Iterable[AnswerFacts], policy: CompiledPolicy) -> date | None:
        """The same without any later date: what the policy alone gives."""
        attempts = rules.live(answers)
        last = attempts[-1] if attempts else None
        if policy.attempts.window is None or last is None or last.returned_at is None:
            return None
        return self.calendar.after(last.returned_at, policy.attempts.window)

    def hear_by(self, answer: AnswerFacts, policy: CompiledPolicy) -> date:
        """The day by which the learner of a handed-in answer should hear."""
        return self.calendar.after(answer.at, policy.turnaround)


def dates_of(work: UnitWork) -> Dates:
    """The dates of one learner's unit; they came along with it."""
    return Dates(Calendar(work.zone, work.nation), work.extended)


def today(work: UnitWork) -> date:
    """The day that it is where the learner's centre is."""
    return dates_of(work).calendar.day(clock.now())


def hand_in_by(work: UnitWork, dates: Dates, key: str) -> date | None:
    """The last day for handing in one of a learner's questions again."""
    keys = [key, *(other.key for other in work.unit.alternatives_to(key))]
    return dates.hand_in_by(work.group(key), work.policy, keys)


def waits_for_a_person() -> ColumnElement[bool]:
    """The condition that an answer was handed in after its date and nobody has let it in yet."""
    late = exists().where(LateHandIn.answer_id == Answer.id).correlate(Answer)
    return late & ~exists().where(LateAcceptance.answer_id == Answer.id).correlate(Answer)


def is_waiting(session: Session, answer_id: UUID) -> bool:
    """Whether one answer waits for a person because it was late."""
    return session.scalar(select(Answer.id).where(Answer.id == answer_id, waits_for_a_person())) is not None
