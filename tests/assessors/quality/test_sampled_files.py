"""The files of a sampled answer: read by the assurer who sampled it, and by nobody from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from assessors.quality import operations as quality
from course.access import Role
from course.audit import Actor
from course.enrolment.models import Enrolment
from course.workbook import files, operations
from course.workbook import queries as work
from course.workbook.models import AccessEntry, StoredFile
from tests.support.house import HouseClient
from tests.support.marked import actor, held, judge
from tests.support.story import UNIT, Story

PDF = b"%PDF-1.4\n%%EOF\n"
QUESTION = "why-routine-helps"


def test_an_assurer_opens_the_file_of_a_sampled_answer_and_the_learner_sees_that(
    story: Story, client_for: Callable[[Any], HouseClient]
) -> None:
    cohort = story.cohort()
    learner, enrolment = story.learner(cohort=cohort)
    with story.writing() as session:
        unit = work.unit_work(session, session.get_one(Enrolment, enrolment.id), UNIT)
        checked = files.Checked("pdf", "application/pdf", "pdf", PDF)
        by = Actor(learner.id, Role.LEARNER)
        draft = operations.add_file(session, unit, unit.question(QUESTION), "my week.pdf", checked, by=by)
        session.flush()
        content = operations.open_draft(session, draft).content
    answer = story.hand_in(enrolment, QUESTION, content)
    judge(story, answer, story.staff(Role.ASSESSOR))
    iqa = story.staff(Role.IQA)
    with story.writing() as session:
        sample = quality.open_sample(
            session, cohort, [answer.id], "It has a file.", held=held(story, iqa), by=actor(story, iqa, Role.IQA)
        )
    with story.reading() as session:
        file_id = session.scalars(select(StoredFile.id)).one()
    page = f"/quality/samples/{sample.id}/answers/{answer.id}"
    assert "Open my week.pdf" in client_for(iqa).get(page).get_data(as_text=True)
    sent = client_for(iqa).get(f"{page}/files/{file_id}")
    assert (sent.status_code, sent.data) == (200, PDF)
    stranger = client_for(story.staff(Role.IQA, centre=story.centre("Elsewhere")))
    assert stranger.get(f"{page}/files/{file_id}").status_code == 404
    with story.reading() as session:
        entries = session.scalars(select(AccessEntry).where(AccessEntry.person_id == iqa.id)).all()
        assert {(one.purpose, one.answer_id) for one in entries} >= {("sampling", answer.id)}
