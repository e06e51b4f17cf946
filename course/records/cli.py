"""Commands about records: is this proof file genuine?"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from course import db
from course.records import proof
from course.records.models import Revocation

records = click.Group("records", help="Completion records.")


@records.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "key_text", help="The public key (64 hexadecimal digits). Without it: this installation's.")
@with_appcontext
def verify(file: Path, key_text: str | None) -> None:
    """Say whether a proof file is genuine and, for a record of this installation, whether it still stands."""
    try:
        own = proof.private_key(current_app.config["SETTINGS"].record_key_file).public_key()
        key = proof.read_public_key(key_text) if key_text else own
    except ValueError as error:
        raise click.UsageError("A public key is 64 hexadecimal digits.") from error
    try:
        said = proof.verify(file.read_text("utf-8", errors="replace"), key)
    except proof.NotGenuine as fault:
        click.echo(str(fault))
        raise SystemExit(1) from fault
    facts = said["facts"]
    click.echo(f"Genuine: record {said['number']}, {facts['title']}, {said['holder']}.")
    click.echo(f"Achieved on {facts['achieved_on']}. {' '.join(facts['wording'])}")
    if key_text is None and _is_revoked(UUID(said["record"])):
        click.echo("It has been revoked since.")
        raise SystemExit(1)


def _is_revoked(record_id: UUID) -> bool:
    with db.database().reader() as session:
        return session.scalar(select(Revocation.id).where(Revocation.record_id == record_id)) is not None
