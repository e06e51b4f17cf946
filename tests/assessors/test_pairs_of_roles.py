"""Every pair of roles in one person: what they did here in the one, and what that forbids them in the other.

Holding a role forbids nothing by itself, but a tutor's, who teaches. What was done in it does, however long ago.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from assessors.appeals import operations as answering
from assessors.changes.operations.reopening import reopen
from assessors.marking.operations import countersigning
from assessors.marking.queries.desk import desk
from assessors.marking.queries.scope import Reader
from assessors.quality import operations as quality
from assessors.quality.rules import Finding
from assessors.selection.operations import applying
from assessors.selection.rules import Outcome as Place
from course import clock
from course.access import Role
from course.cases import queries as cases
from course.cases.models import Outcome
from course.enrolment.models import Enrolment
from course.independence import Act, Tie, stopped_by
from course.people import operations as people
from course.people.models import Person
from course.records import operations as records
from course.records import queries
from course.records.models import Batch
from course.refusal import Refusal
from course.workbook import queries as work
from tests.assessors.changes.conftest import change_policy, put
from tests.support.appealed import Disputed, disputed
from tests.support.applicants import selecting
from tests.support.house import HouseClient
from tests.support.marked import Achieved, achieved_unit, actor, food_cohort, hand_in_food, held, judge
from tests.support.story import Story

ACTS_OF: dict[Role, tuple[Act, ...]] = {
    Role.LEARNER: (),
    Role.TUTOR: (Act.SIT, Act.ARRANGE),
    Role.ASSESSOR: (Act.JUDGE, Act.COUNTERSIGN, Act.JUDGE_AGAIN, Act.ANSWER, Act.OPEN, Act.SIT),
    Role.IQA: (Act.CHECK, Act.REHEAR, Act.LOOK_INTO, Act.AUTHORISE, Act.SIT, Act.SET, Act.OPEN, Act.ARRANGE),
    Role.LEAD_IQA: (Act.CHECK, Act.REHEAR, Act.LOOK_INTO, Act.AUTHORISE, Act.SIT, Act.SET, Act.NOTE, Act.ARRANGE),
    Role.ADMIN: (Act.ISSUE, Act.CHECK, Act.SIT, Act.ARRANGE),  # an admin confirms that a result is withdrawn
    Role.SAFEGUARDING_LEAD: (),
    Role.SELECTOR: (),
    Role.KEYWORKER: (),
    Role.EQA: (),
}
"""What of the acts that ask for independence falls to each role."""
SORTS_OF_CHECK = (Act.CHECK, Act.REHEAR, Act.LOOK_INTO)
DID: dict[tuple[Role, str], tuple[set[Tie], set[Act]]] = {
    # (in which role, what they did about this answer): their ties, and every act that these forbid
    (Role.LEARNER, "left long ago"): ({Tie.STUDIES}, {
        Act.JUDGE, Act.COUNTERSIGN, Act.JUDGE_AGAIN, Act.ANSWER, *SORTS_OF_CHECK, Act.AUTHORISE, Act.SIT, Act.SET,
    }),
    (Role.TUTOR, "here"): ({Tie.TAUGHT}, set(SORTS_OF_CHECK)),
    (Role.TUTOR, "long ago"): ({Tie.TAUGHT}, set(SORTS_OF_CHECK)),
    (Role.TUTOR, "of every cohort"): ({Tie.TAUGHT}, set(SORTS_OF_CHECK)),
    (Role.TUTOR, "elsewhere"): (set(), set()),
    (Role.ASSESSOR, "decided another's here"): ({Tie.ASSESSED}, set(SORTS_OF_CHECK)),
    (Role.ASSESSOR, "decided it, appointment over"): ({Tie.ASSESSED, Tie.DECIDED}, {
        *SORTS_OF_CHECK, Act.COUNTERSIGN, Act.JUDGE_AGAIN, Act.ANSWER, Act.AUTHORISE, Act.SIT, Act.ISSUE,
    }),
    (Role.ASSESSOR, "countersigned it"): ({Tie.ASSESSED, Tie.COUNTERSIGNED}, {
        *SORTS_OF_CHECK, Act.JUDGE_AGAIN, Act.ANSWER, Act.AUTHORISE, Act.SIT, Act.ISSUE,
    }),
    (Role.IQA, "reviewed it"): ({Tie.REVIEWED}, {Act.JUDGE_AGAIN, Act.ANSWER, Act.REHEAR, Act.LOOK_INTO}),
    (Role.IQA, "released it"): ({Tie.RELEASED, Tie.REVIEWED}, {
        Act.ISSUE, Act.JUDGE_AGAIN, Act.ANSWER, Act.REHEAR, Act.LOOK_INTO,
    }),
    (Role.LEAD_IQA, "sent it back"): ({Tie.SENT_BACK}, {Act.ANSWER, Act.REHEAR, Act.LOOK_INTO}),
    (Role.SELECTOR, "selected them"): (set(), set()),
}  # fmt: skip
"""What is not here leaves no tie: an admin's, a keyworker's or a safeguarding lead's work, and an appointment alone."""


