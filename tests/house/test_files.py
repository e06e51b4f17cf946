"""Files stay short enough to read, and every decision of the sample centre names guidance that is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from assessors.guidance.models import GuidanceVersion
from assessors.sample import ensure_sample
from course.catalogue.compiled import CHECK_KINDS
from course.workbook.models import Answer, Decision
from tests.support.story import Story

ROOT = Path(__file__).parents[2]
SOURCES = ("course", "assessors", "tests")
LONG = {
    "course/migrations/versions/0001_the_tables_of_the_first_release.py": "made by Alembic, one table after another",
    "tests/course/test_components.py": "one component after another, each with its few facts",
}
"""Python files over 400 lines, and why splitting each would scatter one thing."""


def python_files() -> list[Path]:
    return [*ROOT.glob("*.py"), *(path for folder in SOURCES for path in (ROOT / folder).rglob("*.py"))]


def test_only_named_python_files_are_over_400_lines() -> None:
    """The list is exact: a file that became short again leaves it."""
    counts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count("\n") for path in python_files()}
    assert {name for name, lines in counts.items() if lines > 400} == set(LONG)


def test_every_decision_of_the_sample_centre_names_guidance_that_is_there(app: Any, story: Story) -> None:
    """`course` cannot look guidance up, so no foreign key can say it. A check needs no guidance and names none."""
    with app.test_request_context():
        ensure_sample(app.config["SETTINGS"])
    with story.reading() as session:
        decided = session.execute(select(Answer.kind, Decision.guidance).join(Answer, Decision.answer_id == Answer.id))
        kinds = {(kind in CHECK_KINDS, named) for kind, named in decided}
        known = set(session.scalars(select(GuidanceVersion.hash)))
    assert {named for is_check, named in kinds if is_check} <= {""}
    judged = {named for is_check, named in kinds if not is_check}
    assert judged, "The sample centre has no decision on written work."
    assert judged <= known
