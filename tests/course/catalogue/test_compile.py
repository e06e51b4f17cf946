"""What a compiled qualification holds, and that nothing harmful an author writes survives in it."""

import pytest

from course.catalogue.compile import CannotCompile, Compiled, compile_qualification, lay_out, safe_html
from course.catalogue.compile import _Task as Task
from course.catalogue.compiled import CompiledUnit, HtmlPart, dumps, sha256
from course.catalogue.render import Job
from tests.support.qualifications import Content


def compiled(content: Content) -> Compiled:
    source, problems = content.read()
    assert problems == []
    return compile_qualification(source)


def html_of(content: Content, page: int = 1) -> str:
    unit = compiled(content).units[0]
    return "\n".join(part.html for part in unit.page(page).parts if isinstance(part, HtmlPart))


def test_a_unit_knows_its_criteria_pages_and_questions(content: Content) -> None:
    done = compiled(content)
    unit = done.units[0]
    assert done.qualification.unit_code(unit.slug) == unit.code == "U1"
    assert done.qualification.unit_slug("U1") == unit.slug
    assert done.qualification.credit is None
    assert [criterion.number for criterion in unit.criteria] == ["1.1", "1.2", "2.1", "2.2"]
    assert unit.criterion("2.2").safety_critical
    assert [question.number for question in unit.questions] == [1, 2, 3, 4, 5, 6, 7]
    assert [question.page for question in unit.questions] == [1, 1, 2, 2, 2, 2, 2]
    assert unit.page(1).question_keys == ("when-to-wash", "what-to-wear")
    assert unit.question("when-to-wash").words == (20, 80)
    assert unit.question("what-to-wear").several_right
    assert unit.hours.total == 5
    assert unit.page(1).words[0].word == "Germ"


def test_what_does_not_exist_is_a_key_error(content: Content) -> None:
    unit = compiled(content).units[0]
    for look_up in (unit.criterion, unit.question, unit.page):
        with pytest.raises(KeyError):
            look_up("9.9")  # type: ignore[operator]


def test_a_pages_minutes_count_one_of_the_questions_that_stand_in_for_each_other_the_longest(content: Content) -> None:
    # One page: fewer than 150 words to read, two minutes to put in order, and twenty for the log, the longest of four.
    assert compiled(content).units[0].page(2).minutes == 1 + 2 + 20
    text = content.file("2-safe-food.md").read_text("utf-8")
    content.file("2-safe-food.md").write_text(text.split("```question shifts-with-an-allergy-sheet")[0], "utf-8")
    assert compiled(content).units[0].page(2).minutes == 1 + 2 + 6


def test_either_of_two_questions_joined_by_instead_of_names_the_other(content: Content) -> None:
    unit = compiled(content).units[0]
    assert [question.key for question in unit.alternatives_to("allergy-at-table-four")] == [
        "allergy-of-your-own",
        "seen-keeping-a-guest-safe",
        "shifts-with-an-allergy-sheet",
    ]
    assert [question.key for question in unit.alternatives_to("allergy-of-your-own")] == [
        "allergy-at-table-four",
        "seen-keeping-a-guest-safe",
        "shifts-with-an-allergy-sheet",
    ]
    assert unit.alternatives_to("when-to-wash") == ()


def test_written_questions_count_as_evidence_and_checks_only_when_told(content: Content) -> None:
    assert [question.key for question in compiled(content).units[0].evidence_questions("1.2")] == ["what-to-wear"]
    content.change("1-clean-hands.md", "evidence: yes\n", "")
    content.change("1-clean-hands.md", 'criteria: ["1.1"]', 'criteria: ["1.1", "1.2"]')
    unit = compiled(content).units[0]
    assert [question.key for question in unit.evidence_questions("1.2")] == ["when-to-wash"]
    assert unit.question("what-to-wear").is_check
    assert unit.question("when-to-wash").is_written


