"""Triggers that make the database refuse what the design forbids, the same on SQLite and PostgreSQL.

Migrations and tests call `install`, which drops and remakes every trigger: recreating a SQLite table in a migration
loses its triggers silently.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from course.db import Base


@dataclass(frozen=True)
class Trigger:
    """One trigger: `body` is plain SQL that both databases understand, run after each inserted row (`NEW`)."""

    name: str
    table: str
    body: str
    when: str = ""


PROJECTIONS: list[Trigger] = []
"""Triggers that keep projections; the slice that owns a projection adds its own."""


def append_only_tables() -> list[str]:
    """Name every table whose rows are ink."""
    kinds = [mapper.class_ for mapper in Base.registry.mappers]
    return sorted(kind.__tablename__ for kind in kinds if getattr(kind, "__append_only__", False))


def install(connection: Connection) -> None:
    """Make all triggers anew."""
    if connection.dialect.name == "sqlite":
        _install_sqlite(connection)
    else:
        _install_postgresql(connection)


def installed(connection: Connection) -> set[str]:
    """Name the triggers that the database has."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return set(connection.execute(text(query)).scalars())


def expected(dialect: str) -> set[str]:
    """Name the triggers that the database must have."""
    kinds = ("no_update", "no_delete") if dialect == "sqlite" else ("no_update", "no_delete", "no_truncate")
    ink = {f"{table}_{kind}" for table in append_only_tables() for kind in kinds}
    sealed = {"sealed_ink_no_update", "sealed_ink_no_replace"} if dialect == "sqlite" else {"sealed_ink_no_update"}
    return ink | {trigger.name for trigger in PROJECTIONS} | sealed


def _install_sqlite(connection: Connection) -> None:
    for name in installed(connection):
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    for table in append_only_tables():
        for verb in ("update", "delete"):
            connection.exec_driver_sql(
                f'CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
            )
    connection.exec_driver_sql(
        "CREATE TRIGGER sealed_ink_no_update BEFORE UPDATE ON sealed WHEN OLD.ink "
        "BEGIN SELECT RAISE(ABORT, 'append-only: sealed'); END"
    )
    # Boxes may be deleted (disposal), so INSERT OR REPLACE would get past a rule about DELETE.
    connection.exec_driver_sql(
        "CREATE TRIGGER sealed_ink_no_replace BEFORE INSERT ON sealed "
        "WHEN EXISTS (SELECT 1 FROM sealed WHERE id = NEW.id AND ink) "
        "BEGIN SELECT RAISE(ABORT, 'append-only: sealed'); END"
    )
    for trigger in PROJECTIONS:
        when = f"WHEN {trigger.when} " if trigger.when else ""
        connection.exec_driver_sql(
            f'CREATE TRIGGER {trigger.name} AFTER INSERT ON "{trigger.table}" {when}BEGIN {trigger.body} END'
        )


def _install_postgresql(connection: Connection) -> None:
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append-only: %%', TG_TABLE_NAME; END $$"
    )
    for table in append_only_tables():
        for verb, level in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
            when = f'BEFORE {verb.upper()} ON "{table}" FOR EACH {level}'
            _replace(connection, f"{table}_no_{verb}", table, f"{when} EXECUTE FUNCTION refuse_change()")
    _replace(connection, "sealed_ink_no_update", "sealed",
             "BEFORE UPDATE ON sealed FOR EACH ROW WHEN (OLD.ink) EXECUTE FUNCTION refuse_change()")  # fmt: skip
    for trigger in PROJECTIONS:
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {trigger.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {trigger.body} RETURN NULL; END $$".replace("%", "%%")
        )
        when = f"WHEN ({trigger.when}) " if trigger.when else ""
        _replace(connection, trigger.name, trigger.table,
                 f'AFTER INSERT ON "{trigger.table}" FOR EACH ROW {when}EXECUTE FUNCTION {trigger.name}()')  # fmt: skip


def _replace(connection: Connection, name: str, table: str, definition: str) -> None:
    connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS {name} ON "{table}"')
    connection.exec_driver_sql(f"CREATE TRIGGER {name} {definition}")
