"""What is worth a second look and is no mistake yet: statements that may have aged, and terms explained in two ways."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

from course.catalogue.format import LogYaml
from course.catalogue.problems import Problem, shown
from course.catalogue.source import PageSource, QualificationSource, QuestionSource, read_text

AGED = datetime.timedelta(days=365)
HELPLINES = "helplines.yaml"
_CHECKED = re.compile(r"checked: *[\"']?([0-9]{4}-[0-9]{2}-[0-9]{2})")
_VAGUE = re.compile(r"(?:\?|-|none|unknown|tbc|tbd|to do|n/?a)\.?", re.I)


def look_again(sources: list[QualificationSource], directory: Path, today: datetime.date) -> list[Problem]:
    """Everything that somebody should look at again: old facts and helplines, terms with two meanings."""
    found = [*_helplines(directory / HELPLINES, today)]
    for source in sources:
        pages = [page for unit in source.units for page in unit.pages]
        found += [problem for page in pages for problem in _facts(page, today)]
        found += [problem for unit in source.units for one in unit.questions for problem in _lengths(one)]
        found += _two_meanings(pages)
    return sorted(found)


def _facts(page: PageSource, today: datetime.date) -> Iterator[Problem]:
    for at, fact in enumerate(page.front.facts if page.front and page.located else ()):
        assert page.located is not None
        if today - datetime.date.fromisoformat(fact.checked) > AGED:
            line = page.located.line("facts", at, "checked")
            yield Problem(page.path, line, f"Check this again, it was last checked on {fact.checked}: {fact.statement}")
        for name, words in (("nation", fact.nation), ("source", fact.source)):
            if _VAGUE.fullmatch(words.strip()):
                line = page.located.line("facts", at, name)
                yield Problem(page.path, line, f"Name the {name} of this statement: {fact.statement}")


def _helplines(path: Path, today: datetime.date) -> Iterator[Problem]:
    """The helplines stand in one file with one date, which is the oldest of theirs."""
    problems: list[Problem] = []
    text = read_text(path, problems) if path.is_file() else None
    for number, line in enumerate((text or "").split("\n"), start=1):
        found = _CHECKED.match(line.strip())
        if found and today - datetime.date.fromisoformat(found[1]) > AGED:
            yield Problem(
                shown(path), number, f"Phone each of these numbers again: they were last checked on {found[1]}."
            )


def _lengths(question: QuestionSource) -> Iterator[Problem]:
    """A log adds up its minutes and hours, if it knows which numbers they are."""
    if not isinstance(question.yaml, LogYaml) or question.located is None:
        return
    for at, field in enumerate(question.yaml.fields_):
        kind = field.label.strip().lower()
        if field.kind == "number" and kind in ("minutes", "hours"):
            line = question.located.line("fields", at)
            yield Problem(question.path, line, f"Write “kind: {kind}” for “{field.label}”, and the log adds them up.")


def _two_meanings(pages: list[PageSource]) -> Iterator[Problem]:
    """A term means the same on every page of a qualification: its glossary is one."""
    first: dict[str, tuple[str, str]] = {}
    for page in pages:
        for at, word in enumerate(page.front.words if page.front and page.located else ()):
            assert page.located is not None
            line = page.located.line("words", at, "meaning")
            meaning, place = first.setdefault(word.word.casefold(), (word.meaning, f"{page.path}:{line}"))
            if meaning != word.meaning:
                yield Problem(page.path, line, f"Explain “{word.word}” in the same words as in {place}: “{meaning}”")
