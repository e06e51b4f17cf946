"""Facts about the database: readers cannot write, ink cannot be changed, and times have a zone."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from course import clock, sealing, triggers
from course.audit import INSTALLER
from course.db import Base, UTCDateTime, metadata, new_id
from course.people import operations as people
from tests.support.story import Story


def test_a_reader_cannot_write(app: Any, story: Story) -> None:
    person = story.person()
    database = app.extensions["database"]
    with database.reader() as session, pytest.raises(DBAPIError):
        session.execute(text("UPDATE person SET name = 'x'"))
    with database.reading.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text("DELETE FROM person"))
    with story.writing() as session:
        assert session.get_one(type(person), person.id).name == person.name


def test_opening_a_page_changes_no_row(app: Any, client: Any, story: Story) -> None:
    story.learner()
    assert client.get("/sign-in").status_code == 200
    assert client.get("/nowhere").status_code == 404


@pytest.mark.sqlite
def test_every_connection_keeps_what_the_design_needs(app: Any) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "secure_delete": 1}
    database = app.extensions["database"]
    for engine, only in ((database.reading, 1), (database.writing, 0)):
        with engine.connect() as connection:
            for pragma, value in (wanted | {"query_only": only}).items():
                assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value, pragma


def _a_row(connection: Any, table: str) -> dict[str, Any]:
    """One row of a table, whatever it takes: foreign keys and checks are not what is tested here."""
    found = connection.execute(text(f'SELECT * FROM "{table}" LIMIT 1')).mappings().first()
    if found is not None:
        return dict(found)
    # A check may ask for what may be empty elsewhere, for its absence, or for one of two.
    optional = [column.name for column in metadata.tables[table].columns if column.nullable]
    for filled in ([], optional, *([one] for one in optional)):
        values = _values(table, filled)
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(metadata.tables[table].insert().values(**values))
            return values
    raise AssertionError(f"No row of {table} could be made.")


def _values(table: str, optional: Collection[str]) -> dict[str, Any]:
    plain: dict[type, Any] = {str: "x", int: 1, bool: True, bytes: b"x", date: clock.now().date()}
    values: dict[str, Any] = {}
    for later, column in enumerate(metadata.tables[table].columns):
        kind = column.type
        moment = clock.now() + timedelta(minutes=later)  # a check may ask for one moment to come after another
        filled = moment if isinstance(kind, UTCDateTime) else plain.get(kind.python_type) or new_id()
        values[column.name] = filled if not column.nullable or column.name in optional else None
    for check in metadata.tables[table].constraints:
        sql = str(getattr(check, "sqltext", ""))
        if " IN (" in sql:
            values[sql.split(" ", 1)[0]] = sql.split("'")[1]
    return values


def _without_foreign_keys(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")


def test_no_row_of_ink_can_be_changed_removed_or_replaced(app: Any, story: Story) -> None:
    """On every append-only table, through the very connection that the application writes with."""
    story.learner()
    tables = triggers.append_only_tables()
    assert len(tables) > 15
    for table in tables:
        with app.extensions["database"].writing.connect() as connection:
            _without_foreign_keys(connection)
            _a_row(connection, table)
            if connection.dialect.name != "sqlite":
                connection.exec_driver_sql("SET LOCAL session_replication_role = origin")
            column = inspect(metadata.tables[table]).primary_key.columns.values()[0].name
            attempts = [
                f'UPDATE "{table}" SET "{column}" = "{column}"',
                f'DELETE FROM "{table}"',
                f'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"'
                if connection.dialect.name == "sqlite"
                else f'TRUNCATE "{table}" CASCADE',
            ]
            for attempt in attempts:
                with pytest.raises(DBAPIError, match=f"append-only: {table}"), connection.begin_nested():
                    connection.exec_driver_sql(attempt)
            connection.rollback()
    app.extensions["database"].dispose()  # connections without foreign keys must not be used again


@pytest.mark.sqlite
def test_ink_in_a_box_cannot_be_replaced(app: Any, story: Story) -> None:
    with story.writing() as session:
        key = sealing.ensure_key(session, new_id(), sealing.Purpose.WORK)
        sealing.seal(session, key, "answer.words", "words")
    with app.extensions["database"].writing.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.exec_driver_sql("INSERT OR REPLACE INTO sealed SELECT * FROM sealed WHERE ink")


def test_a_time_without_a_zone_is_refused(story: Story) -> None:
    person = story.person()
    with pytest.raises(Exception, match="without a zone"), story.writing() as session:
        session.get_one(type(person), person.id).created_at = datetime(2026, 1, 1)  # noqa: DTZ001


def test_times_come_back_as_they_went_in(story: Story) -> None:
    person = story.person()
    with story.reading() as session:
        assert session.get_one(type(person), person.id).created_at == person.created_at


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {one.version for one in ids} == {7}


def test_a_view_that_fails_leaves_nothing_half_written(app: Any, story: Story) -> None:
    with pytest.raises(RuntimeError), story.writing() as session:  # noqa: PT012  fails in the middle
        people.create_person(session, name="Half Written", known_as="", email="half@example.org", by=INSTALLER)
        session.flush()
        raise RuntimeError
    with story.reading() as session:
        assert session.execute(text("SELECT count(*) FROM person WHERE email = 'half@example.org'")).scalar() == 0


def test_every_constraint_has_a_name() -> None:
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint}"
