"""From the queue to the learner: take, judge, decide, return."""

from __future__ import annotations

from sqlalchemy import select

from course import audit
from course.audit import AuditEvent
from course.outbox import Message
from course.workbook.models import Decision, JudgementDraft, Lease, Return
from tests.assessors.marking.conftest import Marking, judgement


def test_an_answer_is_taken_judged_and_returned(marking: Marking, client_for):
    client = client_for(marking.assessor)
    queue = client.get("/marking").get_data(as_text=True)
    assert "Sam O." in queue

    read = client.get(marking.address).get_data(as_text=True)
    assert "Take this answer" in read
    assert client.post(f"{marking.address}/lease").status_code == 303
    page = client.get(marking.address)
    assert "Guidance on a good answer" in page.get_data(as_text=True)

    sent = client.post(f"{marking.address}/decision", data=judgement(page, then="return"))
    assert sent.status_code == 303, sent.get_data(as_text=True)
    assert "Sam O." not in client.get("/marking").get_data(as_text=True)
    with marking.story.reading() as session:
        decision = session.scalars(select(Decision)).one()
        assert (decision.outcome, decision.number, decision.decided_by) == ("achieved", 1, marking.assessor.id)
        assert session.scalars(select(Return)).one().answer_id == marking.answer.id
        assert session.scalars(select(Lease)).all() == session.scalars(select(JudgementDraft)).all() == []
        events = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(2)).all()
        assert events == ["answer.returned", "answer.decided"]
        assert session.scalars(select(Message.letter).where(Message.to_email == marking.learner.email)).all() == [
            "something-to-read"
        ]


def test_the_audit_trail_vouches_for_every_decision_return_and_concern(marking: Marking, client_for):
    client = client_for(marking.assessor)
    client.post(f"{marking.address}/lease")
    page = client.get(marking.address)
    client.post(f"{marking.address}/decision", data=judgement(page, "not_yet_achieved", then="hold"))
    client.post(f"{marking.address}/lease")
    client.post(f"{marking.address}/decision", data=judgement(client.get(marking.address), then="return"))
    client.post(f"{marking.address}/concern")
    with marking.story.reading() as session:
        assert list(audit.verify(session)) == []
