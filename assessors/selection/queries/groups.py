"""The groups that people chose to name when they applied: to be counted, never to be shown with anybody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.selection.models import MonitoringAnswer, OfferReply, SelectionDecision
from assessors.selection.monitoring import DIMENSIONS, NOT_GIVEN, group_words, short_title
from assessors.selection.words import MonitoringWords
from course import sealing
from course.sealing import Sealed


def of_applications(session: Session, ids: Collection[UUID]) -> dict[UUID, MonitoringWords]:
    """What each of these applicants answered. Opens the answers: the look is audited."""
    rows = session.execute(
        select(MonitoringAnswer.application_id, Sealed)
        .join(Sealed, Sealed.id == MonitoringAnswer.words_id)
        .where(MonitoringAnswer.application_id.in_(ids))
    )
    given = _opened(session, rows)
    return {one: given.get(one, MonitoringWords()) for one in ids}


def of_learners(session: Session, enrolment_ids: Collection[UUID]) -> dict[str, dict[UUID, str]]:
    """Each learner's group, by the title of what was asked; empty when none of them answered.

    Only answers given under the notice that says so are counted for anything but choosing learners. Everybody else is
    "not answered", and so is whoever was enrolled without an application: the groups add up.
    """
    rows = session.execute(
        select(OfferReply.enrolment_id, Sealed)
        .join(SelectionDecision, SelectionDecision.id == OfferReply.decision_id)
        .join(MonitoringAnswer, MonitoringAnswer.application_id == SelectionDecision.application_id)
        .join(Sealed, Sealed.id == MonitoringAnswer.words_id)
        .where(OfferReply.enrolment_id.in_(enrolment_ids))
    )
    opened = _opened(session, ((one, box) for one, box in rows if one is not None))
    given = {one: words for one, words in opened.items() if words.covers_changes}
    if not given:
        return {}
    known = {one: given.get(one, MonitoringWords()) for one in enrolment_ids}
    return {short_title(name): by_group(name, known) for name in DIMENSIONS}


def by_group(dimension: str, given: Mapping[UUID, MonitoringWords]) -> dict[UUID, str]:
    """Each one's group in one of the things asked, as people read it."""
    return {one: group_words(dimension, getattr(words, dimension) or NOT_GIVEN) for one, words in given.items()}


def _opened(session: Session, rows: Iterable[tuple[UUID, Sealed]]) -> dict[UUID, MonitoringWords]:
    return {one: MonitoringWords.model_validate_json(sealing.read(session, box)) for one, box in rows}
