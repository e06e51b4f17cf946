"""Reads modules/ from disk: folders, strict YAML, pages and their question blocks; problems carry their line."""

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

from course.catalogue import format as course_format
from course.catalogue.problems import Problem, shown
from course.catalogue.strict_yaml import Located, Model, read_yaml, validate

MAX_TEXT_BYTES = 1_000_000
MAX_MEDIA_BYTES = 2_000_000

MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
}

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
UNIT_FOLDER = re.compile(r"[0-9]{2}-[a-z0-9]+(?:-[a-z0-9]+)*")
PAGE_FILE = re.compile(r"([1-9][0-9]?)-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
FENCE = re.compile(r"(`{3,}|~{3,})([^`]*)")
INDENTED_QUESTION = re.compile(r"[ \t>]+(?:`{3,}|~{3,}) *question\b")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True)
class Prose:
    """Markdown between questions; `line` is that of its first line."""

    line: int
    text: str


@dataclass(frozen=True)
class QuestionSource:
    """One question block; `yaml` is None when it could not be read, and its problem is reported."""

    key: str
    path: str
    line: int
    located: Located | None
    yaml: course_format.QuestionYaml | None


@dataclass(frozen=True)
class PageSource:
    """One Markdown page; `lines` are those of the body, numbered from `body_line`."""

    number: int
    slug: str
    file: str
    path: str
    front: course_format.FrontMatter | None
    blocks: tuple[Prose | QuestionSource, ...]
    located: Located | None = None
    """Its front matter, with the line of every key."""

    @property
    def questions(self) -> list[QuestionSource]:
        """The question blocks, in reading order."""
        return [block for block in self.blocks if isinstance(block, QuestionSource)]


@dataclass(frozen=True)
class MediaFile:
    """One file of media/."""

    name: str
    path: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class UnitSource:
    """One unit folder."""

    slug: str
    path: str
    located: Located | None
    yaml: course_format.ModuleYaml | None
    pages: tuple[PageSource, ...]
    media: dict[str, MediaFile]

    @property
    def questions(self) -> list[QuestionSource]:
        """The question blocks of all pages, in reading order."""
        return [question for page in self.pages for question in page.questions]


@dataclass(frozen=True)
class QualificationSource:
    """One qualification folder; `units` in the order of qualification.yaml."""

    slug: str
    path: str
    located: Located | None
    yaml: course_format.QualificationYaml | None
    units: tuple[UnitSource, ...]

    def code(self, slug: str) -> str:
        """The short name ("U4") of a unit in qualification.yaml, or "" when it is not listed."""
        units = self.yaml.units if self.yaml else ()
        return f"U{units.index(slug) + 1}" if slug in units else ""


def read_modules(directory: Path) -> tuple[list[QualificationSource], list[Problem]]:
    """Read every qualification below a directory (or the one it is); nothing stops at the first problem."""
    problems: list[Problem] = []
    if not directory.is_dir():
        return [], [Problem(shown(directory), 1, "Give the folder that holds the qualifications: there is none here.")]
    if (directory / "qualification.yaml").exists():
        return [read_qualification(directory, problems)], sorted(problems)
    found = [
        read_qualification(folder, problems)
        for folder in list_entries(directory, problems)
        if is_sound(folder, problems) and folder.is_dir()
    ]
    return found, sorted(problems)


def read_qualification(folder: Path, problems: list[Problem]) -> QualificationSource:
    """Read one qualification folder with all its units."""
    if not SLUG.fullmatch(folder.name):
        problems.append(Problem(shown(folder), 1, "Name the folder in small letters, figures and hyphens."))
    path = folder / "qualification.yaml"
    located, model = read_mapping(path, course_format.QualificationYaml, problems)
    listed = list(model.units) if model else []
    units: list[UnitSource] = []
    for entry in list_entries(folder, problems):
        if entry.name == "qualification.yaml" or not is_sound(entry, problems):
            continue
        if not entry.is_dir() or not UNIT_FOLDER.fullmatch(entry.name):
            problems.append(Problem(shown(entry), 1, "Remove this or name it like a unit folder, such as 01-the-role."))
            continue
        if model and entry.name not in listed:
            problems.append(Problem(shown(path), _units_line(located), f"Add “{entry.name}” to “units”, or remove it."))
        units.append(read_unit(entry, problems))
    present = {unit.slug for unit in units}
    for at, slug in enumerate(listed):
        line = located.line("units", at) if located else 1
        if listed.index(slug) != at:
            problems.append(Problem(shown(path), line, f"Remove “{slug}”: it is listed already."))
        elif slug not in present:
            problems.append(Problem(shown(path), line, f"Make the folder “{slug}” with a module.yaml, or remove it."))
    units.sort(key=lambda unit: listed.index(unit.slug) if unit.slug in listed else len(listed))
    return QualificationSource(folder.name, shown(path), located, model, tuple(units))


