"""Turns a checked qualification into what is published: typed values, safe HTML, media named by their content."""

import hashlib
import io
import json
import math
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from course.catalogue import compiled, render
from course.catalogue import format as course_format
from course.catalogue.checks import is_evidence
from course.catalogue.problems import Problem
from course.catalogue.source import MediaFile, PageSource, Prose, QualificationSource, QuestionSource, UnitSource

PAGE_SECONDS = 10
WORDS_A_MINUTE = 150
QUESTION_MINUTES = {
    "choice": 1,
    "order": 2,
    "match": 2,
    "short": 6,
    "extended": 15,
    "upload": 10,
    "log": 20,
    "witness": 5,
}

_RENDERER = Path(__file__).with_name("render.py")


class CannotCompile(Exception):
    """The content cannot be laid out; `problems` say where and what to do."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Compiled:
    """Everything of a qualification that is published together; `media` by SHA-256: content type and bytes."""

    qualification: compiled.CompiledQualification
    units: tuple[compiled.CompiledUnit, ...]
    media: dict[str, tuple[str, bytes]] = field(repr=False)


@dataclass(frozen=True)
class _Task:
    """One text to lay out, and the place its problems are reported at."""

    job: render.Job
    path: str
    line: int


def compile_qualification(source: QualificationSource) -> Compiled:
    """Compile a qualification that was read and checked without a problem.

    Raises CannotCompile when a text takes too long to lay out or swallows a question, and ValueError when the
    source was not sound to begin with.
    """
    if source.yaml is None or any(unit.yaml is None for unit in source.units):
        raise ValueError(f"{source.path} was not read without problems.")
    tasks: dict[tuple[str, str], _Task] = {}
    for unit in source.units:
        images = {f"media/{name}": _image(file) for name, file in unit.media.items()}
        links = _links(source, unit)
        for page in unit.pages:
            tasks[unit.slug, page.file] = _Task(_page_job(page, images, links), page.path, 1)
            for question in page.questions:
                if question.yaml is not None and question.located is not None:
                    job = render.Job(text=question.yaml.prompt, slots=[], images=images, links=links, is_page=False)
                    tasks[unit.slug, question.key] = _Task(job, question.path, question.located.text_line("prompt"))
    pieces = dict(zip(tasks, lay_out(list(tasks.values())), strict=True))
    units = tuple(_unit(source, unit, pieces) for unit in source.units)
    media = {_sha(file.data): (file.content_type, file.data) for unit in source.units for file in unit.media.values()}
    return Compiled(_qualification(source, source.yaml), units, media)


def safe_html(text: str, path: str) -> str:
    """The safe HTML of one text that is no page of a unit, such as the induction. Raises CannotCompile."""
    job = render.Job(text=text, slots=[], images={}, links={}, is_page=False)
    return lay_out([_Task(job, path, 1)])[0][0]


def lay_out(tasks: list[_Task], seconds: int = PAGE_SECONDS) -> list[list[str]]:
    """Render texts in a process of their own, each within so many seconds of its time.

    A text that takes longer ends that process, and another goes on with the rest. Raises CannotCompile at the end.
    """
    results: list[list[str]] = []
    problems: list[Problem] = []
    while len(results) < len(tasks):
        for answer in _run(tasks[len(results) :], seconds):
            if "refused" in answer:
                problems.append(_refused(tasks[len(results)], "Close every comment “<!-- … -->” and every HTML tag."))
            results.append(answer.get("pieces", []))
        if len(results) < len(tasks):
            advice = "Look for long runs of brackets, stars or quotation marks, or split the page."
            problems.append(_refused(tasks[len(results)], f"This takes too long to lay out. {advice}"))
            results.append([])
    if problems:
        raise CannotCompile(problems)
    return results


def _refused(task: _Task, sentence: str) -> Problem:
    return Problem(task.path, task.line, sentence)


def _run(tasks: list[_Task], seconds: int) -> list[dict[str, list[str]]]:
    """Answers to the tasks in order, fewer than there are tasks when one of them broke a limit."""
    jobs = b"".join(json.dumps(task.job).encode() + b"\n" for task in tasks)
    command = [sys.executable, "-I", str(_RENDERER), str(seconds)]
    try:
        done = subprocess.run(command, input=jobs, capture_output=True, timeout=seconds * 6, check=False)
    except subprocess.TimeoutExpired as expired:
        return _answers(expired.stdout or b"")
    if done.returncode > 0 and not done.stdout:
        raise RuntimeError(f"The renderer did not start: {done.stderr.decode('utf-8', 'replace')[-500:]}")
    return _answers(done.stdout)


def _answers(output: bytes) -> list[dict[str, list[str]]]:
    return [json.loads(line) for line in output.split(b"\n")[:-1]]


def _page_job(page: PageSource, images: dict[str, tuple[str, int, int]], links: dict[str, str]) -> render.Job:
    nonce = secrets.token_hex(16)
    slots = [f"SLOT{nonce}Q{number}Q" for number in range(len(page.questions))]
    remaining = iter(slots)
    text = "\n\n".join(block.text if isinstance(block, Prose) else next(remaining) for block in page.blocks)
    return render.Job(text=text, slots=slots, images=images, links=links, is_page=True)


def _links(source: QualificationSource, unit: UnitSource) -> dict[str, str]:
    """Addresses relative to that of a page, …/<unit slug>/<page number>, by the file names authors write."""
    links = {page.file: str(page.number) for page in unit.pages}
    for other in source.units:
        links.update({f"../{other.slug}/{page.file}": f"../{other.slug}/{page.number}" for page in other.pages})
    links.update({f"media/{name}": media_address(file) for name, file in unit.media.items()})
    return links


def media_address(file: MediaFile) -> str:
    """Where a media file is served: its content is its name, so that it can be kept for ever."""
    suffix = Path(file.name).suffix.lower().replace(".jpeg", ".jpg")
    return f"/media/{_sha(file.data)}{suffix}"


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _image(file: MediaFile) -> tuple[str, int, int]:
    """Address, width and height in pixels; zeros when the size cannot be told."""
    width, height = _drawing_size(file.data) if file.content_type == "image/svg+xml" else _picture_size(file)
    return media_address(file), width, height


def _drawing_size(data: bytes) -> tuple[int, int]:
    head = data[:2000].decode("utf-8", "replace")
    found = re.search(r'viewBox="\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)', head)
    return (round(float(found[1])), round(float(found[2]))) if found else (0, 0)


def _picture_size(file: MediaFile) -> tuple[int, int]:
    if not file.content_type.startswith("image/"):
        return 0, 0
    from PIL import Image, UnidentifiedImageError  # heavy, and needed at publishing only

    try:
        with Image.open(io.BytesIO(file.data)) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError):
        return 0, 0


def _qualification(
    source: QualificationSource, yaml: course_format.QualificationYaml
) -> compiled.CompiledQualification:
    codes = tuple(f"U{number}" for number in range(1, len(yaml.units) + 1))
    return compiled.CompiledQualification(
        slug=source.slug,
        title=yaml.title,
        level=yaml.level,
        credit=yaml.credit,
        accreditation=compiled.Accreditation(**yaml.accreditation.model_dump()) if yaml.accreditation else None,
        references=yaml.references,
        units=yaml.units,
        combination=_combination(yaml.combination, codes),
    )


def _combination(rules: course_format.CombinationYaml | None, codes: tuple[str, ...]) -> compiled.Combination:
    if rules is None:
        return compiled.Combination(mandatory=codes)
    groups = (compiled.OptionalGroup(choose=group.choose, from_=group.from_) for group in rules.optional)
    return compiled.Combination(mandatory=rules.mandatory, optional=tuple(groups))


def _unit(
    source: QualificationSource, unit: UnitSource, pieces: dict[tuple[str, str], list[str]]
) -> compiled.CompiledUnit:
    yaml = unit.yaml
    assert yaml is not None
    questions = tuple(
        _question(question, number, page.number, "".join(pieces[unit.slug, question.key]))
        for number, (page, question) in enumerate(
            ((page, question) for page in unit.pages for question in page.questions), start=1
        )
    )
    return compiled.CompiledUnit(
        qualification=source.slug,
        slug=unit.slug,
        code=source.code(unit.slug),
        title=yaml.title,
        level=yaml.level,
        credit=yaml.credit,
        hours=compiled.Hours(**yaml.hours.model_dump()),
        status=yaml.status,
        outcomes=tuple(_outcome(outcome) for outcome in yaml.outcomes),
        pages=tuple(_page(page, pieces[unit.slug, page.file]) for page in unit.pages),
        questions=questions,
    )


def _outcome(yaml: course_format.OutcomeYaml) -> compiled.Outcome:
    criteria = tuple(
        compiled.Criterion(
            number=criterion.criterion,
            text=criterion.text,
            topics=criterion.topics,
            safety_critical=criterion.safety_critical,
        )
        for criterion in yaml.criteria
    )
    return compiled.Outcome(number=yaml.outcome, text=yaml.text, criteria=criteria)


def _page(page: PageSource, pieces: list[str]) -> compiled.Page:
    front = page.front
    if front is None:
        raise ValueError(f"{page.path} was not read without problems.")
    parts: list[compiled.HtmlPart | compiled.QuestionPart] = []
    for at, html in enumerate(pieces):
        if html:
            parts.append(compiled.HtmlPart(html=html))
        if at < len(page.questions):
            parts.append(compiled.QuestionPart(key=page.questions[at].key))
    words = len(re.sub(r"<[^>]*>", " ", " ".join([front.lead, *pieces])).split())
    minutes = words / WORDS_A_MINUTE + _question_minutes(page)
    return compiled.Page(
        number=page.number,
        slug=page.slug,
        title=front.title,
        lead=front.lead.strip(),
        content_note=front.content_note.strip(),
        sensitive=front.sensitive,
        words=tuple(compiled.Word(**word.model_dump()) for word in front.words),
        facts=tuple(compiled.Fact(**fact.model_dump()) for fact in front.facts),
        minutes=max(1, math.ceil(minutes)),
        parts=tuple(parts),
    )


def _question_minutes(page: PageSource) -> int:
    """The questions' time. Of those that stand in for each other a learner answers one: the longest is counted."""
    longest: dict[str, int] = {}
    for question in page.questions:
        if question.yaml is not None:
            group = question.yaml.instead_of or question.key
            longest[group] = max(longest.get(group, 0), QUESTION_MINUTES[question.yaml.kind])
    return sum(longest.values())


