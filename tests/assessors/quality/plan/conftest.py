"""A marked cohort for plans."""

from __future__ import annotations

import pytest

from tests.support.planned import Marked, marked_cohort
from tests.support.story import Story


@pytest.fixture
def marked(story: Story) -> Marked:
    """Two assessors, four learners, twelve marked answers, and an assurer with no part in it."""
    return marked_cohort(story)
