"""What an evidence pack says of appeals, cases and adjustments, and that a sample's pool knows adjusted work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from assessors.external.tables import cases as tables
from assessors.quality.plan import pool
from assessors.quality.plan.rules import Need
from course import clock
from course.access import Role
from course.adjustments import operations as adjusting
from course.adjustments.models import Kind
from course.adjustments.rules import Agreement
from course.enrolment import queries as policies
from course.enrolment.models import Cohort, Enrolment
from course.evidence import Scope, Table
from course.working_days import day_of
from tests.assessors.changes.conftest import change_policy, put
from tests.support.appealed import disputed
from tests.support.house import sign_in
from tests.support.marked import FOOD, actor, food_cohort, held
from tests.support.story import Story


def test_a_pack_tells_of_them_without_anybodys_words(story: Story, app: Any) -> None:
    put(story, change_policy(story, return_="at-once"))
    cohort = food_cohort(story)
    found = disputed(story, cohort)
    found.appeal("The secret words of an appeal.")
    form = {"kind": "malpractice", "noted": "Secret notes.", "told": "Secret telling."}
    page = sign_in(app, found.assessor.id)
    assert page.post(f"/quality/learners/{found.enrolment.id}/case", data=form).status_code == 303
    tutor, today = story.staff(Role.TUTOR, "Ada Grant"), day_of(clock.now())
    extra = Agreement(Kind.ADJUSTMENT, "Secret help.", "Ffion", "document", today, None, today + timedelta(days=30))
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, found.enrolment.id)
        adjusting.agree(session, enrolment, extra, by=actor(story, tutor, Role.TUTOR))
    scope = Scope(cohort.centre_id, FOOD, (cohort.id,))
    with story.reading() as session:
        parts = [part(session, scope) for part in (tables.appeals, tables.conduct, tables.adjustments)]
        made: list[Table] = [table for part in parts for table in part]
        lines = {table.slug: [row.cells for row in table.rows()] for table in made}
    assert {slug: len(rows) for slug, rows in lines.items()} == {"appeals": 1, "cases": 1, "adjustments": 1}
    assert "ecret" not in str(lines)
    assert "Ada Grant" in str(lines["adjustments"])
    assert "openings" not in session.info, "nothing sealed was opened"


def test_work_with_an_adjustment_is_a_sort_that_a_sample_must_hold(story: Story) -> None:
    put(story, change_policy(story, return_="at-once"))
    cohort = food_cohort(story)
    found = disputed(story, cohort)
    tutor, iqa, today = story.staff(Role.TUTOR), story.staff(Role.IQA), day_of(clock.now())
    wanted = Agreement(Kind.CONSIDERATION, "The alarm rang.", "Ffion", "nothing", today,
                       units=frozenset({found.answer.unit}))  # fmt: skip

    def needs() -> frozenset[Need]:
        with story.reading() as session:
            here = session.scalars(select(Cohort).where(Cohort.id == cohort.id)).one()
            policy = policies.policy_for(session, here)[1]
            return pool.load(session, here, policy, held(story, iqa))[0].sorts

    assert Need.ADJUSTED not in needs()
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, found.enrolment.id)
        adjusting.agree(session, enrolment, wanted, by=actor(story, tutor, Role.TUTOR))
    assert Need.ADJUSTED in needs()
