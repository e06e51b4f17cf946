"""`rubrics …`: guidance and policies checked and published; guidance turned into a table and back."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from assessors.guidance import publishing, table
from assessors.guidance.source import read_rubric
from course import db
from course.audit import INSTALLER
from course.catalogue.cli import report
from course.catalogue.problems import Problem, shown
from course.catalogue.publishing import CannotPublish
from course.catalogue.source import read_text
from course.office import spreadsheets
from course.people import queries as people

group = click.Group("rubrics", help="Guidance on good answers, and policies.")


@group.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of lines.")
@with_appcontext
def check(as_json: bool) -> None:
    """Report every problem of guidance and policies at once, as path:line: sentence."""
    settings = current_app.config["SETTINGS"]
    report(publishing.find_problems(settings.modules_dir, settings.assessors_dir), as_json)
    if not as_json:
        click.echo("The guidance and the policies are in order.")


@group.command("publish")
@with_appcontext
def publish() -> None:
    """Publish what changed. The first version is in force at once; a later one is put in force by an IQA."""
    try:
        with db.database().transaction() as session:
            lines = publishing.publish_assessors(session, current_app.config["SETTINGS"], by=INSTALLER)
    except CannotPublish as error:
        report(error.problems, False)
        return
    click.echo("\n".join(lines) if lines else "Nothing has changed since the last publication.")


@group.command("to-table")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def to_table(file: Path) -> None:
    """Print the guidance of a rubric FILE as CSV, one row an item, for a spreadsheet."""
    problems: list[Problem] = []
    found = read_rubric(file, problems)
    report(sorted(problems), False)
    click.echo("".join(spreadsheets.lines(table.HEAD, table.rows(found.questions) if found else ())), nl=False)


@group.command("from-table")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def from_table(file: Path) -> None:
    """Print the rubric that a CSV FILE says. Save it as assessors/rubrics/<qualification>/<unit>.md, then check."""
    problems: list[Problem] = []
    text = read_text(file, problems)
    rubric, found = table.markdown(shown(file), text) if text is not None else ("", [])
    report(sorted(problems + found), False)
    click.echo(rubric, nl=False)


@group.command("publish-for-centre")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--centre", required=True, help="The centre's name.")
@with_appcontext
def publish_for_centre(file: Path, centre: str) -> None:
    """Publish a centre's own policy from FILE, named <qualification>.yaml. An IQA of the centre puts it in force."""
    try:
        with db.database().transaction() as session:
            found = people.centre_named(session, centre)
            if found is None:
                raise click.ClickException(f"There is no centre named {centre!r}.")
            settings = current_app.config["SETTINGS"]
            version = publishing.publish_centre_policy(session, settings, file, found.id, by=INSTALLER)
    except CannotPublish as error:
        report(error.problems, False)
        return
    click.echo(f"Version {version.number} waits for an internal quality assurer to put it in force.")
