"""The sample centre shows what the product does: whoever signs in finds each thing in the state that it is for."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessors.external import queries as visits
from assessors.external.models import Visit
from assessors.external.tables import plans as plan_tables
from assessors.marking.models import Concern
from assessors.quality import queries as quality
from assessors.quality.plan import queries as plans
from assessors.quality.plan.models import Plan
from assessors.quality.second.queries import pairs
from assessors.quality.second.rules import Stage as Agreeing
from assessors.quality.standardisation import picturing, showing
from assessors.quality.standardisation.models import Standardisation, StandardisationMeeting
from assessors.quality.standardisation.queries import activities
from assessors.quality.workload import queries as workload
from assessors.sample import Sample, build_with_a_past, past
from assessors.selection.models import Application, MonitoringAnswer
from assessors.selection.queries import applications
from assessors.selection.rules import Standing
from course import audit, clock
from course.access import Role
from course.adjustments.models import Adjustment
from course.cases import queries as cases
from course.cases.models import Appeal, ConductCase
from course.cases.rules import Stage
from course.enrolment.models import Cohort
from course.evidence import Scope
from course.office import outcomes
from course.workbook.models import Answer
from tests.support.story import Story


@pytest.fixture
def sample(app: Any, story: Story) -> Sample:
    """The sample centre, whole."""
    made: list[Sample] = []
    with app.test_request_context(), story.writing() as session:
        made.append(Sample(session, "no password"))
        build_with_a_past(made[0])
    return made[0]


def named(session: Session, name: str) -> Cohort:
    return session.scalars(select(Cohort).where(Cohort.name == name)).one()


def test_a_person_who_looks_round_finds_everything(sample: Sample, story: Story) -> None:
    with story.reading() as session:
        spring = named(session, "Spring 2026")
        look_at_quality(session, spring, sample)
        look_at_what_needs_somebody_else(session)
        look_at_selection(session)
        look_at_pictures(session, spring, sample)
        assert list(audit.verify(session)) == []


def look_at_quality(session: Session, spring: Cohort, sample: Sample) -> None:
    plan = session.scalars(select(Plan).where(Plan.cohort_id == spring.id)).one()
    now = plans.plan_now(session, plan)
    assert 0 < now.reviewed < now.answers
    assert now.open_actions >= 1
    states = {cell.state for row in plans.grid(session, plan, None, "") for cell in row.cells.values()}
    assert states >= {"action", "planned_sample", "sampled", "released"}
    twice = pairs.at_cohorts(session, [sample.held("iqa@example.org", Role.LEAD_IQA)]).lines
    assert {one.pair.stage for one in twice} >= {Agreeing.TO_AGREE}
    meeting = session.scalars(select(StandardisationMeeting)).one()
    found = activities.standardising(session, session.get_one(Standardisation, meeting.standardisation_id))
    opinions = showing.opinions(session, found)
    assert any(one.is_split for one in opinions.samples)
    measured = picturing.by_criterion(session, found)
    assert len(measured) > 2
    assert [(name, one.agreeing, one.pairs) for name, one in measured] == [
        (one.label, one.agreement.agreeing, one.agreement.pairs) for one in opinions.by_criterion
    ]
    assert quality.open_actions(session, [spring.id])


def look_at_what_needs_somebody_else(session: Session) -> None:
    appeal = cases.appeal(session, session.scalars(select(Appeal.id)).one())
    assert (appeal.stage, appeal.is_open, appeal.is_late) == (Stage.ASSESSOR, True, False)
    for table in (ConductCase, Concern, Adjustment):
        assert session.scalar(select(func.count()).select_from(table)) == 1
    over = {
        visits.appointment_of(session, one).until_date < clock.now().date() for one in session.scalars(select(Visit))
    }
    assert over == {True, False}


def look_at_selection(session: Session) -> None:
    found = applications.facts(session, session.scalars(select(Application)).all())
    assert {one.case.standing for one in found} >= {Standing.DRAFT, Standing.SENT}
    assert session.scalar(select(func.count()).select_from(MonitoringAnswer)) == 7


def look_at_pictures(session: Session, spring: Cohort, sample: Sample) -> None:
    in_pack = dict(plan_tables.reached(session, Scope(spring.centre_id, spring.qualification, (spring.id,))))
    assert [heading.rsplit(": ")[-1][:2] for heading in in_pack] == ["U4", "U6"]
    assert all(one.key for one in in_pack.values())
    turned = workload.turnaround(session, [sample.held("iqa@example.org", Role.LEAD_IQA)])
    assert sum(bool(one.answers) for one in turned.weeks) >= 8
    months = outcomes.outcomes(session, [spring.id], clock.now().date())
    assert sum(bool(one.answers) for one in months) >= 4
    assert sum(one.not_yet for one in months) == 3
    assert sum(one.left for one in months) == 1


def test_its_past_is_spread_over_working_days(sample: Sample, story: Story) -> None:
    with story.reading() as session:
        handed_in = session.scalars(select(Answer.at).where(Answer.cohort_id == named(session, "Spring 2026").id)).all()
        assert all(at.weekday() < 5 for at in handed_in)
        assert len({at.date() for at in handed_in}) > 15


def test_its_days_never_fall_on_a_weekend() -> None:
    assert all(past.on(days_ago).weekday() < 5 for days_ago in range(200))


def test_the_past_is_left_again() -> None:
    with clock.standing_at(past.on(100)):
        assert clock.now() == past.on(100)
    assert clock.now() > past.on(1)
