"""What came of the work, month by month: answers achieved and not yet, and learners who left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Date, exists, func, select
from sqlalchemy.orm import Session, aliased

from course import pictures
from course.enrolment.models import Enrolment, Withdrawal
from course.pictures import Column, Picture
from course.workbook.models import Answer, Decision, Outcome, Return, ReturnedDecision

MONTHS = 12
"""How many months are shown, this one included."""


@dataclass(frozen=True)
class Month:
    """What came back in one month, and how many learners left in it."""

    first: date
    achieved: int
    not_yet: int
    left: int

    @property
    def answers(self) -> int:
        """How many answers came back."""
        return self.achieved + self.not_yet


def months_to(today: date, count: int = MONTHS) -> list[date]:
    """The first days of the last months, this one's last."""
    this = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(this - count + 1, this + 1)]


def by_month(
    returned: Mapping[tuple[date, bool], int], left: Mapping[date, int], months: Collection[date]
) -> list[Month]:
    """The months from what happened on each day. `returned`: answers by day and whether one point was not yet."""
    achieved, not_yet, gone = Counter[date](), Counter[date](), Counter[date]()
    for (day, is_not_yet), answers in returned.items():
        (not_yet if is_not_yet else achieved)[day.replace(day=1)] += answers
    for day, learners in left.items():
        gone[day.replace(day=1)] += learners
    return [Month(first, achieved[first], not_yet[first], gone[first]) for first in months]


def outcomes(session: Session, cohort_ids: Collection[UUID], today: date) -> list[Month]:
    """The last months of these cohorts. The database counts, day by day; days are in universal time here.

    An answer counts when it first came back, as it came back then: a later change moves no month that is over.
    """
    months = months_to(today)
    return by_month(_returned(session, cohort_ids, months[0]), _left(session, cohort_ids, months[0]), months)


def _returned(session: Session, cohort_ids: Collection[UUID], since: date) -> dict[tuple[date, bool], int]:
    earlier, day = aliased(Return), func.date(Return.at, type_=Date)
    not_yet = (
        exists()
        .where(
            ReturnedDecision.return_id == Return.id, Decision.id == ReturnedDecision.decision_id,
            Decision.outcome == Outcome.NOT_YET_ACHIEVED,
        )
        .correlate(Return)
        .label("not_yet")
    )  # fmt: skip
    rows = session.execute(
        select(day, not_yet, func.count())
        .select_from(Return)
        .join(Answer, Answer.id == Return.answer_id)
        .where(
            Answer.cohort_id.in_(cohort_ids), day >= since,
            ~exists().where(earlier.answer_id == Return.answer_id, earlier.at < Return.at),
        )
        .group_by(day, not_yet)
    )  # fmt: skip
    return {(row[0], bool(row[1])): row[2] for row in rows}


def _left(session: Session, cohort_ids: Collection[UUID], since: date) -> dict[date, int]:
    day = func.date(Withdrawal.at, type_=Date)
    rows = session.execute(
        select(day, func.count())
        .join(Enrolment, Enrolment.id == Withdrawal.enrolment_id)
        .where(Enrolment.cohort_id.in_(cohort_ids), day >= since)
        .group_by(day)
    )
    return {row[0]: row[1] for row in rows}


# -- drawn -------------------------------------------------------------------------------------------------------------


def picture_of_answers(months: list[Month]) -> Picture | None:
    """Answers that came back, month by month; None without any."""
    answers, achieved = sum(one.answers for one in months), sum(one.achieved for one in months)
    if not answers:
        return None
    came = f"In these {len(months)} months {_counted(answers, 'answer')} came back"
    finding = f"{came}: {achieved} achieved and {answers - achieved} not yet."
    found = [Column(f"{one.first:%b}", (one.achieved, one.not_yet)) for one in months]
    return pictures.columns("Answers that came back, month by month", finding, found, ("Achieved", "Not yet"))


def picture_of_leaving(months: list[Month]) -> Picture | None:
    """Learners who left, month by month; None without any."""
    left = sum(one.left for one in months)
    if not left:
        return None
    finding = f"In these {len(months)} months {_counted(left, 'learner')} left."
    found = [Column(f"{one.first:%b}", (one.left,)) for one in months]
    return pictures.columns("Learners who left, month by month", finding, found, ("Learners who left",))


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
