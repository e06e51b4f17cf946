"""What people decided about dates and attempts. Their reasons stand under the learner's key, so they are not told."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.enrolment.models import Enrolment
from course.evidence import Row, Scope, Table
from course.workbook.models import Answer, Departure, FurtherAttempt
from course.workbook.models.attempts import Extension, LateAcceptance, LateHandIn, PanelOutcome, Referral

OUTCOMES = {"one-more": "One more attempt", "no-more": "No further attempt"}


def extensions(session: Session, scope: Scope) -> Iterator[Table]:
    """Each later date for handing in again, given before the date had passed: it is no attempt."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners = words.learner_names(session, scope)

    def rows() -> Iterator[Row]:
        found = session.scalars(
            select(Extension)
            .join(Enrolment, Enrolment.id == Extension.enrolment_id)
            .where(Enrolment.cohort_id.in_(scope.cohort_ids))
            .order_by(Extension.at, Extension.id)
        )
        for one in found:
            cells = (
                learners.get(one.enrolment_id, "Name erased"), one.question, one.until, name(one.extended_by),
                when(one.at),
            )  # fmt: skip
            yield Row(cells, (words.ink("extension", one.id),))

    yield Table(
        "extensions", "Extensions", "Later dates for handing in again, given before the date. They are no attempts.",
        ("Learner", "Question", "Until", "Given by", "When"), rows,
    )  # fmt: skip


def late(session: Session, scope: Scope) -> Iterator[Table]:
    """Each answer that was handed in after its date, and who let it in."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(LateHandIn, Answer, LateAcceptance)
            .join(Answer, Answer.id == LateHandIn.answer_id)
            .outerjoin(LateAcceptance, LateAcceptance.answer_id == LateHandIn.answer_id)
            .where(Answer.cohort_id.in_(scope.cohort_ids))
            .order_by(Answer.at, Answer.id)
        )
        for one, answer, accepted in found:
            cells = (
                learners.get(answer.enrolment_id, "Name erased"), unit(answer.unit), answer.question, answer.number,
                one.due_on, when(answer.at), name(accepted.accepted_by) if accepted else "Nobody yet",
                when(accepted.at) if accepted else "",
            )  # fmt: skip
            refs = (words.ink("answer", answer.id),)
            yield Row(cells, (*refs, words.ink("late_acceptance", accepted.id)) if accepted else refs)

    yield Table(
        "late-answers", "Late answers", "Answers handed in after their date: each waits until somebody lets it in.",
        ("Learner", "Unit", "Question", "Answer", "Due", "Handed in", "Let in by", "When"), rows,
    )  # fmt: skip


def further(session: Session, scope: Scope) -> Iterator[Table]:
    """Each attempt beyond the policy's limit, and who authorised it."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners = words.learner_names(session, scope)

    def rows() -> Iterator[Row]:
        found = session.scalars(
            select(FurtherAttempt)
            .join(Enrolment, Enrolment.id == FurtherAttempt.enrolment_id)
            .where(Enrolment.cohort_id.in_(scope.cohort_ids))
            .order_by(FurtherAttempt.at, FurtherAttempt.id)
        )
        for one in found:
            confirmed = "; ".join(each.replace("-", " ") for each in one.confirmed.split())
            cells = (
                learners.get(one.enrolment_id, "Name erased"), one.question, name(one.authorised_by), when(one.at),
                confirmed,
            )  # fmt: skip
            yield Row(cells, (words.ink("further_attempt", one.id),))

    yield Table(
        "further-attempts", "Further attempts", "Attempts beyond the policy's limit, and what was confirmed first.",
        ("Learner", "Question", "Authorised by", "When", "Confirmed"), rows,
    )  # fmt: skip


def referrals(session: Session, scope: Scope) -> Iterator[Table]:
    """Each question without an attempt left that was put before a panel, and what its two people decided."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(Referral, PanelOutcome)
            .join(Enrolment, Enrolment.id == Referral.enrolment_id)
            .outerjoin(PanelOutcome, PanelOutcome.referral_id == Referral.id)
            .where(Enrolment.cohort_id.in_(scope.cohort_ids))
            .order_by(Referral.at, Referral.id)
        )
        for one, panel in found:
            cells = (
                learners.get(one.enrolment_id, "Name erased"), unit(one.unit), one.question, name(one.referred_by),
                when(one.at), OUTCOMES[panel.outcome] if panel else "Not decided yet",
                f"{name(panel.decided_by)}, {name(panel.decided_with)}" if panel else "",
                when(panel.at) if panel else "",
            )  # fmt: skip
            refs = (words.ink("referral", one.id),)
            yield Row(cells, (*refs, words.ink("panel_outcome", panel.id)) if panel else refs)

    yield Table(
        "referrals", "Referrals to a panel", "Questions with no attempt left, and what a panel of two decided.",
        ("Learner", "Unit", "Question", "Referred by", "When", "Outcome", "Panel", "Decided"), rows,
    )  # fmt: skip


def departures(session: Session, scope: Scope) -> Iterator[Table]:
    """Each unit that an assessor held achieved below its threshold."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.scalars(
            select(Departure)
            .join(Enrolment, Enrolment.id == Departure.enrolment_id)
            .where(Enrolment.cohort_id.in_(scope.cohort_ids))
            .order_by(Departure.at, Departure.id)
        )
        for one in found:
            cells = (learners.get(one.enrolment_id, "Name erased"), unit(one.unit), name(one.decided_by), when(one.at))
            yield Row(cells, (words.ink("departure", one.id),))

    yield Table(
        "departures", "Departures from a threshold", "Units held achieved below the policy's threshold, and by whom.",
        ("Learner", "Unit", "Held by", "When"), rows,
    )  # fmt: skip
