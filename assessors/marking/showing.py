"""What the pages of marking show: words opened, guidance beside each criterion, two versions compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from assessors.authenticity import queries as authenticity
from assessors.authenticity.queries import Alike
from assessors.guidance import queries as guidances
from assessors.guidance.compiled import Item, QuestionGuidance
from assessors.marking import rules
from assessors.marking.models import KeptComment
from assessors.marking.queries import countersigning, words
from assessors.marking.queries.desk import Desk
from assessors.marking.queries.scope import in_scope
from assessors.marking.queries.words import OpenedAnswer, Saved, SavedJudgement, Spoken
from assessors.marking.rules import claims
from course import sealing
from course.adjustments import queries as adjustments
from course.adjustments.queries import Agreed
from course.catalogue import queries as catalogue
from course.catalogue.compiled import CompiledUnit
from course.forms import FormBase
from course.workbook import content as contents
from course.workbook import deadlines, files, reopening
from course.workbook import queries as workbook
from course.workbook.models import Answer, JudgementDraft
from course.workbook.rules import AI_RULES, AnswerFacts

LEVELS = (
    ("must", "Must, all for “achieved”"), ("should", "Should, for feedback"), ("could", "Could, for feedback"),
    ("not-yet", "Not yet"),
)  # fmt: skip
GOES = ("", "First go", "Second go", "Third go", "Fourth go", "Fifth go")


@dataclass(frozen=True)
class Level:
    """The items of one level, for one criterion."""

    key: str
    title: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Part:
    """One open criterion on the judgement page."""

    code: str
    slug: str
    """The code as part of an id: "2-2"."""
    text: str
    must: bool
    base: int
    saved: Saved
    levels: tuple[Level, ...]
    counts_points: bool
    proposal: str
    kept: tuple[str, ...]
    earlier: tuple[Spoken, ...]
    errors: dict[str, str]


@dataclass(frozen=True)
class ShownAnswer:
    """Everything the page of one answer shows."""

    desk: Desk
    opened: OpenedAnswer
    words: int
    go: str
    due: date
    parts: tuple[Part, ...]
    whole_answer: tuple[tuple[str, tuple[str, ...]], ...]
    """Items that concern the whole answer: (title, texts)."""
    changed: tuple[list[rules.Run], list[rules.Run]] | None
    before: OpenedAnswer | None
    tries: tuple[contents.Try, ...]
    revision: int
    saved: str
    saved_at: Any
    can_return: bool
    passed: tuple[str, ...]
    alike: tuple[Alike, ...]
    """Other answers to the question at this centre that share its wording."""
    safeguarding: tuple[str, ...]
    """What the guidance says about keeping people safe, a paragraph for each point."""
    sent_back: str
    """Why it is to be decided again; empty when it is not."""
    adjustments: tuple[Agreed, ...]
    """What was agreed with the learner for this work, never why."""
    allows: str
    """Whether the task let software help, as its learner read it; empty for what nothing is declared about."""
    countersigner_said: str
    """What a qualified assessor wrote when they sent the decisions back; empty when they did not."""
    is_carried: bool
    """Whether the boxes hold the assessor's own decisions, which are made and not returned, to be decided again."""

    @property
    def state(self) -> str:
        """Where the answer stands before its return, for its tag."""
        return "being_marked" if self.desk.answer.is_leased else "handed_in"

    @property
    def is_held(self) -> bool:
        """Decided, and the decision that counts is not returned."""
        return self.desk.answer.is_decided and any(not one.is_returned for one in self.opened.said)


