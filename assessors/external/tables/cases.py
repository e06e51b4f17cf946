"""Appeals, cases and adjustments: that there are some, which, and what came of them; never what anybody wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.adjustments import queries as adjusting
from course.adjustments.rules import AdjustmentFact
from course.cases import conduct as looked_into
from course.cases import queries as appealing
from course.cases.models import Appeal, CaseOutcome, ConductCase
from course.cases.rules import WHO, State
from course.enrolment.models import Enrolment
from course.evidence import Row, Scope, Table

STATES = {
    State.OPEN: "Open", State.ANSWERED: "Not upheld, may go on", State.CLOSED: "Not upheld", State.UPHELD: "Upheld",
    State.WITHDRAWN: "Taken back",
}  # fmt: skip
FINDINGS = {"": "Open", "nothing-found": "Nothing found", "put-right": "Put right", "found": "Rules not kept"}


def appeals(session: Session, scope: Scope) -> Iterator[Table]:
    """Each appeal and each answer to it. The words stand under the learner's key, so they are not told here."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        for one in appealing.facts_where(session, Appeal.cohort_id.in_(scope.cohort_ids)):
            answered = "; ".join(
                f"{WHO[found.stage]}: {found.outcome.value.replace('-', ' ')}, {name(found.decided_by)}"
                for found in one.found
            )
            sent = f"{one.sent_on} ({one.reference})" if one.sent_on else ""
            cells = (
                learners.get(one.enrolment_id, "Name erased"), unit(one.unit), one.question, when(one.begun[0]),
                STATES[one.state], answered, sent,
            )  # fmt: skip
            yield Row(cells, (words.ink("appeal", one.id), words.ink("answer", one.answer_id)))

    yield Table(
        "appeals", "Appeals", "Appeals of learners, who answered each stage, and what was sent to you.",
        ("Learner", "Unit", "Question", "Made", "State", "Answered", "Sent"), rows,
    )  # fmt: skip


def conduct(session: Session, scope: Scope) -> Iterator[Table]:
    """Each case about how work was done or dealt with, and its outcome."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        found = session.execute(
            select(CaseOutcome.case_id, CaseOutcome.decided_by)
            .join(ConductCase, ConductCase.id == CaseOutcome.case_id)
            .where(ConductCase.cohort_id.in_(scope.cohort_ids))
        )
        closed = {row.case_id: row.decided_by for row in found}
        for one in looked_into.facts_where(session, ConductCase.cohort_id.in_(scope.cohort_ids)):
            cells = (
                learners.get(one.enrolment_id, "Name erased"), one.kind.capitalize(),
                unit(one.unit) if one.unit else "All work", name(one.opened_by), when(one.at), FINDINGS[one.finding],
                name(closed[one.id]) if one.id in closed else "",
            )  # fmt: skip
            yield Row(cells, (words.ink("conduct_case", one.id),))

    yield Table(
        "cases", "Malpractice and maladministration", "Cases, who opened and who closed each, and what was found.",
        ("Learner", "Kind", "About", "Opened by", "When", "Outcome", "Closed by"), rows,
    )  # fmt: skip


def adjustments(session: Session, scope: Scope) -> Iterator[Table]:
    """Each adjustment: its sort, its days and its units. What it is stands on the sampled answers only."""
    name = words.named(session)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        ids = session.scalars(select(Enrolment.id).where(Enrolment.cohort_id.in_(scope.cohort_ids))).all()
        found = adjusting.facts_of(session, ids)
        by_learner: dict[str, list[AdjustmentFact]] = defaultdict(list)
        for enrolment_id, facts in found.items():
            by_learner[learners.get(enrolment_id, "Name erased")] += facts
        for learner, facts in sorted(by_learner.items()):
            for one in facts:
                units = ", ".join(unit(each) for each in sorted(one.units)) or "All units"
                cells = (
                    learner, one.kind.capitalize(), units, one.from_on, one.ends_on or "", one.review_on or "",
                    one.seen.capitalize(), name(one.agreed_by),
                )  # fmt: skip
                yield Row(cells, (words.ink("adjustment", one.id),))

    yield Table(
        "adjustments", "Adjustments", "Reasonable adjustments and special consideration, without what they are for.",
        ("Learner", "Kind", "Units", "From", "Until", "Ask again", "What was seen", "Agreed by"), rows,
    )  # fmt: skip
