"""States × verbs × roles of decisions, reviews, actions and errors, tried on the real operations and routes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.changes.operations.reopening import reopen
from assessors.marking.operations import judging, leasing
from assessors.marking.queries.desk import desk
from assessors.marking.queries.scope import Reader
from assessors.marking.rules import Judged, Judgement
from assessors.quality import operations as quality
from assessors.quality import queries
from assessors.quality.affected import operations as affected
from assessors.quality.models import Action, Sample
from assessors.quality.operations import Found
from assessors.quality.rules import Finding
from course import clock
from course.access import Role
from course.audit import Actor
from course.refusal import Refusal
from course.workbook import queries as work
from course.workbook.models import Outcome
from tests.support.marked import FOOD_UNIT, actor, food_cohort, held
from tests.support.story import Story
from tests.support.tables import one_of_each, who_may


class Marked:
    """One answer with one criterion, brought from state to state by people of its own."""

    def __init__(self, story: Story) -> None:
        self.story, self.cohort = story, food_cohort(story)
        self.learner, enrolment = story.learner("Ffion Davies", cohort=self.cohort)
        self.answer_id = story.hand_in(enrolment, "when-to-wash", "Before I touch food.", unit=FOOD_UNIT).id
        joan, tom = story.staff(Role.ASSESSOR, "Joan Price"), story.staff(Role.IQA, "Tom Hughes")
        self.joan, self.tom = actor(story, joan, Role.ASSESSOR), actor(story, tom, Role.IQA)
        self.ruth = actor(story, story.staff(Role.LEAD_IQA, "Ruth Adeyemi"), Role.LEAD_IQA)
        self.joans, self.toms = held(story, joan), held(story, tom)

    def do(self, *verbs: str) -> None:
        """Do these, one after the other, each by whoever may."""
        whose = {"judge": self.joan, "return": self.joan, "answer": self.joan, "reopen": self.ruth}
        for verb in verbs:
            with self.story.writing() as session:
                ACTS[verb](self, session, whose.get(verb, self.tom))

    def desk(self, session: Session, by: Actor) -> Any:
        """As its assessor has it before them."""
        return desk(session, Reader(by.person_id, self.joans), self.answer_id, lock=True)

    def judge(self, session: Session, by: Actor) -> None:
        """Take it and decide it."""
        leasing.take(session, self.desk(session, by))
        session.flush()
        at = self.desk(session, by)
        standing = at.answer.standing
        said = {
            number: Judged(number, Outcome.ACHIEVED, "You show this well.", (),
                           base=standing[number].number if number in standing else 0)
            for number in at.answer.open_criteria
        }  # fmt: skip
        judging.decide(session, at, Judgement(said, at.case.guidance))

    def review(self, session: Session, by: Actor, found: Found) -> None:
        """Look at the decision that counts, in the newest sample."""
        sample = session.scalars(select(Sample).order_by(Sample.at.desc())).first()
        answer = work.answer_facts(session, self.answer_id)
        if sample is None or not answer.standing:
            raise Refusal("Nothing is sampled.")
        quality.review(session, sample, answer, next(iter(answer.standing.values())), found, by=by)

    def action(self, session: Session) -> queries.AskedAction:
        """The action, once one was asked."""
        found = session.scalars(select(Action)).first()
        if found is None:
            raise Refusal("There is no action.")
        return queries.action_for(session, found.id, self.toms)


def _act_by() -> Any:
    return (clock.now() + timedelta(days=7)).date()


ACTS: dict[str, Callable[[Marked, Session, Actor], object]] = {
    "judge": lambda one, session, by: one.judge(session, by),
    "return": lambda one, session, by: judging.return_answer(session, one.desk(session, by)),
    "sample": lambda one, session, by: quality.open_sample(
        session, one.cohort, [one.answer_id], "A look.", held=one.toms, by=by
    ),
    "agree": lambda one, session, by: one.review(session, by, Found(Finding.AGREE)),
    "ask": lambda one, session, by: one.review(session, by, Found(Finding.ACT, "Say when.", _act_by())),
    "answer": lambda one, session, by: quality.answer_action(session, one.action(session), "I read it again.", by=by),
    "close": lambda one, session, by: affected.close_action(session, one.action(session), look_for=None, by=by),
    "uphold": lambda one, session, by: affected.close_action(
        session, one.action(session), look_for="Nobody said when.", by=by
    ),
    "reopen": lambda one, session, by: reopen(session, one.answer_id, "It was misread.", by=by),
}
ROUTES = {
    "judge": "marking.decide",
    "return": "marking.return_answer",
    "sample": "quality.open_sample",
    "agree": "quality.review",
    "ask": "quality.review",
    "answer": "quality.respond",
    "close": "quality.close",
    "uphold": "quality.close",
    "reopen": "changes.reopen",
}
ASSURERS, ITS_ASSESSOR = {Role.IQA, Role.LEAD_IQA}, {Role.ASSESSOR}
ROLES = {
    "judge": ITS_ASSESSOR, "return": ITS_ASSESSOR, "answer": ITS_ASSESSOR, "sample": ASSURERS, "agree": ASSURERS,
    "ask": ASSURERS, "close": ASSURERS, "uphold": ASSURERS, "reopen": {Role.LEAD_IQA},
}  # fmt: skip
EVENTS = {
    "judge": ("answer.decided",), "return": ("answer.returned",), "sample": ("sample.opened",),
    "agree": ("decision.reviewed",), "ask": ("decision.reviewed", "action.asked"), "answer": ("action.answered",),
    "close": ("action.closed",), "uphold": ("action.closed", "error.upheld"), "reopen": ("answer.reopened",),
}  # fmt: skip
SAMPLED, ASKED = ("judge", "sample"), ("judge", "sample", "ask")
STATES: dict[str, tuple[tuple[str, ...], set[str]]] = {
    # state: how it came about, and what may be done. Returning waits for the sample, as this policy says.
    "handed in": ((), {"judge"}),
    "decided": (("judge",), {"judge", "sample"}),
    "sampled": (SAMPLED, {"judge", "sample", "agree", "ask"}),
    "agreed": ((*SAMPLED, "agree"), {"judge", "sample", "return"}),
    "action asked": (ASKED, {"judge", "sample", "answer"}),
    "action answered": ((*ASKED, "answer"), {"judge", "sample", "answer", "close", "uphold"}),
    "action closed": ((*ASKED, "answer", "close"), {"judge", "sample", "return"}),
    "error upheld": ((*ASKED, "answer", "uphold"), {"judge", "sample", "return"}),
    "returned": ((*SAMPLED, "agree", "return"), {"sample", "reopen"}),
    "sent back": ((*SAMPLED, "agree", "return", "reopen"), {"judge", "sample"}),
    "decided again": ((*SAMPLED, "agree", "return", "reopen", "judge"), {"judge", "sample", "agree", "ask"}),
}


@pytest.mark.parametrize("state", STATES)
def test_what_each_role_may_do_with_a_decision_in_each_state(story: Story, state: str) -> None:
    came, may = STATES[state]
    one = Marked(story)
    one.do(*came)
    people = one_of_each(story, one.learner) | {Role.ASSESSOR: one.joan}
    found = {
        verb: who_may(story, ROUTES[verb], lambda session, by, act=act: act(one, session, by), people)
        for verb, act in ACTS.items()
    }  # fmt: skip
    assert found == {
        verb: dict.fromkeys(ROLES[verb], EVENTS[verb]) if verb in may else {} for verb in ACTS
    }  # fmt: skip
