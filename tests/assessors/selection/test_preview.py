"""Criteria are tried on past applicants before they are put in force: counts by group, none about one person."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from assessors.selection.preview import preview
from assessors.selection.queries import applications as queries
from assessors.selection.rules import Outcome
from assessors.selection.words import ApplicationWords
from course import clock
from course.access import Role
from course.audit import INSTALLER, Event
from course.enrolment import queries as enrolments
from course.enrolment.models import PolicyInForce
from course.enrolment.policy import CompiledPolicy
from course.enrolment.publishing import publish_for_centre
from tests.support.applicants import Selecting, centre_policy, put_in_force, selecting, whole_words
from tests.support.story import Story


def with_days(days: int) -> CompiledPolicy:
    """The centre's policy with another length of time, as its only criterion."""
    policy = centre_policy()
    steady = next(one for one in policy.selection if one.key == "steady-time")
    return policy.model_copy(update={"selection": (steady.model_copy(update={"days": days}),)})


def past(choosing: Selecting, counts: dict[tuple[str, bool, bool], int]) -> None:
    """Past applicants, as {(gender, starts in time, was offered): how many}. In time: by a day under 90 days' rule."""
    today = clock.now().date()
    for (gender, in_time, offered), count in counts.items():
        for number in range(count):
            start = today if in_time else today + timedelta(days=20)
            application = choosing.scored(f"{gender.title()} N{in_time:d}{offered:d}{number}", whole_words(start))
            choosing.decide(application, Outcome.OFFER if offered else Outcome.DECLINE)
            if gender != "none":
                choosing.tell(application, gender=gender)


def tried(choosing: Selecting, policy: CompiledPolicy, against: CompiledPolicy | None = None) -> Any:
    with choosing.story.reading() as session:
        return preview(session, queries.of_cohort(session, choosing.cohort), policy, against)


def test_it_counts_who_would_have_been_flagged_and_who_had_been_offered(choosing: Selecting) -> None:
    past(choosing, {("woman", True, True): 5, ("man", False, True): 5})
    found = tried(choosing, with_days(90))
    assert found.applicants == 10
    assert found.whole.total == (5, 0, 5, 0)
    assert tried(choosing, with_days(120)).whole.total == (10, 0, 0, 0), "a longer time reaches more people"
    assert found.by_group["gender"].shown == {}, "each group has a count of nought where others do not"


def test_the_difference_from_what_is_in_force_shows_only_if_large(choosing: Selecting) -> None:
    past(choosing, {("woman", True, True): 5, ("man", False, True): 5})
    assert tried(choosing, with_days(120), with_days(90)).changes == (5, 5, 0, 0)
    past(choosing, {("man", True, False): 1})
    assert tried(choosing, with_days(60), with_days(90)).changes is not None
    assert tried(choosing, with_days(90), with_days(110)).changes is not None


def test_small_counts_are_hidden_everywhere(choosing: Selecting, client_for: Any) -> None:
    past(choosing, {("woman", True, True): 3, ("man", True, True): 1})
    assert tried(choosing, with_days(90)).applicants is None
    past(choosing, {("woman", False, True): 4})
    found = tried(choosing, with_days(90))
    assert found.applicants == 8
    assert found.whole.total is None
    assert found.by_group == {}


def test_who_did_not_answer_is_a_group_and_small_groups_hide_together(choosing: Selecting) -> None:
    past(choosing, {("woman", True, True): 6, ("none", True, True): 5, ("man", True, True): 2})
    found = tried(choosing, with_days(90)).by_group["gender"]
    assert found.shown == {"Woman": (0, 0, 6, 0)}
    assert set(found.hidden) == {"Man", "Not answered"}


def test_what_nobody_was_asked_cannot_be_counted(choosing: Selecting) -> None:
    past(choosing, {("woman", True, True): 5})
    policy = centre_policy()
    new = policy.selection[0].model_copy(update={"key": "brand-new", "text": "A new promise"})
    found = tried(choosing, policy.model_copy(update={"selection": (new,)}))
    assert found.unknown == ("A new promise",)
    assert found.whole.total == (0, 0, 5, 0)


def test_a_document_that_nobody_has_seen_says_nothing_about_an_applicant(choosing: Selecting) -> None:
    past(choosing, {("woman", True, True): 5})
    assert tried(choosing, centre_policy()).whole.total == (0, 0, 5, 0)


def test_an_application_without_an_outcome_is_not_past(choosing: Selecting) -> None:
    for number in range(6):
        choosing.applied(f"Ann N{number}", ApplicationWords())
    assert tried(choosing, with_days(90)).applicants is None


