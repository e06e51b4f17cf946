"""Independence, cell by cell: every act of every operation × every tie that somebody may have to the work.

REFUSED is the specification, with the reasons of domain.md; what is not in it is allowed. Each cell makes the tie in
the database, runs the real operation as somebody who holds every role that it asks for, and undoes both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from course.access import Role
from course.independence import FORBIDS, NEXT, SO, WHY, Act, Tie
from course.refusal import Refusal
from tests.support.acts import (
    Cell,
    ask_second,
    call_off,
    change_plan,
    close_action,
    confirm,
    countersign,
    decide,
    depart,
    draw_plan,
    judge_second,
    look_at,
    open_sample,
    reconsider,
    return_,
    review,
    take,
    uphold,
)
from tests.support.more_acts import (
    agree_adjustment,
    answer_stage,
    ask_to_withdraw,
    authorise,
    change_rules,
    close_case,
    confirm_withdrawal,
    decline_adjustment,
    end_adjustment,
    extend,
    issue,
    make_batch,
    open_tied_case,
    refer,
    release,
    reply_adjustment,
    revoke,
    send_back,
    sit,
    take_out,
)
from tests.support.story import Story
from tests.support.ties import IMPLIES, RELATIONS, Making, World, everything, released

ACTS: dict[str, tuple[Act, Callable[[Cell], None]]] = {
    "take": (Act.JUDGE, take),
    "decide": (Act.JUDGE, decide),
    "confirm a check": (Act.JUDGE, confirm),
    "return": (Act.JUDGE, return_),
    "depart from a threshold": (Act.JUDGE, depart),
    "countersign": (Act.COUNTERSIGN, countersign),
    "judge a second time": (Act.JUDGE_AGAIN, judge_second),
    "agree on one outcome": (Act.JUDGE, reconsider),
    "ask for a second judgement": (Act.CHECK, ask_second),
    "call a second judgement off": (Act.CHECK, call_off),
    "draw a plan": (Act.CHECK, draw_plan),
    "change a plan": (Act.CHECK, change_plan),
    "open a sample": (Act.CHECK, open_sample),
    "review": (Act.CHECK, review),
    "close an action": (Act.CHECK, close_action),
    "uphold an error": (Act.CHECK, uphold),
    "look who is affected": (Act.CHECK, look_at),
    "make a batch": (Act.CHECK, make_batch),
    "release a batch": (Act.CHECK, release),
    "take a unit out": (Act.CHECK, take_out),
    "ask to withdraw a result": (Act.CHECK, ask_to_withdraw),
    "confirm a withdrawal": (Act.CHECK, confirm_withdrawal),
    "confirm a withdrawal as an admin": (Act.CHECK, lambda c: confirm_withdrawal(c, Role.ADMIN)),
    "send an answer back": (Act.CHECK, send_back),
    "put rules in force": (Act.SET, change_rules),
    "give a later date": (Act.AUTHORISE, extend),
    "allow one more attempt": (Act.AUTHORISE, authorise),
    "refer to a panel": (Act.AUTHORISE, refer),
    "sit on the panel": (Act.SIT, sit),
    "answer an appeal: assessor": (Act.ANSWER, answer_stage(1, Role.ASSESSOR)),
    "answer an appeal: IQA": (Act.REHEAR, answer_stage(2, Role.IQA)),
    "answer an appeal: uninvolved": (Act.REHEAR, answer_stage(3, Role.LEAD_IQA)),
    "open a case": (Act.OPEN, open_tied_case),
    "close a case": (Act.LOOK_INTO, close_case),
    "issue a record": (Act.ISSUE, issue),
    "revoke a record": (Act.ARRANGE, revoke),
    "agree an adjustment": (Act.ARRANGE, agree_adjustment),
    "end an adjustment": (Act.ARRANGE, end_adjustment),
    "answer a request for one": (Act.ARRANGE, reply_adjustment),
    "not agree to a request for one": (Act.ARRANGE, decline_adjustment),
}
TO_THE_LEARNER = {Tie.OWN, Tie.APART, Tie.STUDIES}
"""One's own work; a declared conflict (domain.md 9.24); a learner of the cohort, also of yesterday (9.30)."""
JUDGED = {Tie.DECIDED, Tie.COUNTERSIGNED, Tie.JUDGED_SECOND}
REFUSED: dict[Act, set[Tie]] = {
    # "Unassigned, lapsed or conflicted assessor"; "on own work" (domain.md 2)
    Act.JUDGE: TO_THE_LEARNER | {Tie.WITNESSED},
    # the same, and never of one's own decision or of whom one is tied to
    Act.COUNTERSIGN: TO_THE_LEARNER | {Tie.WITNESSED, Tie.APART_FROM_JUDGE, Tie.DECIDED},
    # "blind means the second decision is saved before the first is shown" (domain.md 3)
    Act.JUDGE_AGAIN: TO_THE_LEARNER
    | {Tie.WITNESSED, Tie.APART_FROM_JUDGE, Tie.DECIDED, Tie.COUNTERSIGNED, Tie.REVIEWED},
    # "Sampling own decisions or a cohort one taught or assessed" (domain.md 2; 9.2)
    Act.CHECK: TO_THE_LEARNER | JUDGED | {Tie.WITNESSED, Tie.APART_FROM_JUDGE, Tie.TAUGHT, Tie.ASSESSED},
    # "Original decider deciding" (domain.md 2); "always reach someone uninvolved" (9.14)
    Act.ANSWER: TO_THE_LEARNER | JUDGED | {Tie.WITNESSED, Tie.APART_FROM_JUDGE, Tie.REVIEWED, Tie.SENT_BACK, Tie.BEGAN},
    Act.REHEAR: set(Tie) - {Tie.RELEASED},
    Act.LOOK_INTO: set(Tie) - {Tie.RELEASED},
    Act.OPEN: {Tie.OWN, Tie.APART},
    # "lead-IV authorised" (domain.md 3): by whom it is not about, and who did not judge it
    Act.AUTHORISE: TO_THE_LEARNER | JUDGED | {Tie.WITNESSED},
    Act.SIT: TO_THE_LEARNER | JUDGED | {Tie.WITNESSED, Tie.BEGAN},
    Act.NOTE: {Tie.OWN},
    # "overrides logged with two people" (domain.md 9.3): whoever released it does not record it
    Act.ISSUE: {Tie.OWN, Tie.APART, Tie.RELEASED} | JUDGED,
    # "admins not exempt" (domain.md 9.2)
    Act.ARRANGE: {Tie.OWN, Tie.APART},
    Act.SET: {Tie.STUDIES},
}
NOBODY_JUDGED_YET = {
    "supervises who judged", "decided it once", "countersigned", "judged it a second time", "reviewed", "sent it back",
}  # fmt: skip
DESK = ("take", "decide", "confirm a check", "return", "countersign")
CANNOT_BE: dict[str, set[str]] = {
    # What cannot be true in the state that an act asks for. A statement rests on a question of its own kind, which is
    # at the desk in tests/course/witnesses; earlier stages of an appeal, a case and a panel are in their own tests.
    **dict.fromkeys(("take", "decide", "confirm a check"), NOBODY_JUDGED_YET | {"gave the statement"}),
    "return": {"gave the statement"},
    "countersign": {"gave the statement", "countersigned"},
    "judge a second time": {"judged it a second time"},
    "send an answer back": {"sent it back"},
    "agree on one outcome": {"judged it a second time"},
    **dict.fromkeys(("agree an adjustment", "end an adjustment", "answer a request for one",
                     "not agree to a request for one"), NOBODY_JUDGED_YET),
}  # fmt: skip
ALL_THE_SAME: dict[str, set[str]] = {
    # Drawing a plan is about the cohort: the lot chooses the answers (docs/decisions/0031).
    "draw a plan": {"mentor or mentee", "fellowship, they declared it", "housing", "supervisor",
                    "supervises who judged", "gave the statement"},
}  # fmt: skip


