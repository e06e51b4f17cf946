"""What the tests of guidance start from."""

from pathlib import Path

import pytest

from tests.support.qualifications import Content, copy_of_food_hygiene


@pytest.fixture
def content(tmp_path: Path) -> Content:
    return copy_of_food_hygiene(tmp_path)
