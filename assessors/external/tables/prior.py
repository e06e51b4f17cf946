"""Claims of prior learning: which answers make one, and how much of each unit was achieved through them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external.tables import words
from course.catalogue import queries as catalogue
from course.evidence import Row, Scope, Table
from course.workbook import queries as work
from course.workbook.models import Answer
from course.workbook.prior import is_claim


def claims(session: Session, scope: Scope) -> Iterator[Table]:
    """Each answer that claims prior learning. Awarding organisations look at the share, and some limit it."""
    name, when = words.named(session), words.at_centre(session, scope.centre_id)
    learners, unit = words.learner_names(session, scope), words.units(session, scope)

    def rows() -> Iterator[Row]:
        inside = select(Answer.id).where(Answer.cohort_id.in_(scope.cohort_ids), is_claim())
        found = work.answers_facts(session, session.scalars(inside.order_by(Answer.at, Answer.id)).all())
        through: dict[tuple[UUID, str], set[str]] = defaultdict(set)
        achieved = {}
        for one in found.values():
            achieved[one.id] = sorted(key for key, said in one.returned.items() if said.is_achieved)
            through[one.enrolment_id, one.unit] |= set(achieved[one.id])
        versions = catalogue.units(session, {one.unit_version_id for one in found.values()})
        for one in found.values():
            points = sum(len(outcome.criteria) for outcome in versions[one.unit_version_id].outcomes)
            share = len(through[one.enrolment_id, one.unit]) / points
            cells = (
                learners.get(one.enrolment_id, "Name erased"), unit(one.unit), one.question, one.number, when(one.at),
                ", ".join(achieved[one.id]), ", ".join(sorted({name(each.decided_by) for each in one.decisions})),
                f"{share:.0%} of {points}",
            )  # fmt: skip
            yield Row(cells, (words.ink("answer", one.id),))

    yield Table(
        "prior-learning", "Claims of prior learning",
        "Answers that say how something was learned before the course: judged and sampled like any other, after five "
        "tests (valid, authentic, current, sufficient, reliable).",
        ("Learner", "Unit", "Question", "Answer", "Handed in", "Criteria achieved by it", "Assessor",
         "Of the unit, by all claims"), rows,
    )  # fmt: skip
