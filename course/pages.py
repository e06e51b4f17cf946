"""What every page shares: static files, the frame's facts, dates in words, and security headers."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import os
import zlib
from collections.abc import Hashable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import (
    Flask,
    abort,
    g,
    get_flashed_messages,
    make_response,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user
from jinja2 import StrictUndefined
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from course import access, clock, db, fragments, local_time
from course.access import PUBLIC, Blueprint, Role
from course.audit import AuditEvent
from course.fragments import MARKS
from course.keeping import Kept

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
PACKING = 1  # the level: higher ones take twice the time to save another kilobyte of thirty
NAVIGATION = (
    ("My course", "workbook.home"),
    ("My record", "records.mine"),
    ("Marking", "marking.queue"),
    ("Actions", "quality.my_actions"),
    ("Quality", "quality.home"),
    ("Appeals", "appeals.home"),
    ("Cases", "conduct.home"),
    ("Visits", "external.home"),
    ("Concerns", "marking.concerns"),
    ("Office", "office.home"),
    ("Adjustments", "adjustments.home"),
    ("Visits", "external.visits"),
    ("Workload", "quality.workload"),
    ("Selection", "selection.home"),
    ("Records", "records.office"),
    ("My applications", "selection.mine"),
    ("My development", "development.home"),
    ("My account", "people.account"),
)
WITHOUT_A_ROLE = {"selection.mine"}
"""Shown in the navigation only to those who are here for nothing else yet."""

bp = Blueprint("pages", __name__)


def init_app(app: Flask) -> None:
    """Set up templates, filters and headers."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        day=day_in_words,
        moment=moment_in_words,
        clock=clock_in_words,
        date=date_in_words,
        minutes=minutes_in_words,
        listed=listed,
    )
    app.context_processor(frame)
    app.after_request(secure)
    app.register_blueprint(bp)


