"""A case from opening to outcome: what is on hold, what stops, who is told what, and who may close it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from assessors.authenticity.operations import compare_due
from assessors.conduct import queries as staff_queries
from assessors.quality import operations as quality
from course import audit, clock, working_days
from course.access import Role
from course.audit import AuditEvent, Event
from course.cases import conduct, holds
from course.cases.models import ConductCase
from course.enrolment.models import Enrolment
from course.records import operations as records
from course.refusal import Refusal
from course.workbook import progress
from course.workbook.models import AccessEntry
from course.workbook.progress import UnitState
from tests.assessors.authenticity.test_rules import MINE
from tests.support.house import sign_in
from tests.support.marked import FOOD, FOOD_UNIT, achieved_unit, actor, food_cohort, released_unit
from tests.support.story import Story
from tests.support.walking import asked, pages_of

NOTED = "The second paragraph is word for word as in another answer."
TOLD = "We ask how this answer was written. Nothing is decided. You can reply."
FORM = {"kind": "malpractice", "noted": NOTED, "told": TOLD}


def opened(story: Story, app: Any, done: Any, *, whole: bool = False) -> UUID:
    """The assessor opens a case about the first answer, or about all of a learner's work."""
    page = sign_in(app, done.assessor.id)
    path = f"/quality/learners/{done.enrolment.id}/case" if whole else f"/quality/answers/{done.answers[0].id}/case"
    assert page.get(path).status_code == 200
    assert page.post(path, data=FORM | {"noted": ""}).status_code == 422
    assert page.post(path, data=FORM).status_code == 303
    with story.reading() as session:
        found: UUID = session.scalars(select(ConductCase.id)).one()
        return found


def unit_of(story: Story, done: Any) -> Any:
    with story.reading() as session:
        return progress.unit_progress(session, [done.enrolment.id], FOOD)[done.enrolment.id, FOOD_UNIT]


@pytest.mark.parametrize("whole", [False, True])
def test_an_open_case_stops_batches_and_the_outcome_lifts_it(story: Story, app: Any, whole: bool) -> None:
    done = achieved_unit(story)
    case_id = opened(story, app, done, whole=whole)
    assert unit_of(story, done).state == UnitState.ON_HOLD
    by = actor(story, done.iqa, Role.IQA)
    with story.writing() as session, pytest.raises(Refusal, match="on hold"):
        records.make_batch(session, done.cohort, [done.unit], by=by)
    ruth = sign_in(app, story.staff(Role.LEAD_IQA, "Ruth Adeyemi").id)
    outcome = {"finding": "nothing-found", "reason": "Both used the handout.", "told": "Nothing was found."}
    read = ruth.get(f"/quality/cases/{case_id}").get_data(as_text=True)
    assert f"{done.assessor.name} wrote" in read
    assert f"{done.assessor.name} answered" not in read
    assert ruth.post(f"/quality/cases/{case_id}/outcome", data=outcome | {"told": ""}).status_code == 422
    assert ruth.post(f"/quality/cases/{case_id}/outcome", data=outcome).status_code == 303
    assert unit_of(story, done).state == UnitState.ACHIEVED
    with story.writing() as session:
        records.make_batch(session, done.cohort, [done.unit], by=by)
    with story.reading() as session:
        told = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == str(done.learner.id))).all()
        assert {Event.CASE_OPENED, Event.CASE_CLOSED} <= set(told)
        assert list(audit.verify(session)) == []


def test_it_stops_a_release_and_a_record_too(story: Story, app: Any) -> None:
    done = achieved_unit(story)
    by = actor(story, done.iqa, Role.IQA)
    with story.writing() as session:
        batch = records.make_batch(session, done.cohort, [done.unit], by=by)
    opened(story, app, done)
    with story.writing() as session, pytest.raises(Refusal, match="on hold"):
        quality.release(session, session.merge(batch), "All was looked at.", "", by=by)
    out = released_unit(story, "Bo Ash")
    with story.reading() as session:
        assert not holds.holds_of(session, [out.enrolment.id])
    page = sign_in(app, out.assessor.id)
    assert page.post(f"/quality/learners/{out.enrolment.id}/case", data=FORM).status_code == 303
    by = actor(story, story.staff(Role.ADMIN), Role.ADMIN)
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, out.enrolment.id)
        with pytest.raises(Refusal, match="on hold"):
            records.issue_unit_statement(session, enrolment, FOOD_UNIT, by=by)


