"""`modules check` and `modules publish`."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from course import clock, db
from course.audit import INSTALLER
from course.catalogue import publishing, second_look
from course.catalogue.problems import Problem
from course.catalogue.source import read_modules

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
@click.option("--strict", is_flag=True, help="Fail on what is only worth a second look, too.")
@with_appcontext
def check(directory: Path | None, as_json: bool, strict: bool) -> None:
    """Report every problem of the modules at once, as path:line: sentence.

    Statements and helplines that nobody has checked for a year, and terms that are explained in two ways, are listed as
    worth a second look. They are no mistake until somebody has looked, so they fail with --strict only.
    """
    folder = directory or current_app.config["SETTINGS"].modules_dir
    try:
        with db.database().reader() as session:
            problems = publishing.find_problems(folder, session)
    except SQLAlchemyError:
        problems = publishing.find_problems(folder)  # no database yet: the content is checked on its own
    again = second_look.look_again(read_modules(folder)[0], folder, clock.now().date())
    report([*problems, *again] if strict else problems, as_json)
    if not as_json:
        for found in again:
            click.echo(f"Worth a second look: {found}")
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
