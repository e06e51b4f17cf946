"""Two assessors at the same moment: one gets the answer, one is told so; nothing is decided twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from course.access import Role
from course.workbook.models import Decision, Lease, Return
from tests.assessors.marking.conftest import QUESTION, Marking, judgement


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do several things in threads that start together; their results in order."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int) -> None:
        barrier.wait()
        results[number] = acts[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_who_take_an_answer_one_has_it(marking: Marking, client_for):
    clients = [client_for(marking.assessor), client_for(marking.story.staff(Role.ASSESSOR, "Tom Hughes"))]
    answers = at_once(*(lambda client=client: client.post(f"{marking.address}/lease") for client in clients))
    assert sorted(one.status_code for one in answers) == [303, 409]
    with marking.story.reading() as session:
        assert len(session.scalars(select(Lease)).all()) == 1


def test_two_who_ask_for_the_next_get_two_answers(marking: Marking, client_for):
    _, enrolment = marking.story.learner("Dee Morgan")
    other = marking.story.hand_in(enrolment, QUESTION)
    clients = [client_for(marking.assessor), client_for(marking.story.staff(Role.ASSESSOR, "Tom Hughes"))]
    answers = at_once(*(lambda client=client: client.post("/marking/next") for client in clients))
    assert {one.headers["Location"].rsplit("/", 1)[1] for one in answers} == {str(marking.answer.id), str(other.id)}


def test_a_decision_sent_twice_at_once_is_made_once(marking: Marking, client_for):
    clients = [client_for(marking.assessor), client_for(marking.assessor)]
    clients[0].post(f"{marking.address}/lease")
    page = clients[0].get(marking.address)
    sent = at_once(
        *(
            lambda client=client: client.post(f"{marking.address}/decision", data=judgement(page, then="return"))
            for client in clients
        )
    )
    assert sorted(one.status_code for one in sent) == [303, 409]
    with marking.story.reading() as session:
        found = session.scalars(select(Decision)).all()
        assert {one.number for one in found} == {1}
        assert len(session.scalars(select(Return)).all()) == 1
