"""Makes an evidence pack: one ZIP of readable pages, tables, audit entries, and a signed manifest of hashes.

It reads only. Its memory is bounded: tables and files pass through one after another, and the ZIP waits in a spool.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from assessors.external import queries, showing
from assessors.external.models import Visit
from assessors.external.spool import Spool
from assessors.external.standalone.verify import ENTRIES, FORMAT, MANIFEST, SIGNATURE, signature_file, signed_bytes
from assessors.external.tables import words
from assessors.guidance import queries as guidance
from assessors.guidance.models import GuidanceVersion
from course import audit, checkpoints, clock, evidence
from course.audit import Actor, AuditEvent
from course.catalogue import queries as catalogue
from course.catalogue.models import InductionVersion, UnitVersion
from course.checkpoints import Checkpoint
from course.enrolment import queries as enrolments
from course.enrolment.models import Enrolment, Induction
from course.enrolment.policy import CompiledPolicy
from course.evidence import Row, Table
from course.office.rules import safe_cell
from course.office.spreadsheets import BOM
from course.people.models import Centre
from course.sealing import CannotOpen, Opening, Purpose
from course.workbook import files as stored_files
from course.workbook.models import Answer, Decision
from course.workbook.rules import AI_RULES, AnswerFacts

STANDALONE = Path(__file__).parent / "standalone"
CHAPTERS = {
    "Learners and claims": ("registrations", "inductions", "claims", "batches", "removals", "withdrawals", "records"),
    "Assessment": (
        "decisions", "countersignatures", "reopenings", "extensions", "late-answers", "further-attempts", "referrals",
        "departures", "prior-learning", "guidance", "policies",
    ),
    "Internal quality assurance": (
        "sampling-plans", "sampling-lines", "sampling-changes", "samples", "reviews", "errors", "standardisation",
        "guidance-proposals", "agreement", "second-marking",
    ),
    "Staff": ("appointments", "staff-qualifications", "cpd", "conflicts"),
    "Appeals, cases and adjustments": ("appeals", "cases", "adjustments"),
    "Visits": ("visits",),
}  # fmt: skip
"""What an awarding organisation asks for (domain.md 4, EQA pack), by the headings of the first page.

The first page says which of these tables nobody offers; those that it does not know come last.
"""
ASKED_AT_ONCE = 400


class WordsInTable(Exception):
    """A table opened the words of a learner: these belong to the pages of the sample only."""


@dataclass(frozen=True)
class Made:
    """A pack, ready to be noted and sent."""

    spool: Spool
    manifest: str
    files: int
    answers: int
    openings: frozenset[Opening]
    """Whose words it holds, for the access log."""


def at_one_moment(session: Session) -> None:
    """Let everything that this session reads be of one moment. Before its first query; SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def make(session: Session, visit: Visit, *, by: Actor) -> Made:
    """Make the pack of a visit, signed with the record key. The caller has the session at one moment, and notes it."""
    spool = Spool(current_app.config["SETTINGS"].data_dir)
    try:
        with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED) as archive:
            packing = _Packing(session, visit, by, archive)
            packing.run()
    except BaseException:
        spool.close()
        raise
    openings = frozenset(session.info.get("openings", ()))
    return Made(spool, packing.manifest, len(packing.files), packing.answers, openings)


