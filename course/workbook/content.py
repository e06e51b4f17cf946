"""What a learner put into an answer, by kind of question: typed, stored as JSON, readable as plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from course.catalogue.compiled import Question
from course.local_time import zone
from course.witnesses.rules import ROLES
from course.workbook import logs

MOST_ENTRIES = 200
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Try(_Frozen):
    """One try at a knowledge check: what was chosen, when, and whether it was right."""

    given: tuple[str, ...]
    right: bool
    at: datetime


class Prior(_Frozen):
    """A claim that something learned before the course shows what a question asks for, point by point."""

    what: str
    where: str
    when: str
    confirms: str = ""
    """Who could confirm it; empty when nobody can be asked."""
    shows: dict[str, str]
    """By criterion: how the earlier learning shows it."""


class TextContent(_Frozen):
    """Words, and the recordings or photos of paper that stand for words."""

    kind: Literal["short", "extended"]
    text: str = ""
    files: tuple[UUID, ...] = ()
    prior: Prior | None = None


class ChoiceContent(_Frozen):
    """The options chosen, by their text: their order may change in a later version."""

    kind: Literal["choice"] = "choice"
    chosen: tuple[str, ...] = ()
    tries: tuple[Try, ...] = ()


class OrderContent(_Frozen):
    """The items in the learner's order; empty text marks a place not filled yet."""

    kind: Literal["order"] = "order"
    order: tuple[str, ...] = ()
    tries: tuple[Try, ...] = ()


class MatchContent(_Frozen):
    """Pairs of left and chosen right."""

    kind: Literal["match"] = "match"
    pairs: tuple[tuple[str, str], ...] = ()
    tries: tuple[Try, ...] = ()


class UploadContent(_Frozen):
    """Files, and a note about them."""

    kind: Literal["upload"] = "upload"
    files: tuple[UUID, ...] = ()
    note: str = ""
    prior: Prior | None = None


class LogContent(_Frozen):
    """Dated entries, each a value for every field's name."""

    kind: Literal["log"] = "log"
    entries: tuple[dict[str, str], ...] = ()


class Statement(_Frozen):
    """What a witness vouched for: kept with the answer that it was handed in with."""

    request: UUID
    name: str
    role: str
    relation: str
    saw: str
    corrected: bool
    at: datetime


class WitnessContent(_Frozen):
    """What the learner says was seen, and by whom; the witness's statement once it is handed in with them."""

    kind: Literal["witness"] = "witness"
    dates: str = ""
    place: str = ""
    seen: str = ""
    name: str = ""
    role: str = ""
    email: str = ""
    """Where the link goes. Shown to the learner alone."""
    statement: Statement | None = None


Content = Annotated[
    TextContent | ChoiceContent | OrderContent | MatchContent | UploadContent | LogContent | WitnessContent,
    Field(discriminator="kind"),
]
CheckContent = ChoiceContent | OrderContent | MatchContent
_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


class SavedDraft(_Frozen):
    """A draft as it is sealed: the words, and which save of which open page put them there."""

    content: Content
    nonce: str = ""
    page: str = ""


def loads(text: str) -> Content:
    """Read the content of an answer."""
    return _CONTENT.validate_json(text)


def dumps(content: Content) -> str:
    """Write the content of an answer."""
    return _CONTENT.dump_json(content).decode()


def empty(question: Question) -> Content:
    """Nothing written yet."""
    return _CONTENT.validate_python({"kind": question.kind})


