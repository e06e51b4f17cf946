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
@click.option(
    "--revocations",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The signed list of revoked records, as downloaded from /check/revocations.json.",
)
@with_appcontext
def verify(file: Path, key_text: str | None, revocations: Path | None) -> None:
    """Say whether a proof file is genuine and whether the record still stands, by the list or this installation."""
    try:
        own = proof.private_key(current_app.config["SETTINGS"].record_key_file).public_key()
        key = proof.read_public_key(key_text) if key_text else own
    except ValueError as error:
        raise click.UsageError("A public key is 64 hexadecimal digits.") from error
    try:
        said = proof.verify(file.read_text("utf-8", errors="replace"), key)
        listed = proof.verify_revocations(revocations.read_text("utf-8", errors="replace"), key) if revocations else ()
    except proof.NotGenuine as fault:
        click.echo(str(fault))
        raise SystemExit(1) from fault
    facts = said["facts"]
    click.echo(f"Genuine: record {said['number']}, {facts['title']}, {said['holder']}.")
    click.echo(f"Achieved on {facts['achieved_on']}. {' '.join(facts['wording'])}")
    record = UUID(said["record"])
    if record in listed or (key_text is None and _is_revoked(record)):
        click.echo("It has been revoked since.")
        raise SystemExit(1)


def _is_revoked(record_id: UUID) -> bool:
    with db.database().reader() as session:
        return session.scalar(select(Revocation.id).where(Revocation.record_id == record_id)) is not None