@dataclass
class _Packing:
    session: Session
    visit: Visit
    by: Actor
    archive: zipfile.ZipFile
    files: dict[str, dict[str, object]] = field(default_factory=dict)
    ink: set[str] = field(default_factory=set)
    manifest: str = ""
    answers: int = 0

    def run(self) -> None:
        """Write everything; the manifest last, since it knows the hashes."""
        session, visit = self.session, self.visit
        self.when = words.at_centre(session, visit.centre_id)
        self.scope = queries.scope_of(session, visit)
        self.head = self._head()
        self.pack = self._facts()
        for name in ("style.css", "verify.html", "verify.py"):
            self._write(name, (STANDALONE / name).read_bytes())
        units, arrangements = self._units(), self._arrangements()
        versions = self._guidance()
        sampled = self._answers(versions)
        tables = [self._table(one) for one in evidence.tables(session, self.scope)]
        entries = self._entries()
        self._page(
            "index.html", "index", up="", answers=sampled, chapters=_chapters(tables), entries=entries,
            showings=self._showings(), units=units, arrangements=arrangements,
            missing=sorted({slug for known in CHAPTERS.values() for slug in known} - {one["slug"] for one in tables}),
            guidance=[
                {"name": versions[row.hash], "title": title, "number": row.number, "hash": row.hash}
                for row, title in self.versions
            ],
        )  # fmt: skip
        self._sign()

    def _head(self) -> dict[str, object]:
        newest = select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)
        row = self.session.execute(newest).one()
        return {"size": row.seq, "head": row.hash}

    def _facts(self) -> dict[str, Any]:
        name, session, visit = words.named(self.session), self.session, self.visit
        return {
            "centre": session.get_one(Centre, visit.centre_id).name,
            "qualification": queries.qualification_of(session, visit).title,
            "cohorts": [one.name for one in queries.cohorts_of(session, visit)],
            "visitor": name(visit.eqa_id), "purpose": visit.purpose, "by": name(self.by.person_id),
            "made": self.when(clock.now()), "chain": self.head,
            "public_key": checkpoints.record_key().public_key().public_bytes_raw().hex(),
        }  # fmt: skip

    # -- writing -------------------------------------------------------------------------------------------------------

    def _write(self, name: str, content: bytes | Iterable[bytes]) -> None:
        """Add a file and remember its hash."""
        hashed, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        with self.archive.open(info, "w", force_zip64=False) as file:
            for piece in [content] if isinstance(content, bytes) else content:
                file.write(piece)
                hashed.update(piece)
                size += len(piece)
        if name not in (MANIFEST, SIGNATURE):
            self.files[name] = {"bytes": size, "sha256": hashed.hexdigest()}

    def _page(self, name: str, template: str, **context: Any) -> None:
        found = current_app.jinja_env.get_template(f"external/pack/{template}.html")
        stream = found.stream(pack=self.pack, when=self.when, **context)
        stream.enable_buffering(100)
        self._write(name, (piece.encode() for piece in stream))

    # -- questions, arrangements, guidance, and the sample -------------------------------------------------------------

    def _units(self) -> list[dict[str, object]]:
        """Write the questions of each unit version to which somebody in scope answered, with their criteria."""
        used = select(Answer.unit_version_id).where(Answer.cohort_id.in_(self.scope.cohort_ids))
        rows = self.session.scalars(
            select(UnitVersion).where(UnitVersion.id.in_(used)).order_by(UnitVersion.unit, UnitVersion.number)
        ).all()
        for row in rows:
            name = f"units/{row.unit}-version-{row.number}"
            self._write(f"{name}.json", row.compiled.encode())
            self._page(
                f"{name}.html", "unit", up="../", row=row, unit=catalogue.unit_of(row), rules=AI_RULES,
                file=f"{row.unit}-version-{row.number}.json",
            )  # fmt: skip
            self.ink.add(words.ink("unit_version", row.id))
        return [{"name": f"units/{one.unit}-version-{one.number}", "title": one.title, "number": one.number,
                 "hash": one.hash} for one in rows]  # fmt: skip

    def _arrangements(self) -> list[tuple[str, str]]:
        """Write how the centre deals with appeals, malpractice and the rest, and what learners are told of it."""
        policies: dict[int, tuple[CompiledPolicy, list[str]]] = {}
        for cohort in queries.cohorts_of(self.session, self.visit):
            row, compiled = enrolments.policy_for(self.session, cohort)
            policies.setdefault(row.number, (compiled, []))[1].append(cohort.name)
        self._page("arrangements/index.html", "arrangements", up="../", policies=sorted(policies.items()))
        written = [("arrangements/index.html", "How the centre deals with malpractice, appeals and the rest")]
        read = select(Induction.induction_version_id).join(Enrolment, Enrolment.id == Induction.enrolment_id)
        inside = read.where(Enrolment.cohort_id.in_(self.scope.cohort_ids))
        for induction in self.session.scalars(
            select(InductionVersion).where(InductionVersion.id.in_(inside)).order_by(InductionVersion.number)
        ):
            name = f"arrangements/induction-version-{induction.number}.html"
            self._page(name, "induction", up="../", row=induction)
            self.ink.add(words.ink("induction_version", induction.id))
            written.append((name, f"What learners are told: the induction, version {induction.number}"))
        return written

    def _guidance(self) -> dict[str, str]:
        """Write every version under which somebody in scope decided. Returns the name of each, by its hash."""
        used = select(Decision.guidance).join(Answer, Answer.id == Decision.answer_id)
        rows = self.session.scalars(
            select(GuidanceVersion)
            .where(
                GuidanceVersion.qualification == self.visit.qualification,
                GuidanceVersion.hash.in_(used.where(Answer.cohort_id.in_(self.scope.cohort_ids))),
            )
            .order_by(GuidanceVersion.unit, GuidanceVersion.number)
        ).all()
        titles = queries.unit_titles(self.session, self.visit.qualification)
        self.versions = [(row, titles.get(row.unit, row.unit)) for row in rows]
        names = {row.hash: f"guidance/{row.unit}-version-{row.number}" for row in rows}
        for row, title in self.versions:
            name = names[row.hash]
            self._write(f"{name}.json", row.compiled.encode())
            self._page(
                f"{name}.html", "guidance", up="../", row=row, title=title, compiled=guidance.compiled(row),
                file=f"{name.partition('/')[2]}.json",
            )  # fmt: skip
            self.ink.add(words.ink("guidance_version", row.id))
        return names

    def _answers(self, versions: dict[str, str]) -> list[tuple[str, dict[str, object]]]:
        listed: list[tuple[str, dict[str, object]]] = []
        for number, facts in enumerate(queries.sampled_answers(self.session, self.visit.id), 1):
            name = f"answers/{number:04}.html"
            read = showing.answer(self.session, facts)
            files = self._files(number, facts, read)
            self._page(name, "answer", up="../", read=read, files=files, guidance=versions)
            achieved = all(one.is_achieved for one in facts.returned.values())
            listed.append((name, {"learner": read.learner, "question": read.question.name, "unit": read.unit.title,
                                  "attempt": facts.attempt, "is_achieved": achieved}))  # fmt: skip
            self.ink |= {words.ink("answer", facts.id), words.ink("hand_in", facts.hand_in_id)}
            self.ink |= {words.ink("decision", one.id) for one in facts.decisions if one.returned_at}
        self.answers = len(listed)
        return listed

    def _files(self, number: int, facts: AnswerFacts, read: showing.ReadAnswer) -> list[tuple[str, str]]:
        found = []
        for at, (row, label) in enumerate(read.files, 1):
            name = f"files/{number:04}-{at}{Path(label).suffix.lower()}"
            try:
                self._write(name, stored_files.content_of(self.session, row, about=facts.id))
            except (CannotOpen, OSError):
                continue  # disposed of, like the words
            found.append((name, label))
        return found

    def _showings(self) -> list[dict[str, object]]:
        name = words.named(self.session)
        rows = queries.showings_of(self.session, self.visit.id)
        self.ink |= {words.ink("visit_showing", one.id) for one in rows}
        return [
            {"rationale": one.rationale, "by": name(one.shown_by), "at": self.when(one.at), "asked": one.request_id}
            for one in rows
        ]

    # -- tables --------------------------------------------------------------------------------------------------------

    def _table(self, table: Table) -> dict[str, object]:
        before, self._count = self._work_opened(), 0
        self._write(f"tables/{table.slug}.csv", self._csv(table))
        self._page(f"tables/{table.slug}.html", "table", up="../", table=table, rows=table.rows())
        if self._work_opened() != before:
            raise WordsInTable(table.slug)
        return {"slug": table.slug, "title": table.title, "lead": table.lead, "count": self._count}

    def _work_opened(self) -> int:
        return sum(one.purpose == Purpose.WORK for one in self.session.info.get("openings", ()))

    def _csv(self, table: Table) -> Iterator[bytes]:
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        yield BOM.encode()
        for row in self._with_head(table):
            writer.writerow([safe_cell(cell) for cell in row.cells] + [" ".join(row.ink)])
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()

    def _with_head(self, table: Table) -> Iterator[Row]:
        yield Row(tuple(table.head), ("Reference",))
        for row in table.rows():
            self._count += 1
            self.ink.update(row.ink)
            yield row

    # -- what vouches --------------------------------------------------------------------------------------------------

    def _entries(self) -> int:
        """Write the entries of the trail about everything in the pack, and the newest signed checkpoint."""
        wanted, session = sorted(self.ink), self.session
        numbers: list[int] = []
        for part in _parts(wanted):
            numbers += session.scalars(select(AuditEvent.seq).where(AuditEvent.object_ref.in_(part)))
        numbers.sort()

        def lines() -> Iterator[bytes]:
            for part in _parts(numbers):
                rows = session.scalars(select(AuditEvent).where(AuditEvent.seq.in_(part)).order_by(AuditEvent.seq))
                for row in rows:
                    said = {name: getattr(row, name) for name in (*audit.FIELDS, "hash")}
                    yield audit.canonical(said) + b"\n"

        self._write(ENTRIES, lines())
        note = session.scalar(select(Checkpoint.note).order_by(Checkpoint.size.desc()).limit(1))
        if note:
            self._write("audit/checkpoint.txt", note.encode())
        return len(numbers)

    def _sign(self) -> None:
        said = {
            "format": FORMAT, "made_at": clock.now().isoformat(timespec="seconds"), "visit": str(self.visit.id),
            "origin": current_app.config["SETTINGS"].base_url, "centre": self.pack["centre"],
            "qualification": self.visit.qualification, "cohorts": self.pack["cohorts"], "chain": self.head,
            "files": self.files,
        }  # fmt: skip
        manifest = json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
        key = checkpoints.record_key()
        self._write(MANIFEST, manifest)
        self._write(SIGNATURE, signature_file(key.public_key().public_bytes_raw(), key.sign(signed_bytes(manifest))))
        self.manifest = hashlib.sha256(manifest).hexdigest()


def _chapters(tables: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The tables under the headings of the first page, in the order that it gives them."""
    left = {one["slug"]: one for one in tables}
    found = [(title, [left.pop(slug) for slug in slugs if slug in left]) for title, slugs in CHAPTERS.items()]
    return [(title, inside) for title, inside in [*found, ("More", list(left.values()))] if inside]


def _parts(items: list[Any]) -> Iterator[list[Any]]:
    for at in range(0, len(items), ASKED_AT_ONCE):
        yield items[at : at + ASKED_AT_ONCE]
