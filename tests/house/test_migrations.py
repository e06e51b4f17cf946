"""An empty database, brought up to date, is exactly what the models say; and it is brought there once."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from course import migrating
from course.db import Database, metadata
from course.turn import TurnTimeout


def test_an_upgraded_database_has_no_difference_from_the_models(app: Any) -> None:
    with app.extensions["database"].reading.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_table_and_check_is_there(app: Any) -> None:
    """Alembic does not compare CHECK constraints; the database is asked."""
    from sqlalchemy import CheckConstraint, inspect

    with app.extensions["database"].reading.connect() as connection:
        found = inspect(connection)
        for name, table in metadata.tables.items():
            wanted = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
            assert {str(one["name"]) for one in found.get_check_constraints(name)} == wanted, name


def test_migrations_follow_one_line_and_never_go_back() -> None:
    script = ScriptDirectory.from_config(migrating.configuration())
    assert len(script.get_heads()) == 1
    for revision in script.walk_revisions():
        text = Path(revision.path).read_text("utf-8")
        assert "def downgrade" not in text, f"{revision.path}: migrations go forward only"


def test_a_process_waits_for_a_migration_that_takes_longer_than_a_save_may_wait(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = iter([TurnTimeout(), TurnTimeout()])

    def busy_twice(_: Database) -> bool:
        for timeout in tries:
            raise timeout
        return True

    monkeypatch.setattr(migrating, "_upgrade", busy_twice)
    assert migrating.upgrade(app.extensions["database"]) is True
    monkeypatch.setattr(migrating, "PATIENCE", 0.0)
    tries = iter([TurnTimeout()])
    with pytest.raises(TurnTimeout):
        migrating.upgrade(app.extensions["database"])


@pytest.mark.sqlite
def test_upgrading_twice_or_at_the_same_moment_does_it_once(app: Any, tmp_path: Path) -> None:
    databases = [Database(f"sqlite:///{tmp_path / 'empty.sqlite'}") for _ in range(2)]
    start, wrong = threading.Barrier(2), []

    def upgrade(database: Database) -> None:
        try:
            start.wait(10)
            migrating.upgrade(database)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=upgrade, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert not migrating.upgrade(databases[0])
    for database in databases:
        database.dispose()


@pytest.mark.sqlite
def test_a_database_of_a_newer_release_is_left_alone(app: Any) -> None:
    database = app.extensions["database"]
    with database.writing.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'from the future'")
        connection.commit()
    with pytest.raises(migrating.UnknownVersion):
        migrating.upgrade(database)
