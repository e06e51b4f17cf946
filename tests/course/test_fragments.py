"""What is kept is never stale and never somebody else's: its key decides it, and its rendering knows nobody."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader, UndefinedError
from markupsafe import Markup

from course import fragments
from course.fragments import Fragment, Marks
from course.keeping import Kept
from course.workbook.places import Look
from tests.course.workbook.judging import judge
from tests.course.workbook.test_whole_journey import KEY, address

MARK = fragments._MARK


@pytest.fixture
def template(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a template of the test's own into the environment of what is kept."""

    def put(source: str) -> str:
        monkeypatch.setattr(app.extensions["keeping"], "loader", DictLoader({source: source}))
        return source

    return put


def test_own_values_are_escaped_and_stand_where_they_belong() -> None:
    fragment = Fragment("<p>" + Marks()["words"] + "</p><b>" + Marks()["safe"] + "</b>")
    filled = fragment.filled({"words": "<i>&", "safe": Markup("<i>yes</i>")})
    assert filled == "<p>&lt;i&gt;&amp;</p><b><i>yes</i></b>"


def test_words_that_look_like_a_mark_fill_no_other_gap() -> None:
    fragment = Fragment(f"{Marks()['one']} {Marks()['two']}")
    assert fragment.filled({"one": Marks()["two"], "two": "secret"}) == f"{MARK}two{MARK} secret"


@pytest.mark.parametrize("source", ["{{ request.path }}", "{{ session.x }}", "{{ current_user.name }}", "{{ g.x }}"])
def test_what_is_kept_knows_no_request_and_nobody(app: Flask, template: Any, source: str) -> None:
    with app.test_request_context("/"), pytest.raises(UndefinedError):
        fragments.whole(template(source), "a key", {})


def test_what_is_kept_says_nothing_about_today(app: Flask, template: Any) -> None:
    with app.test_request_context("/"), pytest.raises(TypeError):
        fragments.whole(template("{{ at|moment }}"), "a key", {}, at=1)


def test_the_token_of_a_form_is_filled_in_each_time(app: Flask, template: Any) -> None:
    source = template("{{ csrf_token() }}")
    found = set()
    for _ in range(2):
        with app.test_request_context("/"):
            found.add(fragments.whole(source, "token", {}))
    assert len(found) == 2


def test_the_least_used_makes_room() -> None:
    kept: Kept[str, str] = Kept(2)
    kept.keep("a", "A")
    kept.keep("b", "B")
    assert kept.find("a") == "A"
    kept.keep("c", "C")
    assert (kept.find("a"), kept.find("b"), kept.find("c"), len(kept)) == ("A", None, "C", 2)


def page(client: Any, enrolment: Any) -> str:
    return str(client.get(address(enrolment, "/1")).get_data(as_text=True))


def test_two_learners_see_their_own_words_and_names_on_the_same_kept_page(story: Any, client_for: Any) -> None:
    seen = {}
    for name, words in (("Zebulon Quaife", "Words of Zebulon."), ("Dee Mistry", "Words of Dee.")):
        person, enrolment = story.learner(name)
        story.save(enrolment, KEY, words)
        seen[name] = page(client_for(person), enrolment)
        assert str(enrolment.id) in seen[name]
    assert "Words of Zebulon." in seen["Zebulon Quaife"]
    assert "Words of Dee." in seen["Dee Mistry"]
    assert "Zebulon" not in seen["Dee Mistry"]
    assert MARK not in "".join(seen.values())


def test_a_kept_place_follows_every_step_of_an_answer(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    place = lambda: page(client, enrolment).split(f'id="q-{KEY}"')[1].split("</aside>")[0]  # noqa: E731
    assert "Nothing to save yet" in place()
    story.save(enrolment, KEY, "One.")
    assert ">Draft<" in place()
    answer = story.hand_in(enrolment, KEY, "One.")
    assert ">Handed in<" in place()
    judge(story, answer, {"1.1": "not_yet_achieved"}, feedback="Say more about <why>.")
    back = place()
    assert "Say more about &lt;why&gt;." in back
    assert "You have two goes left." in back
    judge(story, story.hand_in(enrolment, KEY, "One and two."), {"1.1": "achieved"})
    assert ">Achieved<" in place()


def test_a_kept_page_is_the_same_as_one_rendered_afresh(
    story: Any, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, enrolment = story.learner()
    story.save(enrolment, KEY, "The same either way.")
    client = client_for(person)
    varying = re.compile(r'(name="(csrf_token|page)" value=)"[^"]*"')
    kept = [varying.sub(r"\1", page(client, enrolment)) for _ in range(2)]
    monkeypatch.setattr(fragments, "_kept", Kept(0))
    assert {varying.sub(r"\1", page(client, enrolment)), *kept} == {kept[0]}


def test_everything_but_the_version_s_own_words_is_part_of_a_place_s_key() -> None:
    """The question and the unit are fixed by the version and the question's key, which are both in it."""
    left_out = {one.name for one in dataclasses.fields(Look) if not one.compare}
    assert left_out == {"question", "unit"}
    assert {"version", "key"} <= {one.name for one in dataclasses.fields(Look)}


def test_a_changed_theme_is_seen_at_once(story: Any, client_for: Any) -> None:
    person, enrolment = story.learner()
    client = client_for(person)
    assert "data-theme" not in page(client, enrolment)
    client.post("/look", data={"theme": "dark"})
    assert 'data-theme="dark"' in page(client, enrolment)


def test_a_kept_page_travels_compressed_where_the_browser_takes_it(story: Any, client_for: Any) -> None:
    import gzip

    person, enrolment = story.learner()
    client = client_for(person)
    packed = client.get(address(enrolment, "/2"), headers={"Accept-Encoding": "gzip"}, buffered=True)
    plain = client.get(address(enrolment, "/2"))
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in plain.headers
    assert len(packed.data) < len(plain.data) / 2
    assert b"<h1>" in gzip.decompress(packed.data)
