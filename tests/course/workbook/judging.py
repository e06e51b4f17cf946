"""Decisions written as rows, so that the learner's side is tested without the marking side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from course import audit, clock, sealing
from course.access import Role
from course.audit import Actor, Event
from course.sealing import Purpose
from course.workbook.models import Answer, Decision, Lease, Return, ReturnedDecision


def judge(
    story: Any, answer: Answer, outcomes: Mapping[str, str], *, by: Any = None, number: int = 1, returned: bool = True,
    feedback: str = "You named a reason. Now add one more.", points: int | None = None,
) -> None:  # fmt: skip
    """Decide the criteria of an answer, and show the decisions to the learner unless said otherwise."""
    priya = by or story.staff(Role.ASSESSOR, "Priya Nair")
    with story.writing() as session:
        from sqlalchemy import select

        from course.people.models import Appointment

        held = session.scalars(select(Appointment).where(Appointment.person_id == priya.id)).first()
        actor = Actor(priya.id, Role.ASSESSOR, held.id)
        key = sealing.ensure_key(session, answer.enrolment_id, Purpose.WORK)
        about: dict[str, Any] = {"by": actor, "enrolment": answer.enrolment_id}
        made = []
        for criterion, outcome in outcomes.items():
            words = sealing.seal(
                session, key, "decision.feedback", json.dumps({"feedback": feedback, "ticks": []}), about=answer.id
            )
            session.flush()
            made.append(
                Decision(
                    answer_id=answer.id, criterion=criterion, number=number, outcome=outcome, guidance="0" * 64,
                    feedback_id=words.id,
                    points=points, decided_by=priya.id, appointment_id=held.id, at=clock.now(),
                )
            )  # fmt: skip
            session.add(made[-1])
            session.flush()
            audit.record(session, Event.ANSWER_DECIDED, made[-1], **about)
        if returned:
            back = Return(answer_id=answer.id, returned_by=priya.id, appointment_id=held.id, at=clock.now())
            session.add(back)
            session.flush()
            audit.record(session, Event.ANSWER_RETURNED, back, **about)
            session.add_all(ReturnedDecision(decision_id=one.id, return_id=back.id) for one in made)


def open_to_mark(story: Any, answer: Answer) -> None:
    """An assessor has opened the answer."""
    from datetime import timedelta

    priya = story.person("Priya Nair")
    held = story.appoint(priya, Role.ASSESSOR)
    with story.writing() as session:
        now = clock.now()
        session.add(
            Lease(
                answer_id=answer.id,
                person_id=priya.id,
                appointment_id=held.id,
                taken_at=now,
                until=now + timedelta(minutes=30),
            )
        )
