"""Tables' common ground and the two doors to the database: one that only reads, one that writes in turn."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from course.turn import Turn

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC moment. SQLite would hand back a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand back aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the installation share one MetaData, whichever package declares them."""

    metadata = metadata
    type_annotation_map = {datetime: UTCDateTime()}


class AppendOnly:
    """Ink: rows of this table are never changed or removed. `course/triggers.py` makes the database say so too."""

    __append_only__ = True


_last = (0, 0)
_id_lock = threading.Lock()


def new_id() -> UUID:
    """Make a version 7 UUID (RFC 9562): random, and sorted by the time it was made."""
    global _last
    with _id_lock:
        millisecond = time.time_ns() // 1_000_000
        then, counter = _last
        counter = counter + 1 if millisecond <= then else secrets.randbits(11)
        millisecond = max(millisecond, then)
        if counter > 0xFFF:
            millisecond, counter = millisecond + 1, 0
        _last = (millisecond, counter)
    return UUID(int=(millisecond << 80) | (7 << 76) | (counter << 64) | (2 << 62) | secrets.randbits(62))


class Database:
    """One database, SQLite or PostgreSQL, with a reading and a writing engine that are made on first use."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url.replace("postgresql://", "postgresql+psycopg://", 1))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engines: dict[str, Engine] = {}
        self._pid = 0
        self._lock = threading.Lock()
        self._session_factories: dict[str, sessionmaker[Session]] = {}
        self._turn: Turn | None = None
        self._inherited: list[object] = []

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "")

    @property
    def reading(self) -> Engine:
        """An engine through which the database itself refuses any change."""
        return self._engine("reading")

    @property
    def writing(self) -> Engine:
        """An engine whose transactions may change rows; on SQLite each waits for its turn."""
        return self._engine("writing")

    def reader(self) -> Session:
        """Open a session that can only read."""
        self._engine("reading")
        return self._session_factories["reading"]()

    def writer(self) -> Session:
        """Open a session that can write. Its transaction begins with its first query."""
        self._engine("writing")
        return self._session_factories["writing"]()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Write in one transaction: committed at the end, or rolled back whole."""
        with self.writer() as session:
            yield session
            session.commit()

    def forget(self) -> None:
        """After a key was destroyed: empty SQLite's write-ahead log, in which the old page would live on."""
        if self.is_sqlite:
            with self.writing.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")  # no checkpoint is made inside a transaction
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def dispose(self) -> None:
        """Close every connection."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        if self._turn is not None:
            self._turn.close()
            self._turn = None

    def _engine(self, kind: str) -> Engine:
        # Made after the fork: a connection or a lock file that two processes share is broken for both.
        with self._lock:
            if self._pid != os.getpid():
                self._inherited += [self._engines, self._turn]  # kept: closing them here would disturb the parent
                self._engines, self._turn, self._pid = {}, None, os.getpid()
            if kind not in self._engines:
                engine = self._sqlite(kind) if self.is_sqlite else self._postgresql(kind)
                self._engines[kind] = engine
                self._session_factories[kind] = sessionmaker(engine, expire_on_commit=False)
        return self._engines[kind]

    def _sqlite(self, kind: str) -> Engine:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, connect_args={"check_same_thread": False}, pool_size=16, max_overflow=16)
        pragmas = SQLITE_PRAGMAS if kind == "writing" else (*SQLITE_PRAGMAS, "query_only=ON")

        @event.listens_for(engine, "connect")
        def set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
            connection.isolation_level = None  # we say BEGIN ourselves
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}").close()

        if kind == "writing":
            self._turn = Turn(self.path)
            _write_in_turn(engine, self._turn)
        else:
            # Said to SQLite itself: it cannot fail, and SQLAlchemy would take longer over it than over the query.
            event.listen(engine, "begin", lambda connection: connection.connection.execute("BEGIN").close())
        return engine

    def _postgresql(self, kind: str) -> Engine:
        engine = create_engine(self.url, pool_size=8, max_overflow=8, pool_pre_ping=True, pool_timeout=5)
        return engine.execution_options(postgresql_readonly=True) if kind == "reading" else engine


# busy_timeout first: setting WAL can itself meet a lock. recursive_triggers, or INSERT OR REPLACE deletes ink silently.
SQLITE_PRAGMAS = (
    "busy_timeout=5000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
    "secure_delete=ON",
)


def _write_in_turn(engine: Engine, turn: Turn) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        turn.take()
        connection.info["turn"] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def give_back(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        # At check-in the commit or rollback is done; the `commit` event would be a moment too early.
        if record.info.pop("turn", False):
            turn.give_back()


def insert_into(session: Session, table: Any) -> Any:
    """An INSERT that can say what to do when there is such a row already; each database has its own class for it."""
    return (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(table)


def database() -> Database:
    """The running application's database."""
    found: Database = current_app.extensions["database"]
    return found


def session() -> Session:
    """This request's session: reading for GET, writing (one transaction) for everything else."""
    if "db_session" not in g:
        reads_only = has_request_context() and request.method in {"GET", "HEAD", "OPTIONS"}
        g.db_session = database().reader() if reads_only else database().writer()
        g.db_reads_only = reads_only
    found: Session = g.db_session
    return found


def commit() -> None:
    """Commit the request's transaction and close its session, which gives the writer's turn back."""
    current: Session | None = g.pop("db_session", None)
    if current is None:
        return
    with current:
        if not g.pop("db_reads_only", False):
            current.commit()


def roll_back() -> None:
    """Undo whatever the request has not committed."""
    current: Session | None = g.pop("db_session", None)
    if current is not None:
        current.close()


def init_app(app: Flask, url: str) -> None:
    """Give the application its database."""
    app.extensions["database"] = Database(url)
    app.teardown_appcontext(lambda _error: roll_back())
