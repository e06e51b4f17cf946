"""Drawing a plan and changing it by hand: each with its audit entry."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assessors.quality.models import Sample, SampledAnswer
from assessors.quality.plan import facts, pool, queries, rules
from assessors.quality.plan.models import Plan, PlanChange, PlanLine
from assessors.quality.plan.rules import Choice, Stage
from course import audit, clock
from course.access import HeldAppointment
from course.audit import Actor, Event
from course.db import new_id
from course.enrolment import queries as enrolments
from course.enrolment.models import Cohort
from course.records import queries as record_queries
from course.workbook.models import Answer


def draw(session: Session, cohort: Cohort, stage: Stage, *, held: Collection[HeldAppointment], by: Actor) -> Plan:
    """Draw a plan for a cohort from what is judged so far, and open its sample. Raises Refusal.

    The seed is the day and the plan's number: nobody chooses it, and anybody can repeat the draw. So whoever draws it
    chooses no answer; what they are kept apart from is in the plan all the same, and another assurer looks at it.
    """
    version, policy = enrolments.policy_for(session, cohort)
    today = record_queries.today_at(session, cohort.centre_id)
    number = (session.scalar(select(func.max(Plan.number)).where(Plan.cohort_id == cohort.id)) or 0) + 1
    seed = int(f"{today:%Y%m%d}{number:02}")
    drawn = rules.draw(
        pool.load(session, cohort, policy, held), policy.sampling, stage, seed=seed, by=by.person_id,
        evidence=pool.evidence(session, cohort), today=today,
    )  # fmt: skip
    step = rules.open_plan(record_queries.standing(session, by.person_id, cohort), drawn)
    now = clock.now()
    sample = Sample(
        centre_id=cohort.centre_id, cohort_id=cohort.id, opened_by=by.person_id, appointment_id=by.appointment_id,
        rationale=f"Plan {number}, {stage}: drawn from {drawn.answers} answers with seed {seed}.", at=now,
    )  # fmt: skip
    plan = Plan(
        id=new_id(), centre_id=cohort.centre_id, cohort_id=cohort.id, number=number, stage=stage,
        policy_version_id=version.id, seed=seed, facts=facts.dumps(drawn), drawn_by=by.person_id,
        appointment_id=by.appointment_id, at=now,
    )  # fmt: skip
    session.add(sample)
    session.flush()
    plan.sample_id = sample.id
    places = {one.id: new_id() for one in drawn.lines}
    session.add_all(SampledAnswer(id=place, sample_id=sample.id, answer_id=one) for one, place in places.items())
    session.add(plan)
    session.flush()
    session.add_all(
        PlanLine(sampled_answer_id=places[one.id], plan_id=plan.id, reasons=facts.line_dumps(one))
        for one in drawn.lines
    )
    audit.record(session, Event.SAMPLE_OPENED, sample, by=by)
    audit.record(session, step.event, plan, by=by)
    return plan


def change(
    session: Session, plan: Plan, cohort: Cohort, *, add: UUID | None, drop: UUID | None, reason: str,
    held: Collection[HeldAppointment], by: Actor,
) -> PlanChange:  # fmt: skip
    """Add an answer to a plan, drop one, or put one in another's place. Raises Refusal."""
    policy = enrolments.policy(session, plan.policy_version_id)
    touched = [one for one in (add, drop) if one]
    inside = queries.in_plan(session, plan, Answer.id.in_(touched))
    items = {one.id: one for one in pool.load(session, cohort, policy, held, only=touched)}
    reviewed = queries.reviewed_answers(session, plan, touched)
    choices = {one: Choice(one in inside, one in items, one in reviewed) for one in touched}
    step = rules.change(
        record_queries.standing(session, by.person_id, cohort, answers=touched), add=choices.get(add) if add else None,
        drop=choices.get(drop) if drop else None, reason=reason,
    )  # fmt: skip
    row = PlanChange(
        plan_id=plan.id, added_id=add, dropped_id=drop, reason=reason,
        facts=facts.change_dumps(**{
            name: rules.weigh(items[one], policy.sampling) if one in items else None
            for name, one in (("added", add), ("dropped", drop))
        }), changed_by=by.person_id,
        appointment_id=by.appointment_id, at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, step.event, row, by=by)
    return row
