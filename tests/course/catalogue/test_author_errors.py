"""Each mistake an author can make is refused, at its own file and line, with a sentence that says what to do."""

import os
from pathlib import Path

import pytest

from course.catalogue.problems import shown
from tests.support.qualifications import Content

ONE = "1-clean-hands.md"
TWO = "2-safe-food.md"
QUALIFICATION = "modules/food-hygiene/qualification.yaml"
MODULE = "module.yaml"

# what is wrong: file, old text, new text, a text on the line that is named, part of the sentence
MISTAKES = {
    "broken yaml": (MODULE, "title: Food", "title: [Food", "level: 1", "broken YAML"),
    "colon in text": (MODULE, "title: Food hygiene", "title: Food: hygiene", "title: Food:", "quotation marks"),
    "open quotation mark": (ONE, "ai: spelling", 'ai: "spelling', 'ai: "spelling', "quotation mark"),
    "tab": (MODULE, "  live: 2", "\tlive: 2", "\tlive: 2", "broken YAML"),
    "unknown key": (ONE, "hint: Think", "hnit: Think", "hnit: Think", "Did you mean “hint”?"),
    "unknown key in module": (MODULE, "hours:", "hour:", "hour:", "Did you mean “hours”?"),
    "unknown key in option": (ONE, "why: Dirt", "because: Dirt", "because: Dirt", "is not a key known here"),
    "key of another kind": (TWO, "items:", "words: 1-2\nitems:", "words: 1-2", "“words” is not a key known here"),
    "repeated yaml key": (ONE, "ai: spelling", "ai: spelling\nai: none", "ai: none", "Remove one “ai”"),
    "alias": (TWO, "sensitive: yes", "sensitive: *yes", "sensitive: *yes", "alias"),
    "anchor": (TWO, "sensitive: yes", "sensitive: &a yes", "sensitive: &a", "anchor"),
    "tag": (TWO, "sensitive: yes", "sensitive: !!bool yes", "sensitive: !!bool", "tag"),
    "missing title": (TWO, "title: Keeping food safe\n", "", "content-note", "Add “title”."),
    "missing kind": (TWO, "kind: order\n", "", "criteria: [\"2.1\"]", "Give the question a “kind”"),
    "unknown kind": (TWO, "kind: order", "kind: puzzle", "kind: puzzle", "Give the question a “kind”"),
    "yes or no": (ONE, "right: no", "right: false", "right: false", "Write yes or no, not “false”."),
    "words range": (ONE, "words: 20-80", "words: 80-20", "words: 80-20", "fewest to most"),
    "words not a range": (ONE, "words: 20-80", "words: lots", "words: lots", "fewest to most"),
    "bad alternative": (ONE, "[voice, scribe]", "[voice, poem]", "alternatives:", "must be one of"),
    "bad date": (ONE, "checked: 2026-11-24", "checked: last week", "checked: last", "year-month-day"),
    "bad number": (MODULE, "live: 2", "live: two", "live: two", "whole number"),
    "bad status": (MODULE, "status: ready", "status: done", "status: done", "must be one of"),
    "key in capitals": (ONE, "question when-to-wash", "question When", "question When", "one key of small letters"),
    "no key": (ONE, "question when-to-wash", "question", "```question", "one key of small letters"),
    "key used twice": (TWO, "question store-a-delivery", "question when-to-wash", "tion when-to-wash", "another key"),
    "unclosed question": (ONE, "ai: spelling\n```", "ai: spelling", "question when-to-wash", "Close this question"),
    "unclosed code": (ONE, "## What to wear", "~~~\n## What to wear", "~~~", "Close this code"),
    "indented question": (TWO, "```question store", "  ```question store", "  ```question", "beginning of the line"),
    "no such criterion": (ONE, '["1.1"]', '["1.7"]', '["1.7"]', "this unit has no 1.7"),
    "no such criterion elsewhere": (ONE, '["1.1"]', '["1.1", "U3:1.1"]', '"U3:1.1"', "U3 has no 1.1"),
    "own unit as another": (ONE, '["1.1"]', '["1.1", "U1:1.2"]', '"U1:1.2"', "without “U1:”"),
    "criterion twice": (ONE, '["1.1"]', '["1.1", "1.1"]', '["1.1", "1.1"]', "once only"),
    "criterion that is none": (ONE, '["1.1"]', '["first"]', '["first"]', "such as 2.2"),
    "criterion without evidence": (TWO, "evidence: yes", "evidence: no", "criterion: 2.1", "counts as evidence"),
    "option without why": (ONE, "    why: Dirt hides below the strap.\n", "", "text: A watch", "Add “why”."),
    "two equal options": (ONE, "text: A watch", "text: A clean apron", "options:", "could not tell them apart"),
    "two equal items": (TWO, "Put chilled food", "Put frozen food", "items:", "could not tell them apart"),
    "order without why": (TWO, "why: The coldest", "hint: The coldest", "kind: order", "Add “why”."),
    "instead-of nothing": (TWO, "of: allergy-at-table-four", "of: nothing", "of: nothing", "there is no “nothing”"),
    "dead page link": (ONE, "(2-safe-food.md)", "(3-more.md)", "(3-more.md)", "no page “3-more.md”"),
    "dead link to another unit": (ONE, "(2-safe-food.md)", "(../02-x/1-a.md)", "(../02-x", "in a unit that is ready"),
    "dead anchor": (ONE, "(2-safe-food.md)", "(#wash)", "(#wash)", "no heading of this page"),
    "dead link by reference": (ONE, "[the delivery](2-safe-food.md).", "[delivery][d].\n\n[d]: x.md", "[d].", "x.md"),
    "insecure link": (ONE, "(2-safe-food.md)", "(http://a.example)", "(http://", "begins with https://"),
    "bare address as link": (ONE, "[the delivery](2-", "[https://x.example](2-", "[https", "instead of its address"),
    "address in brackets": (ONE, "[the delivery](2-safe-food.md)", "<https://x.example>", "<https", "Write words for"),
    "link that says here": (ONE, "[the delivery]", "[here]", "[here]", "Say where this link leads"),
    "dead picture": (ONE, "media/hands.svg", "media/feet.svg", "feet.svg", "Add the picture"),
    "picture elsewhere": (ONE, "media/hands.svg", "https://x.example/a.png", "x.example", "lies elsewhere"),
    "no alternative text": (ONE, "![A drawing of two hands under a tap]", "![]", "![](", "Describe this picture"),
    "raw picture without text": (ONE, "## What to", '<img src="media/hands.svg">\n\n## What to', "<img", "Describe"),
    "top heading": (TWO, "## When a", "# When a", "# When a", "only top heading"),
    "top heading underlined": (TWO, "## When a delivery comes", "Here it is\n===", "Here it is", "only top heading"),
    "skipped heading": (TWO, "## When somebody", "#### When somebody", "#### When", "Begin this heading with “###”"),
    "starts too low": (TWO, "## When a", "### When a", "### When a", "Begin this heading with “##”"),
    "heading in a prompt": (TWO, "  A customer", "  ## Well\n\n  A customer", "## Well", "Remove the heading"),
    "raw heading": (TWO, "Cold food", "<h4>Cold</h4> food", "<h4>", "Write the heading in Markdown"),
    "table without headings": (ONE, "| After | Seconds |\n| --- | ---: |\n", "", "| Raw meat", "heading row"),
    "empty column heading": (ONE, "| After |", "| |", "| --- |", "every column"),
    "raw table": (TWO, "Cold food", "<table><tr><td>Cold</td></tr></table>\n\nfood", "<table>", "table in Markdown"),
    "film": (TWO, "Cold food", '<video src="a.mp4"></video>\n\nfood', "<video", "transcript"),
    "unknown box": (ONE, "!!! note", "!!! boo", "!!! boo", "one of the boxes"),
    "unclosed comment": (TWO, "Never guess", "Or <!-- never guess", "Or <!--", "Close this comment"),
    "long line": (TWO, "Cold food", "Cold " * 1500, "Cold Cold", "Break this line"),
    "null byte": (TWO, "Cold food", "Cold \x00 food", "food goes away", "invisible character U+0000"),
    "no front matter": (TWO, "---\ntitle", "title", "title:", "Begin the page with a line “---”"),
    "front matter not closed": (TWO, "yes\n---\n", "yes\n", "---", "Close the head"),
    "criterion number twice": (MODULE, "criterion: 1.2", "criterion: 1.1", "text: Identify", "used already"),
    "criterion number jumps": (MODULE, "criterion: 1.2", "criterion: 1.3", "criterion: 1.3", "Number this"),
    "outcome number jumps": (MODULE, "outcome: 2", "outcome: 3", "outcome: 3", "Number this outcome 2"),
    "credit where none is given": (MODULE, "credit: none", "credit: 3", "credit: 3", "credit: none"),
    "unit not on disk": (QUALIFICATION, "  - 01-food", "  - 02-more\n  - 01-food", "02-more", "Make the folder"),
    "unit listed twice": (
        QUALIFICATION, "work\n", "work\n  - 01-food-hygiene-at-work\n", "combination", "listed already"
    ),
    "combination names nothing": (QUALIFICATION, "[U1]", "[U1, U4]", "[U1, U4]", "Correct “U4”"),
    "combination forgets a unit": (QUALIFICATION, "mandatory: [U1]", "optional: []", "combination:", "leaves it out"),
    "combination chooses too many": (
        QUALIFICATION, "mandatory: [U1]", "optional: [{choose: 2, from: [U1]}]", "choose: 2", "between 1 and 1"
    ),
    "no units": (QUALIFICATION, "  - 01-food-hygiene-at-work\n", "  []\n", "units:", "at least 1"),
}  # fmt: skip