def ways_of(role: Role) -> list[str]:
    """What somebody may have done in a role; "nothing" for each of them that can be held so."""
    return [*(way for one, way in DID if one is role), *([] if role in {Role.LEARNER, Role.TUTOR} else ["nothing"])]


def give(story: Story, role: Role, way: str, done: Achieved, person: Person) -> None:
    """Let a person hold, or have held, a role, and have done something in it."""
    today = clock.now().date()
    match way:
        case "left long ago":
            story.enrol(person, done.cohort)
            with story.writing() as session:
                one = session.query(Enrolment).filter_by(person_id=person.id).one()
                one.withdrawn_at = clock.now() - timedelta(days=700)
        case "long ago":
            long = {"from_date": today - timedelta(days=900), "until_date": today - timedelta(days=800)}
            story.appoint(person, role, cohort_id=done.cohort.id, **long)
        case "elsewhere":
            story.appoint(person, role, cohort_id=food_cohort(story, "Elsewhere").id)
        case "here":
            story.appoint(person, role, cohort_id=done.cohort.id)
        case _:  # nobody is let in to check the centre at which they work: only another one
            story.appoint(person, role, story.centre("Hill House") if role is Role.EQA else None)
    MADE.get((role, way), lambda *_: None)(story, done, person)


def _decided_another(story: Story, done: Achieved, person: Person) -> None:
    _, enrolment = story.learner(cohort=done.cohort)
    judge(story, hand_in_food(story, enrolment)[0], person, returned=False)


def _reviewed(story: Story, done: Achieved, person: Person) -> None:
    by = actor(story, person, Role.IQA)
    with story.writing() as session:
        ids = [done.answers[0].id]
        sample = quality.open_sample(session, done.cohort, ids, "So.", held=held(story, person), by=by)
        session.flush()
        facts = work.answer_facts(session, ids[0])
        for decision in facts.standing.values():
            quality.review(session, sample, facts, decision, quality.Found(Finding.AGREE), by=by)


def _sent_back(story: Story, done: Achieved, person: Person) -> None:
    with story.writing() as session:
        reopen(session, done.answers[0].id, "A doubt.", by=actor(story, person, Role.LEAD_IQA))


MADE: dict[tuple[Role, str], Callable[[Story, Achieved, Person], None]] = {
    (Role.ASSESSOR, "decided another's here"): _decided_another,
    (Role.IQA, "reviewed it"): _reviewed,
    (Role.LEAD_IQA, "sent it back"): _sent_back,
}


@pytest.fixture
def done(story: Story) -> Achieved:
    """An achieved unit: a trainee decided its first answer, and Joan countersigned; she decided the others."""
    return achieved_unit(story)


def countersigned_unit(story: Story, done: Achieved) -> tuple[Any, Person]:
    """One more answer of the cohort, decided by a trainee, and who countersigned it."""
    trainee, (_, enrolment) = story.staff(Role.ASSESSOR, needs_countersignature=True), story.learner(cohort=done.cohort)
    signer, answer = story.staff(Role.ASSESSOR, "Priya Nair"), hand_in_food(story, enrolment)[0]
    judge(story, answer, trainee, returned=False)
    reader = Reader(signer.id, held(story, signer))
    with story.writing() as session:
        countersigning.countersign(session, desk(session, reader, answer.id, lock=True), "agree", "")
    return answer, signer


def test_every_pair_of_roles(story: Story, done: Achieved) -> None:
    other, signer = countersigned_unit(story, done)
    with story.writing() as session:
        by = actor(story, done.iqa, Role.IQA)
        batch = records.make_batch(session, done.cohort, [done.unit], by=by)
        session.flush()
        quality.release(session, session.get_one(Batch, batch.id), "All of it.", "", by=by)
    unreleased = achieved_unit(story, "Gwen Hart", cohort=done.cohort)
    people_by_way: dict[tuple[Role, str], tuple[Person, Any, Achieved]] = {
        (Role.ASSESSOR, "decided it, appointment over"): (done.assessor, done.answers[0], done),
        (Role.ASSESSOR, "countersigned it"): (signer, other, done),
        (Role.IQA, "released it"): (done.iqa, done.answers[0], done),
    }
    with story.writing() as session:
        mine = actor(story, done.assessor, Role.ASSESSOR).appointment_id
        session.get_one(people.Appointment, mine).until_date = clock.now().date() - timedelta(days=1)
    wrong, pairs = [], 0
    for did_as, acting in product(Role, Role):
        for way in ways_of(did_as):
            if (did_as, way) == (Role.SELECTOR, "selected them"):
                continue  # below: it needs a cohort into which people are selected
            if (did_as, way) not in people_by_way:
                person = story.person()
                give(story, did_as, way, unreleased, person)
                people_by_way[did_as, way] = (person, unreleased.answers[0], unreleased)
            pairs += 1
            person, answer, of = people_by_way[did_as, way]
            with story.reading() as session:
                units = [(answer.enrolment_id, answer.unit)] if way == "released it" else []
                found = queries.standing(session, person.id, of.cohort, answers=[answer.id], units=units)
            ties, forbidden = DID.get((did_as, way), (set(), set()))
            if found.ties != ties:
                wrong.append(f"{did_as} ({way}): {sorted(found.ties)}, not {sorted(ties)}")
            wrong += [
                f"{acting} and {did_as} ({way}): {act}: {'refused' if act not in forbidden else 'allowed'}"
                for act in ACTS_OF[acting]
                if (stopped_by(found, act) is not None) != (act in forbidden)
            ]
    assert not wrong, "\n".join(wrong)
    assert pairs >= len(Role) ** 2


