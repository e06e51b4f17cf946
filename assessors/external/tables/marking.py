"""Decisions, the guidance they were made under, and the policies in force."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from assessors.guidance.models import GuidanceInForce, GuidanceVersion
from course.enrolment.models import Cohort, PolicyInForce, PolicyVersion
from course.evidence import Row, Scope, Table
from course.people.models import Appointment
from course.workbook.models import Answer, Decision, Return, ReturnedDecision


def decisions(session: Session, scope: Scope) -> Iterator[Table]:
    """Every decision in scope: outcome and versions, nobody's words."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)
    numbers = {row.hash: row.number for row in session.execute(_versions(scope))}

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(
                Decision.id, Decision.criterion, Decision.number, Decision.outcome, Decision.guidance,
                Decision.decided_by, Decision.at, Answer.enrolment_id, Answer.unit, Answer.question,
                Answer.number.label("version"), Answer.id.label("answer_id"), Return.at.label("returned_at"),
                Appointment.needs_countersignature,
            )
            .join(Answer, Answer.id == Decision.answer_id)
            .join(Appointment, Appointment.id == Decision.appointment_id)
            .outerjoin(ReturnedDecision, ReturnedDecision.decision_id == Decision.id)
            .outerjoin(Return, Return.id == ReturnedDecision.return_id)
            .where(Answer.cohort_id.in_(scope.cohort_ids))
            .order_by(Answer.unit, Answer.enrolment_id, Answer.question, Answer.number, Decision.criterion,
                      Decision.number)
            .execution_options(yield_per=1000)
        )  # fmt: skip
        for one in found:
            outcome = "Achieved" if one.outcome == "achieved" else "Not yet achieved"
            cells = (
                learners.get(one.enrolment_id, "Name erased"), unit(one.unit), one.question, one.version, one.criterion,
                one.number, outcome, name(one.decided_by), "Yes" if one.needs_countersignature else "", when(one.at),
                when(one.returned_at), numbers.get(one.guidance, ""),
            )  # fmt: skip
            yield Row(cells, (words.ink("decision", one.id), words.ink("answer", one.answer_id)))

    yield Table(
        "decisions", "Decisions", "Every decision on a criterion, with the version of the guidance it was made under.",
        ("Learner", "Unit", "Question", "Answer", "Criterion", "Decision", "Outcome", "Assessor",
         "Must be countersigned", "Decided", "Returned", "Guidance version"), rows,
    )  # fmt: skip


def _versions(scope: Scope) -> Select[str, int]:
    return select(GuidanceVersion.hash, GuidanceVersion.number).where(
        GuidanceVersion.qualification == scope.qualification
    )


def guidance(session: Session, scope: Scope) -> Iterator[Table]:
    """Which version of guidance was put in force for whom, when and why."""
    name, when, unit = words.named(session), words.at_centre(session, scope.centre_id), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(GuidanceInForce, GuidanceVersion, Cohort.name)
            .join(GuidanceVersion, GuidanceVersion.id == GuidanceInForce.guidance_version_id)
            .outerjoin(Cohort, Cohort.id == GuidanceInForce.cohort_id)
            .where(
                GuidanceInForce.qualification == scope.qualification,
                or_(GuidanceInForce.cohort_id.is_(None), GuidanceInForce.cohort_id.in_(scope.cohort_ids)),
            )
            .order_by(GuidanceInForce.unit, GuidanceInForce.at, GuidanceInForce.id)
        )
        for one, version, cohort in found:
            by = name(one.put_by) if one.cohort_id else "Installation"
            yield Row(
                (unit(one.unit), version.number, cohort or "Every cohort", when(one.at), by, one.reason, version.hash),
                (words.ink("guidance_in_force", one.id), words.ink("guidance_version", version.id)),
            )

    yield Table(
        "guidance", "Guidance in force", "Which guidance decisions were made under, since when and why.",
        ("Unit", "Version", "Cohort", "In force since", "Put in force by", "Why", "SHA-256"), rows,
    )  # fmt: skip


def policies(session: Session, scope: Scope) -> Iterator[Table]:
    """Which policy was put in force for whom, when and why, word for word."""
    when = words.at_centre(session, scope.centre_id)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(PolicyInForce, PolicyVersion, Cohort.name)
            .join(PolicyVersion, PolicyVersion.id == PolicyInForce.policy_version_id)
            .outerjoin(Cohort, Cohort.id == PolicyInForce.cohort_id)
            .where(
                PolicyInForce.qualification == scope.qualification,
                or_(PolicyInForce.centre_id.is_(None), PolicyInForce.centre_id == scope.centre_id),
                or_(PolicyInForce.cohort_id.is_(None), PolicyInForce.cohort_id.in_(scope.cohort_ids)),
            )
            .order_by(PolicyInForce.at, PolicyInForce.id)
        )
        for one, version, cohort in found:
            yield Row(
                (version.number, cohort or "Every cohort", when(one.at), one.reason, version.compiled),
                (words.ink("policy_in_force", one.id), words.ink("policy_version", version.id)),
            )

    yield Table(
        "policies", "Policies in force", "Attempts, thresholds, returns and sampling, as the centre set them.",
        ("Version", "Cohort", "In force since", "Why", "The policy, as stored"), rows,
    )  # fmt: skip
