"""A table that a migration rebuilds keeps its rows and its triggers; the audit chain about them still verifies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, column, inspect, select, text
from sqlalchemy import table as table_clause
from sqlalchemy.exc import DatabaseError

from assessors.selection.rules import Outcome
from course import audit, migrating, triggers
from course.db import Database, metadata
from tests.assessors.quality.test_states import ASKED, Marked
from tests.conftest import wants_postgresql
from tests.support.applicants import selecting
from tests.support.marked import released_unit
from tests.support.story import Story

BEFORE = "0012"
"""The last version before `batch_unit` (0013) and `upheld_error` were rebuilt."""
REBUILT = ("batch_unit", "upheld_error")


@pytest.fixture
def old(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of the version before."""
    if wants_postgresql():
        cluster = request.getfixturevalue("postgres_cluster")
        cluster.drop("before")
        url = cluster.create("before")
    else:
        url = f"sqlite:///{tmp_path / 'before.sqlite'}"
    database = Database(url)
    with database.writing.connect() as connection:
        _without_foreign_keys(connection)
        command.upgrade(migrating.configuration(connection), BEFORE)
        connection.commit()
    database.dispose()
    yield database
    database.dispose()


def _without_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SET session_replication_role = replica")


def _pour(source: Database, target: Database) -> None:
    """Put every row of one database into the tables and columns that another has already."""
    known = MetaData()
    with source.reading.connect() as reading, target.writing.connect() as writing:
        known.reflect(writing)
        _without_foreign_keys(writing)
        for table in metadata.sorted_tables:
            there = known.tables.get(table.name)
            if there is None:
                continue
            columns = [column for column in table.columns if column.name in there.columns]
            rows = [dict(row._mapping) for row in reading.execute(select(*columns))]
            writing.execute(there.delete())  # what a migration or a trigger put there
            if rows:
                # Without the models' defaults: a column that came later is not there yet.
                writing.execute(
                    table_clause(table.name, *(column(one.name, one.type) for one in columns)).insert(), rows
                )
        writing.commit()
    target.dispose()


def _rows(database: Database, name: str) -> list[tuple[Any, ...]]:
    with database.reading.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(select(metadata.tables[name])))


def test_rows_of_a_rebuilt_table_and_the_chain_about_them_survive(story: Story, old: Database) -> None:
    released_unit(story, "Bilal Khan")
    Marked(story).do(*ASKED, "answer", "uphold")
    now = story.app.extensions["database"]
    _pour(now, old)
    assert migrating.upgrade(old)
    for name in REBUILT:
        assert _rows(now, name), name
        assert _rows(old, name) == _rows(now, name)
    with old.reading.connect() as connection:
        assert triggers.installed(connection) == triggers.expected(connection.dialect.name)
        assert "batched_once" not in {one["name"] for one in inspect(connection).get_unique_constraints("batch_unit")}
    for name in REBUILT:
        with pytest.raises(DatabaseError), old.writing.connect() as connection:
            connection.execute(text(f"DELETE FROM {name}"))
    with story.app.app_context(), old.reader() as session:
        assert list(audit.verify(session)) == []


def test_applications_survive_the_number_that_they_were_given(story: Story, old: Database) -> None:
    choosing = selecting(story)
    choosing.decide(choosing.scored("Ann Lee"), Outcome.DECLINE)
    now = story.app.extensions["database"]
    _pour(now, old)
    assert migrating.upgrade(old)
    for name in ("application", "application_sent", "selection_decision"):
        assert _rows(now, name), name
        assert _rows(old, name) == _rows(now, name)
    with old.reading.connect() as connection:
        unique = {one["name"]: one["column_names"] for one in inspect(connection).get_unique_constraints("application")}
    assert unique["applied_once"] == ["person_id", "cohort_id", "number"]
