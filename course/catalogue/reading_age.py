"""How our words read: reading age, long sentences and paragraphs, and the words that the writing standard refuses.

`python -m course.catalogue.reading_age modules assessors/rubrics` prints a line for each page, then the longest
sentences of all. Flesch–Kincaid gives a school grade; five years more give the age at which a reader usually manages
it. It counts, it does not understand.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.catalogue.problems import Problem, shown
from course.catalogue.source import PageSource, Prose, read_page, read_text
from course.catalogue.standard import Standard, house_standard

AIM = (9, 11)
"""The reading age to aim at."""
HIGHEST_AGE = 14.0
"""The most, where a term cannot be avoided."""
LONG_SENTENCE, LONGEST_SENTENCE = 20, 25
"""Words: above the first it is listed, above the second a learner's page is refused."""
LONG_PARAGRAPH, LONGEST_PARAGRAPH = 3, 5
"""Sentences, in the same way."""
WORST = 3
WORST_OF_ALL = 20

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_TOKEN = re.compile(r"[\w£%.,'’:/-]*\w[\w£%'’/-]*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*\s+(?=[\"'“‘(\[*_]*[A-Z0-9ÀÁÉÍÓÚ])")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|vs|etc|e\.g|i\.e|No)\.", re.I)
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)]) +")
_NO_PROSE = re.compile(r"\s*(?:\||#|\*\[|\[[^\]]+\]:|-{3,}\s*$|:?-+:?\s*\|)")


@dataclass(frozen=True)
class Paragraph:
    """Words that belong together, and the line they begin on."""

    line: int
    text: str
    is_item: bool = False

    @property
    def sentences(self) -> list[str]:
        """The sentences, without Markdown's marks."""
        text = _ABBREVIATION.sub(lambda found: found[0].rstrip(".").replace(".", ""), _plain(self.text))
        return [sentence for sentence in _SENTENCE_END.split(text) if _WORD.search(sentence)]


@dataclass(frozen=True)
class Reading:
    """What was counted on one page; `problems` hold every place worth a look, the hard failures in `refused`."""

    path: str
    words: int
    age: float
    long_sentences: tuple[Problem, ...]
    long_paragraphs: tuple[Problem, ...]
    refused: tuple[Problem, ...]
    longest: int = 0
    """Words in its longest sentence."""


def measure(
    path: str,
    paragraphs: list[Paragraph],
    *,
    text: str = "",
    standard: Standard | None = None,
    is_read_to_learn: bool = False,
) -> Reading:
    """Count one page. A page `is_read_to_learn` by learners is held to more than one for assessors.

    `text`: the whole file, in which nothing may stand that no page teaches; the paragraphs when not given.
    """
    standard = standard or house_standard()
    sentences = [(paragraph.line, sentence) for paragraph in paragraphs for sentence in paragraph.sentences]
    words = [word for _, sentence in sentences for word in _WORD.findall(sentence)]
    age = reading_age(len(sentences), words)
    counted = sorted(((len(_TOKEN.findall(text)), line, text) for line, text in sentences), reverse=True)
    long_sentences = tuple(
        Problem(path, line, f"{count} words in one sentence: “{_short(text)}”")
        for count, line, text in counted
        if count > LONG_SENTENCE
    )
    long_paragraphs = tuple(
        Problem(path, paragraph.line, f"{len(paragraph.sentences)} sentences in one paragraph.")
        for paragraph in paragraphs
        if len(paragraph.sentences) > LONG_PARAGRAPH and not paragraph.is_item
    )
    refused = [*_instead(path, paragraphs, standard)]
    whole = [(1, text)] if text else [(paragraph.line, paragraph.text) for paragraph in paragraphs]
    refused += [found for line, words in whole for found in _never(path, line, words, standard)]
    if is_read_to_learn:
        refused += _too_long(path, counted, paragraphs)
    if age > HIGHEST_AGE:
        advice = f"Write this page more simply: its reading age is {age:.1f}, {HIGHEST_AGE:.0f} is the most."
        refused.append(Problem(path, 1, advice))
    longest = counted[0][0] if counted else 0
    return Reading(path, len(words), age, long_sentences, long_paragraphs, tuple(sorted(refused)), longest)


