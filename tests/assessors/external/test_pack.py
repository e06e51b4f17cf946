"""The evidence pack: what is in it, what is not, who may take it, and that any change of it is named."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from assessors.external import packing
from assessors.external.models import Pack
from assessors.external.spool import Spool
from assessors.external.standalone import verify
from assessors.quality.plan import operations as plans
from assessors.quality.plan.rules import Stage
from course import audit, evidence, sealing
from course.access import Role
from course.audit import AuditEvent
from course.evidence import Row, Table
from course.workbook.models import AccessEntry, Answer
from tests.assessors.external.conftest import Visited
from tests.support.house import HouseClient
from tests.support.marked import actor, hand_in_food, held, judge
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]


@pytest.fixture
def pack(visited: Visited, client_for: SignIn, tmp_path: Path) -> Path:
    """The pack of the visit, taken by the lead internal quality assurer."""
    with client_for(visited.lead).post(f"/visits/{visited.visit.id}/pack") as answer:
        assert (answer.status_code, answer.mimetype) == (200, "application/zip")
        path = tmp_path / "pack.zip"
        path.write_bytes(answer.data)
        assert len(answer.data) == answer.content_length
    return path


def text(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as opened:
        return opened.read(name).decode()


def everything(path: Path) -> str:
    with zipfile.ZipFile(path) as opened:
        names = [one for one in opened.namelist() if not one.startswith("verify.")]
        return "\n".join(opened.read(one).decode() for one in names)


def changed(path: Path, name: str, change: Callable[[bytes], bytes | None], extra: Iterable[str] = ()) -> Path:
    """A copy of the pack with one file changed, or left out when the change gives nothing."""
    copy = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            content = change(old.read(one)) if one == name else old.read(one)
            if content is not None:
                new.writestr(one, content)
        for one in extra:
            new.writestr(one, "more")
    return copy


# -- what it holds -----------------------------------------------------------------------------------------------------


def test_a_pack_holds_the_sample_and_every_table_and_nobody_elses_words(visited: Visited, pack: Path) -> None:
    names = set(zipfile.ZipFile(pack).namelist())
    tables = {
        "decisions", "guidance", "policies", "samples", "reviews", "batches", "appointments", "registrations",
        "records", "sampling-plans", "sampling-lines", "sampling-changes", "errors",
        "visits", "staff-qualifications", "cpd", "countersignatures", "reopenings",
        "standardisation", "guidance-proposals", "agreement", "second-marking", "adjustments", "appeals", "cases",
        "claims", "inductions", "prior-learning", "conflicts", "extensions", "late-answers", "further-attempts",
        "referrals", "departures", "removals", "withdrawals",
    }  # fmt: skip
    assert names >= {f"tables/{one}.{ending}" for one in tables for ending in ("csv", "html")}
    assert names >= {"index.html", "verify.html", "verify.py", "style.css", "manifest.json", "signature.json"}
    assert len([one for one in names if one.startswith("answers/")]) == 3
    answer = text(pack, "answers/0001.html")
    assert "Before I touch food." in answer
    assert "You show this well." in answer
    assert "Tom Hughes agreed" in answer
    said = everything(pack)
    assert said.count("Before I touch food.") == 1  # Gwen wrote the same, and is not in the sample
    assert "Not offered by this system" not in text(pack, "index.html")
    rows = list(csv.reader(io.StringIO(text(pack, "tables/decisions.csv").removeprefix("\ufeff"))))
    assert {row[0] for row in rows[1:]} == {"Ffion Davies", "Gwen Hill"}
    assert all(row[-1].startswith("decision:") for row in rows[1:])


def test_the_guidance_in_a_pack_is_what_its_hash_says(pack: Path) -> None:
    with zipfile.ZipFile(pack) as opened:
        guidance = [one for one in opened.namelist() if one.startswith("guidance/") and one.endswith(".json")]
        hashes = {hashlib.sha256(opened.read(one)).hexdigest() for one in guidance}
    assert hashes
    rows = list(csv.DictReader(io.StringIO(text(pack, "tables/guidance.csv").removeprefix("\ufeff"))))
    assert hashes <= {row["SHA-256"] for row in rows}


def test_pages_of_a_pack_need_no_network_and_no_script(pack: Path) -> None:
    with zipfile.ZipFile(pack) as opened:
        for name in (one for one in opened.namelist() if one.endswith(".html") and one != "verify.html"):
            page = opened.read(name).decode()
            assert "<script" not in page, name
            assert 'src="' not in page, name
            assert "http" not in page.replace("https://", "http").split("<body>")[0], name
            assert page.count("<h1>") == 1, name


def test_a_table_of_a_pack_runs_nothing_in_a_spreadsheet(visited: Visited, story: Story, client_for: SignIn) -> None:
    client = client_for(visited.lead)
    action = {"words": "=HYPERLINK(evil)", "due_on": "2030-01-01"}
    assert client.post(f"/visits/{visited.visit.id}/actions", data=action).status_code == 303
    with client.post(f"/visits/{visited.visit.id}/pack") as answer:
        table = zipfile.ZipFile(io.BytesIO(answer.data)).read("tables/visits.csv").decode()
    assert "'=HYPERLINK(evil)" in table


def test_a_table_that_opens_learners_words_makes_no_pack(visited: Visited, app: Flask, client_for: SignIn) -> None:
    def leak(session: Any, scope: Any) -> Iterable[Table]:
        def rows() -> Iterable[Row]:
            answer = session.get(Answer, visited.other.answers[0].id)
            box = session.get(sealing.Sealed, answer.words_id)
            return [Row((sealing.read(session, box),))]

        yield Table("leak", "Leak", "", ("Words",), rows)

    evidence.offer(app, leak)
    try:
        with app.test_request_context(), app.extensions["database"].reader() as session:
            visit = session.merge(visited.visit, load=False)
            with pytest.raises(packing.WordsInTable):
                packing.make(session, visit, by=audit.INSTALLER)
    finally:
        app.extensions["evidence"].remove(leak)


# -- who takes it, and what remains of that ----------------------------------------------------------------------------


def test_taking_a_pack_is_in_the_trail_and_each_learner_in_it_sees_that(
    visited: Visited, pack: Path, story: Story, client_for: SignIn
) -> None:
    with story.reading() as session:
        row = session.scalars(select(Pack)).one()
        manifest = zipfile.ZipFile(pack).read("manifest.json")
        assert (row.manifest, row.answers) == (hashlib.sha256(manifest).hexdigest(), 3)
        entry = session.scalars(select(AuditEvent).where(AuditEvent.action == "words.exported")).one()
        assert entry.object_ref == f"evidence_pack:{row.id}"
        looks = session.scalars(select(AccessEntry).where(AccessEntry.purpose == "evidence pack")).all()
        assert {one.enrolment_id for one in looks} == {visited.done.enrolment.id}
        assert {one.answer_id for one in looks} >= {one.id for one in visited.done.answers}
        assert list(audit.verify(session)) == []
    page = client_for(visited.done.learner).get("/learn/access-log").get_data(as_text=True)
    assert "A copy, to check the centre" in page


def test_the_external_quality_assurer_takes_it_too_and_an_admin_does_not(visited: Visited, client_for: SignIn) -> None:
    address = f"/visits/{visited.visit.id}/pack"
    with client_for(visited.eqa).post(address) as answer:
        assert answer.status_code == 200
    assert client_for(visited.admin).post(address).status_code == 403
    assert client_for(visited.done.iqa).post(address).status_code == 403


def test_a_pack_without_a_sample_is_refused(story: Story, visited: Visited, client_for: SignIn) -> None:
    from tests.assessors.external.conftest import set_up

    empty = set_up(story, visited.lead, email="another@example.org")
    answer = client_for(visited.lead).post(f"/visits/{empty.id}/pack")
    assert answer.status_code == 409
    assert "nothing to put into a pack" in answer.get_data(as_text=True)


def test_words_wait_on_the_disk_in_cipher_only(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(b"very private words " * 10_000)
    spool.write(b"and the end")
    spool._file.flush()
    spool._file.seek(0)
    assert b"private" not in spool._file.read()
    assert b"".join(spool.chunks()) == b"very private words " * 10_000 + b"and the end"
    spool.close()
    assert list(tmp_path.iterdir()) == []


# -- verifying ---------------------------------------------------------------------------------------------------------


def test_a_pack_verifies_without_the_application(pack: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(pack) as opened:
        opened.extractall(tmp_path / "unpacked")
    own = tmp_path / "unpacked" / "verify.py"
    whole = subprocess.run([sys.executable, "-I", str(own), str(pack)], capture_output=True, text=True, check=False)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    assert "are as they were signed" in whole.stdout
    assert "Compare it with the centre" in whole.stdout
    folder = subprocess.run([sys.executable, "-I", str(own)], capture_output=True, text=True, check=False)
    assert folder.returncode == 0, folder.stdout
    imports = [line for line in own.read_text().splitlines() if line.strip().startswith(("import ", "from "))]
    assert not [line for line in imports if "course" in line or "assessors" in line]


def one_byte_off(old: bytes) -> bytes:
    """The same with one bit changed, in the middle."""
    at = len(old) // 2
    return old[:at] + bytes([old[at] ^ 1]) + old[at + 1 :]


def sentences(path: Path) -> list[str]:
    try:
        return list(verify.faults(path))
    except verify.NotAPack as fault:
        return [str(fault)]


def test_one_changed_byte_is_named_whichever_file_it_is_in(pack: Path, app: Flask) -> None:
    assert list(verify.faults(pack)) == []
    runner = app.test_cli_runner()
    for name in zipfile.ZipFile(pack).namelist():
        found = sentences(changed(pack, name, one_byte_off))
        assert any(name in one for one in found), name
        bad = runner.invoke(args=["packs", "verify", str(pack.with_name("changed.zip"))])
        assert (bad.exit_code, name in bad.output) == (1, True), name


def test_no_byte_of_the_signature_file_can_be_changed(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else covers its bytes: capitals in the key or spare bits of the Base64 would say the same."""
    monkeypatch.setattr(verify, "file_faults", lambda *_: iter(()))
    with zipfile.ZipFile(pack) as opened:
        folder = pack.with_name("folder")
        opened.extractall(folder)
    whole = (folder / "signature.json").read_bytes()
    assert list(verify.faults(folder)) == []
    for at in range(len(whole)):
        for bit in (0x01, 0x20):
            (folder / "signature.json").write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            assert sentences(folder), (at, bit)
    for more in (whole + b" ", b"\xef\xbb\xbf" + whole, whole.replace(b"\n ", b"\n  ")):
        (folder / "signature.json").write_bytes(more)
        assert sentences(folder), more


