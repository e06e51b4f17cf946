"""What applicants may tell about themselves, if they like, so that a centre can see whether it chooses fairly."""

from __future__ import annotations

PREFER_NOT = "prefer-not"
NOT_GIVEN = "not-given"
NOTICE = "2026-11-25"
"""The version of what the page says the answers are for. Since this one: also changes to how work is judged."""

DIMENSIONS: dict[str, tuple[str, dict[str, str]]] = {
    "age": (
        "Your age group",
        {
            "under-25": "Under 25",
            "25-34": "25 to 34",
            "35-44": "35 to 44",
            "45-54": "45 to 54",
            "55-over": "55 or over",
        },
    ),
    "gender": ("Your gender", {"woman": "Woman", "man": "Man", "other": "In another way"}),
    "ethnicity": (
        "Your ethnic group",
        {
            "asian": "Asian or Asian British",
            "black": "Black, Black British, Caribbean or African",
            "mixed": "Mixed or multiple ethnic groups",
            "white": "White",
            "other": "Another ethnic group",
        },
    ),
}
"""By name: what is asked, and the groups. Broad groups of the England and Wales census, so that counts grow large."""

WORDS = {PREFER_NOT: "Prefer not to say", NOT_GIVEN: "Not answered"}


def group_words(dimension: str, group: str) -> str:
    """A group as people read it."""
    return DIMENSIONS[dimension][1].get(group) or WORDS[group]


def short_title(dimension: str) -> str:
    """What is asked, as the head of a table: "Age group"."""
    return DIMENSIONS[dimension][0].removeprefix("Your ").capitalize()
