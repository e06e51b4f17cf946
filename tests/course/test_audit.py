"""Facts about the trail: whatever is altered, removed, inserted or moved is found and named."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select, text

from course import audit, checkpoints, clock, sealing, triggers
from course.access import Role
from course.audit import INSTALLER, AuditEvent, Event
from course.catalogue import queries as catalogue
from course.catalogue.models import InductionVersion
from course.db import new_id
from course.enrolment.models import Induction
from course.people import operations as people
from course.people.models import Centre, Person
from course.sealing import DataKey, Purpose, Sealed
from course.workbook.models import Answer
from tests.support.story import UNIT, Story


@pytest.fixture
def answer(story: Story) -> Answer:
    """An answer that was handed in: ink with words, and entries about it."""
    _, enrolment = story.learner("Ana Silva")
    with story.reading() as session:
        unit = catalogue.unit(session, catalogue.latest_unit(session, "peer-mentoring", UNIT).id)
    key = next(one.key for one in unit.questions if one.kind == "extended")
    return story.hand_in(enrolment, key, "First I would thank Jo.")


def faults(story: Story, expected: tuple[int, str] | None = None) -> list[str]:
    with story.reading() as session:
        return [*audit.verify(session, expected=expected), *checkpoints.verify(session)]


@contextmanager
def intruder(story: Story) -> Iterator[Connection]:
    """Somebody with the database file in their hands: no triggers, no rules."""
    database = story.app.extensions["database"]
    with database.writing.connect() as connection:
        if database.is_sqlite:
            for name in triggers.installed(connection):
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield connection
        connection.commit()


def entry_about(story: Story, row: Any) -> AuditEvent:
    with story.reading() as session:
        reference = audit.reference(row)
        return session.scalars(select(AuditEvent).where(AuditEvent.object_ref == reference)).first()  # type: ignore[return-value]


def test_an_untouched_trail_is_whole(story: Story, answer: Answer) -> None:
    assert faults(story) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "somebody else"), ("role", "iqa"), ("action", "answer.returned"), ("at", "2020-01-01T00:00:00+00:00"),
     ("object_ref", "answer:not-an-id"), ("subject", "not-an-id"), ("enrolment", "not-an-id"), ("commit", "0" * 64),
     ("hash", "0" * 64), ("prev", "0" * 64), ("appointment", "x")],
)  # fmt: skip
def test_an_altered_entry_is_named(column: str, value: str, story: Story, answer: Answer) -> None:
    seq = entry_about(story, answer).seq
    with intruder(story) as connection:
        connection.execute(
            text(f'UPDATE audit_event SET "{column}" = :value WHERE seq = :seq'), {"value": value, "seq": seq}
        )
    found = faults(story)
    assert any(f"Entry {seq} " in fault for fault in found), found


def test_an_altered_entry_with_a_hash_that_fits_again_is_named_by_the_next(story: Story, answer: Answer) -> None:
    altered = entry_about(story, answer)
    story.person()
    altered.at = "2020-01-01T00:00:00+00:00"
    with intruder(story) as connection:
        statement = text("UPDATE audit_event SET at = :at, hash = :hash WHERE seq = :seq")
        connection.execute(statement, {"at": altered.at, "hash": audit.entry_hash(altered), "seq": altered.seq})
    found = faults(story)
    assert any(f"does not follow entry {altered.seq}" in fault for fault in found), found


@pytest.mark.parametrize("column", ["actor", "role", "appointment", "at"])
def test_a_whole_chain_made_anew_around_an_altered_entry_is_named(column: str, story: Story, answer: Answer) -> None:
    """Whoever has the database without the keys can make every hash fit, but not the entry's keyed commitment."""
    altered = entry_about(story, answer)
    story.person()
    with story.reading() as session:
        entries = session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
    prev = audit.GENESIS
    with intruder(story) as connection:
        for entry in entries:
            if entry.seq == altered.seq:
                setattr(entry, column, "2020-01-01T00:00:00+00:00" if column == "at" else str(uuid4())[:20])
            entry.prev = prev
            entry.hash = prev = audit.entry_hash(entry)
            values = {"seq": entry.seq, "prev": entry.prev, "hash": entry.hash, "value": getattr(entry, column)}
            set_all = f"UPDATE audit_event SET {column} = :value, prev = :prev, hash = :hash WHERE seq = :seq"
            connection.execute(text(set_all), values)
    assert [fault for fault in faults(story) if fault.startswith(f"Entry {altered.seq} ")], faults(story)


def test_entries_of_the_first_form_still_verify(story: Story, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "VERSION", 1)
    story.person()
    monkeypatch.undo()
    story.person()
    with story.reading() as session:
        versions = session.scalars(select(AuditEvent.version).order_by(AuditEvent.seq)).all()
    assert {1, 2} == set(versions)
    assert faults(story) == []


def test_a_missing_entry_is_named(story: Story, answer: Answer) -> None:
    seq = entry_about(story, answer).seq
    with story.writing() as session:
        people.create_person(session, name="One More", known_as="One", email="one.more@example.org", by=INSTALLER)
    with intruder(story) as connection:
        connection.execute(text("DELETE FROM audit_event WHERE seq = :seq"), {"seq": seq})
    found = faults(story)
    assert f"Entry {seq} is missing (the next one is {seq + 1})." in found
    assert any("answer:" in fault and "without an entry" in fault for fault in found)


