"""Pieces of pages that are rendered once by the macros, kept, and filled with what is a person's own each time.

The fast path of a page: `draw` (one macro) and `whole` (a page with its frame) look up a fragment by its key. The first
time it is rendered with a mark in place of each own value, and cut at the marks; the values are put between the
pieces. Nothing stale can be shown, and nothing of a person kept: the environment of that rendering knows no request,
session, person or time, and the template gets the facts that the key stands for, and the marks.
"""

from __future__ import annotations

import secrets
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from flask import Flask, current_app, url_for
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from course import csrf
from course.keeping import Kept

MOST = 2000
"""Fragments kept in each process: some 4 KB each."""
_MARK = f"own{secrets.token_hex(8)}"
"""Stands around the name of an own value. Random: no author and no learner can write it."""
TOKEN = "csrf"  # noqa: S105  the name of the value that every form's token is
OF_THE_MOMENT = ("day", "moment", "clock", "date")
"""Filters that a kept fragment must not use: what they say depends on today."""


class Marks(Mapping[str, str]):
    """Every name is there, and its value is a mark."""

    def __getitem__(self, name: str) -> str:
        return f"{_MARK}{name}{_MARK}"

    def __iter__(self) -> Iterator[str]:
        raise TypeError("Own values have no order: say which one.")

    def __len__(self) -> int:
        raise TypeError("Own values cannot be counted.")


MARKS = Marks()


class Fragment:
    """Text with gaps."""

    def __init__(self, html: str) -> None:
        cut = html.split(_MARK)
        self.pieces, self.names = cut[::2], cut[1::2]

    def filled(self, own: Mapping[str, object]) -> Markup:
        """The text with each gap filled; what is not Markup is escaped."""
        parts = [self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            parts += (escape(own[name]), piece)
        return Markup("".join(parts))  # noqa: S704  every value was escaped above


_kept: Kept[Hashable, Fragment] = Kept(MOST)


def draw(template: str, macro: str, key: Hashable | None, own: Mapping[str, object], **facts: Any) -> Markup:
    """What a macro of a template writes. It gets `facts` and `own`; without a key it is rendered afresh."""
    if key is None:
        module = current_app.jinja_env.get_template(template).module
        return Markup(getattr(module, macro)(own=own, **facts))  # noqa: S704  a macro escapes
    return _fill((template, macro, key), own, lambda env: getattr(env.get_template(template).module, macro)(
        own=MARKS, **facts))  # fmt: skip


def whole(template: str, key: Hashable, own: Mapping[str, object], **facts: Any) -> Markup:
    """What a whole template writes. It gets `facts` and `own`."""
    return _fill((template, key), own, lambda env: env.get_template(template).render(own=MARKS, **facts))


def _fill(key: Hashable, own: Mapping[str, object], render: Any) -> Markup:
    fragment = _kept.find_or_make(key, lambda: Fragment(render(current_app.extensions["keeping"])))
    return fragment.filled({TOKEN: csrf.token(), **own} if TOKEN in fragment.names else own)


def _refuse(_at: object) -> str:
    raise TypeError("What is kept says nothing about today: give the words as an own value.")


def init_app(app: Flask) -> None:
    """Give the application an environment for what is kept: the same templates, and nothing of a request."""
    keeping: Environment = app.jinja_env.overlay()
    keeping.globals = {
        name: app.jinja_env.globals[name] for name in ("range", "dict", "namespace") if name in app.jinja_env.globals
    } | {"url_for": url_for, "csrf_token": lambda: MARKS[TOKEN]}
    keeping.filters = app.jinja_env.filters | dict.fromkeys(OF_THE_MOMENT, _refuse)
    keeping.undefined = StrictUndefined
    app.extensions["keeping"] = keeping
