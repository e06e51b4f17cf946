"""`projections check` and `projections rebuild`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from course import db
from course.workbook import projections as kept

projections = click.Group("projections", help="The marking queue's index.")


@projections.command("check")
@with_appcontext
def check() -> None:
    """Hold the queue's index against the truth; exit status 1 when they differ."""
    with db.database().reader() as session:
        found = kept.differences(session)
    for difference in found:
        click.echo(difference)
    if found:
        raise SystemExit(1)
    click.echo("The queue's index agrees with the answers.")


@projections.command("rebuild")
@with_appcontext
def rebuild() -> None:
    """Remake the queue's index."""
    with db.database().transaction() as session:
        waiting = kept.rebuild(session)
    click.echo(f"The queue's index is remade: {waiting} answers wait.")
