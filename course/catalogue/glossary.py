"""What a unit comes to on one sheet of paper, and the words of a whole qualification: made from published versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from course.catalogue.compiled import CompiledUnit, HtmlPart, Word


@dataclass(frozen=True)
class Term:
    """One word of a qualification, its meaning, and the units (codes) that explain it.

    A word that units explain differently has an entry for each meaning: none of them is hidden.
    """

    word: str
    meaning: str
    units: tuple[str, ...]


def glossary(units: Iterable[CompiledUnit]) -> list[Term]:
    """The words of some units together, by alphabet."""
    spelt: dict[str, str] = {}
    found: dict[tuple[str, str], list[str]] = {}
    for unit in units:
        for page in unit.pages:
            for one in page.words:
                word = spelt.setdefault(one.word.casefold(), one.word)
                codes = found.setdefault((word, one.meaning), [])
                if unit.code not in codes:
                    codes.append(unit.code)
    terms = (Term(word, meaning, tuple(codes)) for (word, meaning), codes in found.items())
    return sorted(terms, key=lambda one: (one.word.casefold(), one.units))


def words_of(unit: CompiledUnit) -> list[Word]:
    """The words of one unit by alphabet, each meaning once."""
    return [Word(word=one.word, meaning=one.meaning) for one in glossary([unit])]


def looking_back(unit: CompiledUnit) -> str:
    """What the unit's last page says before its first question, as safe HTML; empty when it begins with one."""
    if not unit.pages:
        return ""
    html = []
    for part in unit.pages[-1].parts:
        if not isinstance(part, HtmlPart):
            break
        html.append(part.html)
    return "\n".join(html)
