"""What stands in a question's box, kind by kind: choices as shown, places chosen, entries, explanations, files."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from course.catalogue.compiled import Accepted, Question
from course.witnesses.rules import ROLES
from course.workbook import content as contents
from course.workbook import logs
from course.workbook.content import ChoiceContent, Content, LogContent, MatchContent, OrderContent

FIELD_TYPES = {
    "date": "date", "minutes": "number", "hours": "number", "number": "number", "line": "text", "text": "text",
}  # fmt: skip
ACCEPT = {
    "photo": "image/jpeg,image/png",
    "pdf": "application/pdf,.pdf",
    "audio": "audio/mp4,audio/mpeg,.m4a,.mp3",
    "docx": ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
FILE_WORDS = {
    "photo": "a photo (JPEG or PNG)",
    "pdf": "a PDF",
    "audio": "a recording (M4A or MP3)",
    "docx": "a Word document",
}
SHOW_A_CLAIM: tuple[Accepted, ...] = ("photo", "pdf")
"""A certificate, a letter, a record of training."""
MOST_ALTERNATIVE_FILES = 3


def accepted_by(question: Question, *, is_claim: bool = False) -> tuple[Accepted, ...]:
    """What kinds of file a question takes: its own, those that may stand for words, and those that show a claim."""
    if question.kind not in ("short", "extended", "upload"):
        return ()
    ways: dict[str, Accepted] = {"voice": "audio", "photo": "photo"}
    own = question.accept if question.kind == "upload" else [ways[way] for way in question.alternatives if way in ways]
    return tuple(dict.fromkeys([*own, *(SHOW_A_CLAIM if is_claim else ())]))


def most_files(question: Question) -> int:
    """How many files a question takes."""
    return question.files if question.kind == "upload" else MOST_ALTERNATIVE_FILES


@dataclass(frozen=True)
class ShownFile:
    """A file of the learner's, with its opened name."""

    id: UUID
    label: str
    size: str
    can_remove: bool


@dataclass(frozen=True)
class EntryField:
    """One control of a log entry."""

    name: str
    label: str
    kind: str
    type: str
    value: str


@dataclass(frozen=True)
class Entry:
    """One entry of a log, or the empty one at the end."""

    fields: tuple[EntryField, ...]
    is_new: bool


def _explained(text: str, right: bool, otherwise: str, why: str) -> dict[str, str]:
    return {
        "label": text,
        "hint": why,
        "state": "achieved" if right else "not_yet",
        "words": "Right" if right else otherwise,
    }


def _is_placed(question: Question, item: str, given: tuple[str, ...]) -> bool:
    at = question.items.index(item)
    return at < len(given) and given[at] == item


