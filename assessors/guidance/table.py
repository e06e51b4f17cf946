"""Guidance as a table, one row an item, for people who write in a spreadsheet: out of a unit's guidance, and into it.

Columns: question (its key), level (the headings of a rubric), criterion (empty where the author names none), text, and
points (only under a threshold). Safeguarding and Model answer are levels of one row whose text may hold several lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assessors.guidance.compiled import QuestionGuidance
from assessors.guidance.source import ALL_HEADINGS, QuestionGuidanceSource
from course.catalogue.problems import Problem

HEAD = ("question", "level", "criterion", "text", "points")
LEVELS = {
    "must": "Must", "should": "Should", "could": "Could", "not-yet": "Not yet", "misconceptions": "Misconceptions",
}  # fmt: skip
SAFEGUARDING, MODEL_ANSWER = "Safeguarding", "Model answer"
ORDER = (*LEVELS.values(), SAFEGUARDING, MODEL_ANSWER)
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings before which a spreadsheet gets an apostrophe when a table is written, and loses it when one is read."""


def rows(
    questions: Mapping[str, QuestionGuidance] | Mapping[str, QuestionGuidanceSource],
) -> Iterator[tuple[str, str, str, str, str]]:
    """Every item of every question, in the author's order."""
    for key, guidance in questions.items():
        for item in guidance.items:
            points = "" if item.points is None else str(item.points)
            yield key, LEVELS[item.level], item.criterion or "", item.text, points
        if guidance.safeguarding:
            yield key, SAFEGUARDING, "", guidance.safeguarding, ""
        if guidance.model_answer:
            yield key, MODEL_ANSWER, "", guidance.model_answer, ""


@dataclass(frozen=True)
class Row:
    """One row of a table, trimmed, with the line on which it ends."""

    line: int
    question: str
    level: str
    criterion: str
    text: str
    points: str


def markdown(path: str, text: str) -> tuple[str, list[Problem]]:
    """The rubric that a table says, and every problem of the table at its line. What is missing in it, `check` says."""
    problems: list[Problem] = []
    found = _read(path, text, problems)
    questions: dict[str, dict[str, list[Row]]] = {}
    for row in found:
        questions.setdefault(row.question, {}).setdefault(row.level, []).append(row)
    problems += [
        Problem(path, row.line, f"Put this into the one row of “{level}” for this question.")
        for levels in questions.values()
        for level in (SAFEGUARDING, MODEL_ANSWER)
        for row in levels.get(level, [])[1:]
    ]
    parts = [part for key, levels in questions.items() for part in _question(key, levels)]
    return "\n\n".join(parts) + "\n", sorted(problems)


def _question(key: str, levels: Mapping[str, list[Row]]) -> Iterator[str]:
    yield f"## {key}"
    for level in ORDER:
        if level in levels:
            yield f"### {level}"
            is_text = level in (SAFEGUARDING, MODEL_ANSWER)
            yield levels[level][0].text if is_text else "\n".join(_bullet(row) for row in levels[level])


def _bullet(row: Row) -> str:
    criterion = f"{row.criterion}: " if row.criterion else ""
    points = f" {{{row.points}}}" if row.points else ""
    return f"- {criterion}{' '.join(row.text.split())}{points}"


def _read(path: str, text: str, problems: list[Problem]) -> list[Row]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    head = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in ("question", "level", "text") if name not in head]
    if missing:
        problems.append(Problem(path, 1, f"Name the columns in the first line: {', '.join(HEAD)}."))
        return []
    found = []
    for cells in reader:
        values = {name: _cell(cell) for name, cell in zip(head, cells, strict=False)}
        if any(values.values()):
            row = Row(reader.line_num, *(values.get(name, "") for name in HEAD))
            found += [_checked(path, row, problems)] if _is_whole(path, row, problems) else []
    return found


def _cell(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULAS) else text


def _is_whole(path: str, row: Row, problems: list[Problem]) -> bool:
    if row.question and row.text:
        return True
    problems.append(Problem(path, row.line, "Fill in the question’s key and the text, or empty the whole row."))
    return False


def _checked(path: str, row: Row, problems: list[Problem]) -> Row:
    """The row with its level as a rubric's heading says it."""
    level = next((one for one in ORDER if one.lower() == row.level.lower().replace("-", " ")), None)
    if level is None:
        problems.append(Problem(path, row.line, f"Change the level “{row.level}” to one of {ALL_HEADINGS}."))
    if row.points and not row.points.isdigit():
        problems.append(Problem(path, row.line, "Write the points as a whole number, or leave them empty."))
    return Row(row.line, row.question, level or ORDER[0], row.criterion, row.text, row.points)
