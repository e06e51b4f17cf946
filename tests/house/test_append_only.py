"""The database itself keeps ink: its triggers are those that the models ask for, after every migration."""

from __future__ import annotations

from typing import Any

from course import triggers
from course.audit import ink_classes


def test_the_databases_triggers_are_those_of_the_models(app: Any) -> None:
    with app.extensions["database"].reading.connect() as connection:
        assert triggers.installed(connection) == triggers.expected(connection.dialect.name)


def test_the_unit_of_truth_and_its_company_are_ink() -> None:
    ink = set(triggers.append_only_tables())
    assert ink >= {
        "audit_event", "answer", "hand_in", "decision", "answer_return", "review", "batch", "batch_release",
        "completion_record", "unit_version", "guidance_version", "policy_version", "pin", "induction", "access_entry",
    }  # fmt: skip


def test_ink_holds_no_names_and_no_words() -> None:
    """Names stand in `person` and words in `sealed`, which disposal may delete; ink rows point to them."""
    telling = {"name", "email", "known_as", "feedback", "words", "reason_text", "comment"}
    found = {f"{table}.{column.name}" for table, ink in ink_classes().items() for column in ink.__table__.columns
             if column.name in telling and table != "media"}  # fmt: skip
    assert found == set()
    for table, ink in ink_classes().items():
        assert not any(key.column.table.name == "person" for key in ink.__table__.foreign_keys), table
