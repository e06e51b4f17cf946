"""What comes back is shown only once it is returned; what is achieved stays so; the next go starts from the last."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from course.workbook import operations, progress, queries
from course.workbook.models import Draft
from course.workbook.progress import UnitState
from course.workbook.rules import State
from tests.course.workbook.judging import judge, open_to_mark
from tests.course.workbook.test_whole_journey import KEY, address
from tests.support.story import QUALIFICATION, UNIT


def test_a_decision_that_is_not_returned_is_not_shown(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    answer = story.hand_in(enrolment, KEY)
    judge(story, answer, {"1.1": "achieved"}, returned=False, feedback="A word in secret.")
    client = client_for(person)
    for rest in ("", "/1", f"/questions/{KEY}"):
        page = client.get(address(enrolment, rest)).get_data(as_text=True)
        assert "A word in secret." not in page
        assert "Achieved</span>" not in page
    assert "Being marked" in client.get(address(enrolment, "/1")).get_data(as_text=True)


def test_not_yet_reopens_the_box_with_the_last_words_and_the_feedback(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    judge(story, story.hand_in(enrolment, KEY, "Because it is theirs."), {"1.1": "not_yet_achieved"})
    client = client_for(person)
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "Priya wrote" in page
    assert "Because it is theirs.</textarea>" in page
    assert "You have two goes left." in page
    saved = client.post(
        address(enrolment, f"/questions/{KEY}/draft"), data={"base": "0", "text": "Because it is theirs. And trust."}
    )
    assert saved.status_code == 303
    judge(story, story.hand_in(enrolment, KEY, "Because it is theirs. And trust. And hope."), {"1.1": "achieved"})
    done = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "Achieved</span>" in done
    history = client.get(address(enrolment, f"/questions/{KEY}")).get_data(as_text=True)
    assert "First go" in history
    assert "Second go" in history


def test_an_answer_taken_back_is_a_draft_again_and_uses_no_go(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    story.hand_in(enrolment, KEY, "Not finished.")
    client = client_for(person)
    assert client.post(address(enrolment, f"/questions/{KEY}/answer/take-back")).status_code == 303
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert "Not finished.</textarea>" in page
    assert "You have three goes left." in page


def test_an_answer_that_was_opened_cannot_be_taken_back(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    open_to_mark(story, story.hand_in(enrolment, KEY))
    response = client_for(person).post(address(enrolment, f"/questions/{KEY}/answer/take-back"))
    assert response.status_code == 409
    assert "Your assessor has opened this answer" in response.get_data(as_text=True)


def test_no_other_learner_sees_any_of_it(story: Any, client_for: Any) -> None:
    _, enrolment = story.learner()
    story.hand_in(enrolment, KEY)
    other, _ = story.learner()
    client = client_for(other)
    for rest in ("", "/1", "/hand-in", f"/questions/{KEY}", f"/questions/{KEY}/earlier"):
        assert client.get(address(enrolment, rest)).status_code == 404
    for rest in (
        "/hand-in",
        f"/questions/{KEY}/draft",
        f"/questions/{KEY}/answer/take-back",
        f"/questions/{KEY}/try",
        "/version",
    ):
        assert client.post(address(enrolment, rest), data={"base": "0", "text": "x"}).status_code == 404


def test_handing_in_locks_the_words_pins_the_unit_and_leaves_a_trail(story: Any) -> None:
    from course import audit
    from course.enrolment.models import Pin

    _, enrolment = story.learner()
    answer = story.hand_in(enrolment, KEY, "Sealed for good.")
    with story.reading() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
        assert session.scalar(select(func.count()).select_from(Pin)) == 1
        assert operations.open_answer(session, answer.words_id).text == "Sealed for good."
        actions = list(
            session.scalars(select(audit.AuditEvent.action).where(audit.AuditEvent.enrolment == str(enrolment.id)))
        )
        assert {"work.handed-in", "answer.handed-in", "unit.pinned"} <= set(actions)
        assert list(audit.verify(session)) == []


def test_a_refused_hand_in_leaves_nothing_behind(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner(inducted=False)
    story.save(enrolment, KEY, "Ready, but not inducted.")
    client = client_for(person)
    over = client.get(address(enrolment, "/hand-in")).get_data(as_text=True)
    assert "how this course works" in over
    from tests.course.workbook.test_whole_journey import hidden

    fields = {"questions": KEY, f"revision-{KEY}": "1", "declaration": hidden(over, "declaration"), "own": "yes"}
    assert client.post(address(enrolment, "/hand-in"), data=fields).status_code == 409
    with story.reading() as session:
        work = queries.unit_work(session, session.merge(enrolment, load=True), UNIT)
        assert work.state(KEY) == State.DRAFT


def test_words_changed_since_the_page_was_opened_are_not_handed_in(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    story.save(enrolment, KEY, "As I looked it over.")
    client = client_for(person)
    over = client.get(address(enrolment, "/hand-in")).get_data(as_text=True)
    story.save(enrolment, KEY, "Changed on the phone meanwhile.")
    from tests.course.workbook.test_whole_journey import hidden

    fields = {"questions": KEY, f"revision-{KEY}": hidden(over, f"revision-{KEY}"), "own": "yes"}
    refused = client.post(address(enrolment, "/hand-in"), data=fields | {"declaration": hidden(over, "declaration")})
    assert refused.status_code == 409


def test_progress_follows_returned_decisions_only(story: Any) -> None:
    _, enrolment = story.learner()
    answer = story.hand_in(enrolment, KEY)

    def now() -> Any:
        with story.reading() as session:
            return progress.unit_progress(session, [enrolment.id], QUALIFICATION)[enrolment.id, UNIT]

    assert now().criteria["1.1"] == State.HANDED_IN
    judge(story, answer, {"1.1": "achieved"}, returned=False)
    assert now().criteria["1.1"] != State.ACHIEVED
    judge(story, answer, {"1.1": "achieved"}, number=2)
    assert now().questions[KEY] == State.ACHIEVED
    assert now().state in {UnitState.DRAFT, UnitState.BEING_MARKED}
    assert not now().achieved


def test_staff_see_nothing_of_a_draft_in_progress(story: Any) -> None:
    _, enrolment = story.learner()
    story.save(enrolment, KEY, "Only mine.")
    with story.reading() as session:
        theirs = progress.unit_progress(session, [enrolment.id], QUALIFICATION)[enrolment.id, UNIT]
        own = progress.unit_progress(session, [enrolment.id], QUALIFICATION, with_drafts=True)[enrolment.id, UNIT]
    assert theirs.state == UnitState.NOT_STARTED
    assert own.state == UnitState.DRAFT


def test_earlier_drafts_are_kept_every_ten_minutes_and_come_back(story: Any, client_for: Any, at: Any) -> None:
    from datetime import UTC, datetime, timedelta

    person, enrolment = story.learner()
    noon = datetime.now(UTC)
    for minutes in range(0, 33, 3):
        at(noon + timedelta(minutes=minutes))
        story.save(enrolment, KEY, f"Written after {minutes} minutes.")
    client = client_for(person)
    page = client.get(address(enrolment, f"/questions/{KEY}/earlier")).get_data(as_text=True)
    assert page.count("Put these words back") == 2
    with story.reading() as session:
        kept = queries.earlier_drafts(session, enrolment.id, KEY)
    back = client.post(address(enrolment, f"/questions/{KEY}/earlier/{kept[-1].id}/restore"))
    assert back.status_code == 303
    assert "Written after 9 minutes.</textarea>" in client.get(address(enrolment, "/1")).get_data(as_text=True)


def test_a_box_emptied_by_accident_can_be_filled_again(story: Any) -> None:
    _, enrolment = story.learner()
    story.save(enrolment, KEY, "A long answer. " * 40)
    story.save(enrolment, KEY, "")
    with story.reading() as session:
        assert len(queries.earlier_drafts(session, enrolment.id, KEY)) == 1


def test_only_the_last_twenty_earlier_drafts_are_kept(story: Any, at: Any) -> None:
    from datetime import UTC, datetime, timedelta

    _, enrolment = story.learner()
    noon = datetime.now(UTC)
    for hour in range(25):
        at(noon + timedelta(hours=hour))
        story.save(enrolment, KEY, f"Hour {hour}.")
    with story.reading() as session:
        assert len(queries.earlier_drafts(session, enrolment.id, KEY)) == 20


def test_a_unit_page_costs_the_same_queries_however_much_was_written(
    story: Any, client_for: Any, statements: Any
) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    client.get(address(enrolment, "/1"))
    statements.clear()
    client.get(address(enrolment, "/1"))
    empty = len(statements)
    judge(story, story.hand_in(enrolment, KEY), {"1.1": "not_yet_achieved"})
    for key in ("set-by-whom", "goal-you-would-not-choose"):
        story.save(enrolment, key, _some_choice(key))
    statements.clear()
    client.get(address(enrolment, "/1"))
    some = len(statements)
    judge(story, story.hand_in(enrolment, KEY, "Again."), {"1.1": "not_yet_achieved"})
    statements.clear()
    client.get(address(enrolment, "/1"))
    assert len(statements) == some
    assert empty < some <= 22


def _some_choice(key: str) -> Any:
    from course.workbook.content import ChoiceContent, MatchContent

    if key == "set-by-whom":
        return MatchContent(pairs=(("“What would make this month a good one for you?”", "Asks before giving advice"),))
    return ChoiceContent(chosen=("Tell him recovery starts when the methadone stops.",))


def test_the_learner_sees_who_has_looked(story: Any, client_for: Any) -> None:
    from course import clock
    from course.access import Role
    from course.workbook.models import AccessEntry

    person, enrolment = story.learner()
    answer = story.hand_in(enrolment, KEY)
    priya = story.staff(Role.ASSESSOR, "Priya Nair")
    client = client_for(person)
    client.get(address(enrolment, "/1"))
    assert "Nobody has looked yet" in client.get("/learn/access-log").get_data(as_text=True), (
        "my own reading is not a look"
    )
    with story.writing() as session:
        session.add(
            AccessEntry(
                enrolment_id=enrolment.id,
                answer_id=answer.id,
                person_id=priya.id,
                role="assessor",
                purpose="marking",
                at=clock.now(),
            )
        )
    page = client.get("/learn/access-log").get_data(as_text=True)
    assert "Priya" in page
    assert "To mark it" in page
    assert "Nair" not in page


def test_the_chain_holds_over_the_whole_life_of_an_answer(story: Any, client_for: Any) -> None:
    from course import audit

    person, enrolment = story.learner()
    story.hand_in(enrolment, KEY, "First.")
    client_for(person).post(address(enrolment, f"/questions/{KEY}/answer/take-back"))
    judge(story, story.hand_in(enrolment, KEY, "Second."), {"1.1": "not_yet_achieved"})
    judge(story, story.hand_in(enrolment, KEY, "Third."), {"1.1": "achieved"})
    with story.reading() as session:
        about = audit.AuditEvent.enrolment == str(enrolment.id)
        actions = list(session.scalars(select(audit.AuditEvent.action).where(about)))
        assert actions.count("answer.handed-in") == 3
        assert actions.count("answer.taken-back") == 1
        assert actions.count("unit.pinned") == 1
        assert list(audit.verify(session)) == []


def test_somebody_with_three_used_goes_reads_why_the_box_is_closed(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    for go in range(3):
        judge(story, story.hand_in(enrolment, KEY, f"Go {go}."), {"1.1": "not_yet_achieved"})
    client = client_for(person)
    page = client.get(address(enrolment, "/1")).get_data(as_text=True)
    assert f'id="{KEY}-box"' not in page
    late = client.post(address(enrolment, f"/questions/{KEY}/draft"), data={"base": "0", "text": "A fourth."})
    assert late.status_code == 409
    assert "You have used every go" in late.get_data(as_text=True)


def test_one_of_two_ways_to_answer_closes_the_other_while_it_is_marked(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    with story.reading() as session:
        work = queries.unit_work(session, session.merge(enrolment), UNIT)
    key, other = next((one.key, one.instead_of) for one in work.unit.questions if one.instead_of)
    story.hand_in(enrolment, key, "The made-up one.")
    client = client_for(person)
    page = client.get(address(enrolment, f"/{work.unit.question(key).page}")).get_data(as_text=True)
    assert f'id="{other}-box"' not in page
    refused = client.post(address(enrolment, f"/questions/{other}/draft"), data={"base": "0", "text": "Both?"})
    assert refused.status_code == 409
    assert client.post(address(enrolment, f"/questions/{other}/answer/take-back")).status_code == 409
    assert client.post(address(enrolment, f"/questions/{key}/answer/take-back")).status_code == 303