def _question(source: QuestionSource, number: int, page: int, prompt_html: str) -> compiled.Question:
    yaml = source.yaml
    if yaml is None:
        raise ValueError(f"{source.path}:{source.line} was not read without problems.")
    further = tuple((found[1], found[2]) for text in yaml.criteria if (found := course_format.FURTHER.fullmatch(text)))
    own = tuple(text for text in yaml.criteria if not course_format.FURTHER.fullmatch(text))
    shared = {"kind", "criteria", "prompt", "title", "hint", "evidence", "instead_of", "own_life", "fields_"}
    particular = {**_NOT_GIVEN, **yaml.model_dump(exclude=shared)}
    if isinstance(yaml, course_format.LogYaml):
        particular["fields"] = _log_fields(yaml)
    return compiled.Question.model_validate(
        {
            **particular,
            "key": source.key,
            "number": number,
            "page": page,
            "kind": yaml.kind,
            "title": yaml.title.strip(),
            "prompt": yaml.prompt,
            "prompt_html": prompt_html,
            "hint": yaml.hint.strip(),
            "criteria": own,
            "further": further,
            "evidence": is_evidence(source),
            "instead_of": yaml.instead_of,
        }
    )


def _log_fields(yaml: course_format.LogYaml) -> tuple[compiled.LogField, ...]:
    """The boxes of an entry, named by their labels, so that a draft survives another order of them."""
    found: dict[str, compiled.LogField] = {}
    for at, box in enumerate(yaml.fields_, start=1):
        name = re.sub(r"[^a-z0-9]+", "-", box.label.lower()).strip("-") or "field"
        name = f"{name}-{at}" if name in found else name
        found[name] = compiled.LogField(name=name, label=box.label, kind=box.kind)
    return tuple(found.values())


_NOT_GIVEN: dict[str, object] = {
    "words": None,
    "starters": (),
    "alternatives": (),
    "ai": "none",
    "options": (),
    "items": (),
    "why": "",
    "pairs": (),
    "accept": (),
    "files": 0,
    "fields": (),
    "entries": None,
    "statement": "",
}
