"""Writes tables as CSV that opens well in a spreadsheet and runs nothing there."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence

from werkzeug.wrappers import Response

from course.office.rules import safe_cell

BOM = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the file line by line, every cell made safe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield BOM
    for row in itertools.chain([head], rows):
        writer.writerow([safe_cell(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def download(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file for the browser to keep, sent as it is written. `rows` must not need the database any more."""
    response = Response(lines(head, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
