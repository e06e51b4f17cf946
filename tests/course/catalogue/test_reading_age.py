"""Reading age rises with long words and long sentences, and words we do not use for people are found."""

from pathlib import Path

import pytest

from course.catalogue.reading_age import main, measure, paragraphs_of, read, syllables

EASY = "You can ask for help. We will be glad to hear from you. Say it in your own way."
HARD = (
    "Notwithstanding the aforementioned considerations, practitioners demonstrating insufficient familiarity with "
    "organisational confidentiality requirements will necessarily encounter considerable difficulties."
)


@pytest.mark.parametrize(
    ("word", "count"),
    [("help", 1), ("people", 2), ("safeguarding", 3), ("confidential", 4), ("used", 1), ("hated", 2), ("idea", 3)],
)
def test_syllables_are_counted_as_they_are_heard(word: str, count: int) -> None:
    assert syllables(word) == count


def test_hard_words_are_for_older_readers() -> None:
    easy, hard = measure("a.md", paragraphs_of(EASY, 1)), measure("b.md", paragraphs_of(HARD, 1))
    assert easy.age < 9
    assert hard.age > 14
    assert not easy.refused
    assert "Write this page more simply" in hard.refused[0].sentence


def test_a_sentence_over_twenty_words_is_named_with_its_line() -> None:
    long = "This one goes on and on, " * 5 + "and then it stops."
    [found] = measure("a.md", paragraphs_of(f"Short.\n\n{long}", 10)).long_sentences
    assert found.line == 12
    assert found.sentence.startswith("34 words")


def test_a_paragraph_over_three_sentences_is_named() -> None:
    assert (
        len(measure("a.md", paragraphs_of("One is. Two is. Three is.\n\nOne. Two. Three. Four.", 1)).long_paragraphs)
        == 1
    )


def test_code_headings_and_tables_are_not_sentences() -> None:
    text = "## A heading of many words\n\n```\nsome code\n```\n\n| a | b |\n| - | - |\n\n- an item\n- another item"
    assert [paragraph.text for paragraph in paragraphs_of(text, 1)] == ["an item", "another item"]


@pytest.mark.parametrize(
    "text",
    [
        "He is an addict.",
        "She was clean for a year.",
        "drug users",
        "a dirty test",
        "substance abuse",
        "Two years clean.",
    ],
)
def test_words_we_do_not_use_for_people_are_found(text: str) -> None:
    [problem] = measure("a.md", paragraphs_of(f"First.\n\n{text}", 1)).refused
    assert problem.line == 3


@pytest.mark.parametrize(
    "text", ["Clean the table.", "Keep a clean record.", "Addiction is hard.", "He was abused.", "Use it."]
)
def test_innocent_words_are_left_alone(text: str) -> None:
    assert measure("a.md", paragraphs_of(text, 1)).refused == ()


def test_options_and_reasons_are_read_too() -> None:
    page = Path(__file__).parents[2] / "qualifications/modules/food-hygiene/01-food-hygiene-at-work/1-clean-hands.md"
    [whole] = read([page])
    body = page.read_text("utf-8").split("---\n", 2)[2]
    assert whole.words > measure("a.md", paragraphs_of(body, 1)).words + 40


def test_the_command_fails_on_a_page_that_is_too_hard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "hard.md").write_text(HARD)
    assert main([str(tmp_path)]) == 1
    assert "more simply" in capsys.readouterr().out
    (tmp_path / "hard.md").write_text(EASY)
    assert main([str(tmp_path)]) == 0
