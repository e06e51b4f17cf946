"""The signed file with which a holder proves a record without anybody asking us (Ed25519)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from course.records.facts import canonical
from course.records.queries import RecordInFull

FORMAT = "alongside-record-1"
REVOCATIONS = "alongside-revocations-1"


class NotGenuine(Exception):
    """The file is not a record that this key signed; the text says why."""


def private_key(path: Path) -> Ed25519PrivateKey:
    """The installation's key for records (64 hexadecimal digits)."""
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))


def public_key_text(key: Ed25519PublicKey) -> str:
    """A public key as 64 hexadecimal digits."""
    return key.public_bytes_raw().hex()


def read_public_key(text: str) -> Ed25519PublicKey:
    """A public key from 64 hexadecimal digits. Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text.strip()))


def statement(found: RecordInFull) -> dict[str, Any]:
    """What is signed: the frozen facts, the number and the holder's name as issued."""
    return {
        "record": str(found.row.id),
        "number": found.row.number,
        "issue": found.row.issue,
        "holder": found.holder.name if found.holder else "",
        "facts": found.facts,
    }


def sign(found: RecordInFull, key: Ed25519PrivateKey) -> str:
    """The proof file's text."""
    return _sealed(FORMAT, statement(found), key)


def _signed(format_: str, said: dict[str, Any]) -> bytes:
    return f"{format_}\n{canonical(said)}".encode()


def sign_revocations(revoked: Sequence[tuple[UUID, datetime]], key: Ed25519PrivateKey, *, at: datetime) -> str:
    """The text of the list of every revoked record, with the moment of each and of the list. It names nobody."""
    rows = [[str(record), moment.isoformat(timespec="seconds")] for record, moment in revoked]
    return _sealed(REVOCATIONS, {"at": at.isoformat(timespec="seconds"), "revoked": rows}, key)


def _sealed(format_: str, said: dict[str, Any], key: Ed25519PrivateKey) -> str:
    signature = base64.b64encode(key.sign(_signed(format_, said))).decode()
    file = {"format": format_, "said": said, "public_key": public_key_text(key.public_key()), "signature": signature}
    return json.dumps(file, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def verify_revocations(content: str, key: Ed25519PublicKey) -> frozenset[UUID]:
    """Which records a signed list says are revoked. Raises NotGenuine."""
    said = verify(content, key, REVOCATIONS)
    return frozenset(UUID(record) for record, _ in said["revoked"])


def verify(content: str, key: Ed25519PublicKey, format_: str = FORMAT) -> dict[str, Any]:
    """What a signed file says, once it is shown that this key signed it. Raises NotGenuine.

    The key inside the file is not trusted: anybody can sign with a key of their own.
    """
    what = "a record’s proof file" if format_ == FORMAT else "a list of revoked records"
    try:
        proof = json.loads(content)
        said, signature = proof["said"], base64.b64decode(proof["signature"], validate=True)
        known = proof["format"] == format_ and isinstance(said, dict)
    except (ValueError, KeyError, TypeError) as error:
        raise NotGenuine(f"This is not {what}.") from error
    if not known:
        raise NotGenuine(f"This is not {what}.")
    try:
        key.verify(signature, _signed(format_, said))
    except InvalidSignature as error:
        raise NotGenuine("This file was altered, or was not signed with this key.") from error
    return dict(said)
