"""What a centre claims: each learner's released unit with everybody who signs for it (domain.md 6, Claim)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.enrolment.models import Cohort, Enrolment
from course.evidence import Row, Scope, Table
from course.records import queries as records
from course.records.models import Batch, BatchUnit, Release
from course.workbook.models import Answer, Decision, Return

ASKED_AT_ONCE = 400


def claims(session: Session, scope: Scope) -> Iterator[Table]:
    """Each unit that stands released, by cohort and learner, with assessors, releaser and dates."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        last = (
            select(func.max(Return.at))
            .join(Answer, Answer.id == Return.answer_id)
            .where(Answer.enrolment_id == BatchUnit.enrolment_id, Answer.unit == BatchUnit.unit, Return.at <= Batch.at)
            .scalar_subquery()
        )
        found = session.execute(
            select(Cohort.name, Cohort.run_id, Enrolment, BatchUnit, Batch, Release, last)
            .join(Batch, Batch.id == BatchUnit.batch_id)
            .join(Release, Release.batch_id == Batch.id)
            .join(Enrolment, Enrolment.id == BatchUnit.enrolment_id)
            .join(Cohort, Cohort.id == Batch.cohort_id)
            .where(Batch.cohort_id.in_(scope.cohort_ids), records.stands())
            .order_by(Cohort.name, BatchUnit.unit, Batch.at, BatchUnit.id)
        ).all()
        for at in range(0, len(found), ASKED_AT_ONCE):
            part = found[at : at + ASKED_AT_ONCE]
            judged = _assessors(session, {row[2].id for row in part})
            for cohort, run_id, enrolment, line, batch, release, returned_at in part:
                who = sorted({name(one) for one in judged.get((enrolment.id, line.unit), ())})
                cells = (
                    cohort, run_id, learners.get(enrolment.id, "Name erased"), enrolment.ao_learner_number,
                    unit(line.unit), when(returned_at), ", ".join(who), name(release.released_by), when(release.at),
                )  # fmt: skip
                yield Row(cells, (words.ink("batch", batch.id), words.ink("batch_release", release.id)))

    yield Table(
        "claims", "Units for claim", "Learners' units that stand released for claim, with who judged and who released.",
        ("Cohort", "Run", "Learner", "Learner number", "Unit", "Last returned", "Assessors", "Released by", "Released"),
        rows,
    )  # fmt: skip


def _assessors(session: Session, enrolment_ids: set[UUID]) -> dict[tuple[UUID, str], list[UUID]]:
    rows = session.execute(
        select(Answer.enrolment_id, Answer.unit, Decision.decided_by)
        .join(Answer, Answer.id == Decision.answer_id)
        .where(Answer.enrolment_id.in_(enrolment_ids))
        .distinct()
    )
    found: dict[tuple[UUID, str], list[UUID]] = {}
    for enrolment_id, unit, decided_by in rows:
        found.setdefault((enrolment_id, unit), []).append(decided_by)
    return found
