"""What the tests of appeals start from."""

from __future__ import annotations

import pytest

from course.enrolment.models import Cohort
from tests.assessors.changes.conftest import change_policy, put
from tests.support.appealed import Disputed
from tests.support.appealed import disputed as dispute
from tests.support.marked import food_cohort
from tests.support.story import Story


@pytest.fixture
def cohort(story: Story) -> Cohort:
    """A cohort of the small qualification, in which every decision is returned at once."""
    put(story, change_policy(story, return_="at-once"))
    return food_cohort(story)


@pytest.fixture
def disputed(story: Story, cohort: Cohort) -> Disputed:
    """An answer that came back not yet achieved."""
    return dispute(story, cohort)
