"""Facts about opening cohorts and enrolling learners, one by one or from a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from course.access import Role
from course.audit import Event
from course.enrolment.models import Cohort, Enrolment
from course.outbox import Message
from course.people import operations as people
from course.people.models import Person
from tests.course.office.conftest import Office
from tests.support.story import QUALIFICATION, Story

LIST = "name,known_as,email,ao_learner_number\nSam Okafor,Sam,sam@example.org,AO1\nDee Mistry,,dee@example.org,\n"


def test_an_admin_opens_a_cohort(office: Office) -> None:
    data = {"name": "Spring", "qualification": QUALIFICATION, "starts_on": "2027-01-04", "ends_on": "2027-06-30"}
    assert "Open a cohort" in office.client.get("/office/cohorts/new").text
    answer = office.client.post("/office/cohorts/new", data=data)
    assert answer.status_code == 303
    assert "The cohort Spring is open" in office.client.get(answer.location).text
    assert office.entries(Event.COHORT_OPENED) == 2


def test_a_cohort_form_that_is_wrong_keeps_what_was_typed(office: Office) -> None:
    data = {"name": "Spring", "qualification": QUALIFICATION, "starts_on": "2027-06-30", "ends_on": "2027-01-04"}
    answer = office.client.post("/office/cohorts/new", data=data)
    assert answer.status_code == 422
    assert "not before the first day" in answer.text
    assert 'value="Spring"' in answer.text
    assert office.count(Cohort) == 1


def test_a_new_learner_is_enrolled_and_invited(office: Office) -> None:
    data = {"name": "Sam Okafor", "email": "Sam@Example.org"}
    answer = office.client.post(f"{office.address}/learners/new", data=data)
    assert answer.status_code == 303
    page = office.client.get(office.address).text
    assert "Sam Okafor" in page
    assert "Nothing handed in yet" in page
    assert (office.entries(Event.PERSON_INVITED), office.entries(Event.LEARNER_ENROLLED)) == (2, 1)
    with office.story.reading() as session:
        assert session.scalars(select(Message)).one().to_email == "sam@example.org"


def test_somebody_with_an_account_is_enrolled_under_their_own_name(office: Office) -> None:
    known = office.story.person("Sam Okafor")
    office.client.post(f"{office.address}/learners/new", data={"name": "Samuel", "email": known.email.upper()})
    with office.story.reading() as session:
        enrolment = session.scalars(select(Enrolment)).one()
        assert enrolment.person_id == known.id
        assert session.get_one(Person, known.id).name == "Sam Okafor"


def test_nobody_is_enrolled_twice_or_enrols_themselves(office: Office) -> None:
    known, _ = office.story.learner()
    for email in (known.email, office.admin.email):
        answer = office.client.post(f"{office.address}/learners/new", data={"name": "Any Name", "email": email})
        assert answer.status_code == 409
    assert office.count() == 1


def test_a_sound_list_enrols_everybody(office: Office) -> None:
    assert "UTF-8" in office.client.get(f"{office.address}/import").text
    answer = office.send_list(LIST)
    assert answer.status_code == 303
    assert "2 learners are enrolled" in office.client.get(answer.location).text
    assert office.count() == 2
    assert office.entries(Event.LEARNER_ENROLLED) == 2
    with office.story.reading() as session:
        numbers = session.scalars(select(Enrolment.ao_learner_number).order_by(Enrolment.ao_learner_number)).all()
        assert set(numbers) == {"AO1", None}


def test_one_bad_row_and_nobody_is_enrolled(office: Office) -> None:
    known, _ = office.story.learner("Kit Moss")
    closed = office.story.person("Lou Closed")
    with office.story.writing() as session:
        people.close_account(session, session.get_one(Person, closed.id), by=people.audit.INSTALLER)
    people_before = office.count(Person)
    text = f"{LIST}Kit Moss,,{known.email},\nLou,,{closed.email},\nAda,,{office.admin.email},\nNobody,,nowhere,\n"
    answer = office.send_list(text)
    assert answer.status_code == 422
    problems = {4: "in this cohort already", 5: "account is closed", 6: "enrol yourself", 7: "not an email address"}
    for row, words in problems.items():
        assert f"Row {row}" in answer.text
        assert words in answer.text
    assert "Nobody was added" in answer.text
    assert (office.count(), office.count(Person)) == (1, people_before)


def test_a_learner_number_that_somebody_else_has_is_named(office: Office) -> None:
    office.send_list(LIST)
    answer = office.send_list("name,email,ao_learner_number\nKit Moss,kit@example.org,AO1\n")
    assert answer.status_code == 422
    assert "Another learner has this learner number" in answer.text


def test_a_list_is_not_taken_twice(office: Office) -> None:
    office.send_list(LIST)
    assert office.send_list(LIST).status_code == 422
    assert office.count() == 2


def test_no_file_at_all_is_a_problem_of_the_form(office: Office) -> None:
    answer = office.client.post(f"{office.address}/import", data={})
    assert answer.status_code == 422
    assert "Choose a file first" in answer.text


def test_a_centre_cannot_see_or_change_another_centres_cohort(
    office: Office, story: Story, client_for: Callable[[Any], Any]
) -> None:
    stranger = client_for(story.staff(Role.ADMIN, centre=story.centre("Riverside")))
    for path in ("", "/learners/new", "/import", "/tracker", "/tracker.csv", "/learners.csv"):
        assert stranger.get(f"{office.address}{path}").status_code == 404, path
    data = {"name": "Sam Okafor", "email": "sam@example.org"}
    assert stranger.post(f"{office.address}/learners/new", data=data).status_code == 404
    assert stranger.post(f"{office.address}/import", data={}).status_code == 404
    assert office.cohort.name not in stranger.get("/office").text
    assert office.count() == 0


def test_a_tutor_reads_the_own_cohort_and_no_other(
    office: Office, story: Story, client_for: Callable[[Any], Any]
) -> None:
    other = story.cohort("Spring")
    tutor = client_for(story.staff(Role.TUTOR, cohort_id=office.cohort.id))
    assert tutor.get(office.address).status_code == 200
    assert tutor.get(f"/office/cohorts/{other.id}").status_code == 404
    assert tutor.get(f"{office.address}/learners/new").status_code == 403
    home = tutor.get("/office").text
    assert office.cohort.name in home
    assert "Spring" not in home
    assert "Open a cohort" not in home


def test_an_admin_of_one_cohort_opens_no_other_and_appoints_nobody(
    office: Office, story: Story, client_for: Callable[[Any], Any]
) -> None:
    limited = client_for(story.staff(Role.ADMIN, cohort_id=office.cohort.id))
    assert limited.get(office.address).status_code == 200
    assert limited.get("/office/cohorts/new").status_code == 403
    assert limited.get("/office/people").status_code == 403


def test_staff_who_study_in_a_cohort_do_not_see_it_from_the_office(
    office: Office, story: Story, client_for: Callable[[Any], Any]
) -> None:
    assessor = story.staff(Role.ASSESSOR, "Lee Both")
    story.enrol(assessor, office.cohort)
    assert client_for(assessor).get(f"{office.address}/tracker.csv").status_code == 403
