"""Facts about staff, their appointments and their accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from course import clock
from course.access import Role
from course.audit import Event
from course.people.models import Appointment, OneTimeLink, Person
from tests.course.office.conftest import Office
from tests.support.story import QUALIFICATION, UNIT, Story

TODAY = {"from_date": "2026-11-02", "until_date": "", "qualification": "", "unit": "", "cohort": ""}


def test_a_new_member_of_staff_is_invited_and_appointed(office: Office) -> None:
    assert "Invite somebody" in office.client.get("/office/people/new").text
    data = {**TODAY, "name": "Priya Nair", "known_as": "", "email": "priya@example.org", "role": "assessor",
            "unit": f"{QUALIFICATION}/{UNIT}", "cohort": str(office.cohort.id),
            "needs_countersignature": "yes"}  # fmt: skip
    answer = office.client.post("/office/people/new", data=data)
    assert answer.status_code == 303
    page = office.client.get(answer.location).text
    assert "Send a new invitation" in page
    assert "Somebody else confirms" in page
    with office.story.reading() as session:
        made = session.scalars(select(Appointment).where(Appointment.role == Role.ASSESSOR)).one()
        assert (made.qualification, made.unit, made.cohort_id) == (QUALIFICATION, UNIT, office.cohort.id)
        assert made.needs_countersignature
        assert session.get_one(Person, made.person_id).known_as == "Priya"
    assert office.entries(Event.APPOINTMENT_MADE) == 2
    assert "Priya Nair" in office.client.get("/office").text
    assert "Priya Nair" in office.client.get("/office/people").text


def test_an_appointment_form_that_contradicts_itself_is_wrong(office: Office) -> None:
    person = office.story.staff(Role.TUTOR)
    data = {**TODAY, "role": "assessor", "qualification": "food-hygiene", "unit": f"{QUALIFICATION}/{UNIT}",
            "cohort": str(office.cohort.id), "until_date": "2026-11-01"}  # fmt: skip
    answer = office.client.post(f"/office/people/{person.id}/appointments", data=data)
    assert answer.status_code == 422
    for words in ("unit of the qualification", "cohort of the qualification", "not before the first day"):
        assert words in answer.text
    assert office.entries(Event.APPOINTMENT_MADE) == 2


def test_an_external_quality_assurer_is_let_in_until_a_day(office: Office) -> None:
    assert "three months at most" in office.client.get("/office/people/new").text
    data = {**TODAY, "name": "Helen Voss", "known_as": "", "email": "helen@example.org", "role": "eqa",
            "from_date": clock.now().date().isoformat()}  # fmt: skip
    wrong = office.client.post("/office/people/new", data=data)
    assert wrong.status_code == 422
    assert "Enter the last day" in wrong.text
    assert "helen@example.org" in wrong.text
    assert office.client.post("/office/people/new", data=data | {"until_date": "2099-01-01"}).status_code == 409
    assert office.entries(Event.APPOINTMENT_MADE) == 1
    made = office.client.post("/office/people/new", data=data | {"until_date": clock.now().date().isoformat()})
    assert made.status_code == 303
    assert office.entries(Event.APPOINTMENT_MADE) == 2


def test_nobody_is_appointed_as_a_learner(office: Office) -> None:
    person = office.story.staff(Role.TUTOR)
    answer = office.client.post(f"/office/people/{person.id}/appointments", data={**TODAY, "role": "learner"})
    assert answer.status_code == 422


def test_somebody_gets_one_more_role_and_loses_it(office: Office) -> None:
    person = office.story.staff(Role.TUTOR)
    answer = office.client.post(f"/office/people/{person.id}/appointments", data={**TODAY, "role": "iqa"})
    assert answer.status_code == 303
    with office.story.reading() as session:
        made = session.scalars(select(Appointment).where(Appointment.role == Role.IQA)).one()
    answer = office.client.post(f"/office/appointments/{made.id}/end", data={"on": clock.now().date().isoformat()})
    assert answer.status_code == 303
    with office.story.reading() as session:
        assert session.get_one(Appointment, made.id).until_date == clock.now().date()
    assert office.entries(Event.APPOINTMENT_ENDED) == 1
    assert office.client.post(f"/office/appointments/{made.id}/end", data={"on": ""}).status_code == 422


def test_nobody_makes_or_ends_their_own_appointments(office: Office) -> None:
    office.story.staff(Role.ADMIN)
    address = f"/office/people/{office.admin.id}"
    assert office.client.post(f"{address}/appointments", data={**TODAY, "role": "assessor"}).status_code == 409
    with office.story.reading() as session:
        own = session.scalars(select(Appointment).where(Appointment.person_id == office.admin.id)).one()
    assert office.client.post(f"/office/appointments/{own.id}/end", data={"on": "2026-11-24"}).status_code == 409
    page = office.client.get(address).text
    assert "Another admin of your centre" in page
    assert "Make an appointment" not in page


def test_an_invitation_is_sent_again_until_the_person_has_come_in(office: Office) -> None:
    person = office.story.staff(Role.TUTOR)
    address = f"/office/people/{person.id}/invitation"
    assert office.client.post(address, data={}).status_code == 303
    with office.story.writing() as session:
        assert session.scalars(select(OneTimeLink).where(OneTimeLink.person_id == person.id)).one().used_at is None
        session.get_one(Person, person.id).password_hash = "x"
    assert office.client.post(address, data={}).status_code == 409


def test_a_closed_account_cannot_sign_in_and_the_own_one_stays_open(
    office: Office, client_for: Callable[[Any], Any]
) -> None:
    person = office.story.staff(Role.TUTOR)
    tutor = client_for(person)
    assert tutor.get("/office").status_code == 200
    assert office.client.post(f"/office/people/{person.id}/close", data={}).status_code == 303
    assert tutor.get("/office").status_code == 303
    assert office.entries(Event.PERSON_DISABLED) == 1
    assert office.client.post(f"/office/people/{office.admin.id}/close", data={}).status_code == 409


def test_an_account_that_another_centre_needs_is_not_closed(office: Office) -> None:
    person = office.story.staff(Role.TUTOR)
    office.story.appoint(person, Role.TUTOR, office.story.centre("Riverside"))
    assert office.client.post(f"/office/people/{person.id}/close", data={}).status_code == 409
    assert office.entries(Event.PERSON_DISABLED) == 0


def test_people_and_appointments_of_another_centre_do_not_exist(
    office: Office, story: Story, client_for: Callable[[Any], Any]
) -> None:
    person = story.person("Kim Faraway")
    far = story.appoint(person, Role.TUTOR, story.centre("Riverside"))
    for path in ("", "/appointments", "/invitation", "/close"):
        address = f"/office/people/{person.id}{path}"
        answer = office.client.post(address, data={}) if path else office.client.get(address)
        assert answer.status_code == 404, path
    assert office.client.post(f"/office/appointments/{far.id}/end", data={"on": "2026-11-24"}).status_code == 404
    assert "Kim Faraway" not in office.client.get("/office/people").text


def test_an_appointment_is_never_limited_to_another_centres_cohort(office: Office) -> None:
    far = office.story.cohort("Far", centre=office.story.centre("Riverside"))
    person = office.story.staff(Role.TUTOR)
    data = {**TODAY, "role": "assessor", "cohort": str(far.id)}
    assert office.client.post(f"/office/people/{person.id}/appointments", data=data).status_code == 422


def test_only_admins_look_after_people(office: Office, client_for: Callable[[Any], Any]) -> None:
    for role in (Role.TUTOR, Role.ASSESSOR, Role.IQA):
        client = client_for(office.story.staff(role))
        assert client.get("/office/people").status_code == 403
        assert client.post("/office/people/new", data={}).status_code == 403
