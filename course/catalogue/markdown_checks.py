"""Checks of authored Markdown, line by line: headings, pictures, links, tables, boxes. Nothing is rendered here."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from course.catalogue.problems import Problem
from course.catalogue.source import MAX_MEDIA_BYTES, MediaFile, PageSource, Prose, QuestionSource

MAX_IMAGE_BYTES = 60_000
# Keeps the patterns below, and python-markdown's, quick on a line that somebody pasted by mistake.
MAX_LINE = 5_000
BOXES = ("note", "tip", "important", "example", "caution", "warning", "danger", "quote")
EMPTY_WORDS = {"here", "click here", "this", "link", "this link", "more", "read more", "this page"}

_FENCE = re.compile(r"(`{3,}|~{3,})")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
_HEADING = re.compile(r"(#{1,6})\s*(.*?)\s*#*\s*$")
_TARGET = r"""\(\s*(?:<([^<>]*)>|([^\s)]*))(?:\s+["'(][^)\[]*)?\s*\)"""
_IMAGE = re.compile(r"!\[([^\]]*)\]" + _TARGET)
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]" + _TARGET)
_REFERENCE = re.compile(r"\s{0,3}\[(?!\^)([^\]]+)\]:\s*<?(\S+?)>?(?:\s+[\"'(].*)?$")
_BY_REFERENCE = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\] ?\[([^\]]*)\]")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]+)>")
_BOX = re.compile(r"!!! ?([\w-]+)")
_TABLE_LINE = re.compile(r"\s{0,3}\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*$")
_RAW = re.compile(r"<(/?)(h[1-6]|img|a|table|video|audio|iframe|object|embed|form|input|button)\b([^>]*)>?", re.I)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.I)
_PAGE = re.compile(r"(?:\.\./([\w-]+)/)?([\w-]+\.md)")


@dataclass
class Surroundings:
    """What links and pictures of a page may point to."""

    media: dict[str, MediaFile]
    pages: set[str]
    other_pages: dict[str, set[str]]
    anchors: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    quoted: bool


def check_page(page: PageSource, around: Surroundings, slugify: Callable[[str], str]) -> Iterator[Problem]:
    """Every departure from the writing rules in a page's reading and prompts."""
    reading = [line for block in page.blocks if isinstance(block, Prose) for line in _lines(block.text, block.line)]
    around.anchors = {slugify(_plain(text)) for _, text, _ in _headings(reading)}
    yield from _check_headings(page.path, reading)
    yield from _check_text(page.path, reading, around)
    for question in page.questions:
        yield from _check_prompt(question, around)


def _check_prompt(question: QuestionSource, around: Surroundings) -> Iterator[Problem]:
    if question.yaml is None or question.located is None:
        return
    lines = list(_lines(question.yaml.prompt, question.located.text_line("prompt")))
    for number, _, _ in _headings(lines):
        yield Problem(question.path, number, "Remove the heading from this prompt: the question has its own title.")
    yield from _check_text(question.path, lines, around)


def _lines(text: str, first: int) -> Iterator[_Line]:
    """The lines that are prose: code and comments left out, quotation marks of blocks taken off."""
    fence = ""
    comment = 0
    for number, line in enumerate(text.split("\n"), start=first):
        opening = _FENCE.match(line)
        if fence or (opening and not comment):
            fence = "" if fence and line.rstrip() == fence else fence or (opening[0] if opening else "")
            continue
        line = _CODE_SPAN.sub(lambda found: "x" * len(found[0]), line)
        if comment:
            _, closed, line = line.partition("-->")
            comment = 0 if closed else comment
            if not closed:
                continue
        line, opened, _ = re.sub(r"<!--.*?-->", "", line).partition("<!--")
        comment = number if opened else 0
        stripped = re.sub(r"^(?:\s{0,3}>\s?)+", "", line)
        yield _Line(number, stripped, stripped != line)
    if comment:
        yield _Line(comment, "<!--", False)


