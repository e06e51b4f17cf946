"""The parts every page is built from: labels, descriptions, unique ids, nothing inline, complete without a script."""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import EmailField, SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from course.forms import FormBase

COURSE = Path(__file__).resolve().parents[2] / "course"
FRAME = {"flashes": [], "csrf_token": lambda: "token-of-the-session", "static_url": lambda name: f"/static/{name}"}
USE = '{% import "components.html" as ui with context %}'


class Page(HTMLParser):
    """What a test asks of a page: its elements with their attributes, and the words of its headings."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"attribute twice on {self.get_starttag_text()}"
        self.elements.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag in tags]

    def one(self, **wanted: str) -> dict[str, str | None]:
        found = [attrs for _, attrs in self.elements if all(attrs.get(key) == value for key, value in wanted.items())]
        assert len(found) == 1, f"{len(found)} elements with {wanted}"
        return found[0]


@cache
def environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(COURSE / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(source: str, **values: object) -> Page:
    html = environment().from_string(USE + source).render({**FRAME, **values})
    page = Page(html)
    assert_sound(page)
    return page


def assert_sound(page: Page) -> None:
    """What holds for every fragment: unique ids, each control named, each reference met, nothing inline."""
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids)), f"an id stands twice: {ids}"
    labelled = {attrs.get("for") for attrs in page.all("label")}
    for control in page.all("input", "textarea", "select"):
        assert control.get("type") == "hidden" or control.get("id") in labelled, f"no label for {control}"
        assert not {"placeholder", "maxlength", "required", "disabled"} & set(control), control
    for _, attrs in page.elements:
        for reference in ("aria-describedby", "aria-labelledby"):
            assert set((attrs.get(reference) or "").split()) <= set(ids), f"{reference} points nowhere: {attrs}"
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith("on")], attrs
    assert all("src" in script for script in page.all("script"))
    assert not page.all("style")


class ManyFields(FormBase):
    """One field of every kind."""

    email = EmailField("Email address", [DataRequired("Enter an email address")])
    password = PasswordField("Password", [InputRequired("Enter a password")])
    name = StringField("Name", [Length(max=5, message="Use five letters or fewer")], description="As you say it")
    words = TextAreaField("Your answer")
    how = RadioField(
        "How?", [InputRequired("Choose how")], choices=[SelectChoice("type", "Type"), SelectChoice("say", "Say")]
    )
    unit = SelectField("Unit", choices=[SelectChoice("1", "One"), SelectChoice("4", "Four")])
    own = BooleanField("This is my own work", [InputRequired("Tick the box if it is")])
    base = HiddenField()


@pytest.fixture
def in_request() -> Iterator[Flask]:
    app = Flask(__name__)
    app.secret_key = "only for this test"
    with app.test_request_context():
        yield app


@pytest.mark.usefixtures("in_request")
def test_a_wrong_form_says_every_problem_twice_in_the_same_words() -> None:
    form = ManyFields(MultiDict({"email": "", "name": "too long", "words": "kept", "base": "7"}))
    assert not form.validate()
    page = render(
        "{{ ui.error_summary(f) }}{% call ui.form('/x') %}{{ ui.hidden_fields(f) }}"
        "{% for one in f if one.name != 'base' %}{{ ui.field(one) }}{% endfor %}{% endcall %}",
        f=form,
    )
    for message, anchor in form.problems():
        assert page.html.count(message) == 2
        assert anchor
        assert page.one(id=anchor.removeprefix("#"))
    summary = page.one(role="alert")
    assert summary["tabindex"] == "-1"
    assert "autofocus" in summary
    assert page.html.index('role="alert"') < page.html.index("<form")
    assert page.one(id="email")["aria-invalid"] == "true"
    assert page.one(id="name")["aria-describedby"] == "name-hint name-error"
    assert page.one(id="how")["aria-describedby"] == "how-error"
    assert ">\nkept</textarea>" in page.html
    assert page.one(name="base")["value"] == "7"


@pytest.mark.usefixtures("in_request")
def test_a_right_form_shows_no_summary_and_keeps_what_was_chosen() -> None:
    form = ManyFields(
        MultiDict({"email": "sam@example.org", "password": "secret words", "how": "say", "unit": "4", "own": "yes"})
    )
    assert form.validate(), form.errors
    page = render(
        "{{ ui.error_summary(f) }}{{ ui.radios(f.how, hints={'say': 'Up to five minutes'}) }}"
        "{{ ui.field(f.unit) }}{{ ui.checkbox(f.own) }}{{ ui.field(f.password) }}",
        f=form,
    )
    assert "problem" not in page.html
    assert "checked" in page.one(id="how-1")
    assert "checked" not in page.one(id="how-0")
    assert "checked" in page.one(id="own")
    assert '<option value="4" selected>' in page.html
    assert "Up to five minutes" in page.html


@pytest.mark.usefixtures("in_request")
def test_a_password_is_never_sent_back() -> None:
    page = render(
        "{{ ui.field(f.password, autocomplete='current-password') }}", f=ManyFields(MultiDict({"password": "hunter2"}))
    )
    assert "hunter2" not in page.html
    assert page.one(id="password")["autocomplete"] == "current-password"


@pytest.mark.usefixtures("in_request")
def test_a_plain_wtforms_form_has_a_summary_too() -> None:
    form = ManyFields(MultiDict({}))
    form.validate()
    plain = type("Plain", (), {"errors": form.errors, "form_errors": [], "__iter__": lambda self: iter(form)})()
    page = render(
        "{{ ui.error_summary(f) }}{% for one in f if one.name != 'base' %}{{ ui.field(one) }}{% endfor %}", f=plain
    )
    assert 'href="#how-0"' in page.html
    assert 'href="#email"' in page.html


def test_every_post_carries_the_token_and_no_get_does() -> None:
    page = render(
        "{% call ui.form('/x', data={'autosave': ''}) %}x{% endcall %}"
        "{% call ui.form('/y', method='get') %}y{% endcall %}"
    )
    assert page.html.count('name="csrf_token" value="token-of-the-session"') == 1
    post, get = page.all("form")
    assert (post["method"], post["data-autosave"], get["method"]) == ("post", "", "get")
    assert "novalidate" in post


def test_a_token_at_hand_needs_no_asking() -> None:
    assert 'value="mine"' in render("{{ ui.post_button('Sign out', '/sign-out', csrf='mine') }}", csrf_token=None).html


def test_a_form_with_a_file_is_multipart() -> None:
    page = render(
        "{% call ui.form('/x', multipart=True) %}"
        "{{ ui.file_field('photo', 'A photo', accept='image/*', hint='Up to 10 MB') }}{% endcall %}"
    )
    assert page.all("form")[0]["enctype"] == "multipart/form-data"
    assert page.one(id="photo")["data-largest"] == "10485760"


def test_whatever_is_typed_stays_text() -> None:
    nasty = "<script>alert(1)</script>"
    page = render(
        "{{ ui.said(x) }}{{ ui.area_field('a', x, x) }}{{ ui.text_field('b', x, x, hint=x, error=x) }}"
        "{{ ui.tag('draft', x) }}",
        x=nasty,
    )
    assert not page.all("script")


def test_an_empty_first_line_survives() -> None:
    assert '<textarea id="a" name="a" rows="5">\n\nsecond' in render("{{ ui.area_field('a', 'A', '\\nsecond') }}").html


def test_an_answer_box_says_who_reads_it_and_where_a_save_stands() -> None:
    page = render(
        "{% call ui.question('q3', 'Question 3', 'draft') %}"
        "{{ ui.answer_box('words', 'What would you say?', 'Hello', id='a3',"
        " readers='Read by Priya.', hint='100 to 300 words', words='100-300', status='s3') }}{{ ui.saving('s3') }}"
        "{{ ui.starters('a3', ['First I would']) }}{% endcall %}"
    )
    box = page.one(id="a3")
    assert box["aria-describedby"] == "a3-hint a3-readers s3"
    assert box["data-words"] == "100-300"
    assert page.one(id="s3")["role"] == "status"
    assert page.one(**{"data-starters": "a3"})
    assert "autocomplete" not in box


def test_pencil_can_change_and_ink_cannot() -> None:
    def frame(state: str) -> str | None:
        return render(f"{{% call ui.question('q', 'Question', '{state}') %}}x{{% endcall %}}").all("section")[0][
            "class"
        ]

    assert [frame(state) for state in ("not_started", "draft")] == ["q", "q"]
    assert {frame(state) for state in ("handed_in", "being_marked", "not_yet", "achieved")} == {"q ink"}


def test_every_state_has_words_as_well_as_a_shape() -> None:
    states = [
        "not_started",
        "draft",
        "handed_in",
        "being_marked",
        "not_yet",
        "not_yet_achieved",
        "achieved",
        "due",
        "planned",
        "none",
    ]
    page = render("{% for s in states %}{{ ui.tag(s) }}{% endfor %}", states=states)
    words = re.findall(r">([^<]+)</span>", page.html)
    assert len(words) == len(states)
    assert "fail" not in page.html.lower()


def test_a_grid_cell_says_in_words_what_its_shape_shows() -> None:
    page = render(
        "<h2 id='g'>Who</h2>{{ ui.key(picked=True) }}"
        "{{ ui.grid('Learners by points', 'Learner', [('1.1', 'Point 1.1')], rows, 'g') }}",
        rows=[
            {
                "name": "Sam O.",
                "sub": "today",
                "cells": [{"state": "not_yet", "label": "Sam O., point 1.1: not yet", "href": "/s", "picked": True}],
            }
        ],
    )
    region = page.one(role="region")
    assert (region["tabindex"], region["aria-labelledby"]) == ("0", "g")
    assert "Sam O., point 1.1: not yet" in page.html
    assert page.one(scope="row") == {"scope": "row"}


def test_a_table_folds_its_columns_into_the_row_heading() -> None:
    page = render(
        "{{ ui.table('Waiting', ['Answer', {'text': 'Where', 'unfold': True}, {'text': 'Marks', 'num': True}],"
        " [[{'text': 'Trust', 'href': '/a', 'fold': 'Unit 2'}, 'Unit 2', 3]]) }}"
    )
    assert [attrs.get("class") for attrs in page.all("td")] == ["unfold", "num"]
    assert '<span class="fold">Unit 2</span>' in page.html
    assert page.all("caption") == [{"class": "hide"}]


def test_a_bar_is_hidden_because_its_numbers_stand_beside_it() -> None:
    page = render("{{ ui.chart('How far', 'Unit', ['Achieved', 'Partway'], [('1. Role', [5, 2])], 8) }}")
    assert all(svg["aria-hidden"] == "true" for svg in page.all("svg"))
    assert [rect["width"] for rect in page.all("rect")[:3]] == ["100", "62.5", "25.0"]
    assert "5 achieved, 2 partway" in page.html
    assert render("{{ ui.bar([0, 0], 0) }}").all("svg")


def test_changes_are_marked_in_the_text_and_said_in_words() -> None:
    page = render(
        "{{ ui.compare('First go', [('del', 'at once')], 'Second go', [('ins', 'I would tell him first.')]) }}"
    )
    assert "<del>at once</del>" in page.html
    assert "<ins>I would tell him first.</ins>" in page.html
    assert "Underlined is new" in page.html


def test_the_other_parts_are_sound() -> None:
    render(
        "{{ ui.back_link('My course', '/learn') }}{{ ui.eyebrow('Unit 4') }}{{ ui.figures([('waiting', 12)]) }}"
        "{{ ui.tasks([{'label': 'One', 'href': '/1', 'hint': 'All', 'state': 'achieved'},"
        " {'label': 'Two', 'state': 'planned'}]) }}"
        "{{ ui.facts([('A', 'b'), ('C', 'd', {'label': 'Change', 'href': '/c', 'hide': 'who can check'})]) }}"
        "{{ ui.tabs('Ways', [('One', '/1', True), ('Two', '/2', False)]) }}"
        "{{ ui.pager({'href': '/1', 'label': 'Back to page 1', 'title': 'One'},"
        " {'href': '/3', 'label': 'On to page 3', 'title': 'Three'}) }}"
        "{{ ui.pager() }}"
        "{% call ui.notice(care=True) %}x{% endcall %}{{ ui.flash('Handed in.') }}"
        "{% call ui.note('About', full=True) %}x{% endcall %}"
        "{% call ui.bubble('Priya wrote') %}<p>x</p>{% endcall %}{% call ui.details('More') %}x{% endcall %}"
        "{{ ui.trail([{'words': 'Handed in', 'when': 'today', 'at': '2026-11-24'},"
        " {'words': 'Your turn', 'now': True}]) }}"
        "{{ ui.empty('Nothing yet', 'It appears here.') }}{{ ui.print_head('Unit 4') }}{{ ui.cards([('A', 'b')]) }}"
        "{% call ui.verdict('Valid today') %}<p>x</p>{% endcall %}{{ ui.kept([('Answer', 'one'), ('Note', 'two')]) }}"
        "{% call ui.decide('U2:2.1', 'Listens', must=True) %}"
        "{{ ui.radio_set('d', 'Decision', [('a', 'Achieved')], row=True, legend_class='hide') }}"
        "{% endcall %}"
        "{{ ui.checkbox_set('days', 'Days', [('mo', 'Monday'), ('tu', 'Tuesday', 'Early')], ['tu']) }}"
        "{{ ui.select_field('s', 'S', [('1', 'One')], '1') }}"
        "{{ ui.tick('agreed', 'I agree', error='Tick the box') }}{{ ui.text_field('t', 'T', optional=True) }}"
        "{% call ui.acts() %}{{ ui.button('Save', name='then', value='next') }}"
        "{{ ui.link_button('Back', '/', 'quiet') }}{% endcall %}"
    )


@pytest.mark.parametrize("name", sorted(path.name for path in (COURSE / "templates" / "errors").glob("*.html")))
def test_an_error_page_needs_no_context_at_all(name: str) -> None:
    page = Page(environment().get_template(f"errors/{name}").render())
    assert_sound(page)
    assert_framed(page)


@pytest.mark.parametrize("name", ["400", "409", "413", "422", "429", "503"])
def test_an_error_page_gives_back_what_was_typed(name: str) -> None:
    page = Page(
        environment().get_template(f"errors/{name}.html").render({**FRAME, "typed": [("Your answer", "Dear <Priya>")]})
    )
    assert_sound(page)
    assert "Dear &lt;Priya&gt;</textarea>" in page.html


def test_a_form_open_too_long_may_be_sent_again_with_every_word() -> None:
    again = {"action": "/learn/answer", "fields": [("base", "7"), ("words", "First I would thank Jo\nand listen.")]}
    page = Page(environment().get_template("errors/400.html").render({**FRAME, "again": again, "typed": []}))
    assert_sound(page)
    assert_framed(page)
    assert page.all("form")[0]["action"] == "/learn/answer"
    assert page.one(name="base")["value"] == "7"
    assert "First I would thank Jo\nand listen.</textarea>" in page.html
    assert "token-of-the-session" in page.html


def test_somebody_signed_out_keeps_their_words_and_learns_how_to_go_on() -> None:
    frame = {**FRAME, "again": None, "signed_in": False, "typed": [("words", "First I would thank Jo")]}
    page = Page(environment().get_template("errors/400.html").render(frame))
    assert_framed(page)
    assert "First I would thank Jo</textarea>" in page.html
    assert 'href="/sign-in"' in page.html


def test_a_refusal_gives_its_reason_and_a_way_on() -> None:
    page = Page(
        environment()
        .get_template("errors/409.html")
        .render(
            {
                **FRAME,
                "sentence": "You have used every go.",
                "next_step": "Ask Priya what happens next.",
                "ways": [("Write to Priya", "/write")],
            }
        )
    )
    assert "<h1>You have used every go</h1>" in page.html
    assert "Ask Priya what happens next." in page.html
    assert_framed(page)


@pytest.mark.parametrize("name", sorted(path.name for path in (COURSE / "templates" / "pages").glob("*.html")))
@pytest.mark.parametrize("theme", [None, "light", "dark", "cream"])
def test_a_public_page_stands_in_its_frame(name: str, theme: str | None) -> None:
    page = Page(environment().get_template(f"pages/{name}").render({**FRAME, "theme": theme}))
    assert_sound(page)
    assert_framed(page)
    assert page.all("html")[0].get("data-theme") == theme


def assert_framed(page: Page) -> None:
    """One h1, with which the title begins; one main; nothing from another host."""
    headings = re.findall(r"<h1[^>]*>(.*?)</h1>", page.html, re.DOTALL)
    title = re.search(r"<title>(?:Error: )?(.*?) – Alongside</title>", page.html)
    assert len(headings) == 1
    assert title
    assert title[1] == headings[0]
    assert len(page.all("main")) == 1
    for attrs in page.all("link", "script", "img"):
        assert (attrs.get("href") or attrs.get("src") or "").startswith("/")


def test_the_frame_says_who_is_signed_in_and_lets_them_out_by_post() -> None:
    me = {
        "name": "Sam Okafor",
        "known_as": "Sam",
        "centre_name": "Harbour Recovery",
        "role_label": "Learner",
        "can_switch": False,
    }
    source = (
        '{% extends "base.html" %}{% set leave_link = true %}{% set show_help = true %}{% set help_open = true %}'
        '{% set scripts = ["autosave"] %}{% block title %}When you must share{% endblock %}'
        "{% block main %}<h1>When you must share</h1>{% endblock %}"
    )
    page = Page(
        environment()
        .from_string(source)
        .render(
            {
                **FRAME,
                "me": me,
                "theme": "cream",
                "flashes": ["Handed in. Priya will read it."],
                "navigation": [("My course", "/learn", True), ("My record", "/record", False)],
                "helplines": {
                    "checked": "23 November 2026",
                    "lines": [{"name": "Samaritans", "number": "116 123", "href": "tel:116123", "note": None}],
                    "centre": {"name": "Duty worker", "number": "01632 960 144"},
                },
            }
        )
    )
    assert_sound(page)
    assert_framed(page)
    assert "Signed in as Sam Okafor, Harbour Recovery." in page.html
    assert [(form["method"], form["action"]) for form in page.all("form")] == [("post", "/sign-out")]
    assert next(link for link in page.all("a") if "data-leave" in link)["rel"] == "noreferrer"
    assert 'href="tel:01632960144"' in page.html
    assert [script["src"] for script in page.all("script")] == ["/static/js/autosave.js", "/static/js/leave.js"]
    assert page.html.count('aria-current="page"') == 1


def test_a_menu_longer_than_six_folds_its_last_entries_away_and_still_says_where_one_is() -> None:
    entries = [(f"Place {number}", f"/place-{number}", number == 7) for number in range(1, 8)]
    source = (
        '{% extends "base.html" %}{% block title %}Office{% endblock %}{% block main %}<h1>Office</h1>{% endblock %}'
    )
    page = Page(environment().from_string(source).render({**FRAME, "navigation": entries}))
    assert_sound(page)
    shown, _, folded = page.html.partition('<details class="more">')
    assert [f"/place-{number}" in shown for number in range(1, 8)] == [True] * 5 + [False] * 2
    assert '<summary class="here">More</summary>' in folded
    assert 'href="/place-7" aria-current="page"' in folded
    short = environment().from_string(source).render({**FRAME, "navigation": entries[:6]})
    assert "More" not in short


def test_a_page_with_errors_says_so_first_in_its_title() -> None:
    source = '{% extends "base.html" %}{% set errors = true %}{% block title %}Sign in{% endblock %}'
    assert "<title>Error: Sign in – Alongside</title>" in environment().from_string(source).render(FRAME)


def test_the_stylesheet_is_small_and_asks_nobody_else() -> None:
    css = (COURSE / "static" / "look.css").read_text("utf-8")
    assert "@import" not in css
    assert "url(" not in css
    assert ":has(" not in css
