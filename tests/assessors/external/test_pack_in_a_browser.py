"""The pack in a real browser without a network: one changed byte of any file is named; every page reads and prints."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from assessors.external.standalone import verify
from tests.assessors.external.conftest import Visited
from tests.assessors.external.test_pack import one_byte_off
from tests.support.browser import overflow, violations, visit
from tests.support.house import HouseClient

SignIn = Callable[[Any], HouseClient]


@pytest.fixture
def unpacked(visited: Visited, client_for: SignIn, tmp_path: Path) -> Path:
    """The folder into which somebody unpacked the pack of the visit."""
    with client_for(visited.lead).post(f"/visits/{visited.visit.id}/pack") as answer:
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
            opened.extractall(tmp_path / "pack")
    return tmp_path / "pack"


def zipped(files: dict[str, bytes]) -> dict[str, Any]:
    """As a browser is given a file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in files.items():
            new.writestr(name, content)
    return {"name": "pack.zip", "mimeType": "application/zip", "buffer": buffer.getvalue()}


def test_the_page_names_one_changed_byte_whichever_file_it_is_in(unpacked: Path, chromium: Browser) -> None:
    files = {one.relative_to(unpacked).as_posix(): one.read_bytes() for one in unpacked.rglob("*") if one.is_file()}
    with visit(chromium, "file://", width=360) as sitting:
        sitting.context.set_offline(True)
        page = sitting.page
        page.goto((unpacked / "verify.html").as_uri())
        result, choose = page.locator("#result"), page.get_by_label("The pack as one ZIP file")
        choose.set_input_files(zipped(files))
        expect(result).to_contain_text(f"All {len(files) - len(verify.UNSIGNED)} files are the same")
        for name, content in files.items():
            choose.set_input_files(zipped(files | {name: one_byte_off(content)}))
            expect(result.locator(".wrong")).to_contain_text(name)


def test_every_page_of_the_pack_is_read_on_a_phone_and_printed_whole(unpacked: Path, chromium: Browser) -> None:
    with visit(chromium, "file://", width=360) as sitting:
        sitting.context.set_offline(True)
        page = sitting.page
        for path in sorted(unpacked.rglob("*.html")):
            page.goto(path.as_uri())
            assert overflow(page) == 0, path.name
            page.emulate_media(media="print")
            page.set_viewport_size({"width": 980, "height": 700})  # the width of paper across
            assert overflow(page) == 0, f"{path.name} on paper"
            page.emulate_media(media="screen")
            page.set_viewport_size({"width": 360, "height": 700})


def test_every_kind_of_page_in_the_pack_is_accessible(unpacked: Path, chromium: Browser) -> None:
    style = f"<style>{(unpacked / 'style.css').read_text()}</style>"
    kinds = ["index.html", "verify.html", "answers/0001.html", "tables/decisions.html", "arrangements/index.html"]
    kinds += [f"{one}/{next((unpacked / one).glob('*.html')).name}" for one in ("units", "guidance")]
    with visit(chromium, "file://", width=360) as sitting:
        sitting.context.set_offline(True)
        for name in kinds:
            html = re.sub(r'<link rel="stylesheet"[^>]*>', style, (unpacked / name).read_text())
            sitting.page.set_content(html)  # axe may not fetch a style sheet from disk
            assert violations(sitting.page) == [], name
