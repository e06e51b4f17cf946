"""What the pages of a standardisation show: a sample to judge, the splits at the meeting, wording for an author."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from assessors.guidance.compiled import Item
from assessors.quality import queries as quality
from assessors.quality.showing import criterion_text
from assessors.quality.standardisation.agreement import Agreement, measure
from assessors.quality.standardisation.models import GuidanceProposal, Minutes
from assessors.quality.standardisation.queries import meeting
from assessors.quality.standardisation.queries.activities import Numbered, Standardising
from assessors.quality.standardisation.queries.meeting import Given
from course import sealing
from course.catalogue.compiled import Question
from course.sealing import CannotOpen
from course.workbook.models import Outcome

LEVELS = {
    "must": "Must", "should": "Should", "could": "Could", "not-yet": "Not yet", "misconceptions": "Misconceptions",
}  # fmt: skip
SORTS = {"clearly-achieved": "clearly achieved", "borderline": "borderline", "not-yet": "not yet"}
GONE = "somebody who has left"


@dataclass(frozen=True)
class ToJudge:
    """One sample on the page where it is judged. Nothing of it says what was decided."""

    numbered: Numbered
    criteria: tuple[tuple[str, str], ...]
    """(number, text)."""
    guidance: tuple[tuple[str, tuple[str, ...]], ...]
    """(level, texts)."""


def to_judge(found: Standardising, numbered: Numbered) -> ToJudge:
    """One sample with its criteria and the guidance under which everybody judges."""
    guidance = found.guidance.question(numbered.question.key)
    levels = []
    for level, title in LEVELS.items():
        items = [one for one in guidance.items if one.level == level] if guidance else []
        levels.append((title, tuple(_item(one) for one in items)))
    return ToJudge(
        numbered,
        tuple((one, criterion_text(found.unit, one)) for one in numbered.criteria),
        tuple((title, texts) for title, texts in levels if texts),
    )


def _item(item: Item) -> str:
    return f"{item.criterion}: {item.text}" if item.criterion else item.text


# -- the meeting -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Voice:
    """One person's judgement of a sample, opened."""

    by: str
    outcomes: dict[str, bool]
    why: str


@dataclass(frozen=True)
class Split:
    """One criterion of one sample: who said what, and what was published."""

    criterion: str
    text: str
    achieved: tuple[str, ...]
    not_yet: tuple[str, ...]
    published: bool

    @property
    def is_split(self) -> bool:
        """Whether people differ."""
        return bool(self.achieved) and bool(self.not_yet)


@dataclass(frozen=True)
class SampleSplit:
    """One sample at the meeting."""

    numbered: Numbered
    sort: str
    splits: tuple[Split, ...]
    voices: tuple[Voice, ...]

    @property
    def is_split(self) -> bool:
        """Whether people differ about any criterion."""
        return any(one.is_split for one in self.splits)

    @property
    def is_against_published(self) -> bool:
        """Whether everybody says of some criterion what was not published."""
        return any(not one.is_split and bool(one.achieved) != one.published for one in self.splits)


@dataclass(frozen=True)
class Measured:
    """Agreement about one criterion, or about everything."""

    label: str
    agreement: Agreement
    judges: int
    same_as_published: int
    judgements: int


@dataclass(frozen=True)
class Opinions:
    """Everything the meeting's page shows of the judgements."""

    judges: tuple[str, ...]
    incomplete: tuple[str, ...]
    """Who began and did not finish: they are not counted."""
    samples: tuple[SampleSplit, ...]
    by_criterion: tuple[Measured, ...]
    overall: Measured

    @property
    def measured(self) -> tuple[Measured, ...]:
        """Each criterion, and all together where there are several."""
        return (*self.by_criterion, self.overall) if len(self.by_criterion) > 1 else self.by_criterion


def opinions(session: Session, found: Standardising) -> Opinions:
    """Open the judgements of those who judged every sample, and measure how far they agree."""
    given = meeting.given(session, found)
    everybody = {person for person, _, _ in found.judgings}
    names = quality.names(session, everybody)
    whole = set(found.complete)
    by_sample: dict[tuple[str, str], list[Given]] = {}
    for one in given:
        by_sample.setdefault((one.judging.question, one.judging.sample), []).append(one)
    samples = tuple(
        _sample(session, found, one, by_sample.get((one.question.key, one.sample.title), []), names)
        for one in found.samples
    )
    splits = [split for sample in samples for split in sample.splits]
    criteria = list(dict.fromkeys(split.criterion for split in splits))
    return Opinions(
        judges=tuple(sorted(names.get(one, GONE) for one in whole)),
        incomplete=tuple(sorted(names.get(one, GONE) for one in everybody - whole)),
        samples=samples,
        by_criterion=tuple(
            _measured(one, [split for split in splits if split.criterion == one], len(whole)) for one in criteria
        ),
        overall=_measured("All points together", splits, len(whole)),
    )


