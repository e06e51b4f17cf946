"""What a published guidance version looks like when read back: what a good answer holds, question by question."""

from typing import Literal

from course.catalogue.compiled import Frozen, dumps, sha256

Level = Literal["must", "should", "could", "not-yet", "misconceptions"]

LEVELS: tuple[Level, ...] = ("must", "should", "could", "not-yet", "misconceptions")

Sort = Literal["clearly-achieved", "borderline", "not-yet"]

SORTS: tuple[Sort, ...] = ("clearly-achieved", "borderline", "not-yet")

__all__ = [
    "LEVELS", "SORTS", "CompiledGuidance", "CompiledSamples", "Item", "Level", "QuestionGuidance", "Sample", "Sort",
    "dumps", "sha256",
]  # fmt: skip


class Item(Frozen):
    """One thing to look for. `id` ("must-1") is stable within its question and guidance version.

    `criterion` is None only for a misconception or a "not yet" that concerns the whole answer.
    """

    id: str
    level: Level
    criterion: str | None
    text: str
    points: int | None = None


class QuestionGuidance(Frozen):
    """Guidance on one question. Empty text means "not given"; all text is plain, to be escaped when shown."""

    items: tuple[Item, ...]
    safeguarding: str = ""
    model_answer: str = ""

    def at(self, level: Level) -> tuple[Item, ...]:
        """The items of one level, in the author's order."""
        return tuple(item for item in self.items if item.level == level)

    def for_criterion(self, criterion: str) -> tuple[Item, ...]:
        """The items that concern this criterion, in the author's order."""
        return tuple(item for item in self.items if item.criterion == criterion)

    def item(self, id: str) -> Item:
        """The item with this id. Raises KeyError when there is none."""
        for item in self.items:
            if item.id == id:
                return item
        raise KeyError(id)


class CompiledGuidance(Frozen):
    """One published guidance version for one unit."""

    qualification: str
    unit: str
    questions: dict[str, QuestionGuidance]

    def question(self, key: str) -> QuestionGuidance | None:
        """Guidance on the question with this key, or None when it has none (a knowledge check)."""
        return self.questions.get(key)


class Sample(Frozen):
    """One sample answer, for assessors to compare their judgement with. All text is plain, to be escaped when shown."""

    sort: Sort
    title: str
    answer: str
    decisions: dict[str, bool]
    """By criterion, whether it is achieved."""
    why: str


class CompiledSamples(Frozen):
    """One published version of a unit's sample answers, by the key of their question."""

    qualification: str
    unit: str
    questions: dict[str, tuple[Sample, ...]]
