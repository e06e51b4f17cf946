"""The words on an assessor's desk: the answer and what was said about it, the draft of a judgement, kept comments."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from assessors.guidance import queries as guidances
from assessors.marking.models import KeptComment
from course import sealing
from course.catalogue.compiled import CompiledUnit
from course.workbook import content as contents
from course.workbook import queries as workbook
from course.workbook.models import JudgementDraft
from course.workbook.rules import AnswerFacts, DecisionFact


@dataclass(frozen=True)
class Saved:
    """What an assessor has typed so far about one criterion."""

    outcome: str = ""
    feedback: str = ""
    ticks: tuple[str, ...] = ()
    keep: bool = False


@dataclass(frozen=True)
class SavedJudgement:
    """An assessor's judgement draft, opened."""

    criteria: dict[str, Saved] = field(default_factory=dict)
    nonce: str = ""
    guidance: str = ""
    """Hash of the guidance that was on the screen: ticks of another version mean nothing."""

    def dumps(self) -> str:
        """As it is sealed."""
        criteria = {
            key: {"outcome": one.outcome, "feedback": one.feedback, "ticks": list(one.ticks), "keep": one.keep}
            for key, one in self.criteria.items()
        }
        return json.dumps({"criteria": criteria, "nonce": self.nonce, "guidance": self.guidance}, ensure_ascii=False)

    @classmethod
    def loads(cls, text: str) -> SavedJudgement:
        """Read it back."""
        found = json.loads(text)
        criteria = {
            key: Saved(one["outcome"], one["feedback"], tuple(one["ticks"]), one["keep"])
            for key, one in found["criteria"].items()
        }
        return cls(criteria, found["nonce"], found["guidance"])


def judgement_draft(session: Session, answer_id: UUID, person_id: UUID) -> JudgementDraft | None:
    """What this assessor has typed so far about an answer, with its box."""
    return session.scalar(
        select(JudgementDraft)
        .options(joinedload(JudgementDraft.words))
        .where(JudgementDraft.answer_id == answer_id, JudgementDraft.person_id == person_id)
    )


def open_judgement(session: Session, draft: JudgementDraft | None) -> SavedJudgement:
    """Open a judgement draft; nothing typed yet when there is none."""
    return SavedJudgement.loads(sealing.read(session, draft.words)) if draft else SavedJudgement()


def kept_comments(session: Session, person_id: UUID, qualification: str = "", unit: str = "") -> list[KeptComment]:
    """The comments that an assessor chose to keep, newest first, with their boxes."""
    query = select(KeptComment).options(joinedload(KeptComment.words)).where(KeptComment.person_id == person_id)
    if unit:
        query = query.where(KeptComment.qualification == qualification, KeptComment.unit == unit)
    return list(session.scalars(query.order_by(KeptComment.kept_at.desc(), KeptComment.id.desc()).limit(200)))


@dataclass(frozen=True)
class Spoken:
    """One decision with its words, as staff read it."""

    criterion: str
    state: str
    feedback: str
    ticks: tuple[str, ...]
    by: str
    number: int
    is_returned: bool
    guidance: int | None
    """The number of the guidance version it was made under; None for a knowledge check, which needs none."""


@dataclass(frozen=True)
class OpenedAnswer:
    """One attempt with its words."""

    facts: AnswerFacts
    content: contents.Content
    text: str
    files: tuple[tuple[UUID, str, str], ...]
    """(id, name, content type)."""
    helpers: str
    declaration: str
    said: tuple[Spoken, ...]


def open_answers(session: Session, unit: CompiledUnit, answers: list[AnswerFacts]) -> list[OpenedAnswer]:
    """Open answers, what was said about each, and the declaration, in a constant number of queries."""
    handed = workbook.hand_ins(session, [one.hand_in_id for one in answers])
    decisions = [decision for one in answers for decision in one.standing.values()]
    boxes = workbook.sealed(
        session,
        [one.words_id for one in answers]
        + [one.feedback_id for one in decisions]
        + [one.helpers_id for one in handed.values()],
    )
    names = workbook.first_names(session, {one.decided_by for one in decisions}) if decisions else {}
    versions = guidances.numbers(session, {one.guidance for one in decisions})
    opened = {one.id: contents.loads(sealing.read(session, boxes[one.words_id])) for one in answers}
    owner = {file: answer_id for answer_id, content in opened.items() for file in contents.files_of(content)}
    rows = workbook.files_by_id(session, answers[0].enrolment_id, owner) if owner else {}
    labels = {file: sealing.read(session, row.label, about=owner[file]) for file, row in rows.items()}
    found = []
    for one in answers:
        content, hand_in = opened[one.id], handed[one.hand_in_id]
        files = tuple(
            (file, labels[file], rows[file].content_type) for file in contents.files_of(content) if file in rows
        )
        helpers = sealing.read(session, boxes[hand_in.helpers_id], about=one.id) if hand_in.helpers_id else ""
        said = tuple(
            _spoken(decision, json.loads(sealing.read(session, boxes[decision.feedback_id])), names, versions)
            for decision in one.standing.values()
            if decision.feedback_id is not None
        )
        text = contents.as_text(content, unit.question(one.question), labels)
        found.append(OpenedAnswer(one, content, text, files, helpers, hand_in.declaration, said))
    return found


def _spoken(
    decision: DecisionFact, words: dict[str, object], names: dict[UUID, str], versions: dict[str, int]
) -> Spoken:
    ticks = words.get("ticks")
    return Spoken(
        decision.criterion, "achieved" if decision.is_achieved else "not_yet", str(words.get("feedback", "")),
        tuple(ticks) if isinstance(ticks, list) else (), names.get(decision.decided_by, "A colleague"), decision.number,
        decision.returned_at is not None, versions.get(decision.guidance),
    )  # fmt: skip