# The problem is named in another file, or on the line above a text that can be told from others.
ELSEWHERE = {
    "criterion without evidence": (MODULE, 0),
    "criterion number twice": (MODULE, -1),
    "unit listed twice": (QUALIFICATION, -1),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line(content: Content, mistake: str) -> None:
    assert content.problems() == []
    file, old, new, at, sentence = MISTAKES[mistake]
    content.change(file, old, new)
    named, offset = ELSEWHERE.get(mistake, (file, 0))
    place = (shown(content.file(named)), content.line_of(named, at) + offset)
    found = content.problems()
    assert any((problem.path, problem.line) == place and sentence in problem.sentence for problem in found), (
        place,
        *map(str, found),
    )


def test_a_choice_needs_a_right_option(content: Content) -> None:
    path = content.file(ONE)
    path.write_text(path.read_text().replace("right: yes", "right: no"))
    [problem] = [found for found in content.problems() if "Mark at least one" in found.sentence]
    assert problem.line == content.line_of(ONE, "options:")


def test_questions_that_stand_in_for_each_other_name_the_same_criteria(content: Content) -> None:
    content.change(TWO, 'criteria: ["2.2", "1.1"]\ninstead-of', 'criteria: ["2.2"]\ninstead-of')
    [problem] = content.problems()
    assert problem.line == content.line_of(TWO, "instead-of")
    assert "the same criteria" in problem.sentence


def test_every_problem_is_reported_at_once(content: Content) -> None:
    content.change(ONE, "hint:", "hnit:")
    content.change(TWO, "kind: order", "kind: puzzle")
    content.change(QUALIFICATION, "[U1]", "[U2]")
    content.change(ONE, "![A drawing of two hands under a tap]", "![]")
    assert {Path(problem.path).name for problem in content.problems()} == {ONE, TWO, "qualification.yaml"}
    assert len(content.problems()) >= 5


def test_a_problem_prints_as_path_line_and_sentence(content: Content) -> None:
    content.change(ONE, "hint:", "hnit:")
    [problem] = content.problems()
    assert str(problem) == f"{shown(content.file(ONE))}:34: “hnit” is not a key known here. Did you mean “hint”?"


def test_a_page_that_is_not_utf8_is_named_with_its_line(content: Content) -> None:
    content.file(TWO).write_bytes(b"---\ntitle: Caf\xe9\n---\n\nWords.\n")
    assert any(p.line == 2 and "UTF-8" in p.sentence and p.path.endswith(TWO) for p in content.problems())


def test_a_picture_over_its_budget_is_refused(content: Content) -> None:
    svg = content.file("media/hands.svg")
    svg.write_text(svg.read_text() + "<!--" + "x" * 60_000 + "-->")
    [problem] = content.problems()
    assert "60 KB is the most" in problem.sentence


@pytest.mark.parametrize(
    "harm", ["<script>alert(1)</script>", '<a onclick="x()"/>', '<image href="https://x.example"/>']
)
def test_a_drawing_that_does_more_than_draw_is_refused(content: Content, harm: str) -> None:
    content.change("media/hands.svg", "</svg>", f"\n{harm}</svg>")
    [problem] = content.problems()
    assert problem.line == 2
    assert "a drawing holds no scripts" in problem.sentence


def test_a_drawing_may_point_to_its_own_parts(content: Content) -> None:
    own = '<g id="a"/><use href="#a"/><rect fill="url(\'#b\')"/><rect fill="url( #b )"/>'
    content.change("media/hands.svg", "</svg>", f"{own}</svg>")
    assert content.problems() == []


def test_a_file_that_is_not_what_its_name_says_is_refused(content: Content) -> None:
    content.file("media/photo.png").write_bytes(b"<html>")
    [problem] = content.problems()
    assert "photo.png" in problem.path


def test_film_and_sound_are_refused_with_the_reason(content: Content) -> None:
    content.file("media/talk.mp4").write_bytes(b"x")
    [problem] = content.problems()
    assert "write what they say" in problem.sentence


def test_links_out_of_the_folder_are_not_followed(content: Content) -> None:
    os.symlink("/etc/hostname", content.file("3-secrets.md"))
    os.symlink(content.file("media"), content.file("media/loop"))
    os.symlink("loop", content.root / "modules/loop")
    found = content.problems()
    assert len(found) == 3
    assert all("links to other places are not followed" in problem.sentence for problem in found)


def test_what_is_neither_file_nor_folder_is_named(content: Content) -> None:
    os.mkfifo(content.file("3-pipe.md"))
    [problem] = content.problems()
    assert "neither a file nor a folder" in problem.sentence


def test_an_unreadable_page_is_named_and_the_others_are_read(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refuse(path: Path, *args: object, **named: object) -> object:
        if path.name == TWO:
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", refuse)
    source, found = content.read()
    assert any("permission denied" in problem.sentence and problem.path.endswith(TWO) for problem in found)
    assert [page.file for page in source.units[0].pages] == [ONE]


def test_a_page_of_a_hundred_megabytes_is_refused_unread(content: Content) -> None:
    with content.file("3-huge.md").open("wb") as file:
        file.truncate(100_000_000)
    [problem] = content.problems()
    assert "1,000 KB is the most" in problem.sentence


def test_a_stray_file_is_named(content: Content) -> None:
    content.add("notes.txt", "x")
    [problem] = content.problems()
    assert problem.path.endswith("notes.txt")


def test_pages_count_up_without_a_gap(content: Content) -> None:
    content.file(TWO).rename(content.file("3-safe-food.md"))
    content.change(ONE, "2-safe-food.md", "3-safe-food.md")
    [problem] = content.problems()
    assert "Name this page 2-safe-food.md" in problem.sentence


def test_a_folder_that_is_not_listed_is_named(content: Content) -> None:
    content.file("modules/food-hygiene/02-more").mkdir()
    content.change(MODULE, "title", "title")
    (content.root / "modules/food-hygiene/02-more/module.yaml").write_text(content.file(MODULE).read_text())
    assert any("Add “02-more” to “units”" in problem.sentence for problem in content.problems())


def test_a_planned_unit_needs_no_pages_and_no_questions(content: Content) -> None:
    content.change(MODULE, "status: ready", "status: planned")
    content.file(ONE).unlink()
    content.file(TWO).unlink()
    assert content.problems() == []


def test_a_ready_unit_needs_pages(content: Content) -> None:
    content.file(ONE).unlink()
    content.file(TWO).unlink()
    assert any("Write the pages of this unit" in problem.sentence for problem in content.problems())


def test_a_folder_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    from course.catalogue.source import read_modules

    sources, [problem] = read_modules(tmp_path / "nowhere")
    assert sources == []
    assert "there is none here" in problem.sentence


def test_deep_nesting_is_refused(content: Content) -> None:
    content.change(QUALIFICATION, "level: 1", "level: " + "[" * 50 + "]" * 50)
    assert any("Nest less deeply" in problem.sentence for problem in content.problems())
