"""Files of an answer: read by those who may read the answer, and by nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from course.access import Role
from course.audit import Actor
from course.enrolment.models import Enrolment
from course.workbook import content as contents
from course.workbook import files, operations
from course.workbook import queries as work
from course.workbook.models import AccessEntry, StoredFile
from tests.assessors.marking.conftest import Marking
from tests.support.story import UNIT

PDF = b"%PDF-1.4\n%%EOF\n"
QUESTION = "why-routine-helps"


@pytest.fixture
def with_file(marking: Marking):
    """Sam has handed in an answer with a file; the answer and the file's id."""
    with marking.story.writing() as session:
        enrolment = session.get_one(Enrolment, marking.enrolment.id)
        unit = work.unit_work(session, enrolment, UNIT)
        checked = files.Checked("pdf", "application/pdf", "pdf", PDF)
        by = Actor(marking.learner.id, Role.LEARNER)
        draft = operations.add_file(session, unit, unit.question(QUESTION), "my week.pdf", checked, by=by)
        session.flush()
        content = operations.open_draft(session, draft).content
    assert isinstance(content, contents.TextContent)
    answer = marking.story.hand_in(marking.enrolment, QUESTION, content.model_copy(update={"text": "See my plan."}))
    with marking.story.reading() as session:
        return answer, session.scalars(select(StoredFile.id)).one()


def test_an_assessor_opens_a_file_and_the_learner_sees_that(marking, with_file, client_for):
    answer, file_id = with_file
    client = client_for(marking.assessor)
    assert "my week.pdf" in client.get(f"/marking/answers/{answer.id}").get_data(as_text=True)
    sent = client.get(f"/marking/answers/{answer.id}/files/{file_id}")
    assert sent.status_code == 200
    assert sent.data == PDF
    assert sent.headers["Content-Disposition"].startswith("attachment")
    with marking.story.reading() as session:
        assert {one.answer_id for one in session.scalars(select(AccessEntry))} == {answer.id}


def test_a_file_of_another_answer_or_of_another_centre_does_not_exist(marking, with_file, client_for):
    answer, file_id = with_file
    client = client_for(marking.assessor)
    assert client.get(f"{marking.address}/files/{file_id}").status_code == 404
    elsewhere = client_for(marking.story.staff(Role.ASSESSOR, "Tom Hughes", marking.story.centre("Bridge House")))
    assert elsewhere.get(f"/marking/answers/{answer.id}/files/{file_id}").status_code == 404


def test_the_safeguarding_lead_opens_a_file_of_an_answer_with_a_concern(marking, with_file, client_for):
    from assessors.marking.models import Concern

    answer, file_id = with_file
    client_for(marking.assessor).post(f"/marking/answers/{answer.id}/concern")
    client = client_for(marking.story.staff(Role.SAFEGUARDING_LEAD, "Lena Frost"))
    with marking.story.reading() as session:
        concern = session.scalars(select(Concern)).one()
    assert client.get(f"/safeguarding/{concern.id}/files/{file_id}").data == PDF
