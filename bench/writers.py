"""Writers of one SQLite file, in a process of their own: `python -m bench.writers FOLDER THREADS SECONDS`.

Each thread commits one kilobyte again and again through the product's own door to the database, turn and all. Prints
one JSON list a thread: how long each commit took, in milliseconds, waiting included.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from course.db import Database

MAKE = "CREATE TABLE IF NOT EXISTS written (writer TEXT, at REAL, box BLOB)"
WRITE = "INSERT INTO written VALUES (:writer, :at, randomblob(1000))"


def write(database: Database, writer: str, until: float) -> list[float]:
    """Commit until the time is over."""
    took = []
    while time.monotonic() < until:
        began = time.monotonic()
        with database.transaction() as session:
            session.execute(text(WRITE), {"writer": writer, "at": began})
        took.append((time.monotonic() - began) * 1000)
    return took


def main(folder: Path, threads: int, seconds: float) -> None:
    """Write, and say how long it took."""
    database = Database(f"sqlite:///{folder / 'writers.sqlite'}")
    with database.transaction() as session:
        session.execute(text(MAKE))
    found: dict[int, Any] = {}
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        try:
            found[number] = write(database, f"{os.getpid()}-{number}", until)
        except Exception as fault:  # told by the parent: a writer that gave up is the worst figure of all
            found[number] = str(fault)

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    for took in found.values():
        print(json.dumps(took))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