def show(
    session: Session,
    desk: Desk,
    typed: SavedJudgement,
    draft: JudgementDraft | None = None,
    form: FormBase | None = None,
) -> ShownAnswer:
    """Open one answer and those before it."""
    *earlier, opened = words.open_answers(session, desk.unit, [*desk.earlier, desk.answer])
    kept = _kept(session, desk) if desk.is_mine else {}
    before = earlier[-1] if earlier else None
    carried = _own_decisions(desk, opened) if draft is None and form is None else None
    typed = carried or typed
    said = [*earlier, opened] if desk.answer.is_reopened else earlier
    sent_back = reopening.last_of(session, desk.answer.id) if desk.answer.is_reopened else None
    calendar = deadlines.calendar_of(session, desk.answer.centre_id)
    due = calendar.after(sent_back.at if sent_back else desk.answer.at, desk.policy.turnaround)
    return ShownAnswer(
        desk=desk,
        opened=opened,
        words=len(opened.text.split()),
        go=GOES[desk.answer.attempt] if desk.answer.attempt < len(GOES) else f"Go number {desk.answer.attempt}",
        due=due,
        parts=tuple(_part(desk, code, typed, kept, said, form) for code in desk.answer.open_criteria),
        whole_answer=_whole_answer(desk.guidance),
        changed=rules.what_changed(before.text, opened.text) if before and before.text != opened.text else None,
        before=before,
        tries=contents.tries_of(opened.content),
        revision=draft.revision if draft else 0,
        saved="Saved" if draft else "Nothing to save yet",
        saved_at=draft.saved_at if draft else None,
        can_return=rules.may_return(desk.case, by=desk.by.person_id),
        passed=tuple(sorted(desk.answer.passed_before)),
        alike=tuple(authenticity.alike(session, desk.answer.id, in_scope(desk.reader, Answer))),
        safeguarding=_points(desk.guidance.safeguarding if desk.guidance else ""),
        sent_back=sealing.read(session, sent_back.reason, about=desk.answer.id) if sent_back else "",
        adjustments=tuple(
            adjustments.for_work(session, desk.enrolment.id, desk.unit.slug, calendar.day(desk.answer.at))
        ),
        allows=AI_RULES[desk.question.ai] if desk.question.is_written else "",
        countersigner_said=_countersigner_said(session, desk),
        is_carried=carried is not None,
    )


def _own_decisions(desk: Desk, opened: OpenedAnswer) -> SavedJudgement | None:
    """What the assessor decided on this answer and nobody has returned, as if just typed; None without it."""
    standing = desk.answer.standing
    mine = {code for code, one in standing.items() if one.decided_by == desk.by.person_id and one.returned_at is None}
    said = [one for one in opened.said if one.criterion in mine]
    if not desk.is_mine or not said:
        return None
    criteria = {one.criterion: Saved(standing[one.criterion].outcome, one.feedback, one.ticks) for one in said}
    return SavedJudgement(criteria, guidance=standing[said[0].criterion].guidance)


def _countersigner_said(session: Session, desk: Desk) -> str:
    word = countersigning.last_word(session, desk.answer.id) if desk.case.is_sent_back else None
    return sealing.read(session, word.comment) if word and word.comment else ""


def _points(text: str) -> tuple[str, ...]:
    """An author's list or paragraphs, one by one."""
    found = (point.removeprefix("- ").strip() for point in re.split(r"\n(?=- )|\n\s*\n", text))
    return tuple(point for point in found if point)


def _part(
    desk: Desk, code: str, typed: SavedJudgement, kept: dict[str, list[str]], earlier: list[OpenedAnswer],
    form: FormBase | None,
) -> Part:  # fmt: skip
    standing = desk.answer.standing.get(code)
    saved = typed.criteria.get(code, Saved())
    items = desk.tickable(code)
    # Ticks name items of one guidance version; under another they would point at the wrong ones.
    ticks = saved.ticks if typed.guidance in ("", desk.case.guidance) else ()
    proposal = rules.proposal(items, ticks)
    return Part(
        code=code,
        slug=code.replace(".", "-").replace(":", "-"),
        text=desk.criterion_text(code),
        must=desk.must_be_achieved(code),
        base=standing.number if standing else 0,
        saved=Saved(saved.outcome, saved.feedback, ticks, saved.keep),
        levels=_levels(desk, code),
        counts_points=desk.case.needs_ticks and any(item.points for item in items),
        proposal=str(proposal) if proposal else "",
        kept=tuple(kept.get(code, ())),
        earlier=tuple(one for attempt in earlier for one in attempt.said if one.criterion == code),
        errors={name: str(found[0]) for name, found in form.errors.items() if name and found} if form else {},
    )


def _levels(desk: Desk, code: str) -> tuple[Level, ...]:
    items = desk.guidance.for_criterion(code) if desk.guidance else ()
    tests = Level(claims.LEVEL, "Prior learning, all for “achieved”", tuple((one.id, one.text) for one in claims.TESTS))
    levels = (
        Level(key, title, tuple((item.id, _with_points(desk, item)) for item in items if item.level == key))
        for key, title in LEVELS
    )
    return (*([tests] if desk.case.is_claim else []), *(level for level in levels if level.choices))


def _with_points(desk: Desk, item: Item) -> str:
    if not desk.case.needs_ticks or not item.points:
        return item.text
    return f"{item.text} ({item.points} {'mark' if item.points == 1 else 'marks'})"


