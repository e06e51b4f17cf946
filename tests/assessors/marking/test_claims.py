"""A claim of prior learning is achieved only when it stands the five tests of evidence; "not yet" needs none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from assessors.marking.rules import claims
from course.access import Role
from course.catalogue import queries as catalogue
from course.enrolment.models import Cohort
from course.workbook.content import Prior, TextContent
from course.workbook.models import Decision
from tests.assessors.marking.conftest import QUESTION, Marking, judgement
from tests.support.marked import agree
from tests.support.story import QUALIFICATION, UNIT, Story

WORDS = "I asked each member what they wanted."


@pytest.fixture
def marking(story: Story) -> Marking:
    """Sam claims that an answer was learned before the course; Priya may mark it."""
    assessor = story.staff(Role.ASSESSOR, "Priya Nair")
    learner, enrolment = story.learner("Sam Okafor")
    with story.reading() as session:
        question = catalogue.unit_of(catalogue.latest_unit(session, QUALIFICATION, UNIT)).question(QUESTION)
    shows = dict.fromkeys(question.criteria, WORDS)
    prior = Prior(what="I ran a gym group.", where="Leeds", when="2023", shows=shows)
    answer = story.hand_in(enrolment, QUESTION, TextContent(kind=question.kind, prior=prior))
    return Marking(story, assessor, learner, enrolment, answer)


@pytest.fixture
def client(marking: Marking, client_for: Any) -> Any:
    """Priya, who has taken the answer."""
    client = client_for(marking.assessor)
    assert client.post(f"{marking.address}/lease").status_code == 303
    return client


def ticked(page: Any, without: str = "") -> dict[str, list[str]]:
    """Every test ticked for every criterion but one."""
    ticks = [test.id for test in claims.TESTS if test.id != without]
    return dict.fromkeys(set(re.findall(r'name="(tick-[^"]+)"', page.get_data(as_text=True))), ticks)


def decided(marking: Marking) -> list[str]:
    with marking.story.reading() as session:
        return list(session.scalars(select(Decision.outcome)))


def test_the_assessor_sees_the_claim_and_the_tests(marking: Marking, client: Any) -> None:
    page = client.get(marking.address).get_data(as_text=True)
    assert "A claim of prior learning." in page
    assert WORDS in page
    assert all(test.text in page for test in claims.TESTS)


def test_an_untested_claim_is_not_achieved_and_nothing_typed_is_lost(marking: Marking, client: Any) -> None:
    page = client.get(marking.address)
    for test in claims.TESTS:
        refused = client.post(
            f"{marking.address}/decision",
            data=judgement(page, feedback="You ran it well.", then="return") | ticked(page, without=test.id),
        )
        assert refused.status_code == 422
        again = refused.get_data(as_text=True)
        assert f"only if it is {test.text.split(':')[0].lower()}." in again
        assert "You ran it well." in again
        assert decided(marking) == []
        page = refused


def test_a_tested_claim_is_achieved(marking: Marking, client: Any) -> None:
    page = client.get(marking.address)
    done = client.post(f"{marking.address}/decision", data=judgement(page, then="return") | ticked(page))
    assert done.status_code == 303
    assert set(decided(marking)) == {"achieved"}


def test_not_yet_needs_no_test(marking: Marking, client: Any) -> None:
    page = client.get(marking.address)
    sent = judgement(page, outcome="not_yet_achieved", then="return")
    assert client.post(f"{marking.address}/decision", data=sent).status_code == 303
    assert set(decided(marking)) == {"not_yet_achieved"}


def test_the_assurer_sees_what_was_tested(marking: Marking, client: Any, client_for: Any) -> None:
    page = client.get(marking.address)
    client.post(f"{marking.address}/decision", data=judgement(page, then="return") | ticked(page))
    iqa = marking.story.staff(Role.IQA, "Tom Hughes")
    with marking.story.reading() as session:
        cohort = session.get_one(Cohort, marking.enrolment.cohort_id)
    sample = agree(marking.story, cohort, iqa, [marking.answer])
    shown = client_for(iqa).get(f"/quality/samples/{sample}/answers/{marking.answer.id}").get_data(as_text=True)
    assert WORDS in shown
    for test in claims.TESTS:
        assert f"{test.text} (ticked)" in shown
