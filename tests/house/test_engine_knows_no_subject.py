"""The engine delivers any qualification: no code and no template of it knows what one of them is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUBJECT = re.compile(
    r"\b(?:peer[- ]?mentor\w*|mentor\w*|mentee\w*|drugs?|alcohol\w*|addict\w*|heroin|methadone|opioid\w*|overdos\w*"
    r"|naloxone|relaps\w*|lapses?|sober\w*|sobriety|abstinen\w*|in recovery|recovery capital|substance (?:use|misuse)"
    r"|needle\w*|hygiene|allergen\w*|kitchen\w*)\b",
    re.I,
)
WORDS_FOR_THE_SAMPLE = {
    f"assessors/sample/{name}.py" for name in ("__init__", "centre", "words", "past", "past_words", "selecting")
}
"""The sample centre is filled with one qualification: it speaks of it."""
ABOUT_PEOPLE = {
    "assessors/guidance/policy_source.py": ("SUBSTANCES = re.compile",),  # nobody is kept out for prescribed medicine
    # Two people may be each other's mentor in any trade: a conflict of interest is named so.
    "course/people/conflicts.py": ('"mentor": "Mentor and',),
    "course/people/models.py": ("\"kind IN ('mentor'",),
    "course/migrations/versions/0008_policies_of_a_centre_and_answers_decided_again.py": ("\"kind IN ('mentor'",),
    "assessors/selection/rules.py": ('MENTOR = "mentor"', "Tie.MENTOR:"),  # a tie between two people, in any trade
}
"""Lines that name a thing about people, whatever they study: each file with how such a line begins."""
FILES = [
    path for package in ("course", "assessors") for kind in ("*.py", "*.html", "*.js", "*.typ")
    for path in sorted((ROOT / package).rglob(kind))
]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_of_the_engine_names_the_subject(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() in WORDS_FOR_THE_SAMPLE:
        return
    known = ABOUT_PEOPLE.get(path.relative_to(ROOT).as_posix(), ())
    lines = enumerate(path.read_text("utf-8").split("\n"), start=1)
    assert [
        f"{number}: {line.strip()}"
        for number, line in lines
        if SUBJECT.search(line) and not line.strip().startswith(known)
    ] == []
