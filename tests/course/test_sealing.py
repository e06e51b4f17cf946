"""Facts about words at rest: sealed under their owner's key, at their own place, and never shown by mistake."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from course import sealing
from course.catalogue import queries as catalogue
from course.db import new_id
from course.sealing import CannotOpen, DataKey, Keyring, Purpose, Sealed
from tests.support.story import UNIT, Story

CANARY = "The canary sang at Ravenscourt that day."


def seal(session: Any, words: str = CANARY, place: str = "answer.words", *, ink: bool = True) -> Sealed:
    return sealing.seal(session, sealing.ensure_key(session, new_id(), Purpose.WORK), place, words, ink=ink)


def test_sealed_words_come_out_as_they_went_in(db_session: Any) -> None:
    for words in (CANARY, "", "رحلة 🕊️ \u202e\n\x00end"):
        assert sealing.read(db_session, seal(db_session, words)) == words


def test_a_page_or_message_cannot_print_sealed_words(app: Any, db_session: Any) -> None:
    row = seal(db_session)
    with pytest.raises(TypeError):
        str(row)
    with pytest.raises(TypeError):
        f"{row}"
    with pytest.raises(TypeError):
        app.jinja_env.from_string("{{ row }}").render(row=row)
    with pytest.raises(TypeError):
        app.jinja_env.from_string("{{ row|e }}").render(row=row)
    assert CANARY not in repr(row)


def test_a_box_opens_only_at_its_own_place_and_row(db_session: Any) -> None:
    row = seal(db_session)
    key = db_session.get(DataKey, row.key_id)
    for place, row_id in (("decision.feedback", row.id), (row.place, new_id())):
        with pytest.raises(CannotOpen):
            sealing.open_bytes(key, place, row_id, row.box)


def test_a_box_with_one_changed_bit_does_not_open(db_session: Any) -> None:
    row = seal(db_session)
    row.box = row.box[:-1] + bytes([row.box[-1] ^ 1])
    with pytest.raises(CannotOpen):
        sealing.read(db_session, row)


def test_another_master_key_opens_nothing(app: Any, db_session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = seal(db_session)
    monkeypatch.setitem(app.extensions, "keyring", Keyring(b"x" * 32))
    with pytest.raises(CannotOpen):
        sealing.read(db_session, row)


def test_another_owners_key_opens_nothing(db_session: Any) -> None:
    row = seal(db_session)
    row.key_id = sealing.make_key(db_session, new_id(), Purpose.WORK).id
    db_session.flush()
    with pytest.raises(CannotOpen):
        sealing.read(db_session, row)


def test_without_its_key_a_box_stays_shut(db_session: Any) -> None:
    row = seal(db_session)
    with db_session.no_autoflush:
        row.key_id = new_id()
        with pytest.raises(CannotOpen, match="destroyed"):
            sealing.read(db_session, row)
    db_session.rollback()


def test_the_same_words_never_look_the_same(db_session: Any) -> None:
    first, second = seal(db_session), seal(db_session)
    assert first.box != second.box


def test_an_owner_has_one_key_for_each_purpose(db_session: Any) -> None:
    owner = new_id()
    first = sealing.ensure_key(db_session, owner, Purpose.WORK)
    db_session.flush()
    assert sealing.ensure_key(db_session, owner, Purpose.WORK) is first
    assert sealing.ensure_key(db_session, owner, Purpose.SPECIAL) is not first


def test_a_key_of_an_undone_transaction_seals_nothing(story: Story) -> None:
    owner = new_id()
    with story.app.app_context(), story.app.extensions["database"].writer() as session:
        sealing.ensure_key(session, owner, Purpose.WORK)
        session.flush()
        assert sealing.key_of(session, owner, Purpose.WORK) is not None
        session.rollback()
        assert sealing.key_of(session, owner, Purpose.WORK) is None


def test_every_opening_is_noted(db_session: Any) -> None:
    row = seal(db_session)
    sealing.read(db_session, row)
    assert {note.place for note in db_session.info["openings"]} == {"answer.words"}


def test_ink_boxes_are_never_filled_again(story: Story) -> None:
    with story.writing() as session:
        ink, pencil = seal(session), seal(session, ink=False)
    with story.writing() as session:
        row = session.get_one(Sealed, pencil.id)
        sealing.seal_again(session, session.get_one(DataKey, row.key_id), row, "other words")
    with pytest.raises(DBAPIError, match="append-only"), story.writing() as session:  # noqa: PT012  refused at its end
        row = session.get_one(Sealed, ink.id)
        sealing.seal_again(session, session.get_one(DataKey, row.key_id), row, "other words")


@pytest.mark.sqlite
def test_no_words_of_a_learner_stand_in_the_database_file(story: Story) -> None:
    _, enrolment = story.learner()
    with story.reading() as session:
        unit = catalogue.unit(session, catalogue.latest_unit(session, "peer-mentoring", UNIT).id)
        question = next(one for one in unit.questions if one.kind == "extended")
    story.hand_in(enrolment, question.key, CANARY)
    database = story.app.extensions["database"]
    files = [database.path, database.path.with_name(database.path.name + "-wal")]
    content = b"".join(file.read_bytes() for file in files if file.exists())
    assert len(content) > 100_000
    for word in (b"canary sang", b"Ravenscourt"):
        assert word not in content
    with story.reading() as session:
        assert session.scalar(select(Sealed.id).where(Sealed.place == "answer.words"))
