"""The comment bank: words that an assessor chose to keep, sealed under a key of their own."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assessors.marking import rules
from assessors.marking.models import KeptComment
from assessors.marking.queries.desk import Desk
from assessors.marking.queries.words import kept_comments
from course import clock, sealing
from course.sealing import Purpose


def keep_comment(session: Session, desk: Desk, criterion: str, feedback: str) -> None:
    """Keep a comment for this criterion, without the learner's name; the same words are kept once."""
    names = [desk.learner.name, desk.learner.known_as] if desk.learner else []
    words = rules.without_names(feedback.strip(), names)
    mine = kept_comments(session, desk.by.person_id, desk.answer.qualification, desk.answer.unit)
    if any(one.criterion == criterion and sealing.read(session, one.words) == words for one in mine):
        return
    key = sealing.ensure_key(session, desk.by.person_id, Purpose.COMMENT_BANK)
    box = sealing.seal(session, key, "comment.kept", words, ink=False)
    session.flush()
    session.add(
        KeptComment(
            person_id=desk.by.person_id, qualification=desk.answer.qualification, unit=desk.answer.unit,
            criterion=criterion, words_id=box.id, words=box, kept_at=clock.now(),
        )
    )  # fmt: skip


def remove_comment(session: Session, comment: KeptComment) -> None:
    """Forget a kept comment, box and all."""
    words = comment.words
    session.delete(comment)
    session.flush()
    session.delete(words)
