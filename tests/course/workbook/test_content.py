"""Words are stored in one clean form, and every kind of answer reads back as it was written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.datastructures import MultiDict

from course.catalogue.compiled import LogField, Option, Pair, Question
from course.workbook import content as contents
from course.workbook import forms
from course.workbook.content import ChoiceContent, LogContent, MatchContent, OrderContent, TextContent, UploadContent

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def question(kind: str, **more: Any) -> Question:
    plain: dict[str, Any] = {
        "key": "k", "number": 1, "page": 1, "kind": kind, "title": "", "prompt": "?", "prompt_html": "<p>?</p>",
        "hint": "",
        "criteria": ("1.1",), "further": (), "evidence": True, "instead_of": None, "words": None, "starters": (),
        "alternatives": (), "ai": "none", "options": (), "items": (), "why": "", "pairs": (), "accept": (), "files": 0,
        "fields": (), "entries": None, "statement": "",
    }  # fmt: skip
    return Question(**plain | more)


CHOICE = question(
    "choice",
    options=(
        Option(text="a", right=True, why="w"),
        Option(text="b", right=False, why="w"),
        Option(text="c", right=True, why="w"),
    ),
)
ORDER = question("order", items=("first", "second", "third"))
MATCH = question("match", pairs=(Pair(left="l1", right="r1", why="w"), Pair(left="l2", right="r2", why="w")))
LOG = question(
    "log",
    fields=(LogField(name="day", label="Day", kind="date"), LogField(name="what", label="What", kind="text")),
    entries=(2, None),
)


def test_text_is_cleaned_but_marks_of_direction_and_emoji_stay() -> None:
    assert contents.clean("a\r\nb\rc\x00d") == "a\nb\ncd"
    assert contents.clean("e\u0301") == "é"
    assert contents.clean("\u202bשלום\u202c 👩‍🚀") == "\u202bשלום\u202c 👩‍🚀"


@pytest.mark.parametrize(
    "content",
    [
        TextContent(kind="extended", text="Words\n\nand “more” 👋", files=(uuid4(),)),
        ChoiceContent(chosen=("a",), tries=(contents.Try(given=("b",), right=False, at=NOON),)),
        OrderContent(order=("second", "", "first")),
        MatchContent(pairs=(("l1", "r2"),)),
        UploadContent(files=(uuid4(), uuid4()), note="Two photos"),
        LogContent(entries=({"day": "2026-11-20", "what": "Met Jo"},)),
    ],
)
def test_every_kind_reads_back_as_it_was_written(content: contents.Content) -> None:
    assert contents.loads(contents.dumps(content)) == content


def test_a_choice_is_right_only_with_every_right_option_and_no_other() -> None:
    assert contents.is_right(CHOICE, ChoiceContent(chosen=("c", "a")))
    assert not contents.is_right(CHOICE, ChoiceContent(chosen=("a",)))
    assert not contents.is_right(CHOICE, ChoiceContent(chosen=("a", "b", "c")))


def test_only_a_right_and_checked_answer_can_be_handed_in() -> None:
    right = ChoiceContent(chosen=("a", "c"))
    assert contents.missing(CHOICE, right)
    checked = contents.tried(right, CHOICE, NOON)
    assert contents.missing(CHOICE, checked) is None
    changed = checked.model_copy(update={"chosen": ("a", "b")})
    assert contents.missing(CHOICE, changed)
    assert len(contents.tried(changed, CHOICE, NOON).tries) == 2


def test_the_form_of_an_order_does_not_know_the_right_order() -> None:
    """Each item is named by where it is shown, not by where it belongs."""
    shown = [ORDER.items[at] for at in ORDER.shown_items]
    form = MultiDict({f"place-{at}": str(ORDER.items.index(item) + 1) for at, item in enumerate(shown)})
    content, _ = forms.read_content(ORDER, form, contents.empty(ORDER))
    assert content == OrderContent(order=ORDER.items)
    assert contents.is_right(ORDER, content)
    twice, _ = forms.read_content(
        ORDER, MultiDict({"place-0": "1", "place-1": "1", "place-2": "9x"}), contents.empty(ORDER)
    )
    assert isinstance(twice, OrderContent)
    assert not contents.is_complete(ORDER, twice)


def test_a_match_is_right_when_every_pair_is() -> None:
    rights = [MATCH.pairs[at].right for at in MATCH.shown_rights]
    form = MultiDict({"right-0": str(rights.index("r1")), "right-1": str(rights.index("r2"))})
    content, _ = forms.read_content(MATCH, form, contents.empty(MATCH))
    assert contents.is_right(MATCH, content)


def test_a_log_keeps_its_entries_in_order_and_drops_empty_ones() -> None:
    form = MultiDict(
        {
            "entry-0-day": "2026-11-20",
            "entry-0-what": "a",
            "entry-1-what": " ",
            "entry-10-what": "b",
            "entry-10-day": "2026-11-22",
            "entry-2-what": "c",
            "entry-2-day": "2026-11-21",
        }
    )
    content, _ = forms.read_content(LOG, form, contents.empty(LOG))
    assert isinstance(content, LogContent)
    assert [entry["what"] for entry in content.entries] == ["a", "c", "b"]
    assert contents.missing(LOG, content) is None
    assert contents.as_text(content, LOG).startswith("Day: 2026-11-20\nWhat: a")
    short = content.model_copy(update={"entries": content.entries[:1]})
    assert "at least 2 entries" in (contents.missing(LOG, short) or "")


def test_too_many_words_are_refused_with_their_number() -> None:
    text = question("extended")
    content, problem = forms.read_content(text, MultiDict({"text": "a" * 50_001}), contents.empty(text))
    assert "50,001" in (problem or "")
    assert isinstance(content, TextContent)
    assert len(content.text) == 50_001, "the words are given back"