def _shift(connection: Connection, first: int, by: int) -> None:
    connection.execute(
        text("UPDATE audit_event SET seq = -(seq + :by) WHERE seq >= :first"), {"first": first, "by": by}
    )
    connection.execute(text("UPDATE audit_event SET seq = -seq WHERE seq < 0"))


def test_an_inserted_entry_is_named(story: Story, answer: Answer) -> None:
    seq = entry_about(story, answer).seq
    with intruder(story) as connection:
        _shift(connection, seq, 1)
        columns = '"version", at, actor, role, appointment, action, object_ref, subject, enrolment, "commit", prev'
        connection.execute(
            text(f"INSERT INTO audit_event (seq, {columns}, hash) SELECT :seq, {columns}, 'made up' FROM audit_event "
                 "WHERE seq = :next"), {"seq": seq, "next": seq + 1},
        )  # fmt: skip
    assert any(f"Entry {seq} " in fault for fault in faults(story))


def test_entries_in_another_order_are_named(story: Story, answer: Answer) -> None:
    seq = entry_about(story, answer).seq
    with intruder(story) as connection:
        for old, new in ((seq, -1), (seq - 1, seq), (-1, seq - 1)):
            connection.execute(text("UPDATE audit_event SET seq = :new WHERE seq = :old"), {"old": old, "new": new})
    found = faults(story)
    assert any(f"Entry {seq - 1} " in fault for fault in found)
    assert any(f"Entry {seq} " in fault for fault in found)


def test_an_altered_ink_row_is_named(story: Story, answer: Answer) -> None:
    with intruder(story) as connection:
        connection.execute(text("UPDATE answer SET number = 7 WHERE question = :key"), {"key": answer.question})
    found = faults(story)
    assert [fault for fault in found if f"answer:{answer.id} was altered" in fault], found


@pytest.mark.sqlite  # PostgreSQL keeps the type itself
def test_an_ink_row_that_can_no_longer_be_read_is_named(story: Story, answer: Answer) -> None:
    with intruder(story) as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("UPDATE induction SET at = 'yesterday'")
    assert any("induction:" in fault and "cannot be read" in fault for fault in faults(story))


def test_altered_words_are_named(story: Story, answer: Answer) -> None:
    with intruder(story) as connection:
        rows = connection.execute(select(Sealed.__table__).where(Sealed.id == answer.words_id)).one()
        connection.execute(
            Sealed.__table__.update().where(Sealed.id == answer.words_id).values(box=rows.box[:-1] + b"\x00")
        )
    assert any(f"the words of answer:{answer.id} cannot be opened" in fault for fault in faults(story))


def test_words_of_another_answer_in_its_place_are_named(story: Story, answer: Answer) -> None:
    with story.writing() as session:
        key = sealing.ensure_key(session, answer.enrolment_id, Purpose.WORK)
        other = sealing.seal(session, key, "answer.words", "Words that they never handed in.")
    with intruder(story) as connection:
        connection.execute(Answer.__table__.update().values(words_id=other.id))
    assert any(f"answer:{answer.id} was altered" in fault for fault in faults(story))


def test_an_ink_row_that_is_gone_is_named(story: Story) -> None:
    story.learner()
    with intruder(story) as connection:
        connection.exec_driver_sql("DELETE FROM induction")
    assert any("names induction:" in fault and "missing" in fault for fault in faults(story))


def test_an_ink_row_without_an_entry_is_named(story: Story, answer: Answer) -> None:
    with intruder(story) as connection:
        row = connection.execute(select(Induction.__table__)).first()._mapping  # type: ignore[union-attr]
        copy = dict(row) | {"id": new_id()}
        version = new_id()
        made_up = {"id": version, "number": 99, "hash": "x", "html": "x", "published_at": clock.now()}
        connection.execute(InductionVersion.__table__.insert().values(**made_up))
        connection.execute(Induction.__table__.insert().values(**copy | {"induction_version_id": version}))
    found = faults(story)
    assert any("induction:" in fault and "without an entry" in fault for fault in found), found
    assert any("induction_version:" in fault and "without an entry" in fault for fault in found), found


def test_a_key_that_vanished_is_named(story: Story, answer: Answer) -> None:
    """Whoever removes a key without saying so must not make everything under it unprovable in silence."""
    with intruder(story) as connection:
        connection.exec_driver_sql("UPDATE data_key SET purpose = 'hidden' WHERE purpose = 'commitment'")
    assert any("the key that proves" in fault for fault in faults(story))


def test_a_key_that_an_operation_destroyed_is_no_fault(story: Story) -> None:
    _, enrolment = story.learner()
    with story.writing() as session:
        key = session.scalars(
            select(DataKey).where(DataKey.owner_id == enrolment.id, DataKey.purpose == Purpose.WORK)
        ).one()
        audit.record(session, Event.KEY_DESTROYED, key, by=INSTALLER, enrolment=enrolment.id)
    with intruder(story) as connection:
        connection.execute(DataKey.__table__.delete().where(DataKey.id == key.id))
    assert faults(story) == []


