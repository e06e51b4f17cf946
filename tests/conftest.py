"""What every test may ask for: an application with a fresh database, builders of situations, signed-in clients."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import assessors
import course
from course import clock, migrating, setting_up
from course.settings import Settings
from tests.support.house import HouseClient, sign_in
from tests.support.story import Story

pytest_plugins = ["tests.support.browser", "tests.support.postgres", "tests.support.server", "tests.support.rings"]
ROOT = Path(__file__).parent.parent


def wants_postgresql() -> bool:
    """Whether this run is the one on PostgreSQL. Asked late: plugins are imported after this file."""
    from tests.support import rings

    return rings.wants_postgresql()


def make_settings(folder: Path, database_url: str) -> Settings:
    """Settings of a test installation: the real words, keys of its own."""
    environment = {"DATABASE_URL": database_url, "DATA_DIR": str(folder), "SECRET_KEY": "s" * 40}
    environment |= {"MODULES_DIR": str(folder / "modules"), "ASSESSORS_DIR": str(folder / "assessors")}
    settings = Settings.from_environment(environment)
    for path in (settings.master_key_file, settings.record_key_file):
        path.write_text("ab" * 32)
        path.chmod(0o600)
    return settings


def lay_out_words(folder: Path) -> None:
    """The product's qualification beside the small one of another kind."""
    small = Path(__file__).parent / "qualifications"
    shutil.copytree(ROOT / "modules", folder / "modules")
    shutil.copytree(small / "modules", folder / "modules", dirs_exist_ok=True)
    for kind in ("rubrics", "policies"):
        shutil.copytree(ROOT / "assessors" / kind, folder / "assessors" / kind)
        shutil.copytree(small / "assessors" / kind, folder / "assessors" / kind, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A migrated database with every qualification published; each test works on a copy of it."""
    folder = tmp_path_factory.mktemp("published")
    lay_out_words(folder)
    if wants_postgresql():
        cluster = request.getfixturevalue("postgres_cluster")
        url = cluster.create("published")
    else:
        url = f"sqlite:///{folder / 'published.sqlite'}"
    app = course.create_app(make_settings(folder, url), extensions=[assessors])
    migrating.upgrade(app.extensions["database"])
    with app.app_context():
        lines = setting_up.publish(app)
    assert not any("problems" in line for line in lines), "\n".join(lines)
    app.extensions["database"].dispose()
    return folder, url


@pytest.fixture
def app(published: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on a database of its own: real transactions, real triggers, both databases."""
    folder, url = published
    for name in ("master.key", "record.key"):
        shutil.copy(folder / name, tmp_path / name)
    for name in ("modules", "assessors"):
        (tmp_path / name).symlink_to(folder / name)
    cluster, name = None, f"test_{os.getpid()}_{abs(hash(request.node.nodeid)) % 10**9}"
    if wants_postgresql():
        cluster = request.getfixturevalue("postgres_cluster")
        url = cluster.create(name, template="published")
    else:
        shutil.copy(folder / "published.sqlite", tmp_path / "alongside.sqlite")
        url = f"sqlite:///{tmp_path / 'alongside.sqlite'}"
    made = course.create_app(make_settings(tmp_path, url), extensions=[assessors])
    made.test_client_class, made.testing = HouseClient, True
    yield made
    made.extensions["database"].dispose()
    if cluster is not None:
        cluster.drop(name)


@pytest.fixture
def story(app: Flask) -> Story:
    """Builders of business situations on the application's database."""
    return Story(app)


@pytest.fixture
def db_session(app: Flask) -> Iterator[Any]:
    """A writing session inside an application context. What is not committed is undone."""
    with app.app_context(), app.extensions["database"].writer() as session:
        yield session


@pytest.fixture
def client_for(app: Flask) -> Callable[[Any], HouseClient]:
    """Sign a person in: `client_for(person)`."""
    return lambda person: sign_in(app, getattr(person, "id", person))


@pytest.fixture
def client(app: Flask) -> HouseClient:
    """A visitor who is not signed in."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Set the present moment: `at(moment)`."""
    return lambda moment: monkeypatch.setattr(clock, "now", lambda: moment)


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """Every SQL statement from now on, to count queries: `statements.clear()` before the request."""
    from sqlalchemy import event

    seen: list[str] = []
    database = app.extensions["database"]

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SELECT pg_")):
            seen.append(statement)

    for engine in (database.reading, database.writing):
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in (database.reading, database.writing):
        event.remove(engine, "before_cursor_execute", note)
