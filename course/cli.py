"""The commands of the installation; each slice brings its own group."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from course import access, audit, checkpoints, db, jobs, outbox


def init_app(app: Flask) -> None:
    """Add every command of the engine."""
    from course.catalogue import cli as catalogue
    from course.demo import group as demo
    from course.people import cli as people
    from course.permissions import command as permissions
    from course.records import cli as records
    from course.workbook import cli as workbook

    for command in (
        access_command, settings_group, audit_group, jobs_group, outbox_group, catalogue.group, people.people,
        people.centres, records.records, workbook.projections, demo, permissions,
    ):  # fmt: skip
        app.cli.add_command(command)


@click.command("access")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@with_appcontext
def access_command(as_json: bool) -> None:
    """List each route and who may use it."""
    found = access.routes(current_app._get_current_object())  # type: ignore[attr-defined]
    if as_json:
        click.echo(json.dumps(found, indent=1))
        return
    for route in found:
        click.echo(f"{route['method']:5} {route['path']:70} {', '.join(route['allow'])}")


settings_group = click.Group("settings", help="How this installation is set up.")


@settings_group.command("check")
@with_appcontext
def settings_check() -> None:
    """Say all that is wrong with the settings; exit status 1 when anything is."""
    problems = current_app.config["SETTINGS"].problems()
    for problem in problems:
        click.echo(problem)
    if problems:
        raise SystemExit(1)
    click.echo("The settings are in order.")


def _need_database() -> None:
    from course import migrating  # and Alembic: no server process needs it

    if not migrating.is_current(db.database()):
        raise click.ClickException("There is no database of this release yet. Make it with: python3 start.py")


audit_group = click.Group("audit", help="The tamper-evident trail.")


@audit_group.command("verify")
@click.option("--size", type=int, help="The size that an outside checkpoint names.")
@click.option("--head", help="The head hash that an outside checkpoint names.")
@with_appcontext
def audit_verify(size: int | None, head: str | None) -> None:
    """Find any entry that was altered, removed, inserted or moved, and any ink that no longer matches its entry."""
    expected = (size, head) if size is not None and head else None
    _need_database()
    faults = 0
    with db.database().reader() as session:
        for fault in chain(audit.verify(session, expected=expected), checkpoints.verify(session)):
            click.echo(fault)
            faults += 1
        count = audit.size(session)
    if faults:
        click.echo(f"{faults} faults found.")
        raise SystemExit(1)
    click.echo(f"The trail is whole: {count} entries.")
    if expected is None:
        click.echo("To rule out a cut end, compare with a checkpoint that somebody outside has kept (--size, --head).")


@audit_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def audit_export(file: Path) -> None:
    """Write the trail as JSON lines: entries and signed checkpoints, no words and no names."""
    _need_database()
    with db.database().reader() as session, file.open("x", encoding="utf-8") as out:
        count = 0
        for line in chain(audit.export(session), checkpoints.export(session)):
            out.write(line + "\n")
            count += 1
    click.echo(f"{count} lines written to {file}.")


jobs_group = click.Group("jobs", help="What is due.")


@jobs_group.command("run")
@with_appcontext
def jobs_run() -> None:
    """Run what is due: letters, checkpoints."""
    done = jobs.run_due(current_app._get_current_object())  # type: ignore[attr-defined]
    click.echo("\n".join(done) if done else "Nothing is due.")


outbox_group = click.Group("outbox", help="Letters to people.")


@outbox_group.command("send")
@with_appcontext
def outbox_send() -> None:
    """Send the letters that wait."""
    click.echo(f"Letters sent: {outbox.send_due(current_app._get_current_object())}.")  # type: ignore[attr-defined]