def _units_line(located: Located | None) -> int:
    return located.line("units") if located else 1


def read_unit(folder: Path, problems: list[Problem]) -> UnitSource:
    """Read one unit folder: module.yaml, pages in order, media."""
    path = folder / "module.yaml"
    located, model = read_mapping(path, course_format.ModuleYaml, problems)
    pages: list[PageSource] = []
    media: dict[str, MediaFile] = {}
    for entry in list_entries(folder, problems):
        if entry.name == "module.yaml" or not is_sound(entry, problems):
            continue
        name = PAGE_FILE.fullmatch(entry.name)
        if entry.name == "media" and entry.is_dir():
            media = _read_media(entry, problems)
        elif name and entry.is_file():
            page = read_page(entry, int(name[1]), name[2], problems)
            pages.extend([page] if page else [])
        else:
            problems.append(Problem(shown(entry), 1, "Remove this or name it like a page, such as 2-when-to-share.md."))
    pages.sort(key=lambda page: (page.number, page.file))
    return UnitSource(folder.name, shown(path), located, model, tuple(pages), media)


def _read_media(folder: Path, problems: list[Problem]) -> dict[str, MediaFile]:
    media: dict[str, MediaFile] = {}
    for entry in list_entries(folder, problems):
        if not is_sound(entry, problems):
            continue
        content_type = MEDIA_TYPES.get(entry.suffix.lower())
        if content_type is None or not entry.is_file():
            kinds = ", ".join(sorted(suffix[1:] for suffix in MEDIA_TYPES))
            advice = f"Use one of {kinds}. Film and sound have no place here: write what they say."
            problems.append(Problem(shown(entry), 1, advice))
            continue
        data = read_bytes(entry, problems, MAX_MEDIA_BYTES)
        if data is not None:
            media[entry.name] = MediaFile(entry.name, shown(entry), content_type, data)
    return media


