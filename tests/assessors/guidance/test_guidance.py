"""Guidance is read question by question, and each mistake in it is named at its line."""

import pytest

from assessors.guidance.compile import CompiledForAssessors, compile_assessors
from assessors.guidance.compiled import CompiledGuidance, dumps, sha256
from course.catalogue.problems import shown
from tests.support.qualifications import Content

RUBRIC = "assessors/rubrics/food-hygiene/01-food-hygiene-at-work.md"
POLICY = "assessors/policies/food-hygiene.yaml"
PAGE_TWO = "2-safe-food.md"


def compiled(content: Content) -> CompiledForAssessors:
    source, problems = content.read_assessors()
    assert problems == []
    return compile_assessors(source)


def test_items_keep_level_criterion_and_order(content: Content) -> None:
    [guidance] = compiled(content).guidance
    question = guidance.question("allergy-at-table-four")
    assert question is not None
    assert [(item.id, item.criterion) for item in question.items] == [
        ("must-1", "2.2"),
        ("must-2", "2.2"),
        ("must-3", "1.1"),
        ("should-1", "2.2"),
    ]
    assert [item.text for item in question.for_criterion("1.1")] == ["Washes hands before serving the safe dish."]
    assert "call 999 first" in question.safeguarding
    assert question.model_answer.startswith("I would look")


def test_a_question_with_one_criterion_gives_it_to_every_item(content: Content) -> None:
    question = compiled(content).guidance[0].questions["when-to-wash"]
    assert {item.criterion for item in question.items} == {"1.1"}
    assert question.item("should-1").text == "Mentions soap, or drying the hands."
    assert len(question.at("must")) == 2


def test_a_knowledge_check_needs_no_guidance(content: Content) -> None:
    assert compiled(content).guidance[0].question("what-to-wear") is None


def test_guidance_reads_back_as_it_was_and_has_a_hash(content: Content) -> None:
    [guidance] = compiled(content).guidance
    assert CompiledGuidance.model_validate_json(dumps(guidance)) == guidance
    before = sha256(guidance)
    content.change(RUBRIC, "Never guesses.", "Does not guess.")
    assert sha256(compiled(content).guidance[0]) != before


MISTAKES = {
    "guidance without a question": (
        "## when-to-wash",
        "## when-to-wish",
        "## when-to-wish",
        "no question with this key",
    ),
    "unknown heading": ("### Should\n\n- Mentions", "### Ought\n\n- Mentions", "### Ought", "Change the heading"),
    "heading too deep": ("### Not yet", "#### Not yet", "#### Not yet", "Use “## key”"),
    "heading twice": ("### Should\n\n- Mentions", "### Must\n\n- Mentions", "### Must\n\n- Mentions", "Put this with"),
    "empty heading": ("- Names a time when gloves replace washing.\n", "", "### Not yet", "Write something below"),
    "item that is no list": ("- 2.2: Never guesses.", "\nNever guesses.", "Never guesses.", "Begin each item"),
    "unknown criterion": ("- 2.2: Never", "- 2.7: Never", "- 2.7: Never", "the question names 2.2, 1.1"),
    "criterion not named": ("- 2.2: Never", "- Never", "- Never", "Begin this item with its criterion"),
    "criterion without a must": (
        "- 1.1: Washes hands",
        "- 2.2: Washes hands",
        "## allergy-at",
        "one Must for criterion 1.1",
    ),
    "text without heading": (
        "## when-to-wash\n",
        "## when-to-wash\n\nLook closely.\n",
        "Look closely.",
        "Put this below",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line(content: Content, mistake: str) -> None:
    assert content.read_assessors()[1] == []
    old, new, at, sentence = MISTAKES[mistake]
    content.change(RUBRIC, old, new)
    text = content.file(RUBRIC).read_text()
    line = text[: text.index(at)].count("\n") + 1
    found = content.read_assessors()[1]
    assert any(problem.line == line and sentence in problem.sentence for problem in found), (line, *map(str, found))


def test_guidance_given_twice_names_the_second(content: Content) -> None:
    content.change(RUBRIC, "## allergy-of-your-own", "## when-to-wash")
    found = content.read_assessors()[1]
    assert any("line 1: “when-to-wash” has guidance there already" in problem.sentence for problem in found)


def test_a_written_question_without_guidance_is_named_where_it_stands(content: Content) -> None:
    line = content.add(PAGE_TWO, '\n```question one-more\nkind: short\ncriteria: ["2.1"]\nprompt: Why?\n```\n') + 1
    [problem] = content.read_assessors()[1]
    assert (problem.path, problem.line) == (shown(content.file(PAGE_TWO)), line)
    assert RUBRIC in problem.sentence


def test_a_rubric_for_no_unit_and_a_folder_for_no_qualification_are_named(content: Content) -> None:
    content.add("assessors/rubrics/food-hygiene/02-more.md", "## x\n\n### Must\n\n- y\n")
    content.file("assessors/rubrics/bakery").mkdir()
    content.add("assessors/policies/bakery.yaml", "threshold: off\n")
    sentences = [problem.sentence for problem in content.read_assessors()[1]]
    assert len(sentences) == 3
    assert all(sentence.startswith("Rename or remove this") for sentence in sentences)


def test_guidance_that_is_not_utf8_is_named(content: Content) -> None:
    content.file(RUBRIC).write_bytes(b"## a\n\n### Must\n\n- \xff\n")
    assert any(problem.line == 5 and "UTF-8" in problem.sentence for problem in content.read_assessors()[1])


def test_points_without_a_threshold_are_refused(content: Content) -> None:
    content.change(RUBRIC, "what was found.", "what was found. {2}")
    [problem] = content.read_assessors()[1]
    assert problem.line == content.line_of(RUBRIC, "{2}")
    assert "Remove “{2}”" in problem.sentence
