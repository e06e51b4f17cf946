"""Commands about evidence packs: is this one as it was when it was signed?"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from assessors.external.standalone import verify as standalone
from course import checkpoints, db
from course.audit import AuditEvent

packs = click.Group("packs", help="Evidence packs.")


@packs.command("verify")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--key", help="The public key (64 hexadecimal digits). Without it: this installation's.")
@with_appcontext
def verify(file: Path, key: str | None) -> None:
    """Say what was changed in an evidence pack (a ZIP or a folder) since it was signed; nothing else is asked.

    Without --key, the entries of the audit trail in the pack are compared with this installation's own trail as well.
    """
    if key is not None and (len(key) != 64 or set(key.lower()) - set("0123456789abcdef")):
        raise click.UsageError("A public key is 64 hexadecimal digits.")
    own = checkpoints.record_key().public_key().public_bytes_raw().hex() if key is None else key
    try:
        found = list(standalone.faults(file, own))
        if key is None and not found:
            found = _strangers(file)
        manifest = standalone.manifest_of(standalone.pack_at(file))
    except standalone.NotAPack as fault:
        click.echo(str(fault))
        raise SystemExit(1) from fault
    for sentence in found:
        click.echo(sentence)
    if found:
        click.echo(f"{len(found)} {'fault' if len(found) == 1 else 'faults'} found.")
        raise SystemExit(1)
    click.echo(f"All {len(manifest['files'])} files are as they were signed on {manifest['made_at']}.")


def _strangers(file: Path) -> list[str]:
    """Entries in the pack that this installation's own trail does not hold."""
    faults: list[str] = []
    entries = standalone.entries_of(standalone.pack_at(file))
    with db.database().reader() as session:
        while part := {int(one["seq"]): one["hash"] for one in islice(entries, 400)}:
            rows = session.execute(select(AuditEvent.seq, AuditEvent.hash).where(AuditEvent.seq.in_(part)))
            here = {row.seq: row.hash for row in rows}
            faults += [
                f"Entry {seq} is not in this installation's audit trail." for seq in part if here.get(seq) != part[seq]
            ]
    return faults
