"""Templates: each is used, only the components write forms and controls, and none marks words as safe or prints ids."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "course" / "templates", ROOT / "assessors" / "templates")
TEMPLATES = {path.relative_to(folder).as_posix(): path for folder in FOLDERS for path in sorted(folder.rglob("*.html"))}
PAGES = [name for name in TEMPLATES if not name.startswith("components")]


def without_comments(name: str) -> str:
    return re.sub(r"\{#.*?#\}", "", TEMPLATES[name].read_text("utf-8"), flags=re.S)


def named_in_code() -> set[str]:
    """Every template that Python or another template names; names put together in Python count by their pattern."""
    found: set[str] = set()
    for package in ("course", "assessors"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
                if isinstance(node, ast.JoinedStr):
                    pattern = "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9_-]+"
                                      for part in node.values)  # fmt: skip
                    found |= {name for name in TEMPLATES if re.fullmatch(pattern, name)}
    names = r"""(?:extends|import|include|from)\s+["']([^"']+)["']"""
    for path in TEMPLATES.values():
        found |= set(re.findall(names, path.read_text("utf-8")))
    return found


def test_every_template_is_used() -> None:
    assert set(TEMPLATES) - named_in_code() == set()


@pytest.mark.parametrize("name", PAGES)
def test_only_components_write_forms_and_controls(name: str) -> None:
    assert re.findall(r"<(?:form|input|textarea|select|button)\b", without_comments(name)) == []


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_nothing_is_inline_and_no_other_host_is_asked(name: str) -> None:
    text = without_comments(name)
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"""(?:src|srcset|action)=["']?(?:https?:)?//""", text) == []


@pytest.mark.parametrize("name", PAGES)
def test_what_people_typed_is_never_marked_as_safe(name: str) -> None:
    """Only words that were compiled and cleaned at publishing may be HTML; plain text in quotes may be too."""
    for marked in re.findall(r"([\w.\[\]'\"()]+)\s*\|\s*safe", without_comments(name)):
        assert marked[0] in "'\"" or re.search(r"html|body|compiled|prompt", marked), f"{name}: {marked}|safe"


@pytest.mark.parametrize("name", [name for name in PAGES if name not in {"base.html", "errors/500.html"}])
def test_a_page_has_a_title_and_one_head(name: str) -> None:
    text = without_comments(name)
    if "extends" not in text:
        return  # a part of pages
    assert "{% block title %}" in text


def test_every_script_that_a_page_asks_for_is_there() -> None:
    asked = {
        (name, script)
        for name in TEMPLATES
        for scripts in re.findall(r"set scripts = \[([^\]]*)\]", without_comments(name))
        for script in re.findall(r'"([^"]+)"', scripts)
    }
    assert asked
    there = {path.stem for path in (ROOT / "course/static/js").glob("*.js")}
    assert {one for one in asked if one[1] not in there} == set()
