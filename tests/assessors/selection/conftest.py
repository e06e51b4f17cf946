"""What the tests of selection start from."""

from __future__ import annotations

import pytest

from tests.support.applicants import Selecting, selecting
from tests.support.story import Story


@pytest.fixture
def choosing(story: Story) -> Selecting:
    """A cohort for which people are selected, with two selectors."""
    return selecting(story)
