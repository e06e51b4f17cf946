"""Whose work an assessor sees, in which order, and how much of it there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Uuid, literal, select

from assessors.marking import rules
from assessors.marking.operations import leasing
from assessors.marking.queries import queue as queries
from course import clock
from course.access import Role
from course.people.models import Appointment
from course.workbook.models import Answer, Lease
from tests.assessors.marking.conftest import QUESTION, Marking, judgement
from tests.conftest import wants_postgresql
from tests.support.story import UNIT

LOCK = 1 if wants_postgresql() else 0  # SQLite's turn to write costs no query
ROUTES = [("get", ""), ("get", "/concern"), ("get", "/files/00000000-0000-0000-0000-000000000000")] + [
    ("post", path) for path in ("/lease", "/lease/end", "/judgement", "/decision", "/return", "/concern")
]


def test_the_oldest_answer_stands_first(marking: Marking, client_for, at):
    at(clock.now() + timedelta(days=1))
    _, enrolment = marking.story.learner("Dee Morgan")
    marking.story.hand_in(enrolment, QUESTION)
    text = client_for(marking.assessor).get("/marking").get_data(as_text=True)
    assert text.index("Sam O.") < text.index("Dee M.")


def test_an_answer_says_by_which_day_it_is_to_be_marked(marking: Marking, client_for, at):
    from datetime import UTC, datetime

    at(datetime(2027, 3, 24, 10, 0, tzinfo=UTC))
    _, enrolment = marking.story.learner("Dee Morgan")
    answer = marking.story.hand_in(enrolment, QUESTION)
    text = client_for(marking.assessor).get(f"/marking/answers/{answer.id}").get_data(as_text=True)
    assert "Mark by Friday 9 April." in text


def test_filters_narrow_the_queue_and_counts_stay_true(marking: Marking, client_for):
    marking.story.hand_in(marking.enrolment, "morags-hope")
    _, other = marking.story.learner("Dee Morgan", cohort=marking.story.cohort("Spring"))
    marking.story.hand_in(other, QUESTION)
    client = client_for(marking.assessor)
    everything = client.get("/marking").get_data(as_text=True)
    assert "Waiting (3)" in everything
    assert "Spring (1)" in everything
    assert "Autumn (2)" in everything
    narrowed = client.get(f"/marking?cohort={other.cohort_id}").get_data(as_text=True)
    assert "Dee M." in narrowed
    assert "Sam O." not in narrowed
    assert "1 of 1 shown" in narrowed
    question = client.get("/marking?question=morags-hope").get_data(as_text=True)
    assert "Dee M." not in question
    assert "1 of 1 shown" in question


def test_a_long_queue_is_shown_page_by_page(marking: Marking, client_for, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for name in ("Dee Morgan", "Lewis Tate", "Carys Pugh"):
        _, enrolment = marking.story.learner(name)
        marking.story.hand_in(enrolment, QUESTION)
    client = client_for(marking.assessor)
    first = client.get("/marking").get_data(as_text=True)
    assert "2 of 4 shown" in first
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(address).get_data(as_text=True)
    assert "Lewis T." in second
    assert "Carys P." in second
    assert "Sam O." not in second


@pytest.mark.parametrize("address", ["?after=nonsense&answer=1", "?cohort=1", "?unit=none", "?after=2026-01-01"])
def test_an_address_that_makes_no_sense_shows_a_queue_all_the_same(marking: Marking, client_for, address):
    assert client_for(marking.assessor).get(f"/marking{address}").status_code == 200


def test_an_answer_taken_back_leaves_the_queue(marking: Marking, client_for):
    from course.enrolment.models import Enrolment
    from course.workbook import operations
    from course.workbook import queries as work
    from tests.support.story import learner_actor

    with marking.story.writing() as session:
        unit = work.unit_work(session, session.get_one(Enrolment, marking.enrolment.id), UNIT)
        operations.take_back(session, unit, unit.question(QUESTION), by=learner_actor(marking.learner))
    client = client_for(marking.assessor)
    assert "Nothing is waiting" in client.get("/marking").get_data(as_text=True)
    assert client.get(marking.address).status_code == 404
    assert client.post(f"{marking.address}/lease").status_code == 404


def test_an_assessor_sees_only_what_their_appointments_cover(marking: Marking, client_for):
    story = marking.story
    elsewhere = story.staff(Role.ASSESSOR, "Tom Hughes", story.centre("Bridge House"))
    another_cohort = story.staff(Role.ASSESSOR, "Una Vale", cohort_id=story.cohort("Spring").id)
    another_unit = story.staff(Role.ASSESSOR, "Ivor Rees", unit="01-the-peer-mentor-role")
    for person in (elsewhere, another_cohort, another_unit):
        client = client_for(person)
        assert "Nothing is waiting" in client.get("/marking").get_data(as_text=True)
        for method, path in ROUTES:
            assert getattr(client, method)(f"{marking.address}{path}").status_code == 404, (person.name, path)
    here = story.staff(Role.ASSESSOR, "Ann Ellis", unit=UNIT, cohort_id=marking.enrolment.cohort_id)
    assert "Sam O." in client_for(here).get("/marking").get_data(as_text=True)


def test_nobody_marks_their_own_work_nor_a_peers(marking: Marking, client_for):
    story = marking.story
    story.appoint(marking.learner, Role.ASSESSOR)
    peer, _ = story.learner("Dee Morgan")
    story.appoint(peer, Role.ASSESSOR)
    for person in (marking.learner, peer):
        client = client_for(person)
        assert "Nothing is waiting" in client.get("/marking").get_data(as_text=True)
        assert client.get(marking.address).status_code == 404
        assert client.post(f"{marking.address}/lease").status_code == 404
        assert client.post(f"{marking.address}/decision").status_code == 404
        assert client.post("/marking/next").headers["Location"].endswith("/marking")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.TUTOR, Role.IQA, Role.SAFEGUARDING_LEAD])
def test_only_assessors_mark(marking: Marking, client_for, role):
    client = client_for(marking.story.staff(role))
    assert client.get("/marking").status_code == 403
    assert client.get(marking.address).status_code == 403
    assert client.post(f"{marking.address}/decision").status_code == 403


def test_the_next_answer_skips_what_somebody_else_holds(marking: Marking, client_for):
    _, enrolment = marking.story.learner("Dee Morgan")
    other = marking.story.hand_in(enrolment, QUESTION)
    first = client_for(marking.assessor).post("/marking/next")
    second = client_for(marking.story.staff(Role.ASSESSOR, "Tom Hughes")).post("/marking/next")
    assert first.headers["Location"].endswith(str(marking.answer.id))
    assert second.headers["Location"].endswith(str(other.id))


def test_an_answer_that_a_colleague_took_a_moment_ago_stays_theirs(marking: Marking, client_for, monkeypatch):
    """On PostgreSQL a colleague's lease can be committed between the search and the write."""
    tom = marking.story.staff(Role.ASSESSOR, "Tom Hughes")
    client_for(tom).post(f"{marking.address}/lease")

    def as_it_was_before(reader, filters, now):
        return select(Answer.id, literal(reader.appointments[0].id, Uuid())).where(Answer.id == marking.answer.id)

    monkeypatch.setattr(leasing, "next_like", as_it_was_before)
    reply = client_for(marking.assessor).post("/marking/next")
    assert reply.headers["Location"] == "/marking"
    with marking.story.reading() as session:
        assert session.get_one(Lease, marking.answer.id).person_id == tom.id


