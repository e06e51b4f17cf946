"""A disk in memory that loses power: what was not synced may be gone, whole or in parts. SQLite runs on it (apsw)."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw


@dataclass
class File:
    """What a program sees of a file, what surely survives, and the writes in between."""

    seen: bytearray = field(default_factory=bytearray)
    durable: bytes | None = None
    """None: not even its name is on the disk."""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """(offset, bytes), or (length, None) for a truncation, since the last sync."""

    def apply(self, content: bytearray, offset: int, data: bytes | None) -> None:
        """One write or truncation."""
        if data is None:
            del content[offset:]
            return
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data


class Disk:
    """Files by path. After `operations` writes and syncs the power goes: the program does not notice, the disk does."""

    def __init__(self, operations: int) -> None:
        self.files: dict[str, File] = {}
        self.left = operations

    @property
    def has_power(self) -> bool:
        """Whether what is written still reaches it."""
        return self.left >= 0

    def takes(self) -> bool:
        """Count one write or sync; whether it reaches the disk."""
        self.left -= 1
        return self.has_power

    def survivors(self, dice: random.Random) -> dict[str, bytes]:
        """What is on the disk when the power is back: of the writes not synced none, all, or any of them."""
        found = {}
        for path, file in self.files.items():
            fate = dice.choice(("none", "all", "some"))
            if file.durable is None and fate == "none":
                continue
            content = bytearray(file.durable or b"")
            for offset, data in file.pending:
                if fate == "all" or (fate == "some" and dice.random() < 0.5):
                    file.apply(content, offset, data)
            found[path] = bytes(content)
        return found


class _OpenFile:
    """A file as SQLite uses it. In exclusive mode it needs no locks and no shared memory."""

    def __init__(self, disk: Disk, file: File) -> None:
        self.disk, self.file = disk, file

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self.file.seen[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self.file.apply(self.file.seen, offset, bytes(data))
        if self.disk.takes():
            self.file.pending.append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self.file.apply(self.file.seen, size, None)
        if self.disk.takes():
            self.file.pending.append((size, None))

    def xSync(self, _flags: int) -> None:
        if self.disk.takes():
            self.file.durable, self.file.pending = bytes(self.file.seen), []

    def xFileSize(self) -> int:
        return len(self.file.seen)

    def xLock(self, _level: int) -> None: ...

    def xUnlock(self, _level: int) -> None: ...

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, _operation: int, _pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return 0

    def xClose(self) -> None: ...


class _Drive(apsw.VFS):
    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> _OpenFile:
        path = name.filename() if hasattr(name, "filename") else str(name)
        flags[1] = flags[0]
        return _OpenFile(self.disk, self.disk.files.setdefault(path, File()))

    def xDelete(self, path: str, _sync: bool) -> None:
        if self.disk.takes():
            self.disk.files.pop(path, None)

    def xAccess(self, path: str, _flags: int) -> bool:
        return path in self.disk.files

    def xFullPathname(self, path: str) -> str:
        return path


Statement = tuple[str, Any]
"""SQL and its values; many of them for an executemany."""


def run_until_the_power_goes(
    start: bytes, statements: list[Statement], pragmas: tuple[str, ...], *, operations: int, dice: random.Random
) -> tuple[int, dict[str, bytes]]:
    """Run statements on a disk that fails. Returns how many commits were acknowledged, and what is left on the disk."""
    disk = Disk(operations)
    disk.files["/db"] = File(bytearray(start), bytes(start))
    name = f"power-{dice.getrandbits(64):x}"
    drive = _Drive(name, disk)
    acknowledged = 0
    connection = apsw.Connection("/db", vfs=name)
    for pragma in ("locking_mode=EXCLUSIVE", *pragmas):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    for sql, values in statements:
        for one in values if isinstance(values, list) else [values]:
            connection.execute(sql, one).fetchall()
        if not disk.has_power:
            break
        acknowledged += sql == "COMMIT"
    disk.left = min(disk.left, -1)  # closing must not tidy up
    left = disk.survivors(dice)
    connection.close()
    drive.unregister()
    return acknowledged, left


def write_out(files: dict[str, bytes], folder: Path) -> Path:
    """Put what was left on a real disk; returns the database."""
    for path, content in files.items():
        (folder / Path(path).name).write_bytes(content)
    return folder / "db"
