"""What reading modules from disk keeps exactly as the author wrote it."""

from course.catalogue.source import Prose
from course.catalogue.strict_yaml import read_yaml
from tests.support.qualifications import Content


def test_every_scalar_stays_text() -> None:
    problems: list = []
    located = read_yaml("a: no\nb: 1.10\nc: 010\nd: null\ne: 2026-11-24\nf:\n", "x.yaml", problems)
    assert located is not None
    assert located.data == {"a": "no", "b": "1.10", "c": "010", "d": "null", "e": "2026-11-24", "f": ""}
    assert problems == []


def test_criterion_ten_is_not_criterion_one(content: Content) -> None:
    more = "".join(f"      - criterion: 1.{n}\n        text: Say number {n}.\n" for n in range(3, 11))
    content.change("module.yaml", "        topics: [2, 3]\n", f"        topics: [2, 3]\n{more}")
    content.change("1-clean-hands.md", 'criteria: ["1.1"]', "criteria: [1.1, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 1.10]")
    source, problems = content.read()
    assert problems == []
    assert source.units[0].questions[0].yaml.criteria[-1] == "1.10"


def test_a_question_fence_inside_another_fence_is_only_text(content: Content) -> None:
    content.add("2-safe-food.md", "\n````markdown\n```question not-a-question\nkind: short\n```\n````\n\nAfter it.\n")
    source, problems = content.read()
    assert problems == []
    assert "not-a-question" not in [question.key for question in source.units[0].questions]
    last = source.units[0].pages[1].blocks[-1]
    assert isinstance(last, Prose)
    assert "After it." in last.text


def test_code_in_a_prompt_does_not_end_the_question(content: Content) -> None:
    content.change("2-safe-food.md", "  A customer", "  ```\n  Table 4: nuts\n  ```\n\n  A customer")
    source, problems = content.read()
    assert problems == []
    assert "Table 4: nuts" in source.units[0].questions[3].yaml.prompt
    assert len(source.units[0].questions) == 7


def test_an_unclosed_question_does_not_swallow_the_next(content: Content) -> None:
    content.change("2-safe-food.md", "never let in.\n```", "never let in.")
    content.change("2-safe-food.md", "\n## When somebody has an allergy\n\nNever guess", "\nNever guess")
    source, _ = content.read()
    assert [question.key for question in source.units[0].questions][2:] == [
        "store-a-delivery",
        "allergy-at-table-four",
        "allergy-of-your-own",
        "seen-keeping-a-guest-safe",
        "shifts-with-an-allergy-sheet",
    ]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(content: Content) -> None:
    before, _ = content.read()
    path = content.file("2-safe-food.md")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    after, problems = content.read()
    assert problems == []
    assert after.units[0].pages == before.units[0].pages


def test_a_page_of_five_thousand_lines_is_read(content: Content) -> None:
    content.add("2-safe-food.md", "\n## More\n\n" + "Wash your hands, then begin.\n\n" * 2500)
    assert content.problems() == []
