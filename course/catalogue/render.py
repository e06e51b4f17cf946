"""Markdown to safe HTML, run as a process of its own with a limit on its time: python render.py < jobs > results.

Some short texts take python-markdown minutes, so no other process ever calls it. Standard library, Markdown and nh3
only: the file is started by its path, not imported with the application. A job is one line of JSON, so is a result.
"""

import json
import re
import sys
from typing import Any, TypedDict

import markdown
import nh3
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.toc import TocExtension, slugify

# An id of the author's page can never be one of the page around it.
ID_PREFIX = "s-"

BOXES = {"note", "tip", "important", "example", "caution", "warning", "danger", "quote"}
TAGS = {
    *("p", "br", "hr", "div", "span", "blockquote", "pre", "code", "details", "summary", "figure", "figcaption"),
    *("h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
    *("a", "img", "abbr", "strong", "em", "b", "i", "del", "ins", "sup", "sub", "kbd", "cite", "q", "small"),
}
ATTRIBUTES = {
    "a": {"href", "title", "id"},
    "abbr": {"title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "li": {"id"},
    "sup": {"id"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
CLASSES = {
    "div": {"admonition", "footnote", *BOXES},
    "p": {"admonition-title"},
    "a": {"footnote-ref", "footnote-backref"},
    "th": {"num", "centre"},
    "td": {"num", "centre"},
}
SCHEMES = {"https", "mailto", "tel"}
ID = re.compile(rf"(?:{ID_PREFIX}[\w-]+|fn(?:ref\d*)?:[\w-]+)")


class Job(TypedDict):
    """One text: `slots` are the tokens that stand for questions; `images` and `links` what addresses become."""

    text: str
    slots: list[str]
    images: dict[str, tuple[str, int, int]]
    links: dict[str, str]
    is_page: bool


class Aligned(markdown.treeprocessors.Treeprocessor):
    """Says alignment with a class, since the Content-Security-Policy forbids style, and what a heading cell heads."""

    def run(self, root: Any) -> None:
        for cell in root.iter():
            if cell.tag in ("th", "td"):
                style = cell.attrib.pop("style", "")
                if "right" in style:
                    cell.set("class", "num")
                elif "center" in style:
                    cell.set("class", "centre")
            if cell.tag == "th":
                cell.set("scope", "col")


def render(job: Job) -> list[str]:
    """The safe HTML before, between and after the slots: one piece more than there are slots.

    Raises ValueError when a slot was swallowed, for example by an unclosed comment.
    """
    extensions: list[Any] = ["tables", "fenced_code", "def_list", "admonition", "abbr", "sane_lists"]
    if job["is_page"]:
        extensions.append(FootnoteExtension(BACKLINK_TEXT="Back to the text", BACKLINK_TITLE=""))
        extensions.append(TocExtension(slugify=lambda text, sep: ID_PREFIX + slugify(text, sep)))
    converter = markdown.Markdown(extensions=extensions, output_format="html")
    converter.treeprocessors.register(Aligned(converter), "aligned", 5)
    text = job["text"]
    for slot in job["slots"]:
        text = text.replace(slot, f"\n\n{slot}\n\n")
    html = converter.convert(text)
    pieces = [html]
    for slot in job["slots"]:
        before, found, after = pieces.pop().partition(slot)
        if not found:
            raise ValueError(slot)
        pieces += [before.removesuffix("<p>"), after.removeprefix("</p>")]
    tables = [0]
    return [_finish(_sanitise(piece, job), job, tables) for piece in pieces]


def _sanitise(html: str, job: Job) -> str:
    def kept(tag: str, name: str, value: str) -> str | None:
        if name == "id":
            return value if ID.fullmatch(value) else None
        if name == "src":
            return job["images"][value][0] if value in job["images"] else None
        if name == "href":
            return _address(value, job)
        return value

    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        attribute_filter=kept,
        url_schemes=SCHEMES,
        link_rel=None,
    )


def _address(value: str, job: Job) -> str | None:
    """Where a link leads on the site: pages by number, media by content, own headings; other sites as they are."""
    path, sign, anchor = value.partition("#")
    if not path:
        return value if ID.fullmatch(anchor) else f"#{ID_PREFIX}{anchor}"
    if path in job["links"]:
        return job["links"][path] + (f"#{ID_PREFIX}{anchor}" if sign else "")
    return value if re.match(r"(?:https|mailto|tel):", value) else None


def _finish(html: str, job: Job, tables: list[int]) -> str:
    """What the sanitiser must not let authors write: sizes of pictures, and tables that scroll by themselves."""
    sizes = {address: (width, height) for address, width, height in job["images"].values()}

    def picture(found: re.Match[str]) -> str:
        width, height = sizes.get(found[2], (0, 0))
        size = f' width="{width}" height="{height}"' if width and height else ""
        return f'{found[1]}{size} loading="lazy"'

    def table(found: re.Match[str]) -> str:
        tables[0] += 1
        return f'<div class="scroll" role="region" aria-label="Table {tables[0]}" tabindex="0"><table>'

    html = re.sub(r'(<img [^>]*?src="([^"]*)")', picture, html)
    html = re.sub(r"<img (?![^>]*?src=)[^>]*>", "", html)
    html = html.replace(' title=""', "")
    html = re.sub(r"<table>", table, html).replace("</table>", "</table></div>")
    return re.sub(r'(<a class="footnote-ref" href="[^"]*")>([^<]*)', r'\1 aria-label="Note \2">\2', html).strip()


def _limit(seconds: int) -> None:
    """End this process when the next job takes more than so many seconds of its own time."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock alone ends a slow job
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


def main() -> None:
    """Answer each line of standard input with a line: the pieces, or the reason why there are none."""
    seconds = int(sys.argv[1])
    for line in sys.stdin.buffer:
        _limit(seconds)
        try:
            answer: dict[str, Any] = {"pieces": render(json.loads(line))}
        except Exception as error:  # whatever a parser trips over is the author's to know, and the rest goes on
            answer = {"refused": type(error).__name__}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
