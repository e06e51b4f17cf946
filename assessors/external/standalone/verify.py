"""Checks an evidence pack: nothing changed, nothing missing, signed by the centre's system. It needs no network.

    python3 verify.py PACK [--key KEY]

PACK is the ZIP file as it was handed over, or the folder into which it was unpacked; without it, the folder in which
this file lies. KEY is the centre's public key (64 hexadecimal digits), as its system shows it at /check/key; get it
from the centre by another way than this pack. Exit status: 0 all is well, 1 something is wrong, 2 wrong use.

Needs Python 3.11 or newer and the package `cryptography`. It imports nothing of the system that made the pack, and
comes with it: to be safe from a changed copy, use one that you got elsewhere.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

FORMAT = "alongside-pack-1"
MANIFEST, SIGNATURE, ENTRIES = "manifest.json", "signature.json", "audit/entries.jsonl"
UNSIGNED = {MANIFEST, SIGNATURE}
FIELDS = (
    "version", "seq", "at", "actor", "role", "appointment", "action", "object_ref", "subject", "enrolment", "commit",
    "prev",
)  # fmt: skip
"""What the hash of an entry of the audit trail covers, in this order."""
PIECE = 1024 * 1024  # bytes read at once
LARGEST_MANIFEST = 64 * PIECE
BROKEN = (OSError, KeyError, EOFError, RuntimeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error)
"""How Python says that a ZIP, or what is in it, cannot be read."""


class NotAPack(Exception):
    """What was given cannot be read as a pack; the text says why."""


class Folder:
    """A pack that was unpacked."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        """Every file in it, hidden ones of the desktop left out."""
        found = (one for one in self.path.rglob("*") if one.is_file())
        return sorted(one.relative_to(self.path).as_posix() for one in found if not one.name.startswith("."))

    def open(self, name: str) -> IO[bytes]:
        """One of its files."""
        return (self.path / name).open("rb")


class Zip:
    """A pack as it was handed over."""

    def __init__(self, path: Path) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
        except BROKEN as error:
            raise NotAPack(f"{path.name} is not a ZIP file that can be read.") from error

    def names(self) -> list[str]:
        """Every file in it."""
        return sorted(one.filename for one in self.zip.infolist() if not one.is_dir())

    def open(self, name: str) -> IO[bytes]:
        """One of its files."""
        return self.zip.open(name)


def pack_at(path: Path) -> Folder | Zip:
    """The pack at a path. Raises NotAPack."""
    if path.is_dir():
        return Folder(path)
    return Zip(path)


def read(pack: Folder | Zip, name: str) -> bytes:
    """A file that should be small. Raises NotAPack."""
    try:
        with pack.open(name) as file:
            content = file.read(LARGEST_MANIFEST + 1)
    except BROKEN as error:
        raise NotAPack(f"{name} is missing or cannot be read: this is not a whole evidence pack.") from error
    if len(content) > LARGEST_MANIFEST:
        raise NotAPack(f"{name} is too large to be what it says.")
    return content


def manifest_of(pack: Folder | Zip) -> dict[str, Any]:
    """What the pack says of itself and of each of its files. Raises NotAPack."""
    try:
        found = json.loads(read(pack, MANIFEST))
        files = found["files"]
        if found["format"] != FORMAT or not isinstance(files, dict):
            raise NotAPack("This pack has another format than this program knows.")
        for one in files.values():
            bytes.fromhex(one["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotAPack("manifest.json cannot be read: it was changed, or this is not an evidence pack.") from error
    return dict(found)


def signature_faults(pack: Folder | Zip, key: str | None) -> Iterator[str]:
    """Whether the manifest was signed with the centre's key: the one given, else the one that the pack names."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        yield "The signature was not checked: install the package cryptography (python3 -m pip install cryptography)."
        return
    try:
        written = read(pack, SIGNATURE)
        named = json.loads(written)
        signature = base64.b64decode(named["signature"], validate=True)
        inside = bytes.fromhex(named["public_key"])
        if written != signature_file(inside, signature):
            raise ValueError("not as it was written")  # its bytes are covered by nothing else
        if key and bytes.fromhex(key) != inside:
            raise InvalidSignature
        Ed25519PublicKey.from_public_bytes(inside).verify(signature, signed_bytes(read(pack, MANIFEST)))
    except InvalidSignature:
        yield "manifest.json or signature.json was changed after signing, or was not signed with this key."
    except (ValueError, KeyError, TypeError):
        yield "signature.json cannot be read: it was changed."


