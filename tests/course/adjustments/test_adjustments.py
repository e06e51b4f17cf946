"""Adjustments from asking to the assessor's desk: what is kept, who sees it, and that every opening is written down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from course import audit, clock, sealing
from course.access import Role
from course.adjustments import operations, queries
from course.adjustments.models import AdjustedUnit, Adjustment, Kind
from course.adjustments.rules import Agreement
from course.audit import AuditEvent, Event
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.sealing import Purpose
from course.special_log import SpecialOpening
from course.workbook.models import Answer
from course.working_days import day_of
from tests.support.house import sign_in
from tests.support.marked import FOOD_UNIT, actor, food_cohort
from tests.support.story import Story

WHAT = "Answers may be spoken and recorded."


def today() -> date:
    return day_of(clock.now())


@pytest.fixture
def ffion(story: Story) -> tuple[Person, Enrolment]:
    return story.learner("Ffion Davies", cohort=food_cohort(story))


def agreed(story: Story, enrolment: Enrolment, by: Person, **changed: Any) -> Adjustment:
    said = {"kind": Kind.ADJUSTMENT, "what": WHAT, "agreed_with": "Ffion and Ada", "seen": "document",
            "from_on": today(), "review_on": today() + timedelta(days=60)} | changed  # fmt: skip
    with story.writing() as session:
        return operations.agree(
            session, session.get_one(Enrolment, enrolment.id), Agreement(**said), by=actor(story, by, Role.TUTOR)
        )


def form(**changed: Any) -> dict[str, Any]:
    return {"kind": "adjustment", "what": WHAT, "agreed_with": "Ffion and Ada", "seen": "document",
            "from_on": today().isoformat(), "review_on": (today() + timedelta(days=60)).isoformat(),
            "units": FOOD_UNIT} | changed  # fmt: skip


def test_a_learner_asks_the_centre_agrees_and_the_learner_sees_it(story: Story, app: Any, ffion: Any) -> None:
    learner, enrolment = ffion
    ada = story.staff(Role.TUTOR, "Ada Grant")
    mine, staff = sign_in(app, learner.id), sign_in(app, ada.id)
    assert mine.post(f"/learn/{enrolment.id}/adjustments/requests", data={"words": ""}).status_code == 422
    assert (
        mine.post(f"/learn/{enrolment.id}/adjustments/requests", data={"words": "I would rather speak."}).status_code
        == 303
    )
    assert b"Asked: reply" in staff.get("/adjustments").data
    with story.reading() as session:
        asked = queries.requests_of(session, enrolment.id)
    assert staff.post(f"/adjustments/requests/{asked[0].id}/reply", data={"words": ""}).status_code == 422
    assert staff.post(f"/adjustments/requests/{asked[0].id}/reply", data={"words": "Yes, you can."}).status_code == 303
    kept = staff.post(f"/adjustments/learners/{enrolment.id}", data=form(what="", agreed_with="Ffion herself"))
    assert kept.status_code == 422
    assert b"Ffion herself" in kept.data
    assert staff.post(f"/adjustments/learners/{enrolment.id}", data=form()).status_code == 303
    seen = mine.get(f"/learn/{enrolment.id}/adjustments").get_data(as_text=True)
    for words in ("I would rather speak.", "Yes, you can.", WHAT, "Ada", "tutor"):
        assert words in seen
    with story.reading() as session:
        row = session.scalars(select(Adjustment)).one()
        assert session.scalars(select(AdjustedUnit.unit)).all() == [FOOD_UNIT]
        events = session.execute(select(AuditEvent.action, AuditEvent.subject)).all()
        for event in (Event.ADJUSTMENT_ASKED, Event.ADJUSTMENT_ANSWERED, Event.ADJUSTMENT_AGREED):
            assert (event, str(learner.id)) in events
        assert row.agreed_by == ada.id
        assert list(audit.verify(session)) == []


def test_words_are_sealed_under_the_persons_key_for_special_evidence(story: Story, ffion: Any) -> None:
    learner, enrolment = ffion
    row = agreed(story, enrolment, story.staff(Role.TUTOR))
    with story.reading() as session:
        box = session.get_one(sealing.Sealed, row.words_id)
        assert box.key_id == sealing.key_of(session, learner.id, Purpose.SPECIAL).id
        stored = session.execute(text("SELECT * FROM adjustment")).all()
        assert "spoken" not in str(stored)


def test_each_opening_by_another_is_audited_and_the_learner_sees_by_whom(story: Story, app: Any, ffion: Any) -> None:
    learner, enrolment = ffion
    ada, joan = story.staff(Role.TUTOR, "Ada Grant"), story.staff(Role.ASSESSOR, "Joan Price")
    agreed(story, enrolment, ada)
    answer = story.hand_in(enrolment, "when-to-wash", "Before I touch food.", unit=FOOD_UNIT)
    sign_in(app, learner.id).get(f"/learn/{enrolment.id}/adjustments")
    sign_in(app, ada.id).get("/adjustments")
    desk = sign_in(app, joan.id)
    queue = desk.get("/marking").get_data(as_text=True)
    assert "An adjustment is agreed" in queue
    assert WHAT not in queue
    with story.reading() as session:
        assert session.scalars(select(SpecialOpening)).all() == []
    assert WHAT in desk.get(f"/marking/answers/{answer.id}").get_data(as_text=True)
    with story.reading() as session:
        opening = session.scalars(select(SpecialOpening)).one()
        assert (opening.owner_id, opening.opened_by, opening.role) == (learner.id, joan.id, Role.ASSESSOR)
        assert (
            session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(1)) == Event.EVIDENCE_OPENED
        )
    assert "Joan, assessor" in sign_in(app, learner.id).get(f"/learn/{enrolment.id}/adjustments").get_data(as_text=True)


def test_the_desk_shows_what_held_on_the_day_of_the_hand_in_and_for_this_unit_alone(story: Story, ffion: Any) -> None:
    _, enrolment = ffion
    ada = story.staff(Role.TUTOR)
    agreed(story, enrolment, ada, from_on=today() + timedelta(days=3))
    row = agreed(story, enrolment, ada, units=frozenset({FOOD_UNIT}))
    with story.writing() as session:
        fact = next(one for one in queries.facts_of(session, [enrolment.id])[enrolment.id] if one.id == row.id)
        operations.end(session, fact, today(), "It no longer fits.", by=actor(story, ada, Role.TUTOR))
    with story.reading() as session:

        def shown(unit: str, day: date) -> list[Any]:
            return [one.fact.id for one in queries.for_work(session, enrolment.id, unit, day)]

        assert shown(FOOD_UNIT, today()) == [row.id]
        assert shown("another-unit", today()) == []
        assert row.id not in shown(FOOD_UNIT, today() + timedelta(days=1))
        assert len(shown(FOOD_UNIT, today() + timedelta(days=3))) == 1


def test_adjusted_work_can_be_told_apart_for_the_sample(story: Story, ffion: Any) -> None:
    _, enrolment = ffion
    _, other = story.learner("Bo Ash", cohort=food_cohort(story))
    adjusted = story.hand_in(enrolment, "when-to-wash", "Before I touch food.", unit=FOOD_UNIT)
    usual = story.hand_in(other, "when-to-wash", "Before I touch food.", unit=FOOD_UNIT)
    agreed(
        story, enrolment, story.staff(Role.TUTOR), kind=Kind.CONSIDERATION, review_on=None, units=frozenset({FOOD_UNIT})
    )
    with story.reading() as session:
        query = select(Answer.id).where(queries.is_adjusted(Answer.enrolment_id, Answer.unit, Answer.at))
        assert session.scalars(query).all() == [adjusted.id]
        assert usual.id != adjusted.id


def test_an_adjustment_of_another_centre_does_not_exist(story: Story, app: Any, ffion: Any) -> None:
    _, enrolment = ffion
    row = agreed(story, enrolment, story.staff(Role.TUTOR))
    there = sign_in(app, story.staff(Role.TUTOR, centre=story.centre("Hill House")).id)
    assert there.get(f"/adjustments/learners/{enrolment.id}").status_code == 404
    assert there.get(f"/adjustments/cohorts/{enrolment.cohort_id}").status_code == 404
    ended = there.post(f"/adjustments/{row.id}/end", data={"last_on": today().isoformat(), "reason": "No."})
    assert ended.status_code == 404
    assert str(enrolment.id) not in there.get("/adjustments").get_data(as_text=True)


def test_an_early_end_and_a_late_start_are_refused_in_words(story: Story, app: Any, ffion: Any) -> None:
    _, enrolment = ffion
    staff = sign_in(app, story.staff(Role.LEAD_IQA).id)
    before = (today() - timedelta(days=1)).isoformat()
    refused = staff.post(f"/adjustments/learners/{enrolment.id}", data=form(from_on=before))
    assert refused.status_code == 409
    assert b"before the work" in refused.data
    with story.reading() as session:
        assert session.scalars(select(Adjustment)).all() == []
