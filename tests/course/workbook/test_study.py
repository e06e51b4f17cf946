"""A unit fits on paper, the words of a course stand on one page, and both are reachable from every page of a unit."""

from __future__ import annotations

from typing import Any

from course.catalogue import queries as catalogue
from tests.support.marked import FOOD_UNIT, food_cohort
from tests.support.story import QUALIFICATION, UNIT, Story


def test_a_unit_on_paper_holds_outcomes_points_words_and_helplines(story: Story, client_for: Any) -> None:
    person, enrolment = story.learner()
    page = client_for(person).get(f"/learn/{enrolment.id}/{UNIT}/summary").get_data(as_text=True)
    with story.reading() as session:
        row = catalogue.latest_unit(session, QUALIFICATION, UNIT)
        unit = catalogue.unit_of(row)
    assert all(one.text in page for one in unit.outcomes)
    assert all(one.lead in page for one in unit.pages)
    assert "116 123" in page
    assert page.count("<dt>") >= len(unit.pages) + 5


def test_the_words_of_a_course_are_those_of_its_units_and_no_others(story: Story, client_for: Any) -> None:
    person, enrolment = story.learner(cohort=food_cohort(story))
    page = client_for(person).get(f"/learn/{enrolment.id}/glossary").get_data(as_text=True)
    assert "Germ" in page
    assert "Some make people ill." in page
    assert "Mentee" not in page


def test_both_are_linked_from_every_page_of_a_unit(story: Story, client_for: Any) -> None:
    person, enrolment = story.learner(cohort=food_cohort(story))
    for where in ("", "/1", "/2"):
        page = client_for(person).get(f"/learn/{enrolment.id}/{FOOD_UNIT}{where}").get_data(as_text=True)
        assert f"/learn/{enrolment.id}/glossary" in page
        assert f"/learn/{enrolment.id}/{FOOD_UNIT}/summary" in page


def test_a_sensitive_page_offers_a_real_choice(story: Story, client_for: Any) -> None:
    person, enrolment = story.learner(cohort=food_cohort(story))
    page = client_for(person).get(f"/learn/{enrolment.id}/{FOOD_UNIT}/2").get_data(as_text=True)
    assert "come back to this one, or not" in page
    assert "there is a made-up case instead" in page
    assert 'href="#help-now"' in page
    assert 'id="help-now"' in page


def test_somebody_elses_course_is_not_found(story: Story, client_for: Any) -> None:
    _, enrolment = story.learner()
    stranger = client_for(story.learner()[0])
    assert stranger.get(f"/learn/{enrolment.id}/glossary").status_code == 404
    assert stranger.get(f"/learn/{enrolment.id}/{UNIT}/summary").status_code == 404