def test_the_learner_reads_what_they_are_told_replies_and_never_reads_what_staff_noted(story: Story, app: Any) -> None:
    done = achieved_unit(story)
    case_id = opened(story, app, done)
    phone = sign_in(app, done.learner.id)
    assert "Questions about your work" in phone.get("/learn/appeals").get_data(as_text=True)
    seen = phone.get(f"/learn/cases/{case_id}").get_data(as_text=True)
    assert TOLD in seen
    assert NOTED not in seen
    assert phone.post(f"/learn/cases/{case_id}/replies", data={"reply": ""}).status_code == 422
    said = {"reply": "We both copied the handout."}
    assert phone.post(f"/learn/cases/{case_id}/replies", data=said).status_code == 303
    shown = phone.get(f"/learn/{done.enrolment.id}/{FOOD_UNIT}/1").get_data(as_text=True)
    assert "on hold" in shown
    staff = sign_in(app, story.staff(Role.LEAD_IQA).id)
    page = staff.get(f"/quality/cases/{case_id}").get_data(as_text=True)
    assert NOTED in page
    assert "We both copied the handout." in page
    with story.reading() as session:
        facts = conduct.case(session, case_id)
        stored = str(session.execute(text("SELECT * FROM conduct_case")).all())
    assert facts.due_on == working_days.after(today(), 20)
    assert "word for word" not in stored


def today() -> date:
    return working_days.day_of(clock.now())


def test_who_opened_it_or_had_a_part_is_refused_whatever_other_role_they_hold(story: Story, app: Any) -> None:
    done = achieved_unit(story)
    case_id = opened(story, app, done)
    story.appoint(done.assessor, Role.LEAD_IQA)
    outcome = {"finding": "found", "reason": "It is so.", "told": "The rules were not kept."}
    for person, sentence in ((done.assessor, b"You decided this"), (done.iqa, b"You reviewed this")):
        page = sign_in(app, person.id)
        assert sentence in page.get(f"/quality/cases/{case_id}").data
        refused = page.post(f"/quality/cases/{case_id}/outcome", data=outcome)
        assert refused.status_code == 409
        assert sentence in refused.data
    with story.reading() as session:
        assert conduct.case(session, case_id).is_open


def alike(story: Story, app: Any) -> tuple[Any, Any, Any]:
    """Two learners whose answers are alike, and an open case about the second one's."""
    cohort = food_cohort(story)
    (_, one), (_, other) = (story.learner(name, cohort=cohort) for name in ("Ffion Davies", "Bo Ash"))
    first, second = (story.hand_in(each, "when-to-wash", MINE, unit=FOOD_UNIT) for each in (other, one))
    assert compare_due(app) == ["Answers compared: 2."]
    joan = sign_in(app, story.staff(Role.ASSESSOR, "Joan Price").id)
    assert joan.post(f"/quality/answers/{second.id}/case", data=FORM).status_code == 303
    with story.reading() as session:
        return session.scalars(select(ConductCase.id)).one(), first, second


def test_who_may_close_it_reads_the_answer_and_the_other_half_and_the_writer_sees_that(story: Story, app: Any) -> None:
    case_id, first, second = alike(story, app)
    ruth = story.staff(Role.LEAD_IQA, "Ruth Adeyemi")
    page = sign_in(app, ruth.id)
    seen = page.get(f"/quality/cases/{case_id}").get_data(as_text=True)
    assert MINE[:40] in seen
    assert f"/quality/cases/{case_id}/answers/{first.id}" in seen
    other = page.get(f"/quality/cases/{case_id}/answers/{first.id}").get_data(as_text=True)
    assert "This is somebody else’s answer" in other
    with story.reading() as session:
        looks = session.scalars(select(AccessEntry).where(AccessEntry.person_id == ruth.id)).all()
    assert {(one.answer_id, one.purpose) for one in looks} == {(first.id, "case"), (second.id, "case")}
    outcome = {"finding": "nothing-found", "reason": "The handout.", "told": "Nothing was found."}
    assert page.post(f"/quality/cases/{case_id}/outcome", data=outcome).status_code == 303
    assert page.get(f"/quality/cases/{case_id}/answers/{first.id}").status_code == 409
    assert page.get(f"/quality/cases/{case_id}/answers/{second.id}").status_code == 200


