"""Statements age, helplines change, and a term means one thing: what is worth a second look is listed, not refused."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from course import clock
from course.catalogue.problems import Problem
from course.catalogue.second_look import look_again
from tests.support.qualifications import Content

TODAY = datetime.date(2027, 11, 24)
PAGE = "1-clean-hands.md"


def found(content: Content, today: datetime.date = TODAY) -> list[Problem]:
    return look_again([content.read()[0]], content.root / "modules", today)


def test_a_statement_is_named_once_it_is_older_than_a_year(content: Content) -> None:
    assert found(content) == []
    [problem] = found(content, TODAY + datetime.timedelta(days=1))
    assert problem.line == content.line_of(PAGE, "checked: 2026-11-24")
    assert "2026-11-24" in problem.sentence


@pytest.mark.parametrize(("name", "old"), [("nation", "nation: UK"), ("source", "source: Regulation")])
def test_a_statement_without_nation_or_source_is_named(content: Content, name: str, old: str) -> None:
    line = content.line_of(PAGE, old)
    text = content.file(PAGE).read_text().split("\n")
    kept, text[line - 1] = text[line - 1], f"    {name}: none"
    content.file(PAGE).write_text("\n".join(text))
    [problem] = found(content)
    assert (problem.line, f"Name the {name}" in problem.sentence) == (line, True)
    text[line - 1 : line] = []
    content.file(PAGE).write_text("\n".join(text))
    assert any(name in problem.sentence for problem in content.problems()), f"left out altogether: {kept}"


def test_helplines_are_phoned_again_after_a_year(content: Content) -> None:
    content.add("modules/helplines.yaml", "# numbers\nchecked: 2026-11-20\nlines: []\n")
    [problem] = found(content)
    assert (problem.line, "2026-11-20" in problem.sentence) == (2, True)


def test_a_term_is_explained_in_one_way(content: Content) -> None:
    head = "title: Keeping food safe\n"
    same = "words:\n  - {word: germ, meaning: A living thing too small to see. Some make people ill.}\n"
    content.change("2-safe-food.md", head, head + same)
    assert found(content) == []
    content.change("2-safe-food.md", "too small to see", "that is tiny")
    [problem] = found(content)
    assert problem.line == content.line_of("2-safe-food.md", "tiny")
    assert "1-clean-hands.md:6" in problem.sentence


def test_the_command_lists_them_and_fails_only_when_strict(app: Any, content: Content, at: Any) -> None:
    at(clock.now().replace(year=2028))
    run = app.test_cli_runner().invoke
    folder = str(content.root / "modules")
    lenient, strict = run(args=["modules", "check", folder]), run(args=["modules", "check", folder, "--strict"])
    assert lenient.exit_code == 0, lenient.output
    assert "Worth a second look" in lenient.output
    assert "The modules are in order." in lenient.output
    assert strict.exit_code == 1
    assert "Check this again" in strict.output


def test_a_log_that_could_add_up_and_does_not_is_named(content: Content) -> None:
    content.change("2-safe-food.md", "{label: Minutes, kind: minutes}", "{label: Minutes, kind: number}")
    [problem] = found(content)
    assert "kind: minutes" in problem.sentence
    assert problem.line == content.line_of("2-safe-food.md", "kind: number")
