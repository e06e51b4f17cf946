"""Sample answers are read with their decisions, published once a change, and each mistake is named at its line."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from assessors.guidance import operations, queries
from assessors.guidance.compile import compile_assessors
from assessors.guidance.compiled import CompiledSamples
from assessors.guidance.models import SampleVersion
from course.audit import INSTALLER, AuditEvent
from tests.support.marked import FOOD, FOOD_UNIT
from tests.support.qualifications import UNIT, Content
from tests.support.story import Story

SAMPLES = "assessors/samples/food-hygiene/01-food-hygiene-at-work.md"
KEY = "allergy-at-table-four"


def compiled(content: Content) -> CompiledSamples:
    source, problems = content.read_assessors()
    assert problems == []
    [found] = compile_assessors(source).samples
    return found


def test_a_sample_keeps_its_words_its_decisions_and_why(content: Content) -> None:
    first, second, third = compiled(content).questions[KEY]
    assert [one.sort for one in (first, second, third)] == ["clearly-achieved", "borderline", "not-yet"]
    assert first.answer.startswith("I say I will check.")
    assert third.decisions == {"2.2": False, "1.1": False}
    assert third.why.startswith("It is a guess")


MISTAKES = {
    "unknown question": ("## allergy-at-table-four", "## allergy-at-table-five", "## allergy", "no question with this"),
    "unknown sort": ("### Borderline", "### Nearly", "### Nearly", "Change the heading “Nearly”"),
    "sort twice": ("### Borderline", "### Not yet", "### Not yet\n\n#### Answer\n\nThe curry", "a number of its own"),
    "unknown part": ("#### Why\n\nIt is a guess", "#### Reason\n\nIt is a guess", "#### Reason", "Change the heading"),
    "part missing": (
        "#### Why\n\nIt is a guess: no sheet is checked and nobody is asked. Hands are not mentioned.\n",
        "",
        "### Not yet",
        "“Not yet” has none",
    ),
    "decision missing": (
        "- 1.1: not yet achieved\n",
        "",
        "#### Decision\n\n- 2.2: not yet",
        "Decide the criterion 1.1",
    ),
    "criterion of no such question": ("- 1.1: not yet", "- 1.2: not yet", "- 1.2: not yet", "names 2.2, 1.1"),
    "outcome of our own": ("- 1.1: not yet achieved", "- 1.1: nearly", "- 1.1: nearly", "Write each decision as"),
    "decided twice": (
        "- 1.1: not yet achieved",
        "- 2.2: achieved",
        "- 2.2: achieved\n\n#### Why\n\nIt is a",
        "once only",
    ),
    "words outside a part": ("### Borderline\n", "### Borderline\n\nLook.\n", "Look.", "Put this below a “####”"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line(content: Content, mistake: str) -> None:
    assert content.read_assessors()[1] == []
    old, new, at, sentence = MISTAKES[mistake]
    content.change(SAMPLES, old, new)
    text = content.file(SAMPLES).read_text()
    line = text[: text.index(at)].count("\n") + 1
    found = content.read_assessors()[1]
    assert any(problem.line == line and sentence in problem.sentence for problem in found), (line, *map(str, found))


def test_a_safety_critical_criterion_wants_a_sample_of_each_sort(content: Content) -> None:
    assert content.read_assessors()[0].lacking == ()
    text = content.file(SAMPLES).read_text()
    content.file(SAMPLES).write_text(text[: text.index("### Not yet")])
    source, problems = content.read_assessors()
    assert problems == [], "it keeps nothing from being published"
    [problem] = source.lacking
    assert problem.line == content.line_of(f"{UNIT}/module.yaml", "criterion: 2.2")
    assert "criterion 2.2" in problem.sentence
    assert "“not yet”" in problem.sentence


def test_samples_for_no_unit_are_named(content: Content) -> None:
    content.file(SAMPLES).rename(content.file(SAMPLES).with_name("02-more.md"))
    [problem] = content.read_assessors()[1]
    assert "no unit “02-more”" in problem.sentence


def test_the_command_reports_what_is_still_to_be_written(app: Any, content: Content) -> None:
    from assessors.guidance.publishing import find_problems

    content.file(SAMPLES).unlink()
    found = find_problems(content.root / "modules", content.root / "assessors")
    assert any("none is “clearly achieved”" in problem.sentence for problem in found)


def test_a_version_is_published_once_a_change_and_read_back(story: Story, content: Content) -> None:
    with story.reading() as session:
        found = queries.samples_of(session, FOOD, FOOD_UNIT)
        assert found is not None
        assert set(found.questions) == {KEY}
        assert queries.samples_of(session, FOOD, "02-more") is None
    changed = found.model_copy(update={"questions": {KEY: found.questions[KEY][:2]}})
    with story.writing() as session:
        assert operations.publish_samples(session, found, by=INSTALLER) is None
        version = operations.publish_samples(session, changed, by=INSTALLER)
        assert version is not None
        assert version.number == 2
    with story.reading() as session:
        assert queries.samples_of(session, FOOD, FOOD_UNIT) == changed
        food = select(func.count()).select_from(SampleVersion).where(SampleVersion.qualification == FOOD)
        assert session.scalar(food) == 2
        assert "samples.published" in set(session.scalars(select(AuditEvent.action)))
