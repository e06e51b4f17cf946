"""What changes an appeal, each with its audit entry; words are sealed under the enrolment's key, as work is."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from course import audit, clock, outbox, sealing
from course.access import Role
from course.audit import Actor
from course.cases import rules
from course.cases.models import (
    Appeal,
    AppealOutcome,
    AppealReply,
    AppealSending,
    AppealStep,
    AppealWithdrawal,
    Outcome,
    Stage,
)
from course.cases.rules import Appealed, AppealFacts
from course.enrolment.models import Enrolment
from course.independence import Standing
from course.people import queries as people
from course.people.models import Person
from course.sealing import Purpose


def seal(session: Session, enrolment_id: UUID, place: str, words: str, about: UUID | None) -> UUID:
    """Seal words under the key of the enrolment's work."""
    key = sealing.ensure_key(session, enrolment_id, Purpose.WORK)
    session.flush()
    box = sealing.seal(session, key, place, words.strip(), about=about)
    session.flush()
    return box.id


def tell(session: Session, person_id: UUID, key: str, link: str) -> None:
    """Say that there is something to read, to somebody who still has an account."""
    if session.get(Person, person_id) is not None:
        outbox.queue(session, person_id, outbox.Letter.SOMETHING_TO_READ, key=key, link=link)


def tell_leads(session: Session, centre_id: UUID, key: str, link: str) -> None:
    """Say to the lead internal quality assurers of a centre that there is something to see to."""
    for person_id in {
        row.person_id for row, _ in people.appointed(session, centre_id=centre_id, roles=[Role.LEAD_IQA])
    }:
        tell(session, person_id, f"{key}:{person_id}", link)


def appeal(session: Session, answer: Any, appealed: Appealed, words: str, *, by: Actor) -> Appeal:
    """A learner appeals about an answer (its facts, from the workbook). Raises Refusal."""
    step = rules.appeal(appealed, by=by.person_id, words=words)
    row = Appeal(
        answer_id=answer.id, enrolment_id=answer.enrolment_id, cohort_id=answer.cohort_id, unit=answer.unit,
        question=answer.question, at=clock.now(),
        words_id=seal(session, answer.enrolment_id, "appeal.words", words, answer.id),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=by.person_id, enrolment=answer.enrolment_id)
    tell_leads(session, answer.centre_id, f"appeal:{row.id}:1", "/quality/appeals")
    return row


def withdraw(session: Session, facts: AppealFacts, *, by: Actor) -> AppealWithdrawal:
    """A learner takes an appeal back. Raises Refusal."""
    step = rules.withdraw(facts, by=by.person_id)
    row = AppealWithdrawal(appeal_id=facts.id, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=facts.learner, enrolment=facts.enrolment_id)
    return row


def reply(session: Session, facts: AppealFacts, words: str, *, by: Actor) -> AppealReply:
    """A learner adds something while somebody looks. Raises Refusal."""
    step = rules.reply(facts, by=by.person_id, words=words)
    box = seal(session, facts.enrolment_id, "appeal-reply.words", words, facts.answer_id)
    row = AppealReply(appeal_id=facts.id, words_id=box, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=facts.learner, enrolment=facts.enrolment_id)
    return row


def go_on(session: Session, facts: AppealFacts, words: str, *, is_latest: bool, by: Actor) -> AppealStep:
    """A learner takes an appeal to the next stage. Raises Refusal."""
    step = rules.go_on(facts, by=by.person_id, is_latest=is_latest, words=words)
    box = seal(session, facts.enrolment_id, "appeal-step.words", words, facts.answer_id)
    row = AppealStep(appeal_id=facts.id, number=len(facts.begun) + 1, words_id=box, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=facts.learner, enrolment=facts.enrolment_id)
    centre_id = session.get_one(Enrolment, facts.enrolment_id).centre_id
    tell_leads(session, centre_id, f"appeal:{facts.id}:{row.number}", "/quality/appeals")
    return row


def decide(
    session: Session, facts: AppealFacts, standing: Standing, outcome: Outcome, reason: str, *, by: Actor,
    begun: int | None = None,
) -> AppealOutcome:  # fmt: skip
    """Answer the stage that a locked appeal is at. Raises Refusal. What an upheld one leads to is the caller's."""
    before = _last_to_answer(session, facts)
    step = rules.decide(facts, standing, role=by.role, reason=reason, before=before, begun=begun)
    assert by.appointment_id is not None
    row = AppealOutcome(
        appeal_id=facts.id, number=len(facts.begun), stage=Stage(facts.stage), outcome=outcome,
        reason_id=seal(session, facts.enrolment_id, "appeal-outcome.reason", reason, facts.answer_id),
        decided_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=facts.learner, enrolment=facts.enrolment_id)
    tell(session, facts.learner, f"appeal-outcome:{row.id}", f"/learn/appeals/{facts.id}")
    return row


def _last_to_answer(session: Session, facts: AppealFacts) -> str:
    """The name of who answered the last stage that was answered; empty where nobody has."""
    if not facts.found:
        return ""
    person = session.get(Person, facts.found[-1].decided_by)
    return person.name if person is not None else "Somebody who has left"


def send(
    session: Session, facts: AppealFacts, standing: Standing, sent_on: date, reference: str, *, by: Actor
) -> AppealSending:
    """Note that a locked appeal went to the awarding organisation. Raises Refusal."""
    step = rules.send(facts, standing, role=by.role, sent_on=sent_on, reference=reference)
    assert by.appointment_id is not None
    row = AppealSending(
        appeal_id=facts.id, sent_on=sent_on, reference=reference.strip(), sent_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=facts.learner, enrolment=facts.enrolment_id)
    tell(session, facts.learner, f"appeal-sent:{row.id}", f"/learn/appeals/{facts.id}")
    return row
