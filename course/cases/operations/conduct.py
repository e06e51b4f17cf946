"""What changes a case, each with its audit entry: opening it, the learner's reply, and its outcome."""

from __future__ import annotations

from sqlalchemy.orm import Session

from course import audit, clock, working_days
from course.audit import Actor
from course.cases import rules
from course.cases.conduct import About, facts_where
from course.cases.models import CaseFinding, CaseKind, CaseOutcome, CaseReply, ConductCase
from course.cases.operations.appeals import seal, tell, tell_leads
from course.cases.rules import CaseFacts
from course.enrolment import queries as enrolments
from course.enrolment.models import Enrolment
from course.independence import Standing
from course.people.models import Centre


def open_case(
    session: Session, about: About, standing: Standing, kind: CaseKind, words: str, told_: str, *, by: Actor
) -> ConductCase:
    """Open a case: what it is about is on hold from now on, and the learner is told. Raises Refusal."""
    enrolment = about.enrolment
    same = facts_where(session, ConductCase.enrolment_id == enrolment.id)
    step = rules.open_case(
        standing, is_handed_in=about.is_handed_in, words=words, told=told_,
        is_open=any(one.is_open and one.answer_id == about.answer_id for one in same),
    )  # fmt: skip
    assert by.appointment_id is not None
    centre, days = session.get_one(Centre, enrolment.centre_id), enrolments.policy_for(session, enrolment)[1].cases
    today = working_days.day_of(clock.now(), centre.time_zone)
    row = ConductCase(
        kind=kind, enrolment_id=enrolment.id, cohort_id=enrolment.cohort_id, answer_id=about.answer_id,
        unit=about.unit, question=about.question,
        words_id=seal(session, enrolment.id, "case.words", words, about.answer_id),
        told_id=seal(session, enrolment.id, "case.told", told_, about.answer_id),
        due_on=working_days.after(today, days, centre.nation), opened_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    tell(session, enrolment.person_id, f"case:{row.id}", f"/learn/cases/{row.id}")
    tell_leads(session, enrolment.centre_id, f"case:{row.id}", "/quality/cases")
    return row


def reply(session: Session, facts: CaseFacts, words: str, *, by: Actor) -> CaseReply:
    """The learner says something about it. Raises Refusal."""
    step = rules.reply_to_case(facts, by=by.person_id, words=words)
    box = seal(session, facts.enrolment_id, "case-reply.words", words, facts.answer_id)
    row = CaseReply(case_id=facts.id, words_id=box, at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=facts.learner, enrolment=facts.enrolment_id)
    centre_id = session.get_one(Enrolment, facts.enrolment_id).centre_id
    tell_leads(session, centre_id, f"case-reply:{row.id}", f"/quality/cases/{facts.id}")
    return row


def close(
    session: Session, facts: CaseFacts, standing: Standing, finding: CaseFinding, reason: str, told_: str, *, by: Actor
) -> CaseOutcome:
    """Close a locked case with its outcome: nothing is on hold for it any more. Raises Refusal."""
    step = rules.close_case(facts, standing, role=by.role, reason=reason, told=told_)
    assert by.appointment_id is not None
    row = CaseOutcome(
        case_id=facts.id, finding=finding,
        reason_id=seal(session, facts.enrolment_id, "case-outcome.reason", reason, facts.answer_id),
        told_id=seal(session, facts.enrolment_id, "case-outcome.told", told_, facts.answer_id),
        decided_by=by.person_id, appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by, subject=facts.learner, enrolment=facts.enrolment_id)
    tell(session, facts.learner, f"case-outcome:{row.id}", f"/learn/cases/{facts.id}")
    return row
