"""The border between the learners' side and the marking side, and the one direction in which slices know each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = (
    "people", "catalogue", "enrolment", "adjustments", "witnesses", "cases", "workbook", "records", "corrections",
    "office", "development",
)  # fmt: skip
MARKING = (
    "guidance", "selection", "authenticity", "marking", "quality", "changes", "attempts", "appeals", "conduct",
    "external",
)  # fmt: skip
PURE = ("course.refusal", "course.audit", "course.access", "course.independence")
"""What rules.py may know beside the standard library and its own slice's facts."""
OUTERMOST = {
    "course/__init__.py",
    "course/cli.py",
    "course/setting_up.py",
    "course/serving.py",
    "assessors/__init__.py",
    "assessors/sample/__init__.py",
    "assessors/sample/centre.py",
    "assessors/sample/past.py",
    "assessors/sample/selecting.py",
}
"""Files that put the slices together."""


def modules() -> Iterator[tuple[Path, str]]:
    for package in ("course", "assessors"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, path.relative_to(ROOT).as_posix()


def imports(path: Path, *, at_top_only: bool = False) -> Iterator[str]:
    """The modules that a file imports, whole names."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if at_top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def slice_of(module: str) -> str | None:
    """The slice that a module belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ENGINE + MARKING else None


def test_the_learners_side_never_imports_the_marking_side() -> None:
    wrong = [f"{name} imports {found}" for path, name in modules() if name.startswith("course/")
             for found in imports(path) if found.split(".")[0] == "assessors"]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("order", [ENGINE, MARKING])
def test_slices_know_only_those_before_them(order: tuple[str, ...]) -> None:
    wrong = []
    for path, name in modules():
        own = slice_of(name.removesuffix(".py").replace("/", "."))
        if own not in order:
            continue
        for found in imports(path, at_top_only=True):
            other = slice_of(found)
            if other in order and order.index(other) > order.index(own) and not _is_enrolment_of_a_session(name, found):
                wrong.append(f"{name} imports {found}")
    assert wrong == []


def _is_enrolment_of_a_session(name: str, found: str) -> bool:
    # One query finds the session, the person and whether they are a learner: the table is named, its rules are not.
    return name == "course/people/accounts.py" and found == "course.enrolment.models.Enrolment"


def test_the_core_knows_no_slice_but_where_it_puts_them_together() -> None:
    wrong = [
        f"{name} imports {found}"
        for path, name in modules()
        if slice_of(name.removesuffix(".py").replace("/", ".")) is None
        and name.count("/") == 1
        and name not in OUTERMOST
        for found in imports(path, at_top_only=True)
        if slice_of(found)
    ]
    assert wrong == []


def test_rules_know_facts_and_nothing_of_the_framework() -> None:
    wrong = []
    for path, name in modules():
        if path.name != "rules.py" and path.parent.name != "rules":
            continue
        for found in imports(path):
            top = found.split(".")[0]
            if top in {"course", "assessors"}:
                is_facts = found.split(".")[-2] in {"models", "rules", "content", "compiled", "policy", "facts"}
                is_facts = is_facts or ".rules." in found  # a layer that became a folder
                if not (is_facts or found.startswith(PURE) or ".working_days" in found):
                    wrong.append(f"{name} imports {found}")
            elif top in {"flask", "sqlalchemy", "wtforms", "werkzeug", "flask_login"}:
                wrong.append(f"{name} imports {found}")
    assert wrong == []


def test_only_wsgi_knows_both_packages() -> None:
    tops = {path.name: {one.split(".")[0] for one in imports(path)} for path in ROOT.glob("*.py")}
    assert [name for name, found in tops.items() if {"course", "assessors"} <= found] == ["wsgi.py"]


def test_migrations_never_import_the_marking_side() -> None:
    for path in (ROOT / "course" / "migrations").rglob("*.py"):
        assert not [found for found in imports(path) if found.startswith("assessors")]


def test_no_file_is_a_drawer_for_everything() -> None:
    bad = {"utils.py", "helpers.py", "common.py", "misc.py", "managers.py", "services.py"}
    assert [name for path, name in modules() if path.name in bad] == []


LONG = {"course/static/look.css"}
"""Files over 400 lines, each because splitting it would scatter one thing."""


def test_files_stay_short_enough_to_read() -> None:
    files = [path for kind in ("*.py", "*.html", "*.js", "*.css") for package in ("course", "assessors")
             for path in (ROOT / package).rglob(kind)]  # fmt: skip
    long = {path.relative_to(ROOT).as_posix() for path in files if path.read_text("utf-8").count("\n") > 400}
    assert {name for name in long if "/migrations/versions/" not in name} <= LONG


def test_every_file_opens_with_what_it_is_for() -> None:
    texts = {name: path.read_text("utf-8") for path, name in modules()}
    assert [name for name, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))] == []