def list_entries(folder: Path, problems: list[Problem]) -> list[Path]:
    """What a folder holds, in order of name, hidden files left out; an unreadable folder is a problem."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        problems.append(Problem(shown(folder), 1, f"Make this folder readable: {_reason(error)}."))
        return []


def is_sound(entry: Path, problems: list[Problem]) -> bool:
    """Whether an entry is a plain file or folder; a link or device is a problem, and is never followed."""
    try:
        mode = entry.lstat().st_mode
    except OSError as error:
        problems.append(Problem(shown(entry), 1, f"Make this readable: {_reason(error)}."))
        return False
    if stat.S_ISLNK(mode):
        problems.append(Problem(shown(entry), 1, "Put the file itself here: links to other places are not followed."))
        return False
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        problems.append(Problem(shown(entry), 1, "Remove this: it is neither a file nor a folder."))
        return False
    return True


def read_bytes(path: Path, problems: list[Problem], limit: int) -> bytes | None:
    """The bytes of a plain file no larger than `limit`; anything else is a problem, and None."""
    if not is_sound(path, problems):
        return None
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        problems.append(Problem(shown(path), 1, f"Make this file readable: {_reason(error)}."))
        return None
    if len(data) > limit:
        problems.append(Problem(shown(path), 1, f"Make this file smaller: {limit // 1000:,} KB is the most."))
        return None
    return data


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """A file as text with plain line ends; not UTF-8 is a problem and None, control characters are problems."""
    data = read_bytes(path, problems, MAX_TEXT_BYTES)
    if data is None:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(shown(path), line, "Save this file as UTF-8: this line holds bytes that are not."))
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for found in CONTROL.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        code = f"U+{ord(found[0]):04X}"
        problems.append(Problem(shown(path), line, f"Remove the invisible character {code} from this line."))
    return CONTROL.sub("", text)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def read_mapping(path: Path, model: type[Model], problems: list[Problem]) -> tuple[Located | None, Model | None]:
    """A YAML file and what its schema makes of it; each is None when it cannot be had."""
    if not path.exists() and not path.is_symlink():
        problems.append(Problem(shown(path), 1, f"Write this file: there is no {path.name}."))
        return None, None
    text = read_text(path, problems)
    located = read_yaml(text, shown(path), problems) if text is not None else None
    return located, validate(model, located, problems) if located else None


def read_page(path: Path, number: int, slug: str, problems: list[Problem]) -> PageSource | None:
    """Read one page: front matter, prose and question blocks. None when the file cannot be read at all."""
    text = read_text(path, problems)
    if text is None:
        return None
    lines = text.split("\n")
    where = shown(path)
    front, located, body = _front_matter(lines, where, problems)
    blocks = _split(lines, body, where, problems)
    return PageSource(number, slug, path.name, where, front, tuple(blocks), located)


def _front_matter(
    lines: list[str], path: str, problems: list[Problem]
) -> tuple[course_format.FrontMatter | None, Located | None, int]:
    """The front matter with its lines, and the index of the first line of the body."""
    if lines[0].rstrip() != "---":
        problems.append(Problem(path, 1, "Begin the page with a line “---”, its title, and another line “---”."))
        return None, None, 0
    for at in range(1, len(lines)):
        if lines[at].rstrip() == "---":
            located = read_yaml("\n".join(lines[1:at]), path, problems, first_line=2)
            front = validate(course_format.FrontMatter, located, problems) if located else None
            return front, located, at + 1
    problems.append(Problem(path, 1, "Close the head of the page with a line “---”."))
    return None, None, len(lines)


def _split(lines: list[str], start: int, path: str, problems: list[Problem]) -> list[Prose | QuestionSource]:
    """Cut the body into prose and question blocks. A fence inside another fence is only text."""
    blocks: list[Prose | QuestionSource] = []
    prose: list[str] = []
    prose_line = start + 1
    at = start
    while at < len(lines):
        fence = FENCE.fullmatch(lines[at].rstrip())
        if fence is None:
            if INDENTED_QUESTION.match(lines[at]):
                problems.append(Problem(path, at + 1, "Start the question block at the very beginning of the line."))
            prose.append(lines[at])
            at += 1
            continue
        is_question = fence[2].split()[:1] == ["question"]
        end = _closing(lines, at, fence[1], is_question)
        if end is None:
            what = "question" if is_question else "code"
            problems.append(Problem(path, at + 1, f"Close this {what} block with a line “{fence[1]}”."))
            end = _next_question(lines, at) if is_question else len(lines)
            inside, following = lines[at + 1 : end], end
        else:
            inside, following = lines[at + 1 : end], end + 1
        if is_question:
            if any(line.strip() for line in prose):
                blocks.append(Prose(prose_line, "\n".join(prose)))
            blocks.append(_question(fence[2].split()[1:], inside, path, at + 1, problems))
            prose, prose_line = [], following + 1
        else:
            prose.extend([lines[at], *inside, fence[1]])
        at = following
    if any(line.strip() for line in prose):
        blocks.append(Prose(prose_line, "\n".join(prose)))
    return blocks


def _closing(lines: list[str], opening: int, fence: str, is_question: bool) -> int | None:
    """The index of the line that closes a fence: the same sign, at least as many, and nothing after."""
    for at in range(opening + 1, len(lines)):
        line = lines[at].rstrip()
        if len(line) >= len(fence) and line == fence[0] * len(line):
            return at
        if is_question and FENCE.fullmatch(line) and FENCE.fullmatch(line)[2].split()[:1] == ["question"]:  # type: ignore[index]
            return None
    return None


def _next_question(lines: list[str], opening: int) -> int:
    for at in range(opening + 1, len(lines)):
        fence = FENCE.fullmatch(lines[at].rstrip())
        if fence and fence[2].split()[:1] == ["question"]:
            return at
    return len(lines)


def _question(words: list[str], inside: list[str], path: str, line: int, problems: list[Problem]) -> QuestionSource:
    key = words[0] if words else ""
    if len(words) != 1 or not course_format.KEY.fullmatch(key):
        advice = "Give the question one key of small letters, figures and hyphens, such as “question jo-tells-you”."
        problems.append(Problem(path, line, advice))
    located = read_yaml("\n".join(inside), path, problems, first_line=line + 1)
    if located is None:
        return QuestionSource(key, path, line, None, None)
    kind = located.data.get("kind")
    schema = course_format.QUESTION_KINDS.get(kind) if isinstance(kind, str) else None
    if schema is None:
        kinds = ", ".join(course_format.QUESTION_KINDS)
        problems.append(Problem(path, located.line("kind"), f"Give the question a “kind”, one of {kinds}."))
        return QuestionSource(key, path, line, located, None)
    return QuestionSource(key, path, line, located, validate(schema, located, problems))
