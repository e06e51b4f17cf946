"""An external quality assurer's visit, from the first click to a pack that is checked without a network.

Time budget: SET_UP, until the external quality assurer can see the sample; reckoned by
tests/support/effort.py (4 minutes on 25 November 2026).
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from course import clock
from course.access import Role
from course.audit import INSTALLER
from course.people import operations as people
from course.people import passwords
from course.people.models import Person
from tests.support.browser import overflow, violations, visit
from tests.support.effort import watch
from tests.support.marked import FOOD, achieved_unit
from tests.support.server import in_thread
from tests.support.story import PASSWORD, Story

SET_UP, THINKING_ABOUT_THE_SAMPLE = 10, 2
"""Minutes."""


@pytest.fixture
def centre(app: Flask, story: Story) -> Iterator[tuple[str, Person, Person]]:
    """A served centre with an achieved unit, its lead internal quality assurer, and Helen, whom nobody let in yet."""
    done = achieved_unit(story)
    lead = story.staff(Role.LEAD_IQA, "Ruth Adeyemi")
    helen = story.person("Helen Voss")
    with story.writing() as session:
        for person in (lead, helen, done.learner):
            found = session.get_one(Person, person.id)
            people.set_password(session, found, passwords.hasher.hash(PASSWORD), by=INSTALLER)
    with in_thread(app) as origin:
        yield origin, lead, helen


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Signed in as")).to_be_visible()


def take_pack(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the evidence pack").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_visit_is_set_up_and_its_pack_is_checked_without_a_network(
    centre: tuple[str, Person, Person], sit_down: Callable[..., Page], chromium: Browser, tmp_path: Path
) -> None:
    origin, lead, helen = centre
    office = sit_down(origin, width=1280)
    sign_in(office, lead.email)
    effort = watch(office)
    office.get_by_role("link", name="Visits").click()
    office.get_by_role("link", name="Set up a visit").click()
    office.get_by_label("Full name").fill("Helen Voss")
    office.get_by_label("Email address").fill(helen.email)
    office.get_by_label("What they look at").select_option(FOOD)
    office.get_by_label("Last day").fill((clock.now().date() + timedelta(days=7)).isoformat())
    office.get_by_label("What the visit is for").fill("The yearly visit.")
    assert violations(office) == []
    office.get_by_role("button", name="Set up this visit").click()
    expect(office.get_by_role("heading", name="Visit of Helen Voss")).to_be_visible()
    office.get_by_label("Ffion D.").check()
    office.get_by_label("Why these?").fill("The first finished unit.")
    assert violations(office) == []
    office.get_by_role("button", name="Let them see these").click()
    expect(office.get_by_text("These can be seen now.")).to_be_visible()
    assert effort.minutes(thinking=THINKING_ABOUT_THE_SAMPLE) < SET_UP, effort

    desk = sit_down(origin, width=360)
    sign_in(desk, helen.email)
    desk.goto("/external")
    desk.locator("ul.tasks a").first.click()
    expect(desk.get_by_text("Learners see that you looked.")).to_be_visible()
    assert violations(desk) == []
    assert overflow(desk) == 0
    desk.locator("ul.tasks a").first.click()
    expect(desk.get_by_role("heading", name="The answer")).to_be_visible()
    assert violations(desk) == []
    assert overflow(desk) == 0
    desk.go_back()
    pack = take_pack(desk, tmp_path)

    check(chromium, pack, tmp_path)


def check(chromium: Browser, pack: Path, folder: Path) -> None:
    """The page inside the pack, opened from disk with networking off, says that all is well, and names a change."""
    with zipfile.ZipFile(pack) as opened:
        opened.extractall(folder / "pack")
        many = len(opened.namelist()) - 2
    forged = folder / "forged.zip"
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(forged, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if "0001" in name:
                content = content.replace(b"You show this well.", b"You show this ill. ")
            new.writestr(name, content)
    with visit(chromium, "file://", width=360) as sitting:
        sitting.context.set_offline(True)
        page = sitting.page
        page.goto((folder / "pack" / "index.html").as_uri())
        expect(page.get_by_role("heading", name="Evidence pack")).to_be_visible()
        assert overflow(page) == 0
        page.get_by_role("link", name="verify.html").click()
        result = page.locator("#result")
        page.get_by_label("The pack as one ZIP file").set_input_files(pack)
        expect(result).to_contain_text(f"All {many} files are the same as when they were signed")
        expect(result).to_contain_text("Compare it with the key that the centre gives you")
        assert overflow(page) == 0
        assert violations(page) == []
        page.get_by_label("The centre’s public key").fill("11" * 32)
        page.get_by_label("The centre’s public key").blur()
        expect(result).to_contain_text("was not signed with this key")
        page.get_by_label("The centre’s public key").fill("")
        page.get_by_label("The pack as one ZIP file").set_input_files(forged)
        expect(result).to_contain_text("answers/0001.html was changed.")
        page.get_by_label("Or the folder").set_input_files(folder / "pack")
        expect(result).to_contain_text(f"All {many} files are the same")
        (folder / "pack" / "style.css").write_text("body { color: red }")
        (folder / "pack" / "tables" / "cpd.csv").unlink()
        page.get_by_label("Or the folder").set_input_files(folder / "pack")
        expect(result).to_contain_text("style.css was changed.")
        expect(result).to_contain_text("tables/cpd.csv is missing.")
        assert_own_hash(page)


def assert_own_hash(page: Any) -> None:
    """The page's own SHA-256, for browsers without WebCrypto on pages from disk, agrees with Python's."""
    for length in (0, 1, 55, 56, 63, 64, 65, 1000):
        content = bytes(number % 251 for number in range(length))
        found = page.evaluate("(all) => window.packChecks.plainSha256(Uint8Array.from(all))", list(content))
        assert found == hashlib.sha256(content).hexdigest(), length


def test_the_page_says_what_it_could_not_check(
    centre: tuple[str, Person, Person], chromium: Browser, sit_down: Callable[..., Page], tmp_path: Path, story: Story
) -> None:
    """A browser without WebCrypto still compares every hash, and says plainly that the signature was not checked."""
    origin, lead, helen = centre
    office = sit_down(origin, width=1280)
    sign_in(office, lead.email)
    office.goto("/visits/new")
    office.get_by_label("Full name").fill("Helen Voss")
    office.get_by_label("Email address").fill(helen.email)
    office.get_by_label("What they look at").select_option(FOOD)
    office.get_by_label("What the visit is for").fill("The yearly visit.")
    office.get_by_role("button", name="Set up this visit").click()
    office.get_by_label("Ffion D.").check()
    office.get_by_label("Why these?").fill("The first finished unit.")
    office.get_by_role("button", name="Let them see these").click()
    pack = take_pack(office, tmp_path)
    with zipfile.ZipFile(pack) as opened:
        opened.extract("verify.html", tmp_path)
    with visit(chromium, "file://", width=360) as sitting:
        sitting.context.set_offline(True)
        sitting.page.add_init_script("Object.defineProperty(window.crypto, 'subtle', {value: undefined})")
        sitting.page.goto((tmp_path / "verify.html").as_uri())
        sitting.page.get_by_label("The pack as one ZIP file").set_input_files(pack)
        result = sitting.page.locator("#result")
        expect(result).to_contain_text("files are the same as what the manifest says")
        expect(result).to_contain_text("This browser cannot check the signature")
