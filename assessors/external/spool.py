"""Where a pack waits until it is sent: a file without a name, written in cipher, whose key lives in memory only.

A pack can be larger than memory and holds learners' words. They never lie on the disk in the clear, not even in blocks
that a deleted file leaves behind: the key goes with the process.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

CHUNK = 64 * 1024  # bytes


class Spool:
    """A file to be written once from beginning to end (no seeking), then read once."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed with the spool
        self._cipher = Cipher(AES(os.urandom(32)), CTR(os.urandom(16)))
        self._writing = self._cipher.encryptor()
        self.size = 0

    def write(self, content: bytes) -> int:
        """Add to the end."""
        self._file.write(self._writing.update(content))
        self.size += len(content)
        return len(content)

    def flush(self) -> None:
        """Nobody else reads the file: there is nothing to hurry for."""

    def chunks(self) -> Iterator[bytes]:
        """Read everything back, piece by piece."""
        reading = self._cipher.decryptor()
        self._file.seek(0)
        while piece := self._file.read(CHUNK):
            yield reading.update(piece)

    def close(self) -> None:
        """Let the file and its key go."""
        self._file.close()
