"""Pictures of published units reach the people who are signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from course.catalogue import queries as catalogue
from course.catalogue.compiled import HtmlPart
from tests.support.house import HouseClient
from tests.support.story import QUALIFICATION, Story


def pictures(story: Story) -> set[str]:
    """The address of every picture in the reading of every published unit."""
    with story.reading() as session:
        units = [catalogue.unit_of(row) for row in catalogue.latest_units(session, QUALIFICATION)]
    parts = (part for unit in units for page in unit.pages for part in page.parts if isinstance(part, HtmlPart))
    return {address for part in parts for address in re.findall(r'src="(/media/[^"]+)"', part.html)}


def test_every_picture_in_the_reading_can_be_seen(
    story: Story, client_for: Callable[[Any], HouseClient], client: HouseClient
) -> None:
    person, _ = story.learner()
    found, learner = pictures(story), client_for(person)
    assert found
    for address in found:
        answer = learner.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml"), address
        assert "immutable" in answer.headers["Cache-Control"]
        assert client.get(address).status_code == 303


def test_a_picture_that_nobody_published_is_not_there(story: Story, client_for: Callable[[Any], HouseClient]) -> None:
    person, _ = story.learner()
    assert client_for(person).get(f"/media/{'0' * 64}.svg").status_code == 404