# -- the pages -------------------------------------------------------------------------------------------------------


def address(choosing: Selecting, version: Any) -> str:
    return f"/selection/cohorts/{choosing.cohort.id}/criteria/{version.id}"


def publish(story: Story, policy: CompiledPolicy) -> Any:
    """A version that is in force only for some other cohort."""
    return put_in_force(story, policy, story.cohort("Try-out"))


def test_an_assurer_sees_the_numbers_then_puts_them_in_force_with_a_reason(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    past(choosing, {("woman", True, True): 5, ("man", False, True): 5})
    version = publish(story, with_days(120))
    client = client_for(story.staff(Role.LEAD_IQA))
    listed = client.get(f"/selection/cohorts/{choosing.cohort.id}/criteria").get_data(as_text=True)
    assert f"Try version {version.number} on past applicants" in listed
    page = client.get(address(choosing, version)).get_data(as_text=True)
    assert "10 past applicants" in page
    assert not re.search(r"Woman N|Man N", page), "counts only, nobody's name"
    assert choosing.entries(Event.EVIDENCE_OPENED) == 1, "opening the answers for counting is written down"
    assert client.post(address(choosing, version), data={"reason": " "}).status_code == 422
    before = choosing.entries(Event.POLICY_PUT_IN_FORCE)
    assert client.post(address(choosing, version), data={"reason": "We talked it over."}).status_code == 303
    assert choosing.entries(Event.POLICY_PUT_IN_FORCE) == before + 1
    with story.reading() as session:
        assert enrolments.policy_for(session, choosing.cohort)[0].id == version.id
        row = session.scalars(select(PolicyInForce).order_by(PolicyInForce.id.desc()).limit(1)).one()
    assert (row.cohort_id, row.reason) == (choosing.cohort.id, "We talked it over.")


def test_a_version_that_changes_marking_too_is_not_put_in_force_here(
    choosing: Selecting, story: Story, client_for: Any
) -> None:
    policy = with_days(120)
    version = publish(story, policy.model_copy(update={"return_": "after-sampling"}))
    client = client_for(story.staff(Role.IQA))
    page = client.get(address(choosing, version)).get_data(as_text=True)
    assert "changes more than who is chosen" in page
    assert 'href="/quality/policies">Policies in force' in page
    assert client.post(address(choosing, version), data={"reason": "Why not."}).status_code == 409


@pytest.mark.parametrize("role", [Role.SELECTOR, Role.ADMIN])
def test_selectors_and_admins_try_but_do_not_put_in_force(
    choosing: Selecting, story: Story, client_for: Any, role: Role
) -> None:
    version = publish(story, with_days(120))
    client = client_for(story.staff(role))
    assert "Put in force" not in client.get(address(choosing, version)).get_data(as_text=True)
    assert client.post(address(choosing, version), data={"reason": "Mine."}).status_code == 403


def test_another_centres_applicants_are_never_counted(choosing: Selecting, story: Story, client_for: Any) -> None:
    there = selecting(story, centre=story.centre("Hill House"), name="Hill cohort")
    past(choosing, {("woman", True, True): 6})
    version = publish(story, with_days(120))
    client = client_for(story.staff(Role.IQA, centre=story.centre("Hill House")))
    page = client.get(address(there, version)).get_data(as_text=True)
    assert "Too few to count" in page
    assert client.get(address(choosing, version)).status_code == 404


def test_a_centres_own_version_is_seen_by_no_other(choosing: Selecting, story: Story, client_for: Any) -> None:
    hill = story.centre("Hill House")
    there = selecting(story, centre=hill, name="Hill cohort")
    with story.writing() as session:
        version = publish_for_centre(session, with_days(120), hill.id, INSTALLER)
    ours, theirs = client_for(story.staff(Role.IQA)), client_for(story.staff(Role.IQA, centre=hill))
    listed = f"Try version {version.number} on past applicants"
    assert listed in theirs.get(f"/selection/cohorts/{there.cohort.id}/criteria").get_data(as_text=True)
    assert listed not in ours.get(f"/selection/cohorts/{choosing.cohort.id}/criteria").get_data(as_text=True)
    assert ours.get(address(choosing, version)).status_code == 404
    assert ours.post(address(choosing, version), data={"reason": "Theirs looks good."}).status_code == 404


def test_who_was_sent_under_one_set_keeps_it(choosing: Selecting, story: Story) -> None:
    application = choosing.applied("Ann Lee")
    put_in_force(story, with_days(120), choosing.cohort)
    assert len(choosing.found(application).criteria) == 6
    assert len(choosing.found(choosing.draft("Bo Dean")).criteria) == 1