def _too_long(path: str, counted: list[tuple[int, int, str]], paragraphs: list[Paragraph]) -> Iterator[Problem]:
    for count, line, text in counted:
        if count > LONGEST_SENTENCE:
            yield Problem(
                path, line, f"Split this sentence of {count} words, {LONGEST_SENTENCE} is the most: “{_short(text)}”"
            )
    for paragraph in paragraphs:
        sentences = len(paragraph.sentences)
        if sentences > LONGEST_PARAGRAPH and not paragraph.is_item:
            yield Problem(
                path, paragraph.line, f"Split this paragraph of {sentences} sentences, {LONGEST_PARAGRAPH} is the most."
            )


def reading_age(sentences: int, words: list[str]) -> float:
    """Flesch–Kincaid grade plus five, in years; 0 where there is nothing to read."""
    if not sentences or not words:
        return 0.0
    grade = 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return max(5.0, grade + 5)


_VOWELS = re.compile(r"[aeiouyàáâäèéêëìíîïòóôöùúûü]+")
_SILENT = re.compile(
    r"[^aeiouylr]e$|[aeiouy][lr]e$|[^aeiouydt]ed$|[^aeiouysxzcgh]es$"
    r"|(?:some|safe|care|home|like|use|hope|life|one|fore|ere)(?=[^aeiouyrsd])"
)
_APART = re.compile(
    r"(?<![tcsg])ia(?!ge)|io(?!n|us)|iu|(?<![tcs])ie(?:n|t)|scie|eas?$|[aeiouy]ing|creat|(?<![qg])ua(?!r)"
)


def syllables(word: str) -> int:
    """Syllables of an English word, by its letters: right for nine words in ten, and the errors cancel out."""
    word = re.sub(r"[’'](?:s|t|re|ve|ll|d|m)?$", "", word.lower())
    total = 0
    for part in filter(None, word.split("-")):
        count = len(_VOWELS.findall(part))
        if count > 1:
            count -= len(_SILENT.findall(part))
        if count > 0 and len(part) > 3:
            count += len(_APART.findall(part))
        total += max(1, count)
    return max(1, total)


def _instead(path: str, paragraphs: list[Paragraph], standard: Standard) -> Iterator[Problem]:
    for paragraph in paragraphs:
        for at, line in enumerate(paragraph.text.split("\n")):
            for pattern, instead in standard.instead:
                for found in pattern.finditer(line):
                    yield Problem(path, paragraph.line + at, f"Write {instead} instead of “{found[0]}”.")


def _never(path: str, first: int, text: str, standard: Standard) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), start=first):
        for pattern, why in standard.never:
            for found in pattern.finditer(line):
                yield Problem(path, number, f"Take out “{found[0]}”: no page says {why}.")


def _short(text: str) -> str:
    return text if len(text) <= 90 else text[:90].rsplit(" ", 1)[0] + " …"


def _plain(text: str) -> str:
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[^>]+>|\[\^[^\]]*\]|`[^`]*`|^\s*>\s?", " ", text, flags=re.M)
    return re.sub(r"\s+", " ", re.sub(r"[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}", "", text)).strip()


def paragraphs_of(text: str, first_line: int) -> list[Paragraph]:
    """The paragraphs and list items of Markdown; headings, tables and code are not read as sentences."""
    found: list[Paragraph] = []
    lines: list[str] = []
    start, is_item, fence = first_line, False, ""
    for number, line in enumerate([*text.split("\n"), ""], start=first_line):
        opening = re.match(r"`{3,}|~{3,}", line)
        if fence or opening:
            fence = "" if fence and line.rstrip() == fence else fence or (opening[0] if opening else "")
            continue
        bare = re.sub(r"^(?:\s{0,3}>\s?)+", "", line)
        item = _LIST_ITEM.match(bare)
        ends = not bare.strip() or item or _NO_PROSE.match(bare) or bare.startswith("!!!")
        if ends and lines:
            found.append(Paragraph(start, "\n".join(lines), is_item))
            lines = []
        if item:
            start, is_item, lines = number, True, [bare[item.end() :]]
        elif not ends:
            if not lines:
                start, is_item = number, False
            lines.append(bare)
    return found