class Box:
    """The controls of one question. Mixed into `showing.Shown`."""

    question: Question
    content: Content
    files: tuple[ShownFile, ...]
    is_claim: bool
    """Whether it says that this was learned before the course."""

    @property
    def box_label(self) -> str:
        """What stands above the box."""
        return "Your answer"

    @property
    def hint(self) -> str | None:
        """The author's hint, and how much to write."""
        words = self.question.words
        aim = ""
        if words and words[0] and words[0] != words[1]:
            aim = f"{words[0]} to {words[1]} words."
        elif words:
            aim = f"About {words[1]} words."
        # Many authors say so themselves; nobody needs to read it twice.
        if aim and "Spelling does not matter." not in (self.question.hint or ""):
            aim += " Spelling does not matter."
        entries = self.question.entries
        if entries and self.question.kind == "log":
            aim = f"At least {entries[0]} entries."
        return " ".join(part for part in (self.question.hint, aim) if part) or None

    @property
    def words_aim(self) -> str | None:
        """The aim that the word counter reads."""
        words = self.question.words
        return f"{words[0]}-{words[1]}" if words else None

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The options of a choice."""
        return [(str(at), option.text) for at, option in enumerate(self.question.options)]

    @property
    def chosen(self) -> list[str]:
        """The options that are chosen."""
        texts = self.content.chosen if isinstance(self.content, ChoiceContent) else ()
        return [str(at) for at, option in enumerate(self.question.options) if option.text in texts]

    @property
    def places(self) -> list[tuple[str, str]]:
        """The items of an order as shown, each with its chosen place."""
        order = self.content.order if isinstance(self.content, OrderContent) else ()
        items = [self.question.items[at] for at in self.question.shown_items]
        return [(item, str(order.index(item) + 1) if item in order else "") for item in items]

    @property
    def place_choices(self) -> list[tuple[str, str]]:
        """The places of an order."""
        return [("", "Choose a place"), *((str(at), str(at)) for at in range(1, len(self.question.items) + 1))]

    @property
    def matches(self) -> list[tuple[str, str]]:
        """The left sides of a match, each with the chosen right side."""
        pairs = dict(self.content.pairs) if isinstance(self.content, MatchContent) else {}
        rights = [text for _, text in self.right_choices]
        return [
            (pair.left, str(rights.index(pairs[pair.left]) - 1) if pairs.get(pair.left) in rights else "")
            for pair in self.question.pairs
        ]

    @property
    def right_choices(self) -> list[tuple[str, str]]:
        """The right sides of a match, mixed."""
        rights = [self.question.pairs[at].right for at in self.question.shown_rights]
        return [("", "Choose"), *((str(at), text) for at, text in enumerate(rights))]

    @property
    def entries(self) -> list[Entry]:
        """The entries of a log, and one empty one."""
        kept = self.content.entries if isinstance(self.content, LogContent) else ()
        return [*(self._entry(values, False) for values in kept), self._entry({}, True)]

    def _entry(self, values: dict[str, str], is_new: bool) -> Entry:
        return Entry(
            tuple(
                EntryField(one.name, one.label, one.kind, FIELD_TYPES[one.kind], values.get(one.name, ""))
                for one in self.question.fields
            ),
            is_new,
        )

    @property
    def totals(self) -> str:
        """What the entries of a log come to; nothing while there are none."""
        return logs.in_words(self.question, self.content) if isinstance(self.content, LogContent) else ""

    @property
    def witness_roles(self) -> list[tuple[str, str]]:
        """What a witness may be to the learner."""
        return [("", "Choose"), *((role, words.capitalize()) for role, words in ROLES.items())]

    @property
    def last_try(self) -> contents.Try | None:
        """The last try at a check."""
        tries = contents.tries_of(self.content)
        return tries[-1] if tries else None

    @property
    def explanations(self) -> list[dict[str, str]]:
        """What a check explains once it has been tried: each option, item or pair, whether it is right, and why."""
        if self.last_try is None:
            return []
        question, given = self.question, self.last_try.given
        if question.kind == "choice":
            return [_explained(one.text, one.right, "Not right", one.why) for one in question.options]
        if question.kind == "match":
            return [
                _explained(one.left, f"{one.left} → {one.right}" in given, "Look again", one.why)
                for one in question.pairs
            ]
        shown = [question.items[at] for at in question.shown_items]
        return [_explained(one, _is_placed(question, one, given), "Look again", "") for one in shown]

    @property
    def accepted(self) -> tuple[Accepted, ...]:
        """What kinds of file may be added."""
        return accepted_by(self.question, is_claim=self.is_claim)

    @property
    def takes_a_claim(self) -> bool:
        """Whether prior learning can be claimed for it."""
        return self.question.takes_a_claim

    @property
    def accept(self) -> str:
        """The same for the browser's own chooser."""
        return ",".join(ACCEPT[kind] for kind in self.accepted)

    @property
    def takes_more_files(self) -> bool:
        """Whether another file fits."""
        return len(self.files) < most_files(self.question)

    @property
    def files_title(self) -> str:
        """The heading of the part that takes files."""
        return "Your files" if self.question.kind == "upload" or self.files else "Other ways to answer"

    @property
    def files_hint(self) -> str:
        """What may be added."""
        kinds = [FILE_WORDS[kind] for kind in self.accepted]
        listed = ", ".join(kinds[:-1]) + (" or " if len(kinds) > 1 else "") + kinds[-1]
        return f"You can add {listed}, up to 10 MB. We take the place and time out of photos."

    @property
    def can_have_scribe(self) -> bool:
        """Whether somebody may write down what the learner says."""
        return "scribe" in self.question.alternatives