def test_nobody_else_reads_the_other_half(story: Story, app: Any) -> None:
    case_id, first, _ = alike(story, app)
    address = f"/quality/cases/{case_id}/answers/{first.id}"
    taught = story.staff(Role.IQA, "Tom Hughes")
    story.appoint(taught, Role.TUTOR)
    page = sign_in(app, taught.id)
    assert page.get(address).status_code == 409
    assert address not in page.get(f"/quality/cases/{case_id}").get_data(as_text=True)
    assert sign_in(app, story.staff(Role.ASSESSOR, "Bea Long").id).get(address).status_code == 403
    there = sign_in(app, story.staff(Role.LEAD_IQA, centre=story.centre("Hill House")).id)
    assert there.get(address).status_code == 404
    lead = sign_in(app, story.staff(Role.LEAD_IQA).id)
    _, enrolment = story.learner("Cai Moss")
    answer = story.hand_in(enrolment, "why-goals-are-theirs", "Their own words.")
    assert lead.get(f"/quality/cases/{case_id}/answers/{answer.id}").status_code == 404


def test_a_case_about_all_work_leads_to_each_answer(story: Story, app: Any) -> None:
    done = achieved_unit(story)
    case_id = opened(story, app, done, whole=True)
    page = sign_in(app, story.staff(Role.LEAD_IQA, "Ruth Adeyemi").id)
    seen = page.get(f"/quality/cases/{case_id}").get_data(as_text=True)
    for answer in done.answers:
        address = f"/quality/cases/{case_id}/answers/{answer.id}"
        assert address in seen
        assert page.get(address).status_code == 200


def test_a_case_of_another_centre_or_learner_does_not_exist(story: Story, app: Any) -> None:
    done = achieved_unit(story)
    case_id = opened(story, app, done)
    there = sign_in(app, story.staff(Role.LEAD_IQA, centre=story.centre("Hill House")).id)
    assert there.get(f"/quality/cases/{case_id}").status_code == 404
    assert there.post(f"/quality/answers/{done.answers[0].id}/case", data=FORM).status_code == 404
    assert there.post(f"/quality/learners/{done.enrolment.id}/case", data=FORM).status_code == 404
    other, _ = story.learner("Bo Ash", cohort=done.cohort)
    assert sign_in(app, other.id).get(f"/learn/cases/{case_id}").status_code == 404
    assert NOTED not in sign_in(app, other.id).get("/learn/appeals").get_data(as_text=True)


def test_every_closed_case_is_found_page_by_page_in_as_many_queries(
    story: Story, app: Any, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lead, closed, counts = sign_in(app, story.staff(Role.LEAD_IQA, "Ruth Adeyemi").id), [], []
    outcome = {"finding": "nothing-found", "reason": "Both used the handout.", "told": "Nothing was found."}
    for name in ("Ann Ash", "Bo Birch"):
        done = achieved_unit(story, name)
        page = sign_in(app, done.assessor.id)
        assert page.post(f"/quality/answers/{done.answers[0].id}/case", data=FORM).status_code == 303
        with story.reading() as session:
            closed += session.scalars(select(ConductCase.id).where(ConductCase.id.not_in(closed))).all()
        assert lead.post(f"/quality/cases/{closed[-1]}/outcome", data=outcome).status_code == 303
        counts.append(asked(lead, "/quality/cases", statements))
    assert len(set(counts)) == 1, counts
    monkeypatch.setattr(staff_queries, "PAGE", 1)
    pages = pages_of(lead, "/quality/cases")
    assert [[one for one in closed if str(one) in text] for text in pages] == [closed[1:], closed[:1]]