def test_a_damaged_zip_is_said_to_be_damaged_and_never_read_as_another_pack(pack: Path) -> None:
    whole, rnd = pack.read_bytes(), random.Random(4)
    with zipfile.ZipFile(pack) as opened:
        before = {name: opened.read(name) for name in opened.namelist()}
    copy = pack.with_name("damaged.zip")
    for at in rnd.sample(range(len(whole)), 150):
        copy.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << rnd.randrange(8))]) + whole[at + 1 :])
        if not sentences(copy):  # a date, or another mark that is no part of a file
            with zipfile.ZipFile(copy) as opened:
                assert {name: opened.read(name) for name in opened.namelist()} == before, at


def test_what_is_missing_or_was_added_is_named(pack: Path) -> None:
    assert list(verify.faults(changed(pack, "answers/0001.html", lambda old: None))) == [
        "answers/0001.html is missing."
    ]
    added = list(verify.faults(changed(pack, "style.css", lambda old: old, extra=["answers/0009.html"])))
    assert added == ["answers/0009.html is not in the manifest: it was added."]


def test_a_changed_manifest_or_another_signer_is_noticed(pack: Path) -> None:
    sentence = "manifest.json or signature.json was changed after signing, or was not signed with this key."

    def fit(old: bytes) -> bytes:
        said = json.loads(old)
        said["centre"] = "Elsewhere"
        return json.dumps(said).encode()

    assert list(verify.faults(changed(pack, "manifest.json", fit))) == [sentence]
    assert list(verify.faults(pack, "11" * 32)) == [sentence]
    with pytest.raises(verify.NotAPack):
        list(verify.faults(changed(pack, "manifest.json", lambda old: None)))


