"""Reads assessors/rubrics/<qualification>/<unit>.md: guidance under each question's key, every item with its line."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from assessors.guidance.compiled import Level
from course.catalogue.problems import Problem, shown
from course.catalogue.source import is_sound, list_entries, read_text

HEADINGS: dict[str, Level] = {
    "must": "must",
    "should": "should",
    "could": "could",
    "not yet": "not-yet",
    "misconceptions": "misconceptions",
}
TEXTS = {"safeguarding": "safeguarding", "model answer": "model_answer"}
ALL_HEADINGS = "Must, Should, Could, Not yet, Misconceptions, Safeguarding, Model answer"

_ITEM = re.compile(r"(?:((?:U[1-9][0-9]?:)?[0-9]+\.[0-9]+): +)?(.*?)(?: *\{([0-9]{1,3})\})?")
_BULLET = re.compile(r"[-*+] +(.*)")
_HEADING = re.compile(r"(#{1,6}) *(.*?) *#*$")


@dataclass
class ItemSource:
    """One item as written; `criterion` is None where the author named none."""

    line: int
    level: Level
    criterion: str | None
    text: str
    points: int | None


@dataclass
class QuestionGuidanceSource:
    """The guidance on one question as written."""

    key: str
    line: int
    items: list[ItemSource] = field(default_factory=list)
    safeguarding: str = ""
    model_answer: str = ""


@dataclass
class GuidanceSource:
    """One rubric file; `unit` is the slug of its unit."""

    unit: str
    path: str
    questions: dict[str, QuestionGuidanceSource]


def read_guidance(folder: Path, problems: list[Problem]) -> list[GuidanceSource]:
    """Read every rubric of one qualification; a folder that is not there holds none."""
    if not folder.exists():
        return []
    found = []
    for entry in list_entries(folder, problems):
        if not is_sound(entry, problems):
            continue
        if entry.suffix != ".md" or not entry.is_file():
            problems.append(Problem(shown(entry), 1, "Remove this, or name it like its unit, such as 01-the-role.md."))
            continue
        rubric = read_rubric(entry, problems)
        if rubric is not None:
            found.append(rubric)
    return found


def read_rubric(path: Path, problems: list[Problem]) -> GuidanceSource | None:
    """Read one rubric; None when it is no text at all."""
    text = read_text(path, problems)
    return _read_file(path.stem, shown(path), text, problems) if text is not None else None


@dataclass
class _Section:
    """The lines below one level-3 heading."""

    line: int
    name: str
    lines: list[tuple[int, str]] = field(default_factory=list)


def _read_file(unit: str, path: str, text: str, problems: list[Problem]) -> GuidanceSource:
    source = GuidanceSource(unit, path, {})
    question: QuestionGuidanceSource | None = None
    sections: list[_Section] = []

    def finish() -> None:
        if question is not None:
            _fill(question, sections, lambda line, sentence: problems.append(Problem(path, line, sentence)))

    for number, line in enumerate(text.split("\n"), start=1):
        heading = _HEADING.fullmatch(line)
        level = len(heading[1]) if heading else 0
        if heading and level == 2:
            finish()
            question, sections = QuestionGuidanceSource(heading[2], number), []
            if heading[2] in source.questions:
                first = source.questions[heading[2]].line
                advice = f"Put this with line {first}: “{heading[2]}” has guidance there already."
                problems.append(Problem(path, number, advice))
            else:
                source.questions[heading[2]] = question
        elif heading and level == 3 and question is not None:
            sections.append(_Section(number, heading[2]))
        elif heading and (level != 1 or question is not None):
            advice = f"Use “## key” for a question, and below it “###” with one of {ALL_HEADINGS}."
            problems.append(Problem(path, number, advice))
        elif sections:
            sections[-1].lines.append((number, line))
        elif question is not None and line.strip():
            problems.append(Problem(path, number, f"Put this below a “###” heading, one of {ALL_HEADINGS}."))
    finish()
    return source


def _fill(question: QuestionGuidanceSource, sections: list[_Section], refuse: Callable[[int, str], None]) -> None:
    seen: set[str] = set()
    for section in sections:
        name = section.name.lower()
        if name not in HEADINGS and name not in TEXTS:
            refuse(section.line, f"Change the heading “{section.name}” to one of {ALL_HEADINGS}.")
        elif name in seen:
            refuse(section.line, f"Put this with the other “{section.name}” of “{question.key}”.")
        elif not any(line.strip() for _, line in section.lines):
            refuse(section.line, f"Write something below “{section.name}”, or remove it.")
        elif name in TEXTS:
            setattr(question, TEXTS[name], "\n".join(line for _, line in section.lines).strip())
        else:
            question.items += _items(HEADINGS[name], section, refuse)
        seen.add(name)
    if not sections:
        refuse(question.line, f"Write guidance below “{question.key}”: headings such as “### Must”, and items.")


def _items(level: Level, section: _Section, refuse: Callable[[int, str], None]) -> list[ItemSource]:
    """The items of a list; a line that is indented or not a bullet continues the one above."""
    bullets: list[tuple[int, str]] = []
    gap = False
    for number, line in section.lines:
        bullet = _BULLET.match(line)
        if bullet:
            bullets.append((number, bullet[1].strip()))
        elif line.strip() and bullets and (not gap or line.startswith((" ", "\t"))):
            bullets[-1] = (bullets[-1][0], f"{bullets[-1][1]} {line.strip().lstrip('-*+ ')}")
        elif line.strip():
            refuse(number, f"Begin each item below “{section.name}” with “- ”.")
        gap = not line.strip()
    items = []
    for number, text in bullets:
        found = _ITEM.fullmatch(text)
        if found is None or not found[2]:
            refuse(number, "Say in this item what to look for.")
            continue
        items.append(ItemSource(number, level, found[1], found[2], int(found[3]) if found[3] else None))
    return items
