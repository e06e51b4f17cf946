"""`demo build`."""

from __future__ import annotations

import os

import click
from flask import current_app
from flask.cli import with_appcontext

from course.demo.building import build
from course.demo.ground import CannotBuild

group = click.Group("demo", help="Data for measuring, on this machine only.")


@group.command("build")
@click.option("--learners", type=click.IntRange(1), help="How many; as many as the answers need when left out.")
@click.option("--answers", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--waiting", type=click.IntRange(0), help="How many wait to be marked; three in ten when left out.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--qualification", help="Its folder; the one with most units when left out.")
@with_appcontext
def build_command(
    learners: int | None, answers: int, waiting: int | None, seed: int, qualification: str | None
) -> None:
    """Fill a new centre with learners and answers."""
    settings = current_app.config["SETTINGS"]
    if not settings.is_loopback:
        raise click.ClickException("Demo data may exist only where BIND is this machine (127.0.0.1).")
    password = settings.demo_password or os.urandom(9).hex()
    with click.progressbar(length=answers, label="Answers") as bar:
        try:
            for done in build(
                learners=learners, answers=answers, waiting=waiting, seed=seed, slug=qualification, password=password
            ):
                bar.update(done)
        except CannotBuild as reason:
            raise click.ClickException(str(reason)) from reason
    click.echo(f"Sign in as demo-{seed}-assessor-1@example.org or demo-{seed}-1@example.org. Password: {password}")
