"""What a learner does with their words: save, try, restore, hand in, take back. Nothing else writes these rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from course import audit, clock, sealing
from course.audit import Actor, Event
from course.catalogue.compiled import Question
from course.db import new_id
from course.enrolment import operations as enrolments
from course.refusal import require
from course.sealing import Box, Key, Purpose, Sealed
from course.witnesses.models import Outcome
from course.witnesses.rules import Asked, State, Vouched
from course.workbook import boxes, deadlines, files, queries, rules, telling
from course.workbook import content as contents
from course.workbook.content import Content, SavedDraft
from course.workbook.models import (
    Answer,
    Draft,
    EarlierDraft,
    HandIn,
    LateHandIn,
    PriorLearning,
    StoredFile,
    TakeBack,
)
from course.workbook.queries import DraftFact, UnitWork


@dataclass(frozen=True)
class Save:
    """One save as it arrives: what it builds on, and which save of which open page it is."""

    base: int
    nonce: str = ""
    page: str = ""
    after: Collection[str] = ()
    """Earlier saves of the same page whose answer never arrived: they are its own, not a conflict."""


@dataclass(frozen=True)
class Conflict:
    """The words were changed on another page meanwhile. Nothing was overwritten; the losing words were kept."""

    kept: EarlierDraft


def _key(session: Session, work: UnitWork) -> Key:
    key = sealing.ensure_key(session, work.enrolment.id, Purpose.WORK)
    session.flush()
    return key


def open_draft(session: Session, draft: DraftFact) -> SavedDraft:
    """Open a draft's box."""
    return SavedDraft.model_validate_json(sealing.read(session, draft.words))


def open_answer(session: Session, words_id: UUID) -> Content:
    """Open the words of an answer."""
    return contents.loads(sealing.read(session, session.get_one(sealing.Sealed, words_id)))


def save_draft(
    session: Session, work: UnitWork, question: Question, content: Content, save: Save, *, by: Actor
) -> DraftFact | Conflict | None:
    """Keep a learner's words (pencil: no audit entry). None when there is nothing to keep yet. Raises Refusal."""
    rules.write(work.work(question.key), by=by.person_id)
    key = _key(session, work)
    draft = work.drafts.get(question.key)
    if draft is None:
        if save.base:
            return Conflict(_keep_losing(session, key, work, question, content, save))
        return None if contents.is_empty(content) else _begin(session, key, work, question, content, save)
    stored = open_draft(session, draft)
    if stored.content == content or (save.nonce and save.nonce == stored.nonce):
        return draft
    if save.base != draft.revision and not (stored.nonce and stored.nonce in save.after):
        return Conflict(_keep_losing(session, key, work, question, content, save))
    return _put(session, key, work, draft, stored, SavedDraft(content=content, nonce=save.nonce, page=save.page))


