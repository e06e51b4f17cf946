"""What a learner's pages show besides the answers themselves: boxes, files, earlier drafts, people, who has looked."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import NotFound

from course.people.models import Person
from course.sealing import Sealed
from course.workbook.models import AccessEntry, Answer, EarlierDraft, HandIn, StoredFile


def sealed(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, Sealed]:
    """Boxes by id, in one query."""
    wanted = {one for one in ids if one is not None}
    rows = session.scalars(select(Sealed).where(Sealed.id.in_(wanted))) if wanted else ()
    return {row.id: row for row in rows}


def hand_ins(session: Session, ids: Iterable[UUID]) -> dict[UUID, HandIn]:
    """Hand-ins by id, in one query."""
    return {row.id: row for row in session.scalars(select(HandIn).where(HandIn.id.in_(set(ids))))}


def files_by_id(session: Session, enrolment_id: UUID, ids: Iterable[UUID]) -> dict[UUID, StoredFile]:
    """A learner's files with the boxes of their labels, in one query."""
    query = (
        select(StoredFile)
        .options(joinedload(StoredFile.label))
        .where(StoredFile.enrolment_id == enrolment_id, StoredFile.id.in_(set(ids)))
    )
    return {row.id: row for row in session.scalars(query)}


def stored_file(session: Session, enrolment_id: UUID, file_id: UUID) -> StoredFile:
    """One of a learner's files. Raises NotFound."""
    found = files_by_id(session, enrolment_id, [file_id]).get(file_id)
    if found is None:
        raise NotFound
    return found


def stored_bytes(session: Session, enrolment_id: UUID) -> int:
    """How much a learner has uploaded, in bytes."""
    return int(session.scalar(select(func.sum(StoredFile.size)).where(StoredFile.enrolment_id == enrolment_id)) or 0)


def earlier_drafts(session: Session, enrolment_id: UUID, question: str) -> list[EarlierDraft]:
    """Earlier drafts of one question with their boxes, newest first."""
    return list(
        session.scalars(
            select(EarlierDraft)
            .options(joinedload(EarlierDraft.words))
            .where(EarlierDraft.enrolment_id == enrolment_id, EarlierDraft.question == question)
            .order_by(EarlierDraft.saved_at.desc(), EarlierDraft.id.desc())
        )
    )


def earlier_draft(session: Session, enrolment_id: UUID, question: str, earlier_id: UUID) -> EarlierDraft:
    """One earlier draft. Raises NotFound."""
    found = next((one for one in earlier_drafts(session, enrolment_id, question) if one.id == earlier_id), None)
    if found is None:
        raise NotFound
    return found


def first_names(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """First names of people, by pseudonym; a person who was erased is left out."""
    rows = session.execute(select(Person.id, Person.known_as).where(Person.id.in_(set(person_ids))))
    return {row.id: row.known_as for row in rows}


def looks_at(
    session: Session, enrolment_ids: Iterable[UUID], most: int = 500
) -> list[tuple[AccessEntry, str, str, str]]:
    """Who was shown a learner's words, newest first: the entry, first name, unit and question of the answer."""
    rows = session.execute(
        select(AccessEntry, Person.known_as, Answer.unit, Answer.question)
        .outerjoin(Person, Person.id == AccessEntry.person_id)
        .outerjoin(Answer, Answer.id == AccessEntry.answer_id)
        .where(AccessEntry.enrolment_id.in_(list(enrolment_ids)))
        .order_by(AccessEntry.at.desc())
        .limit(most)
    )
    return [(entry, name or "", unit or "", question or "") for entry, name, unit, question in rows]