def test_a_criterion_of_another_unit_is_further_evidence_only(content: Content) -> None:
    second = content.root / "modules/food-hygiene/02-at-home"
    second.mkdir()
    (second / "module.yaml").write_text(content.file("module.yaml").read_text().replace("ready", "planned"))
    content.change("modules/food-hygiene/qualification.yaml", "-work\n", "-work\n  - 02-at-home\n")
    content.change("modules/food-hygiene/qualification.yaml", "[U1]", "[U1, U2]")
    content.change("1-clean-hands.md", 'criteria: ["1.1"]', 'criteria: ["1.1", "U2:2.1"]')
    question = compiled(content).units[0].question("when-to-wash")
    assert question.criteria == ("1.1",)
    assert question.further == (("U2", "2.1"),)


def test_items_are_never_shown_in_the_right_order(content: Content) -> None:
    question = compiled(content).units[0].question("store-a-delivery")
    assert sorted(question.shown_items) == [0, 1, 2, 3]
    assert question.shown_items != (0, 1, 2, 3)
    for count in range(2, 9):
        other = question.model_copy(update={"items": tuple(f"step {n}" for n in range(count))})
        assert other.shown_items != tuple(range(count))


def test_equal_content_gives_equal_hashes_and_a_changed_word_another(content: Content) -> None:
    first, again = compiled(content).units[0], compiled(content).units[0]
    assert sha256(first) == sha256(again) == sha256(dumps(first))
    content.change("2-safe-food.md", "must not get warm", "must stay cold")
    assert sha256(compiled(content).units[0]) != sha256(first)


def test_what_is_stored_reads_back_as_it_was(content: Content) -> None:
    unit = compiled(content).units[0]
    assert CompiledUnit.model_validate_json(dumps(unit)) == unit


def test_media_are_named_by_their_content(content: Content) -> None:
    done = compiled(content)
    [(digest, (content_type, data))] = done.media.items()
    assert content_type == "image/svg+xml"
    assert data == content.file("media/hands.svg").read_bytes()
    assert f'src="/media/{digest}.svg" width="120" height="60"' in html_of(content)


def test_links_between_pages_lead_to_page_numbers(content: Content) -> None:
    assert '<a href="2">the delivery</a>' in html_of(content)


def test_a_link_to_a_heading_finds_it(content: Content) -> None:
    content.change("1-clean-hands.md", "(2-safe-food.md)", "(#what-to-wear)")
    assert 'href="#s-what-to-wear"' in html_of(content)
    assert 'id="s-what-to-wear"' in html_of(content)


def test_alignment_is_a_class_and_never_a_style(content: Content) -> None:
    html = html_of(content)
    assert '<td class="num">20</td>' in html
    assert "style" not in html


def test_tables_have_column_headings_and_scroll_by_themselves(content: Content) -> None:
    html = html_of(content)
    assert '<th scope="col">After</th>' in html
    assert '<div class="scroll" role="region" aria-label="Table 1" tabindex="0"><table>' in html


def test_footnotes_lead_there_and_back(content: Content) -> None:
    html = html_of(content)
    assert 'href="#fn:ring"' in html
    assert '<li id="fn:ring">' in html
    assert html.count('id="fnref:ring"') == 1


HARMFUL = {
    "script": "<script>alert(1)</script>",
    "script in a list": "- one\n- <script src=https://x.example/x.js></script>",
    "handler": '<p onclick="alert(1)">x</p>',
    "picture handler": '<img src="media/hands.svg" alt="x" onerror="alert(1)">',
    "javascript link": "[press](javascript:alert(1))",
    "javascript link in disguise": "[press](JaVa&#115;cript:alert(1))",
    "data link": "[press](data:text/html;base64,PHNjcmlwdD4=)",
    "javascript in html": '<a href=" javascript:alert(1)">press</a>',
    "style": '<p style="position:fixed">x</p>',
    "style sheet": "<style>body{display:none}</style>",
    "svg": "<svg onload=alert(1)></svg>",
    "math": "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "base": '<base href="https://x.example/">',
    "meta": '<meta http-equiv="refresh" content="0;url=https://x.example">',
    "id of the page around": '<p id="main" name="main">x</p>',
    "class of the page around": '<div class="q btn">x</div>',
    "broken tag": "<scr<script>ipt>alert(1)</script>",
    "in a footnote": "x[^a]\n\n[^a]: <script>alert(1)</script>",
    "in an abbreviation": 'ABBR\n\n*[ABBR]: "><script>alert(1)</script>',
    "in a box": '!!! note "<script>alert(1)</script>"\n    x',
}
FORBIDDEN = ("<script", "onclick", "onerror", "onload", "javascript:", "data:", "style", "<svg", "<math", "<base",
             "<meta", 'id="main"', "btn", "x.example")  # fmt: skip


