"""The course format: what qualification.yaml, module.yaml, front matter and question blocks may say."""

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from course.catalogue.compiled import Accepted, AiUse, Alternative, FieldKind

KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
CRITERION = re.compile(r"[1-9][0-9]?\.[1-9][0-9]?")
FURTHER = re.compile(r"(U[1-9][0-9]?):([1-9][0-9]?\.[1-9][0-9]?)")


def _yes_or_no(value: Any) -> bool:
    if value in ("yes", "no"):
        return bool(value == "yes")
    raise ValueError(f"Write yes or no, not “{value}”.")


def _whole(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}", value):
        return int(value)
    raise ValueError(f"Write a whole number, not “{value}”.")


def _credit(value: Any) -> int | None:
    return None if value == "none" else _whole(value)


def _none_or(value: Any) -> Any:
    return None if value == "none" else value


def _words(value: Any) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,5})\s*[-–]\s*([0-9]{1,5})", str(value))
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError(f"Write words from fewest to most, such as 100-300, not “{value}”.")
    return int(found[1]), int(found[2])


def _entries(value: Any) -> tuple[int, int | None]:
    found = re.fullmatch(r"([0-9]{1,3})(?:\s*([-–])\s*([0-9]{1,3})?)?", str(value))
    if not found or int(found[1]) < 1 or (found[3] and int(found[3]) < int(found[1])):
        raise ValueError(f"Write how many entries, such as 6- or 6-10, not “{value}”.")
    least = int(found[1])
    return least, int(found[3]) if found[3] else (None if found[2] else least)


def _criterion(value: Any) -> str:
    if isinstance(value, str) and CRITERION.fullmatch(value):
        return value
    raise ValueError(f"Write a criterion as outcome and number, such as 2.2, not “{value}”.")


def _criterion_anywhere(value: Any) -> str:
    if isinstance(value, str) and (CRITERION.fullmatch(value) or FURTHER.fullmatch(value)):
        return value
    raise ValueError(f"Write a criterion such as 2.2, or U2:2.1 for another unit's, not “{value}”.")


def _date(value: Any) -> str:
    try:
        return datetime.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ValueError(f"Write the date as year-month-day, such as 2026-11-24, not “{value}”.") from None