def page_paragraphs(page: PageSource) -> list[Paragraph]:
    """Everything a learner reads on a page: reading, prompts, hints, options and their whys, words explained."""
    found: list[Paragraph] = []
    if page.front is not None:
        texts = [page.front.lead, page.front.content_note, *(word.meaning for word in page.front.words)]
        found += [Paragraph(1, text, True) for text in texts if text.strip()]
    for block in page.blocks:
        if isinstance(block, Prose):
            found += paragraphs_of(block.text, block.line)
        elif block.yaml is not None and block.located is not None:
            found += paragraphs_of(block.yaml.prompt, block.located.text_line("prompt"))
            found += _texts(block.located.data, (), block.located)
    return found


_READ_KEYS = {"hint", "why", "text", "left", "right", "items", "starters", "statement"}


def _texts(data: Any, place: tuple[str | int, ...], located: Any) -> Iterator[Paragraph]:
    if isinstance(data, str):
        key = next((part for part in reversed(place) if isinstance(part, str)), "")
        if key in _READ_KEYS and data not in ("yes", "no"):
            yield Paragraph(located.text_line(*place), data, True)
        return
    inside: list[tuple[str | int, Any]] = list(data.items() if isinstance(data, dict) else enumerate(data))
    for part, value in inside:
        yield from _texts(value, (*place, part), located)


def read(paths: list[Path], standard: Standard | None = None) -> list[Reading]:
    """Count every Markdown page at or below the paths. Sample answers are quoted: only what no page says counts."""
    standard = standard or house_standard()
    readings = []
    for path in sorted(file for given in paths for file in ([given] if given.is_file() else given.rglob("*.md"))):
        problems: list[Problem] = []
        text = read_text(path, problems)
        if text is None:
            continue
        page = read_page(path, 1, path.stem, problems) if text.startswith("---\n") else None
        is_quoted = "samples" in path.parts
        paragraphs = page_paragraphs(page) if page else [] if is_quoted else paragraphs_of(text, 1)
        readings.append(
            measure(shown(path), paragraphs, text=text, standard=standard, is_read_to_learn=page is not None)
        )
    return readings


def main(paths: list[str]) -> int:
    """Print a line for each page, then the longest sentences of all; 1 when a page is refused."""
    readings = read([Path(path) for path in paths])
    for reading in readings:
        long = f"{len(reading.long_sentences)} long sentences, {len(reading.long_paragraphs)} long paragraphs"
        aim = "" if reading.age <= AIM[1] else f" (aim at {AIM[0]} to {AIM[1]})"
        print(f"{reading.path}: reading age {reading.age:.1f}{aim}, {reading.words} words, {long}")  # noqa: T201
        for problem in (*reading.long_paragraphs[:WORST], *reading.refused):
            print(f"  {problem}")  # noqa: T201
    worst = sorted((problem for one in readings for problem in one.long_sentences), key=_words_in, reverse=True)
    if worst:
        print(f"The longest of {len(worst)} sentences over {LONG_SENTENCE} words:")  # noqa: T201
        for problem in worst[:WORST_OF_ALL]:
            print(f"  {problem}")  # noqa: T201
    return 1 if any(reading.refused for reading in readings) else 0


def _words_in(problem: Problem) -> int:
    return int(problem.sentence.split(" ", 1)[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["modules", "assessors/rubrics", "assessors/samples"]))
