"""Facts about reading a list of learners: every problem is named by row, and nothing odd gets through."""

from __future__ import annotations

import pytest

from course.office import roster
from course.office.roster import Roster


def read(text: str, *, encoding: str = "utf-8") -> Roster:
    """Read a list that was typed as text."""
    return roster.read(text.encode(encoding))


def words(found: Roster) -> list[tuple[int, str]]:
    """The problems as (row, words)."""
    return [(problem.line, problem.words) for problem in found.problems]


def test_a_sound_list_is_read_in_order_with_or_without_a_mark() -> None:
    text = "name,known_as,email,ao_learner_number\nSam Okafor,Sam,SAM@example.org,AO1\nDee Mistry,,dee@example.org,\n"
    for encoding in ("utf-8", "utf-8-sig"):
        found = read(text, encoding=encoding)
        assert found.problems == ()
        assert [(row.line, row.name, row.known_as, row.email, row.ao_learner_number) for row in found.rows] == [
            (2, "Sam Okafor", "Sam", "sam@example.org", "AO1"),
            (3, "Dee Mistry", "Dee", "dee@example.org", None),
        ]


def test_columns_may_stand_in_any_order_and_some_spreadsheets_write_semicolons() -> None:
    found = read("Email;Name;Known as\r\nsam@example.org;Okafor, Sam;Sam\r\n")
    assert found.problems == ()
    assert found.rows[0].name == "Okafor, Sam"


def test_every_problem_is_listed_at_once_with_its_row() -> None:
    found = read(
        "name,email,ao_learner_number\n"
        "Sam Okafor,sam@example.org,AO1\n"
        ",nobody@example.org,\n"
        "Dee Mistry,not an address,\n"
        "\n"
        "Sam Again,SAM@example.org,AO1\n"
        f"{'x' * 121},long@example.org,\n"
        "Kit Moss,kit@example.org,1,2\n"
        "Right\u202eLeft,mark@example.org,\n"
    )
    assert words(found) == [
        (3, "The name is missing."),
        (4, "“not an address” is not an email address."),
        (6, "The same email address stands in row 2."),
        (6, "The same learner number stands in row 2."),
        (7, "The name is longer than 120 characters."),
        (8, "This row has more cells than the first row has columns."),
        (9, "The name holds a character that cannot be seen. Type it again."),
    ]


def test_a_row_is_numbered_by_the_line_on_which_it_begins() -> None:
    found = read('name,email\n"Sam\nOkafor",sam@example.org\nDee,nowhere\n')
    assert found.rows[0].name == "Sam Okafor"
    assert found.problems[0].line == 4


def test_names_keep_their_own_letters_and_joiners() -> None:
    names = ["Zoë Ní Bhriain", "张伟", "نرگس\u200cجان", "O’Neill-Smith", "👋 Sam"]
    body = "".join(f"{name},p{at}@example.org\n" for at, name in enumerate(names))
    found = read(f"name,email\n{body}")
    assert [row.name for row in found.rows] == names


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"name,email\n", "no learners"),
        (b"name,email\n , \n", "no learners"),
        (b"name,phone\nSam,1\n", "“email” is missing"),
        (b"name,email,name\nSam,s@example.org,x\n", "there twice"),
        (b"name,email\nSam\xff,sam@example.org\n", "UTF-8"),
        ("name,email\nSam,sam@example.org\n".encode("utf-16"), "UTF-8"),
        (b"name,email\nSam\x00,sam@example.org\n", "CSV UTF-8"),
        (b'name,email\n"Sam,sam@example.org\n', "quotation mark"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "UTF-8"),
        (b"name,email\n" + b"x" * (roster.LARGEST + 1), "larger than 2 MB"),
        (b"name,email\n" + b"a,a@example.org\n" * (roster.MOST_ROWS + 1), "more than 1,000"),
        (b"name,email\n" + b"x" * 200_000 + b",sam@example.org\n", "cannot be read"),
    ],
)
def test_a_file_that_is_no_list_says_what_to_do(content: bytes, expected: str) -> None:
    found = roster.read(content)
    assert found.rows == ()
    assert any(expected in problem.words for problem in found.problems), found.problems


def test_an_unknown_column_is_named() -> None:
    assert words(read("name,email,telephone\nSam,sam@example.org,1\n")) == [
        (1, "The column “telephone” is not one we know. The columns are name, known_as, email, ao_learner_number.")
    ]
