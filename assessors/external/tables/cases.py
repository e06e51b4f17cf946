"""Adjustments, appeals and cases: that there are some, which way they went and when; never what somebody wrote."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.adjustments.models import AdjustedUnit, Adjustment, AdjustmentEnd
from course.cases.models import Appeal, AppealOutcome, AppealSending, AppealWithdrawal, CaseOutcome, ConductCase
from course.enrolment.models import Enrolment
from course.evidence import Row, Scope, Table

KINDS = {"adjustment": "Reasonable adjustment", "consideration": "Special consideration"}
SEEN = {"nothing": "Nothing", "document": "A document", "assessment": "An assessment"}


def adjustments(session: Session, scope: Scope) -> Iterator[Table]:
    """What sort of thing was agreed, for which units and days. What to do differently stands on the sampled answers."""
    name, unit = words.named(session), words.units(session, scope)
    learners = words.learner_names(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Adjustment, AdjustmentEnd)
            .join(Enrolment, Enrolment.id == Adjustment.enrolment_id)
            .outerjoin(AdjustmentEnd, AdjustmentEnd.adjustment_id == Adjustment.id)
            .where(Enrolment.cohort_id.in_(scope.cohort_ids))
            .order_by(Adjustment.at, Adjustment.id)
        ).all()
        for one, end in found:
            units = session.scalars(select(AdjustedUnit.unit).where(AdjustedUnit.adjustment_id == one.id)).all()
            cells = (
                learners.get(one.enrolment_id, "Name erased"), KINDS[one.kind],
                "; ".join(unit(slug) for slug in sorted(units)) or "Every unit", one.from_on,
                end.last_on if end else one.until_on, one.review_on, SEEN[one.seen], name(one.agreed_by),
            )  # fmt: skip
            refs = (words.ink("adjustment", one.id),)
            yield Row(cells, (*refs, words.ink("adjustment_end", end.id)) if end else refs)

    yield Table(
        "adjustments", "Adjustments", "What was agreed so that learners can show what they know; never why.",
        ("Learner", "What", "Units", "From", "Last day", "Looked at again", "What was seen", "Agreed by"), rows,
    )  # fmt: skip


def appeals(session: Session, scope: Scope) -> Iterator[Table]:
    """Each appeal, and what each of its stages found."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Appeal, AppealOutcome, AppealSending, AppealWithdrawal)
            .outerjoin(AppealOutcome, AppealOutcome.appeal_id == Appeal.id)
            .outerjoin(AppealSending, AppealSending.appeal_id == Appeal.id)
            .outerjoin(AppealWithdrawal, AppealWithdrawal.appeal_id == Appeal.id)
            .where(Appeal.cohort_id.in_(scope.cohort_ids))
            .order_by(Appeal.at, Appeal.id, AppealOutcome.number)
        )
        for one, outcome, sending, withdrawal in found:
            cells = (
                learners.get(one.enrolment_id, "Name erased"), unit(one.unit), one.question, when(one.at),
                outcome.stage.replace("-", " ") if outcome else "", _outcome(outcome.outcome) if outcome else "",
                name(outcome.decided_by) if outcome else "", when(outcome.at) if outcome else "",
                sending.sent_on if sending else "", when(withdrawal.at) if withdrawal else "",
            )  # fmt: skip
            refs = [words.ink("appeal", one.id)]
            refs += [words.ink("appeal_outcome", outcome.id)] if outcome else []
            refs += [words.ink("appeal_sending", sending.id)] if sending else []
            refs += [words.ink("appeal_withdrawal", withdrawal.id)] if withdrawal else []
            yield Row(cells, tuple(refs))

    yield Table(
        "appeals", "Appeals", "Decisions that learners asked to have looked at again, stage by stage.",
        ("Learner", "Unit", "Question", "Appealed", "Stage", "Found", "By", "When", "Sent outside", "Taken back"), rows,
    )  # fmt: skip


def conduct(session: Session, scope: Scope) -> Iterator[Table]:
    """Each case of malpractice or maladministration that somebody looked into, and what was found."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(ConductCase, CaseOutcome)
            .outerjoin(CaseOutcome, CaseOutcome.case_id == ConductCase.id)
            .where(ConductCase.cohort_id.in_(scope.cohort_ids))
            .order_by(ConductCase.at, ConductCase.id)
        )
        for one, outcome in found:
            cells = (
                learners.get(one.enrolment_id, "Name erased"), one.kind.capitalize(),
                unit(one.unit) if one.unit else "All work", one.question, when(one.at), name(one.opened_by),
                one.due_on, _outcome(outcome.finding) if outcome else "Open",
                name(outcome.decided_by) if outcome else "", when(outcome.at) if outcome else "",
            )  # fmt: skip
            refs = (words.ink("conduct_case", one.id),)
            yield Row(cells, (*refs, words.ink("case_outcome", outcome.id)) if outcome else refs)

    yield Table(
        "cases", "Malpractice and maladministration", "What was looked into, and what was found.",
        ("Learner", "About", "Unit", "Question", "Opened", "By", "Due", "Found", "Decided by", "When"), rows,
    )  # fmt: skip


def _outcome(value: str) -> str:
    return value.replace("-", " ").capitalize()
