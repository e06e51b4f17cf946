"""Brings a database to the current schema, one process at a time, forward only."""

from __future__ import annotations

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from course import triggers
from course.db import Database
from course.turn import TurnTimeout

FOLDER = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 7_261_545
PATIENCE = 120.0
"""Seconds that one process waits for another's migration."""


class UnknownVersion(Exception):
    """The database was made by a newer release."""


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database) -> bool:
    """Apply what is missing in one transaction, and make the triggers anew. Returns whether anything was applied.

    Two processes may start together: on SQLite the second waits for its turn, on PostgreSQL for an advisory lock.
    Raises UnknownVersion when the database is newer than this code.
    """
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return _upgrade(database)
        except TurnTimeout:  # the other process is still at it: a migration may hold its turn for longer than a save
            if time.monotonic() > give_up:
                raise


def _upgrade(database: Database) -> bool:
    if is_current(database):
        return False
    with database.writing.connect() as connection:
        if database.is_sqlite:
            # A batch migration swaps tables; with foreign keys on, that would delete the children.
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        command.upgrade(configuration(connection), "head")
        triggers.install(connection)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all() if database.is_sqlite else []
        if broken:
            raise RuntimeError(f"The migration left {len(broken)} rows without their parent; nothing was changed.")
        connection.commit()
    database.dispose()  # connections with foreign_keys=OFF must not be used again
    return True


def is_current(database: Database) -> bool:
    """Whether the database has the newest schema. Raises UnknownVersion when it has a newer one than this code."""
    script = ScriptDirectory.from_config(configuration())
    if database.is_sqlite and not database.path.exists():
        return False
    with database.reading.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise UnknownVersion(
            f"The database is at version {current}, which this release does not know. Upgrade the code."
        )
    return current == script.get_current_head()
