"""Independence for every pair of roles and every verb of quality assurance: the table is the specification.

Whoever taught, assessed or studies in a cohort never checks its quality, whatever other role they hold, and however
long ago. An appointment alone does not taint: an assessor who decided nothing here has no judgement to defend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from assessors.marking.operations import countersigning, departing
from assessors.marking.queries.desk import desk
from assessors.marking.queries.scope import Reader
from assessors.quality import rules as quality
from assessors.quality.affected import rules as affected
from assessors.quality.plan import rules as plans
from assessors.quality.plan.rules import Choice, Drawn, Line
from assessors.quality.rules import Finding
from course import clock
from course.access import Role
from course.enrolment.models import Cohort
from course.people import operations as people
from course.people.models import Person
from course.records import queries
from course.records import rules as records
from course.records.rules import Standing
from course.refusal import Refusal
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, achieved_unit, actor, food_cohort, hand_in_food, held, judge
from tests.support.story import Story

ASSURERS = (Role.IQA, Role.LEAD_IQA)
ME, OTHER, TODAY = uuid4(), uuid4(), date(2026, 11, 25)
DRAWN = Drawn(1, 1, (), (), (Line(uuid4()),))
VERBS: dict[str, Callable[[Standing], Any]] = {
    "draw a plan": lambda my: plans.open_plan(my, DRAWN),
    "add to a plan": lambda my: plans.change(my, add=Choice(False), drop=None, reason="So.", by=ME),
    "drop from a plan": lambda my: plans.change(my, add=None, drop=Choice(True), reason="So.", by=ME),
    "open a sample": lambda my: quality.open_sample(my, chosen=1, judged=True, rationale="So."),
    "review": lambda my: quality.review(
        my, decided_by=OTHER, by=ME, reviewed=False, stands=True, finding=Finding.AGREE, comment="", due_on=None,
        today=TODAY,
    ),
    "close an action": lambda my: quality.close_action(
        my, decided_by=OTHER, by=ME, answered=True, has_left=False, closed=False
    ),
    "uphold an error": lambda my: affected.uphold(my, decided_by=OTHER, by=ME, look_for="So."),
    "look at who is affected": lambda my: affected.look(
        my, decided_by=OTHER, by=ME, is_affected=True, looked_at=False
    ),
    "make a batch": lambda my: records.make_batch(my, chosen=1, ready=True),
    "release a batch": lambda my: records.release(my, released=False, still_achieved=True, rationale="So."),
}  # fmt: skip
SENTENCES = {
    "taught": "You taught this cohort",
    "assessed": "You assessed work in this cohort",
    "studies": "You are a learner in this cohort",
    "witnessed": "You gave a statement in this",
    "apart": "You have declared a conflict of interest with somebody in this",
}
TABLE: dict[tuple[Role, str], str] = {
    # (other role, what they did with it here): why they are refused. Everything that is not here is allowed.
    (Role.TUTOR, "here"): "taught",
    (Role.TUTOR, "long ago"): "taught",
    (Role.TUTOR, "in every cohort"): "taught",
    (Role.ASSESSOR, "decided here"): "assessed",
    (Role.ASSESSOR, "decided here, long ago"): "assessed",
    (Role.ASSESSOR, "countersigned here"): "assessed",
    (Role.LEARNER, "here"): "studies",
}
WAYS = (
    "here", "long ago", "in every cohort", "elsewhere", "decided here", "decided here, long ago", "countersigned here",
)  # fmt: skip


def ways_of(role: Role) -> tuple[str, ...]:
    """How somebody can hold a role: only an assessor decides, and a learner is enrolled somewhere.

    Nobody is let in to check the centre at which they work (`people.rules.appoint`): only another one.
    """
    if role is Role.EQA:
        return ("at another centre",)
    if role is Role.ASSESSOR:
        return WAYS
    return ("here", "elsewhere") if role is Role.LEARNER else WAYS[:4]


def give(story: Story, role: Role, way: str, person: Person, here: Cohort, elsewhere: Cohort) -> None:
    """Let a person hold, or have held, a role."""
    today = clock.now().date()
    if role is Role.LEARNER:
        story.enrol(person, here if way == "here" else elsewhere)
        return
    if way == "at another centre":
        story.appoint(person, role, story.centre("Hill House"))
        return
    if way == "countersigned here":
        countersign_here(story, person, role, here)
        return
    where = elsewhere if way == "elsewhere" else here
    scope: dict[str, Any] = {} if way == "in every cohort" else {"cohort_id": where.id}
    if "decided" in way:
        appointment = story.appoint(person, role, **scope)
        _, enrolment = story.learner(cohort=here)
        judge(story, hand_in_food(story, enrolment)[0], person, returned=False)
        if "long ago" in way:
            with story.writing() as session:
                session.get_one(type(appointment), appointment.id).until_date = today
        return
    if way == "long ago":
        scope |= {"from_date": today - timedelta(days=900), "until_date": today - timedelta(days=800)}
    story.appoint(person, role, **scope)


def countersign_here(story: Story, person: Person, role: Role, here: Cohort) -> None:
    """Agree with what somebody decided who still trains."""
    story.appoint(person, role)
    trainee, (_, enrolment) = story.staff(Role.ASSESSOR, needs_countersignature=True), story.learner(cohort=here)
    answer = hand_in_food(story, enrolment)[0]
    judge(story, answer, trainee, returned=False)
    reader = Reader(person.id, tuple(one for one in held(story, person) if one.role == role))
    with story.writing() as session:
        countersigning.countersign(session, desk(session, reader, answer.id, lock=True), "agree", "")


def test_every_pair_of_roles_against_every_verb(story: Story) -> None:
    here, elsewhere = food_cohort(story), food_cohort(story, "Elsewhere")
    wrong = []
    for assurer in ASSURERS:
        for other in Role:
            for way in ways_of(other):
                person = story.staff(assurer)
                give(story, other, way, person, here, elsewhere)
                with story.reading() as session:
                    standing = queries.standing(session, person.id, here)
                wrong += [
                    f"{assurer} and {other} ({way}): {verb}: {said}"
                    for verb in VERBS
                    if (said := outcome(verb, standing)) != expected(other, way)
                ]
    assert not wrong, "\n".join(wrong)


def outcome(verb: str, standing: Standing) -> str:
    """What the rule says, up to its first comma."""
    try:
        VERBS[verb](standing)
    except Refusal as refusal:
        return refusal.sentence.split(",")[0]
    return "allowed"


def expected(other: Role, way: str) -> str:
    """What the table says."""
    return SENTENCES[TABLE[other, way]] if (other, way) in TABLE else "allowed"


@pytest.mark.parametrize("verb", ["review", "close an action", "uphold an error", "look at who is affected"])
def test_ones_own_decision_is_never_ones_own_to_check(verb: str) -> None:
    """Even in a cohort that one has no part in on paper: the decision itself is asked, not only the cohort."""
    free = Standing(taught=False, assessed=False, studies=False)
    own: dict[str, Callable[[], Any]] = {
        "review": lambda: quality.review(
            free, decided_by=ME, by=ME, reviewed=False, stands=True, finding=Finding.AGREE, comment="", due_on=None,
            today=TODAY,
        ),
        "close an action": lambda: quality.close_action(
            free, decided_by=ME, by=ME, answered=True, has_left=False, closed=False
        ),
        "uphold an error": lambda: affected.uphold(free, decided_by=ME, by=ME, look_for="So."),
        "look at who is affected": lambda: affected.look(
            free, decided_by=ME, by=ME, is_affected=True, looked_at=False
        ),
    }  # fmt: skip
    with pytest.raises(Refusal, match="You made this decision"):
        own[verb]()


def test_who_held_a_unit_achieved_below_its_threshold_has_assessed(story: Story) -> None:
    here = food_cohort(story)
    _, enrolment = story.learner(cohort=here)
    person = story.staff(Role.ASSESSOR)
    below = SimpleNamespace(threshold=SimpleNamespace(is_satisfied=False), criteria={}, unit=FOOD_UNIT)
    with story.writing() as session:
        by = actor(story, person, Role.ASSESSOR)
        departing.depart(session, session.merge(enrolment), below, "She showed it twice in talk.", by=by)  # type: ignore[arg-type]
    with story.reading() as session:
        assert queries.standing(session, person.id, here).assessed


FREE = Standing(taught=False, assessed=False, studies=False)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("standing", "why"), [(replace(FREE, is_conflicted=True), "apart"), (replace(FREE, witnessed=True), "witnessed")]
)
def test_a_declared_conflict_and_a_statement_stop_every_verb(verb: str, standing: Standing, why: str) -> None:
    assert outcome(verb, standing) == SENTENCES[why]


@pytest.mark.parametrize("tied_to", ["learner", "assessor", "nobody here"])
def test_a_conflict_is_found_from_the_answer_alone(story: Story, tied_to: str) -> None:
    done = achieved_unit(story)
    iqa = story.staff(Role.IQA)
    with story.writing() as session:
        other = {"learner": done.learner, "assessor": done.assessor, "nobody here": story.staff(Role.TUTOR)}[tied_to]
        people.declare_conflict(
            session, centre_id=done.cohort.centre_id, person_id=iqa.id, other_id=other.id, kind="housing", detail="",
            is_admin=False, by=actor(story, iqa, Role.IQA),
        )  # fmt: skip
    with story.reading() as session:
        found = queries.standing(session, iqa.id, done.cohort, answers=[done.answers[0].id])
        assert found.is_conflicted == (tied_to != "nobody here")
        assert not queries.standing(session, iqa.id, done.cohort).is_conflicted, "the cohort itself is open to them"


def test_a_sample_by_hand_neither_offers_nor_takes_what_a_conflict_keeps_away(
    story: Story, client_for: Callable[[Any], HouseClient]
) -> None:
    done = achieved_unit(story)
    other = achieved_unit(story, "Gwen Hart", cohort=done.cohort)
    iqa = story.staff(Role.IQA)
    with story.writing() as session:
        people.declare_conflict(
            session, centre_id=done.cohort.centre_id, person_id=iqa.id, other_id=done.learner.id, kind="mentor",
            detail="", is_admin=False, by=actor(story, iqa, Role.IQA),
        )  # fmt: skip
    client, address = client_for(iqa), f"/quality/cohorts/{done.cohort.id}/samples"
    page = client.get(address).get_data(as_text=True)
    assert f"{len(done.answers)} are not here" in page
    assert str(done.answers[0].id) not in page
    assert str(other.answers[0].id) in page
    refused = client.post(address, data={"answers": str(done.answers[0].id), "rationale": "So."})
    assert refused.status_code == 409
    assert SENTENCES["apart"] in refused.get_data(as_text=True)
    assert client.post(address, data={"answers": str(other.answers[0].id), "rationale": "So."}).status_code == 303
