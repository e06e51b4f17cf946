"""`modules check` and `modules publish`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from course import db
from course.audit import INSTALLER
from course.catalogue import publishing
from course.catalogue.problems import Problem

group = click.Group("modules", help="The modules that learners read and answer.")


def report(problems: list[Problem], as_json: bool) -> None:
    """Print every problem, and end with exit status 1 when there is any."""
    if as_json:
        click.echo(json.dumps([{"path": str(p.path), "line": p.line, "sentence": p.sentence} for p in problems]))
    else:
        for problem in problems:
            click.echo(str(problem))
    if problems:
        raise SystemExit(1)


@group.command("check")
@click.argument("directory", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of lines.")
@with_appcontext
def check(directory: Path | None, as_json: bool) -> None:
    """Report every problem of the modules at once, as path:line: sentence."""
    folder = directory or current_app.config["SETTINGS"].modules_dir
    try:
        with db.database().reader() as session:
            problems = publishing.find_problems(folder, session)
    except SQLAlchemyError:
        problems = publishing.find_problems(folder)  # no database yet: the content is checked on its own
    report(problems, as_json)
    if not as_json:
        click.echo("The modules are in order.")


@group.command("publish")
@with_appcontext
def publish() -> None:
    """Publish what changed as new, immutable versions."""
    try:
        with db.database().transaction() as session:
            lines = publishing.publish_modules(session, current_app.config["SETTINGS"], by=INSTALLER)
    except publishing.CannotPublish as error:
        report(error.problems, False)
        return
    click.echo("\n".join(lines) if lines else "Nothing has changed since the last publication.")