def _headings(lines: list[_Line]) -> Iterator[tuple[int, str, int]]:
    """Line, text and level of each heading, in either of the two ways Markdown knows."""
    for at, line in enumerate(lines):
        found = _HEADING.match(line.text)
        if found:
            yield line.number, found[2], len(found[1])
        elif re.fullmatch(r"=+ *|-+ *", line.text) and at and lines[at - 1].text.strip():
            starts_block = at < 2 or not lines[at - 2].text.strip()
            if starts_block and lines[at - 1].number == line.number - 1 and not line.quoted:
                yield lines[at - 1].number, lines[at - 1].text.strip(), 1 if line.text[0] == "=" else 2


def _check_headings(path: str, lines: list[_Line]) -> Iterator[Problem]:
    previous = 1
    for number, text, level in _headings(lines):
        if not text:
            yield Problem(path, number, "Write something in this heading, or remove it.")
        if level == 1:
            yield Problem(path, number, "Begin this heading with “##”: the title of the page is its only top heading.")
            continue
        if level > previous + 1:
            wanted = "#" * (previous + 1)
            yield Problem(path, number, f"Begin this heading with “{wanted}”: a level is skipped.")
        previous = level


def _check_text(path: str, lines: list[_Line], around: Surroundings) -> Iterator[Problem]:
    targets = {found[1].lower(): found[2] for line in lines if (found := _REFERENCE.match(line.text))}
    for at, line in enumerate(lines):
        if len(line.text) > MAX_LINE:
            yield Problem(path, line.number, f"Break this line: {MAX_LINE:,} characters are the most.")
            continue
        for sentence in _check_line(line.text, around, targets):
            yield Problem(path, line.number, sentence)
        for sentence in _check_table(lines, at):
            yield Problem(path, line.number, sentence)


def _check_line(text: str, around: Surroundings, targets: dict[str, str]) -> Iterator[str]:
    for found in _IMAGE.finditer(text):
        yield from _check_image(found[1], found[2] or found[3] or "", around)
    for found in _LINK.finditer(_IMAGE.sub("picture", text)):
        yield from _check_link(found[1], found[2] or found[3] or "", around)
    for found in _BY_REFERENCE.finditer(text):
        target = targets.get((found[3] or found[2]).lower())
        if target is not None:
            yield from (_check_image if found[1] else _check_link)(found[2], target, around)
    for _ in _AUTOLINK.finditer(text):
        yield "Write words for this link, such as [What Release does](https://…): an address read aloud helps nobody."
    if text == "<!--":
        yield "Close this comment with “-->”: it hides everything after it."
    box = _BOX.match(text)
    if box and box[1] not in BOXES:
        yield f"Use one of the boxes {', '.join(BOXES)}, not “{box[1]}”."
    for found in _RAW.finditer(text):
        if not found[1]:
            yield from _check_raw(found[2].lower(), found[3], text[found.end() :], around)


def _check_image(alt: str, target: str, around: Surroundings) -> Iterator[str]:
    if not alt.strip():
        yield "Describe this picture between the square brackets, for people who cannot see it."
    name = target.removeprefix("media/")
    if name == target or "/" in name:
        yield f"Put this picture into “media/” and name it there: “{target}” lies elsewhere."
    elif name not in around.media:
        yield f"Add the picture “{target}”, or correct its name: there is none."
    elif not around.media[name].content_type.startswith("image/"):
        yield f"Link to “{target}” instead: it is not a picture."


def _check_link(text: str, target: str, around: Surroundings) -> Iterator[str]:
    words = _plain(text)
    if not words or _ADDRESS.fullmatch(words):
        yield "Write words for this link that say where it leads, instead of its address."
    elif words.lower().rstrip(".…") in EMPTY_WORDS:
        yield f"Say where this link leads: “{words}” means nothing when it is read alone."
    yield from _check_target(target, around)


