"""The marking queue's index held against the truth it is derived from, and remade from it."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from sqlalchemy import delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from course.workbook.models import Answer, Decision, TakeBack, Waiting, WaitingCount
from course.workbook.reopening import is_reopened

COLUMNS = (
    Answer.id.label("answer_id"), Answer.centre_id, Answer.cohort_id, Answer.qualification, Answer.unit,
    Answer.question, Answer.kind, Answer.enrolment_id, Answer.at,
)  # fmt: skip


def derived(session: Session) -> dict[UUID, dict[str, object]]:
    """The answers that wait, straight from answers, take-backs, decisions and reopenings."""
    rows = session.execute(
        select(*COLUMNS).where(
            ~exists().where(TakeBack.answer_id == Answer.id),
            or_(~exists().where(Decision.answer_id == Answer.id), is_reopened()),
        )
    )
    return {row.answer_id: dict(row._mapping) for row in rows}


def differences(session: Session) -> list[str]:
    """Say where the index and the counters differ from the truth; nothing when they agree."""
    truth = derived(session)
    kept = set(session.scalars(select(Waiting.answer_id)))
    found = [f"Answer {answer_id} waits, but is not in the queue." for answer_id in truth.keys() - kept]
    found += [f"Answer {answer_id} is in the queue, but does not wait." for answer_id in kept - truth.keys()]
    counted = Counter((row["cohort_id"], row["unit"], row["question"]) for row in truth.values())
    for row in session.scalars(select(WaitingCount)):
        number = counted.pop((row.cohort_id, row.unit, row.question), 0)
        if number != row.waiting:
            found.append(f"Question {row.question}: the counter says {row.waiting}, but {number} wait.")
    found += [
        f"Question {question}: {number} wait, but nothing counts them." for (_, _, question), number in counted.items()
    ]
    return found


def rebuild(session: Session) -> int:
    """Remake the index and the counters. Returns how many answers wait."""
    session.execute(delete(Waiting))
    session.execute(delete(WaitingCount))
    truth = derived(session)
    if truth:
        session.execute(insert(Waiting), list(truth.values()))
        counted = Counter(
            (row["cohort_id"], row["unit"], row["question"], row["centre_id"], row["qualification"])
            for row in truth.values()
        )
        names = ("cohort_id", "unit", "question", "centre_id", "qualification")
        rows = [{**dict(zip(names, key, strict=True)), "waiting": number} for key, number in counted.items()]
        session.execute(insert(WaitingCount), rows)
    return len(truth)
