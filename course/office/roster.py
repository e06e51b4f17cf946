"""Reads a list of learners from a CSV file, and names every problem in it by row before anything is stored."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

COLUMNS = ("name", "known_as", "email", "ao_learner_number")
NEEDED = ("name", "email")
LARGEST = 2 * 1024 * 1024  # bytes
MOST_ROWS = 1_000
"""One transaction enrols them all, and others' saves wait for it no longer than a few seconds."""
LONGEST = {"name": 120, "known_as": 60, "email": 254, "ao_learner_number": 40}
CALLED = {"name": "name", "known_as": "known as", "email": "email address", "ao_learner_number": "learner number"}
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]+")


@dataclass(frozen=True)
class Row:
    """One learner of the file. `line` is the row as a spreadsheet numbers it."""

    line: int
    name: str
    known_as: str
    email: str
    ao_learner_number: str | None


@dataclass(frozen=True)
class Problem:
    """One thing to put right. `line` 0 means the file itself."""

    line: int
    words: str


@dataclass(frozen=True)
class Roster:
    """The rows that could be read, and everything that is wrong."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read(content: bytes) -> Roster:
    """Read a whole file. Rows with a problem are left out of `rows`; with any problem nothing may be stored."""
    try:
        text = _decode(content)
        table = list(_table(text))
    except _Unreadable as error:
        return Roster((), (Problem(error.line, str(error)),))
    if not table:
        return Roster((), (Problem(0, "The file is empty. Its first row names the columns."),))
    head, *body = table
    names, problems = _head(head[1])
    if problems:
        return Roster((), tuple(problems))
    body = [(line, cells) for line, cells in body if any(cell.strip() for cell in cells)]
    if not body:
        return Roster((), (Problem(0, "The file has no learners under its first row."),))
    if len(body) > MOST_ROWS:
        return Roster((), (Problem(0, f"The file has more than {MOST_ROWS:,} learners. Split it."),))
    rows = []
    for line, cells in body:
        row, wrong = _row(line, cells, names)
        problems += wrong
        rows += [row] if row else []
    problems += _twice(rows)
    return Roster(tuple(rows), tuple(sorted(problems, key=lambda problem: problem.line)))


class _Unreadable(Exception):
    def __init__(self, words: str, line: int = 0) -> None:
        super().__init__(words)
        self.line = line


def _decode(content: bytes) -> str:
    if len(content) > LARGEST:
        raise _Unreadable("The file is larger than 2 MB. Split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        words = "The file is not in UTF-8. In your spreadsheet, save it as “CSV UTF-8”."
        raise _Unreadable(words, line if b"\x00" not in content[:200] else 0) from error
    if "\x00" in text:
        raise _Unreadable("The file holds characters that no list of people needs. Save it as “CSV UTF-8” again.")
    return text


def _table(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins. Some spreadsheets write semicolons, and that is taken too."""
    first = text.split("\n", 1)[0]
    mark = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _Unreadable("This row cannot be read. Look for a quotation mark that is not closed.", begins) from error


def _head(cells: list[str]) -> tuple[list[str], list[Problem]]:
    names = [re.sub(r"[\s_-]+", "_", cell.strip().lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    problems = [Problem(1, f"The column “{name}” is missing.") for name in NEEDED if name not in names]
    problems += [
        Problem(1, f"The column “{cell.strip()}” is not one we know. The columns are {', '.join(COLUMNS)}.")
        for cell, name in zip(cells, names, strict=False)
        if name not in COLUMNS
    ]
    twice = [name for name, times in Counter(names).items() if times > 1]
    problems += [Problem(1, f"The column “{name}” is there twice.") for name in twice]
    return names, problems


def _row(line: int, cells: list[str], names: list[str]) -> tuple[Row | None, list[Problem]]:
    if any(cell.strip() for cell in cells[len(names) :]):
        return None, [Problem(line, "This row has more cells than the first row has columns.")]
    found = dict.fromkeys(COLUMNS, "") | {name: _plain(cell) for name, cell in zip(names, cells, strict=False)}
    problems = [Problem(line, words) for words in _wrong(found)]
    if problems:
        return None, problems
    known_as = found["known_as"] or found["name"].split()[0][: LONGEST["known_as"]]
    return Row(line, found["name"], known_as, found["email"].lower(), found["ao_learner_number"] or None), []


def _plain(cell: str) -> str:
    """One line, composed, single spaces; a no-break space is a space."""
    return " ".join(unicodedata.normalize("NFC", cell).split())


def _wrong(found: dict[str, str]) -> Iterator[str]:
    if not found["name"]:
        yield "The name is missing."
    if not found["email"]:
        yield "The email address is missing."
    elif not EMAIL.fullmatch(found["email"]):
        yield f"“{_short(found['email'])}” is not an email address."
    for column, most in LONGEST.items():
        if len(found[column]) > most:
            yield f"The {CALLED[column]} is longer than {most} characters."
        if any(_cannot_be_seen(character) for character in found[column]):
            yield f"The {CALLED[column]} holds a character that cannot be seen. Type it again."


def _cannot_be_seen(character: str) -> bool:
    """Control and direction marks; the joiners that some scripts need inside a word are none."""
    return unicodedata.category(character) in {"Cc", "Cf"} and character not in "\u200c\u200d"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def _twice(rows: list[Row]) -> Iterator[Problem]:
    for column in ("email", "ao_learner_number"):
        first: dict[str, int] = {}
        for row in rows:
            value = getattr(row, column)
            if value and first.setdefault(value, row.line) != row.line:
                yield Problem(row.line, f"The same {CALLED[column]} stands in row {first[value]}.")