def listed(words: Iterable[str]) -> str:
    """Names or things in a sentence: "Ana, Ben and Cai"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def page(template: str, *, status: int = 200, **context: Any) -> Response:
    """Render a page."""
    return make_response(render_template(template, **context), status)


def kept_page(template: str, key: Hashable, own: Mapping[str, object], **facts: Any) -> Response:
    """A page for somebody signed in that is kept whole: `key` stands for the facts, `own` is filled in (fragments)."""
    shown = frame()
    me, happened = shown.pop("me"), shown.pop("flashes")()
    own = {**own, "my_name": me["name"], "my_centre": me["centre_name"], **_numbered("happened", happened)}
    known = {**me, "name": MARKS["my_name"], "centre_name": MARKS["my_centre"], "known_as": None}
    decisive = (shown["theme"], tuple(shown["navigation"]), me["role_label"], me["can_switch"], len(happened),
                (shown["helplines"] or {}).get("version"))  # fmt: skip
    flashes = [MARKS[name] for name in _numbered("happened", happened)]
    return _packed(fragments.whole(template, (key, decisive), own, me=known, flashes=flashes, **shown, **facts))


def _packed(html: str) -> Response:
    """A page sent compressed. Only kept pages are: nothing that the request says stands in them (decision 0013)."""
    content, headers = html.encode(), {"Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        packer = zlib.compressobj(PACKING, wbits=31)
        content = packer.compress(content) + packer.flush()
        headers["Content-Encoding"] = "gzip"
    return make_response(content, headers)


def _numbered(name: str, values: Iterable[str]) -> dict[str, str]:
    return {f"{name}{at}": value for at, value in enumerate(values)}


def frame() -> dict[str, Any]:
    """The facts of the page frame."""
    account = local_time.account()
    return {
        "me": _me(account) if account else None,
        "navigation": _navigation(account) if account else [],
        "theme": (account.theme if account else None) or session.get("theme"),
        "helplines": helplines(),
        "flashes": get_flashed_messages,
        "static_url": static_url,
    }


def _me(account: Any) -> dict[str, Any]:
    can_switch = len(account.appointments) > 1
    acting = None if g.get("as_learner") else g.get("acting") or account.chosen
    return {
        "name": account.name,
        "known_as": account.known_as,
        "centre_name": acting.centre_name if acting else "learner" if account.is_learner else "not on a course yet",
        "role_label": acting.role.label if acting else Role.LEARNER.label,
        "can_switch": can_switch,
        "switch_href": url_for("people.account") + "#role" if can_switch else None,
    }


_navigations: Kept[Hashable, list[tuple[str, str, bool]]] = Kept(500)


def _navigation(account: Any) -> list[tuple[str, str, bool]]:
    """Where the signed-in person may go; worked out once for all who may go to the same places."""
    roles = frozenset(held.role for held in account.appointments_here())
    return _navigations.find_or_make((request.endpoint, account.is_learner, roles), _links)


def _links() -> list[tuple[str, str, bool]]:
    has_role = current_user.is_learner or bool(current_user.appointments)
    entries = [
        (label, url_for(endpoint))
        for label, endpoint in NAVIGATION
        if access.may(endpoint) and not (has_role and endpoint in WITHOUT_A_ROLE)
    ]
    # By the rule, not the address: what is kept here for an endpoint must not know which learner it was asked for.
    rule = request.url_rule.rule if request.url_rule else ""
    above = [href for _, href in entries if rule == href or rule.startswith(href + "/")]
    nearest = max(above, key=len, default=None)
    return [(label, href, href == nearest) for label, href in entries]


@cache
def _helplines(path: str, changed: float) -> dict[str, Any]:
    text = Path(path).read_text("utf-8")
    found = yaml.safe_load(text)
    lines = [_line(line) for line in found["lines"]]
    version = hashlib.sha256(text.encode()).hexdigest()
    return {"checked": found["checked"], "lines": lines, "centre": None, "version": version}


def _line(line: dict[str, Any]) -> dict[str, Any]:
    number = str(line.get("call") or line.get("text") or "")
    scheme = "tel" if line.get("call") else "sms"
    return {
        "name": line["name"],
        "number": number,
        "href": f"{scheme}:{number.replace(' ', '')}",
        "note": line.get("note") or "",
    }


def helplines() -> dict[str, Any] | None:
    """The help panel's numbers, from their one dated file."""
    from flask import current_app

    path = f"{current_app.config['SETTINGS'].modules_dir}/helplines.yaml"  # a Path would cost more than asking for it
    try:
        return _helplines(path, os.stat(path).st_mtime)
    except FileNotFoundError:
        return None


# -- time in words --------------------------------------------------------------------------------------------------

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _local(at: datetime) -> datetime:
    return at.astimezone(local_time.zone())


def date_in_words(day: date) -> str:
    """A calendar day, such as "Tuesday 1 December 2026"; the year only when it is not this one."""
    if isinstance(day, datetime):
        day = _local(day).date()
    year = "" if day.year == _local(clock.now()).year else f" {day.year}"
    return f"{day:%A} {day.day} {day:%B}{year}"


def day_in_words(at: date) -> str:
    """A day as people say it: "today", "yesterday", "six days ago", else the date."""
    day = _local(at).date() if isinstance(at, datetime) else at
    ago = (_local(clock.now()).date() - day).days
    if ago in (-1, 0, 1):
        return {0: "today", 1: "yesterday", -1: "tomorrow"}[ago]
    return f"{NUMBERS[ago]} days ago" if 1 < ago <= 10 else date_in_words(day)


def clock_in_words(at: datetime) -> str:
    """The time of day in the centre's zone, such as "2:02pm"."""
    local = _local(at)
    return f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def moment_in_words(at: datetime) -> str:
    """Day and time, such as "today at 2:02pm"."""
    day = day_in_words(at)
    return f"{day if not day[0].isupper() else 'on ' + day} at {clock_in_words(at)}"


