"""What was published binds what may be published: a key keeps its kind, and is never used for anything else."""

from course.catalogue.checks import check_against
from course.catalogue.compile import compile_qualification
from course.catalogue.compiled import CompiledUnit
from tests.support.qualifications import Content


def publish(content: Content) -> tuple[CompiledUnit, ...]:
    return compile_qualification(content.read()[0]).units


def test_unchanged_questions_are_welcome(content: Content) -> None:
    assert check_against(publish(content), content.read()[0]) == []


def test_a_question_may_change_its_words_under_its_key(content: Content) -> None:
    earlier = publish(content)
    content.change("1-clean-hands.md", "starts her shift", "begins her day")
    assert check_against(earlier, content.read()[0]) == []


def test_another_kind_under_an_old_key_is_refused(content: Content) -> None:
    earlier = publish(content)
    content.change("1-clean-hands.md", "kind: short", "kind: extended")
    [problem] = check_against(earlier, content.read()[0])
    assert problem.line == content.line_of("1-clean-hands.md", "kind: extended")
    assert "published as short" in problem.sentence


def test_a_retired_key_is_never_used_again(content: Content) -> None:
    first = publish(content)
    content.change("2-safe-food.md", "question allergy-of-your-own", "question allergy-at-home")
    second = publish(content)
    content.change("2-safe-food.md", "question allergy-at-home", "question allergy-of-your-own")
    [problem] = check_against([*first, *second], content.read()[0])
    assert problem.line == content.line_of("2-safe-food.md", "question allergy-of-your-own")
    assert "never used again" in problem.sentence


def test_a_key_may_not_move_to_another_unit(content: Content) -> None:
    earlier = publish(content)
    folder = content.root / "modules/food-hygiene"
    (folder / "01-food-hygiene-at-work").rename(folder / "01-kitchens")
    content.change("modules/food-hygiene/qualification.yaml", "01-food-hygiene-at-work", "01-kitchens")
    assert len(check_against(earlier, content.read()[0])) == 7
