"""Comparing what was handed in: due work, done after the hand-in and never in its way."""

from __future__ import annotations

import time
from collections.abc import Iterable
from uuid import UUID

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from assessors.authenticity import queries
from assessors.authenticity.models import Likeness, ToCompare
from course import clock, db

AT_ONCE = 50
LONGEST = 2.0
"""Answers, and seconds, that one run of the jobs spends on comparing: letters must not wait for it."""


def compare_due(app: Flask) -> list[str]:
    """Compare the answers that wait, and say how many. Safe on several hosts: a pair is noted once."""
    done, give_way = 0, time.monotonic() + LONGEST
    with app.app_context():
        with db.database().reader() as session:
            waiting = queries.to_compare(session, AT_ONCE)
        for answer_id in waiting:
            if time.monotonic() > give_way:
                break
            # Opening takes long and needs no turn to write; only the numbers are written.
            with db.database().reader() as session:
                found = list(queries.likenesses(session, answer_id))
            with db.database().transaction() as session:
                taken = session.execute(delete(ToCompare).where(ToCompare.answer_id == answer_id))
                if taken.rowcount:  # type: ignore[attr-defined]
                    note(session, found)
                    done += 1
    return [f"Answers compared: {done}."] if done else []


def note(session: Session, found: Iterable[tuple[UUID, UUID, int]]) -> None:
    """Keep each pair and its share."""
    for earlier, later, share in found:
        session.merge(Likeness(earlier_id=earlier, later_id=later, share=share, at=clock.now()))
