"""A declared conflict of interest keeps two people apart at the moment of action, whatever else they may do."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from assessors.changes.operations.reopening import reopen
from assessors.marking.operations import countersigning, judging, leasing
from assessors.marking.queries.desk import desk
from assessors.marking.queries.queue import Filters
from assessors.marking.queries.scope import Reader
from assessors.quality import operations as quality
from assessors.quality.rules import Finding
from assessors.selection import rules as selection
from assessors.selection.queries.applications import conflicts_with
from course import audit
from course.access import Role
from course.audit import INSTALLER, AuditEvent
from course.people import conflicts
from course.people import operations as people
from course.people.models import Appointment, ConflictOfInterest
from course.records import operations as records
from course.refusal import Refusal
from course.workbook import queries as work
from tests.assessors.changes.conftest import WASH, change_policy, put
from tests.support.marked import FOOD_UNIT, achieved_unit, actor, food_cohort, held, judge
from tests.support.story import Story

APART = "conflict of interest"


def declare(story: Story, person: Any, other: Any, kind: str = "mentor") -> ConflictOfInterest:
    with story.writing() as session:
        mine = session.scalars(select(Appointment).where(Appointment.person_id == person.id)).first()
        return people.declare_conflict(
            session, centre_id=mine.centre_id, person_id=person.id, other_id=other.id, kind=kind, detail="Since May.",
            is_admin=False, by=actor(story, person, Role(mine.role)),
        )  # fmt: skip


def reader_of(story: Story, person: Any) -> Reader:
    return Reader(person.id, tuple(one for one in held(story, person) if one.role == Role.ASSESSOR))


@pytest.fixture
def at_once(story: Story) -> Any:
    put(story, change_policy(story, return_="at-once"))
    return food_cohort(story)


def test_an_assessor_neither_takes_nor_decides_nor_returns_the_work_of_somebody_they_are_tied_to(
    story: Story, at_once: Any
) -> None:
    joan, (ann, enrolment) = story.staff(Role.ASSESSOR, "Joan Price"), story.learner("Ann Ash", cohort=at_once)
    answer = story.hand_in(enrolment, WASH, unit=FOOD_UNIT)
    judge(story, answer, joan, returned=False)
    waiting = story.hand_in(enrolment, "allergy-at-table-four", unit=FOOD_UNIT)
    declare(story, joan, ann)
    reader = reader_of(story, joan)
    with story.writing() as session:
        assert leasing.take_next(session, reader, Filters()) is None, "it is not offered"
        with pytest.raises(Refusal, match=APART):
            leasing.take(session, desk(session, reader, waiting.id, lock=True))
        with pytest.raises(Refusal, match=APART):
            judging.return_answer(session, desk(session, reader, answer.id, lock=True))
    other = story.staff(Role.ASSESSOR, "Priya Nair")
    with story.writing() as session:
        assert leasing.take_next(session, reader_of(story, other), Filters()) == waiting.id


def test_it_holds_from_either_side_and_between_colleagues(story: Story, at_once: Any) -> None:
    nia = story.staff(Role.ASSESSOR, "Nia Rowe", needs_countersignature=True)
    joan, (_, enrolment) = story.staff(Role.ASSESSOR, "Joan Price"), story.learner("Ann Ash", cohort=at_once)
    answer = story.hand_in(enrolment, WASH, unit=FOOD_UNIT)
    judge(story, answer, nia, returned=False)
    declare(story, nia, joan, "housing")
    with story.writing() as session:
        found = desk(session, reader_of(story, joan), answer.id, lock=True)
        with pytest.raises(Refusal, match=APART):
            countersigning.countersign(session, found, "agree", "")


@pytest.mark.parametrize("tied_to", ["learner", "assessor"])
def test_an_assurer_neither_reviews_nor_sends_back_what_they_are_tied_to(story: Story, tied_to: str) -> None:
    done = achieved_unit(story)
    iqa, lead = story.staff(Role.IQA), story.staff(Role.LEAD_IQA)
    for person in (iqa, lead):
        declare(story, person, getattr(done, tied_to), "supervisor")
    by = actor(story, iqa, Role.IQA)
    another = story.staff(Role.IQA)
    with story.writing() as session:
        ids = [done.answers[0].id]
        sample = quality.open_sample(
            session, done.cohort, ids, "A look.", held=held(story, another), by=actor(story, another, Role.IQA)
        )
        session.flush()
        facts = work.answer_facts(session, ids[0])
        decision = next(iter(facts.standing.values()))
        with pytest.raises(Refusal, match=APART):
            quality.review(session, sample, facts, decision, quality.Found(Finding.AGREE), by=by)
        with pytest.raises(Refusal, match=APART):
            reopen(session, ids[0], "A doubt.", by=actor(story, lead, Role.LEAD_IQA))


def test_nobody_batches_or_releases_the_units_of_somebody_they_are_tied_to(story: Story) -> None:
    done, other = achieved_unit(story), story.staff(Role.IQA)
    with story.writing() as session:
        batch = records.make_batch(session, done.cohort, [done.unit], by=actor(story, done.iqa, Role.IQA))
    declare(story, other, done.learner)
    with story.writing() as session, pytest.raises(Refusal, match=APART):
        quality.release(session, batch, "All looked at.", "", by=actor(story, other, Role.IQA))
    second = achieved_unit(story, "Gwen Hart", cohort=done.cohort)
    declare(story, other, second.learner)
    with story.writing() as session, pytest.raises(Refusal, match=APART):
        records.make_batch(session, done.cohort, [second.unit], by=actor(story, other, Role.IQA))


def test_a_conflict_is_ink_with_its_detail_sealed_and_an_admin_ends_it(story: Story) -> None:
    joan, (ann, _) = story.staff(Role.ASSESSOR, "Joan Price"), story.learner("Ann Ash")
    found = declare(story, joan, ann, "fellowship")
    with pytest.raises(Refusal, match="declared already"):
        declare(story, joan, ann)
    admin = story.staff(Role.ADMIN)
    with story.writing() as session:
        row = session.get_one(ConflictOfInterest, found.id)
        assert (row.kind, row.detail_id is not None) == ("fellowship", True)
        assert conflicts.is_conflicted(session, joan.id, [ann.id])
        assert conflicts.is_conflicted(session, ann.id, [joan.id])
        with pytest.raises(Refusal, match="your own"):
            people.end_conflict(session, row, is_over=False, by=actor(story, joan, Role.ASSESSOR))
        people.end_conflict(session, row, is_over=False, by=actor(story, admin, Role.ADMIN))
    with story.reading() as session:
        assert not conflicts.is_conflicted(session, joan.id, [ann.id])
        happened = list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(4)))
        assert happened[0] == "conflict.ended"
        assert "conflict.declared" in happened
        assert list(audit.verify(session)) == []
    assert INSTALLER.person_id != joan.id


def test_staff_declare_their_own_and_an_admin_anybodys(story: Story, client_for: Any) -> None:
    joan, (ann, _) = story.staff(Role.ASSESSOR, "Joan Price"), story.learner("Ann Ash")
    admin, tutor = story.staff(Role.ADMIN, "Moira Kerr"), story.staff(Role.TUTOR, "Marcus Lee")
    client = client_for(joan)
    assert "Conflicts of interest" in client.get("/account").get_data(as_text=True)
    data = {"person": str(joan.id), "other": str(ann.id), "kind": "mentor", "detail": "She was my mentee."}
    assert client.post("/office/conflicts", data=data | {"kind": ""}).status_code == 422
    assert client.post("/office/conflicts", data=data | {"person": str(tutor.id)}).status_code == 422
    assert client.post("/office/conflicts", data=data).status_code == 303
    page = client.get("/office/conflicts").get_data(as_text=True)
    assert "Joan Price and Ann Ash" in page
    assert "She was my mentee." in page
    assert "This is over" not in page
    assert "Ann Ash" not in client_for(tutor).get("/office/conflicts").get_data(as_text=True).split("Declare one")[0]
    boss = client_for(admin)
    assert boss.post("/office/conflicts", data=data | {"person": str(tutor.id)}).status_code == 303
    assert "This is over" in boss.get("/office/conflicts").get_data(as_text=True)
    with story.reading() as session:
        rows = session.scalars(select(ConflictOfInterest).order_by(ConflictOfInterest.at)).all()
    assert client.post(f"/office/conflicts/{rows[0].id}/end").status_code == 403
    assert boss.post(f"/office/conflicts/{rows[0].id}/end").status_code == 303
    assert boss.post(f"/office/conflicts/{rows[0].id}/end").status_code == 409
    stranger = client_for(story.staff(Role.ADMIN, centre=story.centre("Another centre")))
    assert stranger.post(f"/office/conflicts/{rows[1].id}/end").status_code == 404
    assert stranger.post("/office/conflicts", data=data).status_code == 422
    assert "Joan Price" not in stranger.get("/office/conflicts").get_data(as_text=True)


def test_a_selector_who_is_kept_apart_neither_reads_nor_scores_an_application(story: Story) -> None:
    selector, applicant = story.staff(Role.SELECTOR), story.person("Bea Birch")
    declare(story, selector, applicant, "family")
    with story.reading() as session:
        found = conflicts_with(session, [applicant.id])
    case = selection.Case(applicant.id, selection.Standing.SENT, conflicts=frozenset(found[applicant.id]))
    for act in (selection.may_read, selection.note_date):
        with pytest.raises(Refusal, match="know this person"):
            act(case, by=selector.id)
    with pytest.raises(Refusal, match="know this person"):
        selection.score(case, by=selector.id, missing=())
