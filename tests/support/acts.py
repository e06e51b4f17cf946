"""The acts of assessing and of quality assurance that ask for independence, each through the real operation."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.marking.operations import countersigning, departing, judging, leasing
from assessors.marking.queries.desk import desk
from assessors.marking.rules import Judged, Judgement
from assessors.quality import operations as quality
from assessors.quality import queries as quality_queries
from assessors.quality.affected import operations as affected
from assessors.quality.affected import queries as errors
from assessors.quality.models import Action, Sample
from assessors.quality.plan import operations as plans
from assessors.quality.plan.rules import Stage as PlanStage
from assessors.quality.rules import Finding
from assessors.quality.second import operations as second
from assessors.quality.second.models import SecondMarking
from assessors.quality.second.queries import pairs
from course import clock
from course.access import Role
from course.audit import Actor
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.workbook import queries as work
from course.workbook.models import Answer
from course.workbook.models import Outcome as Judgement_
from tests.support.marked import FOOD_UNIT
from tests.support.ties import DAY, FOUND, YES, Making, World


@dataclass
class Cell:
    """One act in one transaction. `tie` makes the tie to an answer, once what comes before the act is done."""

    world: World
    session: Session
    make: Making | None

    def tie(self, name: str) -> Answer:
        """The answer that the act is about, with the tie."""
        answer = self.session.get_one(Answer, self.world.answers[name].id)
        if self.make:
            self.make(self.world, self.session, answer)
        self.session.flush()
        return answer

    def at_desk(self, answer: Answer) -> Any:
        """The answer on my desk, locked."""
        return desk(self.session, self.world.reader, answer.id, lock=True)

    def facts(self, answer: Answer) -> Any:
        """Its facts as they are now."""
        return work.answer_facts(self.session, answer.id)

    def enrolment(self, answer: Answer) -> Enrolment:
        """Whose it is."""
        return self.session.get_one(Enrolment, answer.enrolment_id)


def take(c: Cell) -> None:
    leasing.take(c.session, c.at_desk(c.tie("waiting")))


def judgement_at(at: Any) -> Judgement:
    criteria = {one: Judged(one, YES, "You show this well.") for one in at.answer.open_criteria}
    return Judgement(criteria, at.case.guidance)


def decide(c: Cell) -> None:
    leasing.take(c.session, c.at_desk(c.world.answers["waiting"]))
    at = c.at_desk(c.tie("waiting"))
    judging.decide(c.session, at, judgement_at(at))


def confirm(c: Cell) -> None:
    judging.confirm_check(c.session, c.at_desk(c.tie("waiting: check")), "Right.")


def return_(c: Cell) -> None:
    judging.return_answer(c.session, c.at_desk(c.tie("decided")))


def countersign(c: Cell) -> None:
    countersigning.countersign(c.session, c.at_desk(c.tie("trained")), "agree", "")


def depart(c: Cell) -> None:
    below: Any = SimpleNamespace(threshold=SimpleNamespace(is_satisfied=False), criteria={}, unit=FOOD_UNIT)
    answer = c.tie("achieved")
    departing.depart(c.session, c.enrolment(answer), below, "She showed it in talk.", by=c.world.by(Role.ASSESSOR))


def asked(c: Cell, name: str, chosen: Person, by: Person) -> SecondMarking:
    facts = work.answer_facts(c.session, c.world.answers[name].id)
    what = second.Asking(chosen.id, "It is borderline.")
    return second.ask(c.session, facts, c.world.cohort, what, by=c.world.by(Role.LEAD_IQA, by))


def twice(c: Cell, row: SecondMarking, person: Person) -> Any:
    c.session.flush()
    return pairs.one_for(c.session, row.id, person.id, c.world.held, c.world.held)


def judge_second(c: Cell) -> None:
    row = asked(c, "not yet", c.world.me, c.world.ruth)
    at = c.at_desk(c.tie("not yet"))
    second.judge(c.session, twice(c, row, c.world.me), at, judgement_at(at))


def differ(c: Cell) -> SecondMarking:
    """I judged otherwise than Joan, blind."""
    row = asked(c, "not yet", c.world.me, c.world.ruth)
    at = c.at_desk(c.world.answers["not yet"])
    second.judge(c.session, twice(c, row, c.world.me), at, judgement_at(at))
    c.session.flush()
    return row


def reconsider(c: Cell) -> None:
    row = differ(c)
    said = second.Said("1.1", Judgement_.NOT_YET_ACHIEVED, "Joan is right.")
    c.tie("not yet")
    second.reconsider(c.session, twice(c, row, c.world.me), said, by=c.world.by(Role.ASSESSOR))


def ask_second(c: Cell) -> None:
    c.tie("not yet")
    asked(c, "not yet", c.world.kim, c.world.me)


def call_off(c: Cell) -> None:
    row = asked(c, "not yet", c.world.kim, c.world.ruth)
    c.tie("not yet")
    second.call_off(c.session, twice(c, row, c.world.me), "Kim is ill.", by=c.world.by(Role.LEAD_IQA))


def draw_plan(c: Cell) -> None:
    c.tie("achieved")
    w = c.world
    plans.draw(c.session, w.cohort, PlanStage.FINAL, held=w.held, by=w.by(Role.IQA))


def change_plan(c: Cell) -> None:
    w = c.world
    plan = plans.draw(c.session, w.cohort, PlanStage.FINAL, held=w.held, by=w.by(Role.IQA, w.tom))
    c.session.flush()
    inside = set(quality_queries.sampled_answers(c.session, plan.sample_id))
    name = next(one for one in ("achieved", "decided", "not yet", "used up") if w.answers[one].id in inside)
    answer = c.tie(name)
    plans.change(c.session, plan, w.cohort, add=None, drop=answer.id, reason="So.", held=w.held, by=w.by(Role.IQA))


def sample_of(c: Cell, name: str, by: Actor) -> Sample:
    ids = [c.world.answers[name].id]
    return quality.open_sample(c.session, c.world.cohort, ids, "This one.", held=c.world.held, by=by)


def open_sample(c: Cell) -> None:
    c.tie("not yet")
    sample_of(c, "not yet", c.world.by(Role.IQA))


def review(c: Cell) -> None:
    sample = sample_of(c, "not yet", c.world.by(Role.IQA, c.world.tom))
    facts = c.facts(c.tie("not yet"))
    quality.review(c.session, sample, facts, facts.standing["1.1"], FOUND, by=c.world.by(Role.IQA))


def action(c: Cell) -> Any:
    """Tom asked Joan to act, and she has answered."""
    w = c.world
    sample = sample_of(c, "not yet", w.by(Role.IQA, w.tom))
    facts = work.answer_facts(c.session, w.answers["not yet"].id)
    act = quality.Found(Finding.ACT, "Look again.", clock.now().date() + 5 * DAY)
    quality.review(c.session, sample, facts, facts.standing["1.1"], act, by=w.by(Role.IQA, w.tom))
    found = c.session.scalars(select(Action.id)).one()
    mine = quality_queries.action_for(c.session, found, w.held)
    quality.answer_action(c.session, mine, "I did.", by=w.by(Role.ASSESSOR, w.joan))
    c.session.flush()
    return found


def close_action(c: Cell) -> None:
    found = action(c)
    c.tie("not yet")
    quality.close_action(c.session, quality_queries.action_for(c.session, found, c.world.held), by=c.world.by(Role.IQA))


def uphold(c: Cell) -> None:
    found = action(c)
    c.tie("not yet")
    asked_for = quality_queries.action_for(c.session, found, c.world.held)
    affected.close_action(c.session, asked_for, look_for="The same.", by=c.world.by(Role.IQA))


def look_at(c: Cell) -> None:
    w, found = c.world, action(c)
    asked_for = quality_queries.action_for(c.session, found, w.held)
    error = affected.close_action(c.session, asked_for, look_for="The same.", by=w.by(Role.IQA, w.tom))
    assert error is not None
    c.session.flush()
    answer = c.tie("used up")
    wrong = errors.error_for(c.session, error.id, w.held)
    rows = errors.affected(c.session, wrong, w.held, looked_at=False)
    one = next(row for row in rows if row.answer.id == answer.id)
    looked = affected.Looked(affected.Verdict.UNAFFECTED, FOUND)
    affected.look_at(c.session, wrong, one, one.decision.id, looked, by=w.by(Role.IQA))
