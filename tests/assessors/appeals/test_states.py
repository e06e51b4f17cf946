"""States × verbs × roles of appeals and cases, tried on the real operations and routes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.appeals import operations as answering
from assessors.appeals import queries as staff_queries
from assessors.conduct import queries as conduct_queries
from course.access import Role
from course.audit import Actor
from course.cases import conduct, queries
from course.cases.models import Appeal, CaseFinding, CaseKind, ConductCase, Outcome
from course.cases.operations import appeals as operations
from course.cases.operations import conduct as conduct_operations
from course.enrolment.models import Cohort, Enrolment
from course.refusal import Refusal
from course.workbook import appealing
from course.workbook import queries as work
from tests.support.appealed import disputed as dispute
from tests.support.marked import actor, held
from tests.support.story import Story, learner_actor
from tests.support.tables import one_of_each, who_may


class Matter:
    """A returned answer, brought from state to state by people of its own."""

    def __init__(self, story: Story, cohort: Cohort) -> None:
        self.story, self.of = story, dispute(story, cohort)
        bea, tom = story.staff(Role.ASSESSOR, "Bea Long"), story.staff(Role.IQA, "Tom Hughes")
        una, ruth = story.staff(Role.IQA, "Una Vale"), story.staff(Role.LEAD_IQA, "Ruth Adeyemi")
        self.iqas = held(story, tom)
        self.stages = [actor(story, bea, Role.ASSESSOR), actor(story, tom, Role.IQA), actor(story, una, Role.IQA)]
        self.lead = actor(story, ruth, Role.LEAD_IQA)
        self.learner = learner_actor(self.of.learner)

    def do(self, *verbs: str) -> None:
        """Do these, one after the other, each by whoever may."""
        stages = iter([*self.stages, self.lead])
        for verb in verbs:
            by = self.stages[0] if verb == "open a case" else self.lead  # whoever opens a case does not close it
            if verb in {"uphold", "refuse"}:
                by = next(stages)
            elif verb in LEARNERS:
                by = self.learner
            with self.story.writing() as session:
                ACTS[verb](self, session, by)

    def appeal(self, session: Session) -> queries.AppealFacts:
        """The appeal, once there is one."""
        found = session.scalars(select(Appeal.id)).first()
        if found is None:
            raise Refusal("There is no appeal.")
        return queries.appeal(session, found, lock=True)

    def case(self, session: Session) -> conduct.CaseFacts:
        """The case, once there is one."""
        found = session.scalars(select(ConductCase.id)).first()
        if found is None:
            raise Refusal("There is no case.")
        return conduct.case(session, found, lock=True)


def _appeal(one: Matter, session: Session, by: Actor) -> object:
    enrolment = session.get_one(Enrolment, one.of.enrolment.id)
    found = appealing.of_answer(session, enrolment, work.answer_facts(session, one.of.answer.id))
    return operations.appeal(session, found.answer, found.appealed, "Please read the second line.", by=by)


def _go_on(one: Matter, session: Session, by: Actor) -> object:
    facts = one.appeal(session)
    latest = appealing.is_latest(session, facts)
    return operations.go_on(session, facts, "Still wrong.", is_latest=latest, by=by)


def _decide(outcome: Outcome) -> Callable[[Matter, Session, Actor], object]:
    return lambda one, session, by: answering.decide(session, one.appeal(session), outcome, "I read it.", by=by)


def _send(one: Matter, session: Session, by: Actor) -> object:
    facts = one.appeal(session)
    standing = staff_queries.standing(session, facts, by.person_id)
    return operations.send(session, facts, standing, facts.today, "AO-7", by=by)


def _find(one: Matter, session: Session, by: Actor) -> object:
    facts = one.appeal(session)
    wrong = staff_queries.appealed(session, facts)
    return answering.find_error(session, facts, wrong[0] if wrong else None, "The second line.", by=by)


def _open(one: Matter, session: Session, by: Actor) -> object:
    about = conduct_queries.about_answer(session, one.of.answer.id, one.iqas)
    standing = conduct_queries.standing_to_open(session, about, by.person_id)
    return conduct_operations.open_case(
        session, about, standing, CaseKind.MALPRACTICE, "It reads like another.", "We have a question.", by=by
    )


def _close(one: Matter, session: Session, by: Actor) -> object:
    facts = one.case(session)
    standing = conduct_queries.standing(session, facts, by.person_id)
    return conduct_operations.close(session, facts, standing, CaseFinding.NOTHING, "I asked.", "It is your own.", by=by)


ACTS: dict[str, Callable[[Matter, Session, Actor], object]] = {
    "appeal": _appeal,
    "reply": lambda one, session, by: operations.reply(session, one.appeal(session), "And this.", by=by),
    "go on": _go_on,
    "take back": lambda one, session, by: operations.withdraw(session, one.appeal(session), by=by),
    "uphold": _decide(Outcome.UPHELD),
    "refuse": _decide(Outcome.NOT_UPHELD),
    "send": _send,
    "find the error": _find,
    "open a case": _open,
    "reply to the case": lambda one, session, by: conduct_operations.reply(session, one.case(session), "No.", by=by),
    "close the case": _close,
}
ROUTES = {
    "appeal": "cases.appeal", "reply": "cases.reply", "go on": "cases.go_on", "take back": "cases.withdraw",
    "uphold": "appeals.decide", "refuse": "appeals.decide", "send": "appeals.send",
    "find the error": "appeals.find_error", "open a case": "conduct.open_about_answer",
    "reply to the case": "cases.reply_to_case", "close the case": "conduct.close",
}  # fmt: skip
EVENTS = {
    "appeal": ("appeal.made",), "reply": ("appeal.replied",), "go on": ("appeal.taken-further",),
    "take back": ("appeal.withdrawn",), "uphold": ("appeal.decided", "answer.reopened"),
    "refuse": ("appeal.decided",), "send": ("appeal.sent",), "find the error": ("error.upheld",),
    "open a case": ("case.opened",), "reply to the case": ("case.replied",), "close the case": ("case.closed",),
}  # fmt: skip
LEARNERS = {"appeal", "reply", "go on", "take back", "reply to the case"}
ASSESSOR, ASSURERS, LEAD = {Role.ASSESSOR}, {Role.IQA, Role.LEAD_IQA}, {Role.LEAD_IQA}
OPENS = {Role.ASSESSOR, Role.IQA, Role.LEAD_IQA}
LEARNER = {Role.LEARNER}


def _open_at(who: set[Role]) -> dict[str, set[Role]]:
    return {"reply": LEARNER, "take back": LEARNER, "uphold": who, "refuse": who, "open a case": OPENS}


FIRST = ("appeal", "refuse", "go on")
SECOND = (*FIRST, "refuse", "go on")
THIRD = (*SECOND, "refuse", "go on")
ANSWERED = {"take back": LEARNER, "go on": LEARNER, "open a case": OPENS}
STATES: dict[str, tuple[tuple[str, ...], dict[str, set[Role]]]] = {
    # state: how it came about, and who may do what
    "returned as not yet": ((), {"appeal": LEARNER, "open a case": OPENS}),
    "with an assessor": (("appeal",), _open_at(ASSESSOR)),
    "answered by an assessor": (FIRST[:-1], ANSWERED),
    "with an assurer": (FIRST, _open_at(ASSURERS)),
    "answered by an assurer": (SECOND[:-1], ANSWERED),
    "with somebody uninvolved": (SECOND, _open_at(ASSURERS) | {"send": LEAD}),
    "answered by somebody uninvolved": (THIRD[:-1], ANSWERED),
    "to be sent": (THIRD, {"reply": LEARNER, "take back": LEARNER, "send": LEAD, "open a case": OPENS}),
    "sent": ((*THIRD, "send"), _open_at(LEAD)),
    "answered outside": ((*THIRD, "send", "refuse"), {"open a case": OPENS}),
    "upheld outside": ((*THIRD, "send", "uphold"), {"find the error": LEAD, "open a case": OPENS}),
    "upheld": (("appeal", "uphold"), {"find the error": LEAD, "open a case": OPENS}),
    "upheld, the error found": (("appeal", "uphold", "find the error"), {"open a case": OPENS}),
    "taken back": (("appeal", "take back"), {"appeal": LEARNER, "open a case": OPENS}),
    "a case is open": (("open a case",), {"reply to the case": LEARNER, "close the case": ASSURERS}),
    "a case is closed": (("open a case", "close the case"), {"appeal": LEARNER, "open a case": OPENS}),
}


@pytest.mark.parametrize("state", STATES)
def test_what_each_role_may_do_about_an_answer_in_each_state(story: Story, cohort: Cohort, state: str) -> None:
    came, may = STATES[state]
    one = Matter(story, cohort)
    one.do(*came)
    people = one_of_each(story, one.of.learner)
    found = {
        verb: who_may(story, ROUTES[verb], lambda session, by, act=act: act(one, session, by), people)
        for verb, act in ACTS.items()
    }  # fmt: skip
    assert found == {verb: dict.fromkeys(may.get(verb, ()), EVENTS[verb]) for verb in ACTS}