def _begin(session: Session, key: Key, work: UnitWork, question: Question, content: Content, save: Save) -> DraftFact:
    saved = SavedDraft(content=content, nonce=save.nonce, page=save.page)
    now = clock.now()
    words = sealing.seal(session, key, "draft.words", saved.model_dump_json(), ink=False)
    draft = Draft(
        id=new_id(), enrolment_id=work.enrolment.id, unit=work.unit.slug, question=question.key, kind=question.kind,
        revision=1, words_id=words.id, words=words, saved_at=now, kept_at=now,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    # The first save fixes, in pencil, which version the learner works on: a newer one is offered, never forced.
    if not work.is_pinned:
        enrolments.begin_unit(session, work.enrolment, work.unit.slug)
    fact = DraftFact(draft.id, draft.question, draft.kind, draft.revision, now, now, _box(words))
    work.drafts[question.key] = fact
    return fact


def _box(words: Sealed) -> Box:
    return Box(words.id, words.key_id, words.place, words.about_id, words.box)


def _put(session: Session, key: Key, work: UnitWork, draft: DraftFact, old: SavedDraft, new: SavedDraft) -> DraftFact:
    """Write new words into a draft, setting the old ones aside when ten minutes have passed or most would be lost."""
    now = clock.now()
    due = now - draft.kept_at >= timedelta(seconds=rules.EARLIER_EVERY_SECONDS)
    if (due or _loses_most(old.content, new.content)) and not contents.is_empty(old.content):
        _set_aside(session, work, draft)
        words = sealing.seal(session, key, "draft.words", new.model_dump_json(), ink=False)
        session.flush()
        changed = replace(draft, revision=draft.revision + 1, saved_at=now, kept_at=now, words=_box(words))
        _write(session, draft, changed)
        _drop_oldest(session, work.enrolment.id, draft.question)
    else:
        box = sealing.refilled(key, draft.words, new.model_dump_json())
        changed = replace(draft, revision=draft.revision + 1, saved_at=now, words=box)
        _write(session, draft, changed)
        session.connection().execute(_REFILL, {"sealed_id": box.id, "filled": box.box})
    work.drafts[draft.question] = changed
    return changed


_DRAFT, _SEALED = cast("Table", Draft.__table__), cast("Table", Sealed.__table__)
_WRITE = (
    update(_DRAFT)
    .where(_DRAFT.c.id == bindparam("draft_id"), _DRAFT.c.revision == bindparam("read"))
    .values({name: bindparam(f"new_{name}") for name in ("revision", "saved_at", "kept_at", "words_id")})
)
_REFILL = update(_SEALED).where(_SEALED.c.id == bindparam("sealed_id")).values(box=bindparam("filled"))


def _write(session: Session, old: DraftFact, new: DraftFact) -> None:
    """Change a draft's row. Raises StaleDataError when somebody else has changed it since it was read."""
    done = session.connection().execute(_WRITE, {
        "draft_id": old.id, "read": old.revision, "new_revision": new.revision, "new_saved_at": new.saved_at,
        "new_kept_at": new.kept_at, "new_words_id": new.words.id,
    })  # fmt: skip
    if done.rowcount != 1:
        raise StaleDataError(f"Draft {old.id} was changed meanwhile.")


def _set_aside(session: Session, work: UnitWork, draft: DraftFact) -> None:
    """Keep what is in the box as an earlier draft."""
    session.add(
        EarlierDraft(
            enrolment_id=work.enrolment.id, question=draft.question, words_id=draft.words.id, saved_at=draft.saved_at
        )
    )


def _loses_most(old: Content, new: Content) -> bool:
    """A box emptied by accident is the likeliest loss of all, and autosave would make it final."""
    before, after = len(contents.dumps(old)), len(contents.dumps(new))
    return before > 200 and after < before / 2


def _keep_losing(
    session: Session, key: Key, work: UnitWork, question: Question, content: Content, save: Save
) -> EarlierDraft:
    """Keep the words of a save that came too late. A page that goes on typing refills its own box."""
    saved = SavedDraft(content=content, nonce=save.nonce, page=save.page)
    for earlier in queries.earlier_drafts(session, work.enrolment.id, question.key):
        there = SavedDraft.model_validate_json(sealing.read(session, earlier.words))
        if there.content == content:
            return earlier
        if save.page and there.page == save.page and there.nonce:
            sealing.seal_again(session, key, earlier.words, saved.model_dump_json())
            earlier.saved_at = clock.now()
            return earlier
    words = sealing.seal(session, key, "draft.words", saved.model_dump_json(), ink=False)
    kept = EarlierDraft(
        enrolment_id=work.enrolment.id, question=question.key, words_id=words.id, words=words, saved_at=clock.now()
    )
    session.add(kept)
    session.flush()
    _drop_oldest(session, work.enrolment.id, question.key)
    return kept


def _drop_oldest(session: Session, enrolment_id: UUID, question: str) -> None:
    session.flush()
    for earlier in queries.earlier_drafts(session, enrolment_id, question)[rules.EARLIER_KEPT :]:
        words = earlier.words
        session.delete(earlier)
        session.flush()
        session.delete(words)


def try_check(
    session: Session, work: UnitWork, question: Question, content: contents.CheckContent, save: Save, *, by: Actor
) -> DraftFact | Conflict | None:
    """Check an answer to a choice, order or match: the try is kept with the draft, right or wrong. Raises Refusal."""
    require(contents.is_complete(question, content), "Choose an answer first. Then you can check it.")
    return save_draft(session, work, question, contents.tried(content, question, clock.now()), save, by=by)


def restore(session: Session, work: UnitWork, question: Question, earlier: EarlierDraft, *, by: Actor) -> DraftFact:
    """Put an earlier draft back into the box; what is there now becomes an earlier draft itself. Raises Refusal."""
    rules.write(work.work(question.key), by=by.person_id)
    key = _key(session, work)
    back = SavedDraft.model_validate_json(sealing.read(session, earlier.words))
    draft = work.drafts.get(question.key)
    if draft is None:
        return _begin(session, key, work, question, back.content, Save(0))
    now = clock.now()
    changed = replace(draft, revision=draft.revision + 1, saved_at=now, kept_at=now, words=_box(earlier.words))
    _write(session, draft, changed)
    earlier.words_id, earlier.saved_at = draft.words.id, draft.saved_at
    work.drafts[question.key] = changed
    return changed


@dataclass(frozen=True)
class HandingIn:
    """What the learner confirmed on the hand-in page."""

    revisions: Mapping[str, int]
    """The questions ticked, each with the revision of the words that were on the page."""
    declaration: str
    helpers: str
    declared: bool


def hand_in(session: Session, work: UnitWork, what: HandingIn, *, by: Actor) -> HandIn:
    """Turn drafts into locked answers under one declaration, all or none; the first pins the unit. Raises Refusal."""
    require(what.revisions, "Tick at least one answer to hand in.")
    ready = [_ready(session, work, key, revision, what, by) for key, revision in what.revisions.items()]
    levels = [question.ai for question, _, _ in ready]
    require(rules.is_declaration(what.declaration, levels), "The declaration has changed since you opened this page.",
            "Read it again, then hand in.")  # fmt: skip
    enrolment = work.enrolment
    key = _key(session, work)
    enrolments.pin(session, enrolment, work.unit.slug, by=by)
    helpers = sealing.seal(session, key, "hand-in.helpers", what.helpers) if what.helpers else None
    session.flush()
    handed = HandIn(
        enrolment_id=enrolment.id, declaration=what.declaration, helpers_id=helpers.id if helpers else None,
        at=clock.now(),
    )  # fmt: skip
    session.add(handed)
    session.flush()
    audit.record(session, Event.WORK_HANDED_IN, handed, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    late = _late(session, work, [question.key for question, _, _ in ready])
    for question, draft, content in ready:
        answer = _answer(session, key, work, handed, question, content, by=by)
        if question.key in late:
            session.flush()
            session.add(LateHandIn(answer_id=answer.id, due_on=late[question.key]))
        if contents.prior_of(content) is not None:
            session.flush()
            session.add(PriorLearning(answer_id=answer.id))
        _put_away(session, draft)
        work.drafts.pop(question.key)
    if len(late) < len(ready):  # a late answer is nobody's to mark before a person lets it in
        telling.tell_assessors(session, enrolment, work.unit.slug, deadlines.today(work))
    return handed


def _late(session: Session, work: UnitWork, keys: list[str]) -> dict[str, date]:
    """The questions whose date has passed, each with it. They are taken all the same, and wait for a person."""
    if work.policy.attempts.window is None or not any(work.group(key) for key in keys):
        return {}
    dates = deadlines.dates_of(work)
    due = {key: deadlines.hand_in_by(work, dates, key) for key in keys}
    return {key: day for key, day in due.items() if day is not None and day < deadlines.today(work)}


def _ready(
    session: Session, work: UnitWork, key: str, revision: int, what: HandingIn, by: Actor
) -> tuple[Question, DraftFact, Content]:
    question, draft = work.question(key), work.drafts.get(key)
    content = open_draft(session, draft).content if draft else contents.empty(question)
    content = with_statement(session, work, question, content)
    rules.hand_in(work.work(key, contents.missing(question, content)), by=by.person_id, declared=what.declared)
    unchanged = draft is not None and draft.revision == revision
    require(unchanged, f"“{question.name}” was changed after you opened this page.", "Look it over, then hand it in.")
    assert draft is not None
    others = {other.key for other in work.unit.alternatives_to(key)} & set(what.revisions)
    require(not others, f"“{question.name}” can be answered in more than one way. Hand in only one of them.")
    return question, draft, content


def _answer(
    session: Session, key: Key, work: UnitWork, handed: HandIn, question: Question, content: Content, *, by: Actor
) -> Answer:
    enrolment = work.enrolment
    answer = Answer(
        id=new_id(), hand_in_id=handed.id, enrolment_id=enrolment.id, centre_id=enrolment.centre_id,
        cohort_id=enrolment.cohort_id, qualification=enrolment.qualification, unit=work.unit.slug,
        question=question.key, kind=question.kind, unit_version_id=work.version_id,
        number=max((one.number for one in work.group(question.key) if one.question == question.key), default=0) + 1,
        at=handed.at,
    )  # fmt: skip
    answer.words = sealing.seal(session, key, "answer.words", contents.dumps(content), about=answer.id)
    answer.words_id = answer.words.id
    session.add(answer)
    for stored in session.scalars(select(StoredFile).where(StoredFile.id.in_(contents.files_of(content)))):
        stored.handed_in_at = stored.handed_in_at or handed.at
    audit.record(session, Event.ANSWER_HANDED_IN, answer, by=by, subject=enrolment.person_id, enrolment=enrolment.id)
    return answer


def _put_away(session: Session, draft: DraftFact) -> None:
    """The answer holds the words now; the pencil copy goes."""
    session.execute(delete(_DRAFT).where(_DRAFT.c.id == draft.id))
    session.execute(delete(_SEALED).where(_SEALED.c.id == draft.words.id))


def take_back(session: Session, work: UnitWork, question: Question, *, by: Actor) -> TakeBack:
    """Make an answer that nobody has opened a draft again, with its words. No attempt is used. Raises Refusal."""
    step = rules.take_back(work.work(question.key), by=by.person_id)
    facts = work.latest(question.key)
    assert facts is not None
    # An assessor takes a lease under the same lock, so that only one of the two can happen.
    answer = session.scalars(select(Answer).where(Answer.id == facts.id).with_for_update()).one()
    taken = TakeBack(answer_id=answer.id, at=clock.now())
    session.add(taken)
    session.flush()
    audit.record(session, step.event, taken, by=by, subject=work.enrolment.person_id, enrolment=work.enrolment.id)
    key = _key(session, work)
    words = open_answer(session, answer.words_id)
    _begin(session, key, work, question, contents.again(words), Save(0))
    return taken


def add_file(
    session: Session, work: UnitWork, question: Question, name: str, checked: files.Checked, *, by: Actor
) -> DraftFact:
    """Add a checked file to a draft. Raises Refusal when the box is closed, full, or the learner has no room left."""
    rules.write(work.work(question.key), by=by.person_id)
    key = _key(session, work)
    draft = work.drafts.get(question.key)
    before = open_draft(session, draft).content if draft else beginning(session, work, question)
    there = contents.files_of(before)
    has_room = len(there) < boxes.most_files(question)
    require(has_room, "There is no room for another file here.", "Remove one, then add this.")
    stored = files.keep(session, key, work.enrolment.id, question.key, name, checked)
    return _put_files(session, key, work, question, before, (*there, stored.id))


def remove_file(session: Session, work: UnitWork, question: Question, file_id: UUID, *, by: Actor) -> None:
    """Take a file out of a draft. One that was ever handed in stays with that answer. Raises Refusal."""
    rules.write(work.work(question.key), by=by.person_id)
    stored = queries.stored_file(session, work.enrolment.id, file_id)
    draft = work.drafts.get(question.key)
    before = open_draft(session, draft).content if draft else beginning(session, work, question)
    left = tuple(one for one in contents.files_of(before) if one != file_id)
    _put_files(session, _key(session, work), work, question, before, left)
    if stored.handed_in_at is None:
        files.discard(session, stored)


def beginning(session: Session, work: UnitWork, question: Question) -> Content:
    """What stands in a box before its first save: the last words after a return, otherwise nothing."""
    last = work.latest(question.key)
    if last is not None and last.question == question.key and last.is_returned:
        return contents.again(open_answer(session, last.words_id))
    return contents.empty(question)


def with_statement(session: Session, work: UnitWork, question: Question, content: Content) -> Content:
    """A witness question's words with the statement that confirms them, if there is one; all else as it is."""
    request = work.witness(question.key)
    if request is None or request.replied_at is None or work.witness_state(question.key) is not State.CONFIRMED:
        return contents.again(content)  # no statement but one that stands now
    boxes_ = queries.sealed(session, [request.words_id, request.reply_words_id])
    assert request.reply_words_id is not None
    asked = Asked.loads(sealing.read(session, boxes_[request.words_id]))
    said = Vouched.loads(sealing.read(session, boxes_[request.reply_words_id]))
    # What was confirmed is what is handed in, whatever the draft says.
    return contents.WitnessContent(
        **asdict(asked),
        statement=contents.Statement(
            request=request.id, **asdict(said), corrected=request.outcome == Outcome.CORRECTED, at=request.replied_at
        ),
    )


def _put_files(
    session: Session, key: Key, work: UnitWork, question: Question, before: Content, there: tuple[UUID, ...]
) -> DraftFact:
    content = contents.with_files(before, there)
    draft = work.drafts.get(question.key)
    if draft is None:
        return _begin(session, key, work, question, content, Save(0))
    stored = open_draft(session, draft)
    return _put(session, key, work, draft, stored, stored.model_copy(update={"content": content}))
