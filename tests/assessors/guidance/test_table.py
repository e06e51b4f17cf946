"""Guidance goes out as a table and comes back the same, and each mistake in a table is named at its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from assessors.guidance import table
from assessors.guidance.source import GuidanceSource, read_rubric
from course.catalogue.problems import Problem
from course.office import spreadsheets

RUBRICS = sorted((Path(__file__).parents[3] / "assessors/rubrics").glob("*/*.md"))
HEAD = "question,level,criterion,text,points\n"


def as_csv(found: GuidanceSource) -> str:
    return "".join(spreadsheets.lines(table.HEAD, table.rows(found.questions)))


def what_it_says(path: Path) -> dict[str, object]:
    problems: list[Problem] = []
    found = read_rubric(path, problems)
    assert found is not None
    assert problems == []
    return {
        key: (
            [(one.level, one.criterion, one.text, one.points) for one in said.items],
            said.safeguarding,
            said.model_answer,
        )
        for key, said in found.questions.items()
    }


@pytest.mark.parametrize("path", RUBRICS, ids=lambda path: path.stem)
def test_every_rubric_survives_the_way_through_a_spreadsheet(path: Path, tmp_path: Path) -> None:
    found = read_rubric(path, [])
    assert found is not None
    rubric, problems = table.markdown("guidance.csv", as_csv(found))
    assert problems == []
    again = tmp_path / path.name
    again.write_text(rubric, "utf-8")
    assert what_it_says(again) == what_it_says(path)


def test_the_commands_are_the_two_ways(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    out = run.invoke(args=["rubrics", "to-table", str(RUBRICS[0])])
    assert out.exit_code == 0
    assert out.output.splitlines()[0].endswith("question,level,criterion,text,points")
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(out.output, "utf-8")
    back = run.invoke(args=["rubrics", "from-table", str(sheet)])
    assert back.exit_code == 0
    (tmp_path / RUBRICS[0].name).write_text(back.output, "utf-8")
    assert what_it_says(tmp_path / RUBRICS[0].name) == what_it_says(RUBRICS[0])


def test_points_criteria_and_rows_in_any_order_are_kept() -> None:
    text = HEAD + "b,should,2.1,Gives a reason.,3\na,must,,Says who.,\nb,must,2.1,Says  when.,\n,,,,\n"
    rubric, problems = table.markdown("t.csv", text)
    assert problems == []
    assert rubric == (
        "## b\n\n### Must\n\n- 2.1: Says when.\n\n### Should\n\n- 2.1: Gives a reason. {3}\n\n"
        "## a\n\n### Must\n\n- Says who.\n"
    )


def test_what_a_spreadsheet_would_run_comes_back_as_it_was() -> None:
    rubric, problems = table.markdown("t.csv", HEAD + "a,must,,'=SUM(A1),\n")
    assert problems == []
    assert "- =SUM(A1)" in rubric


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("who,what\na,b\n", 1, "Name the columns"),
        ("", 1, "Name the columns"),
        (HEAD + "a,must,,Says who.,\na,perhaps,,Says when.,\n", 3, "Change the level “perhaps”"),
        (HEAD + "a,must,,,\n", 2, "Fill in the question’s key and the text"),
        (HEAD + ",must,,Says who.,\n", 2, "Fill in the question’s key and the text"),
        (HEAD + "a,should,,Says who.,many\n", 2, "whole number"),
        (HEAD + "a,Model answer,,One.,\na,Model answer,,Two.,\n", 3, "the one row of “Model answer”"),
    ],
)
def test_a_mistake_is_named_at_its_line(text: str, line: int, words: str) -> None:
    _, problems = table.markdown("t.csv", text)
    assert [(one.path, one.line) for one in problems] == [("t.csv", line)]
    assert words in problems[0].sentence


def test_the_command_ends_in_failure_and_prints_no_rubric(app: Flask, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("who,what\na,b\n", "utf-8")
    out = app.test_cli_runner().invoke(args=["rubrics", "from-table", str(sheet)])
    assert out.exit_code == 1
    assert "##" not in out.output
