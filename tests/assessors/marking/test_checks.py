"""Right knowledge checks are confirmed many at once: one decision each, with one feedback."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from course import clock
from course.access import Role
from course.catalogue import queries as catalogue
from course.workbook import content as contents
from course.workbook.models import Decision, Return, Waiting
from tests.support.marked import FOOD, FOOD_UNIT, food_cohort
from tests.support.story import Story


@pytest.fixture
def checks(story: Story):
    """Two learners have each handed in a right check."""
    with story.reading() as session:
        version = catalogue.latest_unit(session, FOOD, FOOD_UNIT)
        assert version is not None
        question = catalogue.unit_of(version).question("what-to-wear")
    right = contents.ChoiceContent(chosen=tuple(option.text for option in question.options if option.right))
    answers = []
    for name in ("Ros Webb", "Ali Khan"):
        _, enrolment = story.learner(name, cohort=food_cohort(story))
        answers.append(
            story.hand_in(enrolment, "what-to-wear", contents.tried(right, question, clock.now()), unit=FOOD_UNIT)
        )
    return answers


def test_many_checks_are_confirmed_with_one_feedback(story, checks, client_for):
    assessor = story.staff(Role.ASSESSOR, "Joan Price")
    client = client_for(assessor)
    assert "Ros W." in client.get("/marking/checks").get_data(as_text=True)
    sent = client.post(
        "/marking/checks", data={"answers": [one.id for one in checks], "feedback": "You know this well."}
    )
    assert sent.status_code == 303
    with story.reading() as session:
        found = session.scalars(select(Decision)).all()
        assert {one.answer_id for one in found} == {one.id for one in checks}
        assert {(one.outcome, one.number, one.guidance) for one in found} == {("achieved", 1, "")}
        assert len({one.feedback_id for one in found}) == len(found)
        assert session.scalars(select(Waiting)).all() == []
        assert session.scalars(select(Return)).all() == []  # this policy returns after sampling
    assert "No checks are waiting" in client.get("/marking/checks").get_data(as_text=True)
    assert "Ros W." in client.get("/marking/held").get_data(as_text=True)


def test_if_one_check_cannot_be_confirmed_none_is(story, checks, client_for):
    client = client_for(story.staff(Role.ASSESSOR, "Joan Price"))
    other = client_for(story.staff(Role.ASSESSOR, "Tom Hughes"))
    assert other.post(f"/marking/answers/{checks[1].id}/lease").status_code == 303
    sent = client.post("/marking/checks", data={"answers": [one.id for one in checks], "feedback": "Good."})
    assert sent.status_code == 409
    with story.reading() as session:
        assert session.scalars(select(Decision)).all() == []


def test_checks_are_confirmed_only_with_feedback_and_only_when_ticked(story, checks, client_for):
    client = client_for(story.staff(Role.ASSESSOR, "Joan Price"))
    refused = client.post("/marking/checks", data={"answers": [checks[0].id], "feedback": " "})
    assert refused.status_code == 422
    assert f'value="{checks[0].id}" checked' in refused.get_data(as_text=True)
    refused = client.post("/marking/checks", data={"feedback": "Words to keep."})
    assert refused.status_code == 422
    assert "Words to keep." in refused.get_data(as_text=True)


def test_a_written_answer_cannot_be_confirmed_unread(story, client_for):
    _, enrolment = story.learner("Ros Webb", cohort=food_cohort(story))
    written = story.hand_in(enrolment, "when-to-wash", unit=FOOD_UNIT)
    client = client_for(story.staff(Role.ASSESSOR, "Joan Price"))
    assert client.post("/marking/checks", data={"answers": [written.id], "feedback": "Good."}).status_code == 409


def test_an_assessor_sees_the_tries_of_a_check(story, checks, client_for):
    client = client_for(story.staff(Role.ASSESSOR, "Joan Price"))
    client.post(f"/marking/answers/{checks[0].id}/lease")
    text = client.get(f"/marking/answers/{checks[0].id}").get_data(as_text=True)
    assert "Right after 1 try." in text
    assert "Decisions are returned here after a sample" in text
