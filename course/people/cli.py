"""`centres open` and `people invite`: how an installation gets its first centre and its first admin."""

from __future__ import annotations

from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from course import db
from course.access import Role
from course.audit import INSTALLER
from course.people import operations, queries
from course.refusal import Refusal
from course.working_days import BANK_HOLIDAYS_OF, ENGLAND, LONDON

ROLES = [role for role in Role if role is not Role.LEARNER]

centres = click.Group("centres", help="Approved deliverers on this installation.")
people = click.Group("people", help="People with accounts.")


@centres.command("open")
@click.argument("name")
@click.option("--time-zone", default=LONDON, show_default=True, help="Such as Europe/London.")
@click.option("--nation", type=click.Choice(sorted(BANK_HOLIDAYS_OF)), default=ENGLAND, show_default=True,
              help="Whose bank holidays it keeps.")  # fmt: skip
@with_appcontext
def open_centre(name: str, time_zone: str, nation: str) -> None:
    """Open a centre."""
    try:
        with db.database().transaction() as session:
            operations.open_centre(session, name, time_zone=time_zone, nation=nation, by=INSTALLER)
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.sentence} {refusal.next_step}") from refusal
    click.echo(f"{name} is open. Next: people invite NAME EMAIL --role admin --centre {name!r}")


@people.command("invite")
@click.argument("name")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in ROLES], case_sensitive=False), required=True)
@click.option("--centre", required=True, help="The centre's name.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; an external quality assurer needs one.")
@with_appcontext
def invite(name: str, email: str, role: str, centre: str, until: datetime | None) -> None:
    """Invite a person to a role, and print the link that works once."""
    try:
        with db.database().transaction() as session:
            found = queries.centre_named(session, centre)
            if found is None:
                raise click.ClickException(f"There is no centre named {centre!r}. Open it first.")
            person = queries.by_email(session, email) or operations.create_person(
                session, name=name, known_as=name.split()[0], email=email, by=INSTALLER
            )
            last_day = until.date() if until else None
            operations.appoint(session, person, role=Role(role), centre=found, until_date=last_day, by=INSTALLER)
            path = operations.send_link(session, person, "invitation")
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.sentence} {refusal.next_step}") from refusal
    click.echo(current_app.config["SETTINGS"].base_url + path)
