"""An appeal from the learner's phone to a new decision: who is refused, what is on hold, what the trail says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from assessors.appeals import queries as staff_queries
from assessors.marking.operations import leasing
from assessors.marking.queries import queue
from assessors.marking.queries.scope import Reader
from course import audit, clock, working_days
from course.access import Role
from course.audit import AuditEvent, Event
from course.cases import holds, queries
from course.cases.models import Appeal, AppealOutcome, Outcome, Stage
from course.cases.rules import State
from course.people.models import Centre, Person
from course.refusal import Refusal
from course.workbook import progress
from course.workbook import queries as work
from course.workbook.models import AccessEntry, Reopening
from course.workbook.progress import UnitState
from course.workbook.rules import State as QuestionState
from tests.course.adjustments.test_adjustments import agreed
from tests.support.appealed import WORDS, Disputed
from tests.support.appealed import disputed as another
from tests.support.house import sign_in
from tests.support.marked import FOOD, FOOD_UNIT, held, judge
from tests.support.story import Story
from tests.support.walking import asked, pages_of

QUESTION = "when-to-wash"


def actions(story: Story) -> list[str]:
    with story.reading() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def facts(story: Story, appeal_id: Any) -> Any:
    with story.reading() as session:
        return queries.appeal(session, appeal_id)


def test_a_learner_appeals_and_sees_by_when_they_hear(story: Story, app: Any, disputed: Disputed) -> None:
    phone = sign_in(app, disputed.learner.id)
    history = phone.get(f"/learn/{disputed.enrolment.id}/{FOOD_UNIT}/questions/{QUESTION}")
    page = phone.get(f"/learn/answers/{disputed.answer.id}/appeal").get_data(as_text=True)
    assert "you should hear within 5 working days" in page
    assert history.status_code == 200
    empty = phone.post(f"/learn/answers/{disputed.answer.id}/appeal", data={"words": " "})
    assert empty.status_code == 422
    made = phone.post(f"/learn/answers/{disputed.answer.id}/appeal", data={"words": WORDS})
    assert made.status_code == 303
    seen = phone.get(made.headers["Location"]).get_data(as_text=True)
    assert WORDS in seen
    assert "You should hear by" in seen
    with story.reading() as session:
        row = session.scalars(select(Appeal)).one()
        assert "second line" not in str(session.execute(text("SELECT * FROM appeal")).all())
        entry = session.scalars(select(AuditEvent).where(AuditEvent.action == Event.APPEAL_MADE)).one()
        assert (entry.subject, entry.enrolment) == (str(disputed.learner.id), str(disputed.enrolment.id))
        assert list(audit.verify(session)) == []
        found = queries.appeal(session, row.id)
    today = working_days.day_of(clock.now())
    assert (found.stage, found.state, found.due_on) == (Stage.ASSESSOR, State.OPEN, working_days.after(today, 5))
    again = phone.post(f"/learn/answers/{disputed.answer.id}/appeal", data={"words": WORDS})
    assert again.status_code == 409
    assert b"on hold already" in again.data


def test_each_stage_refuses_who_had_a_part_and_takes_somebody_else(story: Story, app: Any, disputed: Disputed) -> None:
    appeal_id = disputed.appeal()
    with pytest.raises(Refusal, match="You decided this"):
        disputed.decide(appeal_id, disputed.assessor, Role.ASSESSOR)
    bea = story.staff(Role.ASSESSOR, "Bea Long")
    tom, ruth = story.staff(Role.IQA, "Tom Hughes"), story.staff(Role.LEAD_IQA, "Ruth Adeyemi")
    with pytest.raises(Refusal, match="another assessor"):
        disputed.decide(appeal_id, tom, Role.IQA)
    disputed.decide(appeal_id, bea, Role.ASSESSOR)
    assert facts(story, appeal_id).state == State.ANSWERED
    disputed.go_on(appeal_id)
    disputed.decide(appeal_id, tom, Role.IQA)
    disputed.go_on(appeal_id)
    with pytest.raises(Refusal, match="had a part in this before"):
        disputed.decide(appeal_id, tom, Role.IQA)
    disputed.decide(appeal_id, ruth, Role.LEAD_IQA, Outcome.UPHELD)
    with story.reading() as session:
        reopened = session.scalars(select(Reopening)).one()
        assert (reopened.answer_id, reopened.reopened_by) == (disputed.answer.id, ruth.id)
        stages = session.scalars(select(AppealOutcome.stage).order_by(AppealOutcome.number)).all()
    assert stages == [Stage.ASSESSOR, Stage.IQA, Stage.INDEPENDENT]
    assert actions(story)[-2:] == [Event.APPEAL_DECIDED, Event.ANSWER_REOPENED]
    assert facts(story, appeal_id).state == State.UPHELD


def test_an_assessor_turned_iqa_is_refused_on_the_page_with_the_rules_sentence(
    story: Story, app: Any, disputed: Disputed
) -> None:
    appeal_id = disputed.appeal()
    disputed.decide(appeal_id, story.staff(Role.ASSESSOR, "Bea Long"), Role.ASSESSOR)
    disputed.go_on(appeal_id)
    story.appoint(disputed.assessor, Role.IQA)
    page = sign_in(app, disputed.assessor.id)
    seen = page.get(f"/quality/appeals/{appeal_id}")
    assert b"You decided this" in seen.data
    refused = page.post(f"/quality/appeals/{appeal_id}/outcome", data={"outcome": "upheld", "reason": "I was right."})
    assert refused.status_code == 409
    assert facts(story, appeal_id).is_open
    tom = sign_in(app, story.staff(Role.IQA, "Tom Hughes").id)
    assert tom.post(f"/quality/appeals/{appeal_id}/outcome", data={"outcome": "upheld"}).status_code == 422
    done = tom.post(f"/quality/appeals/{appeal_id}/outcome", data={"outcome": "upheld", "reason": "It does say when."})
    assert done.status_code == 303
    assert facts(story, appeal_id).state == State.UPHELD
    told = sign_in(app, disputed.learner.id).get(f"/learn/appeals/{appeal_id}").get_data(as_text=True)
    assert "It does say when." in told
    with story.reading() as session:
        looks = session.scalars(select(AccessEntry.purpose).where(AccessEntry.answer_id == disputed.answer.id)).all()
    assert set(looks) == {"appeal"}


def test_an_upheld_appeal_is_judged_anew_by_somebody_else(story: Story, disputed: Disputed) -> None:
    appeal_id = disputed.appeal()
    bea = story.staff(Role.ASSESSOR, "Bea Long")
    disputed.decide(appeal_id, bea, Role.ASSESSOR, Outcome.UPHELD)
    with pytest.raises(Refusal, match="somebody else judges this"):
        judge(story, disputed.answer, disputed.assessor)
    reader = Reader(disputed.assessor.id, held(story, disputed.assessor))
    with story.writing() as session:
        assert leasing.take_next(session, reader, queue.Filters()) is None
    judge(story, disputed.answer, bea)
    with story.reading() as session:
        found = work.answer_facts(session, disputed.answer.id)
    assert [one.number for one in found.decisions if one.criterion == found.criteria[0]] == [1, 2]
    assert all(one.is_achieved for one in found.returned.values())


def test_while_somebody_looks_nothing_overtakes_it(story: Story, app: Any, disputed: Disputed) -> None:
    appeal_id = disputed.appeal()
    with story.reading() as session:
        where = (disputed.enrolment.id, FOOD_UNIT)
        unit = progress.unit_progress(session, [disputed.enrolment.id], FOOD)[where]
        assert (unit.state, unit.questions[QUESTION], unit.achieved) == (
            UnitState.ON_HOLD,
            QuestionState.ON_HOLD,
            False,
        )
        with pytest.raises(Refusal, match="on hold"):
            holds.must_not_be_held(session, [where])
        holds.must_not_be_held(session, [(disputed.enrolment.id, "another-unit")])
    with pytest.raises(Refusal, match="on hold"):
        story.hand_in(disputed.enrolment, QUESTION, "Before and after.", unit=FOOD_UNIT)
    with pytest.raises(Refusal):
        judge(story, disputed.answer, story.staff(Role.ASSESSOR))
    lead = sign_in(app, story.staff(Role.LEAD_IQA).id)
    back = lead.post(f"/quality/answers/{disputed.answer.id}/reopening", data={"reason": "Look again."})
    assert back.status_code == 409
    assert b"on hold" in back.data
    phone = sign_in(app, disputed.learner.id)
    shown = phone.get(f"/learn/{disputed.enrolment.id}/{FOOD_UNIT}/1")
    assert shown.status_code == 200
    assert phone.post(f"/learn/appeals/{appeal_id}/replies", data={"reply": "And the third line."}).status_code == 303
    assert phone.post(f"/learn/appeals/{appeal_id}/withdrawal").status_code == 303
    story.hand_in(disputed.enrolment, QUESTION, "Before and after.", unit=FOOD_UNIT)
    assert facts(story, appeal_id).state == State.WITHDRAWN
    assert Event.APPEAL_REPLIED in actions(story)
    assert Event.APPEAL_WITHDRAWN in actions(story)


def test_the_awarding_organisations_answer_is_noted_with_date_and_reference(
    story: Story, app: Any, disputed: Disputed
) -> None:
    appeal_id = disputed.appeal()
    people = [(story.staff(Role.ASSESSOR), Role.ASSESSOR), (story.staff(Role.IQA), Role.IQA)]
    for person, role in people:
        disputed.decide(appeal_id, person, role)
        disputed.go_on(appeal_id)
    lead = story.staff(Role.LEAD_IQA)
    page = sign_in(app, lead.id)
    today = working_days.day_of(clock.now())
    early = {"sent_on": (today + timedelta(days=1)).isoformat(), "reference": "AO-7"}
    refused = page.post(f"/quality/appeals/{appeal_id}/sending", data=early)
    assert refused.status_code == 422
    assert "today or before" in refused.get_data(as_text=True)
    sent = {"sent_on": today.isoformat(), "reference": "AO-7"}
    assert page.post(f"/quality/appeals/{appeal_id}/sending", data=sent).status_code == 303
    assert "AO-7" in page.get(f"/quality/appeals/{appeal_id}").get_data(as_text=True)
    told = sign_in(app, disputed.learner.id).get(f"/learn/appeals/{appeal_id}").get_data(as_text=True)
    assert "Your centre sent it" in told
    heard = page.get(f"/quality/appeals/{appeal_id}").get_data(as_text=True)
    assert "What did they find?" in heard
    assert "What do you find?" not in heard
    assert "Say what you looked at" not in heard
    answer = {"outcome": "not-upheld", "reason": "They agree with the centre."}
    assert page.post(f"/quality/appeals/{appeal_id}/outcome", data=answer).status_code == 303
    assert facts(story, appeal_id).state == State.CLOSED
    with story.reading() as session:
        holds.must_not_be_held(session, [(disputed.enrolment.id, FOOD_UNIT)])
        assert list(audit.verify(session)) == []


def test_who_answers_too_late_reads_who_has_answered(story: Story, app: Any, disputed: Disputed) -> None:
    appeal_id = disputed.appeal()
    tom, nia = story.staff(Role.ASSESSOR, "Tom Reeve"), story.staff(Role.ASSESSOR, "Nia Bowen")
    disputed.decide(appeal_id, tom, Role.ASSESSOR)
    answer = {"outcome": "upheld", "reason": "The second line says when."}
    late = sign_in(app, nia.id).post(f"/quality/appeals/{appeal_id}/outcome", data=answer)
    assert late.status_code == 409
    assert "Tom Reeve has answered this appeal already" in late.get_data(as_text=True)
    assert "The second line says when." in late.get_data(as_text=True)
    assert facts(story, appeal_id).state == State.ANSWERED


def test_an_answer_to_one_stage_is_never_kept_as_that_of_the_next(story: Story, app: Any, disputed: Disputed) -> None:
    appeal_id = disputed.appeal()
    disputed.decide(appeal_id, story.staff(Role.ASSESSOR, "Tom Reeve"), Role.ASSESSOR)
    disputed.go_on(appeal_id)
    ruth, nia = story.staff(Role.IQA, "Ruth Adeyemi"), story.staff(Role.IQA, "Nia Bowen")
    open_page = sign_in(app, nia.id)
    assert 'name="begun" value="2"' in open_page.get(f"/quality/appeals/{appeal_id}").get_data(as_text=True)
    disputed.decide(appeal_id, ruth, Role.IQA)
    disputed.go_on(appeal_id)
    answer = {"outcome": "upheld", "reason": "The second line says when.", "begun": "2"}
    late = open_page.post(f"/quality/appeals/{appeal_id}/outcome", data=answer)
    assert late.status_code == 409
    assert "Ruth Adeyemi has answered this appeal already" in late.get_data(as_text=True)
    assert len(facts(story, appeal_id).found) == 2
    assert open_page.post(f"/quality/appeals/{appeal_id}/outcome", data=answer | {"begun": "3"}).status_code == 303


def test_what_is_due_comes_first_and_what_is_overdue_says_so(
    story: Story, app: Any, disputed: Disputed, monkeypatch: pytest.MonkeyPatch
) -> None:
    disputed.appeal()
    later = clock.now() + timedelta(days=20)
    reader = story.staff(Role.LEAD_IQA)
    page = sign_in(app, reader.id)
    assert b"Overdue" not in page.get("/quality/appeals").data
    with story.reading() as session:
        monkeypatch.setattr(clock, "now", lambda: later)
        now, ended = staff_queries.listed(session, held(story, reader), reader.id)
    assert [one.appeal.is_late for one in now] == [True]
    assert list(ended.lines) == []


def test_a_stage_that_ran_out_lets_the_learner_go_on_and_the_question_stays_on_hold(
    story: Story, app: Any, disputed: Disputed, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal_id = disputed.appeal()
    phone = sign_in(app, disputed.learner.id)
    early = phone.post(f"/learn/appeals/{appeal_id}/steps", data={"further": "Nobody answered."})
    assert early.status_code == 409
    assert "Somebody is looking at it now" in early.get_data(as_text=True)
    assert "Take it further" not in phone.get(f"/learn/appeals/{appeal_id}").get_data(as_text=True)
    later = clock.now() + timedelta(days=14)
    monkeypatch.setattr(clock, "now", lambda: later)
    phone = sign_in(app, disputed.learner.id)
    seen = phone.get(f"/learn/appeals/{appeal_id}").get_data(as_text=True)
    assert "You should have heard by" in seen
    assert "Next, an internal quality assurer would look at it." in seen
    assert phone.post(f"/learn/appeals/{appeal_id}/steps", data={"further": "Nobody answered."}).status_code == 303
    found = facts(story, appeal_id)
    assert (found.stage, found.state, found.found) == (Stage.IQA, State.OPEN, ())
    with story.reading() as session, pytest.raises(Refusal, match="on hold"):
        holds.must_not_be_held(session, [(disputed.enrolment.id, FOOD_UNIT)])
    assert actions(story)[-1] == Event.APPEAL_TAKEN_FURTHER
    assert "Another assessor: gave no answer" in phone.get(f"/learn/appeals/{appeal_id}").get_data(as_text=True)
    with pytest.raises(Refusal, match="an internal quality assurer answers"):
        disputed.decide(appeal_id, story.staff(Role.ASSESSOR, "Bea Long"), Role.ASSESSOR)
    disputed.decide(appeal_id, story.staff(Role.IQA, "Tom Hughes"), Role.IQA)
    assert facts(story, appeal_id).following == Stage.INDEPENDENT
    with story.reading() as session:
        holds.must_not_be_held(session, [(disputed.enrolment.id, FOOD_UNIT)])


def test_the_clock_follows_the_bank_holidays_of_the_centres_own_nation(
    story: Story, disputed: Disputed, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal_id = disputed.appeal()
    monkeypatch.setattr(queries.working_days, "day_of", lambda moment, zone="": date(2026, 11, 25))
    with story.writing() as session:
        session.get_one(Centre, disputed.cohort.centre_id).nation = "scotland"
    assert facts(story, appeal_id).due_on == date(2026, 12, 3)  # 30 November is Saint Andrew's Day
    with story.writing() as session:
        session.get_one(Centre, disputed.cohort.centre_id).nation = "england-and-wales"
    assert facts(story, appeal_id).due_on == date(2026, 12, 2)


def test_who_answers_sees_the_answer_the_decisions_their_guidance_and_the_adjustments_and_never_a_concern(
    story: Story, app: Any, cohort: Any
) -> None:
    learner, enrolment = story.learner("Ffion Davies", cohort=cohort)
    agreed(story, enrolment, story.staff(Role.TUTOR))
    joan, tom = story.staff(Role.ASSESSOR, "Joan Price"), story.staff(Role.IQA, "Tom Hughes")
    answer = story.hand_in(enrolment, QUESTION, "Before I touch food.", unit=FOOD_UNIT)
    assert sign_in(app, joan.id).post(f"/marking/answers/{answer.id}/concern").status_code == 303
    judge(story, answer, joan, achieved=False, feedback="Say when.")
    dispute = Disputed(story, learner, enrolment, cohort, joan, answer)
    appeal_id = dispute.appeal()
    page = sign_in(app, tom.id).get(f"/quality/appeals/{appeal_id}").get_data(as_text=True)
    for words in ("Before I touch food.", "Say when.", "made under version 1 of the guidance", "may be spoken"):
        assert words in page
    assert "concern" not in page.partition("<main")[2].partition("</main")[0].lower()
    with story.reading() as session:
        opened = session.scalars(select(AccessEntry).where(AccessEntry.person_id == tom.id)).all()
        assert {(one.answer_id, one.purpose) for one in opened} >= {(answer.id, "appeal")}


def test_an_appeal_of_another_centre_or_learner_does_not_exist(story: Story, app: Any, disputed: Disputed) -> None:
    appeal_id = disputed.appeal()
    there: Person = story.staff(Role.LEAD_IQA, centre=story.centre("Hill House"))
    stranger = sign_in(app, there.id)
    assert stranger.get(f"/quality/appeals/{appeal_id}").status_code == 404
    answer = {"outcome": "upheld", "reason": "Yes."}
    assert stranger.post(f"/quality/appeals/{appeal_id}/outcome", data=answer).status_code == 404
    other, _ = story.learner("Bo Ash", cohort=disputed.cohort)
    assert sign_in(app, other.id).get(f"/learn/appeals/{appeal_id}").status_code == 404
    assert sign_in(app, other.id).get(f"/learn/answers/{disputed.answer.id}/appeal").status_code == 404
    assert sign_in(app, other.id).post(f"/learn/appeals/{appeal_id}/withdrawal").status_code == 404


def test_every_appeal_that_ended_is_found_page_by_page_in_as_many_queries(
    story: Story, app: Any, cohort: Any, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bea, ended, counts = story.staff(Role.ASSESSOR, "Bea Long"), [], []
    page = sign_in(app, bea.id)
    for _ in range(3):
        found = another(story, cohort)
        ended.append(found.appeal())
        found.decide(ended[-1], bea, Role.ASSESSOR, Outcome.UPHELD)
        counts.append(asked(page, "/quality/appeals", statements))
    assert len(set(counts)) == 1, counts
    monkeypatch.setattr(staff_queries, "PAGE", 2)
    pages = pages_of(page, "/quality/appeals")
    assert [[one for one in ended if str(one) in text] for text in pages] == [ended[1:], ended[:1]]
