"""Who looks at a sampled answer knows what was agreed for it, and the learner sees who opened that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from course.access import Role
from course.special_log import SpecialOpening
from tests.assessors.quality.test_sampling import open_sample
from tests.course.adjustments.test_adjustments import WHAT, agreed
from tests.support.house import HouseClient
from tests.support.marked import FOOD_UNIT, food_cohort, judge
from tests.support.story import Story

SignIn = Callable[[Any], HouseClient]


def test_the_sampled_answer_shows_what_was_agreed_and_nothing_where_nothing_was(
    story: Story, client_for: SignIn
) -> None:
    cohort = food_cohort(story)
    joan, tom = story.staff(Role.ASSESSOR, "Joan Price"), story.staff(Role.IQA, "Tom Hughes")
    (ann, adjusted), (_, plain) = story.learner("Ann Ash", cohort=cohort), story.learner("Ben Beech", cohort=cohort)
    agreed(story, adjusted, story.staff(Role.TUTOR))
    answers = [story.hand_in(one, "when-to-wash", "Before I touch food.", unit=FOOD_UNIT) for one in (adjusted, plain)]
    for answer in answers:
        judge(story, answer, joan, returned=False)
    sample = open_sample(story, cohort, tom, answers)
    pages = [
        client_for(tom).get(f"/quality/samples/{sample.id}/answers/{answer.id}").get_data(as_text=True)
        for answer in answers
    ]
    assert WHAT in pages[0]
    assert "It changes how the work is done, never what has to be shown." in pages[0]
    assert "It changes how the work is done" not in pages[1]
    with story.reading() as session:
        opening = session.scalars(select(SpecialOpening)).one()
        assert (opening.owner_id, opening.opened_by) == (ann.id, tom.id)
