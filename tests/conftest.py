"""What every test may ask for: an application with a fresh database, builders of situations, signed-in clients."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

import assessors
import course
from course import clock, migrating, setting_up
from course.settings import Settings
from tests.support.house import HouseClient, sign_in
from tests.support.story import Story

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
"""No test is timed: on a busy machine even the making of examples is slow."""
pytest_plugins = ["tests.support.browser", "tests.support.postgres", "tests.support.server", "tests.support.rings"]
ROOT = Path(__file__).parent.parent
DATABASE = "test"
"""The PostgreSQL database that each test gets anew."""


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
    for kind in ("rubrics", "policies", "samples"):
        if (ROOT / "assessors" / kind).is_dir():  # samples are written last
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


@pytest.fixture(scope="session")
def shared_app(
    published: Any, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """One application for every test: its compiled templates and statements cost more than most tests do."""
    folder = tmp_path_factory.mktemp("installation")
    for name in ("modules", "assessors"):
        (folder / name).symlink_to(published[0] / name)
    url = f"sqlite:///{folder / 'data' / 'alongside.sqlite'}"
    if wants_postgresql():
        url = request.getfixturevalue("postgres_cluster").url(DATABASE)
    settings = replace(make_settings(folder, url), data_dir=folder / "data")
    made = course.create_app(settings, extensions=[assessors])
    made.test_client_class, made.testing = HouseClient, True
    yield made
    made.extensions["database"].dispose()


@pytest.fixture
def app(shared_app: Flask, published: Any, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application, on a database of the test's own: real transactions, real triggers, on both databases."""
    config, extensions = dict(shared_app.config), dict(shared_app.extensions)
    lay_out_database(shared_app, published, request)
    yield shared_app
    for now, before in ((shared_app.config, config), (shared_app.extensions, extensions)):
        now.clear()
        now.update(before)


def lay_out_database(app: Flask, published: Any, request: pytest.FixtureRequest) -> None:
    """Put a fresh copy of the published database in the place of the last test's, and empty the file store."""
    database, data = app.extensions["database"], app.config["SETTINGS"].data_dir
    for engine in (database.reading, database.writing):
        engine.dispose()  # its connections; the engine itself keeps its compiled statements
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    if wants_postgresql():
        cluster = request.getfixturevalue("postgres_cluster")
        cluster.drop(DATABASE)
        cluster.create(DATABASE, template="published")
    else:
        shutil.copy(published[0] / "published.sqlite", database.path)


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
