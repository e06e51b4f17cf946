"""What a published qualification and its units look like when read back: frozen, typed, cheap to import."""

import hashlib
import json
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["choice", "short", "extended", "order", "match", "upload", "log", "witness"]
Alternative = Literal["voice", "photo", "scribe"]
AiUse = Literal["none", "spelling", "declared"]
Accepted = Literal["photo", "pdf", "audio", "docx"]
FieldKind = Literal["date", "minutes", "hours", "number", "line", "text"]

CHECK_KINDS: frozenset[str] = frozenset({"choice", "order", "match"})
WRITTEN_KINDS: frozenset[str] = frozenset({"short", "extended", "upload", "log", "witness"})


class Frozen(BaseModel):
    """A value: never changed after it is made, never given a key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Accreditation(Frozen):
    """The awarding organisation that approved the qualification, its reference number, and how to appeal to it."""

    organisation: str
    reference: str
    appeals: str = ""
    """How a learner reaches it about an appeal, in a sentence; empty when nobody has written that down."""


class OptionalGroup(Frozen):
    """A rule of combination: at least `choose` of the units `from_` (codes such as "U8")."""

    choose: int
    from_: tuple[str, ...]


class Combination(Frozen):
    """The units a whole qualification needs, as codes: all of `mandatory`, and each group of `optional`."""

    mandatory: tuple[str, ...]
    optional: tuple[OptionalGroup, ...] = ()


class CompiledQualification(Frozen):
    """One published version of a qualification; `units` holds slugs in order, the first is U1."""

    slug: str
    title: str
    level: str
    credit: int | None
    accreditation: Accreditation | None
    references: tuple[str, ...]
    units: tuple[str, ...]
    combination: Combination

    def unit_code(self, slug: str) -> str:
        """The short name of a unit, such as "U4". Raises KeyError when the qualification has no such unit."""
        if slug not in self.units:
            raise KeyError(slug)
        return f"U{self.units.index(slug) + 1}"

    def unit_slug(self, code: str) -> str:
        """The slug of the unit called "U4". Raises KeyError when there is none."""
        for number, slug in enumerate(self.units, start=1):
            if code == f"U{number}":
                return slug
        raise KeyError(code)


class Hours(Frozen):
    """Hours of a unit, by how they are spent; only `live` ones, with a tutor present, are guided learning."""

    live: int = 0
    self_study: int = 0
    placement: int = 0

    @property
    def total(self) -> int:
        """All hours of the unit together."""
        return self.live + self.self_study + self.placement


class Criterion(Frozen):
    """One assessment criterion, such as "2.2"; `topics` are rows of the coverage matrix."""

    number: str
    text: str
    topics: tuple[int, ...] = ()
    safety_critical: bool = False


class Outcome(Frozen):
    """One learning outcome and the criteria that show it."""

    number: int
    text: str
    criteria: tuple[Criterion, ...]


class Option(Frozen):
    """One option of a `choice`; neither `right` nor `why` is shown before an answer."""

    text: str
    right: bool
    why: str


class Pair(Frozen):
    """One right pair of a `match`; the `why` is not shown before an answer."""

    left: str
    right: str
    why: str


class LogField(Frozen):
    """One box of each entry of a `log`; `name` is stable while the label is."""

    name: str
    label: str
    kind: FieldKind


class Question(Frozen):
    """One workbook question. `key` is permanent and unique in the qualification; `number` is its place in the unit.

    `criteria` are those of its own unit; `further` are (unit code, criterion) of other units, where none is needed.
    `prompt` is the author's Markdown, `prompt_html` the same, sanitised. Empty text and empty tuples mean "not given".
    """

    key: str
    number: int
    page: int
    kind: Kind
    title: str
    prompt: str
    prompt_html: str
    hint: str
    criteria: tuple[str, ...]
    further: tuple[tuple[str, str], ...]
    evidence: bool
    instead_of: str | None
    words: tuple[int, int] | None
    starters: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    ai: AiUse
    options: tuple[Option, ...]
    items: tuple[str, ...]
    why: str
    pairs: tuple[Pair, ...]
    accept: tuple[Accepted, ...]
    files: int
    fields: tuple[LogField, ...]
    entries: tuple[int, int | None] | None
    statement: str

    @property
    def is_check(self) -> bool:
        """A knowledge check: it explains itself and may be tried again."""
        return self.kind in CHECK_KINDS

    @property
    def is_written(self) -> bool:
        """A question that a person reads and judges; it needs guidance."""
        return self.kind in WRITTEN_KINDS

    @property
    def takes_a_claim(self) -> bool:
        """Whether prior learning can be claimed for it: evidence in words or files, not hours, and nothing seen."""
        return self.evidence and self.kind in ("short", "extended", "upload")

    @property
    def name(self) -> str:
        """What people call it: its title, or "Question 3"."""
        return self.title or f"Question {self.number}"

    @property
    def several_right(self) -> bool:
        """Whether a `choice` has more than one right option, so that boxes are shown instead of buttons."""
        return sum(option.right for option in self.options) > 1

    @property
    def shown_items(self) -> tuple[int, ...]:
        """The order in which the items of an `order` are shown: always the same, never the right one."""
        return _mixed(self.key, self.items)

    @property
    def shown_rights(self) -> tuple[int, ...]:
        """The order in which the right-hand sides of a `match` are shown: each text once, never in order of the left.

        A right-hand side may serve several left ones, so compare texts, not places.
        """
        rights = [pair.right for pair in self.pairs]
        distinct = [at for at, right in enumerate(rights) if rights.index(right) == at]
        return tuple(distinct[at] for at in _mixed(self.key, tuple(rights[at] for at in distinct)))


def _mixed(seed: str, texts: tuple[str, ...]) -> tuple[int, ...]:
    order = sorted(range(len(texts)), key=lambda at: hashlib.sha256(f"{seed}\n{texts[at]}".encode()).digest())
    if order == list(range(len(texts))):
        order = order[1:] + order[:1]
    return tuple(order)


class Word(Frozen):
    """One term explained in the margin of a page."""

    word: str
    meaning: str


class Fact(Frozen):
    """A statement of law or fact that ages: where it holds, who says so, and when somebody last checked (ISO date)."""

    statement: str
    nation: str
    source: str
    checked: str


class HtmlPart(Frozen):
    """Sanitised reading between two questions, safe to print as it is."""

    html: str
    type: Literal["html"] = "html"


class QuestionPart(Frozen):
    """The place of a question in the reading."""

    key: str
    type: Literal["question"] = "question"


class Page(Frozen):
    """One page of a unit. `minutes` is an estimate: 150 words a minute and a time for each question."""

    number: int
    slug: str
    title: str
    lead: str
    content_note: str
    sensitive: bool
    words: tuple[Word, ...]
    facts: tuple[Fact, ...]
    minutes: int
    parts: tuple[HtmlPart | QuestionPart, ...]

    @property
    def question_keys(self) -> tuple[str, ...]:
        """Keys of the questions on this page, in reading order."""
        return tuple(part.key for part in self.parts if isinstance(part, QuestionPart))


class CompiledUnit(Frozen):
    """One published version of a unit ("module" on disk): its criteria, pages and questions."""

    qualification: str
    slug: str
    code: str
    title: str
    level: str
    credit: int | None
    hours: Hours
    status: Literal["ready", "planned"]
    outcomes: tuple[Outcome, ...]
    pages: tuple[Page, ...]
    questions: tuple[Question, ...]

    @property
    def is_ready(self) -> bool:
        """Whether learners can study it; a planned unit is only listed as coming."""
        return self.status == "ready"

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria of the unit, in order."""
        return tuple(criterion for outcome in self.outcomes for criterion in outcome.criteria)

    def criterion(self, number: str) -> Criterion:
        """The criterion with this number. Raises KeyError when there is none."""
        for outcome in self.outcomes:
            for criterion in outcome.criteria:
                if criterion.number == number:
                    return criterion
        raise KeyError(number)

    @cached_property
    def _by_key(self) -> dict[str, Question]:
        return {question.key: question for question in self.questions}

    def question(self, key: str) -> Question:
        """The question with this key. Raises KeyError when there is none."""
        return self._by_key[key]

    @cached_property
    def _groups(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for question in self.questions:
            root = question.instead_of or question.key
            found[root] = (*found.get(root, ()), question.key)
        return found

    def group(self, key: str) -> tuple[str, ...]:
        """A question and all that may be answered instead of it, in reading order. Raises KeyError."""
        return self._groups[self.question(key).instead_of or key]

    def page(self, number: int) -> Page:
        """The page with this number, counted from 1. Raises KeyError when there is none."""
        for page in self.pages:
            if page.number == number:
                return page
        raise KeyError(number)

    def evidence_questions(self, criterion: str) -> tuple[Question, ...]:
        """The questions of this unit that count for the criterion, in reading order; `instead_of` ones included."""
        return tuple(question for question in self.questions if question.evidence and criterion in question.criteria)

    def alternatives_to(self, key: str) -> tuple[Question, ...]:
        """The other questions that serve in place of this one (`instead-of`, either way), in reading order."""
        return tuple(self.question(other) for other in self.group(key) if other != key)

    def has_another_way(self, page: Page) -> bool:
        """Whether a question on this page may be answered by another in its place."""
        return any(self.alternatives_to(key) for key in page.question_keys)


def dumps(compiled: BaseModel) -> str:
    """Canonical JSON: sorted keys, UTF-8 as it is, no spaces; equal values give equal text."""
    return json.dumps(compiled.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256(compiled: BaseModel | str) -> str:
    """The content hash, in hexadecimal, of a compiled value or of its canonical JSON."""
    text = compiled if isinstance(compiled, str) else dumps(compiled)
    return hashlib.sha256(text.encode()).hexdigest()
