"""Who may use which page, as the table in `docs/permissions.md`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from course import access

FILE = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"
HEAD = """# Who may use which page

Made by `flask --app wsgi permissions`, from what each route declares; do not edit it by hand. The route says which
roles may come in. *Whose* work they see there is decided by the query (what is out of scope does not exist: 404), and
whether they may act by the rule (nobody marks their own work: 409).

| page | how | who |
|---|---|---|
"""


def table(app: Flask) -> str:
    """The page, as Markdown."""
    lines = [
        f"| `{route['path']}` | {route['method']} | {', '.join(route['allow'] or [])} |" for route in access.routes(app)
    ]
    return HEAD + "\n".join(lines) + "\n"


@click.command("permissions")
@with_appcontext
def command() -> None:
    """Write docs/permissions.md anew."""
    FILE.write_text(table(current_app._get_current_object()), "utf-8")  # type: ignore[attr-defined]
    click.echo(f"{FILE.name} is written.")
