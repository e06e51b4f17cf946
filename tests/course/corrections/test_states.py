"""States × verbs × roles of batches, releases, withdrawals and records, tried on the real operations and routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from assessors.quality import operations as quality
from course.access import Role
from course.audit import Actor
from course.corrections import operations, queries
from course.enrolment.models import Enrolment
from course.records import operations as records
from course.records import queries as record_queries
from course.records.models import Batch
from course.refusal import Refusal
from tests.support.marked import FOOD_UNIT, achieved_unit, actor
from tests.support.story import Story
from tests.support.tables import one_of_each, who_may


class Unit:
    """One learner's unit, brought from state to state by people of its own."""

    def __init__(self, story: Story) -> None:
        self.story, self.done = story, achieved_unit(story)
        self.lead = actor(story, story.staff(Role.LEAD_IQA, "Ruth Adeyemi"), Role.LEAD_IQA)
        self.second = actor(story, story.staff(Role.IQA, "Owen Pike"), Role.IQA)
        self.admin = actor(story, story.staff(Role.ADMIN, "Grace Bell"), Role.ADMIN)

    def do(self, *verbs: str) -> None:
        """Do these, one after the other, each by whoever may."""
        whose = {"ask": self.lead, "tell": self.admin, "issue": self.admin}
        for verb in verbs:
            with self.story.writing() as session:
                ACTS[verb](self, session, whose.get(verb, self.second))

    def line(self, session: Session) -> queries.Line:
        """The unit's last line in a batch; a verb about a line is refused while there is none."""
        found = queries.of_enrolment(session, self.done.enrolment.id)
        if not found:
            raise Refusal("There is no such line.")
        return found[0]

    def batch(self, session: Session) -> Batch:
        """The batch of that line."""
        return session.get_one(Batch, self.line(session).batch.id)


def _issue(unit: Unit, session: Session, by: Actor) -> object:
    enrolment = session.get_one(Enrolment, unit.done.enrolment.id)
    return records.issue_unit_statement(session, enrolment, FOOD_UNIT, by=by)


def _today(unit: Unit, session: Session) -> Any:
    return record_queries.today_at(session, unit.done.cohort.centre_id)


ACTS: dict[str, Callable[[Unit, Session, Actor], object]] = {
    "make batch": lambda unit, session, by: records.make_batch(session, unit.done.cohort, [unit.done.unit], by=by),
    "release": lambda unit, session, by: quality.release(session, unit.batch(session), "All of it.", "", by=by),
    "take out": lambda unit, session, by: operations.take_out(session, unit.line(session), "Too soon.", by=by),
    "ask": lambda unit, session, by: operations.ask_to_withdraw(
        session, unit.line(session), "The wrong answer was read.", is_claimed=True, by=by
    ),
    "confirm": lambda unit, session, by: operations.answer(
        session, unit.line(session), "I read it too.", is_confirmed=True, by=by
    ),
    "refuse": lambda unit, session, by: operations.answer(
        session, unit.line(session), "It is right.", is_confirmed=False, by=by
    ),
    "tell": lambda unit, session, by: operations.note_told(
        session, unit.line(session), _today(unit, session), "AO-118", by=by
    ),
    "issue": _issue,
}
ROUTES = {
    "make batch": "quality.make_batch",
    "release": "quality.release",
    "take out": "corrections.take_out",
    "ask": "corrections.ask_to_withdraw",
    "confirm": "corrections.answer",
    "refuse": "corrections.answer",
    "tell": "corrections.note_told",
    "issue": "records.issue",
}
ASSURERS = {Role.IQA, Role.LEAD_IQA}
ROLES = {
    "make batch": ASSURERS,
    "release": ASSURERS,
    "take out": ASSURERS,
    "ask": {Role.LEAD_IQA},
    "confirm": {*ASSURERS, Role.ADMIN},
    "refuse": {*ASSURERS, Role.ADMIN},
    "tell": {Role.ADMIN},
    "issue": {Role.ADMIN},
}
EVENTS = {
    "make batch": ("batch.made",),
    "release": ("batch.released",),
    "take out": ("batch-unit.taken-out",),
    "ask": ("withdrawal.asked",),
    "confirm": ("withdrawal.confirmed",),
    "refuse": ("withdrawal.refused",),
    "tell": ("withdrawal.notified",),
    "issue": ("record.issued",),
}
STATES: dict[str, tuple[tuple[str, ...], set[str]]] = {
    # state: how it came about, and what may be done
    "achieved": ((), {"make batch"}),
    "to release": (("make batch",), {"take out", "release"}),
    "taken out": (("make batch", "take out"), {"make batch"}),
    "released": (("make batch", "release"), {"ask", "issue"}),
    "recorded": (("make batch", "release", "issue"), {"ask"}),
    "asked": (("make batch", "release", "ask"), {"confirm", "refuse", "issue"}),
    "let stand": (("make batch", "release", "ask", "refuse"), {"ask", "issue"}),
    "withdrawn": (("make batch", "release", "ask", "confirm"), {"tell"}),
    "withdrawn and told": (("make batch", "release", "ask", "confirm", "tell"), set()),
}


@pytest.mark.parametrize("state", STATES)
def test_what_each_role_may_do_with_a_unit_in_each_state(story: Story, state: str) -> None:
    came, may = STATES[state]
    unit = Unit(story)
    unit.do(*came)
    people = one_of_each(story, unit.done.learner)
    found = {
        verb: who_may(story, ROUTES[verb], lambda session, by, act=act: act(unit, session, by), people)
        for verb, act in ACTS.items()
    }  # fmt: skip
    assert found == {
        verb: dict.fromkeys(ROLES[verb], EVENTS[verb]) if verb in may else {} for verb in ACTS
    }  # fmt: skip


def test_the_second_person_is_never_the_first(story: Story) -> None:
    unit = Unit(story)
    unit.do("make batch", "release", "ask")
    for verb in ("confirm", "refuse"):
        with pytest.raises(Refusal, match="a second person must answer"), story.writing() as session:
            ACTS[verb](unit, session, unit.lead)