def _check_target(target: str, around: Surroundings) -> Iterator[str]:
    if target.lower().startswith("http://"):
        yield f"Use the address that begins with https:// instead of “{target}”."
    if re.match(r"[a-z][a-z0-9+.-]*:", target, re.I):
        return
    path, _, anchor = target.partition("#")
    page = _PAGE.fullmatch(path)
    if not target:
        yield "Say where this link leads: its address is empty."
    elif not path:
        if anchor not in around.anchors:
            yield f"Correct this link: no heading of this page is called “#{anchor}”."
    elif page and page[1]:
        if page[2] not in around.other_pages.get(page[1], set()):
            yield f"Correct this link: there is no page “{path}” in a unit that is ready."
    elif page:
        if page[2] not in around.pages:
            yield f"Correct this link: there is no page “{path}” in this unit."
    elif path.removeprefix("media/") not in around.media or not path.startswith("media/"):
        yield f"Correct this link: there is no page or media file “{path}”."


def _check_raw(tag: str, attributes: str, rest: str, around: Surroundings) -> Iterator[str]:
    given = {found[1].lower(): found[2] or found[3] or found[4] or "" for found in _ATTRIBUTE.finditer(attributes)}
    if tag == "img":
        yield from _check_image(given.get("alt", ""), given.get("src", ""), around)
    elif tag == "a":
        yield from _check_link(rest.split("<", 1)[0] or "picture", given.get("href", ""), around)
    elif tag in ("video", "audio"):
        yield "Write what the film or sound says: film and sound have no place here without captions and transcript."
    elif tag == "table":
        yield "Write the table in Markdown, with a heading row."
    elif tag[0] == "h":
        yield "Write the heading in Markdown, such as “## Heading”."
    else:
        yield f"Remove “<{tag}>”: it is not shown."


def _check_table(lines: list[_Line], at: int) -> Iterator[str]:
    text = lines[at].text
    above = lines[at - 1].text if at else ""
    if _TABLE_LINE.match(text) and "|" in text and "|" in above:
        cells = above.strip().strip("|").split("|")
        if any(not cell.strip() for cell in cells):
            yield "Give every column of this table a heading, in the line above."
    starts = text.lstrip().startswith("|") and not above.lstrip().startswith("|")
    below = lines[at + 1].text if at + 1 < len(lines) else ""
    if starts and below.lstrip().startswith("|") and not _TABLE_LINE.match(below):
        yield "Begin this table with a heading row and a line such as “| --- | --- |”."


def _plain(text: str) -> str:
    """Words of a heading or link without their marks."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[*_`]|<[^>]+>|\[\^[^\]]*\]", "", text).strip()


def check_media(media: dict[str, MediaFile]) -> Iterator[Problem]:
    """Pictures over the size budget, and drawings that carry more than a drawing."""
    for file in media.values():
        if file.content_type.startswith("image/") and len(file.data) > MAX_IMAGE_BYTES:
            size = f"{len(file.data) / 1000:.0f} KB"
            yield Problem(file.path, 1, f"Make this picture smaller: it has {size}, 60 KB is the most.")
        if file.content_type == "image/svg+xml":
            yield from _check_drawing(file)
        elif not _looks_right(file):
            yield Problem(file.path, 1, f"Save this file again: its content is not what “{file.name}” says.")


_DANGER = re.compile(
    rb"<\s*script|<\s*foreignObject|<!ENTITY|<!DOCTYPE|\son\w+\s*=|javascript:|<\?xml-stylesheet|@import"
    rb"|(?:href|src)\s*=\s*[\"'](?!\s*(?:#|data:image/(?:png|jpeg|webp)))|url\((?!\s*[\"']?#)",
    re.I,
)


def _check_drawing(file: MediaFile) -> Iterator[Problem]:
    if b"<svg" not in file.data[:2000]:
        yield Problem(file.path, 1, f"Save this file again: its content is not what “{file.name}” says.")
    for found in _DANGER.finditer(file.data):
        line = file.data.count(b"\n", 0, found.start()) + 1
        what = found[0].decode("utf-8", "replace").strip()[:30]
        yield Problem(file.path, line, f"Remove “{what}”: a drawing holds no scripts and points to nothing outside.")


_SIGNATURES = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
}


def _looks_right(file: MediaFile) -> bool:
    assert len(file.data) <= MAX_MEDIA_BYTES
    return file.data.startswith(_SIGNATURES[file.content_type])
