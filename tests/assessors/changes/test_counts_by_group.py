"""Before guidance or a policy changes, its effect is counted by the groups that learners told when they applied."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from assessors.changes.queries import counting
from assessors.changes.queries.counting import Table, Touched
from assessors.changes.rules import Effect
from assessors.selection.models import MonitoringAnswer
from assessors.selection.operations import applying
from assessors.selection.operations.applying import applicant
from assessors.selection.words import MonitoringWords
from course import sealing
from course.access import Role
from course.audit import Actor, Event
from course.catalogue import queries as catalogue
from course.enrolment import operations as enrolments
from course.enrolment.models import Cohort, Enrolment
from course.sealing import Sealed
from course.special_log import SpecialOpening
from tests.assessors.changes.conftest import MUSTS, change_policy, publish_guidance, put, with_must
from tests.support.applicants import Selecting, centre_policy
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, judge
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]


@pytest.fixture
def choosing(story: Story, cohort: Cohort) -> Selecting:
    """A cohort of the small qualification for which people are selected."""
    put(story, change_policy(story, selection=centre_policy().selection, return_="at-once"), cohort)
    first, second = story.person("Fay Hope"), story.person("Sid Reed")
    found = Selecting(story, cohort, first, second)
    for person in (first, second):
        found.appointments[person.id] = story.appoint(person, Role.SELECTOR)
    return found


def taken(choosing: Selecting, name: str, gender: str = "") -> UUID:
    """Somebody who applied, was offered a place, took it, and told their gender if one is given: their enrolment."""
    application = choosing.scored(name)
    choosing.decide(application)
    if gender:
        choosing.tell(application, gender=gender)
    with choosing.acting(application) as (session, found):
        reply = applying.answer_offer(session, found, accept=True, by=applicant(application.person_id))
        version = catalogue.latest_induction(session)
        assert version is not None
        assert reply.enrolment_id is not None
        learner = Actor(application.person_id, Role.LEARNER)
        enrolments.acknowledge_induction(
            session, session.get_one(Enrolment, reply.enrolment_id), version, by=learner
        )  # fmt: skip
        return reply.enrolment_id


def by_gender(story: Story, effects: dict[UUID, Effect]) -> Table | None:
    touched = [Touched(one, "Kitchen", "Food", ("Joan",), effect) for one, effect in effects.items()]
    with story.reading() as session:
        return next((one for one in counting.tables(session, touched) if one.title == "Gender"), None)


def test_the_preview_counts_by_what_learners_told_and_names_nobodys_group(
    story: Story, choosing: Selecting, joan: Any, lead: Any, client_for: SignIn
) -> None:
    genders = [*["woman"] * 5, *["man"] * 5, "other"]
    for number, gender in enumerate(genders):
        enrolment_id = taken(choosing, f"Learner Number{number}", gender)
        with story.reading() as session:
            enrolment = session.get_one(Enrolment, enrolment_id)
        judge(story, story.hand_in(enrolment, "when-to-wash", unit=FOOD_UNIT), joan, ticks={"1.1": MUSTS})
    second = publish_guidance(story, with_must("Says when gloves are changed."))
    before = choosing.entries(Event.EVIDENCE_OPENED)
    page = client_for(lead).get(f"/quality/guidance/{second.id}/preview?cohort=all").get_data(as_text=True)
    shown = page.split("Learners by gender")[1].split("</table>")[0]
    assert re.search(r"Woman.*?5 would be “not yet”", shown, re.S)
    assert shown.count(">Hidden<") == 2, "with the one of another gender, one group more"
    assert "By age group, nothing is shown" in page
    assert choosing.entries(Event.EVIDENCE_OPENED) == before + 1, "the look at the answers is written down"
    with story.reading() as session:
        assert session.scalars(select(SpecialOpening.owner_id)).all() == [story.centre().id], "nobody's in particular"


def test_a_policy_is_counted_by_the_same_groups(
    story: Story, choosing: Selecting, joan: Any, lead: Any, client_for: SignIn
) -> None:
    with story.reading() as session:
        enrolment = session.get_one(Enrolment, taken(choosing, "Ann Ash", "woman"))
    judge(story, story.hand_in(enrolment, "when-to-wash", unit=FOOD_UNIT), joan)
    version = change_policy(story, selection=centre_policy().selection, turnaround=3)
    page = client_for(lead).get(f"/quality/policies/{version.id}/preview?cohort=all").get_data(as_text=True)
    assert "By gender, nothing is shown" in page
    assert "Woman" not in page


def test_who_is_named_among_those_who_would_lose_cannot_be_told_by_their_group(
    story: Story, choosing: Selecting
) -> None:
    women = [taken(choosing, f"Ann N{number}", "woman") for number in range(5)]
    men = [taken(choosing, f"Bo N{number}", "man") for number in range(5)]
    even = by_gender(story, dict.fromkeys(women + men, Effect.LOSES))
    assert even is not None
    assert even.counts.rows == {"Man": (5, 0, 0, 0), "Woman": (5, 0, 0, 0)}
    uneven = by_gender(story, dict.fromkeys(women, Effect.LOSES) | dict.fromkeys(men, Effect.STAYS))
    assert uneven is not None
    assert uneven.counts.rows == {}, "the page names the five who would lose: each would be known to be a woman"
    alone = by_gender(story, dict.fromkeys(women, Effect.LOSES))
    assert alone is not None
    assert (alone.counts.rows, alone.counts.total) == ({}, None)


def test_who_told_nothing_or_never_applied_is_not_answered_so_that_the_groups_add_up(
    story: Story, choosing: Selecting, cohort: Cohort
) -> None:
    women = [taken(choosing, f"Ann N{number}", "woman") for number in range(5)]
    silent = [taken(choosing, f"Bo N{number}") for number in range(2)]
    enrolled = [story.learner(f"Cy N{number}", cohort=cohort)[1].id for number in range(3)]
    found = by_gender(story, dict.fromkeys(women + silent + enrolled, Effect.LOSES))
    assert found is not None
    assert found.counts.rows == {"Not answered": (5, 0, 0, 0), "Woman": (5, 0, 0, 0)}
    assert by_gender(story, dict.fromkeys(silent + enrolled, Effect.LOSES)) is None, "where nobody told, no table"


def test_answers_given_when_the_notice_spoke_of_choosing_alone_are_not_counted_here(
    story: Story, choosing: Selecting
) -> None:
    ids = [taken(choosing, f"Ann N{number}", "woman") for number in range(5)]
    with story.writing() as session:
        for row in session.scalars(select(MonitoringAnswer)):
            box = session.get_one(Sealed, row.words_id)
            words = MonitoringWords.model_validate_json(sealing.read(session, box))
            key = sealing.ensure_key(session, story.centre().id, sealing.Purpose.MONITORING)
            sealing.seal_again(session, key, box, words.model_copy(update={"notice": ""}).model_dump_json())
    assert by_gender(story, dict.fromkeys(ids, Effect.LOSES)) is None
