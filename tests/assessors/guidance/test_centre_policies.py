"""A centre's own policy: published by command from a file, checked like any other, in force only once put so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from course.enrolment import queries
from course.enrolment.models import PolicyVersion
from tests.support.applicants import POLICY
from tests.support.story import Story


def publish(app: Any, file: Path, centre: str = "Harbour Recovery") -> Any:
    return app.test_cli_runner().invoke(args=["rubrics", "publish-for-centre", str(file), "--centre", centre])


def versions(story: Story) -> int:
    with story.reading() as session:
        return session.scalar(select(func.count()).select_from(PolicyVersion)) or 0


def test_it_is_published_once_and_waits_to_be_put_in_force(app: Any, story: Story) -> None:
    cohort, before = story.cohort(), versions(story)
    for _ in range(2):
        said = publish(app, POLICY)
        assert (said.exit_code, "waits for an internal quality assurer" in said.output) == (0, True)
    assert versions(story) == before + 1
    with story.reading() as session:
        assert queries.policy_for(session, cohort)[1].selection == (), "selection stays off"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("peer-mentoring", "type: declaration", "type: oath", "must be one of"),
        ("peer-mentoring", "threshold: off", "threshold: {U77: {points: 3}}", "no such unit"),
        ("no-such", "threshold: off", "threshold: off", "no qualification is"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_published(
    app: Any, story: Story, tmp_path: Path, name: str, old: str, new: str, said: str
) -> None:
    story.centre()
    file, before = tmp_path / f"{name}.yaml", versions(story)
    file.write_text(POLICY.read_text("utf-8").replace(old, new, 1), "utf-8")
    answer = publish(app, file)
    assert answer.exit_code == 1
    assert said in answer.output
    assert versions(story) == before


def test_a_centre_that_is_not_there_is_named(app: Any, story: Story) -> None:
    answer = publish(app, POLICY, "Nowhere")
    assert answer.exit_code == 1
    assert "no centre named" in answer.output