def _log_field(value: Any) -> Any:
    return {"label": value} if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Words = Annotated[tuple[int, int], BeforeValidator(_words)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Whole = Annotated[int, BeforeValidator(_whole)]
Credit = Annotated[int | None, BeforeValidator(_credit)]
OwnCriterion = Annotated[str, BeforeValidator(_criterion)]
AnyCriterion = Annotated[str, BeforeValidator(_criterion_anywhere)]
IsoDate = Annotated[str, BeforeValidator(_date)]


class Strict(BaseModel):
    """A mapping in which every key is known; keys are kebab-case in files."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: name.rstrip("_").replace("_", "-")
    )


class AccreditationYaml(Strict):
    """The awarding organisation that approved the qualification."""

    organisation: Text
    reference: Text
    appeals: Text = ""
    """How a learner reaches it about an appeal, in a sentence: a page, an address or a telephone number."""


class OptionalYaml(Strict):
    """A group of optional units."""

    choose: Whole
    from_: Annotated[tuple[Text, ...], Field(min_length=1)]


class CombinationYaml(Strict):
    """Which units make the whole."""

    mandatory: tuple[Text, ...] = ()
    optional: tuple[OptionalYaml, ...] = ()


class QualificationYaml(Strict):
    """qualification.yaml."""

    title: Text
    level: Text
    credit: Credit
    accreditation: Annotated[AccreditationYaml | None, BeforeValidator(_none_or)] = None
    references: tuple[Text, ...] = ()
    units: Annotated[tuple[Text, ...], Field(min_length=1)]
    combination: CombinationYaml | None = None


class HoursYaml(Strict):
    """Hours of a unit."""

    live: Whole = 0
    self_study: Whole = 0
    placement: Whole = 0


class CriterionYaml(Strict):
    """One assessment criterion."""

    criterion: OwnCriterion
    text: Text
    topics: tuple[Whole, ...] = ()
    safety_critical: YesNo = False


class OutcomeYaml(Strict):
    """One learning outcome."""

    outcome: Whole
    text: Text
    criteria: Annotated[tuple[CriterionYaml, ...], Field(min_length=1)]


class ModuleYaml(Strict):
    """module.yaml."""

    title: Text
    level: Text
    credit: Credit = None
    hours: HoursYaml = HoursYaml()
    status: Literal["ready", "planned"]
    outcomes: Annotated[tuple[OutcomeYaml, ...], Field(min_length=1)]


class WordYaml(Strict):
    """One term explained."""

    word: Text
    meaning: Text


class FactYaml(Strict):
    """One statement that ages."""

    statement: Text
    nation: Text
    source: Text
    checked: IsoDate


class FrontMatter(Strict):
    """The head of a page."""

    title: Text
    lead: str = ""
    content_note: str = ""
    sensitive: YesNo = False
    words: tuple[WordYaml, ...] = ()
    facts: tuple[FactYaml, ...] = ()


class QuestionYaml(Strict):
    """What every question block may say."""

    kind: Text
    criteria: Annotated[tuple[AnyCriterion, ...], Field(min_length=1)]
    prompt: Text
    title: str = ""
    hint: str = ""
    evidence: YesNo | None = None
    instead_of: Text | None = None
    own_life: YesNo | None = None
    """Whether it asks for the learner's own life; when not said, the prompt is looked at."""


class OptionYaml(Strict):
    """One option, with the reason it is right or wrong."""

    text: Text
    right: YesNo
    why: Text


class PairYaml(Strict):
    """One right pair."""

    left: Text
    right: Text
    why: Text


def _distinct(texts: list[str], what: str) -> None:
    for text in texts:
        if texts.count(text) > 1:
            raise ValueError(f"Change one of the two {what}s “{text[:60]}”: learners could not tell them apart.")


def _one_is_right(options: tuple[OptionYaml, ...]) -> tuple[OptionYaml, ...]:
    if not any(option.right for option in options):
        raise ValueError("Mark at least one option “right: yes”.")
    _distinct([option.text for option in options], "option")
    return options


def _items_differ(items: tuple[str, ...]) -> tuple[str, ...]:
    _distinct(list(items), "item")
    return items


def _lefts_differ(pairs: tuple[PairYaml, ...]) -> tuple[PairYaml, ...]:
    _distinct([pair.left for pair in pairs], "left side")
    if len({pair.right for pair in pairs}) < 2:
        raise ValueError("Give at least two different right sides, or there is nothing to match.")
    return pairs


class ChoiceYaml(QuestionYaml):
    """One or several right options."""

    options: Annotated[tuple[OptionYaml, ...], Field(min_length=2), AfterValidator(_one_is_right)]


class OrderYaml(QuestionYaml):
    """Items to be put in order; written in the right one."""

    items: Annotated[tuple[Text, ...], Field(min_length=2), AfterValidator(_items_differ)]
    why: Text


class MatchYaml(QuestionYaml):
    """Pairs to be found; a right-hand side may serve several left ones."""

    pairs: Annotated[tuple[PairYaml, ...], Field(min_length=2), AfterValidator(_lefts_differ)]


class WrittenYaml(QuestionYaml):
    """What every question that a person judges may say."""

    alternatives: tuple[Alternative, ...] = ()
    ai: AiUse = "none"


class ShortYaml(WrittenYaml):
    """A few sentences."""

    words: Words | None = None
    starters: tuple[Text, ...] = ()


class ExtendedYaml(ShortYaml):
    """A longer answer."""


class UploadYaml(WrittenYaml):
    """One or several files."""

    accept: Annotated[tuple[Accepted, ...], Field(min_length=1)] = ("photo", "pdf", "audio", "docx")
    files: Annotated[Whole, Field(ge=1, le=10)] = 1


class LogFieldYaml(Strict):
    """One box of each entry; a plain text is a label."""

    label: Text
    kind: FieldKind = "text"


def _labels_differ(fields: tuple[LogFieldYaml, ...]) -> tuple[LogFieldYaml, ...]:
    _distinct([field.label for field in fields], "field")
    return fields


OneLogField = Annotated[LogFieldYaml, BeforeValidator(_log_field)]


class LogYaml(WrittenYaml):
    """Repeated dated entries."""

    fields_: Annotated[tuple[OneLogField, ...], Field(min_length=1), AfterValidator(_labels_differ)]
    entries: Annotated[tuple[int, int | None], BeforeValidator(_entries)] | None = None


class WitnessYaml(WrittenYaml):
    """Confirmed by someone without an account."""

    statement: Text


QUESTION_KINDS: dict[str, type[QuestionYaml]] = {
    "choice": ChoiceYaml,
    "short": ShortYaml,
    "extended": ExtendedYaml,
    "order": OrderYaml,
    "match": MatchYaml,
    "upload": UploadYaml,
    "log": LogYaml,
    "witness": WitnessYaml,
}
