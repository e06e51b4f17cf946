"""How much of an answer's wording also stands in another answer. It raises a question to a person, never a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable

RUN = 5
"""Words in a row that make a run: shorter ones are everybody's language, longer ones miss a changed word."""
FEWEST_RUNS = 12
"""Runs in common below which chance and common phrases explain a likeness."""
ASKS_FROM = 40
"""Per cent of the shorter answer's runs from which it is worth a question."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TAG = re.compile(r"<[^>]*>")

Runs = frozenset[tuple[str, ...]]


def runs_of(text: str) -> Runs:
    """Every run of words in a text, without capitals and punctuation."""
    words = [word.replace("’", "'") for word in _WORD.findall(text.casefold())]
    return frozenset(tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def given(html_or_text: Iterable[str]) -> Runs:
    """The runs that everybody was given to read (prompt, starters, the page): quoting them is no likeness."""
    return frozenset().union(*(runs_of(_TAG.sub(" ", one)) for one in html_or_text))


def share(one: Runs, other: Runs) -> int | None:
    """Per cent of the shorter answer's runs that stand in both, when that is worth a question; otherwise None."""
    common = len(one & other)
    if common < FEWEST_RUNS:
        return None
    found = round(100 * common / min(len(one), len(other)))
    return found if found >= ASKS_FROM else None


def in_words(share: int) -> str:
    """A share as people say it."""
    for least, words in ((95, "Nearly all"), (70, "Most"), (55, "More than half"), (45, "About half")):
        if share >= least:
            return words
    return "A good part"
