"""What an awarding organisation asks for and where it stands in the pack, line by line; and what is left out."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from assessors.external import packing
from assessors.marking.rules import claims as tests
from assessors.quality.second import operations as second
from assessors.quality.second.queries import pairs
from assessors.quality.standardisation import operations as standardisation
from assessors.quality.standardisation import showing
from assessors.quality.standardisation.models import Standardisation
from assessors.quality.standardisation.queries import activities, choosing
from course import clock
from course.access import Role
from course.catalogue import queries as catalogue
from course.enrolment.models import Cohort
from course.enrolment.policy import Attempts
from course.people import operations as people
from course.workbook import queries as work
from course.workbook.content import Prior, TextContent
from course.workbook.models import Outcome
from tests.assessors.changes.conftest import WASH, change_policy, put
from tests.assessors.external.conftest import Visited
from tests.assessors.external.test_pack_tables import table, taken, vouched
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, actor, held, judge, released_unit
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]
ASKED_FOR = {
    "staff qualifications": "staff-qualifications", "CPD": "cpd", "appointments and countersigning": "appointments",
    "conflicts of interest": "conflicts", "what was countersigned": "countersignatures",
    "registration": "registrations", "claims": "claims", "records": "records", "decisions": "decisions",
    "strategy": "policies", "sampling plans": "sampling-plans", "samples": "samples", "reviews": "reviews",
    "standardisation": "standardisation", "agreement": "agreement", "second marking": "second-marking",
    "appeals": "appeals", "malpractice": "cases", "adjustments": "adjustments", "extensions": "extensions",
    "late work": "late-answers", "further attempts": "further-attempts", "panels": "referrals",
    "withdrawn results": "withdrawals", "corrected batches": "removals", "reopened answers": "reopenings",
    "earlier visits": "visits", "claims of prior learning": "prior-learning",
}  # fmt: skip
"""domain.md 4 (EQA pack) and issue 4 point 9, line by line."""


def test_everything_that_is_asked_for_has_its_table_under_a_heading(visited: Visited, client_for: SignIn) -> None:
    pack = taken(visited, client_for)
    first = pack.read("index.html").decode()
    assert "Not offered by this system" not in first
    for what, slug in ASKED_FOR.items():
        assert f'href="tables/{slug}.html"' in first, what
    known = {slug for slugs in packing.CHAPTERS.values() for slug in slugs}
    assert {name[7:-4] for name in pack.namelist() if name.startswith("tables/") and name.endswith(".csv")} == known


def test_every_link_of_the_pack_leads_to_a_file_of_the_pack(visited: Visited, client_for: SignIn) -> None:
    pack = taken(visited, client_for)
    names = set(pack.namelist())
    for page in (one for one in names if one.endswith(".html")):
        folder = page.rpartition("/")[0]
        for link in re.findall(r'href="([^"#]+)"', pack.read(page).decode()):
            path = link.removeprefix("../") if link.startswith("../") else "/".join(filter(None, [folder, link]))
            assert path in names, f"{page}: {link}"


def test_the_first_page_says_what_is_left_out_and_why(visited: Visited, client_for: SignIn) -> None:
    first = taken(visited, client_for).read("index.html").decode()
    left_out = first.split("What is not in this pack, and why")[1]
    for words in ("learners outside the sample", "appeals, cases, extensions and referrals", "Medical documents",
                  "safeguarding lead", "conflict of interest", "Complaints, and certificates"):  # fmt: skip
        assert words in left_out, words


def test_the_questions_that_learners_answered_are_there_as_published(visited: Visited, client_for: SignIn) -> None:
    pack = taken(visited, client_for)
    (name,) = [one for one in pack.namelist() if one.startswith("units/") and one.endswith(".html")]
    page, stored = pack.read(name).decode(), pack.read(name.replace(".html", ".json"))
    assert hashlib.sha256(stored).hexdigest() in page
    assert "evidence for 1.1" in page
    assert "(right)" in page
    assert "Write this without AI tools" in page


def test_how_the_centre_deals_with_malpractice_and_appeals_is_there_with_its_clocks(
    visited: Visited, client_for: SignIn
) -> None:
    pack = taken(visited, client_for)
    page = pack.read("arrangements/index.html").decode()
    for words in ("Malpractice", "had no part in it", "in force for Kitchen", "An outcome within 20 working days"):
        assert words in page, words
    (induction,) = [one for one in pack.namelist() if one.startswith("arrangements/induction")]
    assert "malpractice" in pack.read(induction).decode()
    assert {row["Learner"] for row in table(pack, "inductions")} == {"Ffion Davies", "Gwen Hill"}
    assert vouched(pack, "inductions")


def test_what_was_decided_about_dates_and_attempts_is_there_without_the_reasons(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    limits = Attempts(limit=2, window=5, further=1, conditions=("own-work",))
    put(story, change_policy(story, return_="at-once", attempts=limits))
    _, enrolment = story.learner("Ann Ash", cohort=visited.done.cohort)
    ruth, reason = client_for(visited.lead), "She was in hospital that week."
    address = f"/quality/attempts/{enrolment.id}/{FOOD_UNIT}/{WASH}"

    def not_yet(words: str) -> None:
        judge(story, story.hand_in(enrolment, WASH, words, unit=FOOD_UNIT), visited.done.assessor, achieved=False)

    not_yet("Once.")
    until = clock.now().date() + timedelta(days=30)
    assert ruth.post(f"{address}/extension", data={"until": until, "reason": reason}).status_code == 303
    not_yet("Twice.")
    further = {"confirmed": ["own-work"], "reason": reason}
    assert ruth.post(f"{address}/further", data=further).status_code == 303
    not_yet("Three times.")
    assert ruth.post(f"{address}/referral", data={"reason": reason}).status_code == 303
    first, other = story.staff(Role.IQA, "Nora Flint"), story.staff(Role.TUTOR, "Marcus Lee")
    panel = {"outcome": "no-more", "with_": str(other.id), "reason": reason}
    assert client_for(first).post(f"{address}/panel", data=panel).status_code == 303
    pack = taken(visited, client_for)
    (later,) = table(pack, "extensions")
    assert (later["Learner"], later["Until"], later["Given by"]) == ("Ann Ash", str(until), "Ruth Adeyemi")
    (more,) = table(pack, "further-attempts")
    assert (more["Authorised by"], more["Confirmed"]) == ("Ruth Adeyemi", "own work")
    (referred,) = table(pack, "referrals")
    assert (referred["Outcome"], referred["Panel"]) == ("No further attempt", "Nora Flint, Marcus Lee")
    for slug in ("extensions", "further-attempts", "referrals"):
        assert vouched(pack, slug)
    assert not [name for name in pack.namelist() if reason.encode() in pack.read(name)]


def test_a_conflict_of_interest_is_there_without_what_ties_the_two(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    stranger, _ = story.learner("Zoe Lane", cohort=story.cohort("Elsewhere here"))
    by = actor(story, visited.done.assessor, Role.ASSESSOR)
    for other in (visited.other.learner, stranger):
        with story.writing() as session:
            people.declare_conflict(
                session, centre_id=story.centre().id, person_id=by.person_id, other_id=other.id, kind="fellowship",
                detail="We go to the same meeting.", is_admin=False, by=by,
            )  # fmt: skip
    pack = taken(visited, client_for)
    rows = table(pack, "conflicts")
    assert [(row["Staff"], row["With"]) for row in rows] == [
        ("Joan Price", "Gwen Hill"), ("Joan Price", "A learner who is not in this pack"),
    ]  # fmt: skip
    assert vouched(pack, "conflicts")
    inside = "".join(pack.read(name).decode() for name in pack.namelist() if not name.startswith("verify."))
    for words in ("same meeting", "fellowship", "Zoe Lane"):
        assert words not in inside, words


def test_a_claim_of_prior_learning_is_there_with_its_share_of_the_unit(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    put(story, change_policy(story, return_="at-once"))
    _, enrolment = story.learner("Ann Ash", cohort=visited.done.cohort)
    prior = Prior(what="I ran a kitchen.", where="Leeds", when="2023", shows={"1.1": "I washed before each shift."})
    answer = story.hand_in(enrolment, WASH, TextContent(kind="short", prior=prior), unit=FOOD_UNIT)
    (row,) = table(taken(visited, client_for), "prior-learning")
    assert (row["Learner"], row["Criteria achieved by it"], row["Of the unit, by all claims"][:2]) == (
        "Ann Ash",
        "",
        "0%",
    )
    ticks = {"1.1": tuple(test.id for test in tests.TESTS)}
    judge(story, answer, visited.done.assessor, ticks=ticks)
    pack = taken(visited, client_for)
    (row,) = table(pack, "prior-learning")
    assert (row["Criteria achieved by it"], row["Assessor"]) == ("1.1", "Joan Price")
    with story.reading() as session:
        facts = work.answer_facts(session, answer.id)
        outcomes = catalogue.unit(session, facts.unit_version_id).outcomes
    points = sum(len(one.criteria) for one in outcomes)
    assert row["Of the unit, by all claims"] == f"{1 / points:.0%} of {points}"
    assert vouched(pack, "prior-learning")
    assert not [name for name in pack.namelist() if b"I ran a kitchen." in pack.read(name)]


def test_a_unit_for_claim_names_everybody_who_signs_for_it(visited: Visited, story: Story, client_for: SignIn) -> None:
    released_unit(story, "Nia Rees", cohort=visited.done.cohort)
    pack = taken(visited, client_for)
    (row,) = table(pack, "claims")
    assert (row["Learner"], row["Assessors"], row["Released by"]) == ("Nia Rees", "Joan Price", "Tom Hughes")
    assert row["Last returned"]
    assert vouched(pack, "claims")


# -- agreement ---------------------------------------------------------------------------------------------------------


def figures(pack: zipfile.ZipFile, where: str) -> list[dict[str, str]]:
    return [row for row in table(pack, "agreement") if row["Where"].startswith(where)]


def test_the_figures_of_a_meeting_are_those_that_the_meeting_saw(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    today, by = clock.now().date(), actor(story, visited.lead, Role.LEAD_IQA)
    with story.writing() as session:
        choice = next(
            one for one in choosing.choices(session, held(story, visited.lead)) if one.version.unit == FOOD_UNIT
        )
        row_id = standardisation.open_activity(
            session, choice, centre_id=story.centre().id, judge_by=today + timedelta(days=7), today=today, by=by
        ).id
    for person, last in ((visited.done.assessor, Outcome.ACHIEVED), (story.staff(Role.ASSESSOR, "Priya Shah"), None)):
        who = actor(story, person, Role.ASSESSOR)
        with story.writing() as session:
            found = activities.standardising(session, session.get_one(Standardisation, row_id))
            for at, numbered in enumerate(found.samples):
                said = last or (Outcome.NOT_YET_ACHIEVED if at == 0 else Outcome.ACHIEVED)
                standardisation.judge(
                    session, found, numbered, dict.fromkeys(numbered.criteria, said), "My reason.", by=who
                )
    assert figures(taken(visited, client_for), "Standardisation") == []  # before the meeting, people judge blind
    with story.writing() as session:
        found = activities.standardising(session, session.get_one(Standardisation, row_id))
        standardisation.begin(session, found, by=by)
    pack = taken(visited, client_for)
    rows = figures(pack, "Standardisation")
    with story.reading() as session:
        seen = showing.opinions(session, activities.standardising(session, session.get_one(Standardisation, row_id)))
    assert len(rows) == len(seen.measured)
    last = seen.measured[-1].agreement
    assert last.share is not None
    assert last.share < 1
    assert last.ac1 is not None
    assert last.kappa is not None
    assert {name: rows[-1][name] for name in ("Judged by two or more (n)", "Agreement", "AC1", "Kappa")} == {
        "Judged by two or more (n)": str(last.things), "Agreement": f"{last.share:.0%}", "AC1": f"{last.ac1:.2f}",
        "Kappa": f"{last.kappa:.2f}".replace("-", "'-", 1) if last.kappa < 0 else f"{last.kappa:.2f}",
    }  # fmt: skip
    assert vouched(pack, "agreement")
    assert not [name for name in pack.namelist() if b"My reason." in pack.read(name)]


def test_blind_second_marking_is_measured_by_criterion(visited: Visited, story: Story, client_for: SignIn) -> None:
    priya = story.staff(Role.ASSESSOR, "Priya Shah")
    with story.writing() as session:
        cohort = session.get_one(Cohort, visited.done.cohort.id)
        facts = work.answer_facts(session, visited.done.answers[0].id)
        asked = second.Asking(chosen=priya.id, why="A borderline one.")
        marking_id = second.ask(session, facts, cohort, asked, by=actor(story, visited.done.iqa, Role.IQA)).id
    assert figures(taken(visited, client_for), "Second marking") == []
    client, address = client_for(priya), f"/quality/second-marking/{marking_id}/judgement"
    page = client.get(address).get_data(as_text=True)
    fields = dict(re.findall(r'<input type="hidden" name="((?:base|guidance)[^"]*)" value="([^"]*)">', page))
    for criterion in facts.criteria:
        fields |= {f"outcome-{criterion}": Outcome.NOT_YET_ACHIEVED, f"feedback-{criterion}": "Say when."}
    assert client.post(address, data=fields).status_code == 303
    pack = taken(visited, client_for)
    (row,) = figures(pack, "Second marking")
    shown = (
        row["Criterion"],
        row["Judged by two or more (n)"],
        row["Pairs that agreed"],
        row["Pairs"],
        row["Agreement"],
    )
    assert shown == ("1.1", "1", "0", "1", "0%")
    with story.reading() as session:
        assert len(list(pairs.judged_twice(session, [visited.done.cohort.id]))) == 1