def minutes_in_words(minutes: int) -> str:
    """A length of time, such as "2 hours 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} {'hour' if hours == 1 else 'hours'}"] if hours else []
    parts += [f"{rest} {'minute' if rest == 1 else 'minutes'}"] if rest or not hours else []
    return " ".join(parts)


# -- static files and headers ---------------------------------------------------------------------------------------


@cache
def _static_names() -> frozenset[str]:
    return frozenset(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())


def _static(name: str) -> tuple[str, bytes, bytes, str] | None:
    # Looked up first: a cache of names that visitors invent would grow without end.
    return _file(name) if name in _static_names() else None


@cache
def _file(name: str) -> tuple[str, bytes, bytes, str]:
    path = STATIC / name
    content = path.read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = "text/javascript" if name.endswith(".js") else kind
    return hashlib.sha256(content).hexdigest()[:12], content, gzip.compress(content, 9, mtime=0), kind


def static_url(name: str) -> str:
    """The address of a static file, with its content's hash, so that browsers may keep it for a year."""
    found = _static(name)
    return f"/static/{name}?v={found[0]}" if found else f"/static/{name}"


@bp.get("/static/<path:name>", allow=PUBLIC)
def static_file(name: str) -> Response:
    """A stylesheet, script or picture, compressed where the browser takes it."""
    found = _static(name)
    if found is None:
        abort(404)
    version, content, small, kind = found
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(small if packed else content, content_type=f"{kind}; charset=utf-8")
    response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    is_this_version = request.args.get("v") == version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_this_version else "no-cache"
    response.set_etag(version + ("z" if packed else ""))
    return response.make_conditional(request)


def secure(response: Response) -> Response:
    """Security headers on every answer; no copy of a personal page stays behind."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Opener-Policy"] = headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    headers.setdefault("Cache-Control", "no-store")
    return response


# -- pages of no slice ----------------------------------------------------------------------------------------------


@bp.get("/health", allow=PUBLIC)
def health() -> Any:
    """Whether the application and its database answer."""
    try:
        with db.database().reader() as session:
            session.execute(select(AuditEvent.seq).limit(1)).all()
    except (SQLAlchemyError, OSError):
        return {"status": "database does not answer"}, 503
    return {"status": "ok"}


@bp.get("/", allow=PUBLIC)
def front() -> Any:
    """Everybody's own home, or the public front page."""
    from flask import redirect

    if not current_user.is_authenticated:
        from course.catalogue import queries as catalogue  # the core names a slice only where it puts them together

        return page("pages/front.html", courses=[one.title for one in catalogue.qualifications(db.session())])
    return redirect(url_for(home_of(current_user)), 303)


HOMES = {
    Role.ASSESSOR: "marking.queue",
    Role.IQA: "quality.home",
    Role.LEAD_IQA: "quality.home",
    Role.ADMIN: "office.home",
    Role.TUTOR: "office.home",
    Role.SAFEGUARDING_LEAD: "marking.concerns",
    Role.EQA: "external.home",
    Role.SELECTOR: "selection.home",
}


def home_of(account: Any) -> str:
    """The endpoint of a person's home: that of the role they act in, else the learner's, else what they applied for."""
    chosen = account.chosen
    if chosen is not None and chosen.role in HOMES:
        return HOMES[chosen.role]
    return "workbook.home" if account.is_learner else "selection.mine"


@bp.get("/about", allow=PUBLIC)
def about() -> Response:
    """What this is, and its limits."""
    return page("pages/about.html")


@bp.get("/accessibility", allow=PUBLIC)
def accessibility() -> Response:
    """The accessibility statement."""
    return page("pages/accessibility.html")


@bp.get("/privacy", allow=PUBLIC)
def privacy() -> Response:
    """Who sees what, and for how long it is kept."""
    return page("pages/privacy.html")
