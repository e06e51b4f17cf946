"""By when a question may be handed in again, and by when its learner should hear: in the centre's own working days."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from course import clock, working_days
from course.cases.rules import Period
from course.enrolment.policy import CompiledPolicy
from course.people.models import Centre
from course.workbook import rules
from course.workbook.models import Answer, LateAcceptance, LateHandIn
from course.workbook.queries import Extended, UnitWork
from course.workbook.rules import AnswerFacts


@dataclass(frozen=True)
class Calendar:
    """A centre's working days."""

    zone: str = working_days.LONDON
    nation: str = working_days.ENGLAND

    def day(self, moment: datetime) -> date:
        """The calendar day of a moment, where the centre is."""
        return working_days.day_of(moment, self.zone)

    def after(self, moment: datetime, count: int, held: Iterable[Period] = ()) -> date:
        """The day that is this many working days after the day of a moment. A day any of which was held is none."""
        days = [(self.day(one.began), self.day(one.ended or clock.now())) for one in held]
        return working_days.after(self.day(moment), count, self.nation, without=days)

    def moved(self, given: datetime, until: date, held: Iterable[Period]) -> date:
        """A day that somebody gave, later by the working days that were held since they gave it."""
        since = [one for one in held if one.began > given]
        count = working_days.between(self.day(given), until, self.nation)
        return max(until, self.after(given, count, since))


def calendar_of(session: Session, centre_id: UUID) -> Calendar:
    """The working days of a centre."""
    centre = session.get_one(Centre, centre_id)
    return Calendar(centre.time_zone, centre.nation)


@dataclass(frozen=True)
class Dates:
    """What a learner's unit needs to tell dates: the calendar, later dates that were given, and times on hold."""

    calendar: Calendar
    extended: tuple[Extended, ...] = ()
    held: tuple[Period, ...] = ()

    def hand_in_by(self, answers: Iterable[AnswerFacts], policy: CompiledPolicy, keys: Iterable[str]) -> date | None:
        """The last day for handing in again; None before a return, or where the policy sets no date.

        `answers`: all of the group that share attempts; `keys`: their questions. A later date given before counts.
        Working days on which an appeal or a case kept the learner from handing in do not.
        """
        asked = set(keys)
        usual, held = self.usual(answers, policy, asked), self._held(asked)
        given = [self.calendar.moved(one.given, one.until, held) for one in self.extended if one.question in asked]
        return usual and max([usual, *given])

    def usual(self, answers: Iterable[AnswerFacts], policy: CompiledPolicy, keys: Collection[str]) -> date | None:
        """The same without any later date: what the policy alone gives."""
        attempts = rules.live(answers)
        last = attempts[-1] if attempts else None
        if policy.attempts.window is None or last is None or last.returned_at is None:
            return None
        return self.calendar.after(last.returned_at, policy.attempts.window, self._held(keys))

    def _held(self, keys: Collection[str]) -> list[Period]:
        return [one for one in self.held if one.question is None or one.question in keys]

    def hear_by(self, answer: AnswerFacts, policy: CompiledPolicy) -> date:
        """The day by which the learner of a handed-in answer should hear."""
        return self.calendar.after(answer.at, policy.turnaround)


def dates_of(work: UnitWork) -> Dates:
    """The dates of one learner's unit: they came along with it, but for its times on hold, if there ever were any."""
    return Dates(Calendar(work.zone, work.nation), work.extended, work.held)


def today(work: UnitWork) -> date:
    """The day that it is where the learner's centre is."""
    return dates_of(work).calendar.day(clock.now())


def hand_in_by(work: UnitWork, dates: Dates, key: str) -> date | None:
    """The last day for handing in one of a learner's questions again."""
    return dates.hand_in_by(work.group(key), work.policy, _together(work, key))


def usual(work: UnitWork, dates: Dates, key: str) -> date | None:
    """The same without any later date that somebody gave."""
    return dates.usual(work.group(key), work.policy, _together(work, key))


def _together(work: UnitWork, key: str) -> set[str]:
    return {key, *(other.key for other in work.unit.alternatives_to(key))}


def waits_for_a_person() -> ColumnElement[bool]:
    """The condition that an answer was handed in after its date and nobody has let it in yet."""
    late = exists().where(LateHandIn.answer_id == Answer.id).correlate(Answer)
    return late & ~exists().where(LateAcceptance.answer_id == Answer.id).correlate(Answer)


def is_waiting(session: Session, answer_id: UUID) -> bool:
    """Whether one answer waits for a person because it was late."""
    return session.scalar(select(Answer.id).where(Answer.id == answer_id, waits_for_a_person())) is not None