def test_who_selected_somebody_may_assess_and_check_them(story: Story) -> None:
    """Choosing who gets a place judges no work; domain.md 9.24 does not name it."""
    choosing = selecting(story)
    application = choosing.scored("Bea Birch")
    choosing.decide(application, Place.OFFER)
    with choosing.acting(application) as (session, found):
        reply = applying.answer_offer(session, found, accept=True, by=applying.applicant(application.person_id))
        enrolment_id = reply.enrolment_id
    with story.reading() as session:
        found = queries.standing(session, choosing.first.id, choosing.cohort, enrolments=[enrolment_id])
        assert found.ties == frozenset()


def test_a_refusal_says_who_else_can_and_a_small_centre_what_to_do(story: Story, done: Achieved) -> None:
    story.appoint(done.assessor, Role.IQA)
    with story.reading() as session:
        with pytest.raises(Refusal, match="You assessed work") as refused:
            queries.must_assure(session, done.assessor.id, done.cohort)
        assert refused.value.next_step == "Ask Tom Hughes."
    with story.writing() as session:
        mine = actor(story, done.iqa, Role.IQA).appointment_id
        session.get_one(people.Appointment, mine).until_date = clock.now().date() - timedelta(days=1)
    with story.reading() as session:
        with pytest.raises(Refusal) as refused:
            queries.must_assure(session, done.assessor.id, done.cohort)
        assert "appoint a lead internal quality assurer of another centre" in refused.value.next_step


def test_how_somebody_stands_is_one_query_and_who_else_one_more(
    story: Story, done: Achieved, statements: list[str]
) -> None:
    free = story.staff(Role.IQA)
    for person, most in ((free, 1), (done.assessor, 2)):
        with story.reading() as session:
            cohort = session.merge(done.cohort, load=False)
            statements.clear()
            queries.standing(session, person.id, cohort, answers=[one.id for one in done.answers])
            assert len([one for one in statements if one.lstrip().startswith("SELECT")]) == most


def tie(story: Story, one: Person, other: Person, role: Role = Role.IQA) -> None:
    """Declare a conflict of interest."""
    by = actor(story, one, role)
    with story.writing() as session:
        people.declare_conflict(
            session, centre_id=story.centre().id, person_id=one.id, other_id=other.id, kind="mentor", detail="",
            is_admin=False, by=by,
        )  # fmt: skip


def test_a_sample_by_hand_neither_offers_nor_takes_what_a_conflict_keeps_away(
    story: Story, done: Achieved, client_for: Callable[[Any], HouseClient]
) -> None:
    other, iqa = achieved_unit(story, "Gwen Hart", cohort=done.cohort), story.staff(Role.IQA)
    tie(story, iqa, done.learner)
    client, address = client_for(iqa), f"/quality/cohorts/{done.cohort.id}/samples"
    page = client.get(address).get_data(as_text=True)
    assert f"{len(done.answers)} are not here" in page
    assert str(done.answers[0].id) not in page
    assert str(other.answers[0].id) in page
    refused = client.post(address, data={"answers": str(done.answers[0].id), "rationale": "So."})
    assert refused.status_code == 409
    assert "A conflict of interest is declared between you and the learner" in refused.get_data(as_text=True)
    assert client.post(address, data={"answers": str(other.answers[0].id), "rationale": "So."}).status_code == 303


def test_an_appeal_is_not_answered_by_who_began_it(story: Story) -> None:
    put(story, change_policy(story, return_="at-once"))
    found: Disputed = disputed(story, food_cohort(story))
    appeal_id, tom = found.appeal(), story.staff(Role.IQA, "Tom Hughes")
    story.appoint(tom, Role.ASSESSOR)
    found.decide(appeal_id, tom, Role.ASSESSOR)
    found.go_on(appeal_id)
    again = actor(story, tom, Role.IQA)
    with story.writing() as session:
        facts = cases.appeal(session, appeal_id)
        with pytest.raises(Refusal, match="You had a part in this before"):
            answering.decide(session, facts, Outcome.UPHELD, "I was wrong.", by=again)
