"""The writing standard: a file beside the modules with the words that are not used, and what no page may teach."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import Field

from course.catalogue.format import Strict, Text

FILE = "writing.yaml"
Patterns = Annotated[tuple[Text, ...], Field(min_length=1)]


class InsteadYaml(Strict):
    """What to write, and the patterns that it takes the place of."""

    write: Text
    not_: Patterns


class NeverYaml(Strict):
    """Patterns that no page holds, and what they would say."""

    why: Text
    words: Patterns


class StandardYaml(Strict):
    """writing.yaml."""

    people: tuple[InsteadYaml, ...] = ()
    plain: tuple[InsteadYaml, ...] = ()
    never: tuple[NeverYaml, ...] = ()


@dataclass(frozen=True)
class Standard:
    """Patterns of whole words, each with what to write instead, or with what no page says."""

    instead: tuple[tuple[re.Pattern[str], str], ...] = ()
    never: tuple[tuple[re.Pattern[str], str], ...] = ()


def read_standard(path: Path) -> Standard:
    """Read a writing standard; without a file nothing is refused. Raises ValueError when it is not sound."""
    if not path.is_file():
        return Standard()
    found = StandardYaml.model_validate(yaml.safe_load(path.read_text("utf-8")))
    return Standard(
        tuple((_pattern(one), group.write) for group in (*found.people, *found.plain) for one in group.not_),
        tuple((_pattern(one), group.why) for group in found.never for one in group.words),
    )


def _pattern(words: str) -> re.Pattern[str]:
    """Whole words in any case. Raises ValueError when it is no pattern."""
    try:
        return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I)
    except re.error as error:
        raise ValueError(f"Correct the pattern “{words}” in {FILE}: {error}.") from error


@cache
def house_standard() -> Standard:
    """The standard of this repository's own modules."""
    return read_standard(Path(__file__).parents[2] / "modules" / FILE)
