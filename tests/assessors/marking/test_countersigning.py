"""A trainee's decisions wait for a qualified colleague: nothing is returned before, and sending back is in ink."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from course import audit
from course.access import Role
from course.audit import AuditEvent
from course.workbook.models import Countersignature, Return
from tests.assessors.marking.conftest import judgement
from tests.support.story import QUALIFICATION, UNIT


@pytest.fixture
def trained(marking, client_for):
    """Nia, who trains, has decided Sam's answer."""
    nia = marking.story.staff(Role.ASSESSOR, "Nia Rowe", needs_countersignature=True)
    client = client_for(nia)
    client.post(f"{marking.address}/lease")
    sent = client.post(f"{marking.address}/decision", data=judgement(client.get(marking.address), then="return"))
    assert sent.status_code == 303
    return replace(marking), nia, client


def returns(story):
    with story.reading() as session:
        assert list(audit.verify(session)) == []
        return session.scalar(select(func.count()).select_from(Return))


def test_nobody_returns_a_trainees_decisions_before_they_are_countersigned(trained, client_for):
    marking, _, nia = trained
    assert returns(marking.story) == 0
    assert nia.post(f"{marking.address}/return").status_code == 409
    priya = client_for(marking.assessor)
    assert priya.post(f"{marking.address}/return").status_code == 409
    held = {"cohort": str(marking.enrolment.cohort_id), "unit": marking.answer.unit}
    priya.post("/marking/held/return", data=held)
    assert returns(marking.story) == 0
    assert "To countersign (1)" in priya.get("/marking").get_data(as_text=True)
    assert "To countersign" not in nia.get("/marking").get_data(as_text=True)


def test_agreeing_countersigns_and_returns(trained, client_for):
    marking, nia_person, _ = trained
    priya = client_for(marking.assessor)
    assert "Why goals are theirs, Sam O." in priya.get("/marking/countersignatures").get_data(as_text=True)
    page = priya.get(f"{marking.address}/countersignature").get_data(as_text=True)
    assert "You say why it is theirs." in page
    assert priya.post(f"{marking.address}/countersignature", data={}).status_code == 422
    assert priya.post(f"{marking.address}/countersignature", data={"finding": "agree"}).status_code == 303
    assert returns(marking.story) == 1
    with marking.story.reading() as session:
        row = session.scalars(select(Countersignature)).one()
        assert (row.finding, row.decisions, row.countersigned_by) == ("agree", 1, marking.assessor.id)
        happened = list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(2)))
        assert happened == ["answer.returned", "decisions.countersigned"]
    assert priya.post(f"{marking.address}/countersignature", data={"finding": "agree"}).status_code == 409
    assert nia_person.id != marking.assessor.id


def test_sent_back_it_waits_for_the_trainee_and_then_again_for_a_countersignature(trained, client_for):
    marking, _, nia = trained
    priya = client_for(marking.assessor)
    empty = priya.post(f"{marking.address}/countersignature", data={"finding": "send-back", "comment": ""})
    assert empty.status_code == 422
    said = {"finding": "send-back", "comment": "There is only one reason, not two."}
    assert priya.post(f"{marking.address}/countersignature", data=said).status_code == 303
    assert "Nothing to countersign" in priya.get("/marking/countersignatures").get_data(as_text=True)
    assert "There is only one reason, not two." in nia.get(marking.address).get_data(as_text=True)
    nia.post(f"{marking.address}/lease")
    again = judgement(nia.get(marking.address), "not_yet_achieved", "Add a second reason.", then="hold")
    assert nia.post(f"{marking.address}/decision", data=again).status_code == 303
    assert "To countersign (1)" in priya.get("/marking").get_data(as_text=True)
    assert returns(marking.story) == 0
    assert priya.post(f"{marking.address}/countersignature", data={"finding": "agree"}).status_code == 303
    assert returns(marking.story) == 1


def test_a_trainee_a_stranger_and_another_cohorts_assessor_do_not_countersign(trained, client_for):
    marking, _, nia = trained
    story = marking.story
    assert nia.get(f"{marking.address}/countersignature").status_code == 404
    other = client_for(story.staff(Role.ASSESSOR, "Tom Ellis", needs_countersignature=True))
    assert other.post(f"{marking.address}/countersignature", data={"finding": "agree"}).status_code == 404
    for stranger in (
        story.staff(Role.ASSESSOR, centre=story.centre("Another centre")),
        story.staff(Role.ASSESSOR, cohort_id=story.cohort("Spring").id),
    ):
        assert client_for(stranger).get(f"{marking.address}/countersignature").status_code == 404
    assert returns(story) == 0


def test_held_answers_say_that_they_wait_for_a_colleague(trained, client_for):
    _, _, nia = trained
    page = nia.get("/marking/held").get_data(as_text=True)
    assert "waits until a qualified colleague agrees" in page
    assert "Return this one" not in page


def test_who_trains_in_one_unit_only_acts_there_as_a_trainee(marking, client_for):
    tom = marking.story.staff(Role.ASSESSOR, "Tom Ellis")
    marking.story.appoint(tom, Role.ASSESSOR, qualification=QUALIFICATION, unit=UNIT, needs_countersignature=True)
    client = client_for(tom)
    client.post(f"{marking.address}/lease")
    sent = client.post(f"{marking.address}/decision", data=judgement(client.get(marking.address), then="return"))
    assert sent.status_code == 303
    assert returns(marking.story) == 0
    assert "when a qualified colleague has agreed" in client.get("/marking").get_data(as_text=True)
