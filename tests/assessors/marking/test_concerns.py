"""A concern travels as a reference: to the safeguarding lead's own list, never with the words."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from assessors.marking.models import Concern, ConcernAcknowledgement
from course.access import Role
from course.audit import AuditEvent
from course.outbox import Message
from course.workbook.models import AccessEntry
from tests.assessors.marking.conftest import Marking

WORDS = "because it is a life"


@pytest.fixture
def lead(marking: Marking):
    """The safeguarding lead of the centre."""
    return marking.story.staff(Role.SAFEGUARDING_LEAD, "Lena Frost")


@pytest.fixture
def raised(marking: Marking, lead, client_for) -> Concern:
    """Priya has raised a concern about Sam's answer."""
    client = client_for(marking.assessor)
    assert "The words are not sent" in client.get(f"{marking.address}/concern").get_data(as_text=True)
    assert client.post(f"{marking.address}/concern").status_code == 303
    with marking.story.reading() as session:
        return session.scalars(select(Concern)).one()


def test_a_concern_holds_a_reference_and_never_the_text(marking, raised, lead, client_for):
    assert raised.answer_id == marking.answer.id
    text = client_for(lead).get("/safeguarding").get_data(as_text=True)
    assert "Sam Okafor" in text
    assert marking.learner.email in text
    assert "Unit 6" in text
    assert "by Priya" in text
    assert WORDS not in text
    with marking.story.reading() as session:
        assert session.scalars(select(AccessEntry)).all() == []  # the list opens nobody's words
        letters = session.scalars(select(Message).where(Message.to_email == lead.email)).all()
        assert [one.letter for one in letters] == ["something-to-read"]
        assert session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(1)) == "concern.raised"


def test_a_concern_pauses_nothing(marking, raised, client_for):
    client = client_for(marking.assessor)
    assert client.post(f"{marking.address}/lease").status_code == 303
    assert "Your decision" in client.get(marking.address).get_data(as_text=True)


def test_a_concern_is_raised_once(marking, raised, client_for):
    client = client_for(marking.assessor)
    assert "You have raised this already" in client.get(f"{marking.address}/concern").get_data(as_text=True)
    assert client.post(f"{marking.address}/concern").status_code == 409


def test_the_lead_reads_the_answer_for_safeguarding_and_the_learner_sees_that(marking, raised, lead, client_for):
    text = client_for(lead).get(f"/safeguarding/{raised.id}/answer").get_data(as_text=True)
    assert WORDS in text
    assert "Guidance" not in text
    with marking.story.reading() as session:
        entry = session.scalars(select(AccessEntry)).one()
        assert (entry.person_id, entry.role, entry.purpose) == (lead.id, "safeguarding-lead", "safeguarding")


def test_the_lead_acknowledges_once(marking, raised, lead, client_for):
    client = client_for(lead)
    assert client.post(f"/safeguarding/{raised.id}/acknowledge").status_code == 303
    assert "by Lena" in client.get("/safeguarding").get_data(as_text=True)
    assert client.post(f"/safeguarding/{raised.id}/acknowledge").status_code == 409
    with marking.story.reading() as session:
        assert session.scalars(select(ConcernAcknowledgement)).one().acknowledged_by == lead.id
        assert (
            session.scalar(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(1)) == "concern.acknowledged"
        )


def test_a_concern_is_seen_by_the_leads_of_that_centre_alone(marking, raised, client_for):
    elsewhere = marking.story.staff(Role.SAFEGUARDING_LEAD, "Gwen Moss", marking.story.centre("Bridge House"))
    client = client_for(elsewhere)
    assert "No concerns" in client.get("/safeguarding").get_data(as_text=True)
    assert client.get(f"/safeguarding/{raised.id}/answer").status_code == 404
    assert client.post(f"/safeguarding/{raised.id}/acknowledge").status_code == 404


@pytest.mark.parametrize("role", [Role.ASSESSOR, Role.ADMIN, Role.IQA, Role.TUTOR])
def test_nobody_else_sees_the_list(marking, raised, client_for, role):
    client = client_for(marking.story.staff(role))
    assert client.get("/safeguarding").status_code == 403
    assert client.get(f"/safeguarding/{raised.id}/answer").status_code == 403
