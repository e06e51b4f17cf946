"""Each kind of question keeps what its author wrote."""

from course.catalogue.compile import compile_qualification
from course.catalogue.compiled import LogField, Question
from tests.support.qualifications import Content

BLOCKS = """
```question uniform-photo
kind: upload
criteria: ["1.2"]
prompt: Send a photo of your clean uniform.
accept: [photo, pdf]
files: 3
```

```question fridge-log
kind: log
criteria: ["2.1"]
prompt: Write down the fridge's temperature each day.
fields: [What you did, {label: Date, kind: date}, {label: Degrees, kind: number}]
entries: 6-
```

```question seen-at-work
kind: witness
criteria: ["2.1"]
prompt: Ask your supervisor to confirm this.
statement: I saw this person put a delivery away safely.
ai: declared
```

```question germs-and-places
kind: match
criteria: ["1.1"]
prompt: Match each germ to its place.
pairs:
  - {left: Salmonella, right: Raw meat, why: Birds carry it.}
  - {left: Campylobacter, right: Raw meat, why: Birds carry it too.}
  - {left: Norovirus, right: Hands, why: People carry it.}
```
"""


def question(content: Content, key: str) -> Question:
    content.add("2-safe-food.md", BLOCKS)
    source, problems = content.read()
    assert problems == []
    return compile_qualification(source).units[0].question(key)


def test_an_upload_says_what_and_how_many(content: Content) -> None:
    found = question(content, "uniform-photo")
    assert (found.accept, found.files, found.evidence) == (("photo", "pdf"), 3, True)


def test_a_log_has_named_fields_and_at_least_so_many_entries(content: Content) -> None:
    found = question(content, "fridge-log")
    assert found.entries == (6, None)
    assert found.fields == (
        LogField(name="what-you-did", label="What you did", kind="text"),
        LogField(name="date", label="Date", kind="date"),
        LogField(name="degrees", label="Degrees", kind="number"),
    )


def test_a_witness_confirms_a_statement(content: Content) -> None:
    found = question(content, "seen-at-work")
    assert (found.statement, found.ai) == ("I saw this person put a delivery away safely.", "declared")


def test_a_right_hand_side_that_serves_twice_is_shown_once(content: Content) -> None:
    found = question(content, "germs-and-places")
    assert not found.evidence
    assert sorted(found.pairs[at].right for at in found.shown_rights) == ["Hands", "Raw meat"]