def test_entries_of_the_trail_are_recomputed(pack: Path) -> None:
    def forge(old: bytes) -> bytes:
        lines = [json.loads(line) for line in old.splitlines()]
        lines[0]["actor"] = "somebody else"
        return b"".join(audit.canonical(line) + b"\n" for line in lines)

    found = list(verify.faults(changed(pack, "audit/entries.jsonl", forge)))
    assert any("was altered" in one for one in found)


def test_the_command_verifies_and_knows_its_own_trail(pack: Path, app: Flask, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    good = runner.invoke(args=["packs", "verify", str(pack)])
    assert good.exit_code == 0, good.output
    bad = runner.invoke(args=["packs", "verify", str(changed(pack, "index.html", lambda old: old + b" "))])
    assert bad.exit_code == 1
    assert "index.html was changed." in bad.output
    assert runner.invoke(args=["packs", "verify", str(pack), "--key", "nonsense"]).exit_code == 2
    (tmp_path / "not.zip").write_text("words")
    assert runner.invoke(args=["packs", "verify", str(tmp_path / "not.zip")]).exit_code == 1


def test_every_row_of_a_table_has_its_entry_in_the_pack(pack: Path) -> None:
    entries = {json.loads(line)["object_ref"] for line in text(pack, "audit/entries.jsonl").splitlines()}
    named: set[str] = set()
    for name in zipfile.ZipFile(pack).namelist():
        if name.endswith(".csv"):
            rows = list(csv.DictReader(io.StringIO(text(pack, name).removeprefix("\ufeff"))))
            named |= {one for row in rows for one in row["Reference"].split()}
    assert named
    assert named - entries == set()


def test_another_role_cannot_be_the_one_who_makes_it(visited: Visited, client_for: SignIn, story: Story) -> None:
    elsewhere = story.staff(Role.LEAD_IQA, centre=story.centre("Elsewhere"))
    assert client_for(elsewhere).post(f"/visits/{visited.visit.id}/pack").status_code == 404


def test_a_plan_is_in_the_pack_with_the_reason_for_each_of_its_answers(
    visited: Visited, story: Story, client_for: SignIn
) -> None:
    late = story.learner("Nia Rees", cohort=visited.done.cohort)[1]
    for answer in hand_in_food(story, late):
        judge(story, answer, visited.done.assessor, returned=False)
    with story.writing() as session:
        plans.draw(
            session, visited.done.cohort, Stage.FINAL, held=held(story, visited.done.iqa),
            by=actor(story, visited.done.iqa, Role.IQA),
        )  # fmt: skip
    with client_for(visited.lead).post(f"/visits/{visited.visit.id}/pack") as answer:
        opened = zipfile.ZipFile(io.BytesIO(answer.data))
    lines = list(csv.DictReader(io.StringIO(opened.read("tables/sampling-lines.csv").decode("utf-8-sig"))))
    assert lines
    assert {one["Learner"] for one in lines} <= {"Nia Rees", "Ffion Davies", "Gwen Hill"}
    assert all(one["Why"] for one in lines)
    (plan,) = csv.DictReader(io.StringIO(opened.read("tables/sampling-plans.csv").decode("utf-8-sig")))
    assert plan["Holds what the policy asks"] in {"Yes", "No"}