@pytest.fixture(scope="module")
def harmless() -> dict[str, str]:
    images = {"media/hands.svg": ("/media/0.svg", 1, 1)}
    tasks = [
        Task(Job(text=text, slots=[], images=images, links={}, is_page=True), "x.md", 1) for text in HARMFUL.values()
    ]
    return dict(zip(HARMFUL, ("".join(pieces) for pieces in lay_out(tasks)), strict=True))


@pytest.mark.parametrize("harm", HARMFUL)
def test_harmful_html_does_not_survive(harmless: dict[str, str], harm: str) -> None:
    tags = harmless[harm].replace("&lt;", "[")
    assert not [word for word in FORBIDDEN if word in tags], tags


def test_a_script_on_a_page_is_cleaned_away_and_the_page_published(content: Content) -> None:
    content.change("2-safe-food.md", "Cold food", "<script>alert(1)</script>\n\nCold food [press](javascript:alert(1))")
    html = html_of(content, 2)
    assert "script" not in html
    assert "Cold food <a>press</a>" in html


def test_an_author_cannot_write_the_place_of_a_question(content: Content) -> None:
    content.add("2-safe-food.md", "\nSLOT0Q0Q\n")
    unit = compiled(content).units[0]
    assert unit.page(2).question_keys == (
        "store-a-delivery",
        "allergy-at-table-four",
        "allergy-of-your-own",
        "seen-keeping-a-guest-safe",
        "shifts-with-an-allergy-sheet",
    )
    assert "SLOT0Q0Q" in html_of(content, 2)


def test_a_comment_is_not_published(content: Content) -> None:
    content.change("2-safe-food.md", "Never guess", "<!-- ask [Ros](nowhere.md)\nagain --> Never <!-- ever --> guess")
    html = html_of(content, 2)
    assert "Ros" not in html
    assert "guess what is in a dish" in html


def test_a_text_that_swallows_a_question_is_refused() -> None:
    job = Job(text="Only reading.", slots=["SLOT"], images={}, links={}, is_page=True)
    with pytest.raises(CannotCompile, match=r"x\.md:1: Close every comment"):
        lay_out([Task(job, "x.md", 1)])


def test_a_text_that_would_take_minutes_is_refused_and_the_others_are_laid_out() -> None:
    def job(text: str) -> Task:
        return Task(Job(text=text, slots=[], images={}, links={}, is_page=True), f"{text[:3]}.md", 1)

    with pytest.raises(CannotCompile) as refused:
        lay_out([job("one"), job("[" * 20_000), job("two")], seconds=1)
    [problem] = refused.value.problems
    assert problem.path == "[[[.md"
    assert "takes too long" in problem.sentence


def test_a_text_of_its_own_is_made_safe_too() -> None:
    assert safe_html("## Your rights\n\n<script>x</script>**Read** this.", "induction.md") == (
        "<h2>Your rights</h2>\n\n<p><strong>Read</strong> this.</p>"
    )


def test_questions_stand_between_the_reading_in_the_authors_order(content: Content) -> None:
    kinds = [part.type for part in compiled(content).units[0].page(1).parts]
    assert kinds == ["html", "question", "html", "question", "html"]


def test_content_that_was_not_read_is_not_compiled(content: Content) -> None:
    content.change("module.yaml", "title: Food", "titel: Food")
    with pytest.raises(ValueError, match="not read without problems"):
        compile_qualification(content.read()[0])
