"""The acts of releasing, recording, authorising, appeals, cases and adjustments, each through the real operation."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from assessors.appeals import operations as answering
from assessors.attempts import operations as attempts
from assessors.attempts import queries as attempted
from assessors.attempts import rules as attempt_rules
from assessors.changes.operations import in_force
from assessors.changes.operations.reopening import reopen
from assessors.conduct import queries as conduct_queries
from assessors.quality import operations as quality
from course.access import Role
from course.adjustments import operations as adjusting
from course.adjustments import queries as adjusted
from course.adjustments.models import Kind
from course.adjustments.rules import Agreement
from course.audit import Actor
from course.cases import conduct
from course.cases import queries as case_queries
from course.cases.models import CaseFinding, CaseKind, Outcome
from course.cases.operations import appeals as cases
from course.cases.operations import conduct as conducting
from course.corrections import operations as correcting
from course.corrections import queries as corrections
from course.records import operations as records
from course.records import queries as record_queries
from course.records.models import Batch
from course.workbook import appealing
from course.workbook import queries as work
from tests.support.acts import Cell
from tests.support.marked import FOOD_UNIT
from tests.support.ties import DAY, released


def make_batch(c: Cell) -> None:
    c.tie("achieved")
    records.make_batch(c.session, c.world.cohort, [c.world.achieved.unit], by=c.world.by(Role.IQA))


def batched(c: Cell) -> Batch:
    made = records.make_batch(c.session, c.world.cohort, [c.world.achieved.unit], by=c.world.by(Role.IQA, c.world.tom))
    c.session.flush()
    return made


def release(c: Cell) -> None:
    batch = batched(c)
    c.tie("achieved")
    quality.release(c.session, batch, "All is well.", "", by=c.world.by(Role.IQA))


def line_in(c: Cell, batch_id: UUID) -> Any:
    return corrections.of_batch(c.session, batch_id)[0]


def take_out(c: Cell) -> None:
    batch = batched(c)
    c.tie("achieved")
    correcting.take_out(c.session, line_in(c, batch.id), "So.", by=c.world.by(Role.IQA))


def is_released(c: Cell) -> UUID:
    batch = batched(c)
    quality.release(c.session, batch, "All is well.", "", by=c.world.by(Role.IQA, c.world.tom))
    c.session.flush()
    return batch.id


def ask_to_withdraw(c: Cell) -> None:
    batch_id = is_released(c)
    c.tie("achieved")
    correcting.ask_to_withdraw(
        c.session, line_in(c, batch_id), "Wrong.", is_claimed=False, by=c.world.by(Role.LEAD_IQA)
    )  # fmt: skip


def confirm_withdrawal(c: Cell, role: Role = Role.IQA) -> None:
    batch_id, ruth = is_released(c), c.world.by(Role.LEAD_IQA, c.world.ruth)
    correcting.ask_to_withdraw(c.session, line_in(c, batch_id), "Wrong.", is_claimed=False, by=ruth)
    c.session.flush()
    c.tie("achieved")
    correcting.answer(c.session, line_in(c, batch_id), "I read it.", is_confirmed=True, by=c.world.by(role))


def issue(c: Cell) -> None:
    if c.make is not released:
        is_released(c)
    answer = c.tie("achieved")
    records.issue_unit_statement(c.session, c.enrolment(answer), FOOD_UNIT, by=c.world.by(Role.ADMIN))


def revoke(c: Cell) -> None:
    is_released(c)
    kept = c.enrolment(c.world.answers["achieved"])
    row = records.issue_unit_statement(c.session, kept, FOOD_UNIT, by=c.world.by(Role.ADMIN, c.world.moira))
    c.session.flush()
    c.tie("achieved")
    found = record_queries.record(c.session, row.id)
    records.revoke(c.session, found, "The name.", replace=False, by=c.world.by(Role.ADMIN))


def send_back(c: Cell) -> None:
    answer = c.tie("achieved")
    reopen(c.session, answer.id, "A doubt.", by=c.world.by(Role.LEAD_IQA))


def change_rules(c: Cell) -> None:
    c.tie("achieved")
    chosen: Any = SimpleNamespace(chosen=[SimpleNamespace(cohort=c.world.cohort)], seen="as shown", version=None)
    in_force._must_set(c.session, chosen, c.world.by(Role.IQA))  # what both operations ask first


def attempts_at(c: Cell, name: str) -> Any:
    answer = c.world.answers[name]
    found = attempted.attempts_of(c.session, answer.enrolment_id, FOOD_UNIT, answer.question, c.world.held, lock=True)
    c.tie(name)
    return found


def extend(c: Cell) -> None:
    found = attempts_at(c, "not yet")
    attempts.extend(c.session, found, found.case.hand_in_by + 5 * DAY, "Ill.", by=c.world.by(Role.LEAD_IQA))


def authorise(c: Cell) -> None:
    attempts.authorise(c.session, attempts_at(c, "used up"), (), "Close.", by=c.world.by(Role.LEAD_IQA))


def refer(c: Cell) -> None:
    attempts.refer(c.session, attempts_at(c, "used up"), "Two goes short.", by=c.world.by(Role.LEAD_IQA))


def before_panel(c: Cell) -> Any:
    answer = c.world.answers["used up"]
    key = (answer.enrolment_id, FOOD_UNIT, answer.question, c.world.held)
    attempts.refer(
        c.session, attempted.attempts_of(c.session, *key), "Two goes short.", by=c.world.by(Role.LEAD_IQA, c.world.ruth)
    )
    c.session.flush()
    found = attempted.attempts_of(c.session, *key)
    c.tie("used up")
    return found


def sit(c: Cell) -> None:
    with_ = c.world.kim.id
    attempts.decide_panel(
        c.session, before_panel(c), attempt_rules.ONE_MORE, with_, "We read it.", by=c.world.by(Role.LEAD_IQA)
    )  # fmt: skip


def appealed(c: Cell, stages: int) -> UUID:
    """The learner appealed; Kim and Tom answered the stages before this one."""
    w, answer = c.world, c.world.answers["not yet"]
    enrolment = c.enrolment(answer)
    by = Actor(enrolment.person_id, Role.LEARNER)
    found = appealing.of_answer(c.session, enrolment, work.answer_facts(c.session, answer.id))
    made = cases.appeal(c.session, found.answer, found.appealed, "I did say when.", by=by).id
    answers = (w.by(Role.ASSESSOR, w.kim), w.by(Role.IQA, w.tom))
    for number in range(stages - 1):
        c.session.flush()
        answering.decide(
            c.session, case_queries.appeal(c.session, made), Outcome.NOT_UPHELD, "I read it.", by=answers[number]
        )
        c.session.flush()
        now = case_queries.appeal(c.session, made)
        cases.go_on(c.session, now, "Still wrong.", is_latest=True, by=by)
    c.session.flush()
    return made


def answer_stage(stage: int, role: Role) -> Callable[[Cell], None]:
    def act(c: Cell) -> None:
        appeal_id = appealed(c, stage)
        c.tie("not yet")
        facts = case_queries.appeal(c.session, appeal_id)
        answering.decide(c.session, facts, Outcome.UPHELD, "It does say when.", by=c.world.by(role))

    return act


def open_case(c: Cell, by: Actor | None = None) -> UUID:
    about = conduct_queries.about_answer(c.session, c.world.answers["not yet"].id, c.world.held)
    by = by or c.world.by(Role.ASSESSOR)
    standing = conduct_queries.standing_to_open(c.session, about, by.person_id)
    row = conducting.open_case(c.session, about, standing, CaseKind.MALPRACTICE, "Two are alike.", "We ask.", by=by)
    c.session.flush()
    return row.id


def open_tied_case(c: Cell) -> None:
    c.tie("not yet")
    open_case(c)


def close_case(c: Cell) -> None:
    case_id = open_case(c, c.world.by(Role.ASSESSOR, c.world.kim))
    c.tie("not yet")
    facts = conduct.case(c.session, case_id)
    standing = conduct_queries.standing(c.session, facts, c.world.me.id)
    conducting.close(
        c.session, facts, standing, CaseFinding("nothing-found"), "The handout.", "Nothing was found.",
        by=c.world.by(Role.LEAD_IQA),
    )  # fmt: skip


def agreement(c: Cell) -> Agreement:
    today = adjusted.today_at(c.session, c.world.cohort.centre_id)
    return Agreement(Kind.ADJUSTMENT, "Half as long again.", "The learner", "nothing", today, None, today + 9 * DAY)


def agree_adjustment(c: Cell) -> None:
    answer = c.tie("waiting")
    adjusting.agree(c.session, c.enrolment(answer), agreement(c), by=c.world.by(Role.IQA))


def end_adjustment(c: Cell) -> None:
    kept = c.enrolment(c.world.answers["waiting"])
    adjusting.agree(c.session, kept, agreement(c), by=c.world.by(Role.IQA, c.world.tom))
    c.session.flush()
    c.tie("waiting")
    (fact,) = adjusted.facts_of(c.session, [kept.id])[kept.id]
    adjusting.end(c.session, fact, agreement(c).from_on, "It no longer fits.", by=c.world.by(Role.IQA))


def reply_adjustment(c: Cell) -> None:
    kept = c.enrolment(c.world.answers["waiting"])
    row = adjusting.ask(c.session, kept, "More time, please.", by=Actor(kept.person_id, Role.LEARNER))
    c.session.flush()
    c.tie("waiting")
    adjusting.reply(c.session, row, "Yes.", by=c.world.by(Role.IQA))


def decline_adjustment(c: Cell) -> None:
    kept = c.enrolment(c.world.answers["waiting"])
    row = adjusting.ask(c.session, kept, "More time, please.", by=Actor(kept.person_id, Role.LEARNER))
    c.session.flush()
    c.tie("waiting")
    adjusting.decline(c.session, row, "The course has no timed work.", by=c.world.by(Role.IQA))