def clean(text: str) -> str:
    """Words in the one form that is stored: composed, plain line ends, no NUL. Marks of direction and emoji stay."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", ""))


def is_empty(content: Content) -> bool:
    """Whether nothing has been said yet."""
    match content:
        case TextContent() | UploadContent() if content.prior is not None:
            return False
        case TextContent():
            return not content.text.strip() and not content.files
        case ChoiceContent():
            return not content.chosen and not content.tries
        case OrderContent():
            return not any(content.order) and not content.tries
        case MatchContent():
            return not any(right for _, right in content.pairs) and not content.tries
        case UploadContent():
            return not content.files and not content.note.strip()
        case LogContent():
            return not content.entries
        case WitnessContent():
            return not any((content.dates, content.place, content.seen.strip(), content.name, content.email))


def words_of(content: Content) -> str:
    """The words in its one large box."""
    match content:
        case TextContent():
            return content.text
        case UploadContent():
            return content.note
        case _:
            return ""


def prior_of(content: Content) -> Prior | None:
    """The claim of prior learning in it; None when there is none, and for kinds that take none."""
    return content.prior if isinstance(content, TextContent | UploadContent) else None


def with_prior(content: Content, prior: Prior | None) -> Content:
    """The same words with another claim, or without one. Raises TypeError for a kind that takes none."""
    if not isinstance(content, TextContent | UploadContent):
        raise TypeError("This kind of question takes no claim of prior learning.")
    return content.model_copy(update={"prior": prior})


_NOTHING_WRITTEN = {"short": TextContent(kind="short"), "extended": TextContent(kind="extended")}


def without_words(content: Content) -> Content:
    """The same without the words of its large box, and with no more of its tries than what the last one said."""
    match content:
        case TextContent():
            bare = {"text": "", "prior": None}
            return content.model_copy(update=bare) if content.files else _NOTHING_WRITTEN[content.kind]
        case UploadContent():
            return content.model_copy(update={"note": "", "prior": None})
        case LogContent() | WitnessContent():
            return content
        case check:
            last = [one.model_copy(update={"at": LONG_AGO}) for one in check.tries[-1:]]
            return check.model_copy(update={"tries": tuple(last)})


def files_of(content: Content) -> tuple[UUID, ...]:
    """The files that belong to it."""
    return content.files if isinstance(content, TextContent | UploadContent) else ()


def with_files(content: Content, files: tuple[UUID, ...]) -> Content:
    """The same words with other files. Raises TypeError for a kind that takes none."""
    if not isinstance(content, TextContent | UploadContent):
        raise TypeError("This kind of question takes no files.")
    return content.model_copy(update={"files": files})


def again(content: Content) -> Content:
    """The words as somebody goes on writing: a statement stays with the answer that it was handed in with."""
    return content.model_copy(update={"statement": None}) if isinstance(content, WitnessContent) else content


def given(content: CheckContent) -> tuple[str, ...]:
    """What was chosen in a check, one line each."""
    match content:
        case ChoiceContent():
            return content.chosen
        case OrderContent():
            return content.order
        case MatchContent():
            return tuple(f"{left} → {right}" for left, right in content.pairs)


def is_complete(question: Question, content: CheckContent) -> bool:
    """Whether there is enough in a check to say right or wrong."""
    match content:
        case ChoiceContent():
            return bool(content.chosen)
        case OrderContent():
            return sorted(content.order) == sorted(question.items)
        case MatchContent():
            return len(content.pairs) == len(question.pairs) and all(right for _, right in content.pairs)


def is_right(question: Question, content: CheckContent) -> bool:
    """Whether a check is answered rightly as a whole."""
    match content:
        case ChoiceContent():
            return set(content.chosen) == {option.text for option in question.options if option.right}
        case OrderContent():
            return content.order == question.items
        case MatchContent():
            return set(content.pairs) == {(pair.left, pair.right) for pair in question.pairs}


def tried(content: CheckContent, question: Question, at: datetime) -> CheckContent:
    """The same check with one more try: what is chosen now."""
    one = Try(given=given(content), right=is_right(question, content), at=at)
    return content.model_copy(update={"tries": (*content.tries, one)})


def tries_of(content: Content) -> tuple[Try, ...]:
    """The tries at a check; nothing for a written kind."""
    return content.tries if isinstance(content, ChoiceContent | OrderContent | MatchContent) else ()


def missing(question: Question, content: Content) -> str | None:
    """What must still be there before it can be handed in, as a sentence; None when it is ready."""
    if isinstance(content, ChoiceContent | OrderContent | MatchContent):
        last = content.tries[-1] if content.tries else None
        if last is None or not last.right or last.given != given(content):
            return "Check your answer until it is right. Then you can hand it in."
        return None
    if is_empty(content):
        return "There is nothing here to hand in yet."
    if (prior := prior_of(content)) is not None:
        left = [number for number in question.criteria if number not in prior.shows]
        return f"Say how what you learned before shows point {' and '.join(left)}." if left else None
    if isinstance(content, UploadContent) and not content.files:
        return "Add a file before you hand this in."
    if isinstance(content, WitnessContent) and content.statement is None:
        return "Ask your witness first. You can hand this in once they have confirmed it."
    least = question.entries[0] if question.entries else 0
    if isinstance(content, LogContent):
        if len(content.entries) < least:
            return f"Write at least {least} entries. You have {len(content.entries)} so far."
        return logs.incomplete(question, content)
    return None


def as_text(content: Content, question: Question, labels: Mapping[UUID, str] | None = None) -> str:
    """The content as plain text: for reading, and for comparing two versions word by word."""
    names = [f"File: {(labels or {}).get(file, 'a file')}" for file in files_of(content)]
    match content:
        case TextContent():
            return "\n\n".join(part for part in (content.text, _claim_as_text(content), *names) if part)
        case UploadContent():
            note = "\n".join(part for part in (*names, content.note) if part)
            return "\n\n".join(part for part in (note, _claim_as_text(content)) if part)
        case LogContent():
            entries = [_entry_as_text(entry, question) for entry in content.entries]
            return "\n\n".join([*entries, *filter(None, [logs.in_words(question, content)])])
        case WitnessContent():
            return _witnessed_as_text(content)
        case OrderContent():
            return "\n".join(f"{place}. {item}" for place, item in enumerate(content.order, start=1) if item)
        case ChoiceContent() | MatchContent():
            return "\n".join(given(content))


def _claim_as_text(content: Content) -> str:
    """A claim of prior learning, below the answer's own words, so that every reader of the answer reads it."""
    prior = prior_of(content)
    if prior is None:
        return ""
    lines = [
        ("What", prior.what),
        ("Where, and with whom", prior.where),
        ("When", prior.when),
        ("Who could confirm it", prior.confirms),
        *((f"How it shows {number}", words) for number, words in prior.shows.items()),
    ]
    return "\n".join(["Learned before this course", *(f"{label}: {words}" for label, words in lines if words)])


def _entry_as_text(entry: Mapping[str, str], question: Question) -> str:
    labels = {field.name: field.label for field in question.fields}
    return "\n".join(f"{labels.get(name, name)}: {value}" for name, value in entry.items() if value)


def _witnessed_as_text(content: WitnessContent) -> str:
    """What the learner says, then what the witness says: who vouches for what, and when, can be told apart."""
    who = f"{content.name}, {ROLES[content.role]}" if content.role in ROLES else content.name
    said = [("When", content.dates), ("Where", content.place), ("What was seen", content.seen), ("Witness", who)]
    parts = ["\n".join(f"{label}: {words}" for label, words in said if words)]
    if content.statement is not None:
        one, day = content.statement, content.statement.at.astimezone(zone())
        how = "Confirmed with corrections" if one.corrected else "Confirmed"
        parts.append(
            f"{how} by {one.name}, {one.role}, on {day.day} {day:%B %Y}. How they know the learner: {one.relation}"
        )
        parts.append(f"The witness says: {one.saw}")
    return "\n\n".join(part for part in parts if part)
