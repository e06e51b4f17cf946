"""Facts about every page: its headers, its static files, and time said in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from course import pages
from course.access import Role
from tests.support.story import Story

NOON = datetime(2026, 6, 10, 11, 2, tzinfo=UTC)  # two past twelve in a British summer


def test_every_answer_carries_the_headers(client: Any) -> None:
    for address in ("/about", "/no-such-page", "/static/look.css", "/health"):
        headers = client.get(address).headers
        assert headers["Content-Security-Policy"] == pages.POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
    for unsafe in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*"):
        assert unsafe not in pages.POLICY


def test_no_personal_page_stays_in_a_cache(client_for: Any, story: Story) -> None:
    assert client_for(story.learner()[0]).get("/account").headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_by_their_content_and_packed(client: Any) -> None:
    packed = client.get(pages.static_url("look.css"), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "immutable" in packed.headers["Cache-Control"]
    assert client.get("/static/look.css").headers["Cache-Control"] == "no-cache"
    again = client.get("/static/look.css", headers={"If-None-Match": client.get("/static/look.css").headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["../settings.py", "..%2fsettings.py", "js", "%00", "no-such.css", "a" * 4000])
def test_nothing_but_static_files_is_served(name: str, client: Any) -> None:
    before = pages._file.cache_info().currsize
    assert client.get(f"/static/{name}").status_code == 404
    assert pages._file.cache_info().currsize == before


def test_health_is_said_without_signing_in(client: Any) -> None:
    answer = client.get("/health")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")


def test_everybody_is_led_home(client: Any, client_for: Any, story: Story) -> None:
    assert client.get("/").status_code == 200
    homes = {Role.ASSESSOR: "/marking", Role.IQA: "/quality", Role.LEAD_IQA: "/quality", Role.ADMIN: "/office",
             Role.TUTOR: "/office", Role.SAFEGUARDING_LEAD: "/safeguarding", Role.EQA: "/external",
             Role.SELECTOR: "/selection"}  # fmt: skip
    for role, home in homes.items():
        visitor = client_for(story.staff(role))
        answer = visitor.get("/")
        assert (answer.status_code, answer.headers["Location"].rstrip("/")) == (303, home), role
        assert visitor.get(home, follow_redirects=True).status_code == 200, role
    learner = client_for(story.learner()[0])
    assert learner.get("/").headers["Location"] == "/learn"
    assert learner.get("/learn").status_code == 200
    nobody_yet = client_for(story.person()).get("/", follow_redirects=True)
    assert (nobody_yet.request.path, nobody_yet.status_code) == ("/applications", 200)


@pytest.mark.parametrize(
    ("at_moment", "words"),
    [
        (NOON, "today at 12:02pm"), (NOON - timedelta(days=1), "yesterday at 12:02pm"),
        (NOON - timedelta(days=6), "six days ago at 12:02pm"), (NOON + timedelta(days=1), "tomorrow at 12:02pm"),
        (NOON - timedelta(days=11), "on Saturday 30 May at 12:02pm"),
        (datetime(2026, 6, 9, 23, 30, tzinfo=UTC), "today at 12:30am"),
        (datetime(2025, 12, 1, 9, 0, tzinfo=UTC), "on Monday 1 December 2025 at 9:00am"),
    ],
)  # fmt: skip
def test_moments_read_as_people_say_them(at_moment: datetime, words: str, at: Any) -> None:
    at(NOON)
    assert pages.moment_in_words(at_moment) == words


def test_days_to_come_are_dates(at: Any) -> None:
    at(NOON)
    assert pages.day_in_words(date(2026, 6, 15)) == "Monday 15 June"


def test_a_learner_who_is_staff_too_is_named_by_what_they_do_on_the_page(client_for: Any, story: Story) -> None:
    person, _ = story.learner()
    story.appoint(person, Role.TUTOR)
    story.appoint(person, Role.ASSESSOR)
    assert "learner" in client_for(person).get("/learn").get_data(as_text=True).split("Signed in as", 1)[1][:80]
