"""Issuing, numbering, revoking: what a record is and what it never does."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from course import audit
from course.access import Role
from course.audit import AuditEvent
from course.catalogue import operations as catalogue_operations
from course.catalogue import queries as catalogue
from course.enrolment.models import Enrolment
from course.people.models import Person
from course.records import operations, queries, ready
from course.records.models import CompletionRecord, RecordHolder
from course.refusal import Refusal
from tests.support.marked import FOOD, FOOD_UNIT, Achieved, achieved_unit, actor, food_cohort, held, released_unit
from tests.support.story import Story


def issue(story: Story, done: Achieved, admin: Person, *, whole: bool = False) -> CompletionRecord:
    """An admin issues one record."""
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, done.enrolment.id)
        by = actor(story, admin, Role.ADMIN)
        if whole:
            return operations.issue_completion_record(session, enrolment, by=by)
        return operations.issue_unit_statement(session, enrolment, FOOD_UNIT, by=by)


def facts_of(record: CompletionRecord) -> dict[str, object]:
    """What a record says."""
    found: dict[str, object] = json.loads(record.facts)
    return found


def test_a_record_says_what_was_achieved_and_what_it_is_not(story: Story) -> None:
    record = issue(story, released_unit(story), story.staff(Role.ADMIN))
    said = facts_of(record)
    assert said["title"] == "Food hygiene at work"
    assert said["wording"] == [
        "This is a record kept by Harbour Recovery. It is not a certificate of an awarding organisation.",
        "This qualification is not regulated.",
    ]
    assert said["credit"] is None
    assert [one["number"] for one in said["criteria"]] == ["1.1", "1.2", "2.2"]  # type: ignore[attr-defined]
    assert "Ffion" not in record.facts
    assert record.number == 1


def test_issuing_writes_its_audit_entry_and_the_trail_stays_whole(story: Story) -> None:
    record = issue(story, released_unit(story), story.staff(Role.ADMIN))
    with story.reading() as session:
        entry = session.scalars(select(AuditEvent).where(AuditEvent.action == "record.issued")).one()
        assert entry.object_ref == f"completion_record:{record.id}"
        assert list(audit.verify(session)) == []


def test_nothing_is_issued_from_an_unreleased_batch(story: Story) -> None:
    done, admin = achieved_unit(story), story.staff(Role.ADMIN)
    with story.writing() as session:
        operations.make_batch(session, done.cohort, [done.unit], by=actor(story, done.iqa, Role.IQA))
    with pytest.raises(Refusal, match="has not been released"):
        issue(story, done, admin)
    with story.reading() as session:
        assert ready.at(session, held(story, admin)) == []


def test_the_record_of_a_qualification_follows_its_rules_of_combination(story: Story) -> None:
    done, admin = released_unit(story), story.staff(Role.ADMIN)
    record = issue(story, done, admin, whole=True)
    said = facts_of(record)
    assert (said["kind"], said["title"], record.unit) == ("qualification", "Food Hygiene at Work", "")
    assert [one["code"] for one in said["units"]] == ["U1"]  # type: ignore[attr-defined]


def test_a_qualification_is_not_complete_without_its_units(story: Story) -> None:
    done = achieved_unit(story)
    with pytest.raises(Refusal, match="has not been released"):
        issue(story, done, story.staff(Role.ADMIN), whole=True)


def test_a_record_is_issued_once(story: Story) -> None:
    done, admin = released_unit(story), story.staff(Role.ADMIN)
    issue(story, done, admin)
    with pytest.raises(Refusal, match="issued already"):
        issue(story, done, admin)


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("learner", "This is your own work, so you cannot issue its record."),
        ("assessor", "You decided this, so you cannot issue its record."),
        ("iqa", "You released this, so you cannot issue its record."),
    ],
)
def test_nobody_issues_a_record_that_they_had_a_part_in(story: Story, who: str, sentence: str) -> None:
    done = released_unit(story)
    person = getattr(done, who)
    story.appoint(person, Role.ADMIN)
    with pytest.raises(Refusal) as refused:
        issue(story, done, person)
    assert refused.value.sentence == sentence
    with story.reading() as session:
        assert session.scalar(select(CompletionRecord.id)) is None


def test_numbers_have_no_gaps_and_no_duplicates_when_two_admins_issue_at_once(story: Story) -> None:
    cohort = food_cohort(story)
    done = [released_unit(story, f"Learner Number{number}", cohort=cohort) for number in range(4)]
    admins = [story.staff(Role.ADMIN), story.staff(Role.ADMIN)]
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(issue, story, one, admins[whole], whole=bool(whole)) for one in done for whole in (0, 1)]
        for job in jobs:
            job.result(timeout=60)
    with story.reading() as session:
        numbers = list(session.scalars(select(CompletionRecord.number).order_by(CompletionRecord.number)))
        assert numbers == list(range(1, 9))
        assert list(audit.verify(session)) == []


def test_a_refused_issue_leaves_no_gap(story: Story) -> None:
    first, second = released_unit(story, "Ann One"), released_unit(story, "Ben Two")
    admin = story.staff(Role.ADMIN)
    issue(story, first, admin)
    with pytest.raises(Refusal):
        issue(story, first, admin)
    assert issue(story, second, admin).number == 2


def test_a_record_never_changes_when_content_or_names_change_later(story: Story) -> None:
    done, admin = released_unit(story), story.staff(Role.ADMIN)
    record = issue(story, done, admin)
    with story.writing() as session:
        newest = catalogue.latest_unit(session, FOOD, FOOD_UNIT)
        assert newest is not None
        unit = catalogue.unit_of(newest)
        changed = unit.model_copy(update={"title": "Another title", "level": "3"})
        catalogue_operations._publish_unit(session, changed, by=audit.INSTALLER)
        qualification = catalogue.qualification(session, FOOD).model_copy(update={"title": "Renamed"})
        catalogue_operations._publish_qualification(session, qualification, by=audit.INSTALLER)
        session.execute(update(Person).where(Person.id == done.learner.id).values(name="New Name"))
    with story.reading() as session:
        found = queries.record_of_holder(session, record.id, done.learner.id)
        assert found.facts == facts_of(record)
        assert found.title == "Food hygiene at work"
        assert found.holder is not None
        assert found.holder.name == "Ffion Davies"


def test_a_record_is_ink(story: Story) -> None:
    record = issue(story, released_unit(story), story.staff(Role.ADMIN))
    with pytest.raises(DatabaseError, match="append-only"), story.writing() as session:
        session.execute(update(CompletionRecord).where(CompletionRecord.id == record.id).values(number=7))


def test_revoking_needs_a_reason_and_keeps_the_history(story: Story) -> None:
    done, admin = released_unit(story), story.staff(Role.ADMIN)
    record = issue(story, done, admin)
    with story.writing() as session:
        session.execute(update(Person).where(Person.id == done.learner.id).values(name="Ffion Hughes"))
    with story.writing() as session:
        found = queries.record_of_holder(session, record.id, done.learner.id)
        with pytest.raises(Refusal, match="Say why"):
            operations.revoke(session, found, " ", replace=False, by=actor(story, admin, Role.ADMIN))
        operations.revoke(session, found, "The name was wrong.", replace=True, by=actor(story, admin, Role.ADMIN))
    with story.reading() as session:
        old = queries.record_of_holder(session, record.id, done.learner.id)
        new = next(one for one in queries.records_of_holder(session, done.learner.id) if one.row.replaces_id)
        assert (old.is_revoked, new.is_revoked) == (True, False)
        assert old.revocation is not None
        assert old.revocation.reason == "The name was wrong."
        assert old.replaced_by is not None
        assert old.replaced_by.id == new.row.id
        assert (new.row.number, new.row.issue) == (2, 2)
        assert new.holder is not None
        assert old.holder is not None
        assert (old.holder.name, new.holder.name) == ("Ffion Davies", "Ffion Hughes")
        assert old.holder.code != new.holder.code
        happened = list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(2)))
        assert sorted(happened) == ["record.issued", "record.revoked"]
        assert list(audit.verify(session)) == []


def test_nobody_revokes_twice_or_their_own(story: Story) -> None:
    done, admin = released_unit(story), story.staff(Role.ADMIN)
    record = issue(story, done, admin)
    story.appoint(done.learner, Role.ADMIN)
    with story.writing() as session:
        found = queries.record_of_holder(session, record.id, done.learner.id)
        with pytest.raises(Refusal, match="your own work"):
            operations.revoke(session, found, "Why not.", replace=False, by=actor(story, done.learner, Role.ADMIN))
        operations.revoke(session, found, "An error.", replace=False, by=actor(story, admin, Role.ADMIN))
        again = queries.record_of_holder(session, record.id, done.learner.id)
        with pytest.raises(Refusal, match="already"):
            operations.revoke(session, again, "An error.", replace=False, by=actor(story, admin, Role.ADMIN))


def test_a_name_that_was_disposed_of_leaves_a_record_of_nobody(story: Story) -> None:
    record = issue(story, released_unit(story), story.staff(Role.ADMIN))
    with story.writing() as session:
        session.delete(session.get_one(RecordHolder, record.id))
    with story.reading() as session:
        assert queries.record(session, record.id).holder is None
        assert list(audit.verify(session)) == []
