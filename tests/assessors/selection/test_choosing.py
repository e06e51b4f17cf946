"""Choosing: two people score blind, gaps show, people agree for a reason, and whoever knows somebody stands aside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from assessors.selection.models import CriterionScore, Scoring, SelectionDecision, SelectorConflict, Waiver
from assessors.selection.operations import deciding
from assessors.selection.operations.deciding import Skipped
from assessors.selection.rules import Outcome, Tie
from course import clock, jobs
from course.access import Role
from course.audit import Event
from course.people.models import Person
from course.refusal import Refusal
from course.special_log import SpecialOpening
from tests.support.applicants import SCORED, WORDS, Selecting, centre_policy, put_in_force, selecting, whole_words
from tests.support.story import Story


def page_of(client: Any, application: Any) -> str:
    answer = client.get(f"/selection/applications/{application.id}")
    assert answer.status_code == 200, answer.status_code
    return str(answer.get_data(as_text=True))


def scores(value: int | str = 3, note: str = "") -> dict[str, str]:
    return {f"score-{key}": str(value) for key in SCORED} | {"note-why-mentor": note}


# -- scoring ---------------------------------------------------------------------------------------------------------


def test_a_score_is_saved_once_with_its_entry(choosing: Selecting, story: Story, client_for: Any) -> None:
    application = choosing.applied("Ann Lee")
    client = client_for(choosing.first)
    address = f"/selection/applications/{application.id}/scoring"
    missing = client.post(address, data={"score-why-mentor": "2", "note-why-mentor": "Kept words"})
    assert missing.status_code == 422
    assert "Kept words" in missing.get_data(as_text=True)
    assert client.post(address, data=scores("not-asked")).status_code == 303
    assert client.post(address, data=scores(3)).status_code == 409
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Scoring)) == 1
        assert set(session.scalars(select(CriterionScore.score))) == {None}
    assert choosing.entries(Event.APPLICATION_SCORED) == 1


def test_the_second_cannot_see_the_first_until_saved(choosing: Selecting, client_for: Any) -> None:
    application = choosing.applied("Ann Lee")
    choosing.score(application, choosing.first, 0)
    second = client_for(choosing.second)
    blind = page_of(second, application)
    listed = second.get(f"/selection/cohorts/{choosing.cohort.id}").get_data(as_text=True)
    for words in ("A secret note.", "Fay Hope", "0 of 3", "Nothing of it yet.", "Not met", "0 of 9"):
        assert words not in blind, words
        assert words not in listed, words
    assert "Reasons for mentoring" not in listed, "a flag on what is scored would tell the other's score"
    assert "Reasons for mentoring" not in blind.split("To look at")[1].split("Do you know them?")[0]
    choosing.score(application, choosing.second, 3)
    seen = page_of(second, application)
    for words in ("A secret note.", "Fay Hope", "They differ: talk about this"):
        assert words in seen


def test_flags_and_gaps_show_at_a_glance(choosing: Selecting, client_for: Any) -> None:
    application = choosing.applied("Ann Lee", whole_words(confirmed=()))
    choosing.score(application, choosing.first, 0)
    choosing.score(application, choosing.second, {**dict.fromkeys(SCORED, 3), "conversation": Skipped.NOT_ASKED})
    page = client_for(choosing.first).get(f"/selection/cohorts/{choosing.cohort.id}").get_data(as_text=True)
    row = page.split("Ann Lee")[1].split("</tr>")[0]
    assert "Ready for supervision" in row
    assert "Gaps: 2" in row
    assert "6 of 15" in row


def test_after_saving_the_next_application_opens(choosing: Selecting, client_for: Any) -> None:
    first, second = choosing.applied("Ann Lee"), choosing.applied("Bo Dean")
    client = client_for(choosing.first)
    went = client.post(f"/selection/applications/{first.id}/scoring", data=scores())
    assert went.headers["Location"].endswith(f"/selection/applications/{second.id}")
    went = client.post(f"/selection/applications/{second.id}/scoring", data=scores())
    assert went.headers["Location"].endswith(f"/selection/cohorts/{choosing.cohort.id}")


def test_the_list_asks_as_many_questions_of_the_database_for_many_as_for_few(
    choosing: Selecting, client_for: Any, statements: list[str]
) -> None:
    client = client_for(choosing.first)
    counts = []
    for size in (1, 4):
        for number in range(size):
            choosing.scored(f"Ann{size} Number{number}")
        statements.clear()
        client.get(f"/selection/cohorts/{choosing.cohort.id}")
        counts.append(len(statements))
    assert counts[0] == counts[1]


# -- agreeing --------------------------------------------------------------------------------------------------------


def test_the_home_asks_as_many_questions_of_the_database_for_many_cohorts_as_for_one(
    choosing: Selecting, story: Story, client_for: Any, statements: list[str]
) -> None:
    """Also where each cohort has criteria of its own, and drafts."""
    client = client_for(choosing.first)

    def queries() -> int:
        client.get("/selection")
        statements.clear()
        page = client.get("/selection").get_data(as_text=True)
        assert "Autumn" in page
        return len(statements)

    choosing.applied("Ann Lee")
    choosing.draft("Bo Dean")
    few = queries()
    policy = centre_policy()
    for number in range(4):
        cohort = story.cohort(f"Winter {number}")
        put_in_force(story, policy.model_copy(update={"turnaround": 6 + number}), cohort)
        there = Selecting(story, cohort, choosing.first, choosing.second, choosing.appointments)
        there.applied(f"Cy N{number}")
        there.draft(f"Di N{number}")
    assert queries() == few


def test_an_outcome_needs_two_scores_a_reason_and_a_person(choosing: Selecting, story: Story, client_for: Any) -> None:
    application = choosing.applied("Ann Lee")
    choosing.score(application, choosing.first)
    client = client_for(choosing.first)
    address = f"/selection/applications/{application.id}/decision"
    given = {"outcome": "offer", "reason": "You know how to listen."}
    assert client.post(address, data=given).status_code == 409
    choosing.score(application, choosing.second)
    assert client.post(address, data={"outcome": "offer", "reason": "  "}).status_code == 422
    assert client.post(address, data={"outcome": "defer", "reason": "Later."}).status_code == 422
    assert client.post(address, data=given).status_code == 303
    with story.reading() as session:
        row = session.scalars(select(SelectionDecision)).one()
    assert (row.number, row.outcome, row.decided_by) == (1, "offer", choosing.first.id)
    assert choosing.entries(Event.PLACE_DECIDED) == 1


def test_a_stale_page_decides_nothing_and_shows_what_was_decided_meanwhile(
    choosing: Selecting, client_for: Any
) -> None:
    application = choosing.scored("Ann Lee")
    first, second = client_for(choosing.first), client_for(choosing.second)
    address = f"/selection/applications/{application.id}"
    assert 'name="seen" value="0"' in page_of(first, application)
    decline = {"outcome": "decline", "reason": "Places are few this time.", "seen": "0"}
    offer = {"outcome": "offer", "reason": "You know how to listen.", "seen": "0"}
    assert second.post(f"{address}/decision", data=decline).status_code == 303
    stale = first.post(f"{address}/decision", data=offer)
    said = stale.get_data(as_text=True)
    assert stale.status_code == 409
    for words in ("decided while you had the page open", "No place this time: Sid Reed", "Places are few this time.",
                  "You know how to listen.", 'name="seen" value="1"'):  # fmt: skip
        assert words in said, words
    assert choosing.found(application).standing == "declined"
    assert choosing.entries(Event.PLACE_DECIDED) == 1
    assert first.post(f"{address}/decision", data={**offer, "seen": "x" * 9}).status_code == 409
    with choosing.acting(application) as (session, found), pytest.raises(Refusal, match="had the page open"):
        deciding.decide(session, found, Outcome.OFFER, "Why.", seen=0, by=choosing.by(choosing.first))
    assert first.post(f"{address}/decision", data={**offer, "seen": "1"}).status_code == 303, "read, and still meant"
    assert choosing.found(application).standing == "offered"
    assert choosing.entries(Event.PLACE_DECIDED) == 2


@pytest.mark.parametrize(
    ("until", "problem"),
    [
        ("", "Give the day on which you look again."),
        ("2020-01-31", "Give the day on which you look again, after today."),
        ("soon", "Enter the day as year, month and day: 2026-12-01."),
    ],
)
def test_a_wrong_day_to_look_again_is_one_problem_in_the_form(
    choosing: Selecting, client_for: Any, until: str, problem: str
) -> None:
    application = choosing.scored("Ann Lee")
    data = {"outcome": "defer", "until": until, "reason": "Come and talk to us.", "seen": "0"}
    wrong = client_for(choosing.first).post(f"/selection/applications/{application.id}/decision", data=data)
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    assert "Come and talk to us." in page
    assert problem in page
    others = [start for start in ("Give the day on which", "Enter the day as") if not problem.startswith(start)]
    assert not [one for one in others if one in page], "one problem, said once"
    assert choosing.found(application).standing == "to-agree"


def test_a_later_outcome_takes_the_place_of_an_earlier_one(choosing: Selecting) -> None:
    application = choosing.scored("Ann Lee")
    choosing.decide(application, Outcome.WAITLIST, reason="Full at present.")
    choosing.decide(application, Outcome.OFFER)
    found = choosing.found(application)
    assert [one.outcome for one in found.decisions] == ["waitlist", "offer"]
    assert found.standing == "offered"


def test_somebody_deferred_comes_back_into_the_list_on_the_day(choosing: Selecting, client_for: Any, at: Any) -> None:
    application = choosing.scored("Ann Lee")
    day = clock.now() + timedelta(days=40)
    choosing.decide(application, Outcome.DEFER, reason="Come and talk to us in January.", until=day.date())
    address = f"/selection/cohorts/{choosing.cohort.id}"
    assert "Look again on" in client_for(choosing.first).get(address).get_data(as_text=True)
    at(day)
    page = client_for(choosing.first).get(address).get_data(as_text=True)
    assert "Look again now" in page
    assert "Agree on the next one" in page
    assert choosing.found(application).standing == "deferred", "a day decides nothing"


def test_no_rule_refuses_anybody_by_itself(choosing: Selecting, story: Story, at: Any) -> None:
    """Everything is flagged, two people gave nothing, months go by and every job runs: nobody has been refused."""
    application = choosing.scored("Ann Lee", whole_words(confirmed=(), dates={"steady-time": "2099-01-01"}), score=0)
    assert len(choosing.found(application).flags) == 6
    later = clock.now() + timedelta(days=200)
    at(later)
    jobs.run_due(story.app)
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(SelectionDecision)) == 0
    assert choosing.found(application).standing == "to-agree"


def test_what_is_required_is_waived_by_two_people_for_a_reason(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.scored("Ann Lee", whole_words(confirmed=()))
    first, second = client_for(choosing.first), client_for(choosing.second)
    address = f"/selection/applications/{application.id}"
    offer = {"outcome": "offer", "reason": "You know how to listen."}
    refused = first.post(f"{address}/decision", data=offer)
    assert refused.status_code == 422
    assert "Ready for supervision" in refused.get_data(as_text=True)
    assert "You know how to listen." in refused.get_data(as_text=True)
    asked = {"waiver-criterion": "agree-to-supervision", "waiver-reason": "She asked us how it works, and wants it."}
    assert first.post(f"{address}/waivers", data={**asked, "waiver-reason": " "}).status_code == 422
    assert first.post(f"{address}/waivers", data=asked).status_code == 303
    with story.reading() as session:
        waiver = session.scalars(select(Waiver)).one()
    agreement = f"{address}/waivers/{waiver.id}/agreement"
    assert first.post(agreement).status_code == 409, "not by whoever asked"
    assert first.post(f"{address}/decision", data=offer).status_code == 422, "asked for is not agreed"
    assert second.post(agreement).status_code == 303
    assert second.post(agreement).status_code == 409
    assert first.post(f"{address}/decision", data=offer).status_code == 303
    assert (choosing.entries(Event.WAIVER_ASKED), choosing.entries(Event.WAIVER_AGREED)) == (1, 1)


def test_a_selector_notes_only_a_day(choosing: Selecting, client_for: Any) -> None:
    application = choosing.applied("Ann Lee", whole_words(dates={}))
    assert "steady-time" in {one.criterion.key for one in choosing.found(application).flags}
    client, address = client_for(choosing.first), f"/selection/applications/{application.id}/eligible-date"
    day = (clock.now().date() - timedelta(days=3)).isoformat()
    assert client.post(address, data={"criterion": "steady-time"}).status_code == 422
    assert client.post(address, data={"criterion": "why-mentor", "from_date": day}).status_code == 409
    assert client.post(address, data={"criterion": "steady-time", "from_date": day}).status_code == 303
    assert "steady-time" not in {one.criterion.key for one in choosing.found(application).flags}
    assert choosing.entries(Event.ELIGIBLE_DATE_NOTED) == 1


# -- conflicts -------------------------------------------------------------------------------------------------------


def test_whoever_knows_the_applicant_does_not_read_score_or_decide(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.scored("Ann Lee")
    third = choosing.selector("Tia Moss")
    client, address = client_for(third), f"/selection/applications/{application.id}"
    assert client.post(f"{address}/conflict").status_code == 422
    assert client.post(f"{address}/conflict", data={"tie": Tie.HOUSING.value}).status_code == 303
    assert client.post(f"{address}/conflict", data={"tie": Tie.HOUSING.value}).status_code == 409
    refused = client.get(address)
    assert refused.status_code == 409
    assert WORDS not in refused.get_data(as_text=True)
    for verb, data in (("scoring", scores()), ("decision", {"outcome": "decline", "reason": "No."})):
        assert client.post(f"{address}/{verb}", data=data).status_code == 409, verb
    assert client.post(f"{address}/references/keyworker-view").status_code == 409
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(SelectorConflict)) == 1
        assert session.scalar(select(func.count()).select_from(SelectionDecision)) == 0
    assert choosing.entries(Event.SELECTOR_CONFLICT_DECLARED) == 1


def test_a_tie_holds_for_every_application_and_check_of_a_person(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.applied("Ann Lee")
    client = client_for(choosing.first)
    client.post(f"/selection/applications/{application.id}/conflict", data={"tie": Tie.SUPPORT.value})
    later = selecting(story, name="Spring")
    later.appointments[choosing.first.id] = choosing.appointments[choosing.first.id]
    with story.reading() as session:
        again = later.applied(person=session.get_one(Person, application.person_id))
    assert client.get(f"/selection/applications/{again.id}").status_code == 409
    address = f"/selection/cohorts/{later.cohort.id}/people/{application.person_id}/checks"
    assert client.get(address).status_code == 409
    data = {"criterion": "dbs", "decision": "accepted", "seen_on": clock.now().date().isoformat()}
    assert client.post(address, data=data).status_code == 409
    with later.acting(again) as (session, found), pytest.raises(Refusal, match="know this person"):
        deciding.score(session, found, deciding.Scores(dict.fromkeys(SCORED, 2), {}), by=later.by(choosing.first))


def test_nobody_scores_or_decides_on_themselves(choosing: Selecting, client_for: Any) -> None:
    application = choosing.applied(person=choosing.first)
    client = client_for(choosing.first)
    assert client.get(f"/selection/applications/{application.id}").status_code == 409
    assert client.post(f"/selection/applications/{application.id}/scoring", data=scores()).status_code == 409


# -- who may see -----------------------------------------------------------------------------------------------------


def test_only_a_selector_in_scope_reads_an_application(choosing: Selecting, story: Story, client_for: Any) -> None:
    application = choosing.applied("Ann Lee")
    address = f"/selection/applications/{application.id}"
    for role in set(Role) - {Role.SELECTOR, Role.LEARNER}:
        assert client_for(story.staff(role)).get(address).status_code == 403, role
    assert client_for(story.learner(cohort=choosing.cohort)[0]).get(address).status_code == 403
    elsewhere = story.staff(Role.SELECTOR, centre=story.centre("Hill House"))
    other = choosing.selector(cohort_id=story.cohort("Another").id)
    for stranger in (elsewhere, other):
        client = client_for(stranger)
        for path in (address, f"{address}/conflict", f"/selection/cohorts/{choosing.cohort.id}",
                     f"/selection/cohorts/{choosing.cohort.id}/checks"):  # fmt: skip
            assert client.get(path).status_code == 404, path
        for path in ("scoring", "decision", "waivers", "conflict", "eligible-date", "references/keyworker-view"):
            assert client.post(f"{address}/{path}", data=scores()).status_code == 404, path


def test_each_opening_is_written_down_and_the_applicant_sees_it(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    application = choosing.applied("Ann Lee")
    applicant = client_for(application.person_id)
    assert "Nobody else yet." in applicant.get(f"/applications/{application.id}").get_data(as_text=True)
    client = client_for(choosing.first)
    client.get(f"/selection/cohorts/{choosing.cohort.id}")
    assert choosing.entries(Event.EVIDENCE_OPENED) == 0, "the list opens no words"
    for _ in range(2):
        page_of(client, application)
    with story.reading() as session:
        row = session.scalars(select(SpecialOpening)).one()
    assert (row.owner_id, row.opened_by, row.role) == (application.id, choosing.first.id, "selector")
    assert choosing.entries(Event.EVIDENCE_OPENED) == 1
    assert "Fay, selector" in applicant.get(f"/applications/{application.id}").get_data(as_text=True)
    assert choosing.entries(Event.EVIDENCE_OPENED) == 1, "one's own words are no look"


def test_a_page_of_special_evidence_is_not_shown_when_the_look_cannot_be_written(
    choosing: Selecting, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from course import special_log

    application = choosing.applied("Ann Lee")

    def broken(_owners: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(special_log, "write", broken)
    refused = client_for(choosing.first).get(f"/selection/applications/{application.id}")
    assert refused.status_code == 503
    assert WORDS not in refused.get_data(as_text=True)