def _sample(
    session: Session, found: Standardising, numbered: Numbered, given: list[Given], names: dict[UUID, str]
) -> SampleSplit:
    voices = tuple(
        Voice(
            names.get(one.judging.judged_by, GONE),
            {criterion: outcome == Outcome.ACHIEVED for criterion, outcome in one.outcomes.items()},
            _open(session, one),
        )
        for one in given
    )
    splits = tuple(
        Split(
            criterion, criterion_text(found.unit, criterion),
            tuple(one.by for one in voices if one.outcomes.get(criterion) is True),
            tuple(one.by for one in voices if one.outcomes.get(criterion) is False), published,
        )
        for criterion, published in numbered.sample.decisions.items()
    )  # fmt: skip
    return SampleSplit(numbered, SORTS[numbered.sample.sort], splits, voices)


def _open(session: Session, one: Given) -> str:
    try:
        return sealing.read(session, one.judging.why)
    except CannotOpen:
        return "The reason was erased."


def _measured(label: str, splits: list[Split], judges: int) -> Measured:
    votes = [Counter({True: len(one.achieved), False: len(one.not_yet)}) for one in splits]
    return Measured(
        label, measure([+one for one in votes]), judges,
        sum(len(one.achieved if one.published else one.not_yet) for one in splits),
        sum(sum(one.values()) for one in votes),
    )  # fmt: skip


# -- minutes and wording -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownMinutes:
    """Minutes, opened."""

    number: int
    held_on: date
    lasted: int
    present: tuple[str, ...]
    present_ids: tuple[UUID, ...]
    text: str
    by: str
    at: datetime


def minutes(session: Session, found: Standardising) -> list[ShownMinutes]:
    """Every version of the minutes, oldest first: the last counts."""
    rows = meeting.minutes_with_words(session, found.row.id)
    present = meeting.attendees(session, [row.id for row in rows])
    names = quality.names(session, {one for ids in present.values() for one in ids} | {row.written_by for row in rows})
    shown = []
    for row in rows:
        here = sorted(names.get(one, GONE) for one in present[row.id])
        by = names.get(row.written_by, GONE)
        shown.append(
            ShownMinutes(
                row.number, row.held_on, row.lasted, tuple(here), tuple(present[row.id]), _words(session, row), by,
                row.at,
            )
        )  # fmt: skip
    return shown


def _words(session: Session, row: Minutes) -> str:
    try:
        return sealing.read(session, row.minutes)
    except CannotOpen:
        return "These minutes were erased."


@dataclass(frozen=True)
class ShownProposal:
    """Agreed wording, with what it would replace."""

    question: Question
    place: str
    before: str
    wording: str
    why: str
    by: str


def proposals(session: Session, found: Standardising) -> list[ShownProposal]:
    """The wording that the meeting agreed, oldest first."""
    rows = meeting.proposals(session, found.row.id)
    names = quality.names(session, {row.proposed_by for row in rows})
    questions = {one.question.key: one.question for one in found.samples}
    return [
        ShownProposal(
            questions[row.question], _place(row), _before(found, row), row.wording, row.why,
            names.get(row.proposed_by, GONE),
        )
        for row in rows
    ]  # fmt: skip


def _place(row: GuidanceProposal) -> str:
    level = LEVELS[row.level]
    return f"{level}, {row.criterion}" if row.criterion else f"{level}, the whole answer"


def _before(found: Standardising, row: GuidanceProposal) -> str:
    guidance = found.guidance.question(row.question)
    return guidance.item(row.item).text if guidance and row.item else ""


def places(found: Standardising) -> list[SelectChoice]:
    """Where agreed wording may go: in place of each item of the guidance, or new below a heading."""
    questions = {one.question.key: one.question for one in found.samples}
    choices = []
    for value, (key, item, level, criterion) in found.places.items():
        name = f"{questions[key].name}: " if len(questions) > 1 else ""
        about = f"{LEVELS[level]}, {criterion or 'the whole answer'}"
        words = f"Instead of “{_short(item.text)}” ({about})" if item else f"Add: {about}"
        choices.append(SelectChoice(value, f"{name}{words}"))
    return choices


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57].rsplit(" ", 1)[0] + " …"


def for_author(found: Standardising, shown: list[ShownProposal]) -> str:
    """The wording as an author of guidance can take it over: headings and items as in the file, and why."""
    lines = [
        f"# Wording agreed at a standardisation meeting: {found.title}", "",
        f"The meeting judged by version {found.guidance_number} of the guidance of {found.row.unit}.",
        f"File: rubrics/{found.row.qualification}/{found.row.unit}.md. Nothing is changed until you change it there.",
    ]  # fmt: skip
    for one in shown:
        level, _, criterion = one.place.partition(", ")
        prefix = f"{criterion}: " if criterion != "the whole answer" and len(one.question.criteria) > 1 else ""
        lines += ["", f"## {one.question.key}", "", f"### {level}", "", f"- {prefix}{_one_line(one.wording)}", ""]
        lines.append(f"> In place of: {_one_line(one.before)}" if one.before else "> A new item.")
        lines += [">", f"> Why: {_one_line(one.why)}"]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())
