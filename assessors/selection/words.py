"""What is sealed in selection, as typed values: an application's answers, scorers' notes, a reference, a check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from course.catalogue.compiled import Frozen
from course.enrolment.policy import SelectionCriterion

ADDRESS = r"[^@\s]+@[^@\s]+\.[^@\s]+"
"""What an email address looks like: enough to see that something else was typed."""
LONGEST = 6_000
"""Characters in one box of an application, a note or a reference."""


class Referee(Frozen):
    """Whom the applicant names."""

    name: str = ""
    email: str = ""
    knows_me: str = ""

    @property
    def has_address(self) -> bool:
        """Whether a letter could be sent there."""
        return re.fullmatch(ADDRESS, self.email.strip()) is not None


class ApplicationWords(Frozen):
    """What the applicant wrote, by criterion, and what would help them."""

    answers: dict[str, str] = {}
    confirmed: tuple[str, ...] = ()
    dates: dict[str, str] = {}
    """Days from which they may start, as year-month-day."""
    referees: dict[str, Referee] = {}
    support: str = ""

    @property
    def days(self) -> dict[str, date]:
        """The same days, as days."""
        return {key: date.fromisoformat(day) for key, day in self.dates.items()}

    @property
    def wrong_addresses(self) -> tuple[str, ...]:
        """The criteria where something stands as an address that is none. No address is no mistake."""
        given = self.referees.items()
        return tuple(key for key, one in given if one.email.strip() and not one.has_address)

    def asked_again(self, criteria: Iterable[SelectionCriterion]) -> ApplicationWords:
        """What of it still belongs to one of these criteria; nothing is confirmed."""
        kept = {one.key for one in criteria}
        return ApplicationWords(
            answers={key: text for key, text in self.answers.items() if key in kept},
            dates={key: day for key, day in self.dates.items() if key in kept},
            referees={key: referee for key, referee in self.referees.items() if key in kept},
            support=self.support,
        )


class ScoringWords(Frozen):
    """One selector's notes, by criterion."""

    notes: dict[str, str] = {}


class ReferenceWords(Frozen):
    """What a referee wrote."""

    knows: str
    words: str


class CheckWords(Frozen):
    """What a document says that must be kept: no more than this, and never the document."""

    number: str = ""
    level: str = ""
    issued_on: str = ""
    note: str = ""


class MonitoringWords(Frozen):
    """The groups that an applicant chose to name; empty means not answered."""

    age: str = ""
    gender: str = ""
    ethnicity: str = ""
    notice: str = ""
    """The version of the notice that stood above the questions; the first had none, and spoke of choosing alone."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was answered."""
        return not (self.age or self.gender or self.ethnicity)

    @property
    def covers_changes(self) -> bool:
        """Whether the applicant was told that the answers also show whom a change to how work is judged would touch."""
        return bool(self.notice)
