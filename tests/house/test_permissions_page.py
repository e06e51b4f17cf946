"""docs/permissions.md says what the routes say."""

from __future__ import annotations

from flask import Flask

from course import permissions


def test_the_permissions_page_is_current(app: Flask) -> None:
    written = permissions.FILE.read_text("utf-8")
    assert written == permissions.table(app), "Run: .venv/bin/flask --app wsgi permissions"