@pytest.fixture
def world(story: Story) -> World:
    """Work in every state, and everybody it takes."""
    return everything(story)


class Undone(Exception):
    """Takes everything back."""


@contextmanager
def undone(story: Story) -> Iterator[Session]:
    try:
        with story.writing() as session:
            yield session
            raise Undone
    except Undone:
        pass


def outcome(world: World, act: Callable[[Cell], None], make: Making | None) -> str:
    """What the operation says, up to its reason; "allowed" when it goes through."""
    try:
        with undone(world.story) as session:
            act(Cell(world, session, make))
            session.flush()
    except NotFound:
        return "not theirs"
    except Refusal as refusal:
        return refusal.sentence
    return "allowed"


def expected(act: Act, tie: Tie, name: str, relation: str) -> set[str]:
    """What the table says: one of the reasons that hold, or "allowed"."""
    if relation in ALL_THE_SAME.get(name, set()):
        return {"allowed"}
    stopping = ({tie} | IMPLIES.get(tie, set())) & REFUSED[act]
    return {f"{WHY[one]}, so you {SO[act]}." for one in stopping} or {"allowed"}


def test_the_code_holds_the_same_table() -> None:
    assert {act: set(ties) for act, ties in FORBIDS.items()} == REFUSED
    assert set(Act) == set(SO) == set(NEXT) == set(REFUSED)
    assert set(Tie) == set(WHY)


def test_whoever_is_free_may_do_every_act(world: World) -> None:
    found = {name: outcome(world, act, None) for name, (_, act) in ACTS.items()}
    assert {name: said for name, said in found.items() if said != "allowed"} == {}


def test_every_act_against_every_tie(world: World) -> None:
    wrong = []
    for name, (act, operation) in ACTS.items():
        for relation, (tie, make) in RELATIONS.items():
            if relation in CANNOT_BE.get(name, set()) or (make is released and operation is not issue):
                continue
            said, should = outcome(world, operation, make), expected(act, tie, name, relation)
            is_hidden = said == "not theirs" and "allowed" not in should  # a peer's or one's own is not there at all
            if said not in should and not is_hidden:
                wrong.append(f"{name}, {relation}: {said!r}, not {should!r}")
    assert not wrong, "\n".join(wrong)
