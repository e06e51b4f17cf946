"""A record as page, PDF and signed file; and whose it is."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from flask import Flask

from course import clock
from course.access import Role
from course.enrolment.models import Enrolment
from course.records import operations, pdf, queries
from course.records.models import CompletionRecord
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, Achieved, actor, released_unit
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]


@pytest.fixture
def done(story: Story) -> Achieved:
    """Somebody whose unit is released."""
    return released_unit(story, "Ffion Dŵr-Davies")


@pytest.fixture
def record(story: Story, done: Achieved) -> CompletionRecord:
    """Their unit statement."""
    by = actor(story, story.staff(Role.ADMIN, "Grace Bell"), Role.ADMIN)
    with story.writing() as session:
        enrolment = session.get_one(Enrolment, done.enrolment.id)
        return operations.issue_unit_statement(session, enrolment, FOOD_UNIT, by=by)


def test_the_pdf_is_tagged_titled_and_says_what_the_record_says(
    client_for: SignIn, done: Achieved, record: CompletionRecord
) -> None:
    response = client_for(done.learner).get(f"/records/{record.id}.pdf")
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == 'attachment; filename="record-1.pdf"'
    assert response.headers["Cache-Control"] == "no-store"
    read = pypdf.PdfReader(io.BytesIO(response.data))
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "/StructTreeRoot" in read.trailer["/Root"]  # type: ignore[operator]
    assert read.trailer["/Root"]["/Lang"] == "en-GB"  # type: ignore[index]
    assert read.metadata is not None
    assert read.metadata.title == "Food hygiene at work: Ffion Dŵr-Davies"
    words = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    assert "Ffion Dŵr-Davies" in words
    assert "This qualification is not regulated." in words
    assert "It is not a certificate of an awarding organisation." in words
    assert "Food Hygiene at Work, unit 1" in words
    assert re.search(r"enter the code [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\.", words)
    assert "credit" not in words


def test_the_pdf_never_changes(story: Story, record: CompletionRecord, at: Callable[[Any], None]) -> None:
    with story.reading() as session:
        found = queries.record(session, record.id)
    first = pdf.render(found, "example.org/check")
    at(clock.now() + timedelta(days=400))
    assert pdf.render(found, "example.org/check") == first


@pytest.mark.parametrize("name", ["#panic() $x$ *bold*", "李小龙", "Sam 🌱 O’Neill", "محمد"])
def test_any_name_makes_a_pdf_and_none_is_read_as_markup(story: Story, record: CompletionRecord, name: str) -> None:
    with story.reading() as session:
        found = queries.record(session, record.id)
        assert found.holder is not None
        found.holder.name = name
        made = pdf.render(found, "example.org/check")
    read = pypdf.PdfReader(io.BytesIO(made))
    if name.isascii():
        assert name in " ".join(read.pages[0].extract_text().split())
    assert len(read.pages) >= 1


def test_a_record_is_its_holders_alone(story: Story, client_for: SignIn, record: CompletionRecord) -> None:
    other, _ = story.learner("Sam Okafor")
    for path in (f"/records/{record.id}", f"/records/{record.id}.pdf", f"/records/{record.id}/proof.json"):
        assert client_for(other).get(path).status_code == 404
    assert client_for(other).post(f"/records/{record.id}/checking/end").status_code == 404
    assert "Food hygiene" not in client_for(other).get("/records").get_data(as_text=True)


def test_an_admin_of_another_centre_sees_nothing(story: Story, client_for: SignIn, record: CompletionRecord) -> None:
    stranger = client_for(story.staff(Role.ADMIN, centre=story.centre("Elsewhere")))
    assert stranger.get(f"/office/records/{record.id}").status_code == 404
    assert stranger.post(f"/office/records/{record.id}/revocation", data={"reason": "Mine now."}).status_code == 404
    assert "Ffion" not in stranger.get("/office/records").get_data(as_text=True)


def test_an_admin_of_another_centre_cannot_issue(story: Story, client_for: SignIn, done: Achieved) -> None:
    stranger = client_for(story.staff(Role.ADMIN, centre=story.centre("Elsewhere")))
    response = stranger.post("/office/records", data={"ready": f"{done.enrolment.id}/{FOOD_UNIT}"})
    assert response.status_code == 422


def test_issuing_nothing_is_answered_with_an_instruction(story: Story, client_for: SignIn, done: Achieved) -> None:
    response = client_for(story.staff(Role.ADMIN)).post("/office/records", data={})
    assert response.status_code == 422
    assert "Choose at least one record to issue." in response.get_data(as_text=True)


def test_revoking_through_the_page(story: Story, client_for: SignIn, done: Achieved, record: CompletionRecord) -> None:
    admin = client_for(story.staff(Role.ADMIN))
    page = f"/office/records/{record.id}"
    empty = admin.post(f"{page}/revocation", data={"reason": " "})
    assert empty.status_code == 422
    assert "Write why you revoke this record." in empty.get_data(as_text=True)
    moved = admin.post(f"{page}/revocation", data={"reason": "Issued too early.", "replace": "yes"})
    assert moved.status_code == 303
    assert "Record 2" in admin.get(moved.location).get_data(as_text=True)
    assert "Issued too early." in admin.get(page).get_data(as_text=True)
    mine = client_for(done.learner).get(f"/records/{record.id}").get_data(as_text=True)
    assert "This record no longer stands" in mine
    assert "See the record that takes its place" in mine
    assert admin.post(f"{page}/revocation", data={"reason": "Again."}).status_code == 409


def test_the_signed_file_proves_itself_and_shows_any_change(
    app: Flask, story: Story, client_for: SignIn, done: Achieved, record: CompletionRecord, tmp_path: Path
) -> None:
    content = client_for(done.learner).get(f"/records/{record.id}/proof.json").get_data(as_text=True)
    file = tmp_path / "proof.json"
    file.write_text(content, "utf-8")
    runner = app.test_cli_runner()
    good = runner.invoke(args=["records", "verify", str(file)])
    assert (good.exit_code, "Ffion Dŵr-Davies" in good.output) == (0, True)
    forged = json.loads(content)
    forged["said"]["holder"] = "Somebody Else"
    file.write_text(json.dumps(forged), "utf-8")
    assert runner.invoke(args=["records", "verify", str(file)]).exit_code == 1
    for rubbish in ("", "[]", "{}", '{"said": 1, "signature": "é", "format": "x"}'):
        file.write_text(rubbish, "utf-8")
        assert runner.invoke(args=["records", "verify", str(file)]).exit_code == 1
    assert runner.invoke(args=["records", "verify", str(tmp_path / "missing")]).exit_code == 2


def test_a_file_signed_with_another_key_is_not_ours(
    app: Flask, client_for: SignIn, done: Achieved, record: CompletionRecord, tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    file.write_bytes(client_for(done.learner).get(f"/records/{record.id}/proof.json").data)
    own = client_for(done.learner).get("/check/key").get_data(as_text=True).strip()
    runner = app.test_cli_runner()
    assert runner.invoke(args=["records", "verify", str(file), "--key", own]).exit_code == 0
    assert runner.invoke(args=["records", "verify", str(file), "--key", "00" * 32]).exit_code in (1, 2)
    assert runner.invoke(args=["records", "verify", str(file), "--key", "short"]).exit_code == 2


def test_a_revoked_record_still_proves_its_signature_but_no_longer_stands(
    app: Flask, story: Story, client_for: SignIn, done: Achieved, record: CompletionRecord, tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    file.write_bytes(client_for(done.learner).get(f"/records/{record.id}/proof.json").data)
    admin = story.staff(Role.ADMIN)
    with story.writing() as session:
        found = queries.record(session, record.id)
        operations.revoke(session, found, "An error.", replace=False, by=actor(story, admin, Role.ADMIN))
    said = app.test_cli_runner().invoke(args=["records", "verify", str(file)])
    assert (said.exit_code, "revoked" in said.output) == (1, True)


def test_the_signed_list_of_revoked_records_serves_without_asking_us(
    app: Flask, story: Story, client_for: SignIn, client: HouseClient, done: Achieved, record: CompletionRecord,
    tmp_path: Path,
) -> None:  # fmt: skip
    file, revoked = tmp_path / "proof.json", tmp_path / "revoked.json"
    file.write_bytes(client_for(done.learner).get(f"/records/{record.id}/proof.json").data)
    key = client.get("/check/key").get_data(as_text=True).strip()
    words = ["records", "verify", str(file), "--key", key, "--revocations", str(revoked)]
    revoked.write_bytes(client.get("/check/revocations.json").data)
    assert app.test_cli_runner().invoke(args=words).exit_code == 0
    admin = story.staff(Role.ADMIN)
    with story.writing() as session:
        found = queries.record(session, record.id)
        operations.revoke(session, found, "A private reason.", replace=False, by=actor(story, admin, Role.ADMIN))
    revoked.write_bytes(client.get("/check/revocations.json").data)
    assert "private" not in revoked.read_text()
    said = app.test_cli_runner().invoke(args=words)
    assert (said.exit_code, "revoked" in said.output) == (1, True)
    revoked.write_text(revoked.read_text().replace(str(record.id), "0198a2c0-0000-7000-8000-000000000000"))
    assert app.test_cli_runner().invoke(args=words).exit_code == 1
