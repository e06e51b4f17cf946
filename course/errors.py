"""Every refusal and fault as a page: what happened, what is safe, what to do; and nobody's typed words are lost."""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, jsonify, make_response, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from course import access, db
from course.pages import static_url
from course.refusal import Refusal
from course.turn import TurnTimeout

log = logging.getLogger("alongside.errors")
NOT_WORDS = re.compile(r"[0-9A-Fa-f-]{32,64}")  # ids and hashes


def init_app(app: Flask) -> None:
    """Register a page for each way a request can end without its answer."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, token_stale)
    app.register_error_handler(RequestEntityTooLarge, too_large)
    for fault in (TurnTimeout, OperationalError, InterfaceError, PoolTimeout, OSError):
        app.register_error_handler(fault, cannot_save)
    for clash in (StaleDataError, IntegrityError):
        app.register_error_handler(clash, changed_meanwhile)
    app.register_error_handler(TemplateNotFound, unexpected)  # an OSError, but no full disk
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unexpected)


def wants_json() -> bool:
    """Whether a script asked (autosave), not a person."""
    return request.accept_mimetypes.best == "application/json"


def sent_fields() -> list[tuple[str, str]]:
    """Every field of the form that was sent, but passwords and tokens."""
    return [
        (name, text) for name, text in request.form.items(multi=True) if name != "csrf_token" and "password" not in name
    ]


def is_words(text: str) -> bool:
    """Whether a field holds something that a person typed, rather than an id, a number or a choice."""
    text = text.strip()
    return (len(text) > 20 or len(text.split()) > 1) and NOT_WORDS.fullmatch(text) is None


def typed() -> list[tuple[str, str]]:
    """The words of the form that was sent, so that an error page can give them back."""
    try:
        return [("What you typed", text) for _, text in sent_fields() if is_words(text)]
    except HTTPException:  # the form itself could not be read
        return []


def refused(error: Refusal) -> Any:
    """A rule said no: 409 with its sentence and what to do next."""
    db.roll_back()
    if wants_json():
        return jsonify(refused=error.sentence, problem=error.sentence, next=error.next_step), 409
    return _page(
        "errors/409.html", 409, sentence=error.sentence, next_step=error.next_step, typed=typed(), ways=_ways_back()
    )


def _ways_back() -> list[tuple[str, str]]:
    """To the page on which the form stood, if the browser says which, and to the person's first page."""
    came_from = urlsplit(request.referrer or "")
    here = came_from.netloc == request.host and came_from.path.startswith("/")
    back = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return [*([("Back to the page", back)] if here else []), ("Go to your own first page", "/")]


def changed_meanwhile(error: StaleDataError | IntegrityError) -> Any:
    """Somebody else saved first."""
    if "append-only" in str(error):
        return unexpected(error)
    log.warning("changed meanwhile", extra={"fault": type(error).__name__, "endpoint": request.endpoint})
    return refused(Refusal("Somebody else changed this a moment ago.", "Go back, look again, and send it once more."))


def token_stale(error: CSRFError) -> Any:
    """The form's token is missing or from another session: the words go back to the person, who may send again."""
    db.roll_back()
    if wants_json():
        return jsonify(sign_in=url_for("people.sign_in")), 401
    if not _sent_from_here():
        return _page("errors/400.html", 400, typed=[], again=None, signed_in=True)
    signed_in = current_user.is_authenticated
    if not signed_in and (request.endpoint == "people.enter" or not access.is_public(request.endpoint)):
        return current_app.extensions["ask_to_sign_in"]()
    return _page("errors/400.html", 400, typed=typed(), again=_again(), signed_in=signed_in)


def _sent_from_here() -> bool:
    """Whether our own page sent the form: another site must not be able to prepare a form that one press completes."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    ours = {None, request.host_url.rstrip("/"), current_app.config["SETTINGS"].base_url}
    return site in (None, "same-origin", "none") and origin in ours


def _again() -> dict[str, Any]:
    """What the same form needs to be sent once more, by the person's own press."""
    fields = sent_fields()
    words = [text for _, text in fields if is_words(text)]
    return {"action": request.full_path.rstrip("?"), "fields": fields, "words": words}


def too_large(error: RequestEntityTooLarge) -> Any:
    """More than the server takes in one go."""
    db.roll_back()
    if wants_json():
        sentence = "This is too large to save. Shorten it, or send it in parts."
        return jsonify(refused=sentence, problem=sentence), 413
    return _page("errors/413.html", 413)


def cannot_save(error: Exception) -> Any:
    """The database or the disk does not answer: say so truthfully and give the words back."""
    log.error("cannot save", extra={"fault": type(error).__name__, "endpoint": request.endpoint})
    db.roll_back()
    if wants_json():
        return jsonify(not_saved=True), 503, {"Retry-After": "5"}
    reading = request.method in access.READING
    sentence = "We could not read that just now. What was saved before is safe." if reading else None
    response = _page("errors/503.html", 503, typed=typed(), sentence=sentence)
    response.headers["Retry-After"] = "5"
    return response


def http_error(error: HTTPException) -> Any:
    """An ordinary HTTP refusal: 400, 403, 404, 405, 429 …"""
    db.roll_back()
    code = error.code or 500
    if code >= 500 and code != 503:
        return _fault_page()
    if wants_json():
        return jsonify(refused=error.name), code
    template = f"errors/{code}.html" if code in {400, 403, 404, 413, 429, 503} else "errors/404.html"
    return _page(template, code, typed=typed(), again=None, signed_in=True)


def unexpected(error: Exception) -> Any:
    """A fault of ours: logged without anybody's words, answered by a page that needs no database."""
    db.roll_back()
    # The stack names files and lines; frames' local variables, which may hold words, are never logged.
    log.error("unexpected", extra={"fault": type(error).__name__, "endpoint": request.endpoint}, exc_info=error)
    if current_app.testing:
        raise error
    return _fault_page()


def _fault_page() -> Any:
    """The page for a fault of ours: it asks nothing of the database and nothing of the frame."""
    if wants_json():
        return jsonify(not_saved=True), 500
    template = current_app.jinja_env.get_template("errors/500.html")
    return make_response(template.render(reference=g.get("request_id"), static_url=static_url), 500)


def _page(template: str, status: int, **context: Any) -> Response:
    return make_response(render_template(template, **context), status)
