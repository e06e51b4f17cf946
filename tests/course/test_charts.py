"""Charts say everything in their table; the bar beside a number is only drawn."""

from __future__ import annotations

import re

from flask import Flask, render_template_string

HEAD = '{% import "components.html" as ui with context %}'


def rendered(app: Flask, call: str) -> str:
    """What a macro writes."""
    with app.test_request_context("/"):
        return render_template_string(f"{HEAD}{{{{ {call} }}}}")


def widths(html: str) -> list[str]:
    """How wide the drawn parts are, in per cent."""
    return re.findall(r'<rect x="0" width="([^"]+)"|<rect x="0.0" width="([^"]+)"', html)  # type: ignore[return-value]


def test_a_share_is_drawn_of_its_own_whole_and_said_in_words(app: Flask) -> None:
    html = rendered(
        app, 'ui.shares("Sampled", "Assessor", "Sampled", [("Joan", 5, 20), ("Priya", 3, 4, "2 asked for")])'
    )
    assert "5 of 20" in html
    assert "3 of 4" in html
    assert "2 asked for" in html
    assert {one for pair in widths(html) for one in pair if one} == {"25.0", "75.0"}


def test_bars_are_drawn_against_the_largest(app: Flask) -> None:
    html = rendered(app, 'ui.bars("Days", "Assessor", "Days", [("Joan", 2, "2 days"), ("Priya", 4, "4 days")])')
    assert "2 days" in html
    assert {one for pair in widths(html) for one in pair if one} == {"50.0", "100.0"}


def test_whoever_hears_the_page_hears_each_number_once(app: Flask) -> None:
    html = rendered(app, 'ui.shares("Sampled", "Assessor", "Sampled", [("Joan", 0, 0)])')
    assert html.count("0 of 0") == 1
    assert all('aria-hidden="true"' in svg for svg in re.findall(r"<svg[^>]*>", html))
    assert "style=" not in html
