"""What other slices bring into the pack: standardisation, second marking, adjustments, appeals; and nobody's words."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from assessors.quality.second import operations as second
from assessors.quality.standardisation import operations as standardisation
from assessors.quality.standardisation.models import Standardisation
from assessors.quality.standardisation.queries import activities, choosing
from course import audit, clock
from course.access import Role
from course.adjustments import operations as adjustments
from course.adjustments.models import Kind
from course.adjustments.rules import Agreement
from course.cases.operations import appeals
from course.enrolment.models import Cohort, Enrolment
from course.special_log import SpecialOpening
from course.workbook import appealing
from course.workbook import queries as work
from course.workbook.models import Outcome
from tests.assessors.external.conftest import Visited
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, actor, agree, give_back, held, judge
from tests.support.story import Story, learner_actor

SignIn = Callable[[Any], HouseClient]
WHAT = "Answers may be spoken and recorded."
APPEAL = "I did say when. Please read the second line."


def taken(visited: Visited, client_for: SignIn) -> zipfile.ZipFile:
    with client_for(visited.lead).post(f"/visits/{visited.visit.id}/pack") as answer:
        assert answer.status_code == 200
        return zipfile.ZipFile(io.BytesIO(answer.data))


def table(pack: zipfile.ZipFile, slug: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(pack.read(f"tables/{slug}.csv").decode("utf-8-sig"))))


def vouched(pack: zipfile.ZipFile, slug: str) -> bool:
    entries = pack.read("audit/entries.jsonl").decode()
    return all(f'"{one}"' in entries for row in table(pack, slug) for one in row["Reference"].split())


def test_an_adjustment_says_what_on_the_sampled_answer_and_its_opening_is_written_down(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    today = clock.now().date()
    tutor = story.staff(Role.TUTOR, "Ada Grant")
    for enrolment, what in ((visited.done.enrolment, WHAT), (visited.other.enrolment, "Larger print.")):
        said = Agreement(
            Kind.ADJUSTMENT, what, "Ffion and Ada", "document", today, review_on=today + timedelta(days=60),
            units=frozenset({FOOD_UNIT}),
        )  # fmt: skip
        with story.writing() as session:
            found = session.get_one(Enrolment, enrolment.id)
            adjustments.agree(session, found, said, by=actor(story, tutor, Role.TUTOR))
    pack = taken(visited, client_for)
    rows = table(pack, "adjustments")
    assert {row["Learner"] for row in rows} == {"Ffion Davies", "Gwen Hill"}
    assert {row["Kind"] for row in rows} == {"Adjustment"}
    assert vouched(pack, "adjustments")
    pages = "".join(pack.read(name).decode() for name in pack.namelist() if name.endswith((".html", ".csv")))
    assert WHAT in pages
    assert "Larger print." not in pages  # Gwen is not in the sample
    with story.reading() as session:
        owners = set(
            session.scalars(select(SpecialOpening.owner_id).where(SpecialOpening.opened_by == visited.lead.id))
        )
        assert owners == {visited.done.learner.id}
        assert list(audit.verify(session)) == []
    address = f"/external/visits/{visited.visit.id}/answers/{visited.done.answers[0].id}"
    assert WHAT in client_for(visited.eqa).get(address).get_data(as_text=True)


def test_an_appeal_is_in_the_pack_without_what_the_learner_wrote(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    learner, enrolment = story.learner("Nia Rees", cohort=visited.done.cohort)
    answer = story.hand_in(enrolment, "when-to-wash", "Sometimes.", unit=FOOD_UNIT)
    judge(story, answer, visited.done.assessor, achieved=False, returned=False)
    agree(story, visited.done.cohort, visited.done.iqa, [answer])
    give_back(story, answer, visited.done.assessor)
    with story.writing() as session:
        found = appealing.of_answer(
            session, session.get_one(Enrolment, enrolment.id), work.answer_facts(session, answer.id)
        )
        appeals.appeal(session, found.answer, found.appealed, APPEAL, by=learner_actor(learner))
    pack = taken(visited, client_for)
    (row,) = table(pack, "appeals")
    assert (row["Learner"], row["State"]) == ("Nia Rees", "Open")
    assert vouched(pack, "appeals")
    assert not [name for name in pack.namelist() if APPEAL.encode() in pack.read(name)]


def test_standardisation_is_in_the_pack_with_its_minutes_and_who_was_there(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    today, lead = clock.now().date(), visited.lead
    by, mine = actor(story, lead, Role.LEAD_IQA), held(story, lead)
    with story.writing() as session:
        choice = next(one for one in choosing.choices(session, mine) if one.version.unit == FOOD_UNIT)
        centre_id = story.centre().id
        row = standardisation.open_activity(
            session, choice, centre_id=centre_id, judge_by=today + timedelta(days=7), today=today, by=by
        )
        session.flush()
        row_id = row.id
    for person in (visited.done.assessor, story.staff(Role.ASSESSOR, "Priya Shah")):
        who = actor(story, person, Role.ASSESSOR)
        with story.writing() as session:
            found = activities.standardising(session, session.get_one(Standardisation, row_id))
            for numbered in found.samples:
                outcomes = dict.fromkeys(numbered.criteria, Outcome.ACHIEVED)
                standardisation.judge(session, found, numbered, outcomes, "My reason.", by=who)
    with story.writing() as session:
        found = activities.standardising(session, session.get_one(Standardisation, row_id))
        standardisation.begin(session, found, by=by)
    with story.writing() as session:
        found = activities.standardising(session, session.get_one(Standardisation, row_id))
        met = standardisation.Met(
            held_on=today,
            lasted=45,
            minutes="We agreed what must be named.",
            present=[lead.id, visited.done.assessor.id],
        )
        standardisation.record(session, found, met, today=today, by=by)
    pack = taken(visited, client_for)
    (row,) = table(pack, "standardisation")
    assert (row["What was said"], row["Who was there"]) == ("We agreed what must be named.", "Joan Price, Ruth Adeyemi")
    assert (row["People who judged"], row["Minutes it took"]) == ("2", "45")
    assert vouched(pack, "standardisation")
    page = pack.read("tables/standardisation.html").decode()
    assert page.count('role="img"') == 1
    assert "Everybody said the same about every point." in page


def test_a_second_marking_is_in_the_pack_with_why_this_answer(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    priya = story.staff(Role.ASSESSOR, "Priya Shah")
    asked = second.Asking(chosen=priya.id, why="A borderline one.")
    with story.writing() as session:
        cohort = session.get_one(Cohort, visited.done.cohort.id)
        facts = work.answer_facts(session, visited.done.answers[0].id)
        second.ask(session, facts, cohort, asked, by=actor(story, visited.done.iqa, Role.IQA))
    pack = taken(visited, client_for)
    (row,) = table(pack, "second-marking")
    assert (row["Second assessor"], row["Why this one"], row["Judged"]) == ("Priya Shah", "A borderline one.", "")
    assert vouched(pack, "second-marking")
