"""A question's place on a page: what decides its look is the key of a kept fragment, the learner's words fill it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from markupsafe import Markup

from course import fragments
from course.catalogue.compiled import CompiledUnit, Question
from course.pages import date_in_words, moment_in_words
from course.workbook import content as contents
from course.workbook import rules
from course.workbook.boxes import Box, ShownFile
from course.workbook.content import Content, WitnessContent
from course.workbook.given import What, used_up
from course.workbook.queries import UnitWork
from course.workbook.rules import State, Work
from course.workbook.showing import Attempt, Shown, ShownWitness, goes_left

NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Look(Box):
    """All that decides how a place looks, but for what is the learner's own in it. The macros are given no more."""

    version: UUID
    key: str
    state: State
    work: Work
    content: Content
    """Without words: chosen options, places and pairs, and the last try."""
    saved_kind: str
    has_draft: bool
    offers_hand_in: bool
    has_answer: bool
    is_returned: bool
    said: tuple[tuple[str, str], ...]
    """Criterion and state of each returned decision."""
    files: tuple[ShownFile, ...]
    problem: str | None
    file_problem: str | None
    witness: ShownWitness | None
    has_date: bool
    """Whether there is a day by which to hand it in again."""
    is_claim: bool
    given: What | None
    question: Question = field(compare=False)
    unit: CompiledUnit = field(compare=False)

    @property
    def is_kept(self) -> bool:
        """Whether nothing of the learner's stands in the look itself, as files, entries and witnesses do."""
        has_words = isinstance(self.content, WitnessContent) or bool(getattr(self.content, "entries", ()))
        return not (has_words or self.files or self.witness or self.problem or self.file_problem)

    @property
    def others(self) -> tuple[Question, ...]:
        """The questions that may be answered instead."""
        return self.unit.alternatives_to(self.key)

    @property
    def is_safety_critical(self) -> bool:
        """Whether it shows a criterion about keeping people safe."""
        return any(self.unit.criterion(number).safety_critical for number in self.question.criteria)

    @property
    def ai_rule(self) -> str:
        """Whether software may help to write it, said before anything is written; empty where nothing is declared."""
        counts = self.question.evidence and self.question.is_written
        return rules.AI_RULES[self.question.ai] if counts else ""

    @property
    def goes(self) -> str:
        """How many goes are left, in words."""
        given = "You were given one more go. " if self.given is What.ONE_MORE else ""
        return given + goes_left(self.work.attempts_left)

    @property
    def used_up(self) -> str:
        """What is said when no go is left: whether a panel is asked, or what it decided."""
        return used_up(self.given)


def draw(work: UnitWork, one: Shown, readers: str) -> Markup:
    """The place of one question."""
    look = _look(work, one)
    own = _own(work, one, readers)
    return fragments.draw("workbook/question.html", "place", look if look.is_kept else None, own, one=look)


def _look(work: UnitWork, one: Shown) -> Look:
    last = one.last
    return Look(
        work.version_id, one.key, one.state, replace(one.work, learner=NOBODY), contents.without_words(one.content),
        one.saved_kind, one.has_draft, one.offers_hand_in, last is not None,
        last is not None and last.facts.is_returned,
        tuple((said.criterion, said.state) for said in last.said) if last else (),
        one.files, one.problem, one.file_problem, one.witness, one.hand_in_by is not None, one.is_claim,
        one.given,
        one.question, work.unit,
    )  # fmt: skip


def _own(work: UnitWork, one: Shown, readers: str) -> dict[str, Any]:
    words = contents.words_of(one.content)
    own = {"enrolment": str(work.enrolment.id), "base": one.revision, "page": one.page, "saved": one.saved,
           "readers": readers, "words": words}  # fmt: skip
    own |= {"text": one.text} if one.witness else {}
    own |= {"by_when": _by_when(one)} if one.hand_in_by else {}
    own |= {"draft": one.text} if one.work.is_on_hold and not one.last else {}
    return own | {"hear": _hear(one)} | _own_answer(one.last) if one.last else own


def _hear(one: Shown) -> str:
    if one.hear_by is None:
        return ""
    day = date_in_words(one.hear_by)
    return f"You should have heard by {day}. Ask your assessor about it." if one.is_late else (
        f"You should hear by {day}.")  # fmt: skip


def _by_when(one: Shown) -> str:
    assert one.hand_in_by is not None
    day = date_in_words(one.hand_in_by)
    if not one.is_late:
        longer = "You were given longer. " if one.given is What.LONGER else ""
        return f"{longer}Hand it in again by {day}. If you need longer, ask before that day."
    late = "You can still hand it in. Somebody at your centre looks at why it is late, and then it is marked."
    return f"The day to hand it in again was {day}. {late}"


def _own_answer(last: Attempt) -> dict[str, Any]:
    own = {"answer_id": str(last.facts.id), "answer": last.text, "handed_in": moment_in_words(last.facts.at)}
    for at, said in enumerate(last.said):
        own |= {f"by{at}": said.by, f"said{at}": said.words}
    return own
