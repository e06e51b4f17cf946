"""Makes an installation ready to serve: keys, schema, published words, and, only on loopback, the sample people."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path

from flask import Flask

from course import db
from course.audit import INSTALLER
from course.catalogue.publishing import CannotPublish
from course.db import Database
from course.settings import KEY_BYTES, Settings


def with_sample_keys(settings: Settings) -> Settings:
    """Complete the settings of a sample installation with keys made once in its data folder.

    An installation with a database of its own must bring its own keys; nothing is made for it.
    """
    if os.environ.get("DATABASE_URL") and not settings.sample:
        return settings
    if not settings.is_loopback:
        return settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    for path in (settings.master_key_file, settings.record_key_file):
        _make_secret(path)
    secret = settings.secret_key or _make_secret(settings.data_dir / "secret.key")
    return replace(settings, secret_key=secret)


def _make_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Linked into place whole: two processes starting together both end up with the first one's key.
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text("ascii").strip()


def prepare(*, sample: bool) -> list[str]:
    """Migrate, publish, and make the sample people on first run. Returns lines for the person at the keyboard."""
    if sample:
        os.environ["ALONGSIDE_SAMPLE"] = "1"
    from course import migrating
    from wsgi import app  # built here: only now are the settings complete

    database: Database = app.extensions["database"]
    migrating.upgrade(database)
    lines: list[str] = []
    with app.app_context():
        lines += publish(app)
        if sample:
            for make_sample in app.extensions["samples"]:
                lines += make_sample(app.config["SETTINGS"])
    database.dispose()
    return lines


def publish(app: Flask) -> list[str]:
    """Publish what changed, every package its own words; content with problems leaves the last version in use."""
    lines = []
    try:
        with db.database().transaction() as session:
            for publish in app.extensions["publishers"]:
                lines += publish(session, app.config["SETTINGS"], by=INSTALLER)
    except CannotPublish as error:
        return ["The last published versions stay in use, because the content has problems:", *map(str, error.problems)]
    return lines
