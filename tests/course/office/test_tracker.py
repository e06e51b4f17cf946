"""Facts about the tracker: what staff see of a cohort's progress, and the same as a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from course import clock
from course.access import Role
from tests.course.office.conftest import Office
from tests.support.story import QUALIFICATION, UNIT, Story


def table(answer: Any) -> list[list[str]]:
    """A spreadsheet's rows."""
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def a_question(story: Story) -> str:
    """A written question of the unit that counts as evidence."""
    from course.catalogue import queries as catalogue

    with story.reading() as session:
        row = catalogue.latest_unit(session, QUALIFICATION, UNIT)
        assert row is not None
        unit = catalogue.unit_of(row)
        return next(one.key for one in unit.questions if one.kind in {"short", "extended"} and one.evidence)


def test_every_state_has_words_beside_its_shape(office: Office) -> None:
    question = a_question(office.story)
    _, enrolment = office.story.learner("Sam Okafor")
    office.story.hand_in(enrolment, question)
    page = office.client.get(f"{office.address}/tracker?unit={UNIT}").text
    assert "Sam O., U6" in page
    assert ": handed in</span>" in page
    assert ": nothing yet</span>" in page
    assert "with the assessor" in page


def test_a_draft_is_the_learners_alone(office: Office) -> None:
    question = a_question(office.story)
    _, enrolment = office.story.learner("Sam Okafor")
    office.story.save(enrolment, question, "Nobody else sees this yet.")
    page = office.client.get(f"{office.address}/tracker?unit={UNIT}").text
    assert "draft" not in page.lower()
    assert ": handed in" not in page


def test_the_tracker_shows_one_unit_all_units_and_whom_to_call(office: Office) -> None:
    assert "No learners yet" in office.client.get(f"{office.address}/tracker").text
    office.story.learner("Sam Okafor")
    assert "criterion by criterion" in office.client.get(f"{office.address}/tracker").text
    assert "How far the cohort has come" in office.client.get(f"{office.address}/tracker?view=units").text
    assert "Nobody just now" in office.client.get(f"{office.address}/tracker?view=calls").text
    assert office.client.get(f"{office.address}/tracker?view=odd").status_code == 404
    assert office.client.get(f"{office.address}/tracker?unit=odd").status_code == 404


def test_a_quiet_learner_is_worth_a_call_and_one_who_waits_is_not(
    story: Story, client_for: Callable[[Any], Any], at: Callable[[Any], None]
) -> None:
    question = a_question(story)
    story.learner("Sam Okafor")
    _, waiting = story.learner("Dee Mistry")
    story.hand_in(waiting, question)
    admin, cohort = story.staff(Role.ADMIN), story.cohort()
    at(clock.now() + timedelta(days=20))
    page = client_for(admin).get(f"/office/cohorts/{cohort.id}/tracker?view=calls").text
    assert "Worth a call (1)" in page
    assert "Sam Okafor" in page
    assert "Dee Mistry" not in page


def test_the_number_of_queries_does_not_grow_with_the_cohort(office: Office, statements: list[str]) -> None:
    question = a_question(office.story)

    def queries_for(learners: int) -> int:
        for _ in range(learners):
            _, enrolment = office.story.learner()
            office.story.hand_in(enrolment, question)
        office.client.get(f"{office.address}/tracker")
        statements.clear()
        assert office.client.get(f"{office.address}/tracker").status_code == 200
        return len(statements)

    assert [queries_for(1), queries_for(5)] == [6, 6]


def test_the_spreadsheet_of_progress_has_every_unit_and_runs_nothing(office: Office) -> None:
    question = a_question(office.story)
    _, enrolment = office.story.learner('=HYPERLINK("http://example.org") Okafor')
    office.story.hand_in(enrolment, question)
    head, row = table(office.client.get(f"{office.address}/tracker.csv"))
    assert head[:4] == ["Learner", "Learner number", "Last step", "Turn"]
    assert any(cell.startswith("U6 ") for cell in head)
    assert any(cell.startswith("U1 ") for cell in head)
    assert row[0].startswith("'=HYPERLINK")
    assert row[3] == "with the assessor"
    assert "handed in" in row


def test_the_spreadsheet_of_learners_shows_addresses_to_the_office_only(
    office: Office, client_for: Callable[[Any], Any]
) -> None:
    person, _ = office.story.learner("Sam Okafor")
    head, row = table(office.client.get(f"{office.address}/learners.csv"))
    assert dict(zip(head, row, strict=True))["Email address"] == person.email
    for role in (Role.TUTOR, Role.ASSESSOR, Role.IQA, Role.LEAD_IQA):
        head, row = table(client_for(office.story.staff(role)).get(f"{office.address}/learners.csv"))
        assert "Email address" not in head
        assert person.email not in row


def test_exports_are_for_staff_whose_appointment_covers_the_cohort(
    office: Office, client_for: Callable[[Any], Any]
) -> None:
    other = office.story.cohort("Spring")
    elsewhere = client_for(office.story.staff(Role.ASSESSOR, cohort_id=other.id))
    assert elsewhere.get(f"{office.address}/tracker.csv").status_code == 404
    assert client_for(office.story.staff(Role.EQA)).get(f"{office.address}/tracker.csv").status_code == 403
    learner, _ = office.story.learner()
    assert client_for(learner).get(f"{office.address}/tracker.csv").status_code == 403


def test_an_assessor_of_one_unit_sees_that_unit(office: Office, client_for: Callable[[Any], Any]) -> None:
    office.story.learner()
    assessor = client_for(office.story.staff(Role.ASSESSOR, qualification=QUALIFICATION, unit=UNIT))
    head, _ = table(assessor.get(f"{office.address}/tracker.csv"))
    assert {cell.split()[0] for cell in head[4:]} == {"U6"}
    assert assessor.get(f"{office.address}/tracker?unit=01-the-peer-mentor-role").status_code == 404
    assert assessor.get(office.address).status_code == 403