def test_the_next_answer_is_held_under_the_appointment_that_covers_it(marking: Marking, client_for):
    spring = marking.story.cohort("Spring")
    _, enrolment = marking.story.learner("Dee Morgan", cohort=spring)
    waiting = marking.story.hand_in(enrolment, QUESTION)
    tom = marking.story.staff(Role.ASSESSOR, "Tom Hughes", cohort_id=spring.id)
    client_for(tom).post("/marking/next")
    with marking.story.reading() as session:
        lease = session.get_one(Lease, waiting.id)
        assert session.get_one(Appointment, lease.appointment_id).cohort_id == spring.id
        assert (lease.person_id, lease.ended_at, lease.until - lease.taken_at) == (tom.id, None, rules.LEASE)


def test_the_queue_takes_a_constant_number_of_queries(marking: Marking, client_for, statements):
    client = client_for(marking.assessor)
    client.get("/marking")
    statements.clear()
    client.get("/marking")
    few = len(statements)
    for name in ("Dee Morgan", "Lewis Tate", "Carys Pugh"):
        _, enrolment = marking.story.learner(name)
        marking.story.hand_in(enrolment, QUESTION)
        marking.story.hand_in(enrolment, "morags-hope")
    statements.clear()
    client.get("/marking")
    assert len(statements) == few == 5, statements


def test_deciding_takes_a_constant_number_of_queries(marking: Marking, client_for, statements):
    client, numbers = client_for(marking.assessor), []
    for _ in range(2):
        for name in ("Dee Morgan", "Lewis Tate", "Carys Pugh"):
            _, enrolment = marking.story.learner(name)
            marking.story.hand_in(enrolment, QUESTION)
        address = client.post("/marking/next", data={"question": QUESTION}).headers["Location"]
        page = client.get(address)
        statements.clear()
        client.post(f"{address}/decision", data=judgement(page, then="next"))
        numbers.append(len(statements))
    assert numbers == [12 + LOCK, 12 + LOCK]


def test_the_desk_takes_a_constant_number_of_queries(marking: Marking, client_for, statements):
    client = client_for(marking.assessor)
    client.post(f"{marking.address}/lease")
    client.get(marking.address)
    statements.clear()
    client.get(marking.address)
    few = len(statements)
    for name in ("Dee Morgan", "Lewis Tate"):
        _, enrolment = marking.story.learner(name)
        marking.story.hand_in(enrolment, QUESTION)
    marking.story.hand_in(marking.enrolment, "morags-hope")
    statements.clear()
    client.get(marking.address)
    assert len(statements) == few <= 20, statements


@pytest.mark.sqlite
def test_what_is_held_is_counted_from_what_is_leased_and_not_from_every_answer(
    marking: Marking, client_for, statements
):
    """An index that begins with the centre would lead the database through all of its answers."""
    client_for(marking.assessor).get("/marking")
    (counting,) = [sql for sql in statements if sql.startswith("SELECT count(")]
    with marking.story.reading() as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {counting}", (None,) * counting.count("?"))
        steps = [row[3] for row in plan]
    assert "SEARCH answer USING INDEX sqlite_autoindex_answer_1 (id=?)" in steps, steps