def _whole_answer(guidance: QuestionGuidance | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if guidance is None:
        return ()
    found = []
    for key, title in (*LEVELS, ("misconceptions", "Common mix-ups")):
        texts = tuple(
            item.text
            for item in guidance.items
            if item.level == key and (item.criterion is None or key == "misconceptions")
        )
        found.append((title, texts))
    return tuple((title, texts) for title, texts in found if texts)


def _kept(session: Session, desk: Desk) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for comment in words.kept_comments(session, desk.by.person_id, desk.answer.qualification, desk.answer.unit):
        found.setdefault(comment.criterion, []).append(sealing.read(session, comment.words))
    return found


def file_of(session: Session, unit: CompiledUnit, answer: AnswerFacts, file_id: UUID) -> tuple[str, str, bytes]:
    """Name, type and content of a file that belongs to an answer. Raises NotFound."""
    (opened,) = words.open_answers(session, unit, [answer])
    label = next((name for one, name, _ in opened.files if one == file_id), None)
    if label is None:
        raise NotFound
    stored = workbook.stored_file(session, answer.enrolment_id, file_id)
    return label, stored.content_type, files.content_of(session, stored, about=answer.id)


# -- two versions side by side -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One criterion in two versions: what counts now, and what the assessor typed."""

    code: str
    text: str
    theirs: Spoken | None
    outcome: str
    feedback: str


def both(session: Session, desk: Desk, typed: SavedJudgement) -> list[Side]:
    """What is decided or saved now beside what was just typed."""
    (opened,) = words.open_answers(session, desk.unit, [desk.answer])
    said = {one.criterion: one for one in opened.said}
    return [
        Side(code, desk.criterion_text(code), said.get(code), saved.outcome, saved.feedback)
        for code, saved in typed.criteria.items()
    ]


def guidance_shown(session: Session, desk: Desk, shown_hash: str) -> dict[str, list[str]] | None:
    """The guidance that was on the screen and the one in force, when they differ: {"then": […], "now": […]}."""
    if shown_hash == desk.case.guidance or desk.guidance is None:
        return None
    try:
        _, compiled = guidances.by_hash(session, shown_hash)
    except NotFound:
        return None
    then = compiled.question(desk.question.key)
    return {"then": _texts(then), "now": _texts(desk.guidance)}


def _texts(guidance: QuestionGuidance | None) -> list[str]:
    titles = dict(LEVELS) | {"misconceptions": "Common mix-ups"}
    return [f"{titles[item.level]}: {item.text}" for item in guidance.items] if guidance else []


# -- comments and concerns ---------------------------------------------------------------------------------------------


def comments(session: Session, kept: list[KeptComment]) -> list[dict[str, Any]]:
    """Kept comments, opened."""
    units = {
        (one.qualification, one.unit): catalogue.latest_unit(session, one.qualification, one.unit) for one in kept
    }  # one query for each unit that the assessor marks
    titles = {key: row.title if row else key[1] for key, row in units.items()}
    return [
        {"id": one.id, "criterion": one.criterion, "unit": titles[one.qualification, one.unit],
         "words": sealing.read(session, one.words), "at": one.kept_at}
        for one in kept
    ]  # fmt: skip


def concern(row: Any, units: dict[UUID, CompiledUnit]) -> dict[str, Any]:
    """One concern on the safeguarding lead's list: a reference, never the text."""
    found, answer, learner, raised_by, acknowledgement, acknowledged_by = row
    unit = units[answer.unit_version_id]
    return {
        "id": found.id,
        "learner": learner.name if learner else "A learner who has left",
        "email": learner.email if learner else "",
        "unit": f"Unit {unit.code.removeprefix('U')}: {unit.title}",
        "question": unit.question(answer.question).number,
        "at": found.at,
        "raised_by": raised_by or "A colleague",
        "acknowledged_at": acknowledgement.at if acknowledgement else None,
        "acknowledged_by": acknowledged_by or "A colleague",
    }


def concern_answer(session: Session, row: Any) -> dict[str, Any]:
    """The answer that a concern names, opened to be read."""
    answer = row[1]
    unit = catalogue.unit(session, answer.unit_version_id)
    (opened,) = words.open_answers(session, unit, [workbook.answer_facts(session, answer.id)])
    return {
        "concern": concern(row, {answer.unit_version_id: unit}),
        "question": unit.question(answer.question),
        "opened": opened,
    }