def signature_file(public_key: bytes, signature: bytes) -> bytes:
    """signature.json, byte for byte: it is written in one way only, so that no change of it goes unseen."""
    said = {
        "format": FORMAT, "public_key": public_key.hex(), "signature": base64.b64encode(signature).decode(),
    }  # fmt: skip
    return json.dumps(said, indent=1, sort_keys=True).encode() + b"\n"


def signed_bytes(manifest: bytes) -> bytes:
    """What the signature covers: the format's name, a line break, and manifest.json byte for byte."""
    return f"{FORMAT}\n".encode() + manifest


def file_faults(pack: Folder | Zip, manifest: dict[str, Any]) -> Iterator[str]:
    """A sentence for each file that was changed, is missing, or was slipped in."""
    files, there = manifest["files"], pack.names()
    if len(there) != len(set(there)):
        yield "A file name stands in the ZIP more than once."
    for name in sorted(set(files) - set(there)):
        yield f"{name} is missing."
    for name in sorted(set(there) - set(files) - UNSIGNED):
        yield f"{name} is not in the manifest: it was added."
    for name in sorted(set(files) & set(there)):
        if _hash(pack, name) != files[name]["sha256"]:
            yield f"{name} was changed."


def _hash(pack: Folder | Zip, name: str) -> str:
    found = hashlib.sha256()
    try:
        with pack.open(name) as file:
            while piece := file.read(PIECE):
                found.update(piece)
    except BROKEN:
        return "cannot be read"
    return found.hexdigest()


def canonical(value: Any) -> bytes:
    """The one form of JSON that the hashes of the trail rely on."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def entries_of(pack: Folder | Zip) -> Iterator[dict[str, Any]]:
    """The entries of the audit trail in the pack. Raises NotAPack."""
    try:
        with pack.open(ENTRIES) as file:
            for line in file:
                yield json.loads(line)
    except BROKEN as error:
        raise NotAPack(f"{ENTRIES} cannot be read.") from error


def entry_faults(pack: Folder | Zip, manifest: dict[str, Any]) -> Iterator[str]:
    """Whether each entry of the trail hashes to what it says, in order, and up to the head that was signed."""
    last, hashed, chain = 0, "", manifest["chain"]
    for entry in entries_of(pack):
        seq = entry["seq"]
        if hashlib.sha256(b"\x00" + canonical([entry[name] for name in FIELDS])).hexdigest() != entry["hash"]:
            yield f"Entry {seq} of the audit trail was altered."
        if seq <= last or seq > chain["size"]:
            yield f"Entry {seq} of the audit trail stands where it cannot stand."
        elif seq == last + 1 and last and entry["prev"] != hashed:
            yield f"Entry {seq} of the audit trail does not follow entry {last}."
        if seq == chain["size"] and entry["hash"] != chain["head"]:
            yield f"Entry {seq} of the audit trail is not the head that was signed."
        last, hashed = seq, entry["hash"]


def faults(path: Path, key: str | None = None) -> Iterator[str]:
    """A sentence for each thing that is wrong with a pack; nothing when all is well. Raises NotAPack."""
    pack = pack_at(path)
    manifest = manifest_of(pack)
    yield from signature_faults(pack, key)
    yield from file_faults(pack, manifest)
    try:
        yield from entry_faults(pack, manifest)
    except (NotAPack, KeyError, TypeError) as error:
        yield f"The entries of the audit trail cannot be read ({error})."


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Check an evidence pack without a network.")
    parser.add_argument("pack", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--key", help="the centre's public key, 64 hexadecimal digits")
    given = parser.parse_args(arguments)
    if given.key and (len(given.key) != 64 or set(given.key.lower()) - set("0123456789abcdef")):
        parser.error("a public key is 64 hexadecimal digits")
    if not given.pack.exists():
        parser.error(f"{given.pack} is not there")
    try:
        found = list(faults(given.pack, given.key))
        manifest = manifest_of(pack_at(given.pack))
        named = json.loads(read(pack_at(given.pack), SIGNATURE))["public_key"]
    except (NotAPack, ValueError, KeyError) as fault:
        sys.stdout.write(f"{fault}\n")
        return 1
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    if found:
        sys.stdout.write(f"{len(found)} {'fault' if len(found) == 1 else 'faults'} found.\n")
        return 1
    sys.stdout.write(f"All {len(manifest['files'])} files are as they were signed on {manifest['made_at']}.\n")
    if given.key is None:
        sys.stdout.write(f"Signed with the key {named}.\nCompare it with the centre's own: ask for it, or use --key.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