def test_rows_that_hang_from_an_ink_row_are_vouched_for_by_its_entry(story: Story) -> None:
    """Every kind of ink row is covered: by an entry of its own, by its parent's, or by its own signature or name."""
    free = {"audit_checkpoint", "access_entry", "media"}
    for table, ink in audit.ink_classes().items():
        parent = getattr(ink, "__vouched_by__", None)
        if parent is None or table in free:
            continue
        assert ink in [part for part, _ in audit.parts_of(parent)], table


def test_a_cut_end_is_found_only_with_what_somebody_outside_kept(story: Story, answer: Answer) -> None:
    story.person()
    with story.reading() as session:
        size = audit.size(session)
        head = session.scalars(select(AuditEvent.hash).where(AuditEvent.seq == size)).one()
    with intruder(story) as connection:
        connection.execute(text("DELETE FROM audit_event WHERE seq = :seq"), {"seq": size})
    assert faults(story) == []
    assert any("The end was cut off" in fault for fault in faults(story, (size, head)))


def test_a_rewritten_entry_under_a_checkpoint_is_named(story: Story, answer: Answer) -> None:
    with story.reading() as session:
        size = audit.size(session)
    assert any("checkpointed" in fault for fault in faults(story, (size, "0" * 64)))


def test_a_signed_checkpoint_inside_finds_a_cut_end_and_a_forged_one(story: Story, answer: Answer) -> None:
    with story.writing() as session:
        assert checkpoints.checkpoint(session) is not None
    assert faults(story) == []
    with story.reading() as session:
        size = audit.size(session)
    with intruder(story) as connection:
        connection.execute(text("DELETE FROM audit_event WHERE seq = :seq"), {"seq": size})
    assert any("which is missing. The end was cut off" in fault for fault in faults(story))
    with intruder(story) as connection:
        connection.execute(text("UPDATE audit_checkpoint SET size = :size"), {"size": size - 1})
    assert any("not signed" in fault for fault in faults(story))


def test_checkpoints_are_signed_only_when_the_trail_has_grown_and_time_has_passed(
    story: Story, answer: Answer, at: Callable[[Any], None]
) -> None:
    with story.app.app_context():
        assert checkpoints.checkpoint_if_due()
        assert not checkpoints.checkpoint_if_due()
        at(clock.now() + checkpoints.EVERY + timedelta(seconds=1))
        assert not checkpoints.checkpoint_if_due()
        story.person()
        assert checkpoints.checkpoint_if_due()


def test_what_is_undone_leaves_no_entry(story: Story) -> None:
    with story.reading() as session:
        before = audit.size(session)
    with pytest.raises(RuntimeError), story.writing() as session:  # noqa: PT012  the block is what is undone
        people.create_person(session, name="Not Kept", known_as="Not", email="not.kept@example.org", by=INSTALLER)
        raise RuntimeError
    with story.reading() as session:
        assert audit.size(session) == before
        assert not session.scalar(select(Person.id).where(Person.email == "not.kept@example.org"))


def test_what_a_savepoint_undoes_leaves_no_entry_and_what_stays_does(story: Story) -> None:
    with story.reading() as session:
        before = audit.size(session)
    with story.writing() as session:
        people.create_person(session, name="Kept Person", known_as="Kept", email="kept@example.org", by=INSTALLER)
        with pytest.raises(RuntimeError), session.begin_nested():  # noqa: PT012  the block is what is undone
            people.create_person(session, name="Not Kept", known_as="Not", email="not.kept@example.org", by=INSTALLER)
            raise RuntimeError
    with story.reading() as session:
        assert audit.size(session) == before + 1
    assert faults(story) == []


def test_writers_at_the_same_moment_do_not_fork_the_trail(story: Story) -> None:
    centre, start, wrong = story.centre(), threading.Barrier(4), []
    with story.reading() as session:
        before = audit.size(session)

    def write(number: int) -> None:
        try:
            start.wait(10)
            for turn in range(3):
                with story.writing() as session:
                    people.create_person(
                        session, name="Some Body", known_as="", email=f"p{number}.{turn}@example.org", by=INSTALLER
                    )
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    with story.reading() as session:
        assert audit.size(session) == before + 12
        assert session.get_one(Centre, centre.id)
    assert faults(story) == []


def test_every_event_reads_aloud() -> None:
    for one in Event:
        assert one.sentence.endswith(".")
        noun, _, verb = one.partition(".")
        assert noun
        assert verb


def test_the_exported_trail_holds_no_words_and_no_names(story: Story, answer: Answer) -> None:
    story.staff(Role.ASSESSOR, "Marisol Quinn")
    with story.reading() as session:
        lines = "\n".join(audit.export(session))
    assert lines.count("\n") + 1 == audit_size(story)
    for word in ("thank Jo", "Ana", "Silva", "Marisol", "Quinn", "example.org"):
        assert word not in lines


def audit_size(story: Story) -> int:
    with story.reading() as session:
        return audit.size(session)
